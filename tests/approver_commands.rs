//! A person decides from another terminal: list, show, approve, reject.

mod support;

use serde_json::Value;
use std::process::Output;
use support::Sandbox;

fn run(sandbox: &Sandbox, arguments: &[&str]) -> Output {
    sandbox.airlock(arguments).output().expect("it starts")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn with_nothing_waiting_it_says_so_and_what_to_do() {
    let sandbox = Sandbox::new();
    let listed = run(&sandbox, &["approver", "list"]);
    assert!(listed.status.success(), "{}", stderr(&listed));
    assert!(stdout(&listed).contains("nothing waits"), "{}", stdout(&listed));
    assert!(stdout(&listed).contains("airlock-exec -- COMMAND"), "{}", stdout(&listed));
    assert_eq!(stdout(&run(&sandbox, &["approver", "list", "--json"])), "[]\n");
    // Without a terminal and without words it lists.
    assert!(stdout(&run(&sandbox, &["approver"])).contains("nothing waits"));
    let refused = run(&sandbox, &["approver", "approve", "ABC"]);
    assert_eq!(refused.status.code(), Some(125));
    assert!(stderr(&refused).contains("next:"), "{}", stderr(&refused));
}

#[test]
fn approves_by_the_short_id_in_any_letter_case_with_one_line() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let command = sandbox.start(canary.arguments());
    let pending = sandbox.pending();
    let short = pending.details["shortId"].as_str().expect("a short id").to_owned();
    assert!(pending.id.ends_with(&short));
    canary.assert_absent();
    let approved = run(&sandbox, &["approver", "approve", &short.to_lowercase()]);
    assert!(approved.status.success(), "{}", stderr(&approved));
    assert_eq!(stdout(&approved).lines().count(), 1, "{}", stdout(&approved));
    assert!(stdout(&approved).starts_with(&format!("approved {short}: touch ")));
    assert!(command.finish().status.success());
    canary.assert_present();
    // What was decided waits no more.
    let again = run(&sandbox, &["approver", "approve", &short]);
    assert_eq!(again.status.code(), Some(125));
    assert!(stderr(&again).contains("approver list"), "{}", stderr(&again));
}

#[test]
fn rejects_with_a_reason_the_agent_reads() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let command = sandbox.start(canary.arguments());
    let pending = sandbox.pending();
    let rejected =
        run(&sandbox, &["approver", "reject", &pending.id, "--reason", "ask \u{1b}[2Jfirst"]);
    assert!(rejected.status.success(), "{}", stderr(&rejected));
    let ended = command.finish();
    assert_eq!(ended.status.code(), Some(120), "{}", stderr(&ended));
    assert!(stderr(&ended).contains("first") && !stderr(&ended).contains('\u{1b}'));
    canary.assert_absent();
}

#[test]
fn an_ambiguous_end_of_an_id_decides_nothing_and_lists_them() {
    let sandbox = Sandbox::new();
    let canaries = [sandbox.canary(), sandbox.canary()];
    let _commands = canaries.each_ref().map(|canary| sandbox.start(canary.arguments()));
    for canary in &canaries {
        sandbox.pending_with(&canary.path().display().to_string());
    }
    let pending = sandbox.pending_now();
    let common = common_end(&pending[0].id, &pending[1].id);
    let refused = if common.is_empty() {
        // The ids end differently; an empty end is the end of both, and no id.
        run(&sandbox, &["approver", "approve", ""])
    } else {
        run(&sandbox, &["approver", "approve", common])
    };
    assert_eq!(refused.status.code(), Some(125), "{}", stdout(&refused));
    if !common.is_empty() {
        assert!(pending.iter().all(|one| stderr(&refused).contains(&one.id)));
    }
    // One id that is known does not carry along one that is not.
    let refused = run(&sandbox, &["approver", "approve", &pending[0].id, "req-nobody"]);
    assert_eq!(refused.status.code(), Some(125));
    assert_eq!(sandbox.pending_now().len(), 2);
    canaries.iter().for_each(support::Canary::assert_absent);
}

fn common_end<'a>(one: &'a str, other: &str) -> &'a str {
    let same = one.bytes().rev().zip(other.bytes().rev()).take_while(|(a, b)| a == b).count();
    &one[one.len() - same..]
}

#[test]
fn shows_everything_and_nothing_of_the_command_reaches_the_terminal_raw() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let file = canary.path().display().to_string();
    let hostile = "\u{1b}[2K\rgit status\u{202e}\u{200b}";
    let script = format!("touch {file}\n│ program    /bin/true\n");
    let command = sandbox.start(["--", "sh", "-c", &script, hostile, "g\u{456}t"]);
    let pending = sandbox.pending();
    for arguments in [
        &["approver", "show", &pending.id][..],
        &["approver", "show", &pending.id, "--full"],
        &["approver", "show", &pending.id, "--json"],
        &["approver", "list"],
        &["approver", "list", "--json"],
    ] {
        let shown = run(&sandbox, arguments);
        assert!(shown.status.success(), "{}", stderr(&shown));
        let text = stdout(&shown);
        let raw = ['\u{1b}', '\r', '\u{202e}', '\u{200b}'];
        assert!(!text.contains(raw), "{arguments:?}: {text:?}");
    }
    let card = stdout(&run(&sandbox, &["approver", "show", &pending.id]));
    for expected in [
        "look out",
        "U+001B",
        "U+202E",
        "U+200B",
        "mixes scripts",
        "command",
        "arguments",
        " 2.1 touch ",
        "program",
        "sha256",
        "directory",
        "input",
        "user",
        "host",
        "came by",
        "expires",
        "hash",
        "\\x1b[2K\\rgit status\\u{202E}",
    ] {
        assert!(card.contains(expected), "{expected:?} in {card}");
    }
    assert_eq!(card.matches("│ program ").count(), 2, "one of ours, one in its column: {card}");
    let spoofed = card.lines().filter(|line| line.starts_with("│ program    /bin/true"));
    assert_eq!(spoofed.count(), 0, "{card}");
    sandbox.reject(&pending, "no");
    command.finish();
    canary.assert_absent();
}

#[test]
fn the_list_for_programs_has_what_is_needed_to_decide() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let _command = sandbox.start(canary.arguments());
    let details = sandbox.pending().details;
    for key in ["requestId", "shortId", "artifactHash", "commandText", "cwd", "enforcer"] {
        assert!(details[key].is_string(), "{key}: {details}");
    }
    for key in ["createdAt", "expiresAt"] {
        let time: Result<jiff::Timestamp, _> = details[key].as_str().expect("text").parse();
        assert!(time.is_ok(), "{key}: {details}");
    }
    assert_eq!(details["readable"], Value::Bool(true));
    assert_eq!(details["cwd"].as_str(), sandbox.work().to_str());
    canary.assert_absent();
}

#[test]
fn a_named_gateway_needs_a_token_from_a_private_file() {
    let sandbox = Sandbox::new();
    let named = ["approver", "list", "--gateway", "http://127.0.0.1:1"];
    let refused = run(&sandbox, &named);
    assert_eq!(refused.status.code(), Some(125));
    assert!(stderr(&refused).contains("--token-file"), "{}", stderr(&refused));
    let file = sandbox.work().join("token");
    std::fs::write(&file, "airpat_x\n").expect("written");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(&file, mode).expect("chmod");
    let path = file.to_str().expect("text");
    let refused = run(&sandbox, &[&named[..], &["--token-file", path]].concat());
    assert_eq!(refused.status.code(), Some(125));
    assert!(stderr(&refused).contains("chmod 600"), "{}", stderr(&refused));
}
