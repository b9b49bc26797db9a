//! Runs what the documents show: each `console` block, in a home of its own, and holds
//! what it prints to what stands there. `[..]` stands for whatever differs each time.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use support::{BINARY, Person, Running, Sandbox, Terminal, eventually_or_show};

/// Documents whose block needs more than a shell, and has a test of its own below.
const PAIRING: &str = "pairing.md";
const AWAY: &str = "away.md";

/// A command of a block, and what it prints.
struct Step<'t> {
    command: &'t str,
    printed: Vec<&'t str>,
}

fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = fs::read_dir(root.join("docs")).expect("documents");
    let docs = docs.map(|entry| entry.expect("an entry").path());
    let texts = docs.filter(|path| path.extension().is_some_and(|name| name == "md"));
    texts.chain([root.join("README.md")]).collect()
}

fn blocks(text: &str) -> impl Iterator<Item = &str> {
    text.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next())
}

/// Reads the one step that a document shows, `[..]` in the place of what is an example.
fn only_step(document: &str, examples: &[&str]) -> (Vec<String>, Vec<String>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(document);
    let text = fs::read_to_string(path).expect("a document");
    let steps: Vec<Step<'_>> = blocks(&text).flat_map(steps).collect();
    let [Step { command, printed }] = &*steps else { panic!("one step in {document}") };
    let words = command.split(' ').skip(1).map(str::to_owned).collect();
    let without = |line: &&str| {
        examples.iter().fold((*line).to_owned(), |line, example| line.replace(example, "[..]"))
    };
    (words, printed.iter().map(without).collect())
}

fn steps(block: &str) -> Vec<Step<'_>> {
    let mut steps: Vec<Step<'_>> = Vec::new();
    for line in block.lines() {
        match (line.strip_prefix("$ "), steps.last_mut()) {
            (Some(command), _) => steps.push(Step { command, printed: Vec::new() }),
            (None, Some(step)) => step.printed.push(line),
            (None, None) => panic!("a block begins with a command: {line}"),
        }
    }
    steps
}

/// Tells whether these are the expected lines.
fn all_fit(expected: &[impl AsRef<str>], lines: &[&str]) -> bool {
    expected.len() == lines.len()
        && expected.iter().zip(lines).all(|(expected, line)| fits(expected.as_ref(), line))
}

/// Tells whether a line is the expected one, where `[..]` stands for anything.
fn fits(expected: &str, line: &str) -> bool {
    let mut rest = line;
    let mut parts = expected.split("[..]");
    let first = parts.next().unwrap_or_default();
    let Some(behind) = rest.strip_prefix(first) else { return false };
    rest = behind;
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// A stranger's home: no policy, a repository with a commit, the program in PATH.
fn stranger() -> Sandbox {
    let sandbox = Sandbox::new();
    fs::remove_dir_all(sandbox.path("config/airlock-exec")).expect("no policy");
    std::os::unix::fs::symlink(BINARY, sandbox.path("bin/airlock-exec")).expect("a link");
    let lines = "git init -q -b main . && git -c user.name=a -c user.email=a@example.com \
                 commit -q --allow-empty -m first";
    let made = Running::start(sandbox.program("sh").args(["-c", lines])).finish();
    assert!(made.status.success(), "{made:?}");
    sandbox
}

#[test]
fn what_the_documents_show_is_what_happens() {
    let mut seen = 0;
    for document in documents() {
        let name = document.file_name().expect("a name").to_string_lossy().into_owned();
        if [PAIRING, AWAY].contains(&&*name) {
            continue;
        }
        let text = fs::read_to_string(&document).expect("a document");
        for block in blocks(&text) {
            let sandbox = stranger();
            for step in steps(block) {
                let shown = format!("{{ {}\n}} 2>&1", step.command);
                let ran = Running::start(sandbox.program("sh").args(["-c", &shown])).finish();
                let printed = String::from_utf8(ran.stdout).expect("UTF-8");
                let lines: Vec<&str> = printed.lines().collect();
                let same = all_fit(&step.printed, &lines);
                assert!(same, "{name}: $ {}\nprints\n{printed}", step.command);
                seen += 1;
            }
        }
    }
    assert!(seen >= 10, "the documents show commands: {seen}");
}

/// On a terminal, with somebody at the other side who types the code in.
#[test]
fn a_pairing_shows_what_its_document_shows() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let phone = Person::new(&sandbox, "phone");
    let examples = ["AB3D-7K9Q", "1F:2E:3D:4C:5B:6A:79:88", "2026-11-28 10:45:00 UTC (in 10 min)"];
    let (words, mut shown) = only_step(PAIRING, &examples);
    shown.retain(|line| !line.starts_with("  (and the same as a QR code"));
    let mut terminal = Terminal::airlock(&sandbox, words);
    terminal.expect("█");
    terminal.expect("waiting for the approver");
    let said = terminal.output();
    let (_, code) = said.split_once("code: ").expect("a code");
    let code = code.split_whitespace().next().expect("a code");
    phone.does(&["pair", code, "--wait", "0s"]);
    terminal.expect("[y/N] ");
    terminal.send("y\n");
    let (status, said) = terminal.finish();
    assert!(status.success(), "{said}");
    // The code that is drawn has the colours of paper.
    let is_drawn = |line: &str| line.contains('\u{1b}');
    let lines: Vec<&str> = said.lines().filter(|line| !is_drawn(line)).collect();
    assert!(all_fit(&shown, &lines), "{shown:#?}\n{lines:#?}");
}

/// At an address of this machine, until it is ended.
#[test]
fn a_gateway_of_ones_own_shows_what_its_document_shows() {
    const ADDRESS: &str = "192.168.1.20:8750";
    let sandbox = stranger();
    let (words, shown) = only_step(AWAY, &[ADDRESS, "3f1c...e0"]);
    let data = sandbox.path("home/gateway").display().to_string();
    let words = words.into_iter().map(|word| match &*word {
        ADDRESS => "127.0.0.1:0".to_owned(),
        "~/gateway" => data.clone(),
        _ => word,
    });
    let running = sandbox.start(words);
    let listens =
        || Some(running.stdout()).filter(|said| said.lines().count() == 2 && said.ends_with('\n'));
    let said = eventually_or_show("address and certificate", listens, || running.stderr());
    assert!(all_fit(&shown, &said.lines().collect::<Vec<_>>()), "{shown:#?}\n{said}");
}

#[test]
fn a_line_that_differs_is_told_from_one_that_does_not() {
    assert!(fits("request [..] waits", "request 7Q2K waits"));
    assert!(fits("all of it", "all of it"));
    for (expected, line) in [
        ("request [..] waits", "request 7Q2K runs"),
        ("all", "all of it"),
        ("a [..] b [..] c", "a b c"),
    ] {
        assert!(!fits(expected, line), "{expected}: {line}");
    }
}
