//! What time does, by clocks that the tests set.

mod gateway_support;

use airlock_exec::gateway::Role;
use airlock_exec::process;
use gateway_support::{Scene, Server, decision, submission};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

/// Makes a clock of its own for one test: how far it is ahead, and the clock.
macro_rules! clock {
    ($ahead:ident) => {{
        static $ahead: AtomicI64 = AtomicI64::new(0);
        fn clock() -> Timestamp {
            process::now() + SignedDuration::from_millis($ahead.load(Ordering::SeqCst))
        }
        let clock: fn() -> Timestamp = clock;
        (&$ahead, clock)
    }};
}

fn expiring(request_id: &str, after: SignedDuration) -> Value {
    let mut body = submission("enf-1", request_id, None);
    body["body"]["expiresAt"] = json!(process::now() + after);
    body
}

#[tokio::test]
async fn what_nobody_decided_in_time_is_expired() {
    let (ahead, clock) = clock!(AHEAD);
    let scene = Scene::on(Server::start_with(clock, None).await).await;
    scene.submit("req-1").await;
    ahead.store(11 * 60 * 1000, Ordering::SeqCst);
    let late = scene.approver.post("/v1/decisions", &decision("req-1", "approve")).await;
    late.is_refused(409, "conflict");
    let withdraw = scene.enforcer.post("/v1/exchanges/req-1/withdraw", &Value::Null).await;
    withdraw.is_refused(409, "conflict");
    let inbox = scene.approver.get("/v1/approvers/apr-1/inbox").await.has(200);
    assert_eq!(inbox["body"]["items"], json!([]));
    scene.enforcer.get("/v1/exchanges/req-1/wait?timeout=60").await.is_refused(410, "expired");
    assert_eq!(scene.state("req-1").await, "expired");
    let ended = scene.approver.get("/v1/approvers/apr-1/inbox/expired").await.has(200);
    assert_eq!(ended["body"]["items"][0]["state"], "expired");
}

#[tokio::test]
async fn a_wait_ends_when_the_exchange_expires() {
    let (ahead, clock) = clock!(AHEAD);
    let scene = Scene::on(Server::start_with(clock, None).await).await;
    let soon = expiring("req-1", SignedDuration::from_secs(90));
    scene.enforcer.post("/v1/artifacts", &soon).await.has(202);
    let began = Instant::now();
    let waiting = scene.waiting("req-1");
    // Half a second before it is due; the next submission makes the gateway look.
    ahead.store(89_500, Ordering::SeqCst);
    let next = expiring("req-2", SignedDuration::from_mins(30));
    scene.enforcer.post("/v1/artifacts", &next).await.has(202);
    waiting.await.expect("waits").is_refused(410, "expired");
    assert!(began.elapsed() < Duration::from_secs(25), "the wait was not woken");
}

#[tokio::test]
async fn an_expiry_is_capped_and_one_around_now_counts_as_none() {
    let scene = Scene::paired().await;
    let minutes = |status: &Value| {
        let field = |name: &str| -> Timestamp {
            status["body"][name].as_str().expect("a time").parse().expect("RFC 3339")
        };
        (field("expiresAt").as_second() - field("createdAt").as_second() + 30) / 60
    };
    for (request_id, after, expected) in [
        ("req-1", SignedDuration::ZERO, 10),
        ("req-2", SignedDuration::from_mins(5), 5),
        ("req-3", SignedDuration::from_hours(48), 24 * 60),
    ] {
        scene.enforcer.post("/v1/artifacts", &expiring(request_id, after)).await.has(202);
        let status = scene.enforcer.get(&format!("/v1/exchanges/{request_id}")).await.has(200);
        assert_eq!(minutes(&status), expected, "{request_id}");
    }
}

#[tokio::test]
async fn a_short_time_is_not_taken_for_none() {
    let (ahead, clock) = clock!(AHEAD);
    let scene = Scene::on(Server::start_with(clock, None).await).await;
    let now = process::now();
    let mut short = expiring("req-1", SignedDuration::from_secs(3));
    short["createdAt"] = json!(now);
    scene.enforcer.post("/v1/artifacts", &short).await.has(202);
    assert_eq!(scene.state("req-1").await, "pendingApproval");
    ahead.store(4000, Ordering::SeqCst);
    assert_eq!(scene.state("req-1").await, "expired");
    let late = scene.approver.post("/v1/decisions", &decision("req-1", "approve")).await;
    late.is_refused(409, "conflict");
}

#[tokio::test]
async fn pairing_codes_expire() {
    let (ahead, clock) = clock!(AHEAD);
    let server = Server::start_with(clock, None).await;
    let enforcer = server.client(Role::Enforcer).await;
    let approver = server.client(Role::Approver).await;
    let initiate = json!({"deviceId": "d", "enforcerId": "enf-1"});
    let session = enforcer.post("/v1/pairing/initiate", &initiate).await.has(200);
    let generated = approver.post("/v1/pairing/pre-generate", &json!({})).await.has(200);
    let resolve = |session: &Value| {
        format!("/v1/pairing/resolve/{}", session["pairingCode"].as_str().expect("a code"))
    };
    approver.get(&resolve(&session)).await.has(200);
    ahead.store(10 * 60 * 1000 + 1000, Ordering::SeqCst);
    approver.get(&resolve(&session)).await.is_refused(404, "not_found");
    let complete = json!({"nonce": session["pairingNonce"], "approverId": "apr-1",
        "responseJson": "{}"});
    approver.post("/v1/pairing/complete", &complete).await.is_refused(404, "not_found");
    let nonce = session["pairingNonce"].as_str().expect("a nonce");
    let status = enforcer.get(&format!("/v1/pairing/{nonce}/status")).await.has(200);
    assert_eq!(status["state"], "Expired");
    approver.get(&resolve(&generated)).await.has(200);
    ahead.store(30 * 60 * 1000 + 1000, Ordering::SeqCst);
    approver.get(&resolve(&generated)).await.is_refused(404, "not_found");
    let claim = json!({"pairingCode": generated["pairingCode"], "deviceId": "d",
        "enforcerId": "enf-1", "enforcerLabel": "", "workspaceName": ""});
    enforcer.post("/v1/pairing/claim", &claim).await.is_refused(404, "not_found");
}
