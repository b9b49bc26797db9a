//! Programs of Node that drive a real browser through the page.

use crate::support::{BINARY, Sandbox};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the drivers are.
pub(crate) fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/page")
}

/// Returns a driver, ready to be started in the sandbox.
pub(crate) fn driver(sandbox: &Sandbox, script: &str) -> Command {
    let mut driver = sandbox.program("node");
    driver
        .arg(source().join(script))
        .current_dir(installed())
        .env("AIRLOCK_BINARY", BINARY)
        .env("AIRLOCK_WORK", sandbox.work())
        .envs(shots().map(|directory| ("AIRLOCK_SHOTS", directory)));
    driver
}

/// Runs a driver to its end; each of the steps must have held.
#[track_caller]
pub(crate) fn drive(mut driver: Command, steps: &[&str]) {
    let output = driver.output().expect("node; tests/run installs it");
    let said = String::from_utf8_lossy(&output.stdout);
    let shown = format!("{said}{}", String::from_utf8_lossy(&output.stderr));
    for step in steps {
        assert!(said.contains(&format!("ok {step}\n")), "not held: {step}\n{shown}");
    }
    assert!(output.status.success(), "{shown}");
}

/// Where screenshots go, when somebody wants to look at them.
#[expect(clippy::disallowed_methods, reason = "a person asks for pictures by a variable")]
fn shots() -> Option<String> {
    std::env::var("AIRLOCK_SHOTS").ok()
}

/// Returns the directory in which the driver's packages are, as the lock file says.
#[expect(clippy::disallowed_methods, reason = "tests start programs")]
fn installed() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("page");
    fs::create_dir_all(&target).expect("a directory");
    let lock = fs::File::create(target.join("install.lock")).expect("a lock");
    lock.lock().expect("whoever installs ends");
    let wanted = fs::read(source().join("package-lock.json")).expect("a lock file");
    let done = target.join("installed.json");
    if fs::read(&done).ok().as_ref() == Some(&wanted) {
        return target;
    }
    for name in ["package.json", "package-lock.json"] {
        fs::copy(source().join(name), target.join(name)).expect("copied");
    }
    let mut install = Command::new("npm");
    install.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&target);
    let output = install.output().expect("npm; tests/run installs it");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    fs::write(done, wanted).expect("written");
    target
}
