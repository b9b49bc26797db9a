//! The approver's event stream.

mod gateway_support;

use airlock_exec::gateway::Role;
use gateway_support::{Scene, decision};
use reqwest::Response;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::time::Duration;

/// An open event stream.
struct Events {
    response: Response,
    text: String,
    ready: VecDeque<(String, Value)>,
}

impl Events {
    async fn open(scene: &Scene) -> Self {
        let response = scene.approver.stream("/v1/sse/approvers/apr-1").await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, text: String::new(), ready: VecDeque::new() }
    }

    /// Returns name and data of the next event, `None` at the end of the stream.
    async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            let chunk = tokio::time::timeout(Duration::from_secs(30), self.response.chunk());
            let bytes = chunk.await.expect("an event in time").expect("a stream")?;
            self.text.push_str(std::str::from_utf8(&bytes).expect("UTF-8"));
            while let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    event.lines().find_map(|line| line.strip_prefix(name)).map(str::trim)
                };
                let data = field("data:").expect("data");
                let name = field("event:").expect("a name").to_owned();
                self.ready.push_back((name, serde_json::from_str(data).expect("JSON")));
                self.text = String::from(rest);
            }
        }
    }
}

#[tokio::test]
async fn tells_what_waits_and_then_what_happens() {
    let scene = Scene::paired().await;
    scene.submit("req-1").await;
    let mut events = Events::open(&scene).await;
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

    let other = scene.server.client(Role::Approver).await;
    let refused = other.stream("/v1/sse/approvers/apr-1").await;
    assert_eq!(refused.status(), 403);
    scene.server.stop().await;
    assert_eq!(events.next().await, None, "a stopping gateway ends its streams");
}

#[tokio::test]
async fn a_stream_opened_anew_has_missed_nothing() {
    let scene = Scene::paired().await;
    drop(Events::open(&scene).await);
    for number in 0..20 {
        scene.submit(&format!("req-{number}")).await;
    }
    let mut events = Events::open(&scene).await;
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
        open.push(Events::open(&scene).await);
    }
    let over = scene.approver.get("/v1/sse/approvers/apr-1").await;
    over.is_refused(429, "quota_exceeded");
}
