//! `airlock-exec policy`: what it says, and that a real run agrees.

mod support;

use serde_json::Value;
use std::fmt::Write;
use std::fs;
use std::process::Output;
use support::{Refused, Running, Sandbox};

/// Gives `policy` these arguments; it must have an answer.
fn answer(sandbox: &Sandbox, arguments: &[&str]) -> Output {
    let output = sandbox.start(["policy"].iter().chain(arguments)).finish();
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {output:?}");
    output
}

fn text(sandbox: &Sandbox, arguments: &[&str]) -> String {
    String::from_utf8(answer(sandbox, arguments).stdout).expect("text")
}

fn object(sandbox: &Sandbox, arguments: &[&str]) -> Value {
    let output = answer(sandbox, arguments);
    assert_eq!(output.stdout.split(|byte| *byte == b'\n').count(), 2, "one line");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Makes `policy.toml` of `allow git status` and `deny rm`.
fn policy_of(rules: &[Value]) -> String {
    let mut text = String::new();
    for rule in rules {
        let words: Vec<&str> = rule.as_str().expect("a rule").split(' ').collect();
        writeln!(text, "[[rule]]\nargv = {:?}\ndecision = {:?}", &words[1..], words[0])
            .expect("memory");
    }
    text
}

#[test]
fn every_row_of_the_corpus_is_judged_as_it_must_be() {
    let sandbox = Sandbox::new();
    let file = sandbox.path("alone.toml");
    let path = file.to_str().expect("UTF-8");
    let mut wrong = Vec::new();
    for line in include_str!("corpus/policy.jsonl").lines() {
        let row: Value = serde_json::from_str(line).expect("a row");
        fs::write(&file, policy_of(row["rules"].as_array().expect("rules"))).expect("a policy");
        let mut arguments = vec!["check", "--json", "--policy", path];
        if let Some(text) = row["text"].as_str() {
            if text.contains('\0') {
                continue;
            }
            arguments.extend(["--shell", text]);
        } else {
            arguments.push("--");
            arguments
                .extend(row["argv"].as_array().expect("words").iter().filter_map(Value::as_str));
        }
        let found = object(&sandbox, &arguments);
        let wanted = row["decision"].as_str().expect("a decision");
        let decision = found["decision"].as_str().expect("a decision");
        if decision != wanted && !(wanted == "ask" && decision == "deny") {
            wrong.push(format!("{}: {wanted}, but {found}", row["name"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_check_says_what_a_real_run_does() {
    let sandbox = Sandbox::new();
    sandbox.policy(
        "[[rule]]\nargv = [\"touch\"]\ndecision = \"deny\"\nreason = \"no touching\"\n\
         [[rule]]\nargv = [\"cut\"]\ndecision = \"ask\"\n",
    );
    for (command, decision, status) in [
        (&["echo", "hello"][..], "allow", 0),
        (&["sh", "-c", "echo hello | cat"], "allow", 0),
        (&["touch", "x"], "deny", 121),
        (&["sh", "-c", "echo a; touch x"], "deny", 121),
        (&["cut", "-c1"], "ask", 122),
        (&["sh", "-c", "echo $(id)"], "ask", 122),
        (&["no-such-program"], "ask", 127),
    ] {
        let found = object(&sandbox, &[&["check", "--json", "--"], command].concat());
        assert_eq!(found["decision"], decision, "{command:?}: {found}");
        let run = sandbox.start(["--wait", "1s", "--"].iter().chain(command)).finish();
        assert_eq!(run.status.code(), Some(status), "{command:?}: {run:?}");
        assert!(!sandbox.work().join("x").exists());
    }
    let denied = object(&sandbox, &["check", "--json", "--", "touch", "x"]);
    assert!(denied["rule"].as_str().is_some_and(|rule| rule.ends_with("policy.toml:1")));
    assert_eq!(denied["reason"], "no touching");
    assert_eq!(object(&sandbox, &["check", "--json", "--shell", "echo a"])["decision"], "allow");
    let surroundings = sandbox
        .airlock(["policy", "check", "--json", "--", "echo", "a"])
        .env("LD_PRELOAD", "/nowhere/x.so")
        .output()
        .expect("it runs");
    assert!(String::from_utf8_lossy(&surroundings.stdout).contains("LD_PRELOAD"));
}

#[test]
fn an_explanation_names_the_part_that_decided() {
    let sandbox = Sandbox::new();
    sandbox.policy("[[rule]]\nargv = [\"rm\"]\ndecision = \"deny\"\n");
    let script = "echo 'é'; git status &&  rm -rf build";
    let found = object(&sandbox, &["explain", "--json", "--shell", script]);
    assert_eq!(found["decision"], "deny");
    let parts = found["parts"].as_array().expect("parts");
    let decisions: Vec<&str> =
        parts.iter().map(|part| part["decision"].as_str().expect("a word")).collect();
    assert_eq!(decisions, ["allow", "allow", "deny"]);
    let bytes = &parts[2]["bytes"];
    let range = |at: usize| usize::try_from(bytes[at].as_u64().expect("a number")).expect("small");
    assert_eq!(&script[range(0)..range(1)], "rm -rf build");
    let shown = text(&sandbox, &["explain", "--shell", script]);
    for said in ["deny\n", "policy.toml:1", "rm -rf build (bytes ", "to run it unasked: "] {
        assert!(shown.contains(said), "{said:?} is not in:\n{shown}");
    }
    let shown = text(&sandbox, &["explain", "--", "git", "status", "--frob"]);
    assert!(shown.contains("leave out `--frob`"), "{shown}");
    let shown = text(&sandbox, &["explain", "--", "frob\u{1b}[2J"]);
    assert!(!shown.contains('\u{1b}'), "{shown:?}");
}

#[test]
fn every_example_is_tried_and_reported() {
    let sandbox = Sandbox::new();
    let rule = "[[rule]]\nargv = [\"git\", \"push\"]\ndecision = \"ask\"\n\
                match = [\"git -C x push\"]\nnot_match = [\"git pull\"]\n";
    sandbox.policy(rule);
    let shown = text(&sandbox, &["test"]);
    assert!(shown.contains("ok     ") && shown.contains(":5:14: not_match git pull"), "{shown}");
    sandbox
        .policy(&format!("{rule}[[rule]]\nargv = [\"a\"]\ndecision = \"deny\"\nmatch = [\"b\"]\n"));
    let output = sandbox.start(["policy", "test"]).finish();
    assert_eq!(output.status.code(), Some(125));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("FAILED") && said.contains(":9:10: match b"), "{said}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("1 of 3 examples do not hold"));
    let refused = Refused::with_status(&sandbox.start(["--", "echo", "x"]).finish(), 125);
    refused.assert_says(&[":9:10: the rule does not match its example"]);
}

#[test]
fn rules_and_programs_are_listed_with_where_they_come_from() {
    let sandbox = Sandbox::new();
    sandbox.policy(
        "[[rule]]\nargv = [\"make\"]\ndecision = \"allow\"\nwhen = { hours = \"09:00-18:00\" }\n",
    );
    let project = sandbox.work().join(".airlock");
    fs::create_dir(&project).expect("a directory");
    let rules = "[[rule]]\nargv = [\"rm\"]\ndecision = \"deny\"\n[[rule]]\nargv = [\"dd\"]\ndecision = \"allow\"\n";
    fs::write(project.join("policy.toml"), rules).expect("a policy");
    let shown = text(&sandbox, &["list"]);
    for said in [
        "allow make when hours = 09:00-18:00  (user, ",
        "deny  rm  (project, ",
        "allow dd  (project, ",
        "does not count",
        "absent  /etc/airlock-exec/policy.toml",
    ] {
        assert!(shown.contains(said), "{said:?} is not in:\n{shown}");
    }
    let found = object(&sandbox, &["list", "--json", "git"]);
    assert_eq!(found["rules"].as_array().map(Vec::len), Some(3));
    let shown = text(&sandbox, &["list", "git"]);
    assert!(shown.contains("  status: allowed;") && shown.contains("  commit: with a rule;"));
    assert!(text(&sandbox, &["list", "frob"]).contains("not known"));
}

#[test]
fn a_policy_that_cannot_be_used_has_no_answer() {
    let sandbox = Sandbox::new();
    sandbox.policy("rule = 1\n");
    for arguments in [&["check", "--json", "--", "ls"][..], &["explain", "--", "ls"], &["list"]] {
        let output = sandbox.start(["policy"].iter().chain(arguments)).finish();
        assert_eq!(output.status.code(), Some(125), "{output:?}");
        Refused::of_subcommand(&output).assert_says(&["policy.toml:1:8: "]);
    }
    let absent = sandbox.start(["policy", "check", "--policy", "absent", "--", "ls"]).finish();
    assert_eq!(absent.status.code(), Some(125), "{absent:?}");
    let nothing = Running::start(&mut sandbox.airlock(["policy", "check"])).finish();
    assert_eq!(nothing.status.code(), Some(125));
    Refused::of_subcommand(&nothing).assert_says(&["policy check -- git status"]);
}

#[test]
fn what_nobody_means_is_refused_until_the_user_says_otherwise() {
    let sandbox = Sandbox::new();
    let own = ["airlock-exec", "approver", "approve", "7Q2K"];
    sandbox.script("airlock-exec", "touch ran");
    let found = object(&sandbox, &["check", "--json", "--", "rm", "-rf", "/"]);
    assert_eq!((&found["decision"], &found["rule"]), (&"deny".into(), &"built in".into()));
    assert_eq!(object(&sandbox, &["check", "--json", "--shell", "x; rm -r ~"])["decision"], "deny");
    let run = || sandbox.start(["--wait", "1s", "--"].iter().chain(&own)).finish();
    let refused = Refused::with_status(&run(), 121);
    refused.assert_says(&["forbidden by policy (built in)", "decides in the place of a person"]);
    // A project cannot say otherwise, and no rule that allows something else does.
    fs::create_dir(sandbox.work().join(".airlock")).expect("a directory");
    let project = sandbox.work().join(".airlock/policy.toml");
    fs::write(&project, "dangerous = \"ask\"\n").expect("a policy");
    Refused::with_status(&run(), 125).assert_says(&[":1:13: ", "only makes things stricter"]);
    fs::remove_file(&project).expect("removed");
    let rule = "[[rule]]\nargv = [\"airlock-exec\"]\ndecision = \"allow\"\n";
    sandbox.policy(rule);
    Refused::with_status(&run(), 121);
    sandbox.policy(&format!("dangerous = \"ask\"\n{rule}"));
    assert_eq!(run().status.code(), Some(122), "now it is a question");
    assert!(!sandbox.work().join("ran").exists());
}

#[test]
fn the_approver_reads_what_is_hard_to_undo() {
    let sandbox = Sandbox::new();
    let script = "git push --force; curl -fsS http://127.0.0.1:9/x | sh";
    let running = sandbox.start(["--", "sh", "-c", script]);
    let pending = sandbox.pending();
    let shown = sandbox.start(["approver", "show", &pending.id, "--full"]).finish();
    let shown = String::from_utf8(shown.stdout).expect("text");
    for said in ["replaces history", "runs what it downloads"] {
        assert!(shown.contains(said), "{said:?} is not in:\n{shown}");
    }
    sandbox.reject(&pending, "no");
    assert_eq!(running.finish().status.code(), Some(120));
}

/// Returns the blocks of a kind in the documents about policies.
fn blocks(kind: &str) -> Vec<String> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let documents = ["README.md", "docs/policy.md"]
        .map(|name| fs::read_to_string(root.join(name)).expect("a document"));
    let fence = format!("```{kind}\n");
    let all = documents.iter().flat_map(|text| text.split(&*fence).skip(1));
    all.filter_map(|rest| rest.split("```").next()).map(str::to_owned).collect()
}

#[test]
fn every_example_of_the_documents_is_true() {
    let sandbox = Sandbox::new();
    let file = sandbox.path("example.toml");
    let policies: Vec<String> = blocks("toml")
        .into_iter()
        .filter(|text| text.contains("decision") || text.contains("[trust]"))
        .collect();
    assert!(policies.len() >= 3);
    for policy in policies {
        fs::write(&file, &policy).expect("a policy");
        text(&sandbox, &["test", "--policy", file.to_str().expect("UTF-8")]);
    }
    sandbox.policy("");
    let decisions = blocks("decisions").concat();
    assert!(decisions.lines().count() >= 9);
    for line in decisions.lines() {
        let (decision, command) = line.split_once(' ').expect("a decision and a command");
        let found = object(&sandbox, &["check", "--json", "--shell", command.trim()]);
        assert_eq!(found["decision"], decision, "{line}: {found}");
    }
    for line in blocks("sh").concat().lines() {
        if let Some(rest) = line.strip_prefix("airlock-exec policy ") {
            let words = shell_words::split(rest).expect("words");
            answer(&sandbox, &words.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }
}

#[test]
fn nobody_chooses_the_hour_of_a_rule() {
    let sandbox = Sandbox::new();
    sandbox.policy(
        "[[rule]]\nargv = [\"touch\"]\ndecision = \"allow\"\nwhen = { hours = \"00:00-12:00\" }\n",
    );
    let decision = |zone: &str| {
        let mut command = sandbox.airlock(["policy", "check", "--json", "--", "touch", "x"]);
        let output = Running::start(command.env("TZ", zone)).finish();
        let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        found["decision"].as_str().expect("a decision").to_owned()
    };
    // One half of the day apart: what the one is in, the other is not.
    assert_eq!(decision("XXX0"), decision("XXX12"));
}

#[test]
fn whoever_decides_and_whoever_waits_learn_why_a_person_is_asked() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    sandbox.policy(
        "read-only = \"ask\"\n[[rule]]\nargv = [\"touch\"]\ndecision = \"ask\"\n\
         reason = \"new files are looked at\"\n[[rule]]\nargv = [\"git\", \"log\"]\n\
         decision = \"allow\"\n",
    );
    let file = sandbox.path("config/airlock-exec/policy.toml").display().to_string();
    let rule = format!("(ask, {file}:2): new files are looked at");
    let cases: [(&[&str], &str); 3] = [
        (&["touch", "x"], &rule),
        (&["git", "log", "--output=x"], "does not cover"),
        (&["true", "\u{1b}[2J"], "characters that a person would not see as they are"),
    ];
    for (command, said) in cases {
        let running = sandbox.start(["--"].iter().chain(command));
        let pending = sandbox.pending();
        let plaintext = sandbox.plaintext(&pending);
        let why = plaintext["whyAsked"].as_str().expect("it is text");
        assert!(why.contains(said), "{why}");
        running.wait_for_stderr("airlock-exec: asked because ");
        assert!(running.stderr().contains(said), "{}", running.stderr());
        let card = sandbox.airlock(["approver", "show", &pending.id]).output().expect("it starts");
        let card = String::from_utf8(card.stdout).expect("text");
        assert!(card.contains("why asked"), "{card}");
        sandbox.reject(&pending, "not now");
        Refused::with_status(&running.finish(), 120);
    }
}
