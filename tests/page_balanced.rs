//! The page at several gateways behind a real balancer, in a real browser, while the nodes
//! end one after the other.

#[path = "gateway_support/balancer.rs"]
mod balancer;
#[path = "page/driver.rs"]
mod driver;
mod gateway_support;
#[path = "gateway_support/process.rs"]
mod process;
mod support;

use balancer::{Balancer, NAME};
use gateway_support::Postgres;
use nix::sys::signal::Signal;
use process::Process;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::thread;
use std::time::Duration;
use support::{Running, Sandbox};

/// What `tests/page/balanced.mjs` proves, each by name.
const STEPS: &[&str] = &[
    "a browser is let in and pairs by way of the balancer",
    "a command is approved by way of the balancer, and runs once",
    "each node had its part",
    "the balancer hands out no metrics",
    "the node of the stream is killed, and the page goes on through the other",
    "what waited still waits, is one card, is approved, and runs once",
    "a command that is asked while a node is away is approved",
    "the other node is stopped in order, and the page goes on through the one that came back",
    "what waited at both is approved, and runs once",
    "nothing went wrong unseen",
];

/// A node on the shared database, at a free port or the one that it had.
fn node(sandbox: &Sandbox, store: &str, address: &str) -> Process {
    let mut command = sandbox.airlock(["gateway", "--listen", address, "--tls-name", NAME]);
    Process::of(Running::start(command.env("AIRLOCK_EXEC_GATEWAY_STORE", store)))
}

fn token(sandbox: &Sandbox, store: &str, role: &str) -> String {
    let mut command = sandbox.airlock(["gateway", "token", "create", "--role", role]);
    let output = Running::start(command.env("AIRLOCK_EXEC_GATEWAY_STORE", store)).finish();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("UTF-8").trim_end().to_owned()
}

/// Signs this machine in at the balancer, and returns an address that lets a browser in.
fn admitted(sandbox: &Sandbox, store: &str, balancer: &Balancer) -> String {
    let (url, pin) = (balancer.url(), &balancer.certificate);
    let settings =
        format!("mode = \"own\"\n[gateway]\nurl = \"{url}\"\ncertificate_sha256 = \"{pin}\"\n");
    fs::write(sandbox.path("config/airlock-exec/config.toml"), settings).expect("settings");
    let enforcer = token(sandbox, store, "enforcer");
    let mut sign_in = sandbox.airlock(["sign-in", "--pat"]);
    let output = Running::start_with_input(&mut sign_in, enforcer.as_bytes()).finish();
    assert!(output.status.success(), "{output:?}");

    let file = sandbox.path("approver-token");
    fs::write(&file, token(sandbox, store, "approver")).expect("written");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("private");
    let (file, gateway) = (file.to_str().expect("UTF-8"), format!("{url}/#certificate={pin}"));
    let at = format!("https://{NAME}:{}", balancer.port);
    let words = ["approver", "--token-file", file, "--gateway", &gateway, "web", "--at", &at];
    let output = sandbox.output(&words);
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    said.lines().next().expect("an address").to_owned()
}

#[test]
fn a_browser_goes_on_while_the_nodes_behind_a_balancer_end() {
    let sandbox = Sandbox::new();
    let server = Postgres::shared();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let store = runtime.expect("a runtime").block_on(server.database());
    let mut nodes = [0, 1].map(|_| node(&sandbox, &store, "127.0.0.1:0"));
    let addresses = nodes.each_ref().map(|node| node.url.trim_start_matches("http://").to_owned());
    let balancer = Balancer::before(&sandbox, addresses.each_ref().map(String::as_str));
    let page = admitted(&sandbox, &store, &balancer);

    let told = nodes.each_ref().map(|node| format!("{} {}", node.url, node.running.pid()));
    let mut driver = driver::driver(&sandbox, "balanced.mjs");
    driver.env("AIRLOCK_PAGE", page).env("AIRLOCK_NODES", told.join(","));
    thread::scope(|scope| {
        let driving = scope.spawn(move || driver::drive(driver, STEPS));
        // The driver kills one of them, and says when it is to be back.
        let wanted = sandbox.work().join("node-again");
        while !wanted.exists() && !driving.is_finished() {
            thread::sleep(Duration::from_millis(20));
        }
        if let Some(killed) = nodes.iter_mut().position(|node| node.running.has_ended()) {
            nodes[killed] = node(&sandbox, &store, &addresses[killed]);
        }
        let outcome = driving.join();
        assert!(outcome.is_ok(), "the balancer says: {}", balancer.running.stderr());
    });
    for mut node in nodes {
        if !node.running.has_ended() {
            node.running.signal(Signal::SIGTERM);
        }
        let output = node.running.finish();
        assert!(output.status.success(), "{output:?}");
    }
}
