//! Whether anybody has looked at a request, told to whoever waits for the decision.

mod gateway_support;
mod support;

use gateway_support::{Answer, Api, Scene, decision};
use serde_json::{Value, json};
use support::{Call, Fault, Proxy, Sandbox, Terminal, eventually};

async fn wait(enforcer: &Api, known: &str) -> Answer {
    enforcer.get(&format!("/v1/exchanges/req-1/wait?timeout=20&attention={known}")).await
}

fn attention(answer: &Value) -> (bool, bool) {
    assert_eq!(answer["msgType"], "exchange.status", "{answer}");
    assert_eq!(answer["body"]["state"], "pendingApproval");
    let attention = &answer["body"]["attention"];
    (attention["deliveredAt"].is_string(), attention["seenAt"].is_string())
}

#[tokio::test]
async fn a_wait_that_says_what_it_knows_is_told_of_more_at_once() {
    let scene = Scene::paired().await;
    scene.submit("req-1").await;
    let (delivered, _) = tokio::join!(wait(&scene.enforcer, "none"), async {
        scene.approver.get("/v1/approvers/apr-1/inbox").await.has(200)
    });
    assert_eq!(attention(&delivered.has(200)), (true, false));
    let (seen, _) = tokio::join!(wait(&scene.enforcer, "delivered"), async {
        scene.approver.post("/v1/exchanges/req-1/seen", &Value::Null).await.has(200)
    });
    assert_eq!(attention(&seen.has(200)), (true, true));
    // Whoever asks late is told at once.
    assert_eq!(attention(&wait(&scene.enforcer, "none").await.has(200)), (true, true));
    let (decided, _) = tokio::join!(wait(&scene.enforcer, "seen"), async {
        scene.approver.post("/v1/decisions", &decision("req-1", "approve")).await.has(200)
    });
    assert_eq!(decided.has(200)["msgType"], "decision.deliver");
    let late = scene.approver.post("/v1/exchanges/req-1/seen", &Value::Null).await;
    assert_eq!(late.status, 409, "{late:?}");
}

#[tokio::test]
async fn a_wait_that_does_not_ask_is_not_disturbed() {
    let scene = Scene::paired().await;
    scene.submit("req-1").await;
    scene.approver.post("/v1/exchanges/req-1/seen", &Value::Null).await.has(200);
    let answer = scene.enforcer.get("/v1/exchanges/req-1/wait?timeout=1").await;
    assert_eq!(answer.status, 204, "{answer:?}");
}

#[tokio::test]
async fn only_the_approver_who_is_asked_can_say_that_it_was_seen() {
    let scene = Scene::paired().await;
    scene.submit("req-1").await;
    let stranger = scene.server.client(airlock_exec::gateway::Role::Approver).await;
    let path = "/v1/exchanges/req-1/seen";
    assert_eq!(stranger.post(path, &Value::Null).await.status, 404);
    assert_eq!(scene.enforcer.post(path, &Value::Null).await.status, 403);
    let status = scene.enforcer.get("/v1/exchanges/req-1").await.has(200);
    assert_eq!(status["body"].get("attention"), None, "{status}");
}

#[tokio::test]
async fn what_the_event_stream_brought_was_delivered() {
    let scene = Scene::paired().await;
    scene.submit("req-1").await;
    let mut stream = scene.approver.stream("/v1/sse/approvers/apr-1").await;
    assert!(stream.chunk().await.expect("a stream").is_some());
    assert_eq!(attention(&wait(&scene.enforcer, "none").await.has(200)), (true, false));
}

#[test]
fn the_waiting_line_says_who_has_looked() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let words = ["--wait", "60s", "--", "true", "that-one"];
    let mut waits = Terminal::airlock(&sandbox, words);
    let pending = sandbox.pending_with("that-one");
    let name = pending.details["shortId"].as_str().expect("a name");
    // On 80 columns it still says how long is left, and how to decide.
    waits.expect(" left; delivered: true that-one | approver approve ");
    // What a program was told nobody has seen.
    sandbox.plaintext(&pending);
    let shown = Terminal::airlock(&sandbox, ["approver", "show", &pending.id]).finish();
    assert!(shown.0.success(), "{}", shown.1);
    waits.expect(" left; seen ");
    waits.expect(&format!("true that-one | approver approve {name}"));
    sandbox.approve(&pending);
    let (status, said) = waits.finish();
    assert!(status.success(), "{said}");
}

#[test]
fn without_a_terminal_a_line_says_that_it_was_seen() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "60s");
    let pending = sandbox.pending();
    let mut watch = Terminal::airlock(&sandbox, ["approver", "watch"]);
    watch.expect("Enter shows them: ");
    // Whoever has not come to its end has not seen it.
    assert!(!running.stderr().contains("has seen it"), "{}", running.stderr());
    watch.send("\n");
    watch.expect("approve? ");
    running.wait_for_stderr("airlock-exec: approver has seen it\n");
    sandbox.approve(&pending);
    assert!(running.finish().status.success());
    canary.assert_present();
}

/// Whoever relays can say what it likes of who has looked, and nothing comes of it.
#[test]
fn a_relay_that_talks_of_nothing_else_is_not_listened_to_for_ever() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let _proxy = Proxy::before(&sandbox, |call: &Call| {
        if !call.is_wait() {
            return Fault::Change(Box::new(|answer| answer));
        }
        let id = call.line.split('/').nth(3).expect("an id");
        let body = json!({"msgId": "msg-1", "msgType": "exchange.status", "requestId": id,
            "createdAt": "2026-01-01T00:00:00Z", "sender": {"gatewayId": "gw-1"},
            "body": {"requestId": id, "state": "decided",
                "attention": {"seenAt": "2026-01-01T00:00:00Z"}}});
        Fault::Answer("HTTP/1.1 200 OK", body.to_string().into_bytes())
    });
    let canary = sandbox.canary();
    let output = sandbox.start_canary(&canary, "60s").finish();
    let refused = support::Refused::with_status(&output, 123);
    refused.assert_says(&["no decision"]);
    canary.assert_absent();
}

/// A gateway that offers nothing is asked for nothing, and nothing is shown.
#[test]
fn a_gateway_without_the_extension_is_not_asked_for_it() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    // The proxy leaves it out.
    let proxy = Proxy::before(&sandbox, |_| Fault::Pass);
    let canary = sandbox.canary();
    let running = sandbox.start_canary(&canary, "60s");
    let pending = sandbox.pending();
    eventually("a wait", || (proxy.count("/wait") > 0).then_some(()));
    sandbox.approve(&pending);
    assert!(running.finish().status.success());
    assert_eq!(proxy.count("attention="), 0);
    canary.assert_present();
}

#[test]
fn whoever_waits_is_told_that_the_gateway_takes_nothing_for_a_while() {
    let sandbox = Sandbox::new();
    sandbox.warm_up();
    let _proxy = Proxy::before(&sandbox, |call: &Call| {
        let full = json!({"error": "internal_error", "message": "its disk is full"});
        let line = "HTTP/1.1 503 Service Unavailable\r\nretry-after: 1";
        let answer = Fault::Answer(line, full.to_string().into_bytes());
        if call.is_submit() && call.earlier < 3 { answer } else { Fault::Pass }
    });
    let running = sandbox.start(["--wait", "60s", "--", "true"]);
    running.wait_for_stderr("its disk is full");
    sandbox.approve(&sandbox.pending());
    let output = running.finish();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.matches("its disk is full").count() == 1, "{said}");
}
