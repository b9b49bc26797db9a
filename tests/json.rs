//! What programs read is what `docs/json.md` says: every field, and no other.

mod support;

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Output;
use support::{Refused, Running, Sandbox};

/// The fields that each section of the document names.
fn documented() -> BTreeMap<String, BTreeSet<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/json.md");
    let text = fs::read_to_string(path).expect("a document");
    let sections = text.split("\n## `airlock-exec ").skip(1);
    let section = |section: &str| {
        let (name, rest) = section.split_once(" --json`\n").expect("a heading");
        let rest = rest.split("\n## ").next().expect("a first part");
        let rows = rest.lines().filter_map(|line| line.strip_prefix("| `"));
        let fields = rows.filter_map(|row| row.split_once('`')).map(|(field, _)| field.to_owned());
        (name.to_owned(), fields.collect())
    };
    sections.map(section).collect()
}

fn printed(sandbox: &Sandbox, words: &[&str]) -> Vec<Value> {
    let output = Running::start(&mut sandbox.airlock(words)).finish();
    assert!(output.status.success(), "{words:?}: {output:?}");
    let values = serde_json::Deserializer::from_slice(&output.stdout).into_iter();
    values.collect::<Result<_, _>>().expect("JSON")
}

fn fields(value: &Value) -> BTreeSet<String> {
    value.as_object().expect("an object").keys().cloned().collect()
}

#[test]
fn every_form_has_the_fields_that_are_documented() {
    let sandbox = Sandbox::new();
    sandbox.policy(
        "read-only = \"ask\"\n[[rule]]\nargv = [\"x\"]\ndecision = \"ask\"\nmatch = [\"x y\"]\n",
    );
    let config = "[[webhook]]\nname = \"desk\"\nurl = \"https://hook.example/\"\n";
    fs::write(sandbox.path("config/airlock-exec/config.toml"), config).expect("settings");
    let canary = sandbox.canary();
    let waits = sandbox.start_canary(&canary, "60s");
    let pending = sandbox.pending();
    let id = pending.id.as_str();
    let list = documented()["approver list"].clone();
    let check = documented()["policy check"].clone();
    let calls: [(&str, &[&str]); 16] = [
        ("approver list", &[]),
        ("approver show", &[id]),
        ("approver approve", &[id]),
        ("approver id", &[]),
        ("approver webhook list", &[]),
        ("status", &[]),
        ("doctor", &[]),
        ("config show", &[]),
        ("config path", &[]),
        ("policy check", &["--", "x"]),
        ("policy explain", &["--", "x"]),
        ("policy list", &[]),
        ("policy test", &[]),
        ("hook list", &[]),
        ("shim list", &[]),
        ("pairings list", &[]),
    ];
    for (name, more) in calls.iter().chain(&[("log verify", &[][..]), ("log stats", &[])]) {
        let words: Vec<&str> =
            name.split(' ').chain(["--json"]).chain(more.iter().copied()).collect();
        let mut expected = documented().get(*name).expect(name).clone();
        match *name {
            "approver show" => expected.extend(list.clone()),
            "policy explain" => expected.extend(check.clone()),
            _ => {}
        }
        let values = printed(&sandbox, &words);
        let [value] = &values[..] else { panic!("{name}: {values:?}") };
        let rows = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
        assert!(!rows.is_empty(), "{name} has something to show");
        for row in rows {
            assert_eq!(fields(&row), expected, "{name}");
            assert_eq!(value.is_array(), row.get("version").is_none(), "{name}");
            assert!(row.get("version").is_none_or(|version| version == 1), "{name}");
        }
    }
    assert!(waits.finish().status.success());
    canary.assert_present();
}

#[test]
fn the_document_names_every_subcommand_that_takes_it() {
    let sandbox = Sandbox::new();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/json.md");
    let text = fs::read_to_string(path).expect("a document");
    let output = Running::start(&mut sandbox.airlock(["man", "--dir", "man"])).finish();
    assert!(output.status.success(), "{output:?}");
    for page in fs::read_dir(sandbox.work().join("man")).expect("pages") {
        let page = page.expect("a page").path();
        let name = page.file_stem().expect("a name").to_string_lossy().into_owned();
        let words = name.trim_start_matches("airlock-exec").trim_start_matches('-').to_owned();
        let takes = fs::read_to_string(&page).expect("a page").contains("\\fB\\-\\-json\\fR\n");
        if !takes || words.is_empty() || words == "run" || words.starts_with("gateway") {
            continue;
        }
        // In the names of files the words are joined by what some of them have inside.
        let joined = text.replace("airlock-exec ", "").replace(' ', "-");
        assert!(joined.contains(&format!("{words}---json")), "{words} is not in docs/json.md");
    }
}

fn lines(text: &[u8]) -> Vec<Value> {
    let text = String::from_utf8(text.to_vec()).expect("UTF-8");
    text.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

fn events(lines: &[Value]) -> Vec<&str> {
    assert!(lines.iter().all(|line| line["version"] == 1), "{lines:?}");
    lines.iter().map(|line| line["event"].as_str().expect("a name")).collect()
}

#[test]
fn a_rejection_is_one_object_and_says_what_the_words_say() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let arguments = ["--json", "--wait", "60s", "--"].map(Into::into);
    let [_, program, file] = canary.arguments();
    let waits = sandbox.start(arguments.into_iter().chain([program, file]));
    let pending = sandbox.pending();
    sandbox.reject(&pending, "use a \u{1b}[31mbranch");
    let output = waits.finish();
    assert_eq!(output.status.code(), Some(120), "{output:?}");
    let lines = lines(&output.stderr);
    assert_eq!(events(&lines).first(), Some(&"waiting"));
    assert_eq!(lines[0]["shortId"], pending.details["shortId"]);
    let refused = lines.last().expect("a line");
    assert_eq!((&refused["event"], &refused["outcome"]), (&"refused".into(), &"rejected".into()));
    assert_eq!(refused["status"], 120);
    assert!(refused["why"].as_str().expect("a reason").contains("branch"), "{refused}");
    assert!(!output.stderr.contains(&0x1b), "nothing for a terminal: {output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    canary.assert_absent();
}

/// Runs a line of a shell in the sandbox.
fn shell(sandbox: &Sandbox, line: &str) -> Output {
    let program = sandbox.path("bin/airlock-exec");
    if !program.exists() {
        std::os::unix::fs::symlink(support::BINARY, &program).expect("a link");
    }
    Running::start(sandbox.program("sh").args(["-c", line])).finish()
}

#[test]
fn the_descriptor_has_the_lines_and_the_command_does_not_have_the_descriptor() {
    let sandbox = Sandbox::new();
    sandbox.policy("[[rule]]\nargv = [\"sh\"]\ndecision = \"allow\"\n[trust]\nenvironment = []\n");
    let line = "airlock-exec --status-fd 3 -- ls /proc/self/fd/3 3> events";
    let output = shell(&sandbox, line);
    assert!(!output.status.success(), "there is no such descriptor: {output:?}");
    let told = fs::read(sandbox.work().join("events")).expect("the lines");
    assert_eq!(events(&lines(&told)), ["permitted"]);
    let output =
        shell(&sandbox, "airlock-exec --quiet --wait 1s --status-fd 3 -- touch x 3> events");
    let refused = Refused::with_status(&output, 122);
    assert!(refused.what.contains("no decision"), "{refused:?}");
    let told = fs::read(sandbox.work().join("events")).expect("the lines");
    assert_eq!(events(&lines(&told)), ["waiting", "refused"]);
}

#[test]
fn a_descriptor_that_is_not_there_is_refused_and_nothing_runs() {
    let sandbox = Sandbox::new();
    let output = shell(&sandbox, "airlock-exec --status-fd 9 -- touch ran");
    Refused::with_status(&output, 125).assert_says(&["--status-fd 9", "3> FILE"]);
    assert!(!sandbox.work().join("ran").exists());
}

#[test]
fn quiet_says_only_why_it_did_not_run() {
    let sandbox = Sandbox::new();
    let output = shell(&sandbox, "airlock-exec --quiet --wait 1s -- touch ran");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.starts_with("airlock-exec: no decision within one second"), "{said}");
    let output = shell(&sandbox, "airlock-exec --quiet --json --wait 1s -- touch ran");
    assert_eq!(events(&lines(&output.stderr)), ["refused"]);
    assert!(!sandbox.work().join("ran").exists());
}
