//! The way to a gateway by SSH, as docs/away.md tells it: a real server and client.

mod support;

use serde_json::Value;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};
use support::{BINARY, Person, Running, Sandbox, eventually, pairing_code};

/// A server on loopback that lets one key forward one port.
struct Ssh<'a> {
    sandbox: &'a Sandbox,
    _server: Running,
    port: u16,
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

impl<'a> Ssh<'a> {
    fn start(sandbox: &'a Sandbox, permitted: u16) -> Self {
        let path = |name: &str| sandbox.path(name).to_str().expect("UTF-8").to_owned();
        for key in ["host-key", "user-key"] {
            let mut keygen = sandbox.program("ssh-keygen");
            let made = keygen.args(["-q", "-t", "ed25519", "-N", "", "-f", &path(key)]).output();
            assert!(made.expect("ssh-keygen").status.success());
        }
        let read = |name: &str| fs::read_to_string(sandbox.path(name)).expect("a key");
        let authorized = format!(
            "restrict,port-forwarding,permitopen=\"127.0.0.1:{permitted}\" {}",
            read("user-key.pub")
        );
        fs::write(sandbox.path("authorized"), authorized).expect("written");
        let port = free_port();
        let host = read("host-key.pub");
        fs::write(sandbox.path("known"), format!("[127.0.0.1]:{port} {host}")).expect("written");
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\n\
             UsePAM no\nStrictModes no\nPasswordAuthentication no\nPermitRootLogin yes\n",
            path("host-key"),
            path("authorized")
        );
        fs::write(sandbox.path("sshd-config"), config).expect("written");
        if nix::unistd::Uid::effective().is_root() {
            // Debian makes it when it starts its own.
            fs::create_dir_all("/run/sshd").expect("a directory");
            fs::set_permissions("/run/sshd", fs::Permissions::from_mode(0o755)).expect("chmod");
        }
        let mut server = sandbox.program("/usr/sbin/sshd");
        server.args(["-D", "-e", "-f", &path("sshd-config")]);
        let server = Running::start(&mut server);
        server.wait_for_stderr("Server listening");
        Self { sandbox, _server: server, port }
    }

    /// Forwards a port of ours to one there.
    fn forward(&self, there: u16) -> (Running, u16) {
        let here = free_port();
        let path = |name: &str| self.sandbox.path(name).to_str().expect("UTF-8").to_owned();
        let mut client = self.sandbox.program("ssh");
        client.args(["-F", "none", "-N", "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes"]);
        client.args(["-o", "ExitOnForwardFailure=yes", "-i", &path("user-key")]);
        client.args(["-o", &format!("UserKnownHostsFile={}", path("known"))]);
        client.args(["-p", &self.port.to_string()]);
        client.args(["-L", &format!("{here}:127.0.0.1:{there}"), "127.0.0.1"]);
        let running = Running::start(&mut client);
        eventually("the forward", || TcpStream::connect(("127.0.0.1", here)).ok().map(drop));
        (running, here)
    }
}

/// Runs the approver of the person on the laptop, at a port there.
fn laptop(sandbox: &Sandbox, port: u16, words: &[&str]) -> Output {
    let mut command: Command = sandbox.program(BINARY);
    command.env("XDG_STATE_HOME", sandbox.path("person-laptop")).arg("approver").args(words);
    command.args(["--gateway", &format!("http://127.0.0.1:{port}"), "--token-file"]);
    command.arg(sandbox.path("token-laptop")).output().expect("it starts")
}

#[test]
fn a_forward_of_ssh_leads_to_the_gateway_and_nowhere_else() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    // Has a token of that gateway.
    let _person = Person::new(&sandbox, "laptop");
    let endpoint = fs::read(sandbox.path("run/airlock-exec/gateway.json")).expect("a gateway");
    let endpoint: Value = serde_json::from_slice(&endpoint).expect("JSON");
    let port = endpoint["url"].as_str().and_then(|url| url.rsplit(':').next()?.parse().ok());
    let port: u16 = port.expect("a port");
    let ssh = Ssh::start(&sandbox, port);
    let (forward, here) = ssh.forward(port);
    let pairing = sandbox.start(["pair", "--name", "laptop", "--yes"]);
    let paired = laptop(&sandbox, here, &["pair", &pairing_code(&pairing)]);
    assert!(paired.status.success(), "{paired:?}");
    assert!(pairing.finish().status.success());
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "60s");
    let id = eventually("a request", || {
        let listed = laptop(&sandbox, here, &["list", "--json"]);
        let listed: Value = serde_json::from_slice(&listed.stdout).ok()?;
        listed[0]["requestId"].as_str().map(str::to_owned)
    });
    canary.assert_absent();
    let approved = laptop(&sandbox, here, &["approve", &id]);
    assert!(approved.status.success(), "{approved:?}");
    assert!(running.finish().status.success());
    canary.assert_present();
    drop(forward);
    // The key opens no other door.
    let (_forward, elsewhere) = ssh.forward(free_port());
    let listed = laptop(&sandbox, elsewhere, &["list"]);
    assert!(!listed.status.success(), "{listed:?}");
}
