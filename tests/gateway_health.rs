//! What a balancer and a monitor ask, and how much anybody may.

mod gateway_support;

use airlock_exec::gateway::{CallLimits, Role};
use airlock_exec::process;
use gateway_support::{Api, Place, Scene, Server, decision, eventually_open, read, submission};
use reqwest::Method;
use serde_json::Value;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

#[tokio::test]
async fn health_and_readiness_need_no_token_and_no_name() {
    let server = Server::start().await;
    let nobody = Api::new(&server.url, None);
    for path in ["/healthz", "/readyz"] {
        nobody.get(path).await.has(200);
        // A balancer asks by an address of its own.
        let balancer = nobody.request(Method::GET, path).header("host", "10.1.2.3:8750");
        assert_eq!(read(balancer).await.status, 200, "{path}");
        nobody.post(path, &Value::Null).await.is_refused(405, "method_not_allowed");
    }
}

async fn metrics(server: &Server) -> String {
    let response = Api::new(&server.url, None).stream("/metrics").await;
    assert_eq!(response.status(), 200);
    response.text().await.expect("text")
}

#[tokio::test]
async fn metrics_count_and_have_no_word_of_a_caller() {
    let scene = Scene::paired().await;
    scene.submit("req-1").await;
    scene.submit("req-2").await;
    scene.approver.post("/v1/decisions", &decision("req-1", "approve")).await.has(200);
    let waiting = scene.waiting("req-2");
    eventually_open(&scene.server.url, "waits", 1).await;
    scene.enforcer.get("/no/such/path-of-a-caller").await.is_refused(404, "not_found");
    let text = metrics(&scene.server).await;
    for line in [
        "airlock_gateway_exchanges_total{event=\"submitted\"} 2",
        "airlock_gateway_exchanges_total{event=\"decided\"} 1",
        "airlock_gateway_answers_total{route=\"/v1/artifacts\",status=\"202\"} 2",
        "airlock_gateway_answers_total{route=\"unknown\",status=\"404\"} 1",
        "airlock_gateway_open_waits 1",
        "airlock_gateway_pending_exchanges 1",
        "airlock_gateway_store_up 1",
        "airlock_gateway_change_seconds_count 3",
    ] {
        assert!(text.lines().any(|each| each == line), "{line} is not in\n{text}");
    }
    for word in ["req-1", "enf-1", "apr-1", "laptop", "workspace", "path-of-a-caller"] {
        assert!(!text.contains(word), "{word} is in\n{text}");
    }
    scene.enforcer.post("/v1/exchanges/req-2/withdraw", &Value::Null).await.has(200);
    waiting.await.expect("waits").is_refused(410, "withdrawn");
}

#[tokio::test]
async fn whatever_stays_open_is_counted_as_what_it_is_and_described() {
    let scene = Scene::paired().await;
    scene.submit("req-1").await;
    scene.submit("req-2").await;
    scene.approver.post("/v1/decisions", &decision("req-1", "approve")).await.has(200);
    let [approver, enforcer] = [scene.approver.clone(), scene.enforcer.clone()];
    let follow_ups = "/v1/exchanges/req-1/follow-ups?timeout=60";
    let controls = "/v1/exchanges/req-1/controls?timeout=60";
    let polls = [
        scene.waiting("req-2"),
        tokio::spawn(async move { approver.get(follow_ups).await }),
        tokio::spawn(async move { enforcer.get(controls).await }),
    ];
    let stream = scene.approver.stream("/v1/sse/approvers/apr-1").await;
    let channel = scene.enforcer.request(Method::GET, "/v1/ws?role=enforcer&id=enf-1");
    let channel = channel.header("connection", "upgrade").header("upgrade", "websocket");
    let channel = channel.header("sec-websocket-version", "13");
    let channel = channel.header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==").send().await;
    let channel = channel.expect("an answer");
    assert_eq!((stream.status().as_u16(), channel.status().as_u16()), (200, 101));
    for (what, count) in [("waits", 1), ("follow_ups", 2), ("streams", 1), ("presences", 1)] {
        eventually_open(&scene.server.url, what, count).await;
    }
    let documented = include_str!("../docs/gateway.md");
    let text = metrics(&scene.server).await;
    let names: Vec<_> =
        text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    assert_eq!(names.len(), 10, "{text}");
    for name in names {
        assert!(documented.contains(&format!("| `{name}")), "{name} is not in docs/gateway.md");
    }
    drop((stream, channel));
    for poll in &polls {
        poll.abort();
    }
    for what in ["waits", "follow_ups", "streams", "presences"] {
        eventually_open(&scene.server.url, what, 0).await;
    }
}

#[tokio::test]
async fn metrics_behind_a_proxy_need_a_token() {
    let server = Server::start().await;
    let proxied = |api: &Api| api.request(Method::GET, "/metrics").header("x-forwarded-for", "x");
    let nobody = Api::new(&server.url, None);
    read(proxied(&nobody)).await.is_refused(401, "unauthorized");
    let holder = server.client(Role::Approver).await;
    assert_eq!(proxied(&holder).send().await.expect("an answer").status(), 200);
}

/// Starts a gateway with those limits.
async fn limited(limits: CallLimits) -> Server {
    Server::limited_on(Place::empty().await, process::now, None, limits).await
}

#[tokio::test]
async fn one_address_calls_only_so_often_whatever_its_tokens() {
    let per_address = NonZeroU32::new(5);
    let server = limited(CallLimits { per_address, ..CallLimits::default() }).await;
    let clients = [server.client(Role::Enforcer).await, server.client(Role::Approver).await];
    for number in 0..5 {
        clients[number % 2].get("/v1/consents/check").await.has(200);
    }
    let refused = Api::new(&server.url, None).get("/v1/consents/check").await;
    refused.is_refused(429, "rate_limited");
    let wait: u64 = refused.retry_after.expect("a time").parse().expect("seconds");
    assert!((1..=12).contains(&wait), "{wait}");
    Api::new(&server.url, None).get("/healthz").await.has(200);
}

#[tokio::test]
async fn one_pairing_asks_only_so_often() {
    let per_pairing = NonZeroU32::new(3);
    let server = limited(CallLimits { per_pairing, ..CallLimits::default() }).await;
    let scene = Scene::on(server).await;
    for number in 0..3 {
        scene.submit(&format!("req-{number}")).await;
    }
    let over = submission("enf-1", "req-over", Some(&scene.routing_token));
    let refused = scene.enforcer.post("/v1/artifacts", &over).await;
    refused.is_refused(429, "rate_limited");
    assert!(refused.retry_after.is_some());
    let inbox = scene.approver.get("/v1/approvers/apr-1/inbox").await.has(200);
    assert_eq!(inbox["body"]["items"].as_array().map(Vec::len), Some(3), "nobody is asked");
    let next = gateway_support::pair(&scene.enforcer, "enf-2", &scene.approver, "apr-1").await;
    let other = submission("enf-2", "req-other", Some(&next));
    scene.enforcer.post("/v1/artifacts", &other).await.has(202);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_stops_hands_its_waits_over_and_keeps_what_is_in_flight() {
    let scene = Scene::paired().await;
    scene.submit("req-wait").await;
    let waits = (0..20).map(|_| {
        let enforcer = scene.enforcer.clone();
        tokio::spawn(async move { enforcer.get("/v1/exchanges/req-wait/wait?timeout=60").await })
    });
    let waits: Vec<_> = waits.collect();
    eventually_open(&scene.server.url, "waits", 20).await;
    let submissions = (0..40).map(|number| {
        let enforcer = scene.enforcer.clone();
        let id = format!("req-{number}");
        tokio::spawn(async move {
            let body = submission("enf-1", &id, None);
            let sent = enforcer.request(Method::POST, "/v1/artifacts").json(&body).send().await;
            (id, sent.map(|answer| answer.status().as_u16()).ok())
        })
    });
    let submissions: Vec<_> = submissions.collect();
    let began = Instant::now();
    let server = scene.server.restart().await;
    for wait in waits {
        let answer = wait.await.expect("waits");
        assert_eq!(answer.status, 204);
        assert!(answer.retry_after.is_some(), "it says that it goes");
    }
    assert!(began.elapsed() < Duration::from_secs(10), "they were not let go");
    let enforcer = scene.enforcer.at(&server.url);
    for submission in submissions {
        let (id, status) = submission.await.expect("submits");
        if status == Some(202) {
            enforcer.get(&format!("/v1/exchanges/{id}")).await.has(200);
        } else {
            assert_eq!(status, None, "{id}: taken, or the connection was refused");
        }
    }
}
