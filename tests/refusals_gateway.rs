//! A gateway that fails: the command runs once, or not at all, and says why.

mod support;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use std::ffi::OsString;
use std::fs;
use std::thread;
use std::time::Duration;
use support::{Call, Fault, Proxy, Running, Sandbox, assert_refused, eventually};

/// Tries all cases at the same time: most of each is waiting.
fn at_once<T: Send>(cases: impl IntoIterator<Item = T>, try_one: impl Fn(T) + Sync) {
    let try_one = &try_one;
    thread::scope(|scope| {
        for case in cases {
            scope.spawn(move || try_one(case));
        }
    });
}

fn status(line: &'static str) -> Fault {
    Fault::Answer(line, br#"{"error":"some_code","message":"some words"}"#.to_vec())
}

#[test]
fn refuses_when_the_gateway_refuses_the_request() {
    let cases: [(&'static str, i32, &str); 9] = [
        ("HTTP/1.1 400 Bad Request", 125, "some words"),
        ("HTTP/1.1 401 Unauthorized", 124, "some words"),
        ("HTTP/1.1 403 Forbidden", 124, "some words"),
        ("HTTP/1.1 413 Content Too Large", 125, "some words"),
        ("HTTP/1.1 422 Unprocessable Content", 124, "some words"),
        ("HTTP/1.1 426 Upgrade Required", 125, "some words"),
        ("HTTP/1.1 429 Too Many Requests\r\nretry-after: 3600", 124, "some words"),
        ("HTTP/1.1 501 Not Implemented", 124, "some words"),
        ("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/", 124, "redirect"),
    ];
    at_once(cases, |(line, exit, words)| {
        let sandbox = Sandbox::new();
        let proxy = Proxy::before(
            &sandbox,
            move |c| if c.is_submit() { status(line) } else { Fault::Pass },
        );
        let canary = sandbox.canary();
        let output = sandbox.start_canary(&canary, "10s").finish();
        assert_refused(&output, &canary, exit, &[words]);
        assert_eq!(proxy.count("POST /v1/artifacts"), 1, "{line} is final");
    });
}

#[test]
fn refuses_what_is_too_large_for_the_gateway_and_says_so() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let canary = sandbox.canary();
    // As much as the system hands over: fifteen words of 128 KiB.
    let words = std::iter::repeat_n(OsString::from("x".repeat(131_000)), 15);
    let output = sandbox.start(canary.arguments().into_iter().chain(words)).finish();
    let said = ["too large for the gateway", "larger than 1 MiB", "file"];
    assert_refused(&output, &canary, 125, &said);
}

#[test]
fn asks_again_when_the_answer_to_a_submission_was_lost() {
    let sandbox = Sandbox::new();
    let proxy = Proxy::before(&sandbox, |call: &Call| match (call.is_submit(), call.earlier) {
        (true, 0) => Fault::LoseAnswer,
        (true, 1) => status("HTTP/1.1 503 Service Unavailable"),
        _ => Fault::Pass,
    });
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "60s");
    proxy.wait_for("POST /v1/artifacts", 3);
    let pending = sandbox.pending();
    assert_eq!(sandbox.pending_now().len(), 1, "the person is asked once");
    sandbox.approve(&pending);
    assert!(running.finish().status.success());
    canary.assert_present();
}

#[test]
fn goes_on_waiting_when_polls_fail() {
    let sandbox = Sandbox::new();
    let proxy = Proxy::before(&sandbox, |call: &Call| match (call.is_wait(), call.earlier) {
        (true, 0) => Fault::Cut,
        (true, 1) => status("HTTP/1.1 500 Internal Server Error"),
        (true, 2) => status("HTTP/1.1 429 Too Many Requests\r\nretry-after: 1"),
        (true, 3) => Fault::Answer("HTTP/1.1 200 OK", b"{\"msgType\":\"decision.del".to_vec()),
        (true, 4) => Fault::Answer("HTTP/1.1 204 No Content", Vec::new()),
        _ => Fault::Pass,
    });
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "60s");
    proxy.wait_for("/wait?", 6);
    canary.assert_absent();
    sandbox.approve(&sandbox.pending());
    let output = running.finish();
    assert!(output.status.success(), "{output:?}");
    canary.assert_present();
}

#[test]
fn submits_once_more_when_the_gateway_forgot() {
    let sandbox = Sandbox::new();
    let proxy = Proxy::before(&sandbox, |call: &Call| match (call.is_wait(), call.earlier) {
        (true, 0) => status("HTTP/1.1 404 Not Found"),
        _ => Fault::Pass,
    });
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "60s");
    proxy.wait_for("POST /v1/artifacts", 2);
    sandbox.approve(&sandbox.pending());
    assert!(running.finish().status.success());
    canary.assert_present();
}

#[test]
fn refuses_when_the_answers_are_rubbish() {
    let rubbish: [(&str, Vec<u8>); 6] = [
        ("not JSON", b"<html>".to_vec()),
        ("duplicate keys", br#"{"msgType":"a","msgType":"decision.deliver"}"#.to_vec()),
        ("not UTF-8", vec![b'"', 0xff, b'"']),
        ("deep nesting", [vec![b'['; 2000], vec![b']'; 2000]].concat()),
        ("over 1 MiB", vec![b' '; 2 << 20]),
        (
            "a decision over 64 KiB",
            [vec![b' '; 64 << 10], b"{\"msgType\":\"a\"}".to_vec()].concat(),
        ),
    ];
    at_once(rubbish, |(name, body)| {
        let sandbox = Sandbox::new();
        let _proxy = Proxy::before(&sandbox, move |call: &Call| {
            if call.is_wait() {
                Fault::Answer("HTTP/1.1 200 OK", body.clone())
            } else {
                Fault::Pass
            }
        });
        let canary = sandbox.canary();
        let output = sandbox.start_canary(&canary, "60s").finish();
        assert_eq!(output.status.code(), Some(123), "{name}: {output:?}");
        assert_refused(&output, &canary, 123, &["cannot be trusted"]);
    });
}

#[test]
fn refuses_when_the_gateway_refuses_the_wait() {
    let cases: [(&'static str, i32, &str); 7] = [
        ("HTTP/1.1 401 Unauthorized", 124, "sign in again"),
        ("HTTP/1.1 403 Forbidden", 124, "some words"),
        ("HTTP/1.1 404 Not Found", 124, "some words"),
        ("HTTP/1.1 410 Gone", 122, "before anybody decided"),
        ("HTTP/1.1 429 Too Many Requests\r\nretry-after: 3600", 124, "some words"),
        ("HTTP/1.1 501 Not Implemented", 124, "some words"),
        ("HTTP/1.1 307 Moved\r\nlocation: http://127.0.0.1:9/", 124, "redirect"),
    ];
    at_once(cases, |(line, exit, words)| {
        let sandbox = Sandbox::new();
        let _proxy =
            Proxy::before(&sandbox, move |c| if c.is_wait() { status(line) } else { Fault::Pass });
        let canary = sandbox.canary();
        let output = sandbox.start_canary(&canary, "20s").finish();
        assert_refused(&output, &canary, exit, &[words]);
    });
}

#[test]
fn a_request_id_with_another_command_is_not_waited_for() {
    let sandbox = Sandbox::new();
    let proxy = Proxy::before(&sandbox, |call: &Call| {
        match (call.is_submit(), call.earlier) {
            (true, 0) => return Fault::LoseAnswer,
            (true, _) => return status("HTTP/1.1 409 Conflict"),
            _ => (),
        }
        // Asked what it holds, it names another artifact.
        Fault::Change(Box::new(|mut answer| {
            if answer["msgType"] == "exchange.status" {
                answer["body"]["artifactHash"] = "0".repeat(64).into();
            }
            answer
        }))
    });
    let canary = sandbox.canary();
    let output = sandbox.start_canary(&canary, "10s").finish();
    assert_refused(&output, &canary, 123, &["already has another command", "new request id"]);
    assert_eq!(proxy.count("/wait?"), 0);
}

#[test]
fn a_conflict_with_what_it_accepted_from_us_is_none() {
    let sandbox = Sandbox::new();
    // The answer to the first submission is lost, and the second is a conflict with it.
    let proxy = Proxy::before(&sandbox, |call: &Call| match (call.is_submit(), call.earlier) {
        (true, 0) => Fault::LoseAnswer,
        (true, _) => status("HTTP/1.1 409 Conflict"),
        _ => Fault::Pass,
    });
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "60s");
    proxy.wait_for("/wait?", 1);
    sandbox.approve(&sandbox.pending());
    assert!(running.finish().status.success());
    canary.assert_present();
}

#[test]
fn an_acknowledgement_that_fails_changes_nothing() {
    let faults: [fn() -> Fault; 3] =
        [|| Fault::Hang, || Fault::Cut, || status("HTTP/1.1 500 Internal Server Error")];
    at_once(faults, |fault| {
        let sandbox = Sandbox::new();
        let _proxy =
            Proxy::before(
                &sandbox,
                move |call: &Call| {
                    if call.is_acknowledgement() { fault() } else { Fault::Pass }
                },
            );
        let running = sandbox.start(["--", "sh", "-c", "echo ran >> ran; exit 5"]);
        sandbox.approve(&sandbox.pending());
        assert_eq!(running.finish().status.code(), Some(5));
        assert_eq!(fs::read_to_string(sandbox.work().join("ran")).expect("it ran"), "ran\n");
    });
}

#[test]
fn an_approval_is_acknowledged_once_by_whoever_is_to() {
    // By what tells the outcome, or by whoever waited where nobody tells it.
    at_once(["automatic", "never"], |send| {
        let sandbox = Sandbox::new();
        sandbox.set("outcome.send", send);
        let proxy = Proxy::before(&sandbox, |_: &Call| Fault::Pass);
        let running = sandbox.start(["--", "sh", "-c", "read line; exit 6"]);
        let pending = sandbox.pending();
        sandbox.approve(&pending);
        assert_eq!(running.finish().status.code(), Some(6), "{send}");
        // That of the command that started the gateway may come here as well.
        let acknowledged = eventually("the acknowledgement", || {
            let calls = proxy.calls().into_iter().filter(Call::is_acknowledgement);
            let calls: Vec<_> = calls.map(|call| call.json()).collect();
            let ours = calls.into_iter().filter(|call| call["requestId"] == pending.id);
            Some(ours.collect::<Vec<_>>()).filter(|ours| !ours.is_empty())
        });
        assert_eq!(acknowledged.len(), 1, "{send}: {acknowledged:?}");
        assert_eq!(acknowledged[0]["body"]["status"], "delivered", "{send}");
    });
}

#[test]
fn a_proxy_of_the_environment_is_not_asked() {
    let sandbox = Sandbox::new();
    let proxy = Proxy::at("127.0.0.1:9", |_: &Call| Fault::Cut);
    let canary = sandbox.canary();
    let mut command = sandbox.airlock(canary.arguments());
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"] {
        command.env(name, &proxy.url);
    }
    let running = Running::start(&mut command);
    sandbox.approve(&sandbox.pending());
    assert!(running.finish().status.success());
    canary.assert_present();
    assert!(proxy.calls().is_empty(), "{:?}", proxy.calls());
}

#[test]
fn a_late_answer_is_an_answer() {
    let sandbox = Sandbox::new();
    let _proxy = Proxy::before(&sandbox, |_: &Call| Fault::Delay(Duration::from_millis(300)));
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "60s");
    sandbox.approve(&sandbox.pending());
    assert!(running.finish().status.success());
    canary.assert_present();
}

#[test]
fn nobody_answering_is_not_a_rejection_and_takes_the_request_back() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let output = sandbox.start_canary(&canary, "1s").finish();
    assert_refused(&output, &canary, 122, &["no decision within one second", "nobody said no"]);
    assert!(sandbox.pending_now().is_empty(), "the request is withdrawn");
}

#[test]
fn a_command_outlives_a_gateway_that_is_killed() {
    let sandbox = Sandbox::new();
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "60s");
    sandbox.pending();
    let killed = sandbox.gateway_pid();
    let pid = Pid::from_raw(killed);
    kill(pid, Signal::SIGKILL).expect("the gateway is ours");
    let pending = sandbox.pending();
    assert_ne!(sandbox.gateway_pid(), killed, "another gateway was started");
    sandbox.approve(&pending);
    let output = running.finish();
    assert!(output.status.success(), "{output:?}");
    canary.assert_present();
}

#[test]
fn secrets_stay_out_of_what_is_printed() {
    let sandbox = Sandbox::new();
    let _proxy = Proxy::before(&sandbox, |call: &Call| {
        if call.is_submit() { status("HTTP/1.1 401 Unauthorized") } else { Fault::Pass }
    });
    let canary = sandbox.canary();
    let output = sandbox.start_canary(&canary, "5s").finish();
    let printed = String::from_utf8_lossy(&output.stderr).into_owned();
    let stored = |file: &str, pointer: &str| -> String {
        let path = sandbox.path("state/airlock-exec/enforcer").join(file);
        let value: Value = serde_json::from_slice(&fs::read(path).expect("a file")).expect("JSON");
        value.pointer(pointer).and_then(Value::as_str).expect("a secret").to_owned()
    };
    for secret in [
        stored("local-access.json", "/token"),
        stored("pairings.json", "/pairings/0/secret"),
        stored("pairings.json", "/pairings/0/routingToken"),
    ] {
        assert!(!printed.contains(&secret), "{printed}");
    }
}
