//! Packages of the npm registry, at one version, installed once for all tests.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Installs a package that brings a program, and returns where its programs are.
///
/// No script of the package is run but the one that is named. Not `npm ci`: the lock would
/// name the builds for every platform, and not every registry has all of them.
pub(crate) fn npm(package: &str, version: &str) -> PathBuf {
    npm_and_then(package, version, None)
}

/// Does the same, and runs a script of the package, which it needs to be complete.
#[expect(clippy::disallowed_methods, reason = "tests start programs")]
pub(crate) fn npm_and_then(package: &str, version: &str, script: Option<&str>) -> PathBuf {
    let name = format!("{}-{version}", package.replace('/', "+"));
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("npm").join(name);
    fs::create_dir_all(&target).expect("a directory");
    let lock = File::create(target.join("install.lock")).expect("a lock");
    lock.lock().expect("whoever installs ends");
    let (done, programs) = (target.join("installed"), target.join("node_modules/.bin"));
    if done.exists() {
        return programs;
    }
    fs::write(target.join("package.json"), "{}").expect("written");
    let mut npm = Command::new("npm");
    npm.args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--save-exact"]);
    npm.arg(format!("{package}@{version}")).current_dir(&target);
    let output = npm.output().expect("npm; tests/run installs it");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    if let Some(script) = script {
        let mut node = Command::new("node");
        let output =
            node.arg(script).current_dir(target.join("node_modules").join(package)).output();
        let output = output.expect("node; tests/run installs it");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    fs::write(done, "").expect("written");
    programs
}

/// Installs what the lock file of `tests/NAME` says, and returns where it is.
#[expect(clippy::disallowed_methods, reason = "tests start programs")]
pub(crate) fn npm_as_locked(name: &str) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name);
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&target).expect("a directory");
    let lock = File::create(target.join("install.lock")).expect("a lock");
    lock.lock().expect("whoever installs ends");
    let wanted = fs::read(source.join("package-lock.json")).expect("a lock file");
    let done = target.join("installed.json");
    if fs::read(&done).ok().as_ref() == Some(&wanted) {
        return target;
    }
    for name in ["package.json", "package-lock.json"] {
        fs::copy(source.join(name), target.join(name)).expect("copied");
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&target);
    let output = npm.output().expect("npm; tests/run installs it");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    fs::write(done, wanted).expect("written");
    target
}
