//! Several gateways that share a `PostgreSQL` database.

mod gateway_support;

use airlock_exec::gateway::Role;
use airlock_exec::process;
use gateway_support::{
    Api, Events, Place, Postgres, Scene, Server, decision, eventually_open, submission,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Two gateways, and a pair of clients at the first.
struct Nodes {
    scene: Scene,
    other: Server,
}

impl Nodes {
    async fn start() -> Self {
        Self::with_clock(process::now).await
    }

    /// Starts the second with that clock.
    async fn with_clock(clock: fn() -> Timestamp) -> Self {
        let place = Place::database(Postgres::shared()).await;
        let first = Server::start_on(place, process::now, None).await;
        let other = Server::beside(&first, clock).await;
        Self { scene: Scene::on(first).await, other }
    }

    fn enforcer(&self) -> Api {
        self.scene.enforcer.at(&self.other.url)
    }

    fn approver(&self) -> Api {
        self.scene.approver.at(&self.other.url)
    }

    /// Waits for a decision at the second node, and returns once that waits.
    async fn waiting(&self, request_id: &str) -> tokio::task::JoinHandle<gateway_support::Answer> {
        let enforcer = self.enforcer();
        let path = format!("/v1/exchanges/{request_id}/wait?timeout=60");
        let waiting = tokio::spawn(async move { enforcer.get(&path).await });
        eventually_open(&self.other.url, "waits", 1).await;
        waiting
    }
}

#[tokio::test]
async fn a_decision_at_one_node_wakes_a_wait_at_another() {
    let nodes = Nodes::start().await;
    assert_eq!(nodes.scene.server.gateway_id, nodes.other.gateway_id, "they are one gateway");
    nodes.scene.submit("req-1").await;
    let waiting = nodes.waiting("req-1").await;
    let began = Instant::now();
    nodes.scene.approver.post("/v1/decisions", &decision("req-1", "approve")).await.has(200);
    assert_eq!(waiting.await.expect("waits").has(200)["body"]["decision"], "approve");
    assert!(began.elapsed() < Duration::from_secs(10), "it was not woken");
}

#[tokio::test]
async fn a_withdrawal_and_a_revocation_are_heard_at_another_node() {
    let nodes = Nodes::start().await;
    nodes.scene.submit("req-1").await;
    nodes.scene.submit("req-2").await;
    let began = Instant::now();
    let waiting = nodes.waiting("req-1").await;
    let withdraw = "/v1/exchanges/req-1/withdraw";
    nodes.scene.enforcer.post(withdraw, &Value::Null).await.has(200);
    waiting.await.expect("waits").is_refused(410, "withdrawn");
    let waiting = nodes.waiting("req-2").await;
    let revoke = json!({"routingToken": nodes.scene.routing_token});
    nodes.scene.enforcer.post("/v1/pairing/revoke", &revoke).await.has(200);
    waiting.await.expect("waits").is_refused(410, "cancelled");
    assert!(began.elapsed() < Duration::from_secs(20), "they were not woken");
}

#[tokio::test]
async fn a_pairing_that_is_used_at_one_node_ends_the_older_one_at_another() {
    let nodes = Nodes::start().await;
    nodes.scene.submit("req-1").await;
    let waiting = nodes.waiting("req-1").await;
    let (path, token) = nodes.scene.pair_anew().await;
    let began = Instant::now();
    // Several at once, at both nodes: each is the first for the node that takes it.
    let requests = (2..10).map(|number| {
        let at = if number % 2 == 0 { nodes.enforcer() } else { nodes.scene.enforcer.clone() };
        let body = submission("enf-1", &format!("req-{number}"), Some(&token));
        async move { at.post("/v1/artifacts", &body).await.has(202) }
    });
    futures_util::future::join_all(requests).await;
    waiting.await.expect("waits").is_refused(410, "cancelled");
    assert!(began.elapsed() < Duration::from_secs(20), "it was not woken");
    let older = submission("enf-1", "req-10", Some(&nodes.scene.routing_token));
    nodes.enforcer().post("/v1/artifacts", &older).await.is_refused(403, "pairing_revoked");
    assert_eq!(nodes.approver().get(&path).await.has(200)["state"], "Completed");
}

#[tokio::test]
async fn an_inbox_stream_tells_what_was_submitted_at_another_node() {
    let nodes = Nodes::start().await;
    nodes.scene.submit("req-1").await;
    let mut events = Events::open(&nodes.approver()).await;
    let (name, data) = events.next().await.expect("an event");
    assert_eq!((name.as_str(), &data["requestId"]), ("approval.request", &json!("req-1")));
    nodes.scene.submit("req-2").await;
    let (name, data) = events.next().await.expect("an event");
    assert_eq!((name.as_str(), &data["requestId"]), ("approval.request", &json!("req-2")));
}

/// The same request is approved at one node while it is rejected at the other.
#[tokio::test]
async fn what_two_nodes_decide_at_once_is_decided_once() {
    let nodes = Nodes::start().await;
    for number in 0..30 {
        let request_id = format!("req-{number}");
        nodes.scene.submit(&request_id).await;
        let other = nodes.approver();
        let (approval, rejection) =
            (decision(&request_id, "approve"), decision(&request_id, "reject"));
        let (approved, rejected) = tokio::join!(
            nodes.scene.approver.post("/v1/decisions", &approval),
            other.post("/v1/decisions", &rejection),
        );
        let (word, loser) = match (approved.status, rejected.status) {
            (200, _) => ("approve", rejected),
            (_, 200) => ("reject", approved),
            _ => panic!("{approved:?} {rejected:?}"),
        };
        loser.is_refused(409, "conflict");
        for api in [&nodes.scene.enforcer, &nodes.enforcer()] {
            let path = format!("/v1/exchanges/{request_id}/wait?timeout=1");
            assert_eq!(api.get(&path).await.has(200)["body"]["decision"], word);
        }
    }
}

/// The same submission arrives at both nodes, as from a client that tries again.
#[tokio::test]
async fn what_is_submitted_at_two_nodes_at_once_is_one_exchange() {
    let nodes = Nodes::start().await;
    for number in 0..20 {
        let body = submission("enf-1", &format!("req-{number}"), None);
        let other = nodes.enforcer();
        let (one, two) = tokio::join!(
            nodes.scene.enforcer.post("/v1/artifacts", &body),
            other.post("/v1/artifacts", &body),
        );
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 202], "{one:?} {two:?}");
    }
    let inbox = nodes.approver().get("/v1/approvers/apr-1/inbox?limit=100").await.has(200);
    assert_eq!(inbox["body"]["items"].as_array().map(Vec::len), Some(20));
}

#[tokio::test]
async fn nodes_whose_clocks_differ_agree_on_what_has_expired() {
    fn three_hours_ahead() -> Timestamp {
        process::now() + SignedDuration::from_hours(3)
    }
    fn three_hours_behind() -> Timestamp {
        process::now() - SignedDuration::from_hours(3)
    }
    for clock in [three_hours_ahead, three_hours_behind] {
        agree(&Nodes::with_clock(clock).await).await;
    }
}

async fn agree(nodes: &Nodes) {
    nodes.scene.submit("req-1").await;
    let other = nodes.enforcer();
    other.get("/v1/exchanges/req-1/wait?timeout=1").await.has(204);
    let inbox = nodes.approver().get("/v1/approvers/apr-1/inbox").await.has(200);
    assert_eq!(inbox["body"]["items"].as_array().map(Vec::len), Some(1));
    // An expiry of the client's own clock is read by the same time.
    other.post("/v1/artifacts", &submission("enf-1", "req-2", None)).await.has(202);
    let status = nodes.scene.enforcer.get("/v1/exchanges/req-2").await.has(200);
    let time = |name: &str| -> Timestamp {
        status["body"][name].as_str().expect("a time").parse().expect("RFC 3339")
    };
    for (name, most) in [("expiresAt", 12), ("createdAt", 1)] {
        let away = time(name).duration_since(process::now()).abs();
        assert!(away < SignedDuration::from_mins(most), "{name}: {away:?}");
    }
    // A code of the one is as old at the other.
    let code = nodes.scene.approver.post("/v1/pairing/pre-generate", &json!({})).await.has(200);
    let code = code["pairingCode"].as_str().expect("a code");
    nodes.approver().get(&format!("/v1/pairing/resolve/{code}")).await.has(200);
    nodes.approver().post("/v1/decisions", &decision("req-1", "approve")).await.has(200);
    assert_eq!(nodes.scene.state("req-1").await, "decided");
}

/// Waits until the gateway answers so.
async fn eventually_answers(api: &Api, path: &str, status: u16) -> gateway_support::Answer {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let answer = api.get(path).await;
        if answer.status == status {
            return answer;
        }
        assert!(Instant::now() < deadline, "{path} stays {answer:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_goes_away_and_comes_back_costs_time_and_nothing_else() {
    let place = Place::database(Postgres::own()).await;
    let first = Server::start_on(place, process::now, None).await;
    let other = Server::beside(&first, process::now).await;
    let nodes = Nodes { scene: Scene::on(first).await, other };
    nodes.scene.submit("req-1").await;
    let waiting = nodes.waiting("req-1").await;
    let mut open = Events::open(&nodes.approver()).await;
    open.next().await.expect("what waits");
    nodes.scene.server.postgres().crash();

    let body = submission("enf-1", "req-2", None);
    let refused = nodes.scene.enforcer.post("/v1/artifacts", &body).await;
    refused.is_refused(503, "internal_error");
    assert!(refused.retry_after.is_some());
    let nobody = Api::new(&nodes.other.url, None);
    let ready = eventually_answers(&nobody, "/readyz", 503).await;
    assert!(ready.retry_after.is_some());
    nobody.get("/healthz").await.has(200);

    nodes.scene.server.postgres().start();
    eventually_answers(&nobody, "/readyz", 200).await;
    let near = Api::new(&nodes.scene.server.url, None);
    eventually_answers(&near, "/readyz", 200).await;
    assert_eq!(nodes.scene.state("req-1").await, "pendingApproval", "what was taken is there");
    // Whoever waited was told to ask again, or still waits and is woken.
    let waiting = if waiting.is_finished() {
        waiting.await.expect("waits").is_refused(503, "internal_error");
        nodes.waiting("req-1").await
    } else {
        waiting
    };
    let began = Instant::now();
    nodes.scene.approver.post("/v1/decisions", &decision("req-1", "reject")).await.has(200);
    let waited = waiting.await.expect("waits");
    if waited.status == 503 {
        // It looked while the connection that it got was one that had broken.
        let again = nodes.enforcer().get("/v1/exchanges/req-1/wait?timeout=60").await;
        assert_eq!(again.has(200)["body"]["decision"], "reject");
    } else {
        assert_eq!(waited.has(200)["body"]["decision"], "reject");
    }
    assert!(began.elapsed() < Duration::from_secs(20), "it was not woken");
    nodes.scene.submit("req-3").await;
    // Who followed all the time is told to begin anew, and has missed nothing then.
    while open.next().await.is_some() {}
    let mut events = Events::open(&nodes.approver()).await;
    let (_, data) = events.next().await.expect("an event");
    assert_eq!(data["requestId"], "req-3");
}

#[tokio::test]
async fn a_token_that_is_revoked_is_refused_at_every_node() {
    let nodes = Nodes::start().await;
    let administration = airlock_exec::gateway::Administration::open(nodes.other.options());
    let administration = administration.await.expect("opens");
    let shown = airlock_exec::gateway::Revoked::Hidden;
    let tokens = administration.tokens(shown).await.expect("a list");
    let enforcers: Vec<_> = tokens.iter().filter(|token| token.role == Role::Enforcer).collect();
    let [enforcer] = enforcers.as_slice() else { panic!("{tokens:?}") };
    nodes.scene.submit("req-1").await;
    let waiting = nodes.waiting("req-1").await;
    administration.revoke_token(enforcer.id).await.expect("revoked");
    // It does not even hear that it was refused as before.
    waiting.await.expect("waits").is_refused(404, "not_found");
    for api in [&nodes.scene.enforcer, &nodes.enforcer()] {
        eventually_answers(api, "/v1/consents/check", 401).await;
    }
    administration.close().await;
}
