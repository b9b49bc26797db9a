//! What many clients want at the same moment, and only one of them can have.

mod gateway_support;

use airlock_exec::gateway::Role;
use futures_util::future::join_all;
use gateway_support::{Answer, Api, Scene, Server, decision, submission};
use serde_json::json;

/// How many want it.
const CROWD: usize = 12;

/// Fails unless one of the answers is good and the rest are refused so.
#[track_caller]
fn one_has_it(answers: &[Answer], status: u16, code: &str) {
    let (good, refused): (Vec<&Answer>, Vec<&Answer>) =
        answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(good.len(), 1, "{answers:?}");
    for answer in refused {
        answer.is_refused(status, code);
    }
}

/// Each posts the same, at the same moment.
async fn at_once(clients: &[Api], path: &str, body: &serde_json::Value) -> Vec<Answer> {
    join_all(clients.iter().map(|client| client.post(path, body))).await
}

async fn crowd(server: &Server, role: Role) -> Vec<Api> {
    let mut clients = Vec::new();
    for _ in 0..CROWD {
        clients.push(server.client(role).await);
    }
    clients
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_decided_differently_at_the_same_moment_is_decided_once() {
    let scene = Scene::paired().await;
    for round in 0..10 {
        let request_id = format!("req-{round}");
        scene.submit(&request_id).await;
        let waiting = scene.waiting(&request_id);
        let words = ["approve", "reject"].iter().cycle().take(CROWD);
        let verdicts = words.map(|word| {
            let (approver, verdict) = (scene.approver.clone(), decision(&request_id, word));
            async move { (*word, approver.post("/v1/decisions", &verdict).await) }
        });
        let answers = join_all(verdicts).await;
        // The same again is no news, and what says something else is a conflict.
        let taken: Vec<&str> = answers
            .iter()
            .filter(|(_, answer)| answer.status == 200)
            .map(|(word, _)| *word)
            .collect();
        let first = *taken.first().expect("one is taken");
        for (word, answer) in &answers {
            if *word == first {
                assert_eq!(answer.status, 200, "{answer:?}");
            } else {
                answer.is_refused(409, "conflict");
            }
        }
        let heard = waiting.await.expect("waits").has(200);
        assert_eq!(heard["body"]["decision"], first, "whoever waited heard something else");
    }
}

/// Whoever is told that it was taken finds it, also who sent what another had sent.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_submitted_twice_at_the_same_moment_is_there_for_both() {
    let scene = Scene::paired().await;
    for round in 0..40 {
        let request_id = format!("req-{round}");
        let body = submission("enf-1", &request_id, Some(&scene.routing_token));
        let both = (0..CROWD).map(|_| async {
            let answer = scene.enforcer.post("/v1/artifacts", &body).await;
            assert!([200, 202].contains(&answer.status), "{answer:?}");
            scene.state(&request_id).await
        });
        for state in join_all(both).await {
            assert_eq!(state, "pendingApproval");
        }
    }
}

/// Whoever is told that the id is taken finds what has taken it.
#[tokio::test(flavor = "multi_thread")]
async fn what_takes_the_id_of_another_is_there_for_whoever_is_refused() {
    let scene = Scene::paired().await;
    for round in 0..40 {
        let request_id = format!("req-{round}");
        let each = (0..CROWD).map(|number| {
            let mut body = submission("enf-1", &request_id, Some(&scene.routing_token));
            body["body"]["artifactHash"] = json!(format!("{number:064x}"));
            async {
                let body = body;
                let answer = scene.enforcer.post("/v1/artifacts", &body).await;
                if answer.status != 202 {
                    answer.is_refused(409, "conflict");
                }
                scene.state(&request_id).await
            }
        });
        for state in join_all(each).await {
            assert_eq!(state, "pendingApproval");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ends_a_request_is_there_for_whoever_comes_too_late() {
    let scene = Scene::paired().await;
    for round in 0..20 {
        let request_id = format!("req-{round}");
        scene.submit(&request_id).await;
        let verdict = decision(&request_id, "approve");
        let withdraw = format!("/v1/exchanges/{request_id}/withdraw");
        let each = (0..CROWD).map(async |number| {
            let answer = match number % 2 {
                0 => scene.approver.post("/v1/decisions", &verdict).await,
                _ => scene.enforcer.post(&withdraw, &json!({})).await,
            };
            assert!([200, 409].contains(&answer.status), "{answer:?}");
            scene.state(&request_id).await
        });
        for state in join_all(each).await {
            assert_ne!(state, "pendingApproval");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pairing_code_that_many_machines_claim_pairs_one() {
    let server = Server::start().await;
    let approver = server.client(Role::Approver).await;
    let enforcers = crowd(&server, Role::Enforcer).await;
    let code = approver.post("/v1/pairing/pre-generate", &json!({})).await.has(200);
    let claims = enforcers.iter().enumerate().map(|(number, enforcer)| {
        let claim = json!({"pairingCode": code["pairingCode"], "deviceId": "d",
            "enforcerId": format!("enf-{number}"), "enforcerLabel": "l", "workspaceName": "w"});
        async move { enforcer.post("/v1/pairing/claim", &claim).await }
    });
    one_has_it(&join_all(claims).await, 409, "conflict");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_many_tokens_want_belongs_to_one() {
    let server = Server::start().await;
    let enforcers = crowd(&server, Role::Enforcer).await;
    let beat = json!({"enforcerId": "enf-1", "deviceId": "d"});
    one_has_it(&at_once(&enforcers, "/v1/presence/heartbeat", &beat).await, 403, "forbidden");
}
