//! Nobody sees or does what is not theirs.

mod gateway_support;

use airlock_exec::gateway::Role;
use gateway_support::{Api, Scene, decision, pair, submission};
use reqwest::Method;
use serde_json::{Value, json};

/// Every call that needs a token.
const CALLS: [(&str, &str); 22] = [
    ("GET", "/v1/consents/check"),
    ("GET", "/v1/consent/status"),
    ("POST", "/v1/pairing/initiate"),
    ("POST", "/v1/pairing/claim"),
    ("GET", "/v1/pairing/nonce/status"),
    ("POST", "/v1/pairing/revoke"),
    ("POST", "/v1/pairing/kept"),
    ("POST", "/v1/presence/heartbeat"),
    ("GET", "/v1/policy/dnd/effective?enforcerId=enf-1&workspaceId=w"),
    ("POST", "/v1/artifacts"),
    ("GET", "/v1/exchanges/req-1"),
    ("GET", "/v1/exchanges/req-1/wait"),
    ("POST", "/v1/exchanges/req-1/withdraw"),
    ("POST", "/v1/acks"),
    ("POST", "/v1/pairing/pre-generate"),
    ("GET", "/v1/pairing/resolve/0123-4567"),
    ("POST", "/v1/pairing/complete"),
    ("GET", "/v1/approvers/apr-1/inbox"),
    ("GET", "/v1/approvers/apr-1/inbox/expired"),
    ("POST", "/v1/decisions"),
    ("GET", "/v1/sse/approvers/apr-1"),
    ("GET", "/v1/presence/enforcers"),
];

async fn call(api: &Api, (method, path): (&str, &str)) -> gateway_support::Answer {
    if method == "GET" { api.get(path).await } else { api.post(path, &json!({})).await }
}

#[tokio::test]
async fn every_call_but_echo_and_discovery_needs_a_token() {
    let scene = Scene::paired().await;
    let url = &scene.server.url;
    for token in [None, Some("airpat_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), Some("x")] {
        let nobody = Api::new(url, token);
        for named in CALLS.into_iter().chain([("GET", "/v1/no/such/path"), ("GET", "/")]) {
            let answer = call(&nobody, named).await;
            assert_eq!((answer.status, answer.code()), (401, "unauthorized"), "{named:?}");
        }
    }
    let nobody = Api::new(url, None);
    let echo = nobody.get("/echo").await.has(200);
    assert_eq!(echo["gatewayId"], scene.server.gateway_id.as_str());
    let discovery = nobody.get("/v1/integrations/discovery").await.has(200);
    assert_eq!(discovery["auth"]["patSupported"], true);
    scene.enforcer.get("/v1/no/such/path").await.is_refused(404, "not_found");
    scene.enforcer.get("/v1/artifacts").await.is_refused(405, "method_not_allowed");
}

#[tokio::test]
async fn x_pat_is_looked_at_before_bearer() {
    let scene = Scene::paired().await;
    let token = scene.server.token(Role::Enforcer).await;
    let nobody = Api::new(&scene.server.url, None);
    let bearer = |request: reqwest::RequestBuilder| request.bearer_auth(&token);
    let request = || nobody.request(Method::GET, "/v1/consent/status");
    let answer = gateway_support::read(bearer(request())).await;
    assert_eq!(answer.has(200), json!({"status": "approved"}));
    let both = bearer(request()).header("X-PAT", "wrong");
    gateway_support::read(both).await.is_refused(401, "unauthorized");
    let with_app = bearer(request()).header("X-Client-Id", "a").header("X-Client-Secret", "b");
    assert_eq!(gateway_support::read(with_app).await.status, 200);
    let guide = gateway_support::read(bearer(nobody.request(Method::GET, "/v1/consents/check")));
    assert_eq!(guide.await.has(200), json!({"status": "Allowed"}));
}

#[tokio::test]
async fn an_enforcer_cannot_act_as_an_approver_nor_the_other_way_round() {
    let scene = Scene::paired().await;
    scene.submit("req-1").await;
    let own = decision("req-1", "approve");
    scene.enforcer.post("/v1/decisions", &own).await.is_refused(403, "forbidden");
    assert_eq!(scene.state("req-1").await, "pendingApproval");
    for approver_only in &CALLS[14..] {
        call(&scene.enforcer, *approver_only).await.is_refused(403, "forbidden");
    }
    let body = submission("enf-1", "req-2", None);
    scene.approver.post("/v1/artifacts", &body).await.is_refused(403, "forbidden");
    for enforcer_only in CALLS[2..13].iter().filter(|(_, path)| {
        // The approver may look at what is routed to it, and at its pairing, and revoke that.
        !["/v1/exchanges/req-1", "/v1/pairing/revoke", "/v1/pairing/nonce/status"].contains(path)
    }) {
        call(&scene.approver, *enforcer_only).await.is_refused(403, "forbidden");
    }
    scene.approver.get("/v1/exchanges/req-1").await.has(200);
}

#[tokio::test]
async fn an_approver_sees_how_its_own_pairing_stands_and_no_more() {
    let scene = Scene::paired().await;
    let initiate = json!({"deviceId": "d", "enforcerId": "enf-1"});
    let session = scene.enforcer.post("/v1/pairing/initiate", &initiate).await.has(200);
    let nonce = session["pairingNonce"].as_str().expect("a nonce");
    let path = format!("/v1/pairing/{nonce}/status");
    scene.approver.get(&path).await.is_refused(404, "not_found");
    let complete = json!({"nonce": nonce, "approverId": "apr-1", "responseJson": "{}"});
    scene.approver.post("/v1/pairing/complete", &complete).await.has(200);
    let token = scene.enforcer.get(&path).await.has(200)["routingToken"].clone();
    let token = json!({"routingToken": token});
    let seen = scene.approver.get(&path).await.has(200);
    assert_eq!(seen["state"], "Completed");
    assert!(seen["routingToken"].is_null() && seen["responseJson"].is_null(), "{seen}");
    let other = scene.server.client(Role::Approver).await;
    other.get(&path).await.is_refused(404, "not_found");
    scene.enforcer.post("/v1/pairing/revoke", &token).await.has(200);
    assert_eq!(scene.approver.get(&path).await.has(200)["state"], "Revoked");
}

#[tokio::test]
async fn an_enforcer_does_not_see_anothers_exchange() {
    let scene = Scene::paired().await;
    scene.submit("req-1").await;
    let other = scene.server.client(Role::Enforcer).await;
    let other_approver = scene.server.client(Role::Approver).await;
    pair(&other, "enf-2", &other_approver, "apr-2").await;
    for path in ["/v1/exchanges/req-1", "/v1/exchanges/req-1/wait?timeout=1"] {
        other.get(path).await.is_refused(404, "not_found");
    }
    let withdraw = other.post("/v1/exchanges/req-1/withdraw", &Value::Null).await;
    withdraw.is_refused(404, "not_found");
    // Not even by naming the same request, whose hash it may have guessed.
    let same = submission("enf-2", "req-1", None);
    other.post("/v1/artifacts", &same).await.is_refused(409, "conflict");
    other_approver.get("/v1/exchanges/req-1").await.is_refused(404, "not_found");
    let mut foreign = decision("req-1", "approve");
    foreign["sender"]["approverId"] = "apr-2".into();
    other_approver.post("/v1/decisions", &foreign).await.is_refused(404, "not_found");
    let claimed = other_approver.post("/v1/decisions", &decision("req-1", "approve")).await;
    claimed.is_refused(403, "forbidden");
    assert_eq!(scene.state("req-1").await, "pendingApproval");
}

#[tokio::test]
async fn identifiers_belong_to_the_token_that_first_used_them() {
    let scene = Scene::paired().await;
    let other = scene.server.client(Role::Enforcer).await;
    let other_approver = scene.server.client(Role::Approver).await;
    let stolen = submission("enf-1", "req-1", Some(&scene.routing_token));
    other.post("/v1/artifacts", &stolen).await.is_refused(403, "forbidden");
    let initiate = json!({"deviceId": "d", "enforcerId": "enf-1"});
    other.post("/v1/pairing/initiate", &initiate).await.is_refused(403, "forbidden");
    let heartbeat = json!({"enforcerId": "enf-1"});
    other.post("/v1/presence/heartbeat", &heartbeat).await.is_refused(403, "forbidden");
    let dnd = "/v1/policy/dnd/effective?enforcerId=enf-1&workspaceId=w";
    other.get(dnd).await.is_refused(403, "forbidden");
    for path in ["/v1/approvers/apr-1/inbox", "/v1/sse/approvers/apr-1"] {
        other_approver.get(path).await.is_refused(403, "forbidden");
    }
    // With an identifier of its own, but the routing token of another pairing.
    let routed = submission("enf-9", "req-1", Some(&scene.routing_token));
    other.post("/v1/artifacts", &routed).await.is_refused(422, "no_approver");
    let revoke = json!({"routingToken": scene.routing_token});
    other.post("/v1/pairing/revoke", &revoke).await.is_refused(404, "not_found");
    scene.submit("req-2").await;
    // One approver's token may hold several names.
    scene.approver.get("/v1/approvers/apr-3/inbox").await.has(200);
}

#[tokio::test]
async fn a_pairing_status_is_only_for_its_initiator() {
    let scene = Scene::paired().await;
    let initiate = json!({"deviceId": "d", "enforcerId": "enf-1"});
    let session = scene.enforcer.post("/v1/pairing/initiate", &initiate).await.has(200);
    let path = format!("/v1/pairing/{}/status", session["pairingNonce"].as_str().expect("nonce"));
    let status = scene.enforcer.get(&path).await.has(200);
    assert_eq!(status["state"], "Pending");
    let other = scene.server.client(Role::Enforcer).await;
    other.get(&path).await.is_refused(404, "not_found");
    // Nor for an approver that has not completed it.
    scene.approver.get(&path).await.is_refused(404, "not_found");
}

#[tokio::test]
async fn presence_shows_an_approver_its_own_enforcers() {
    let scene = Scene::paired().await;
    let other = scene.server.client(Role::Enforcer).await;
    let beat = json!({"enforcerId": "enf-1", "workspaceName": "w", "enforcerLabel": "l"});
    scene.enforcer.post("/v1/presence/heartbeat", &beat).await.has(200);
    other.post("/v1/presence/heartbeat", &json!({"enforcerId": "enf-2"})).await.has(200);
    let present = scene.approver.get("/v1/presence/enforcers").await.has(200);
    assert_eq!(present.as_array().map(Vec::len), Some(1), "{present}");
    assert_eq!(present[0]["enforcerId"], "enf-1");
    assert_eq!(present[0]["workspaceName"], "w");
    assert_eq!(present[0]["online"], true);
}
