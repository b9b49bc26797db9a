//! `airlock-exec gateway` as a process of a sandbox.
#![allow(dead_code, reason = "each test file uses its own part")]

use crate::support::{Running, Sandbox, eventually};
use nix::sys::signal::Signal;
use std::process::Output;

/// A gateway process.
pub(crate) struct Process {
    pub(crate) running: Running,
    pub(crate) url: String,
}

impl Process {
    /// Starts one on the sandbox's directory `gateway`.
    pub(crate) fn start(sandbox: &Sandbox) -> Self {
        let data = data(sandbox);
        let arguments = ["gateway", "--listen", "127.0.0.1:0", "--data", data.as_str()];
        Self::of(sandbox.start(arguments))
    }

    /// Starts one on the database of that URL, which its environment holds.
    pub(crate) fn start_on(sandbox: &Sandbox, store: &str) -> Self {
        let mut command = sandbox.airlock(["gateway", "--listen", "127.0.0.1:0"]);
        Self::of(Running::start(command.env("AIRLOCK_EXEC_GATEWAY_STORE", store)))
    }

    /// Waits for the URL of a gateway that was started.
    pub(crate) fn of(running: Running) -> Self {
        let url = eventually("the URL", || {
            running
                .stdout()
                .lines()
                .next()
                .map(str::to_owned)
                .filter(|_| running.stdout().ends_with('\n'))
        });
        Self { running, url }
    }

    pub(crate) fn kill(self) {
        self.running.signal(Signal::SIGKILL);
        self.running.finish();
    }
}

pub(crate) fn data(sandbox: &Sandbox) -> String {
    sandbox.path("gateway").to_str().expect("UTF-8").to_owned()
}

/// Runs `gateway` with these arguments on the sandbox's directory, and returns what it
/// prints.
pub(crate) fn administer(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let data = data(sandbox);
    let mut words = vec!["gateway"];
    words.extend(arguments);
    words.extend(["--data", data.as_str()]);
    let output = sandbox.start(words).finish();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

pub(crate) fn token(sandbox: &Sandbox, role: &str) -> String {
    let text = administer(sandbox, &["token", "create", "--role", role]);
    let token = text.strip_suffix('\n').expect("one line").to_owned();
    assert!(!token.contains(char::is_whitespace), "only the token: {text:?}");
    token
}

/// Runs `gateway` with these arguments to its end, which is a refusal.
pub(crate) fn refused(sandbox: &Sandbox, arguments: &[&str]) -> (Output, String) {
    let mut words = vec!["gateway"];
    words.extend(arguments);
    let output = sandbox.start(words).finish();
    assert_eq!(output.status.code(), Some(125), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    let said = String::from_utf8(output.stderr.clone()).expect("UTF-8");
    (output, said)
}
