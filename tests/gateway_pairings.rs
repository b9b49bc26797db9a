//! A pairing in the place of another: which of the two holds, and from when on.

mod gateway_support;

use airlock_exec::gateway::Role;
use airlock_exec::process;
use gateway_support::{Scene, Server, pair, paired, submission};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_pairing_that_the_enforcer_gives_up_leaves_the_older_one_as_it_was() {
    let scene = Scene::paired().await;
    scene.submit("req-1").await;
    let (path, token) = scene.pair_anew().await;
    assert_eq!(scene.state("req-1").await, "pendingApproval", "what waits goes on waiting");
    scene.submit("req-2").await;
    let refused = json!({"routingToken": token});
    scene.enforcer.post("/v1/pairing/revoke", &refused).await.has(200);
    assert_eq!(scene.approver.get(&path).await.has(200)["state"], "Revoked");
    scene.submit("req-3").await;
    let inbox = scene.approver.get("/v1/approvers/apr-1/inbox").await.has(200);
    assert_eq!(inbox["body"]["items"].as_array().map(Vec::len), Some(3), "{inbox}");
}

#[tokio::test]
async fn the_first_request_in_a_pairing_ends_the_older_one_of_the_same_two() {
    let scene = Scene::paired().await;
    let other = pair(&scene.enforcer, "enf-1", &scene.approver, "apr-2").await;
    let stranger = pair(&scene.enforcer, "enf-2", &scene.approver, "apr-1").await;
    scene.submit("req-1").await;
    scene.submit_by(&other, "req-2").await.has(202);
    let waiting = scene.waiting("req-1");
    let (_, token) = scene.pair_anew().await;
    scene.submit_by(&token, "req-3").await.has(202);
    waiting.await.expect("waits").is_refused(410, "cancelled");
    scene.submit_by(&scene.routing_token, "req-4").await.is_refused(403, "pairing_revoked");
    // Another approver's, and another enforcer's, are no older pairing of these two.
    assert_eq!(scene.state("req-2").await, "pendingApproval");
    scene.submit_by(&other, "req-5").await.has(202);
    let foreign = submission("enf-2", "req-6", Some(&stranger));
    scene.enforcer.post("/v1/artifacts", &foreign).await.has(202);
    scene.submit_by(&token, "req-7").await.has(202);
}

#[tokio::test]
async fn the_enforcer_says_that_it_keeps_a_pairing_and_its_approver_reads_it() {
    let scene = Scene::paired().await;
    scene.submit("req-1").await;
    let (path, token) = scene.pair_anew().await;
    let status = scene.approver.get(&path).await.has(200);
    assert_eq!(status["extensions"], json!(["kept"]), "it can tell");
    assert_eq!(status["keptAt"], Value::Null);
    let kept = json!({"routingToken": token});
    let stranger = scene.server.client(Role::Enforcer).await;
    stranger.post("/v1/pairing/kept", &kept).await.is_refused(404, "not_found");
    scene.approver.post("/v1/pairing/kept", &kept).await.is_refused(403, "forbidden");
    assert_eq!(scene.state("req-1").await, "pendingApproval");
    for _ in 0..2 {
        let said = scene.enforcer.post("/v1/pairing/kept", &kept).await.has(200);
        assert_eq!(said, json!({"status": "kept"}));
        assert_eq!(scene.state("req-1").await, "cancelled", "the older one is over");
    }
    let status = scene.approver.get(&path).await.has(200);
    assert!(status["keptAt"].is_string() && status["state"] == "Completed", "{status}");
    let older = json!({"routingToken": scene.routing_token});
    scene.enforcer.post("/v1/pairing/kept", &older).await.is_refused(403, "pairing_revoked");
    // One that was kept and ended was not refused.
    scene.enforcer.post("/v1/pairing/revoke", &kept).await.has(200);
    let status = scene.approver.get(&path).await.has(200);
    assert!(status["keptAt"].is_string() && status["state"] == "Revoked", "{status}");
}

/// The approver may have answered long before the enforcer claims the code.
#[tokio::test]
async fn a_pairing_that_was_answered_beforehand_ends_what_was_kept_since() {
    let scene = Scene::paired().await;
    let code = scene.approver.post("/v1/pairing/pre-generate", &json!({})).await.has(200);
    let complete = json!({"nonce": code["pairingNonce"], "approverId": "apr-1",
        "responseJson": "{}"});
    scene.approver.post("/v1/pairing/complete", &complete).await.has(200);
    let (_, since) = scene.pair_anew().await;
    scene.submit_by(&since, "req-1").await.has(202);
    let claim = json!({"pairingCode": code["pairingCode"], "deviceId": "d",
        "enforcerId": "enf-1", "enforcerLabel": "l", "workspaceName": "w"});
    let claimed = scene.enforcer.post("/v1/pairing/claim", &claim).await.has(200);
    assert_eq!(scene.state("req-1").await, "pendingApproval");
    let token = claimed["routingToken"].as_str().expect("a token");
    scene.submit_by(token, "req-2").await.has(202);
    scene.submit_by(&since, "req-3").await.is_refused(403, "pairing_revoked");
}

#[tokio::test]
async fn a_request_says_as_well_that_its_pairing_is_kept() {
    let scene = Scene::paired().await;
    let (path, token) = scene.pair_anew().await;
    scene.submit_by(&token, "req-1").await.has(202);
    assert!(scene.approver.get(&path).await.has(200)["keptAt"].is_string());
}

#[tokio::test]
async fn the_first_request_in_an_older_pairing_ends_no_newer_one() {
    let scene = Scene::paired().await;
    let (path, token) = scene.pair_anew().await;
    scene.submit("req-1").await;
    assert_eq!(scene.approver.get(&path).await.has(200)["state"], "Completed");
    scene.submit_by(&token, "req-2").await.has(202);
    scene.submit_by(&scene.routing_token, "req-3").await.is_refused(403, "pairing_revoked");
}

#[tokio::test]
async fn a_request_that_names_no_pairing_goes_to_the_approver_and_ends_none() {
    let scene = Scene::paired().await;
    scene.submit("req-1").await;
    let (path, _) = scene.pair_anew().await;
    let unnamed = submission("enf-1", "req-2", None);
    scene.enforcer.post("/v1/artifacts", &unnamed).await.has(202);
    let mut to_approver = submission("enf-1", "req-3", None);
    to_approver["body"]["metadata"]["approverId"] = "apr-1".into();
    scene.enforcer.post("/v1/artifacts", &to_approver).await.has(202);
    for request_id in ["req-1", "req-2", "req-3"] {
        assert_eq!(scene.state(request_id).await, "pendingApproval", "{request_id}");
    }
    scene.submit("req-4").await;
    assert_eq!(scene.approver.get(&path).await.has(200)["state"], "Completed");
}

#[tokio::test]
async fn each_of_the_two_pairings_is_ended_by_itself() {
    let scene = Scene::paired().await;
    scene.submit("req-1").await;
    let (_, token) = scene.pair_anew().await;
    let nonce = |path: &str| path.split('/').nth(3).expect("a nonce").to_owned();
    // The approver ends the newer one.
    let (path, newest) = scene.pair_anew().await;
    let ended = json!({"pairingNonce": nonce(&path)});
    scene.approver.post("/v1/pairing/revoke", &ended).await.has(200);
    scene.submit_by(&newest, "req-2").await.is_refused(403, "pairing_revoked");
    assert_eq!(scene.state("req-1").await, "pendingApproval");
    // The enforcer ends the older one.
    let ended = json!({"routingToken": scene.routing_token});
    scene.enforcer.post("/v1/pairing/revoke", &ended).await.has(200);
    assert_eq!(scene.state("req-1").await, "cancelled");
    scene.submit_by(&token, "req-3").await.has(202);
}

#[tokio::test]
async fn pairings_that_nobody_uses_do_not_pile_up_and_the_one_that_is_used_stays() {
    let scene = Scene::paired().await;
    scene.submit("req-1").await;
    let mut unused = Vec::new();
    for _ in 0..6 {
        unused.push(scene.pair_anew().await);
    }
    let mut states = Vec::new();
    for (path, _) in &unused {
        states.push(scene.approver.get(path).await.has(200)["state"].clone());
    }
    let over = states.iter().filter(|state| **state == "Revoked").count();
    assert_eq!(over, 2, "{states:?}");
    assert_eq!((&states[0], &states[1]), (&json!("Revoked"), &json!("Revoked")));
    scene.submit("req-2").await;
}

#[tokio::test]
async fn a_pairing_that_was_never_used_ends_when_the_older_one_goes_on_for_a_month() {
    static AHEAD: AtomicI64 = AtomicI64::new(0);
    fn clock() -> Timestamp {
        process::now() + SignedDuration::from_millis(AHEAD.load(Ordering::SeqCst))
    }
    let day = 24 * 60 * 60 * 1000;
    let scene = Scene::on(Server::start_with(clock, None).await).await;
    // These two are not used at all: nobody can tell which of them is kept.
    let idle = scene.server.client(Role::Enforcer).await;
    pair(&idle, "enf-2", &scene.approver, "apr-1").await;
    let (idle_path, _) = paired(&idle, "enf-2", &scene.approver, "apr-1").await;
    scene.submit("req-1").await;
    let (path, _) = scene.pair_anew().await;
    let state = async |path: &str| scene.approver.get(path).await.has(200)["state"].clone();
    // A request also makes the gateway look what time has brought.
    for (days, expected) in [(1, "Completed"), (29, "Completed"), (31, "Revoked")] {
        AHEAD.store(days * day, Ordering::SeqCst);
        let request_id = format!("req-on-day-{days}");
        let mut later = submission("enf-1", &request_id, Some(&scene.routing_token));
        later["body"]["expiresAt"] = json!(clock() + SignedDuration::from_mins(10));
        scene.enforcer.post("/v1/artifacts", &later).await.has(202);
        let late = Instant::now() + Duration::from_secs(15);
        while state(&path).await != expected {
            assert!(Instant::now() < late, "it still counts after {days} days");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(scene.state(&request_id).await, "pendingApproval");
    }
    assert_eq!(state(&idle_path).await, "Completed");
}
