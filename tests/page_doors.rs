//! Who gets to the page, as plain HTTP: no browser is as rude as a program.

mod gateway_support;
mod support;

use airlock_exec::crypto::SigningKey;
use gateway_support::{Answer, read};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};
use support::{Canary, Sandbox};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src \
    'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'";

/// A local gateway with an approver, and a program that pretends to be its page.
struct Doors {
    sandbox: Sandbox,
    http: Client,
    origin: String,
    key: SigningKey,
}

impl Doors {
    /// Runs one command to its end, so that the gateway runs and somebody is paired.
    fn new() -> Self {
        let sandbox = Sandbox::new();
        let canary: Canary = sandbox.canary();
        let running = sandbox.start(canary.arguments());
        let pending = sandbox.pending();
        sandbox.approve(&pending);
        assert!(running.finish().status.success());
        let output = sandbox.airlock(["approver", "web"]).output().expect("it starts");
        let said = String::from_utf8(output.stdout).expect("UTF-8");
        let origin = said.split("/#").next().expect("an address").to_owned();
        let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring has the default versions")
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        let http = Client::builder().tls_backend_preconfigured(tls).no_proxy().build();
        let key = SigningKey::generate().expect("random");
        Self { sandbox, http: http.expect("a client"), origin, key }
    }

    fn code(&self) -> String {
        let output = self.sandbox.airlock(["approver", "web"]).output().expect("it starts");
        let said = String::from_utf8(output.stdout).expect("UTF-8");
        let page = said.lines().next().expect("a line");
        page.split_once('#').expect("a code in the fragment").1.to_owned()
    }

    /// A request as the page makes it.
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.origin));
        request.header("x-airlock-page", "1").header("sec-fetch-site", "same-origin")
    }

    fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.request(Method::POST, path).header("origin", &self.origin).json(body)
    }

    fn proof(&self, given: &str) -> Value {
        let message = format!("airlock-exec page 1\n{}\n{given}", self.origin);
        json!({"key": self.key.verifying_key().to_string(),
            "signature": self.key.sign(message.as_bytes()).to_string()})
    }

    fn entry(&self, code: &str) -> RequestBuilder {
        let mut body = self.proof(code);
        body["code"] = code.into();
        body["label"] = "a test".into();
        self.post("/v1/page/enter", &body)
    }

    /// Comes in, and returns the bearer.
    async fn bearer(&self) -> String {
        let welcome = read(self.entry(&self.code())).await.has(200);
        welcome["bearer"].as_str().expect("a bearer").to_owned()
    }
}

/// Sends bytes as they are, and returns the answer as it comes.
fn raw(origin: &str, request: &str) -> String {
    let host = origin.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).expect("the gateway listens");
    stream.write_all(request.replace("HOST", host).as_bytes()).expect("written");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn every_answer_says_what_a_browser_may_do_with_it() {
    let doors = Doors::new();
    for path in ["/", "/page/main.js", "/page/page.css", "/v1/page/browsers", "/nowhere"] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n");
        let answer = raw(&doors.origin, &request);
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        for header in [
            &format!("content-security-policy: {POLICY}"),
            "x-frame-options: DENY",
            "cross-origin-opener-policy: same-origin",
            "referrer-policy: no-referrer",
            "x-content-type-options: nosniff",
            "cache-control: no-store",
        ] {
            assert!(head.contains(header), "{path}: {header}\n{head}");
        }
        for header in ["set-cookie", "access-control-", "server:"] {
            assert!(!head.to_lowercase().contains(header), "{path}: {header}\n{head}");
        }
        assert!(!body.contains("nowhere"), "{path}: {body}");
    }
    let preflight = "OPTIONS /v1/page/enter HTTP/1.1\r\nHost: HOST\r\nOrigin: http://evil.example\r\n\
        Access-Control-Request-Method: POST\r\nConnection: close\r\n\r\n";
    let answer = raw(&doors.origin, preflight);
    assert!(!answer.starts_with("HTTP/1.1 2"), "{answer}");
    assert!(!answer.to_lowercase().contains("access-control-allow"), "{answer}");
}

#[test]
fn only_requests_to_this_machine_are_answered() {
    let doors = Doors::new();
    for host in ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "0.0.0.0"] {
        let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let answer = raw(&doors.origin, &request);
        assert!(answer.starts_with("HTTP/1.1 421 "), "{host}: {answer}");
    }
    let twice = "GET / HTTP/1.1\r\nHost: HOST\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    assert!(raw(&doors.origin, twice).starts_with("HTTP/1.1 421 "));
    let tunnel = "GET / HTTP/1.1\r\nHost: localhost:8765\r\nConnection: close\r\n\r\n";
    assert!(raw(&doors.origin, tunnel).starts_with("HTTP/1.1 200 "), "a tunnel has its own port");
}

#[tokio::test]
async fn nothing_is_taken_from_another_site() {
    let doors = Doors::new();
    let bearer = doors.bearer().await;
    let send = |change: &dyn Fn(RequestBuilder) -> RequestBuilder| {
        let url = format!("{}/v1/pairing/pre-generate", doors.origin);
        let request = doors.http.post(url).bearer_auth(&bearer).json(&json!({}));
        read(change(request))
    };
    let own = |request: RequestBuilder| {
        request.header("origin", &doors.origin).header("x-airlock-page", "1")
    };
    send(&own).await.has(200);
    let refused = |answer: Answer| answer.is_refused(403, "forbidden");
    refused(send(&|request| request.header("x-airlock-page", "1")).await);
    refused(send(&|request| request.header("origin", &doors.origin)).await);
    for origin in ["http://evil.example", "null", "http://127.0.0.1:1", "http://localhost"] {
        refused(send(&|r| r.header("origin", origin).header("x-airlock-page", "1")).await);
    }
    for site in ["cross-site", "same-site"] {
        refused(send(&|request| own(request).header("sec-fetch-site", site)).await);
    }
    let form = doors.request(Method::POST, "/v1/pairing/pre-generate").bearer_auth(&bearer);
    let form = form.header("origin", &doors.origin).header("content-type", "text/plain");
    read(form.body("{}")).await.is_refused(415, "unsupported_media_type");
    // A script of another site cannot even have our files.
    let script = doors.http.get(format!("{}/page/main.js", doors.origin));
    refused(read(script.header("sec-fetch-site", "cross-site")).await);
}

#[tokio::test]
async fn a_code_is_good_once_and_wrong_ones_make_everybody_wait() {
    let doors = Doors::new();
    let code = doors.code();
    let welcome = read(doors.entry(&code)).await.has(200);
    read(doors.entry(&code)).await.is_refused(401, "wrong_code");
    // Another key than the one that signed.
    let good = doors.code();
    let mut body = doors.proof(&good);
    body["code"] = good.as_str().into();
    body["key"] = SigningKey::generate().expect("random").verifying_key().to_string().into();
    read(doors.post("/v1/page/enter", &body)).await.is_refused(401, "wrong_code");
    // A signature made for another place.
    let mut body = doors.proof(&good);
    let elsewhere = format!("airlock-exec page 1\nhttp://evil.example\n{good}");
    body["signature"] = doors.key.sign(elsewhere.as_bytes()).to_string().into();
    body["code"] = good.as_str().into();
    read(doors.post("/v1/page/enter", &body)).await.is_refused(401, "wrong_code");
    for _ in 0..3 {
        read(doors.entry("wrong")).await.is_refused(401, "wrong_code");
    }
    let waiting = read(doors.entry(&good)).await;
    waiting.is_refused(429, "rate_limited");
    assert_eq!(waiting.retry_after.as_deref(), Some("1"));
    // Whoever is in already is not disturbed.
    let bearer = welcome["bearer"].as_str().expect("a bearer");
    let inside = doors.request(Method::GET, "/v1/page/browsers").bearer_auth(bearer);
    read(inside).await.has(200);
}

#[tokio::test]
async fn a_browser_comes_back_by_its_key_until_it_is_revoked() {
    let doors = Doors::new();
    let back = async || {
        let given = read(doors.post("/v1/page/challenge", &json!({}))).await.has(200);
        let challenge = given["challenge"].as_str().expect("a challenge");
        let mut body = doors.proof(challenge);
        body["challenge"] = challenge.into();
        (read(doors.post("/v1/page/return", &body)).await, body)
    };
    back().await.0.is_refused(401, "unknown_browser");
    doors.bearer().await;
    let (welcome, used) = back().await;
    let welcome = welcome.has(200);
    read(doors.post("/v1/page/return", &used)).await.is_refused(401, "wrong_code");
    let bearer = welcome["bearer"].as_str().expect("a bearer").to_owned();
    let call = |path: &str| doors.request(Method::GET, path).bearer_auth(&bearer);
    read(call("/v1/page/browsers")).await.has(200);
    // It cannot let others in.
    let code = doors.post("/v1/page/codes", &json!({})).bearer_auth(&bearer);
    read(code).await.is_refused(403, "forbidden");
    let mut streams = Vec::new();
    for _ in 0..4 {
        let stream = call("/v1/sse/approvers/apr-test").send().await.expect("an answer");
        assert_eq!(stream.status(), 200);
        streams.push(stream);
    }
    read(call("/v1/sse/approvers/apr-test")).await.is_refused(429, "quota_exceeded");

    let id = welcome["browser"]["id"].to_string();
    let mut revoke = doors.sandbox.airlock(["approver", "web", "revoke", &id]);
    assert!(revoke.output().expect("it starts").status.success());
    read(call("/v1/page/browsers")).await.is_refused(401, "unauthorized");
    for mut stream in streams {
        while stream.chunk().await.expect("it ends in order").is_some() {}
    }
    back().await.0.is_refused(401, "unknown_browser");
    // A new code lets it in again.
    doors.bearer().await;
}

#[tokio::test]
async fn browsers_have_so_many_places_and_others_are_not_kept_waiting() {
    let doors = Doors::new();
    let host = doors.origin.trim_start_matches("http://");
    let head = format!(
        "POST /v1/page/enter HTTP/1.1\r\nHost: {host}\r\nOrigin: {}\r\nX-Airlock-Page: 1\r\n\
         Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{{",
        doors.origin
    );
    // None of them says the rest.
    let slow: Vec<TcpStream> = (0..64)
        .map(|_| {
            let mut stream = TcpStream::connect(host).expect("the gateway listens");
            stream.write_all(head.as_bytes()).expect("written");
            stream
        })
        .collect();
    let challenge = async || read(doors.post("/v1/page/challenge", &json!({}))).await;
    let until = async |status: u16| {
        let deadline = Instant::now() + Duration::from_secs(8);
        loop {
            let answer = challenge().await;
            if answer.status == status {
                return answer;
            }
            assert!(Instant::now() < deadline, "{answer:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let full = until(429).await;
    full.is_refused(429, "quota_exceeded");
    assert!(full.retry_after.is_some());
    // Whoever has a token is no browser.
    let listed = doors.sandbox.airlock(["approver", "list"]).output().expect("it starts");
    assert!(listed.status.success(), "{listed:?}");
    drop(slow);
    until(200).await;
}

#[tokio::test]
async fn a_browser_sends_little_and_sees_nothing_of_others() {
    let doors = Doors::new();
    let bearer = doors.bearer().await;
    let large = json!({"approverId": "x".repeat(70_000)});
    let post = doors.post("/v1/pairing/pre-generate", &large).bearer_auth(&bearer);
    read(post).await.is_refused(413, "payload_too_large");
    // The approver of this machine belongs to another token.
    let output = doors.sandbox.airlock(["approver", "id"]).output().expect("it starts");
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    let id = said.lines().next().and_then(|line| line.split_whitespace().last()).expect("a name");
    for path in ["inbox", "inbox/expired", "history"] {
        let path = format!("/v1/approvers/{id}/{path}");
        let read = read(doors.request(Method::GET, &path).bearer_auth(&bearer)).await;
        read.is_refused(403, "forbidden");
    }
    let artifact = doors.post("/v1/artifacts", &json!({})).bearer_auth(&bearer);
    assert_eq!(read(artifact).await.status, 403, "a browser asks for nothing");
}
