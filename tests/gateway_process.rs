//! `airlock-exec gateway` as a process: killed at any moment, and refused a start.

mod gateway_support;
#[path = "gateway_support/process.rs"]
mod process;
mod support;

use gateway_support::{Api, decision, pair, submission};
use nix::sys::signal::Signal;
use process::{Process, data, refused, token};
use serde_json::Value;
use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::time::Duration;
use support::{BINARY, Running, Sandbox, eventually};

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_gateway_has_lost_nothing_and_those_who_wait_go_on() {
    let sandbox = Sandbox::new();
    let first = Process::start(&sandbox);
    let enforcer = Api::new(&first.url, Some(&token(&sandbox, "enforcer")));
    let approver = Api::new(&first.url, Some(&token(&sandbox, "approver")));
    let routing_token = pair(&enforcer, "enf-1", &approver, "apr-1").await;
    for request_id in ["req-1", "req-2"] {
        let body = submission("enf-1", request_id, Some(&routing_token));
        enforcer.post("/v1/artifacts", &body).await.has(202);
    }
    approver.post("/v1/decisions", &decision("req-1", "approve")).await.has(200);
    let pending = enforcer.request(reqwest::Method::GET, "/v1/exchanges/req-2/wait?timeout=60");
    let waiting = tokio::spawn(pending.send());
    first.kill();
    waiting.await.expect("waits").expect_err("the connection broke");

    let second = Process::start(&sandbox);
    let (enforcer, approver) = (enforcer.at(&second.url), approver.at(&second.url));
    let delivered = enforcer.get("/v1/exchanges/req-1/wait?timeout=5").await.has(200);
    assert_eq!(delivered["body"]["decision"], "approve");
    let again = enforcer.clone();
    let waiting =
        tokio::spawn(async move { again.get("/v1/exchanges/req-2/wait?timeout=60").await });
    approver.post("/v1/decisions", &decision("req-2", "reject")).await.has(200);
    assert_eq!(waiting.await.expect("waits").has(200)["body"]["decision"], "reject");
}

/// Whatever was acknowledged before each kill is there after it.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_a_kill_in_the_middle_of_many() {
    let sandbox = Sandbox::new();
    let mut process = Process::start(&sandbox);
    let mut enforcer = Api::new(&process.url, Some(&token(&sandbox, "enforcer")));
    let mut approver = Api::new(&process.url, Some(&token(&sandbox, "approver")));
    pair(&enforcer, "enf-1", &approver, "apr-1").await;
    let mut acknowledged = Vec::new();
    for round in 0..4 {
        let submitting = enforcer.clone();
        let many = tokio::spawn(async move {
            let mut taken = Vec::new();
            for number in 0.. {
                let request_id = format!("req-{round}-{number}");
                let body = submission("enf-1", &request_id, None);
                let sent = submitting.request(reqwest::Method::POST, "/v1/artifacts").json(&body);
                match sent.send().await {
                    Ok(answer) if answer.status() == 202 => taken.push(request_id),
                    _ => break,
                }
                if number == 20 {
                    break;
                }
            }
            taken
        });
        // Not a wait for anything: the kill is to fall somewhere within.
        tokio::time::sleep(Duration::from_millis(3 + 7 * round)).await;
        process.kill();
        acknowledged.extend(many.await.expect("submits"));
        process = Process::start(&sandbox);
        (enforcer, approver) = (enforcer.at(&process.url), approver.at(&process.url));
    }
    for request_id in &acknowledged {
        let status = enforcer.get(&format!("/v1/exchanges/{request_id}")).await.has(200);
        assert_eq!(status["body"]["state"], "pendingApproval", "{request_id}");
        approver.post("/v1/decisions", &decision(request_id, "reject")).await.has(200);
    }
}

#[test]
fn a_terminated_gateway_ends_well_and_writes_only_its_url() {
    let sandbox = Sandbox::new();
    let process = Process::start(&sandbox);
    process.running.signal(Signal::SIGTERM);
    let output = process.running.finish();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8(output.stdout).expect("UTF-8"), format!("{}\n", process.url));
}

#[test]
fn systemd_has_nothing_to_say_about_the_unit() {
    let sandbox = Sandbox::new();
    let unit =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib/gateway/airlock-gateway.service");
    let unit = fs::read_to_string(unit).expect("a unit");
    let installed = "ExecStart=/usr/local/bin/airlock-exec gateway ";
    assert!(unit.contains(installed), "{unit}");
    let here = sandbox.path("airlock-gateway.service");
    let ours = format!("ExecStart={BINARY} gateway ");
    fs::write(&here, unit.replace(installed, &ours)).expect("written");
    let mut verify = sandbox.program("systemd-analyze");
    let output = verify.args(["--man=no", "verify"]).arg(&here).output();
    let output = output.expect("systemd-analyze; tests/run installs it");
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}

#[test]
fn refuses_an_address_that_others_can_reach() {
    let sandbox = Sandbox::new();
    let data = data(&sandbox);
    let (_, said) = refused(&sandbox, &["--listen", "0.0.0.0:0", "--data", &data]);
    assert!(said.contains("0.0.0.0:0") && said.contains("TLS"), "{said}");
}

#[test]
fn refuses_a_port_in_use_and_names_the_mend() {
    let sandbox = Sandbox::new();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let data = data(&sandbox);
    let (_, said) = refused(&sandbox, &["--listen", &address, "--data", &data]);
    assert!(said.contains(&address) && said.contains("127.0.0.1:0"), "{said}");
}

#[test]
fn refuses_a_second_gateway_on_one_directory() {
    let sandbox = Sandbox::new();
    let process = Process::start(&sandbox);
    let data = data(&sandbox);
    let (_, said) = refused(&sandbox, &["--listen", "127.0.0.1:0", "--data", &data]);
    assert!(said.contains("another gateway") && said.contains(&data), "{said}");
    process.kill();
}

#[test]
fn refuses_a_loose_directory_and_names_the_chmod() {
    let sandbox = Sandbox::new();
    let data = data(&sandbox);
    fs::create_dir(&data).expect("made");
    fs::set_permissions(&data, Permissions::from_mode(0o755)).expect("loosened");
    for arguments in [
        &["--listen", "127.0.0.1:0", "--data", &data][..],
        &["token", "create", "--role", "enforcer", "--data", &data],
    ] {
        let (_, said) = refused(&sandbox, arguments);
        assert!(said.contains(&format!("chmod 700 {data}")), "{said}");
    }
}

#[test]
fn refuses_a_file_with_the_store_that_is_a_link_or_open_to_others() {
    let sandbox = Sandbox::new();
    let [file, link] = ["store", "link"].map(|name| sandbox.path(name));
    fs::write(&file, "postgres://airlock@127.0.0.1:1/airlock").expect("written");
    fs::set_permissions(&file, Permissions::from_mode(0o600)).expect("set");
    symlink(&file, &link).expect("linked");
    let refused = |path: &Path| {
        let path = path.to_str().expect("UTF-8");
        refused(&sandbox, &["--listen", "127.0.0.1:0", "--store-file", path]).1
    };
    // It is read: nobody listens at that port.
    let said = refused(&file);
    assert!(said.contains("the PostgreSQL database airlock at 127.0.0.1:1"), "{said}");
    let said = refused(&link);
    assert!(said.contains(&format!("{} is not a plain file", link.display())), "{said}");
    fs::set_permissions(&file, Permissions::from_mode(0o640)).expect("loosened");
    let said = refused(&file);
    assert!(said.contains(&format!("chmod 600 {}", file.display())), "{said}");
}

#[test]
fn logs_neither_tokens_nor_bodies() {
    let sandbox = Sandbox::new();
    let data = data(&sandbox);
    let mut command =
        sandbox.airlock(["gateway", "--listen", "127.0.0.1:0", "--data", data.as_str()]);
    let running = Running::start(command.env("AIRLOCK_EXEC_LOG", "trace"));
    let url = eventually("the URL", || running.stdout().strip_suffix('\n').map(str::to_owned));
    let tokens = [token(&sandbox, "enforcer"), token(&sandbox, "approver")];
    let [enforcer, approver] = [&tokens[0], &tokens[1]].map(|token| Api::new(&url, Some(token)));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let routing_token = runtime.block_on(async {
        let routing_token = pair(&enforcer, "enf-1", &approver, "apr-1").await;
        let mut body = submission("enf-1", "req-1", Some(&routing_token));
        body["body"]["metadata"]["requestLabel"] = Value::from("label-of-a-body");
        enforcer.post("/v1/artifacts", &body).await.has(202);
        routing_token
    });
    running.signal(Signal::SIGTERM);
    let logged = String::from_utf8(running.finish().stderr).expect("UTF-8");
    assert!(logged.contains("req-1"), "{logged}");
    for secret in [&tokens[0], &tokens[1], &routing_token, "label-of-a-body"] {
        assert!(!logged.contains(secret), "{secret} was logged:\n{logged}");
    }
}
