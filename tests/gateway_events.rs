//! The approver's event stream.

mod gateway_support;

use airlock_exec::gateway::Role;
use gateway_support::{Events, Scene, decision};
use serde_json::{Value, json};

#[tokio::test]
async fn tells_what_waits_and_then_what_happens() {
    let scene = Scene::paired().await;
    scene.submit("req-1").await;
    let mut events = Events::open(&scene.approver).await;
    let (name, data) = events.next().await.expect("an event");
    assert_eq!((name.as_str(), &data["requestId"]), ("approval.request", &json!("req-1")));
    assert_eq!(data["body"]["ciphertext"]["data"], "AAEC");
    assert!(!data.to_string().contains(&scene.routing_token), "routing reached the approver");
    scene.submit("req-2").await;
    let (name, data) = events.next().await.expect("an event");
    assert_eq!((name.as_str(), &data["requestId"]), ("approval.request", &json!("req-2")));
    scene.enforcer.post("/v1/exchanges/req-1/withdraw", &Value::Null).await.has(200);
    let (name, data) = events.next().await.expect("an event");
    assert_eq!((name.as_str(), &data["requestId"]), ("approval.withdrawn", &json!("req-1")));
    scene.approver.post("/v1/decisions", &decision("req-2", "approve")).await.has(200);
    let (name, data) = events.next().await.expect("an event");
    assert_eq!((name.as_str(), &data["requestId"]), ("approval.decided", &json!("req-2")));

    let other = scene.server.client(Role::Approver).await;
    let refused = other.stream("/v1/sse/approvers/apr-1").await;
    assert_eq!(refused.status(), 403);
    scene.server.stop().await;
    assert_eq!(events.next().await, None, "a stopping gateway ends its streams");
}

#[tokio::test]
async fn a_stream_opened_anew_has_missed_nothing() {
    let scene = Scene::paired().await;
    drop(Events::open(&scene.approver).await);
    for number in 0..20 {
        scene.submit(&format!("req-{number}")).await;
    }
    let mut events = Events::open(&scene.approver).await;
    for number in 0..20 {
        let (_, data) = events.next().await.expect("an event");
        assert_eq!(data["requestId"], format!("req-{number}"));
    }
}

#[tokio::test]
async fn streams_of_one_token_are_bounded() {
    let scene = Scene::paired().await;
    let mut open = Vec::new();
    for _ in 0..16 {
        open.push(Events::open(&scene.approver).await);
    }
    let over = scene.approver.get("/v1/sse/approvers/apr-1").await;
    over.is_refused(429, "quota_exceeded");
}
