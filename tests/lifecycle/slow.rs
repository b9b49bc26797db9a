//! A request that takes long to compose.

use super::support::{Call, Fault, Proxy, Sandbox, assert_refused};
use super::{dnd, records};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::{self, OpenOptions};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

/// So large a program that it is still digested when it is stopped: holes, which no disk
/// keeps.
const BYTES: u64 = 512 << 20;
/// How long the gateway has to say its policies, once the request is composed.
const PATIENCE: Duration = Duration::from_secs(3);
/// Longer than that: the machine does something else before it is composed.
const ELSEWHERE: Duration = Duration::from_secs(4);
/// When the answer comes: behind the end of composing, and within what is left then.
const ANSWERED: Duration = Duration::from_secs(6);

const POLICIES: &str = "/v1/policy/dnd/effective";

/// Stops the process that asks for policies as soon as it did, says so, and answers late.
fn stopping(asks: &Call, process: &OnceLock<Pid>, stopped: &Mutex<Sender<()>>) -> Fault {
    if !asks.line.contains(POLICIES) {
        return Fault::Pass;
    }
    kill(*process.wait(), Signal::SIGSTOP).expect("it asks");
    stopped.lock().expect("no holder panics").send(()).expect("somebody waits");
    Fault::Delay(ANSWERED)
}

#[test]
fn a_standing_denial_is_heard_however_long_the_request_takes_to_compose() {
    const { assert!(ANSWERED.as_secs() < ELSEWHERE.as_secs() + PATIENCE.as_secs()) };
    let sandbox = Sandbox::new();
    let process = Arc::new(OnceLock::new());
    let (say, heard) = channel();
    let (asking, say) = (Arc::clone(&process), Mutex::new(say));
    let proxy = Proxy::before(&sandbox, move |call| stopping(call, &asking, &say));
    dnd(&sandbox, &["deny", "--for", "10m", "--workspace", "work"]);
    let large = sandbox.path("bin/large");
    fs::copy("/usr/bin/touch", &large).expect("a program");
    let file = OpenOptions::new().write(true).open(&large).expect("opened");
    file.set_len(BYTES).expect("a hole");
    drop(file);
    let canary = sandbox.canary();
    let [large, path] = [large.as_path(), canary.path()].map(|path| path.to_str().expect("UTF-8"));
    let running = sandbox.start(["--wait", "60s", "--", large, path]);
    process.set(running.pid()).expect("the first");
    heard.recv_timeout(Duration::from_secs(30)).expect("it asks for policies");
    // What passes is the time of the command, and it waits for nothing.
    std::thread::sleep(ELSEWHERE);
    running.signal(Signal::SIGCONT);
    assert_refused(&running.finish(), &canary, 121, &["do-not-disturb"]);
    assert_eq!(records(&proxy).len(), 1);
    assert!(sandbox.pending_now().is_empty(), "nobody is disturbed");
}

/// The gateway never answers; the call and the time for a decision are over while the
/// machine does something else. Which is seen first is left to chance: several wait.
#[test]
fn a_call_that_ends_with_the_time_for_a_decision_leaves_nothing_open() {
    const COMMANDS: usize = 5;
    const LIMIT: Duration = Duration::from_secs(6);
    let sandbox = Sandbox::new();
    let config = sandbox.path("config/airlock-exec/config.toml");
    fs::write(config, "[timeouts]\nconnect = \"1s\"\n").expect("written");
    let hang = |call: &Call| if call.is_wait() { Fault::Hang } else { Fault::Pass };
    let proxy = Proxy::before(&sandbox, hang);
    let canaries: Vec<_> = (0..COMMANDS).map(|_| sandbox.canary()).collect();
    let limit = format!("{}s", LIMIT.as_secs());
    let commands: Vec<_> =
        canaries.iter().map(|canary| sandbox.start_canary(canary, &limit)).collect();
    proxy.wait_for("/wait?", COMMANDS);
    for command in &commands {
        command.signal(Signal::SIGSTOP);
    }
    // The call may take a second longer than the gateway is asked to hold it.
    std::thread::sleep(LIMIT + Duration::from_secs(1));
    for command in &commands {
        command.signal(Signal::SIGCONT);
    }
    for (command, canary) in commands.into_iter().zip(&canaries) {
        assert_refused(&command.finish(), canary, 122, &["no decision"]);
    }
    assert_eq!(proxy.count("/withdraw"), COMMANDS);
    assert!(sandbox.pending_now().is_empty(), "nobody can decide what nobody waits for");
}
