//! What a gateway does not take, and how it says so.

mod gateway_support;

use airlock_exec::gateway::{CallLimits, Role};
use airlock_exec::process;
use gateway_support::{Api, Place, Scene, Server, decision, read, submission};
use jiff::SignedDuration;
use reqwest::Method;
use reqwest::header::{HeaderName, HeaderValue};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

#[tokio::test]
async fn refuses_bodies_that_are_too_large_or_of_another_kind() {
    let scene = Scene::paired().await;
    let post = |body: Vec<u8>, kind: &'static str| {
        let request = scene.enforcer.request(Method::POST, "/v1/artifacts");
        read(request.header("content-type", kind).body(body))
    };
    let json = "application/json";
    post(vec![b' '; (1 << 20) + 1], json).await.is_refused(413, "payload_too_large");
    post(b"{}".to_vec(), "text/plain").await.is_refused(415, "unsupported_media_type");
    let form = "application/x-www-form-urlencoded";
    post(b"{}".to_vec(), form).await.is_refused(415, "unsupported_media_type");
    for text in ["", "{", "[]", "null", "{}", "{\"a\":1,\"a\":2}", "\u{0}"] {
        post(text.into(), json).await.is_refused(422, "invalid_request");
    }
    post(vec![0xff], json).await.is_refused(422, "invalid_request");
    let deep = "[".repeat(5000);
    post(deep.into(), json).await.is_refused(422, "invalid_request");
    let body = submission("enf-1", "req-1", None).to_string();
    assert_eq!(post(body.into(), "application/harp+json; charset=utf-8").await.status, 202);
}

#[tokio::test]
async fn whoever_writes_a_body_that_is_too_large_to_its_end_reads_why_it_is_refused() {
    let scene = Scene::paired().await;
    let body = vec![b' '; 8 << 20];
    let request = scene.enforcer.request(Method::POST, "/v1/artifacts").build();
    let request = request.expect("a request");
    let headers = request.headers().iter();
    let header = |(name, value): (&HeaderName, &HeaderValue)| {
        format!("{name}: {}\r\n", value.to_str().expect("text"))
    };
    let headers = headers.map(header).collect::<Vec<_>>().concat();
    let head = format!(
        "POST /v1/artifacts HTTP/1.1\r\nhost: localhost\r\n{headers}\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let address = scene.server.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.expect("connects");
    stream.write_all(head.as_bytes()).await.expect("written");
    stream.write_all(&body).await.expect("it is read to its end");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("it is answered");
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("payload_too_large"), "{answer}");
}

#[tokio::test]
async fn refuses_submissions_that_make_no_sense() {
    let scene = Scene::paired().await;
    let good = submission("enf-1", "req-1", None);
    let changed = |pointer: &str, value: Value| {
        let mut body = good.clone();
        *body.pointer_mut(pointer).expect("a field") = value;
        body
    };
    for body in [
        changed("/msgType", json!("decision.submit")),
        changed("/requestId", json!("../../etc")),
        changed("/requestId", json!("")),
        changed("/sender", json!({})),
        changed("/body/artifactHash", json!("abc")),
        changed("/body/artifactType", json!("")),
        changed("/body/ciphertext/data", json!("!!")),
        changed("/body/ciphertext", Value::Null),
        changed("/body/expiresAt", json!("tomorrow")),
    ] {
        let refused = scene.enforcer.post("/v1/artifacts", &body).await;
        assert_eq!((refused.status, refused.code()), (422, "invalid_request"), "{body}");
    }
    let old = changed("/body/expiresAt", json!(process::now() - SignedDuration::from_mins(2)));
    scene.enforcer.post("/v1/artifacts", &old).await.is_refused(422, "expired");
    let unpaired = submission("enf-2", "req-1", None);
    scene.enforcer.post("/v1/artifacts", &unpaired).await.is_refused(422, "no_approver");
    let inbox = scene.approver.get("/v1/approvers/apr-1/inbox").await.has(200);
    assert_eq!(inbox["body"]["items"], json!([]), "nothing refused was kept");
}

#[tokio::test]
async fn refuses_decisions_that_make_no_sense() {
    let scene = Scene::paired().await;
    scene.submit("req-1").await;
    let good = decision("req-1", "approve");
    let changed = |pointer: &str, value: Value| {
        let mut body = good.clone();
        *body.pointer_mut(pointer).expect("a field") = value;
        body
    };
    for body in [
        changed("/msgType", json!("decision.deliver")),
        changed("/sender", json!({})),
        changed("/body/decision", json!("APPROVE")),
        changed("/body/decision", json!("yes")),
        changed("/body/signature", json!("")),
        changed("/body/signerKeyId", Value::Null),
        changed("/body/nonce", Value::Null),
        changed("/body/artifactHash", Value::Null),
        changed("/body/reason", json!("x".repeat(20_000))),
    ] {
        let refused = scene.approver.post("/v1/decisions", &body).await;
        assert_eq!((refused.status, refused.code()), (422, "invalid_request"), "{body}");
    }
    assert_eq!(scene.state("req-1").await, "pendingApproval");
}

#[tokio::test]
async fn a_waiting_room_of_one_pairing_is_bounded() {
    let scene = Scene::paired().await;
    for number in 0..100 {
        scene.submit(&format!("req-{number}")).await;
    }
    let over = submission("enf-1", "req-over", None);
    let refused = scene.enforcer.post("/v1/artifacts", &over).await;
    refused.is_refused(429, "quota_exceeded");
    assert!(refused.retry_after.is_some());
    scene.enforcer.post("/v1/exchanges/req-0/withdraw", &Value::Null).await.has(200);
    scene.enforcer.post("/v1/artifacts", &over).await.has(202);

    let mut found = Vec::new();
    let mut path = "/v1/approvers/apr-1/inbox?limit=30".to_owned();
    loop {
        let page = scene.approver.get(&path).await.has(200);
        let items = page["body"]["items"].as_array().expect("items").clone();
        assert!(items.len() <= 30);
        found.extend(items.into_iter().map(|item| item["requestId"].to_string()));
        let Some(cursor) = page["body"]["nextCursor"].as_str() else { break };
        path = format!("/v1/approvers/apr-1/inbox?limit=30&cursor={cursor}");
    }
    assert_eq!(found.len(), 100);
    found.sort();
    found.dedup();
    assert_eq!(found.len(), 100, "no item is on two pages");
    let bad = scene.approver.get("/v1/approvers/apr-1/inbox?cursor=x").await;
    bad.is_refused(422, "invalid_request");
}

#[tokio::test]
async fn guesses_of_pairing_codes_are_bounded() {
    let scene = Scene::paired().await;
    for _ in 0..10 {
        let wrong = scene.approver.get("/v1/pairing/resolve/0000-0000").await;
        wrong.is_refused(404, "not_found");
    }
    let refused = scene.approver.get("/v1/pairing/resolve/0000-0000").await;
    refused.is_refused(429, "rate_limited");
    assert!(refused.retry_after.is_some());
    let claim = json!({"pairingCode": "0000-0000", "deviceId": "d", "enforcerId": "enf-1",
        "enforcerLabel": "", "workspaceName": ""});
    for _ in 0..10 {
        scene.enforcer.post("/v1/pairing/claim", &claim).await.is_refused(404, "not_found");
    }
    scene.enforcer.post("/v1/pairing/claim", &claim).await.is_refused(429, "rate_limited");
}

#[tokio::test]
async fn a_session_is_completed_and_claimed_once() {
    let server = Server::start().await;
    let enforcer = server.client(Role::Enforcer).await;
    let approver = server.client(Role::Approver).await;
    let other = server.client(Role::Approver).await;
    let code = approver.post("/v1/pairing/pre-generate", &json!({})).await.has(200);
    let shown = code["pairingCode"].as_str().expect("a code").to_owned();
    let complete = |id: &str| {
        json!({"nonce": code["pairingNonce"], "approverId": id,
        "responseJson": "{}"})
    };
    other.post("/v1/pairing/complete", &complete("apr-2")).await.is_refused(404, "not_found");
    approver.post("/v1/pairing/complete", &complete("apr-1")).await.has(200);
    approver.post("/v1/pairing/complete", &complete("apr-1")).await.is_refused(409, "conflict");
    let claim = json!({"pairingCode": shown, "deviceId": "d", "enforcerId": "enf-1",
        "enforcerLabel": "l", "workspaceName": "w"});
    let claimed = enforcer.post("/v1/pairing/claim", &claim).await.has(200);
    assert!(claimed["routingToken"].is_string(), "completed beforehand: the token at once");
    enforcer.post("/v1/pairing/claim", &claim).await.is_refused(409, "conflict");
    let unknown = json!({"nonce": "n", "approverId": "apr-1", "responseJson": "{}"});
    approver.post("/v1/pairing/complete", &unknown).await.is_refused(404, "not_found");
    enforcer.post("/v1/artifacts", &submission("enf-1", "req-1", None)).await.has(202);
}

#[tokio::test]
async fn answers_only_to_its_loopback_name() {
    let scene = Scene::paired().await;
    let rebound = scene.enforcer.request(Method::GET, "/echo").header("host", "evil.example");
    read(rebound).await.is_refused(421, "wrong_host");
    let named = scene.enforcer.request(Method::GET, "/echo").header("host", "localhost:1");
    assert_eq!(read(named).await.status, 200);
}

#[tokio::test]
async fn garbage_on_the_wire_ends_the_connection_and_nothing_else() {
    let scene = Scene::paired().await;
    let address = scene.server.url.trim_start_matches("http://");
    let endless = vec![b'A'; 100_000];
    for garbage in [&b"\x16\x03\x01\x02\x00"[..], b"GET / HTTP/9.9\r\n\r\n", &endless] {
        let mut stream = TcpStream::connect(address).await.expect("connects");
        // The gateway may hang up before all is written.
        let _ = stream.write_all(garbage).await;
        let _ = stream.shutdown().await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
    }
    let nobody = Api::new(&scene.server.url, None);
    assert_eq!(nobody.get("/echo").await.status, 200);
}

/// Sends one part after another, that far apart, until the gateway answers or hangs up;
/// returns what it answered, and how long that took.
async fn slowly(url: &str, head: &str, part: &[u8], pause: Duration) -> (String, Duration) {
    let address = url.trim_start_matches("http://");
    let (mut reader, mut writer) =
        TcpStream::connect(address).await.expect("connects").into_split();
    let began = Instant::now();
    let _ = writer.write_all(head.as_bytes()).await;
    let sending = async {
        loop {
            tokio::time::sleep(pause).await;
            if writer.write_all(part).await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    };
    let mut answer = Vec::new();
    tokio::select! {
        _ = reader.read_to_end(&mut answer) => (),
        () = sending => (),
        () = tokio::time::sleep(Duration::from_secs(45)) => panic!("it never ends: {head:?}"),
    }
    (String::from_utf8_lossy(&answer).into_owned(), began.elapsed())
}

#[tokio::test]
async fn whoever_is_slow_does_not_hold_a_connection_for_long() {
    let scene = Scene::paired().await;
    let url = &scene.server.url;
    let token = scene.server.token(Role::Enforcer).await;
    let post = format!(
        "POST /v1/artifacts HTTP/1.1\r\nhost: 127.0.0.1\r\nx-pat: {token}\r\n\
         content-type: application/json\r\ncontent-length: 500000\r\n\r\n"
    );
    let (never, often) = (Duration::from_hours(1), Duration::from_millis(200));
    let (nothing, half, dripped, silent, body) = tokio::join!(
        slowly(url, "", b"", never),
        slowly(url, "GET /echo HTTP/1.1\r\nhost: 127.0.0.1\r\n", b"", never),
        slowly(url, "GET /echo HTTP/1.1\r\n", b"x-slow: 1\r\n", often),
        slowly(url, &post, b"", never),
        slowly(url, &post, b" ", often),
    );
    for (name, (_, took)) in [("nothing", &nothing), ("half a head", &half), ("drops", &dripped)] {
        assert!(*took < Duration::from_secs(12), "{name}: {took:?}");
    }
    for (answer, took) in [&silent, &body] {
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(*took < Duration::from_secs(35), "{took:?}");
    }
    assert_eq!(Api::new(url, None).get("/echo").await.status, 200);
}

#[tokio::test]
async fn headers_have_an_end() {
    let server = Server::start().await;
    let long =
        format!("GET /echo HTTP/1.1\r\nhost: 127.0.0.1\r\nx-long: {}\r\n", "a".repeat(80_000));
    let many = format!("GET /echo HTTP/1.1\r\nhost: 127.0.0.1\r\n{}", "x-many: 1\r\n".repeat(200));
    for head in [long, many + "\r\n"] {
        // Not by their time, which is five seconds.
        let (answer, took) = slowly(&server.url, &head, b"", Duration::from_hours(1)).await;
        assert!(took < Duration::from_secs(4), "{took:?}");
        // What is not read resets the connection, and may take the answer with it.
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431 "), "{answer:?}");
    }
}

/// An artifact of nearly the most bytes that are taken.
fn large(request_id: &str) -> Value {
    let mut body = submission("enf-1", request_id, None);
    body["body"]["ciphertext"]["data"] = "QUJD".repeat(230_000).into();
    body
}

#[tokio::test]
async fn a_page_of_large_requests_ends_early_and_the_next_goes_on() {
    let scene = Scene::paired().await;
    let expected: Vec<String> = (0..20).map(|number| format!("req-{number}")).collect();
    for request_id in &expected {
        scene.enforcer.post("/v1/artifacts", &large(request_id)).await.has(202);
    }
    let mut found = Vec::new();
    let mut cursor = Value::from("");
    while let Some(from) = cursor.as_str() {
        let path = format!("/v1/approvers/apr-1/inbox?limit=100&cursor={from}");
        let page = scene.approver.get(&path).await.has(200)["body"].take();
        let items = page["items"].as_array().expect("items").clone();
        assert!((1..=8).contains(&items.len()), "{} of a megabyte each", items.len());
        found.extend(items.iter().map(|item| item["requestId"].as_str().expect("it").to_owned()));
        cursor = page["nextCursor"].clone();
    }
    assert_eq!(found, expected);
    for request_id in &expected {
        scene.enforcer.post(&format!("/v1/exchanges/{request_id}/withdraw"), &Value::Null).await;
    }
    let mut found = Vec::new();
    let mut before = Value::from(i64::MAX);
    while let Some(from) = before.as_i64() {
        let path = format!("/v1/approvers/apr-1/history?limit=100&before={from}");
        let page = scene.approver.get(&path).await.has(200);
        let items = page["items"].as_array().expect("items").clone();
        assert!((1..=8).contains(&items.len()), "{} of a megabyte each", items.len());
        found.extend(items.iter().map(|item| item["requestId"].as_str().expect("it").to_owned()));
        before = page["next"].clone();
    }
    found.reverse();
    assert_eq!(found, expected);
}

/// The most bytes that the system keeps of what was sent and not read.
fn unread() -> usize {
    let bounds = std::fs::read_to_string("/proc/sys/net/ipv4/tcp_wmem").expect("bounds");
    bounds.split_whitespace().last().and_then(|most| most.parse().ok()).expect("a number")
}

#[tokio::test]
async fn whoever_does_not_read_is_let_go() {
    let reading_silence = Duration::from_secs(2);
    let limits = CallLimits { reading_silence, ..CallLimits::default() };
    let server = Server::limited_on(Place::empty().await, process::now, None, limits).await;
    let scene = Scene::on(server).await;
    let token = scene.server.token(Role::Approver).await;
    let owner = Api::new(&scene.server.url, Some(&token));
    gateway_support::pair(&scene.enforcer, "enf-1", &owner, "apr-2").await;
    // Each is nearly a megabyte, and the last of them cannot be sent.
    for number in 0..unread() / 900_000 + 4 {
        let mut body = large(&format!("req-{number}"));
        body["body"]["metadata"]["approverId"] = "apr-2".into();
        scene.enforcer.post("/v1/artifacts", &body).await.has(202);
    }
    let address = scene.server.url.trim_start_matches("http://").parse().expect("an address");
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4096).expect("set");
    let mut stream = socket.connect(address).await.expect("connects");
    let head = format!(
        "GET /v1/sse/approvers/apr-2 HTTP/1.1\r\nhost: 127.0.0.1\r\nx-pat: {token}\r\n\r\n"
    );
    let began = Instant::now();
    stream.write_all(head.as_bytes()).await.expect("written");
    let mut first = [0; 12];
    stream.read_exact(&mut first).await.expect("a beginning");
    assert_eq!(&first, b"HTTP/1.1 200");
    // Others are not kept waiting meanwhile.
    gateway_support::eventually_open(&scene.server.url, "streams", 0).await;
    assert!(began.elapsed() >= reading_silence, "it had no time to read");
    drop(stream);
}

#[test]
fn unless_said_otherwise_there_are_twenty_seconds_to_read() {
    assert_eq!(CallLimits::default().reading_silence, Duration::from_secs(20));
}
