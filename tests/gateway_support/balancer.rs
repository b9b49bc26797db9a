//! `HAProxy` before two gateways, as `contrib/gateway/haproxy.cfg` has it.
#![allow(dead_code, reason = "each test file uses its own part")]

use crate::support::{Running, Sandbox};
use airlock_exec::gateway::{Tls, make_certificate};
use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use std::fs;
use std::net::TcpListener;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// The name that browsers know.
pub(crate) const NAME: &str = "gateway.example";

/// A balancer that speaks TLS and gives each request to the next node.
pub(crate) struct Balancer {
    pub(crate) running: Running,
    pub(crate) port: u16,
    /// The SHA-256 of its certificate, which clients pin.
    pub(crate) certificate: String,
}

impl Balancer {
    /// Starts one before nodes at these addresses.
    pub(crate) fn before(sandbox: &Sandbox, nodes: [&str; 2]) -> Self {
        let made = make_certificate(vec![NAME.to_owned(), "127.0.0.1".to_owned()]).expect("made");
        let tls = Tls::new(made.certificate.as_bytes(), made.key.as_bytes()).expect("it fits");
        let pem = sandbox.path("balancer.pem");
        fs::write(&pem, format!("{}{}", made.certificate, made.key.as_str())).expect("written");
        fs::set_permissions(&pem, fs::Permissions::from_mode(0o600)).expect("private");
        // Handed over open, so that nobody takes its port in between.
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        fcntl(&listener, FcntlArg::F_SETFD(FdFlag::empty())).expect("kept open");

        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib/gateway/haproxy.cfg");
        let mut text = fs::read_to_string(shipped).expect("a configuration");
        let ours = [
            ("bind :443 ", format!("bind fd@{} ", listener.as_raw_fd())),
            ("/etc/haproxy/gateway.pem", pem.to_str().expect("UTF-8").to_owned()),
            ("server one 127.0.0.1:8750 ", format!("server one {} ", nodes[0])),
            ("server two 127.0.0.1:8751 ", format!("server two {} ", nodes[1])),
        ];
        for (example, ours) in ours {
            assert_eq!(text.matches(example).count(), 1, "{example}");
            text = text.replace(example, &ours);
        }
        let file = sandbox.path("haproxy.cfg");
        fs::write(&file, text).expect("written");
        let mut command = sandbox.program("/usr/sbin/haproxy");
        let running = Running::start(command.arg("-db").arg("-f").arg(&file));
        Self { running, port, certificate: tls.fingerprint() }
    }

    /// Returns its address for programs.
    pub(crate) fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }
}
