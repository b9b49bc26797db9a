//! Runs what the documents show: each `console` block, in a home of its own, and holds
//! what it prints to what stands there. `[..]` stands for whatever differs each time.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use support::{BINARY, Running, Sandbox};

/// Blocks that need more than a shell, and the tests that hold them.
const ELSEWHERE: &[(&str, &str)] = &[
    ("pairing.md", "somebody answers: tests/pairing.rs"),
    ("page.md", "a browser opens it: tests/page.rs"),
    ("away.md", "it listens until it is ended: tests/gateway_tls.rs"),
];

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
        if ELSEWHERE.iter().any(|(elsewhere, _)| *elsewhere == name) {
            continue;
        }
        let text = fs::read_to_string(&document).expect("a document");
        let blocks = text.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next());
        for block in blocks {
            let sandbox = stranger();
            for step in steps(block) {
                let shown = format!("{{ {}\n}} 2>&1", step.command);
                let ran = Running::start(sandbox.program("sh").args(["-c", &shown])).finish();
                let printed = String::from_utf8(ran.stdout).expect("UTF-8");
                let lines: Vec<&str> = printed.lines().collect();
                let same = lines.len() == step.printed.len()
                    && step.printed.iter().zip(&lines).all(|(expected, line)| fits(expected, line));
                assert!(same, "{name}: $ {}\nprints\n{printed}", step.command);
                seen += 1;
            }
        }
    }
    assert!(seen >= 10, "the documents show commands: {seen}");
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
