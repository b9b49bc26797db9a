//! The gateway that is measured.

use crate::client::{Connection, request};
use airlock_exec::gateway::{Administration, GatewayOptions, Role, StoreAddress};
use airlock_exec::process;
use secrecy::ExposeSecret as _;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A process of the program as it comes.
pub(crate) struct Gateway {
    pub(crate) address: String,
    directory: tempfile::TempDir,
    process: Child,
}

impl Gateway {
    pub(crate) fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (process, address) = start_on(&directory);
        Self { address, directory, process }
    }

    /// Kills it, as if the machine were switched off, and starts it on the same directory.
    pub(crate) fn kill_and_start_again(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        (self.process, self.address) = start_on(&self.directory);
    }

    /// Makes that many tokens.
    pub(crate) async fn tokens(&self, role: Role, count: usize) -> Vec<String> {
        let store = StoreAddress::Directory(self.directory.path().join("gateway"));
        let options = GatewayOptions { store, clock: process::now };
        let administration = Administration::open(&options).await.unwrap();
        let mut tokens = Vec::new();
        for _ in 0..count {
            let token = administration.create_token(role, None).await.unwrap();
            tokens.push(token.expose_secret().to_owned());
        }
        administration.close().await;
        tokens
    }

    /// Returns how many requests wait in the store.
    pub(crate) async fn pending(&self) -> usize {
        self.metric("airlock_gateway_pending_exchanges").await
    }

    /// Waits until that many calls wait.
    pub(crate) async fn waits_are(&self, count: usize) {
        while self.metric("airlock_gateway_open_waits").await != count {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn metric(&self, name: &str) -> usize {
        let mut connection = Connection::open(&self.address).await;
        let answer = connection.call(&request("GET", "/metrics", "none", "")).await;
        let text = answer.text();
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.expect("the metric").trim().parse().unwrap()
    }

    /// Returns how much memory it has, in KiB.
    pub(crate) fn resident_kib(&self) -> usize {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[expect(clippy::disallowed_methods, reason = "what is measured is a process of its own")]
fn start_on(directory: &tempfile::TempDir) -> (Child, String) {
    let mut process = Command::new(env!("CARGO_BIN_EXE_airlock-exec"))
        .args(["gateway", "--listen", "127.0.0.1:0", "--data"])
        .arg(directory.path().join("gateway"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (process, line.trim().trim_start_matches("http://").to_owned())
}
