//! Gateway processes on one database, killed while they are used.

mod gateway_support;
#[path = "gateway_support/process.rs"]
mod process;
mod support;

use gateway_support::{Api, Postgres, decision, pair, submission};
use process::{Process, refused};
use reqwest::Method;
use serde_json::Value;
use std::collections::HashMap;
use std::time::Duration;
use support::Sandbox;

fn token(sandbox: &Sandbox, store: &str, role: &str) -> String {
    let mut command = sandbox.airlock(["gateway", "token", "create", "--role", role]);
    let command = command.env("AIRLOCK_EXEC_GATEWAY_STORE", store);
    let output = support::Running::start(command).finish();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("UTF-8").trim_end().to_owned()
}

/// Posts until the gateway is gone; returns what it answered to each request.
async fn post_many(api: Api, path: &str, bodies: Vec<(String, Value)>) -> HashMap<String, u16> {
    let mut answered = HashMap::new();
    for (request_id, body) in bodies {
        match api.request(Method::POST, path).json(&body).send().await {
            Ok(answer) => answered.insert(request_id, answer.status().as_u16()),
            Err(_) => break,
        };
    }
    answered
}

/// Two nodes take submissions and conflicting decisions; one after the other is killed
/// in the middle. What was acknowledged is there, and says the same as long as it lives.
#[tokio::test(flavor = "multi_thread")]
async fn nodes_killed_under_load_lose_nothing_and_decide_nothing_twice() {
    let sandbox = Sandbox::new();
    let server = Postgres::shared();
    let store = server.database().await;
    let mut nodes = [Process::start_on(&sandbox, &store), Process::start_on(&sandbox, &store)];
    let enforcer = Api::new(&nodes[0].url, Some(&token(&sandbox, &store, "enforcer")));
    let approver = Api::new(&nodes[0].url, Some(&token(&sandbox, &store, "approver")));
    pair(&enforcer, "enf-1", &approver, "apr-1").await;
    let mut submitted = Vec::new();
    let mut decided: HashMap<String, &str> = HashMap::new();
    for round in 0..4_u64 {
        let bodies = |node: usize| -> Vec<_> {
            let ids = (0..12).map(|number| format!("req-{round}-{node}-{number}"));
            ids.map(|id| (id.clone(), submission("enf-1", &id, None))).collect()
        };
        // Each decides the other's, of the round before, and not alike.
        let verdicts = |word: &str| -> Vec<_> {
            let of_before = submitted.iter().rev().take(24);
            of_before.map(|id: &String| (id.clone(), decision(id, word))).collect()
        };
        let urls = [&nodes[0].url, &nodes[1].url];
        let busy = [0, 1].map(|node| {
            let (enforcer, approver) = (enforcer.at(urls[node]), approver.at(urls[node]));
            let (bodies, verdicts) = (bodies(node), verdicts(["approve", "reject"][node]));
            (
                tokio::spawn(async move { post_many(enforcer, "/v1/artifacts", bodies).await }),
                tokio::spawn(async move { post_many(approver, "/v1/decisions", verdicts).await }),
            )
        });
        // Not a wait for anything: the kill is to fall somewhere within.
        tokio::time::sleep(Duration::from_millis(5 + 15 * round)).await;
        let killed = usize::from(round % 2 == 1);
        let next = Process::start_on(&sandbox, &store);
        std::mem::replace(&mut nodes[killed], next).kill();
        for (word, (submissions, verdicts)) in ["approve", "reject"].into_iter().zip(busy) {
            for (id, status) in submissions.await.expect("submits") {
                assert_eq!(status, 202, "{id}");
                submitted.push(id);
            }
            for (id, status) in verdicts.await.expect("decides") {
                if status == 200 {
                    let before = decided.insert(id.clone(), word);
                    assert!(before.is_none_or(|before| before == word), "{id} decided twice");
                } else {
                    assert_eq!(status, 409, "{id}");
                }
            }
        }
    }
    assert!(!submitted.is_empty() && !decided.is_empty(), "there was something to lose");
    let urls = [&nodes[0].url, &nodes[1].url];
    for (number, id) in submitted.iter().enumerate() {
        let enforcer = enforcer.at(urls[number % 2]);
        let status = enforcer.get(&format!("/v1/exchanges/{id}")).await.has(200);
        if let Some(word) = decided.get(id) {
            assert_eq!(status["body"]["decision"]["decision"], *word, "{id}");
        }
    }
    for node in nodes {
        node.kill();
    }
}

#[test]
fn a_password_is_refused_in_arguments_and_never_logged() {
    let sandbox = Sandbox::new();
    let store = "postgres://airlock:hunter2@127.0.0.1:1/airlock";
    let (_, said) = refused(&sandbox, &["--listen", "127.0.0.1:0", "--store", store]);
    assert!(said.contains("PGPASSWORD") && !said.contains("hunter2"), "{said}");
    let mut command = sandbox.airlock(["gateway", "--listen", "127.0.0.1:0"]);
    command.env("AIRLOCK_EXEC_GATEWAY_STORE", store).env("AIRLOCK_EXEC_LOG", "trace");
    let output = support::Running::start(&mut command).finish();
    assert_eq!(output.status.code(), Some(125), "{output:?}");
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(said.contains("the PostgreSQL database airlock at 127.0.0.1:1"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
    let file = sandbox.path("store");
    std::fs::write(&file, store).expect("written");
    let path = file.to_str().expect("UTF-8");
    let arguments = ["--listen", "127.0.0.1:0", "--store-file", path];
    let (_, said) = refused(&sandbox, &arguments);
    assert!(said.contains(&format!("chmod 600 {path}")), "{said}");
    let (_, said) = refused(&sandbox, &["--listen", "127.0.0.1:0", "--store", "mysql://x/y"]);
    assert!(said.contains("postgres://"), "{said}");
}
