//! `oidc-provider`, a certified provider of sign-ins, installed once and started per test.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::{fs, io};

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
            .current_dir(installed())
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

/// Returns the directory in which the provider is installed, as the lock file says.
#[expect(clippy::disallowed_methods, reason = "tests start programs")]
fn installed() -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oidc");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("oidc");
    fs::create_dir_all(&target).expect("a directory");
    let lock = fs::File::create(target.join("install.lock")).expect("a lock");
    lock.lock().expect("whoever installs ends");
    let wanted = fs::read(source.join("package-lock.json")).expect("a lock file");
    let done = target.join("installed.json");
    if fs::read(&done).ok().as_ref() == Some(&wanted) {
        return target;
    }
    for name in ["package.json", "package-lock.json"] {
        fs::copy(source.join(name), target.join(name)).expect("copied");
    }
    let output: io::Result<_> = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(&target)
        .output();
    let output = output.expect("npm; tests/run installs it");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    fs::write(done, wanted).expect("written");
    target
}
