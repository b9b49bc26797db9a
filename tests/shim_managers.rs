//! Shims of ours beside those of the managers people use, as they are published.
//!
//! mise comes from the npm registry and rbenv from Debian; pyenv, from which nobody makes
//! a package, is tried where this machine has it, and is rbenv's sibling. asdf, nvm and
//! volta are in no registry either: `tests/nested.rs` has scripts that work as theirs do.

mod support;

use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::{Running, Sandbox, npm};

/// A manager in a sandbox, with a program `deploy` of its own that it has a shim of.
struct Manager {
    /// Where its shims are.
    shims: PathBuf,
    /// Where its program writes that it ran.
    ran: PathBuf,
}

/// Writes the program that a manager starts.
fn program(sandbox: &Sandbox, name: &str, directory: &Path) -> PathBuf {
    let ran = sandbox.path(format!("ran-{name}"));
    fs::create_dir_all(directory).expect("a directory");
    for program in ["deploy", "node"] {
        let path = directory.join(program);
        fs::write(&path, format!("#!/bin/sh\necho \"$@\" >>'{}'\n", ran.display()))
            .expect("written");
        fs::set_permissions(path, Permissions::from_mode(0o755)).expect("executable");
    }
    ran
}

#[track_caller]
fn done(command: &mut Command) {
    let output = command.output().expect("it starts");
    assert!(output.status.success(), "{command:?}: {output:?}");
}

/// Says its version by `NAME global 1.0`: rbenv and pyenv.
fn env_manager(sandbox: &Sandbox, program_of_it: &Path, name: &str) -> Manager {
    let root = sandbox.path("home").join(format!(".{name}"));
    let ran = program(sandbox, name, &root.join("versions/1.0/bin"));
    for words in [&["global", "1.0"][..], &["rehash"]] {
        let mut command = sandbox.program(program_of_it);
        done(command.args(words).env(format!("{}_ROOT", name.to_uppercase()), &root));
    }
    Manager { shims: root.join("shims"), ran }
}

fn rbenv(sandbox: &Sandbox) -> Manager {
    env_manager(sandbox, Path::new("rbenv"), "rbenv")
}

fn mise(sandbox: &Sandbox) -> Manager {
    // The package for all platforms only installs this one.
    let machine = if cfg!(target_arch = "x86_64") { "x64" } else { "arm64" };
    let programs = npm(&format!("@jdxcode/mise-linux-{machine}"), "2026.9.15");
    let prefix = sandbox.path("prefix");
    let ran = program(sandbox, "mise", &prefix.join("bin"));
    let prefix = prefix.to_str().expect("UTF-8");
    for words in [&["link", "node@9.9", prefix][..], &["use", "-g", "node@9.9"], &["reshim"]] {
        done(sandbox.program(programs.join("mise")).args(words).env("MISE_OFFLINE", "1"));
    }
    Manager { shims: sandbox.path("data/mise/shims"), ran }
}

fn joined(directories: &[&Path]) -> OsString {
    std::env::join_paths(directories.iter().copied().chain(["/usr/bin", "/bin"].map(Path::new)))
        .expect("no colons")
}

/// In either order each command is asked about once, and the manager's program runs once.
fn goes_along_with(manager: impl Fn(&Sandbox) -> Manager) {
    for ours_first in [true, false] {
        let sandbox = Sandbox::new();
        let manager = manager(&sandbox);
        let with_theirs = joined(&[&manager.shims]);
        let mut install = sandbox.airlock(["shim", "install", "deploy"]);
        done(install.env("PATH", with_theirs));
        let ours = sandbox.path("data/airlock-exec/shims");
        let path = if ours_first {
            joined(&[&ours, &manager.shims])
        } else {
            joined(&[&manager.shims, &ours])
        };
        let start = |word: &str| {
            let mut command = sandbox.program("sh");
            command.args(["-c", &format!("deploy {word}")]).env("PATH", &path);
            Running::start(&mut command)
        };
        if ours_first {
            let rejected = start("rejected");
            sandbox.reject(&sandbox.pending(), "no");
            assert_eq!(rejected.finish().status.code(), Some(120));
            assert!(!manager.ran.exists());
            let approved = start("approved");
            sandbox.approve(&sandbox.pending());
            let output = approved.finish();
            assert!(output.status.success(), "{output:?}");
            let ran = fs::read_to_string(&manager.ran).expect("it ran");
            assert_eq!(ran, "approved\n", "{output:?}");
        } else {
            // What it manages it finds by itself: ours stands behind and is not asked.
            let output = start("theirs").finish();
            assert!(output.status.success(), "{output:?}");
            assert_eq!(fs::read_to_string(&manager.ran).expect("it ran"), "theirs\n");
        }
    }
}

#[test]
fn mise_goes_along() {
    goes_along_with(mise);
}

#[test]
fn rbenv_goes_along() {
    goes_along_with(rbenv);
}

#[test]
fn pyenv_goes_along_where_it_is() {
    let Ok(pyenv) = which::which("pyenv") else {
        println!("NOT CHECKED: there is no pyenv here");
        return;
    };
    goes_along_with(|sandbox| env_manager(sandbox, &pyenv, "pyenv"));
}

/// A version of the system's: the manager looks along `PATH` for it, and finds us.
#[test]
fn a_manager_that_looks_along_the_path_itself_ends_at_the_program() {
    for ours_first in [true, false] {
        let sandbox = Sandbox::new();
        let manager = rbenv(&sandbox);
        let canary = sandbox.canary();
        sandbox.script("deploy", "touch \"$1\"");
        assert!(sandbox.output(&["shim", "install", "deploy"]).status.success());
        let (ours, own) = (sandbox.path("data/airlock-exec/shims"), sandbox.path("bin"));
        let path = if ours_first {
            joined(&[&ours, &manager.shims, &own])
        } else {
            joined(&[&manager.shims, &ours, &own])
        };
        let mut command = sandbox.program("sh");
        let text = format!("deploy {}", canary.path().display());
        command.args(["-c", &text]).env("PATH", path).env("RBENV_VERSION", "system");
        let running = Running::start(&mut command);
        sandbox.approve(&sandbox.pending());
        let output = running.finish();
        assert!(output.status.success(), "{ours_first}: {output:?}");
        canary.assert_present();
        assert!(sandbox.pending_now().is_empty(), "{ours_first}: one question is enough");
        assert!(!manager.ran.exists());
    }
}

#[test]
fn three_managers_at_once_end_at_the_program() {
    let sandbox = Sandbox::new();
    let (first, second) = (mise(&sandbox), rbenv(&sandbox));
    let with_theirs = joined(&[&first.shims]);
    done(sandbox.airlock(["shim", "install", "deploy"]).env("PATH", with_theirs));
    let ours = sandbox.path("data/airlock-exec/shims");
    let path = joined(&[&ours, &first.shims, &second.shims]);
    let mut command = sandbox.program("sh");
    let running = Running::start(command.args(["-c", "deploy now"]).env("PATH", path));
    sandbox.approve(&sandbox.pending());
    let output = running.finish();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(fs::read_to_string(&first.ran).expect("it ran"), "now\n");
    assert!(!second.ran.exists());
}
