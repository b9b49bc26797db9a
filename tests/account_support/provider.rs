//! `oidc-provider`, a certified provider of sign-ins, installed once and started per test.

use crate::support::npm_as_locked;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

/// A provider on loopback, and the person at its page.
pub(crate) struct OpenIdProvider {
    process: Child,
    /// It also writes later, and dies when nobody holds the other end.
    _output: BufReader<ChildStdout>,
    pub(crate) issuer: String,
}

impl OpenIdProvider {
    /// Starts one; the first installs it with npm, as its lock file says.
    #[expect(clippy::disallowed_methods, reason = "tests start programs")]
    pub(crate) fn start() -> Self {
        let mut process = Command::new("node")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oidc/provider.mjs"))
            .current_dir(npm_as_locked("oidc"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node; tests/run installs it");
        let mut issuer = String::new();
        let mut output = BufReader::new(process.stdout.take().expect("a pipe"));
        output.read_line(&mut issuer).expect("its address");
        assert!(issuer.starts_with("http://127.0.0.1:"), "the provider did not start: {issuer:?}");
        Self { process, _output: output, issuer: issuer.trim().to_owned() }
    }

    /// Plays a person or asks what happened; returns status and body.
    pub(crate) fn play(&self, action: &str, argument: &str) -> (u16, String) {
        let host = self.issuer.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).expect("the provider listens");
        write!(
            stream,
            "GET /test/{action}?v={argument} HTTP/1.0\r\nhost: {host}\r\nconnection: close\r\n\r\n"
        )
        .expect("written");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("an answer");
        let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        (status, text.split_once("\r\n\r\n").map_or(String::new(), |(_, body)| body.to_owned()))
    }

    /// Returns how many calls of a kind ended well, or at all for `slow_down`.
    pub(crate) fn count(&self, kind: &str) -> usize {
        let (_, grants) = self.play("grants", "");
        let grants: serde_json::Value = serde_json::from_str(&grants).expect("JSON");
        let good = |each: &&serde_json::Value| {
            each["kind"] == kind && (each["status"] == 200 || each["status"].is_null())
        };
        grants.as_array().expect("a list").iter().filter(good).count()
    }

    /// Tells whether an access token counts.
    pub(crate) fn knows(&self, token: &str) -> bool {
        self.play("is-valid", token).0 == 200
    }
}

impl Drop for OpenIdProvider {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
