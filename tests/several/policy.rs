//! Where a policy says how many must approve.

use super::support::Sandbox;
use std::fs;

/// Asks the policy about a command.
fn judged(sandbox: &Sandbox, arguments: &[&str]) -> (String, Option<u64>, String) {
    let words = ["policy", "check", "--json"].iter().chain(arguments);
    let output = sandbox.output(&words.copied().collect::<Vec<_>>());
    assert!(output.status.success(), "{output:?}");
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
    (text("decision"), answer["approvals"].as_u64(), text("because"))
}

#[track_caller]
fn needs(sandbox: &Sandbox, text: &str, approvals: u64) {
    let (decision, needed, because) = judged(sandbox, &["--shell", text]);
    assert_eq!((decision.as_str(), needed), ("ask", Some(approvals)), "{text}: {because}");
}

const RULES: &str = "[[rule]]\nargv = [\"git\"]\ndecision = \"allow\"\n\
    [[rule]]\nargv = [\"git\", \"push\"]\ndecision = \"ask\"\n\
    [[rule]]\nargv = [\"git\", \"push\", \"--force\"]\ndecision = \"ask\"\napprovals = 2\n\
    [[rule]]\nargv = [\"deploy\"]\ndecision = \"ask\"\napprovals = 3\n\
    [[rule]]\nargv = [\"sh\", \"-c\", \"x; git push --force\"]\ndecision = \"allow\"\n";

#[test]
fn the_highest_number_of_every_part_counts() {
    let sandbox = Sandbox::new();
    sandbox.policy(RULES);
    needs(&sandbox, "git push origin main", 1);
    needs(&sandbox, "git -C x push origin main --force", 2);
    needs(&sandbox, "git push; git push --force; frobnicate", 2);
    needs(&sandbox, "frobnicate && sudo env A=b deploy now", 3);
    needs(&sandbox, "git push --force; deploy", 3);
    needs(&sandbox, "echo $(deploy)", 3);
    needs(&sandbox, "for x in a b; do deploy $x; done", 3);
    needs(&sandbox, "find . -exec deploy {} +", 3);
    needs(&sandbox, "x=1; sh -c 'x; git push --force'", 2);
    // What cannot be read may be any of it.
    needs(&sandbox, "deploy 'unfinished", 3);
    let (decision, needed, _) = judged(&sandbox, &["--", "git", "status"]);
    assert_eq!((decision.as_str(), needed), ("allow", None));
    let said = sandbox.output(&["policy", "explain", "--shell", "git push --force"]);
    let said = String::from_utf8(said.stdout).expect("UTF-8");
    assert!(said.contains("needs: 2 approvals by different approvers"), "{said}");
    let listed = sandbox.output(&["policy", "list"]);
    let listed = String::from_utf8(listed.stdout).expect("UTF-8");
    assert!(listed.contains("deploy needs 3 approvals"), "{listed}");
}

#[test]
fn what_another_program_starts_needs_as_many() {
    let sandbox = Sandbox::new();
    let two = "[[rule]]\nargv = [\"git\", \"push\"]\ndecision = \"ask\"\napprovals = 2\n\
               [approvals]\nfiles = 3\n";
    sandbox.policy(two);
    for before in [
        "flock x",
        "flock -w 5 x",
        "setarch x86_64",
        "x86_64",
        "linux32",
        "prlimit",
        "prlimit --nofile=9 --",
        "choom -n 5 --",
        "uclampset -m 5",
        "ssh-agent",
        "taskset 1",
        "taskset ff",
        "chroot root",
        "sg group",
        "start-stop-daemon --start --name x --exec",
        "capsh --",
        "numactl --all",
        "numactl -m all",
        "sudo --odd x -u me",
        "env -- A=b",
        "sudo -u \"$U\"",
        "sudo $OPTIONS",
        "faketime yesterday",
        "systemd-inhibit --what idle",
        "/lib64/ld-linux-x86-64.so.2",
        "git submodule foreach",
        "git submodule foreach --recursive -q",
        "git bisect run",
    ] {
        needs(&sandbox, &format!("{before} git push"), 2);
        needs(&sandbox, &format!("{before} rm -rf build"), 3);
    }
    for text in [
        "watch 'git push'",
        "watch -n 5 'git push'",
        "sg group 'git push'",
        "sg group -c 'git push'",
        "capsh -- -c 'git push'",
        "git submodule foreach 'git push'",
        "git rebase -x 'git push' main",
        "git rebase --exec='git push' main",
        "git -C x rebase --exec 'git push' main",
        "git -c alias.p=push p",
        "git -c alias.p='push -v' p origin",
        "git -c alias.p='!git push' p",
        "git -c core.editor='git push' commit",
        "git difftool -x 'git push'",
        "git filter-branch --tree-filter 'git push'",
        "/usr/lib/git-core/git-push origin",
        "env git-push",
        "tar --to-command='git push' -xf x",
        "rsync -e 'git push' a b",
        "ssh -o ProxyCommand='git push' h",
    ] {
        needs(&sandbox, text, 2);
    }
    for text in ["git commit -m 'git push'", "git log push", "git -c user.name='git push' commit"] {
        let (_, needed, because) = judged(&sandbox, &["--shell", text]);
        assert!(needed.is_none_or(|needed| needed == 1), "{text}: {because}");
    }
}

#[test]
fn a_rule_of_a_program_that_runs_others_covers_no_other_words() {
    let sandbox = Sandbox::new();
    for name in
        ["setarch", "prlimit", "choom", "ssh-agent", "run-parts", "sg", "capsh", "uclampset"]
    {
        sandbox.policy(&format!("[[rule]]\nargv = [\"{name}\"]\ndecision = \"allow\"\n"));
        for rest in ["x86_64 ./evil", "./evil", "--x ./evil"] {
            let (decision, _, because) = judged(&sandbox, &["--shell", &format!("{name} {rest}")]);
            assert_eq!(decision, "ask", "{name} {rest}: {because}");
        }
    }
}

#[test]
fn a_class_of_dangers_asks_even_what_a_rule_allows() {
    let sandbox = Sandbox::new();
    sandbox.policy(&format!("{RULES}[approvals]\ngit = 2\n"));
    needs(&sandbox, "git reset --hard", 2);
    needs(&sandbox, "git status && git clean -f", 2);
    needs(&sandbox, "git push --delete origin x; deploy", 3);
    let (_, _, because) = judged(&sandbox, &["--", "git", "reset", "--hard"]);
    assert!(because.contains("class `git`") && because.contains("2 approvals"), "{because}");
    let (decision, ..) = judged(&sandbox, &["--", "git", "status"]);
    assert_eq!(decision, "allow");
    // What nobody means stays refused.
    let (decision, ..) = judged(&sandbox, &["--", "rm", "-rf", "/"]);
    assert_eq!(decision, "deny");
    sandbox.policy("dangerous = \"ask\"\n[approvals]\nany = 2\n");
    needs(&sandbox, "rm -rf /", 2);
    let listed = sandbox.output(&["policy", "list", "--json"]);
    let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).expect("JSON");
    assert_eq!(listed["approvals"]["cloud"], 2, "{listed}");
}

#[test]
fn a_project_raises_the_number_and_never_lowers_it() {
    let sandbox = Sandbox::new();
    sandbox.policy(RULES);
    let project = sandbox.work().join(".airlock");
    fs::create_dir(&project).expect("a directory");
    let write = |text: &str| fs::write(project.join("policy.toml"), text).expect("a policy");
    let rule = |words: &str, number: u8| {
        format!("[[rule]]\nargv = [{words}]\ndecision = \"ask\"\napprovals = {number}\n")
    };
    write(&rule("\"deploy\"", 1));
    needs(&sandbox, "deploy", 3);
    write(&rule("\"deploy\"", 4));
    needs(&sandbox, "deploy", 4);
    write("[approvals]\ngit = 2\n");
    needs(&sandbox, "git reset --hard", 2);
    write("[approvals]\ngit = 1\n");
    sandbox.policy(&format!("{RULES}[approvals]\ngit = 2\n"));
    needs(&sandbox, "git reset --hard", 2);
}

/// The same, read from the compiled form: the last of three commands uses it.
#[test]
fn the_compiled_form_says_the_same() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    sandbox.policy(&format!("read-only = \"ask\"\n{RULES}[approvals]\npackages = 2\n"));
    for command in [["git", "push", "--force"], ["npm", "publish", "--tag=x"]] {
        for _ in 0..3 {
            let words = ["--wait", "1s", "--"].iter().chain(&command);
            let output = sandbox.output(&words.copied().collect::<Vec<_>>());
            assert_eq!(output.status.code(), Some(124), "{output:?}");
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(said.contains("needs 2 approvals"), "{said}");
        }
    }
}
