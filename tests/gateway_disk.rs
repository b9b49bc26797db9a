//! A gateway whose disk is full for a while.

mod gateway_support;
#[path = "gateway_support/process.rs"]
mod process;
mod support;

use gateway_support::{Api, decision, pair, submission};
use process::{Process, data, token};
use std::process::{Command, Stdio};
use support::{BINARY, Running, Sandbox};

/// Changes how large a file of the process may become.
#[expect(clippy::disallowed_methods, reason = "tests start programs")]
fn largest_file(process: nix::unistd::Pid, bytes: &str) {
    let limit = format!("--fsize={bytes}:");
    let changed = Command::new("prlimit")
        .args(["--pid", &process.to_string(), &limit])
        .stdin(Stdio::null())
        .status();
    assert!(changed.expect("prlimit runs").success());
}

/// Nothing can be written for a while, as on a full disk: that is said, what was
/// acknowledged before is there, and it goes on once there is room.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_said_and_costs_nothing_that_was_acknowledged() {
    let sandbox = Sandbox::new();
    let data_dir = data(&sandbox);
    // The signal that such a write brings would end it; an error is what a disk gives.
    let script =
        format!("trap '' XFSZ; exec {BINARY} gateway --listen 127.0.0.1:0 --data {data_dir}");
    let mut command = sandbox.program("/bin/sh");
    let process = Process::of(Running::start(command.args(["-c", &script])));
    let enforcer = Api::new(&process.url, Some(&token(&sandbox, "enforcer")));
    let approver = Api::new(&process.url, Some(&token(&sandbox, "approver")));
    pair(&enforcer, "enf-1", &approver, "apr-1").await;
    let body = |number: usize| {
        let mut body = submission("enf-1", &format!("req-{number}"), None);
        body["body"]["ciphertext"]["data"] = "QUJD".repeat(8_000).into();
        body
    };
    largest_file(process.running.pid(), "700000");
    let mut taken = Vec::new();
    let refused = loop {
        let number = taken.len();
        let answer = enforcer.post("/v1/artifacts", &body(number)).await;
        if answer.status != 202 {
            break answer;
        }
        taken.push(number);
        assert!(number < 90, "there is no limit");
    };
    refused.is_refused(503, "internal_error");
    let words = refused.body["body"]["message"].as_str().expect("words");
    assert!(words.contains("cannot write its database") && words.contains("disk"), "{words}");
    assert!(refused.retry_after.is_some() && !taken.is_empty());
    Api::new(&process.url, None).get("/healthz").await.has(200);
    for number in &taken {
        enforcer.get(&format!("/v1/exchanges/req-{number}")).await.has(200);
    }
    let missing = enforcer.get(&format!("/v1/exchanges/req-{}", taken.len())).await;
    missing.is_refused(404, "not_found");
    // Not even for a little.
    largest_file(process.running.pid(), "1");
    // Whoever decides still sees what waits; that it was shown cannot be noted, nor decided.
    let inbox = approver.get("/v1/approvers/apr-1/inbox?limit=1").await.has(200);
    assert_eq!(inbox["body"]["items"][0]["requestId"], "req-0");
    let refused = approver.post("/v1/decisions", &decision("req-0", "approve")).await;
    refused.is_refused(503, "internal_error");
    assert!(refused.retry_after.is_some());
    let status = enforcer.get("/v1/exchanges/req-0").await.has(200);
    assert_eq!(status["body"]["state"], "pendingApproval");

    largest_file(process.running.pid(), "unlimited");
    enforcer.post("/v1/artifacts", &body(taken.len())).await.has(202);
    taken.push(taken.len());
    approver.post("/v1/decisions", &decision("req-0", "approve")).await.has(200);
    process.kill();
    let process = Process::start(&sandbox);
    for number in &taken {
        let path = format!("/v1/exchanges/req-{number}");
        enforcer.at(&process.url).get(&path).await.has(200);
    }
    let decided = enforcer.at(&process.url).get("/v1/exchanges/req-0/wait?timeout=1").await;
    assert_eq!(decided.has(200)["body"]["decision"], "approve");
    process.kill();
}
