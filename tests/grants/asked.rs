//! Asking for a grant: what the person sees, and what nobody is asked.

use super::*;
use serde_json::json;
use support::{Call, Fault, Proxy, Refused};

fn grant_request(sandbox: &Sandbox, arguments: &[&str]) -> Output {
    sandbox.start([&["grant", "request"], arguments].concat()).finish()
}

#[test]
fn the_person_sees_that_it_is_for_longer_than_once_and_how_far_it_reaches() {
    let sandbox = Sandbox::new();
    marker(&sandbox);
    let (running, pending) =
        requested(&sandbox, &["--uses", "3", "--for", "2h", "--", "mark", "{}"]);
    let show = sandbox.airlock(["approver", "show", &pending.id]).output().expect("it starts");
    let card = stdout(&show);
    for words in [
        "LONGER THAN ONCE",
        "run 3 times until",
        "any one word that is no option",
        "mark /etc/passwd",
        "does not cover",
        "WITHOUT asking you again",
        "place",
        "sha256",
        "any process of this user",
    ] {
        assert!(card.contains(words), "{words:?} in {card}");
    }
    assert!(!card.contains("not told"), "{card}");
    let listed = stdout(&sandbox.airlock(["approver", "list"]).output().expect("it starts"));
    assert!(listed.contains("GRANT up to 3 times until"), "{listed}");
    let place = sandbox.work().canonicalize().expect("a directory");
    assert!(listed.contains(&format!("in {}", place.display())), "{listed}");
    assert_eq!(sandbox.plaintext(&pending)["artifactType"], "command.grant");
    sandbox.reject(&pending, "too much");
    let output = running.finish();
    assert_eq!(output.status.code(), Some(120), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("too much"), "{output:?}");
    assert!(list(&sandbox).is_empty());
    asks(&sandbox, &mut briefly(&sandbox, &["mark", "x"]));
}

#[test]
fn what_could_run_anything_is_refused_before_anybody_is_asked() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    for (arguments, words) in [
        (&["--", "sudo", "make"][..], "runs the command in its arguments"),
        (&["--", "env", "mark", "{}"], "runs the command in its arguments"),
        (&["--", "bash"], "runs any program"),
        (&["--", "sh", "-c", "ls"], "runs any program"),
        (&["--", "git", "{}"], "could choose what it runs"),
        (&["--", "find", ".", "..."], "could choose what it runs"),
        (&["--", "touch", "*"], "only a star"),
        (&["--", "{}"], "name the program"),
        (&["--uses", "101", "--", "touch", "x"], "100 runs at most"),
        (&["--uses", "0", "--", "touch", "x"], "runs at most"),
        (&["--repository", "/", "--", "touch", "x"], "no repository is there"),
        (&["--script", "absent", "--", "touch", "x"], "not there"),
    ] {
        let output = grant_request(&sandbox, arguments);
        assert_eq!(output.status.code(), Some(125), "{arguments:?}: {output:?}");
        Refused::of_subcommand(&output).assert_says(&[words]);
        assert!(sandbox.pending_now().is_empty(), "{arguments:?}");
    }
    assert_eq!(grant_request(&sandbox, &["--", "nonesuch"]).status.code(), Some(127));
    assert!(list(&sandbox).is_empty());
}

#[test]
fn a_preview_shows_the_past_and_asks_nobody() {
    let sandbox = Sandbox::new();
    marker(&sandbox);
    for word in ["one", "--two"] {
        let running = sandbox.start(["--", "mark", word]);
        sandbox.approve(&sandbox.pending());
        running.finish();
    }
    let output = grant_request(&sandbox, &["--preview", "--", "mark", "{}"]);
    assert!(output.status.success(), "{output:?}");
    let shown = stdout(&output);
    assert!(shown.contains("would have covered 1 of 2 commands"), "{shown}");
    assert!(shown.contains("mark one") && !shown.contains("--two"), "{shown}");
    assert!(shown.contains("as long as these are what they are now:\n"), "{shown}");
    assert!(shown.contains("/bin/mark\n"), "the script itself: {shown}");
    let settings = sandbox.work().join("settings");
    std::fs::write(&settings, "here").expect("written");
    let named = format!("  {}\n", settings.display());
    assert!(!shown.contains(&named), "no word names it: {shown}");
    let shown = stdout(&grant_request(&sandbox, &["--preview", "--", "mark", "--with=settings"]));
    assert!(shown.contains(&named), "{shown}");
    assert!(sandbox.pending_now().is_empty() && list(&sandbox).is_empty());
    let (running, pending) = requested(&sandbox, &["--", "mark", "{}"]);
    let examples = sandbox.plaintext(&pending)["examples"].to_string();
    assert!(examples.contains("as it ran before: mark one"), "{examples}");
    sandbox.reject(&pending, "no");
    running.finish();
}

#[test]
fn a_gateway_that_forges_a_decision_grants_nothing() {
    let sandbox = Sandbox::new();
    marker(&sandbox);
    let _proxy = Proxy::before(&sandbox, |call: &Call| {
        if !call.is_wait() {
            return Fault::Pass;
        }
        Fault::Change(Box::new(|mut answer| {
            answer["body"]["decision"] = json!("approve");
            answer
        }))
    });
    let running = sandbox.start(["grant", "request", "--wait", "6s", "--", "mark"]);
    sandbox.reject(&sandbox.pending_with("GRANT"), "no");
    let output = running.finish();
    assert_eq!(output.status.code(), Some(123), "{output:?}");
    assert!(list(&sandbox).is_empty());
}
