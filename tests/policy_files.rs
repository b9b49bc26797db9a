//! Policy files that cannot be used: nothing runs by them, and the place is named.

mod support;

use nix::sys::stat::Mode;
use nix::unistd::{Uid, mkfifo};
use std::fs::{self, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use support::{Refused, Sandbox, eventually};

/// Where the user's policy lies, without one.
fn place(sandbox: &Sandbox) -> PathBuf {
    let path = sandbox.path("config/airlock-exec/policy.toml");
    fs::remove_file(&path).expect("the sandbox has one");
    path
}

/// Runs something that would be allowed, and something that would be asked about.
#[track_caller]
fn assert_nothing_runs(sandbox: &Sandbox, said: &[&str]) {
    let canary = sandbox.canary();
    let asked = Refused::with_status(&sandbox.start_canary(&canary, "1s").finish(), 125);
    canary.assert_absent();
    let allowed = Refused::with_status(&sandbox.start(["--", "echo", "it", "ran"]).finish(), 125);
    for refused in [asked, allowed] {
        refused.assert_says(said);
        refused.assert_says(&["what it forbids is not known"]);
    }
    assert!(!sandbox.path("run/airlock-exec/gateway.json").exists(), "nobody was asked");
}

#[test]
fn a_text_that_is_no_policy_is_refused_with_its_line_and_column() {
    let denial = "[[rule]]\nargv = [\"rm\"]\ndecision = \"deny\"\n";
    for (text, said) in [
        ("[[rule]\n", ":1:8: "),
        (
            "read-only = \"allow\"\nread_only = \"ask\"\n",
            ":2:1: unknown key `read_only`; did you mean `read-only`?",
        ),
        (
            "[[rule]]\nargv = [\"ls\"]\ndecisoin = \"allow\"\n",
            ":3:1: unknown key `decisoin`; did you mean `decision`?",
        ),
        (
            "[[rule]]\nargv = [\"ls\"]\ndecision = \"allow\"\nmatch = [\"cat\"]\n",
            ":4:10: the rule does not match its example \"cat\"",
        ),
        (
            "[[rule]]\nargv = [\"ls\"]\ndecision = \"deny\"\nnot_match = [\"ls -l\"]\n",
            ":4:14: the rule matches \"ls -l\"",
        ),
        ("include = [\"policy.toml\"]\n", ":1:12: "),
        ("\"\\u001b[2J\" = 1\n", ":1:1: unknown key `\\x1b[2J`"),
    ] {
        let sandbox = Sandbox::new();
        let path = place(&sandbox);
        fs::write(&path, format!("{text}{denial}")).expect("a policy");
        assert_nothing_runs(&sandbox, &[&format!("{}{said}", path.display())]);
    }
}

#[test]
fn what_is_no_file_of_text_is_refused() {
    type Make = fn(&Path);
    let kinds: &[(&str, Make)] = &[
        ("is not a file", |path| fs::create_dir(path).expect("a directory")),
        ("is not a file", |path| mkfifo(path, Mode::from_bits_truncate(0o600)).expect("a pipe")),
        ("is not a file", |path| symlink("/dev/null", path).expect("a link")),
        ("a link that leads nowhere", |path| symlink("absent", path).expect("a link")),
        ("levels of symbolic links", |path| symlink("policy.toml", path).expect("a link")),
        ("is not UTF-8", |path| fs::write(path, b"# \xff\n").expect("a file")),
        ("is larger than 1024 KiB", |path| {
            fs::write(path, vec![b'#'; 10 << 20]).expect("a file");
        }),
    ];
    for (said, make) in kinds {
        let sandbox = Sandbox::new();
        let path = place(&sandbox);
        make(&path);
        assert_nothing_runs(&sandbox, &[said, path.to_str().expect("UTF-8")]);
    }
}

#[test]
fn what_others_could_have_written_is_refused() {
    for mode in [0o620, 0o602, 0o666] {
        let sandbox = Sandbox::new();
        let path = sandbox.path("config/airlock-exec/policy.toml");
        fs::set_permissions(&path, Permissions::from_mode(mode)).expect("loosened");
        assert_nothing_runs(&sandbox, &["can be written by others", "chmod go-w"]);
    }
    let sandbox = Sandbox::new();
    let directory = sandbox.path("config/airlock-exec");
    fs::set_permissions(&directory, Permissions::from_mode(0o777)).expect("loosened");
    assert_nothing_runs(&sandbox, &["lies in a directory that can be written by others"]);
    if Uid::effective().is_root() {
        let sandbox = Sandbox::new();
        let path = sandbox.path("config/airlock-exec/policy.toml");
        chown(&path, Some(12_345), None).expect("given away");
        assert_nothing_runs(&sandbox, &["belongs to user 12345"]);
    }
}

#[test]
fn includes_that_lead_back_or_nowhere_are_refused() {
    let sandbox = Sandbox::new();
    sandbox.policy("\ninclude = [\"other.toml\"]\n");
    let other = sandbox.path("config/airlock-exec/other.toml");
    fs::write(&other, "include = [ \"policy.toml\" ]\n").expect("a policy");
    assert_nothing_runs(&sandbox, &["other.toml:1:13: ", "is included again"]);
    fs::remove_file(&other).expect("removed");
    assert_nothing_runs(&sandbox, &["other.toml"]);
}

#[test]
fn a_file_of_the_project_that_cannot_be_used_is_refused_too() {
    let sandbox = Sandbox::new();
    let directory = sandbox.work().join(".airlock");
    fs::create_dir(&directory).expect("a directory");
    for (text, said) in [
        ("rule = 5\n", ":1:8: "),
        ("locked = true\n", "only the system's file can lock"),
        ("[trust]\ndirectories = [\"/\"]\n", "cannot trust anything"),
    ] {
        fs::write(directory.join("policy.toml"), text).expect("a policy");
        assert_nothing_runs(&sandbox, &[".airlock/policy.toml", said]);
    }
}

#[test]
fn a_file_that_changes_all_the_time_never_lets_anything_through() {
    let sandbox = Sandbox::new();
    let path = sandbox.path("config/airlock-exec/policy.toml");
    // Either state forbids it: what is half read would not.
    let filler = "# \n".repeat(150_000);
    let texts = ["touch", "mkdir"].map(|second| {
        let rule = |name| format!("[[rule]]\nargv = [\"{name}\"]\ndecision = \"deny\"\n");
        format!("{}{filler}{}", rule("touch"), rule(second))
    });
    fs::write(&path, &texts[0]).expect("a policy");
    let ended = std::sync::atomic::AtomicBool::new(false);
    let canary = sandbox.canary();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for text in texts.iter().cycle() {
                let mut file = OpenOptions::new().write(true).open(&path).expect("a policy");
                file.write_all(text.as_bytes()).expect("written in its place");
                if ended.load(std::sync::atomic::Ordering::Relaxed) {
                    break;
                }
            }
        });
        let mut seen = std::collections::BTreeSet::new();
        eventually("a change to be seen while the file is read", || {
            let output = sandbox.start_canary(&canary, "1s").finish();
            canary.assert_absent();
            seen.insert(output.status.code());
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            said.contains("changed while it was being read").then_some(())
        });
        ended.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(seen.iter().all(|code| matches!(code, Some(121 | 125))), "{seen:?}");
    });
}
