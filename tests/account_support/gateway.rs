//! `airlock-exec gateway`, as somebody runs one for a team.

use crate::support::{Running, Sandbox, eventually};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

/// A gateway with data of its own and a token for each side.
pub(crate) struct OwnGateway {
    _running: Running,
    pub(crate) url: String,
    pub(crate) token: String,
    approver_token: PathBuf,
}

impl OwnGateway {
    /// Starts one in the sandbox.
    pub(crate) fn start(sandbox: &Sandbox) -> Self {
        Self::start_with(sandbox, &[])
    }

    /// Starts one in the sandbox with more arguments.
    pub(crate) fn start_with(sandbox: &Sandbox, more: &[&str]) -> Self {
        let data = sandbox.path("own-gateway");
        let data = data.to_str().expect("UTF-8");
        let token = |role: &str| {
            let words = ["gateway", "token", "create", "--role", role, "--data", data];
            let output = sandbox.start(words).finish();
            assert!(output.status.success(), "{output:?}");
            String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
        };
        let (enforcer, approver) = (token("enforcer"), token("approver"));
        let words = ["gateway", "--listen", "127.0.0.1:0", "--data", data];
        let running = sandbox.start(words.iter().chain(more));
        let url = eventually("the gateway's address", || {
            running.stdout().lines().next().map(str::to_owned).filter(|line| !line.is_empty())
        });
        let approver_token = sandbox.path("approver-token");
        fs::write(&approver_token, approver).expect("a token");
        fs::set_permissions(&approver_token, fs::Permissions::from_mode(0o600)).expect("chmod");
        Self { _running: running, url, token: enforcer, approver_token }
    }

    /// Runs the approver's side against it.
    pub(crate) fn approver(&self, sandbox: &Sandbox, words: &[&str]) -> String {
        let file = self.approver_token.to_str().expect("UTF-8");
        let connection = ["approver", "--gateway", &self.url, "--token-file", file];
        let output = sandbox.start(connection.iter().chain(words)).finish();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// Pairs this machine, signed in already, with the approver.
    pub(crate) fn pair(&self, sandbox: &Sandbox) {
        let pairing = sandbox.start(["pair", "--yes"]);
        let code = eventually("a pairing code", || {
            let said = pairing.stdout();
            said.lines().find_map(|line| line.strip_prefix("code: ").map(str::to_owned))
        });
        self.approver(sandbox, &["pair", &code]);
        let output = pairing.finish();
        assert!(output.status.success(), "{output:?}");
    }

    /// Waits for the one request and approves it.
    pub(crate) fn approve(&self, sandbox: &Sandbox) {
        let id = eventually("a request", || {
            let listed = self.approver(sandbox, &["list", "--json"]);
            let listed: serde_json::Value = serde_json::from_str(&listed).expect("JSON");
            listed[0]["requestId"].as_str().map(str::to_owned)
        });
        self.approver(sandbox, &["approve", &id]);
    }
}

/// Writes the settings that name a gateway.
pub(crate) fn settings(sandbox: &Sandbox, url: &str, more: &str) {
    let text = format!("mode = \"own\"\n{more}\n[gateway]\nurl = \"{url}\"\n");
    fs::write(sandbox.path("config/airlock-exec/config.toml"), text).expect("settings");
}

/// Returns the file of the sign-in, if somebody is signed in.
pub(crate) fn sign_in_of(sandbox: &Sandbox) -> Option<PathBuf> {
    let listed = fs::read_dir(sandbox.path("state/airlock-exec/account")).ok()?;
    let mut paths = listed.map(|entry| entry.expect("an entry").path());
    paths.find(|path| {
        path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"account-"))
    })
}
