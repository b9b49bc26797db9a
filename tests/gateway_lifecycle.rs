//! An exchange from submission to its end, over HTTP.

mod gateway_support;

use airlock_exec::gateway::Stopped;
use airlock_exec::process;
use gateway_support::{Scene, Server, decision, hash, pair, submission};
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test]
async fn an_approved_request_goes_from_pending_to_delivered() {
    let scene = Scene::paired().await;
    scene.submit("req-1").await;
    assert_eq!(scene.state("req-1").await, "pendingApproval");
    let inbox = scene.approver.get("/v1/approvers/apr-1/inbox").await.has(200);
    assert_eq!(inbox["msgType"], "inbox.page");
    let item = &inbox["body"]["items"][0];
    assert_eq!(item["requestId"], "req-1");
    assert_eq!(item["enforcerId"], "enf-1");
    assert_eq!(item["ciphertext"]["data"], "AAEC");
    assert_eq!(item["metadata"], json!({"workspaceName": "a workspace"}));
    assert!(!inbox.to_string().contains(&scene.routing_token), "routing reached the approver");

    scene.approver.post("/v1/decisions", &decision("req-1", "approve")).await.has(200);
    assert_eq!(scene.state("req-1").await, "decided");
    let delivered = scene.enforcer.get("/v1/exchanges/req-1/wait?timeout=1").await.has(200);
    assert_eq!(delivered["msgType"], "decision.deliver");
    assert_eq!(delivered["body"], decision("req-1", "approve")["body"]);
    let again = scene.enforcer.get("/v1/exchanges/req-1/wait?timeout=1").await.has(200);
    assert_eq!(delivered, again, "a lost answer is asked for again");

    let ack = json!({"msgId": "ack-1", "msgType": "ack.submit", "requestId": delivered["msgId"],
        "sender": {}, "body": {"msgId": delivered["msgId"], "status": "delivered",
        "ackAt": "2026-02-21T12:00:00Z"}});
    scene.enforcer.post("/v1/acks", &ack).await.has(200);
    assert_eq!(scene.state("req-1").await, "delivered");
    let inbox = scene.approver.get("/v1/approvers/apr-1/inbox").await.has(200);
    assert_eq!(inbox["body"], json!({"items": [], "nextCursor": null}));
    let ended = scene.approver.get("/v1/approvers/apr-1/inbox/expired").await.has(200);
    assert_eq!(ended["body"]["items"][0]["state"], "delivered");
}

#[tokio::test]
async fn a_wait_returns_as_soon_as_there_is_a_decision() {
    let scene = Scene::paired().await;
    scene.submit("req-1").await;
    let began = Instant::now();
    let waiting = scene.waiting("req-1");
    scene.approver.post("/v1/decisions", &decision("req-1", "reject")).await.has(200);
    let delivered = waiting.await.expect("waits").has(200);
    assert_eq!(delivered["body"]["decision"], "reject");
    assert!(began.elapsed() < Duration::from_secs(20), "the wait was not woken");
}

#[tokio::test]
async fn a_wait_without_a_decision_is_empty() {
    let scene = Scene::paired().await;
    scene.submit("req-1").await;
    let waited = scene.enforcer.get("/v1/exchanges/req-1/wait?timeout=1").await;
    assert_eq!((waited.status, waited.body), (204, json!(null)));
}

#[tokio::test]
async fn withdrawing_ends_the_wait_and_the_exchange() {
    let scene = Scene::paired().await;
    scene.submit("req-1").await;
    let began = Instant::now();
    let waiting = scene.waiting("req-1");
    // What the published client sends.
    scene.enforcer.post("/v1/exchanges/req-1/withdraw", &json!(null)).await.has(200);
    waiting.await.expect("waits").is_refused(410, "withdrawn");
    assert!(began.elapsed() < Duration::from_secs(20), "the wait was not woken");
    assert_eq!(scene.state("req-1").await, "withdrawn");
    let again = scene.enforcer.post("/v1/exchanges/req-1/withdraw", &json!(null)).await;
    again.is_refused(409, "conflict");
    let late = scene.approver.post("/v1/decisions", &decision("req-1", "approve")).await;
    late.is_refused(409, "conflict");
    assert_eq!(scene.state("req-1").await, "withdrawn");
}

#[tokio::test]
async fn revoking_a_pairing_cancels_what_waits_in_it() {
    let scene = Scene::paired().await;
    scene.submit("req-1").await;
    let began = Instant::now();
    let waiting = scene.waiting("req-1");
    let revoke = json!({"routingToken": scene.routing_token});
    let revoked = scene.enforcer.post("/v1/pairing/revoke", &revoke).await.has(200);
    assert_eq!(revoked, json!({"status": "revoked", "enforcerId": "enf-1"}));
    waiting.await.expect("waits").is_refused(410, "cancelled");
    assert!(began.elapsed() < Duration::from_secs(20), "the wait was not woken");
    let next = submission("enf-1", "req-2", Some(&scene.routing_token));
    scene.enforcer.post("/v1/artifacts", &next).await.is_refused(403, "pairing_revoked");
    let next = submission("enf-1", "req-2", None);
    scene.enforcer.post("/v1/artifacts", &next).await.is_refused(422, "no_approver");
    scene.enforcer.post("/v1/pairing/revoke", &revoke).await.has(200);
}

#[tokio::test]
async fn submitting_is_idempotent_by_request_and_hash() {
    let scene = Scene::paired().await;
    let body = submission("enf-1", "req-1", None);
    scene.enforcer.post("/v1/artifacts", &body).await.has(202);
    scene.enforcer.post("/v1/artifacts", &body).await.has(200);
    let mut other = body.clone();
    other["body"]["artifactHash"] = hash('b').into();
    let refused = scene.enforcer.post("/v1/artifacts", &other).await;
    refused.is_refused(409, "conflict");
    assert_eq!(refused.body["body"]["requestId"], "req-1");
    let inbox = scene.approver.get("/v1/approvers/apr-1/inbox").await.has(200);
    assert_eq!(inbox["body"]["items"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_decision_is_taken_once() {
    let scene = Scene::paired().await;
    scene.submit("req-1").await;
    let mut wrong = decision("req-1", "approve");
    wrong["body"]["artifactHash"] = hash('b').into();
    let refused = scene.approver.post("/v1/decisions", &wrong).await;
    refused.is_refused(422, "invalid_request");
    assert_eq!(scene.state("req-1").await, "pendingApproval");
    let rejection = decision("req-1", "reject");
    scene.approver.post("/v1/decisions", &rejection).await.has(200);
    scene.approver.post("/v1/decisions", &rejection).await.has(200);
    let approval = scene.approver.post("/v1/decisions", &decision("req-1", "approve")).await;
    approval.is_refused(409, "conflict");
    let delivered = scene.enforcer.get("/v1/exchanges/req-1/wait?timeout=1").await.has(200);
    assert_eq!(delivered["body"]["decision"], "reject");
    let unknown = scene.approver.post("/v1/decisions", &decision("req-2", "approve")).await;
    unknown.is_refused(404, "not_found");
}

#[tokio::test]
async fn routing_falls_back_to_the_approver_and_then_to_the_only_pairing() {
    let scene = Scene::paired().await;
    let mut to_approver = submission("enf-1", "req-1", None);
    to_approver["body"]["metadata"]["approverId"] = "apr-1".into();
    scene.enforcer.post("/v1/artifacts", &to_approver).await.has(202);
    scene.enforcer.post("/v1/artifacts", &submission("enf-1", "req-2", None)).await.has(202);
    to_approver["requestId"] = "req-3".into();
    to_approver["body"]["metadata"]["approverId"] = "apr-9".into();
    let refused = scene.enforcer.post("/v1/artifacts", &to_approver).await;
    refused.is_refused(422, "no_approver");

    pair(&scene.enforcer, "enf-1", &scene.approver, "apr-2").await;
    let ambiguous = submission("enf-1", "req-4", None);
    let refused = scene.enforcer.post("/v1/artifacts", &ambiguous).await;
    refused.is_refused(422, "ambiguous_approver");
}

#[tokio::test]
async fn a_gateway_that_stops_lets_waits_go_and_knows_itself_again() {
    let scene = Scene::paired().await;
    scene.submit("req-1").await;
    scene.submit("req-2").await;
    scene.approver.post("/v1/decisions", &decision("req-2", "approve")).await.has(200);
    let began = Instant::now();
    let waiting = scene.waiting("req-1");
    scene.enforcer.get("/v1/exchanges/req-1/wait?timeout=1").await.has(204);
    let id = scene.server.gateway_id.clone();
    let server = scene.server.restart().await;
    assert_eq!(waiting.await.expect("waits").status, 204);
    assert!(began.elapsed() < Duration::from_secs(20), "the wait was not let go");
    assert_eq!(server.gateway_id, id);
    let enforcer = scene.enforcer.at(&server.url);
    let delivered = enforcer.get("/v1/exchanges/req-2/wait?timeout=1").await.has(200);
    assert_eq!(delivered["body"]["decision"], "approve");
    scene
        .approver
        .at(&server.url)
        .post("/v1/decisions", &decision("req-1", "reject"))
        .await
        .has(200);
}

#[tokio::test]
async fn an_idle_gateway_stops() {
    let server = Server::start_with(process::now, Some(Duration::from_millis(50))).await;
    let stopped = tokio::time::timeout(Duration::from_secs(20), server.stopped()).await;
    assert_eq!(stopped.expect("stops"), Stopped::Idle);
}
