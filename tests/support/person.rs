//! Another person who decides: an approver with keys and a token of their own.

use super::pending::Pending;
use super::running::Running;
use super::sandbox::{BINARY, Sandbox};
use super::wait::eventually_or_show;
use serde_json::Value;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};

/// An approver of a sandbox's gateway that is not the sandbox's own.
pub(crate) struct Person<'a> {
    sandbox: &'a Sandbox,
    state: PathBuf,
    token: PathBuf,
}

impl<'a> Person<'a> {
    /// Gives a person of that name a token of the sandbox's gateway, which runs.
    pub(crate) fn new(sandbox: &'a Sandbox, name: &str) -> Self {
        let state = sandbox.path(format!("person-{name}"));
        let token = sandbox.path(format!("token-{name}"));
        let create = ["gateway", "token", "create", "--role", "approver"];
        let output = sandbox.airlock(create).output().expect("it starts");
        assert!(output.status.success(), "{output:?}");
        fs::write(&token, output.stdout).expect("written");
        fs::set_permissions(&token, fs::Permissions::from_mode(0o600)).expect("private");
        Self { sandbox, state, token }
    }

    /// Returns `airlock-exec approver` with these arguments, as this person runs it.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let endpoint = fs::read(self.sandbox.path("run/airlock-exec/gateway.json"));
        let endpoint: Value =
            serde_json::from_slice(&endpoint.expect("a gateway runs")).expect("JSON");
        let mut command = self.sandbox.program(BINARY);
        let url = endpoint["url"].as_str().expect("a URL");
        command.arg("approver").args(arguments).args(["--gateway", url, "--token-file"]);
        command.arg(&self.token).env("XDG_STATE_HOME", &self.state);
        command
    }

    /// Runs it, which must go well, and returns what it says.
    #[track_caller]
    pub(crate) fn does(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().expect("it starts");
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).expect("we write UTF-8")
    }

    /// Returns the fingerprint of this person's key.
    pub(crate) fn fingerprint(&self) -> String {
        let said = self.does(&["id"]);
        let line = said.lines().find_map(|line| line.strip_prefix("fingerprint: "));
        line.expect("a fingerprint").to_owned()
    }

    /// Waits until a request is there, and returns the first.
    pub(crate) fn pending(&self) -> Pending {
        let ask = || self.pending_now().into_iter().next();
        eventually_or_show("a pending request", ask, || format!("{:?}", self.pending_now()))
    }

    /// Returns what waits for this person.
    pub(crate) fn pending_now(&self) -> Vec<Pending> {
        let output = self.command(&["list", "--json"]).output().expect("it starts");
        Pending::read(&output.stdout)
    }
}

impl Sandbox {
    /// Runs a first command, and pairs the enforcer with a phone besides its own approver.
    pub(crate) fn with_phone(&self) -> Person<'_> {
        self.warm_up();
        let phone = Person::new(self, "phone");
        self.pair_with(&phone, "phone");
        phone
    }

    /// Pairs this sandbox's enforcer with that person, under that name.
    pub(crate) fn pair_with(&self, person: &Person<'_>, name: &str) {
        let fingerprint = person.fingerprint();
        let pairing = self.start(["pair", "--name", name, "--fingerprint", &fingerprint]);
        person.does(&["pair", &pairing_code(&pairing)]);
        let output = pairing.finish();
        assert!(output.status.success(), "{output:?}");
    }

    /// Returns the pairings as the store holds them.
    pub(crate) fn stored_pairings(&self) -> Vec<Value> {
        let path = self.path("state/airlock-exec/enforcer/pairings.json");
        let Ok(bytes) = fs::read(path) else { return Vec::new() };
        let stored: Value = serde_json::from_slice(&bytes).expect("JSON");
        stored["pairings"].as_array().expect("a list").clone()
    }

    /// Changes a setting of the user's.
    #[track_caller]
    pub(crate) fn set(&self, name: &str, value: &str) {
        let output = self.output(&["config", "set", name, value]);
        assert!(output.status.success(), "{output:?}");
    }

    /// Runs `airlock-exec` with these arguments to its end.
    pub(crate) fn output(&self, arguments: &[&str]) -> Output {
        self.airlock(arguments.iter().map(OsString::from)).output().expect("it starts")
    }
}

/// Waits for the code that `pair` or `approver code` shows.
pub(crate) fn pairing_code(running: &Running) -> String {
    let ask = || {
        let said = running.stdout();
        let (_, rest) = said.split_once("code: ")?;
        rest.split_once('\n').map(|(code, _)| code.to_owned())
    };
    eventually_or_show("a pairing code", ask, || running.stdout() + &running.stderr())
}
