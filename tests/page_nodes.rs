//! The page at several gateways that share a `PostgreSQL` database, behind a balancer that
//! sends each call of a browser to another of them.

mod gateway_support;
#[path = "gateway_support/process.rs"]
mod process;
mod support;

use airlock_exec::crypto::SigningKey;
use gateway_support::{Answer, Api, Postgres, read};
use process::Process;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use std::cell::Cell;
use std::time::{Duration, Instant};
use support::{Running, Sandbox};

/// What the browser believes to talk to.
const BALANCER: &str = "localhost:7443";

/// Two nodes, the holder of an approver's token, and a browser.
struct Nodes {
    both: [Process; 2],
    approver: Api,
    anybody: Api,
    key: SigningKey,
    /// Which node gets the next call.
    next: Cell<usize>,
    _sandbox: Sandbox,
    _server: Postgres,
}

impl Nodes {
    async fn start() -> Self {
        let sandbox = Sandbox::new();
        let server = Postgres::shared();
        let store = server.database().await;
        let nodes = [0, 1].map(|_| Process::start_on(&sandbox, &store));
        let mut command = sandbox.airlock(["gateway", "token", "create", "--role", "approver"]);
        let output = Running::start(command.env("AIRLOCK_EXEC_GATEWAY_STORE", &store)).finish();
        assert!(output.status.success(), "{output:?}");
        let token = String::from_utf8(output.stdout).expect("UTF-8");
        Self {
            approver: Api::new(&nodes[0].url, Some(token.trim_end())),
            anybody: Api::new(&nodes[0].url, None),
            both: nodes,
            key: SigningKey::generate().expect("random"),
            next: Cell::new(0),
            _sandbox: sandbox,
            _server: server,
        }
    }

    /// A call of the page, by way of the balancer.
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let node = self.next.replace(self.next.get() + 1) % 2;
        let request = self.anybody.at(&self.both[node].url).request(method, path);
        let request = request.header("host", BALANCER).header("x-airlock-page", "1");
        request.header("origin", format!("http://{BALANCER}"))
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        read(self.request(Method::POST, path).json(body)).await
    }

    async fn get(&self, path: &str, bearer: &str) -> Answer {
        read(self.request(Method::GET, path).bearer_auth(bearer)).await
    }

    /// Asks one node for a code.
    async fn code(&self, node: usize) -> String {
        let approver = self.approver.at(&self.both[node].url);
        let made = approver.post("/v1/page/codes", &json!({})).await.has(200);
        made["code"].as_str().expect("a code").to_owned()
    }

    fn proof(&self, name: &str, given: &str) -> Value {
        let message = format!("airlock-exec page 1\nhttp://{BALANCER}\n{given}");
        let mut proof = json!({"key": self.key.verifying_key().to_string(),
            "signature": self.key.sign(message.as_bytes()).to_string()});
        proof[name] = given.into();
        proof
    }

    /// Comes back with the key: the challenge is from the one node, its answer goes to the
    /// other.
    async fn come_back(&self) -> Answer {
        let given = self.post("/v1/page/challenge", &json!({})).await.has(200);
        let challenge = given["challenge"].as_str().expect("a challenge");
        let body = self.proof("challenge", challenge);
        let answer = self.post("/v1/page/return", &body).await;
        if answer.status == 200 {
            let again = self.post("/v1/page/return", &body).await;
            again.is_refused(401, "wrong_code");
        }
        answer
    }
}

fn bearer(welcome: &Value) -> String {
    welcome["bearer"].as_str().expect("a bearer").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_node_gave_a_browser_is_good_at_every_other_and_used_up_there() {
    let nodes = Nodes::start().await;
    for node in [0, 1] {
        let code = nodes.code(node).await;
        nodes.next.set(1 - node);
        let welcome = nodes.post("/v1/page/enter", &nodes.proof("code", &code)).await.has(200);
        let entry = nodes.proof("code", &code);
        nodes.post("/v1/page/enter", &entry).await.is_refused(401, "wrong_code");
        let bearer = bearer(&welcome);
        for _ in 0..6 {
            let listed = nodes.get("/v1/page/browsers", &bearer).await.has(200);
            assert_eq!(listed["browsers"].as_array().map(Vec::len), Some(1), "{listed}");
        }
    }
    let bearer = bearer(&nodes.come_back().await.has(200));
    for _ in 0..4 {
        nodes.get("/v1/page/browsers", &bearer).await.has(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_is_revoked_at_one_node_is_out_at_every_other() {
    let nodes = Nodes::start().await;
    let code = nodes.code(0).await;
    let welcome = nodes.post("/v1/page/enter", &nodes.proof("code", &code)).await.has(200);
    let bearer = bearer(&welcome);
    let mut streams = Vec::new();
    for _ in 0..2 {
        let stream = nodes.request(Method::GET, "/v1/sse/approvers/apr-page").bearer_auth(&bearer);
        let stream = stream.send().await.expect("an answer");
        assert_eq!(stream.status(), 200);
        streams.push(stream);
    }
    let revoke = json!({"id": welcome["browser"]["id"]});
    nodes.approver.post("/v1/page/browsers/revoke", &revoke).await.has(200);
    for mut stream in streams {
        let ends = async { while stream.chunk().await.expect("it ends in order").is_some() {} };
        tokio::time::timeout(Duration::from_secs(10), ends).await.expect("the stream ends");
    }
    // A node takes who was good a moment ago for good a moment longer.
    let deadline = Instant::now() + Duration::from_secs(10);
    for _ in 0..2 {
        while nodes.get("/v1/page/browsers", &bearer).await.status != 401 {
            assert!(Instant::now() < deadline, "it is still in");
            tokio::time::sleep(Duration::from_millis(50)).await;
            nodes.next.set(nodes.next.get() + 1);
        }
    }
    nodes.come_back().await.is_refused(401, "unknown_browser");
}
