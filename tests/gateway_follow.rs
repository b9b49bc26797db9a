//! What enforcer and approver tell each other after a decision.

mod gateway_support;

use airlock_exec::gateway::Role;
use gateway_support::{Scene, decision, hash};
use serde_json::{Value, json};
use std::time::Duration;

fn message(kind: &str, request_id: &str, seq: u64, data: &str) -> Value {
    json!({"msgId": format!("msg-{kind}-{seq}"), "msgType": kind, "requestId": request_id,
        "sender": {"enforcerId": "enf-1"},
        "body": {"artifactHash": hash('a'), "seq": seq,
            "ciphertext": {"alg": "xchacha20-poly1305", "data": data, "nonce": "AAAA",
                "tag": "AAAA"}}})
}

fn follow_up(seq: u64, data: &str) -> Value {
    message("followup.submit", "req-1", seq, data)
}

fn passing(seq: u64) -> Value {
    let mut body = follow_up(seq, "AAEC");
    body["body"]["passing"] = true.into();
    body
}

async fn decided() -> Scene {
    let scene = Scene::paired().await;
    scene.submit("req-1").await;
    scene.approver.post("/v1/decisions", &decision("req-1", "approve")).await.has(200);
    scene
}

const FOLLOW_UPS: &str = "/v1/exchanges/req-1/follow-ups";
const CONTROLS: &str = "/v1/exchanges/req-1/controls";

fn seqs(page: &Value) -> Vec<u64> {
    let items = page["body"]["items"].as_array().expect("items");
    items.iter().map(|item| item["seq"].as_u64().expect("a number")).collect()
}

#[tokio::test]
async fn carries_follow_ups_to_the_approver_and_controls_to_the_enforcer() {
    let scene = decided().await;
    for seq in 1..=3 {
        scene.enforcer.post(FOLLOW_UPS, &follow_up(seq, "AAEC")).await.has(202);
    }
    let page = scene.approver.get(&format!("{FOLLOW_UPS}?after=1")).await.has(200);
    assert_eq!(page["msgType"], "followup.page");
    assert_eq!(seqs(&page), [2, 3]);
    assert_eq!(page["body"]["items"][0]["ciphertext"]["data"], "AAEC");
    scene.approver.get(&format!("{FOLLOW_UPS}?after=3")).await.has(204);
    let stop = message("control.submit", "req-1", 1_700_000_000_000, "AAEC");
    scene.approver.post(CONTROLS, &stop).await.has(202);
    let page = scene.enforcer.get(CONTROLS).await.has(200);
    assert_eq!((&page["msgType"], seqs(&page)), (&json!("control.page"), vec![1_700_000_000_000]));
}

#[tokio::test]
async fn whoever_waits_is_woken_and_the_stream_tells() {
    let scene = decided().await;
    let mut stream = scene.approver.stream("/v1/sse/approvers/apr-1").await;
    let waiting = {
        let approver = scene.approver.clone();
        tokio::spawn(async move { approver.get(&format!("{FOLLOW_UPS}?timeout=60")).await })
    };
    let ordered = {
        let enforcer = scene.enforcer.clone();
        tokio::spawn(async move { enforcer.get(&format!("{CONTROLS}?timeout=60")).await })
    };
    scene.enforcer.post(FOLLOW_UPS, &follow_up(1, "AAEC")).await.has(202);
    assert_eq!(seqs(&waiting.await.expect("a task").has(200)), [1]);
    scene.approver.post(CONTROLS, &message("control.submit", "req-1", 5, "AA")).await.has(202);
    assert_eq!(seqs(&ordered.await.expect("a task").has(200)), [5]);
    let mut seen = String::new();
    let told = async {
        while !seen.contains("event: exchange.followup") {
            let bytes = stream.chunk().await.expect("a stream").expect("more of it");
            seen.push_str(&String::from_utf8_lossy(&bytes));
        }
    };
    tokio::time::timeout(Duration::from_secs(10), told).await.expect("the event");
}

#[tokio::test]
async fn a_place_is_taken_once() {
    let scene = decided().await;
    scene.enforcer.post(FOLLOW_UPS, &follow_up(1, "AAEC")).await.has(202);
    scene.enforcer.post(FOLLOW_UPS, &follow_up(1, "AAEC")).await.has(202);
    scene.enforcer.post(FOLLOW_UPS, &follow_up(1, "AAED")).await.is_refused(409, "conflict");
    let page = scene.approver.get(FOLLOW_UPS).await.has(200);
    assert_eq!(
        (seqs(&page), &page["body"]["items"][0]["ciphertext"]["data"]),
        (vec![1], &json!("AAEC"))
    );
}

#[tokio::test]
async fn each_side_says_its_part_and_nobody_elses() {
    let scene = decided().await;
    let control = message("control.submit", "req-1", 1, "AA");
    scene.enforcer.post(CONTROLS, &control).await.is_refused(403, "forbidden");
    scene.approver.post(FOLLOW_UPS, &follow_up(1, "AA")).await.is_refused(403, "forbidden");
    scene.enforcer.get(FOLLOW_UPS).await.is_refused(403, "forbidden");
    scene.approver.get(CONTROLS).await.is_refused(403, "forbidden");
    let (other_enforcer, other_approver) =
        (scene.server.client(Role::Enforcer).await, scene.server.client(Role::Approver).await);
    other_enforcer.post(FOLLOW_UPS, &follow_up(1, "AA")).await.is_refused(404, "not_found");
    other_enforcer.get(CONTROLS).await.is_refused(404, "not_found");
    other_approver.post(CONTROLS, &control).await.is_refused(404, "not_found");
    other_approver.get(FOLLOW_UPS).await.is_refused(404, "not_found");
    let mut elsewhere = follow_up(1, "AA");
    elsewhere["requestId"] = "req-2".into();
    scene.enforcer.post(FOLLOW_UPS, &elsewhere).await.is_refused(422, "invalid_request");
    let mut other_hash = follow_up(1, "AA");
    other_hash["body"]["artifactHash"] = hash('b').into();
    scene.enforcer.post(FOLLOW_UPS, &other_hash).await.is_refused(422, "invalid_request");
    let nothing = follow_up(0, "AA");
    scene.enforcer.post(FOLLOW_UPS, &nothing).await.is_refused(422, "invalid_request");
    scene.approver.get(FOLLOW_UPS).await.has(204);
}

#[tokio::test]
async fn nothing_is_told_of_what_is_not_decided() {
    let scene = Scene::paired().await;
    scene.submit("req-1").await;
    scene.enforcer.post(FOLLOW_UPS, &follow_up(1, "AA")).await.is_refused(409, "conflict");
    let control = message("control.submit", "req-1", 1, "AA");
    scene.approver.post(CONTROLS, &control).await.is_refused(409, "conflict");
}

#[tokio::test]
async fn what_is_told_is_bounded_and_output_makes_room_first() {
    let scene = decided().await;
    scene.enforcer.post(FOLLOW_UPS, &follow_up(1, "AAEC")).await.has(202);
    for seq in 2..=140 {
        scene.enforcer.post(FOLLOW_UPS, &passing(seq)).await.has(202);
    }
    let mut after = 0;
    let mut found = Vec::new();
    loop {
        let answer = scene.approver.get(&format!("{FOLLOW_UPS}?after={after}")).await;
        if answer.status == 204 {
            break;
        }
        found.extend(seqs(&answer.has(200)));
        after = *found.last().expect("not empty");
    }
    assert_eq!(found.len(), 128);
    assert_eq!((found[0], found[1], found[127]), (1, 14, 140), "{found:?}");
    let long = follow_up(141, &"A".repeat(64 << 10));
    scene.enforcer.post(FOLLOW_UPS, &long).await.is_refused(422, "invalid_request");
}
