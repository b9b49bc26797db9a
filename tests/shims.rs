//! Links to us before programs on `PATH`: real shells find them, and they the program.

#[path = "shims/installing.rs"]
mod installing;
mod support;

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::{Command, Output};
use support::{BINARY, Refused, Running, Sandbox};

/// What every sandbox of these tests allows and forbids.
const POLICY: &str = r#"read-only = "ask"
[[rule]]
argv = ["git", "--version"]
decision = "allow"
[[rule]]
argv = ["git", "push"]
decision = "deny"
reason = "not from here"
"#;

/// A sandbox with shims of these programs.
fn with_shims(names: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.policy(POLICY);
    let output = sandbox.output(&[&["shim", "install"], names].concat());
    assert!(output.status.success(), "{output:?}");
    sandbox
}

fn shims(sandbox: &Sandbox) -> PathBuf {
    sandbox.path("data/airlock-exec/shims")
}

/// Returns the search path with the shims in front.
fn path(sandbox: &Sandbox) -> OsString {
    let mut path = shims(sandbox).into_os_string();
    path.push(":");
    path.push(shims(sandbox).join(".broken"));
    path.push(":");
    path.push(search_path(sandbox));
    path
}

fn search_path(sandbox: &Sandbox) -> OsString {
    let path = sandbox.environment().into_iter().find(|(name, _)| *name == "PATH");
    path.expect("a PATH").1
}

/// Returns a shell with a text, ready to be started with the shims in front.
fn shell(sandbox: &Sandbox, shell: &[&str], text: &str) -> Command {
    let mut command = sandbox.program(shell[0]);
    command.args(&shell[1..]).args(["-c", text]).env("PATH", path(sandbox));
    command
}

fn run(command: &mut Command) -> Output {
    Running::start(command).finish()
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

const SHELLS: &[&[&str]] = &[&["bash"], &["dash"], &["zsh", "-f"], &["fish"], &["busybox", "sh"]];

#[test]
fn every_shell_finds_the_shim_and_the_shim_the_program() {
    let sandbox = Sandbox::new();
    sandbox.policy(POLICY);
    sandbox.script("deploy", "touch \"$1\"");
    assert!(sandbox.output(&["shim", "install", "git", "deploy"]).status.success());
    for each in SHELLS {
        let output = run(&mut shell(&sandbox, each, "git --version"));
        assert!(text(&output).starts_with("git version "), "{each:?} {output:?}");
        let output = run(&mut shell(&sandbox, each, "git push --force"));
        Refused::with_status(&output, 121).assert_says(&["not from here"]);
        let canary = sandbox.canary();
        let mut asked = shell(&sandbox, each, &format!("deploy {}", canary.path().display()));
        let asked = Running::start(&mut asked);
        let pending = sandbox.pending();
        canary.assert_absent();
        sandbox.reject(&pending, "no");
        Refused::with_status(&asked.finish(), 120);
        canary.assert_absent();
    }
}

#[test]
fn a_person_is_asked_and_told_that_it_came_by_a_shim() {
    let sandbox = with_shims(&["touch"]);
    let canary = sandbox.canary();
    let mut command = shell(&sandbox, &["dash"], &format!("touch {}", canary.path().display()));
    let asked = Running::start(&mut command);
    let pending = sandbox.pending();
    let shown = sandbox.plaintext(&pending).to_string();
    assert!(shown.contains("\"shim\"") && shown.contains("/usr/bin/touch"), "{shown}");
    sandbox.approve(&pending);
    assert!(asked.finish().status.success());
    canary.assert_present();
}

#[test]
fn the_program_gets_its_name_its_arguments_and_the_environment_as_they_were() {
    let sandbox = with_shims(&["printenv", "cat"]);
    let approved = |text: &str| {
        let asked = Running::start(&mut shell(&sandbox, &["dash"], text));
        sandbox.approve(&sandbox.pending());
        asked.finish()
    };
    let bare = run(&mut shell(&sandbox, &["dash"], "/usr/bin/printenv -0"));
    assert_eq!(text(&approved("printenv -0")), text(&bare));
    for word in ["cat", "../data/airlock-exec/shims/cat"] {
        let output = approved(&format!("{word} /proc/self/cmdline"));
        assert_eq!(text(&output), "cat\0/proc/self/cmdline\0");
    }
}

#[test]
fn what_looks_for_itself_finds_itself() {
    let sandbox = with_shims(&["python3"]);
    let venv = sandbox.path("home/venv");
    let mut python = sandbox.program("python3");
    let made = run(python.args(["-m", "venv", "--without-pip"]).arg(&venv));
    assert!(made.status.success(), "{made:?}");
    let mut path = shims(&sandbox).into_os_string();
    path.push(":");
    path.push(venv.join("bin"));
    path.push(":/usr/bin:/bin");
    let mut command = sandbox.program("dash");
    command.args(["-c", "python3 -c 'import sys; print(sys.prefix)'"]).env("PATH", path);
    let asked = Running::start(&mut command);
    sandbox.approve(&sandbox.pending());
    assert_eq!(text(&asked.finish()).trim_end(), venv.to_str().expect("UTF-8"));
}

#[test]
fn looking_for_a_program_names_the_shim_and_then_the_program() {
    let sandbox = with_shims(&["git"]);
    let shim = shims(&sandbox).join("git");
    let shim = shim.to_str().expect("UTF-8");
    for each in SHELLS {
        let output = run(&mut shell(&sandbox, each, "command -v git"));
        assert_eq!(text(&output).trim_end(), shim, "{each:?}");
    }
    for each in [&["bash"][..], &["zsh", "-f"]] {
        let all = text(&run(&mut shell(&sandbox, each, "type -a git")));
        let all: Vec<&str> = all.lines().collect();
        assert!(all[0].ends_with(shim), "{all:?}");
        assert!(all.iter().skip(2).any(|line| line.ends_with("bin/git")), "{all:?}");
        let absent = run(&mut shell(&sandbox, each, "command -v no-such-tool"));
        assert!(absent.stdout.is_empty(), "no shim of what is not there");
    }
    let output = sandbox.output(&["shim", "install", "nosuchprogram"]);
    assert_eq!(output.status.code(), Some(125));
    Refused::of_subcommand(&output).assert_says(&["nosuchprogram", "install the program first"]);
}

#[test]
fn the_prefix_means_the_program_and_not_its_shim() {
    let sandbox = with_shims(&["git", "touch"]);
    let mut command = sandbox.airlock(["--", "git", "--version"]);
    let output = run(command.env("PATH", path(&sandbox)));
    assert!(text(&output).starts_with("git version "), "{output:?}");
    let canary = sandbox.canary();
    let mut command = sandbox.airlock(canary.arguments());
    let asked = Running::start(command.env("PATH", path(&sandbox)));
    let pending = sandbox.pending();
    let shown = sandbox.plaintext(&pending).to_string();
    assert!(shown.contains("/usr/bin/touch") && !shown.contains("shims/touch"), "{shown}");
    sandbox.approve(&pending);
    assert!(asked.finish().status.success());
    canary.assert_present();
}

#[test]
fn what_we_start_ourselves_does_not_come_back_to_us() {
    let sandbox = with_shims(&["git"]);
    let setup = "/usr/bin/git init -q .; git commit -q --allow-empty -m first";
    let asked = Running::start(&mut shell(&sandbox, &["dash"], setup));
    let pending = sandbox.pending();
    let shown = sandbox.plaintext(&pending).to_string();
    assert!(shown.contains("repo:"), "git was asked about the repository: {shown}");
    sandbox.reject(&pending, "no");
    Refused::with_status(&asked.finish(), 120);
}

#[test]
fn what_a_shim_cannot_see_runs_unasked() {
    let sandbox = with_shims(&["touch"]);
    let unseen: [(&[&str], &str); 10] = [
        (&["dash"], "/usr/bin/touch"),
        (&["bash"], "command -p touch"),
        (&["dash"], "env -i /usr/bin/env PATH=/usr/bin:/bin touch"),
        (&["bash"], "PATH=/usr/bin:/bin touch"),
        (&["bash"], "touch() { /usr/bin/touch \"$@\"; }; export -f touch; bash -c 'touch \"$0\"'"),
        (&["dash"], "alias touch=/usr/bin/touch\ntouch"),
        (&["dash"], ": >"),
        (&["busybox", "sh"], "busybox touch"),
        (&["zsh", "-f"], "python3 -c 'open(__import__(\"sys\").argv[1], \"w\")'"),
        (&["fish"], "env PATH=/usr/bin touch"),
    ];
    for (each, words) in unseen {
        let canary = sandbox.canary();
        let text = format!("{words} {}", canary.path().display());
        let output = run(&mut shell(&sandbox, each, &text));
        assert!(output.status.success(), "{words}: {output:?}");
        canary.assert_present();
    }
}

#[test]
fn a_shell_that_is_open_finds_a_new_shim_once_it_looks_again() {
    let sandbox = with_shims(&["printenv"]);
    let touch = |name: &str| format!("touch {}", sandbox.work().join(name).display());
    let text = format!(
        "{}; {BINARY} shim install touch >&2; {}; hash -r; {}",
        touch("before"),
        touch("remembered"),
        touch("asked")
    );
    let running = Running::start(&mut shell(&sandbox, &["bash"], &text));
    let pending = sandbox.pending();
    assert!(sandbox.work().join("remembered").exists(), "the shell knew where it was");
    sandbox.reject(&pending, "no");
    let output = running.finish();
    Refused::with_status(&output, 120);
    assert!(!sandbox.work().join("asked").exists());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("hash -r"), "whoever installs one is told: {said}");
}

/// `sudo` goes by a path of its own; what it is told to do is seen where it has a shim.
#[test]
fn what_sudo_starts_is_not_seen_and_sudo_itself_is() {
    let sandbox = with_shims(&["touch"]);
    let sudo = run(sandbox.program("sudo").args(["-n", "true"]));
    if !sudo.status.success() {
        println!("NOT CHECKED: sudo would ask for a password here");
        return;
    }
    let canary = sandbox.canary();
    let text = format!("sudo -n touch {}", canary.path().display());
    let output = run(&mut shell(&sandbox, &["dash"], &text));
    assert!(output.status.success(), "{output:?}");
    canary.assert_present();
    assert!(sandbox.output(&["shim", "install", "sudo"]).status.success());
    let canary = sandbox.canary();
    let text = format!("sudo -n touch {}", canary.path().display());
    let asked = Running::start(&mut shell(&sandbox, &["dash"], &text));
    sandbox.reject(&sandbox.pending(), "no");
    Refused::with_status(&asked.finish(), 120);
    canary.assert_absent();
}

#[test]
fn completions_are_not_asked_about() {
    let sandbox = with_shims(&["git"]);
    sandbox.policy("");
    // What the completions of git, which call it, ask of it most.
    for words in [
        "git --list-cmds=main,others,alias,nohelpers",
        "git --list-cmds=parseopt",
        "git for-each-ref '--format=%(refname:strip=2)' refs/heads",
        "git rev-parse --git-dir",
        "git ls-files --others",
        "git config --list",
    ] {
        let output = run(&mut shell(&sandbox, &["bash"], &format!("{words}; echo $?")));
        let shown = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!shown.contains("airlock-exec"), "{words}: {shown}");
    }
}

#[test]
fn without_a_program_behind_it_a_shim_says_how_to_mend_it() {
    let sandbox = with_shims(&["git"]);
    let shims = shims(&sandbox);
    let shim = shims.join("git");
    let empty = sandbox.path("empty");
    fs::create_dir(&empty).expect("a directory");
    let newline = sandbox.path("new\nline");
    fs::create_dir(&newline).expect("a directory");
    symlink("/usr/bin/git", sandbox.work().join("git")).expect("linked");
    let broken = shims.join(".broken");
    let alone = [
        OsString::new(),
        ".".into(),
        ":".into(),
        "bin:./bin".into(),
        empty.into(),
        newline.clone().into(),
        shims.clone().into(),
        broken.into(),
    ];
    for path in alone {
        let output = run(sandbox.program(&shim).arg("--version").env("PATH", &path));
        let refused = Refused::with_status(&output, 127);
        refused.assert_says(&["git: command not found behind its shim", "shim remove git"]);
    }
    // A directory with a line break is as good as any other.
    symlink("/usr/bin/git", newline.join("git")).expect("linked");
    let asked = Running::start(sandbox.program(&shim).arg("--version").env("PATH", &newline));
    sandbox.approve(&sandbox.pending());
    assert!(text(&asked.finish()).starts_with("git version "));
}

#[test]
fn a_name_that_was_never_installed_is_no_program() {
    let sandbox = Sandbox::new();
    for name in ["no-such-tool", "weird name"] {
        let link = sandbox.path("bin").join(name);
        symlink(BINARY, &link).expect("linked");
        let output = run(&mut sandbox.program(&link));
        Refused::with_status(&output, 127).assert_says(&[name, "nobody installed"]);
    }
}

#[test]
fn shims_may_stand_in_path_twice_and_by_another_name() {
    let sandbox = with_shims(&["git"]);
    let other = sandbox.path("home/other");
    symlink(shims(&sandbox), &other).expect("linked");
    let mut path = other.clone().into_os_string();
    for entry in [other.join(".broken"), shims(&sandbox), shims(&sandbox), "/usr/bin".into()] {
        path.push(":");
        path.push(entry);
    }
    let mut command = sandbox.program("/bin/dash");
    let output = run(command.args(["-c", "git --version"]).env("PATH", path));
    assert!(text(&output).starts_with("git version "), "{output:?}");
}

/// Copies the binary to where it can be moved, replaced and deleted.
fn copy_of_us(sandbox: &Sandbox) -> PathBuf {
    let copy = sandbox.path("bin/airlock-exec");
    fs::copy(BINARY, &copy).expect("copied");
    copy
}

#[test]
fn a_shim_that_leads_nowhere_lets_nothing_through_and_can_be_mended() {
    let sandbox = Sandbox::new();
    sandbox.policy(POLICY);
    let copy = copy_of_us(&sandbox);
    sandbox.script("deploy", "touch \"$1\"");
    let install = || run(sandbox.program(&copy).args(["shim", "install", "deploy", "git"]));
    assert!(install().status.success());
    fs::rename(&copy, sandbox.path("moved")).expect("moved");
    for each in SHELLS {
        let canary = sandbox.canary();
        let text = format!("deploy {}", canary.path().display());
        let output = run(&mut shell(&sandbox, each, &text));
        // The script that stands in for it speaks as we do.
        let refused = Refused::with_status(&output, 127);
        refused.assert_says(&["leads nowhere", "was moved or deleted", "shim install deploy"]);
        canary.assert_absent();
    }
    let listed = text(&sandbox.output(&["shim", "list"]));
    assert!(listed.contains("is not there: airlock-exec shim install deploy"), "{listed}");
    // Upgraded: another file under the same name.
    fs::copy(BINARY, &copy).expect("copied");
    let output = run(&mut shell(&sandbox, &["dash"], "git --version"));
    assert!(text(&output).starts_with("git version "), "{output:?}");
    assert!(install().status.success());
}
