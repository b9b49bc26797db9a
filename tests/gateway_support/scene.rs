//! An enforcer and an approver that are paired.

use super::{Answer, Api, Server};
use airlock_exec::gateway::Role;
use airlock_exec::process;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

/// Two clients that are paired through the real calls.
pub(crate) struct Scene {
    pub(crate) server: Server,
    pub(crate) enforcer: Api,
    pub(crate) approver: Api,
    pub(crate) routing_token: String,
}

impl Scene {
    /// Starts a gateway and pairs `enf-1` with `apr-1`.
    pub(crate) async fn paired() -> Self {
        Self::on(Server::start().await).await
    }

    /// Pairs `enf-1` with `apr-1` on that gateway.
    pub(crate) async fn on(server: Server) -> Self {
        let enforcer = server.client(Role::Enforcer).await;
        let approver = server.client(Role::Approver).await;
        let routing_token = pair(&enforcer, "enf-1", &approver, "apr-1").await;
        Self { server, enforcer, approver, routing_token }
    }

    /// Submits an artifact, which must be taken as a new one.
    pub(crate) async fn submit(&self, request_id: &str) {
        let body = submission("enf-1", request_id, Some(&self.routing_token));
        self.enforcer.post("/v1/artifacts", &body).await.has(202);
    }

    /// Pairs the two anew: the path of the status, and the routing token.
    pub(crate) async fn pair_anew(&self) -> (String, String) {
        paired(&self.enforcer, "enf-1", &self.approver, "apr-1").await
    }

    /// Submits an artifact by that routing token.
    pub(crate) async fn submit_by(&self, token: &str, request_id: &str) -> Answer {
        self.enforcer.post("/v1/artifacts", &submission("enf-1", request_id, Some(token))).await
    }

    /// Waits, in the background, for what becomes of an exchange.
    pub(crate) fn waiting(&self, request_id: &str) -> JoinHandle<Answer> {
        let (enforcer, path) =
            (self.enforcer.clone(), format!("/v1/exchanges/{request_id}/wait?timeout=60"));
        tokio::spawn(async move { enforcer.get(&path).await })
    }

    /// Returns the state of an exchange as its enforcer sees it.
    pub(crate) async fn state(&self, request_id: &str) -> String {
        let status = self.enforcer.get(&format!("/v1/exchanges/{request_id}")).await.has(200);
        status["body"]["state"].as_str().expect("a state").to_owned()
    }
}

/// Pairs two clients and returns the routing token.
pub(crate) async fn pair(enforcer: &Api, enforcer_id: &str, approver: &Api, id: &str) -> String {
    paired(enforcer, enforcer_id, approver, id).await.1
}

/// Pairs two clients and returns the path of the status, and the routing token.
pub(crate) async fn paired(
    enforcer: &Api,
    enforcer_id: &str,
    approver: &Api,
    id: &str,
) -> (String, String) {
    let initiate = json!({"deviceId": "dev-1", "enforcerId": enforcer_id,
        "enforcerLabel": "a laptop", "workspaceName": "a workspace"});
    let session = enforcer.post("/v1/pairing/initiate", &initiate).await.has(200);
    let code = session["pairingCode"].as_str().expect("a code");
    let found = approver.get(&format!("/v1/pairing/resolve/{code}")).await.has(200);
    assert_eq!(found["pairingNonce"], session["pairingNonce"]);
    let complete = json!({"nonce": found["pairingNonce"], "approverId": id,
        "responseJson": "{\"signerKeyId\":\"key-1\"}"});
    approver.post("/v1/pairing/complete", &complete).await.has(200);
    let nonce = session["pairingNonce"].as_str().expect("a nonce");
    let path = format!("/v1/pairing/{nonce}/status");
    let status = enforcer.get(&path).await.has(200);
    assert_eq!(status["state"], "Completed");
    assert_eq!(status["responseJson"], complete["responseJson"]);
    (path, status["routingToken"].as_str().expect("a routing token").to_owned())
}

/// Returns a hash of 64 digits that are all the same.
pub(crate) fn hash(digit: char) -> String {
    digit.to_string().repeat(64)
}

/// Returns an `artifact.submit` that expires in ten minutes.
pub(crate) fn submission(enforcer_id: &str, request_id: &str, routing: Option<&str>) -> Value {
    let mut metadata = json!({"workspaceName": "a workspace", "tenantId": "t-1"});
    if let Some(token) = routing {
        metadata["routingToken"] = token.into();
    }
    json!({"msgId": format!("msg-{request_id}"), "msgType": "artifact.submit",
        "requestId": request_id, "createdAt": process::now(),
        "sender": {"enforcerId": enforcer_id},
        "body": {"artifactType": "command.review", "artifactHash": hash('a'),
            "ciphertext": {"alg": "xchacha20-poly1305", "data": "AAEC", "nonce": "AAAA",
                "tag": "AAAA"},
            "expiresAt": process::now() + jiff::SignedDuration::from_mins(10),
            "metadata": metadata}})
}

/// Returns a `decision.submit` by `apr-1`.
pub(crate) fn decision(request_id: &str, word: &str) -> Value {
    json!({"msgId": format!("msg-d-{request_id}"), "msgType": "decision.submit",
        "requestId": request_id, "createdAt": process::now(),
        "sender": {"approverId": "apr-1"},
        "body": {"artifactHash": hash('a'), "decision": word, "reason": "because",
            "signerKeyId": "key-1", "nonce": "bm9uY2U", "signature": "c2ln"}})
}
