//! After the approval: the approver sees how a command goes on, stops it, and is told how it
//! ended; nobody else can.

mod support;
#[path = "following/vain.rs"]
mod vain;
#[path = "following/wire.rs"]
mod wire;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use std::fs;
use std::process::Output;
use std::sync::atomic::{AtomicBool, Ordering};
use support::{
    Call, Fault, Pending, Proxy, Running, Sandbox, Terminal, eventually, eventually_or_show,
};
use wire::Wire;

fn approver(sandbox: &Sandbox, arguments: &[&str]) -> Output {
    sandbox.airlock([&["approver"], arguments].concat()).output().expect("it starts")
}

/// Follows in the background, one JSON object for each message.
fn follow(sandbox: &Sandbox, id: &str) -> Running {
    sandbox.start(["approver", "output", "--json", id])
}

fn messages(output: &Output) -> Vec<Value> {
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn kinds(messages: &[Value]) -> Vec<&str> {
    messages.iter().map(|each| each["kind"].as_str().expect("a kind")).collect()
}

/// A command that was approved and runs until it is ended.
fn that_sleeps(sandbox: &Sandbox) -> (Running, Pending) {
    let running = sandbox.start(["--", "sh", "-c", "touch started; sleep 600; true"]);
    let pending = sandbox.pending();
    sandbox.approve(&pending);
    let started = sandbox.work().join("started");
    eventually("the command", || started.exists().then_some(()));
    (running, pending)
}

#[test]
fn the_approver_is_told_how_a_command_ended() {
    let sandbox = Sandbox::new();
    let running = sandbox.start(["--", "sh", "-c", "echo unseen; exit 7"]);
    let pending = sandbox.pending();
    sandbox.approve(&pending);
    assert_eq!(running.finish().status.code(), Some(7));
    let told = messages(&follow(&sandbox, &pending.id).finish());
    assert_eq!(kinds(&told), ["started", "ended"]);
    assert_eq!(told[0]["view"], "none");
    assert_eq!(told[0]["missing"], 0);
    assert_eq!(told[1]["end"]["how"], "returned");
    assert_eq!(told[1]["end"]["status"], 7);
    assert_eq!(told[1]["stopped"], false);
    assert_eq!(told[1]["missing"], 0);
    assert!(told[1]["lastOutput"].is_null(), "nobody allowed that: {}", told[1]);
    let shown = approver(&sandbox, &["output", &pending.id]);
    let said = String::from_utf8_lossy(&shown.stderr).into_owned();
    assert!(said.contains("nobody sees what it writes"), "{said}");
    assert!(said.contains("it ended with status 7"), "{said}");
}

#[test]
fn a_start_that_the_gateway_does_not_take_at_once_is_told_all_the_same() {
    let sandbox = Sandbox::new();
    let refused = AtomicBool::new(false);
    let _proxy = Proxy::before(&sandbox, move |call: &Call| {
        let tells = call.line.starts_with("POST ") && call.line.contains("/follow-ups");
        if tells && !refused.swap(true, Ordering::Relaxed) {
            return Fault::Answer("HTTP/1.1 503 Service Unavailable", Vec::new());
        }
        Fault::Pass
    });
    let running = sandbox.start(["--", "sh", "-c", "exit 7"]);
    let pending = sandbox.pending();
    sandbox.approve(&pending);
    assert_eq!(running.finish().status.code(), Some(7));
    let told = messages(&follow(&sandbox, &pending.id).finish());
    assert_eq!(kinds(&told), ["started", "ended"]);
    assert_eq!(told[0]["missing"], 0);
}

#[test]
fn whoever_asked_has_hung_up_while_the_command_runs() {
    let sandbox = Sandbox::new();
    let wire = Wire::before(&sandbox);
    let script = "touch started; exec sleep 600";
    let started = sandbox.work().join("started");
    let has_hung_up = || {
        sandbox.approve(&sandbox.pending());
        eventually("the command", || started.exists().then_some(()));
        eventually("the end of the call", || wire.is_hung_up().then_some(()));
        fs::remove_file(&started).expect("it runs");
    };
    let running = sandbox.start(["--", "sh", "-c", script]);
    has_hung_up();
    running.signal(Signal::SIGTERM);
    assert!(!running.finish().status.success());
    let mut terminal = Terminal::airlock(&sandbox, ["--", "sh", "-c", script]);
    has_hung_up();
    terminal.send([3]);
    assert!(!terminal.finish().0.success());
}

#[test]
fn a_command_that_does_not_start_is_told_too() {
    let sandbox = Sandbox::new();
    let file = sandbox.script("odd", "exit 0");
    fs::write(&file, "#!/no/such/interpreter\n").expect("written");
    let running = sandbox.start(["--", "odd"]);
    let pending = sandbox.pending();
    sandbox.approve(&pending);
    assert_eq!(running.finish().status.code(), Some(127));
    let told = messages(&follow(&sandbox, &pending.id).finish());
    assert_eq!(told.last().expect("an end")["end"]["how"], "notStarted", "{told:?}");
}

#[test]
fn output_on_a_terminal_comes_while_somebody_watches_and_only_then() {
    let sandbox = Sandbox::new();
    sandbox.set("outcome.last_lines", "1");
    let script = "echo before; while [ ! -e go ]; do echo tick; sleep 0.1; done; echo last; exit 3";
    let mut terminal = Terminal::airlock(&sandbox, ["--", "sh", "-c", script]);
    let pending = sandbox.pending();
    sandbox.approve(&pending);
    terminal.expect("before");
    let watcher = follow(&sandbox, &pending.id);
    let ask = || watcher.stdout().contains("\"output\"").then_some(());
    eventually_or_show("output", ask, || watcher.stdout());
    fs::write(sandbox.work().join("go"), "").expect("written");
    let (status, _) = terminal.finish();
    assert_eq!(status.exit_code(), 3);
    let told = messages(&watcher.finish());
    assert_eq!((kinds(&told)[0], *kinds(&told).last().expect("one")), ("started", "ended"));
    assert_eq!(told[0]["columns"], 80);
    assert_eq!(told[0]["rows"], 24);
    assert!(told.iter().all(|each| each["missing"] == 0), "{told:?}");
    let text = |value: &Value| {
        let text = value.as_str().unwrap_or_default();
        String::from_utf8(airlock_exec::crypto::encoding::decode_any(text).expect("base64"))
            .expect("text")
    };
    let seen: String = told.iter().map(|each| text(&each["data"])).collect();
    assert!(seen.contains("tick\r\n"), "{seen:?}");
    assert!(!seen.contains("before"), "nobody watched then: {seen:?}");
    let ended = told.last().expect("an end");
    assert_eq!(text(&ended["lastOutput"]), "last\r\n", "{told:?}");
}

#[test]
fn a_command_is_stopped_from_afar_and_the_log_says_by_whom() {
    let sandbox = Sandbox::new();
    let (running, pending) = that_sleeps(&sandbox);
    let stopped = approver(&sandbox, &["stop", &pending.id]);
    assert!(stopped.status.success(), "{stopped:?}");
    let said = String::from_utf8_lossy(&stopped.stdout).into_owned();
    assert!(said.contains("was killed by signal 15"), "{said}");
    let output = running.finish();
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&output.status), Some(15));
    let told = messages(&follow(&sandbox, &pending.id).finish());
    assert_eq!(told.last().expect("an end")["stopped"], true);
    let log = sandbox.records();
    let of = |kind: &str| {
        let at = log.iter().position(|each| each["kind"] == kind);
        at.unwrap_or_else(|| panic!("{kind} in {log:?}"))
    };
    assert!(of("started") < of("stopped") && of("stopped") < of("ended"), "{log:?}");
    assert_eq!(log[of("stopped")]["by"], log[of("decided")]["decision"]["signerKeyId"]);
    let again = approver(&sandbox, &["stop", &pending.id]);
    assert!(String::from_utf8_lossy(&again.stdout).contains("had ended before"), "{again:?}");
}

#[test]
fn on_a_terminal_the_whole_group_is_stopped_and_the_second_time_killed() {
    let sandbox = Sandbox::new();
    let script = "trap 'echo not-me' TERM; echo ready; while :; do sleep 1; done";
    let mut terminal = Terminal::airlock(&sandbox, ["--", "sh", "-c", script]);
    let pending = sandbox.pending();
    sandbox.approve(&pending);
    terminal.expect("ready");
    let first = sandbox.start(["approver", "stop", &pending.id]);
    terminal.expect("not-me");
    let second = approver(&sandbox, &["stop", &pending.id]);
    let said = String::from_utf8_lossy(&second.stdout).into_owned();
    assert!(said.contains("was killed by signal 9"), "{said}");
    assert!(String::from_utf8_lossy(&first.finish().stdout).contains("signal 9"));
    let (status, _) = terminal.finish();
    assert!(!status.success());
}

#[test]
fn what_is_left_in_the_group_of_the_caller_is_left_alone() {
    let sandbox = Sandbox::new();
    let airlock = support::BINARY;
    // The command shares the group of this shell, which must go on.
    let text = format!("{airlock} -- sh -c 'touch started; sleep 600 & wait'; echo went on: $?");
    let running = Running::start(sandbox.program("sh").args(["-c", &text]));
    let pending = sandbox.pending();
    sandbox.approve(&pending);
    let started = sandbox.work().join("started");
    eventually("the command", || started.exists().then_some(()));
    assert!(approver(&sandbox, &["stop", &pending.id]).status.success());
    // Its pipes are closed by everybody: the `sleep` in the background is gone as well.
    let output = running.finish();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "went on: 143\n");
}

#[test]
fn another_approver_of_the_same_command_has_no_say_in_it() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let person = support::Person::new(&sandbox, "other");
    sandbox.pair_with(&person, "other");
    let running =
        sandbox.start(["--", "sh", "-c", "touch started; while [ ! -e end ]; do sleep 0.1; done"]);
    let theirs = person.pending();
    sandbox.approve(&sandbox.pending());
    let started = sandbox.work().join("started");
    eventually("the command", || started.exists().then_some(()));
    let refused = person.command(&["stop", &theirs.id]).output().expect("it starts");
    assert!(!refused.status.success(), "{refused:?}");
    fs::write(sandbox.work().join("end"), "").expect("written");
    assert_eq!(running.finish().status.code(), Some(0));
}

#[test]
fn each_of_two_who_had_to_agree_is_told_and_may_stop_it() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let person = support::Person::new(&sandbox, "other");
    sandbox.pair_with(&person, "other");
    sandbox.policy("[[rule]]\nargv = [\"sh\"]\ndecision = \"ask\"\napprovals = 2\n");
    let running = sandbox.start(["--", "sh", "-c", "touch started; sleep 600; true"]);
    let (ours, theirs) = (sandbox.pending(), person.pending());
    sandbox.approve(&ours);
    person.does(&["approve", &theirs.id]);
    let started = sandbox.work().join("started");
    eventually("the command", || started.exists().then_some(()));
    // The one who approved last ends it.
    let said = person.does(&["stop", &theirs.id]);
    assert!(said.contains("was killed by signal 15"), "{said}");
    running.finish();
    let told = messages(&follow(&sandbox, &ours.id).finish());
    assert_eq!(kinds(&told), ["started", "ended"]);
    assert_eq!(told[1]["stopped"], false, "not by this one");
    assert_eq!(told[1]["end"]["signal"], 15);
    let output = person.does(&["output", "--json", &theirs.id]);
    let told: Vec<Value> =
        output.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(kinds(&told), ["started", "ended"]);
    assert_eq!(told[1]["stopped"], true);
    let log = sandbox.records();
    let stopped = log.iter().find(|each| each["kind"] == "stopped").expect("it is written down");
    let keys: Vec<&Value> = log
        .iter()
        .filter(|each| each["kind"] == "decided")
        .map(|each| &each["decision"]["signerKeyId"])
        .collect();
    assert_eq!(stopped["by"], *keys[keys.len() - 1], "{log:?}");
}

#[test]
fn nobody_is_told_where_the_settings_say_so() {
    let sandbox = Sandbox::new();
    sandbox.set("outcome.send", "never");
    let running = sandbox.start(["--", "sh", "-c", "ps -o args= --ppid $PPID; exit 4"]);
    let pending = sandbox.pending();
    sandbox.approve(&pending);
    let output = running.finish();
    assert_eq!(output.status.code(), Some(4));
    let processes = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!processes.contains("tell-approver"), "{processes}");
    let asked = ["approver", "output", "--json", &pending.id];
    let mut waits = sandbox.start(asked);
    assert!(!waits.has_ended() && waits.stdout().is_empty(), "there is nothing to tell");
}

#[test]
fn a_command_whose_watcher_was_killed_is_told_to_be_lost() {
    let sandbox = Sandbox::new();
    let (mut running, pending) = that_sleeps(&sandbox);
    let following = follow(&sandbox, &pending.id);
    // What tells is there: before, nobody could.
    following.wait_for_stdout("\"started\"");
    running.signal(nix::sys::signal::Signal::SIGKILL);
    eventually("the end", || running.has_ended().then_some(()));
    let told = messages(&following.finish());
    assert_eq!(told.last().expect("an end")["end"]["how"], "lost", "{told:?}");
}

#[test]
fn a_gateway_that_is_started_while_a_command_runs_ends_when_it_is_told_to() {
    let sandbox = Sandbox::new();
    let (running, _) = that_sleeps(&sandbox);
    let lost = sandbox.gateway_pid();
    kill(Pid::from_raw(lost), Signal::SIGKILL).expect("the gateway is ours");
    // We block signals while a command runs, and what tells its approver is our child:
    // that starts another gateway.
    let endpoint = sandbox.path("run/airlock-exec/gateway.json");
    let other = eventually("another gateway", || {
        let known: Value = serde_json::from_slice(&fs::read(&endpoint).ok()?).ok()?;
        known["pid"].as_i64().filter(|pid| *pid != i64::from(lost))
    });
    let pid = Pid::from_raw(i32::try_from(other).expect("a process"));
    kill(pid, Signal::SIGTERM).expect("the gateway is ours");
    // One that has ended and was not waited for has no words.
    let words = || fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    eventually("its end", || words().is_empty().then_some(()));
    drop(running);
}
