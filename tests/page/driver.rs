//! Programs of Node that drive a real browser through the page.

use crate::support::{BINARY, Sandbox, npm_as_locked};
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
        .current_dir(npm_as_locked("page"))
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
