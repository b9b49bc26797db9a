//! Enforcers and approvers that are paired, and what they send.

use crate::client::{Connection, request};
use crate::gateway::Gateway;
use airlock_exec::gateway::Role;
use airlock_exec::process;
use jiff::SignedDuration;
use serde_json::{Value, json};

/// How many tokens of each kind there are.
const TOKENS: usize = 50;

/// An enforcer, and its approver.
pub(crate) struct Pair {
    enforcer: String,
    enforcer_id: String,
    approver: String,
    approver_id: String,
    routing_token: String,
    expires_at: String,
    /// What a command of usual size is, sealed.
    data: String,
}

/// Pairs that many enforcers.
pub(crate) async fn pairs(gateway: &Gateway, count: usize) -> Vec<Pair> {
    let enforcers = gateway.tokens(Role::Enforcer, TOKENS).await;
    let approvers = gateway.tokens(Role::Approver, TOKENS).await;
    let mut connection = Connection::open(&gateway.address).await;
    let expires_at = (process::now() + SignedDuration::from_hours(2)).to_string();
    let mut pairs = Vec::new();
    for number in 0..count {
        let (enforcer, approver) = (&enforcers[number % TOKENS], &approvers[number % TOKENS]);
        let enforcer_id = format!("enf-{number}");
        let approver_id = format!("apr-{}", number % TOKENS);
        let begin = json!({"deviceId": "d", "enforcerId": enforcer_id}).to_string();
        let session = call(&mut connection, "POST", "/v1/pairing/initiate", enforcer, &begin).await;
        let nonce = session["pairingNonce"].as_str().unwrap();
        let complete =
            json!({"nonce": nonce, "approverId": approver_id, "responseJson": "{}"}).to_string();
        call(&mut connection, "POST", "/v1/pairing/complete", approver, &complete).await;
        let path = format!("/v1/pairing/{nonce}/status");
        let status = call(&mut connection, "GET", &path, enforcer, "").await;
        pairs.push(Pair {
            enforcer: enforcer.clone(),
            enforcer_id,
            approver: approver.clone(),
            approver_id,
            routing_token: status["routingToken"].as_str().unwrap().to_owned(),
            expires_at: expires_at.clone(),
            data: "QUJD".repeat(350),
        });
    }
    pairs
}

async fn call(
    connection: &mut Connection,
    method: &str,
    path: &str,
    token: &str,
    body: &str,
) -> Value {
    let answer = connection.call(&request(method, path, token, body)).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    serde_json::from_slice(&answer.body).unwrap()
}

fn hash() -> String {
    "a".repeat(64)
}

impl Pair {
    pub(crate) fn submission(&self, number: usize) -> Vec<u8> {
        let body = json!({"msgId": format!("msg-{number}"), "msgType": "artifact.submit",
            "requestId": format!("req-{number}"), "createdAt": self.expires_at,
            "sender": {"enforcerId": self.enforcer_id},
            "body": {"artifactType": "command.review", "artifactHash": hash(),
                "ciphertext": {"alg": "xchacha20-poly1305", "data": self.data,
                    "nonce": "AAAA", "tag": "AAAA"},
                "expiresAt": self.expires_at,
                "metadata": {"routingToken": self.routing_token, "workspaceName": "w"}}});
        request("POST", "/v1/artifacts", &self.enforcer, &body.to_string())
    }

    pub(crate) fn wait(&self, number: usize) -> Vec<u8> {
        let path = format!("/v1/exchanges/req-{number}/wait?timeout=60");
        request("GET", &path, &self.enforcer, "")
    }

    pub(crate) fn decision(&self, number: usize) -> Vec<u8> {
        let body = json!({"msgId": format!("msg-d-{number}"), "msgType": "decision.submit",
            "requestId": format!("req-{number}"), "createdAt": self.expires_at,
            "sender": {"approverId": self.approver_id},
            "body": {"artifactHash": hash(), "decision": "approve", "signerKeyId": "key-1",
                "nonce": "bm9uY2U", "signature": "c2ln"}});
        request("POST", "/v1/decisions", &self.approver, &body.to_string())
    }
}
