//! The published client, which shares no code with us, at our gateway.
//!
//! `airlock-gateway` 0.4.8 plays the enforcer, with its own encryption and its own
//! check of the signature. The approver is played by our protocol types.

mod gateway_support;

use airlock_exec::crypto::{Cipher, SealKey, SigningKey, X25519Public, X25519Secret};
use airlock_exec::gateway::Role;
use airlock_exec::process;
use airlock_exec::protocol::decision::DecisionNonce;
use airlock_exec::protocol::exchange::InboxPage;
use airlock_exec::protocol::pairing::ResolveResponse;
use airlock_exec::protocol::{
    ApproverId, Decision, DecisionBody, Envelope, MessageType, PairingResponse, Party,
    ReceivedArtifact, RequestId, SignedDecision,
};
use airlock_gateway::crypto::{
    X25519KeyPair, derive_shared_key, ed25519_verify, generate_x25519_keypair,
};
use airlock_gateway::{
    AirlockGatewayClient, EncryptedArtifactRequest, PairingClaimRequest, PairingInitiateRequest,
    PresenceHeartbeatRequest,
};
use gateway_support::{Api, Server};
use serde_json::{Value, json};
use std::collections::HashMap;

/// An approver with keys of its own.
struct Approver {
    api: Api,
    id: ApproverId,
    signing: SigningKey,
    agreement: X25519Secret,
}

impl Approver {
    async fn new(server: &Server) -> Self {
        Self {
            api: server.client(Role::Approver).await,
            id: "apr-1".parse().expect("a name"),
            signing: SigningKey::generate().expect("random"),
            agreement: X25519Secret::generate().expect("random"),
        }
    }

    /// Answers the session of that code, and derives the key its artifacts are sealed with.
    async fn answer(&self, code: &str) -> SealKey {
        let found = self.resolve(code).await;
        let enforcer: X25519Public = found.x25519_public_key.expect("the enforcer's key");
        self.complete(&found).await;
        let shared = self.agreement.agree(&enforcer).expect("a shared secret");
        shared.derive(Cipher::Aes256Gcm)
    }

    async fn resolve(&self, code: &str) -> ResolveResponse {
        let found = self.api.get(&format!("/v1/pairing/resolve/{code}")).await.has(200);
        serde_json::from_value(found).expect("a session")
    }

    async fn complete(&self, session: &ResolveResponse) {
        let response = PairingResponse::sign(
            &self.signing,
            "key-1".parse().expect("a name"),
            session.pairing_nonce.clone(),
            process::now(),
            &self.agreement.public(),
        );
        let complete = json!({"nonce": session.pairing_nonce, "approverId": self.id,
            "responseJson": response.to_json()});
        self.api.post("/v1/pairing/complete", &complete).await.has(200);
    }

    /// Opens the one artifact in the inbox and checks its hash.
    async fn inbox(&self, key: &SealKey) -> (RequestId, ReceivedArtifact) {
        let page = self.api.get(&format!("/v1/approvers/{}/inbox", self.id)).await.has(200);
        let page: Envelope<InboxPage> = serde_json::from_value(page).expect("a page");
        let [item] = &page.body.items[..] else { panic!("one item, not {:?}", page.body.items) };
        let plaintext = item.ciphertext.open(key).expect("opens with the shared key");
        let artifact = ReceivedArtifact::read(&plaintext, &item.artifact_hash);
        (item.request_id.clone(), artifact.expect("hashes to what was said"))
    }

    async fn decide(&self, request_id: RequestId, artifact: &ReceivedArtifact, word: Decision) {
        let signed = SignedDecision::sign(
            &self.signing,
            "key-1".parse().expect("a name"),
            artifact.hash(),
            word,
            DecisionNonce::generate().expect("random"),
        );
        let envelope = Envelope::new(
            MessageType::DecisionSubmit,
            request_id,
            Party::approver(self.id.clone()),
            process::now(),
            DecisionBody::from(&signed),
        );
        let envelope = serde_json::to_value(envelope.expect("random")).expect("JSON");
        self.api.post("/v1/decisions", &envelope).await.has(200);
    }
}

/// A stranger that is paired.
struct Paired {
    stranger: AirlockGatewayClient,
    approver: Approver,
    seal_key: SealKey,
    shared_key: String,
    approver_key: String,
    routing_token: String,
    _server: Server,
}

impl Paired {
    async fn new() -> Self {
        let server = Server::start().await;
        let approver = Approver::new(&server).await;
        let stranger =
            AirlockGatewayClient::new(&server.url, Some(server.token(Role::Enforcer).await));
        let keys = generate_x25519_keypair();
        let session = stranger
            .initiate_pairing(&PairingInitiateRequest {
                device_id: "dev-1".to_owned(),
                enforcer_id: "stranger-1".to_owned(),
                gateway_url: None,
                x25519_public_key: Some(keys.public_key.clone()),
                enforcer_label: Some("a stranger".to_owned()),
                workspace_name: None,
            })
            .await
            .expect("initiates");
        let pending = stranger.get_pairing_status(&session.pairing_nonce).await.expect("a status");
        assert_eq!((pending.state.as_str(), pending.routing_token), ("Pending", None));
        let seal_key = approver.answer(&session.pairing_code).await;
        let status = stranger.get_pairing_status(&session.pairing_nonce).await.expect("a status");
        assert_eq!(status.state, "Completed");
        let response = status.response_json.expect("the approver's answer");
        let (shared_key, approver_key) = agree(&keys, &response);
        Self {
            stranger,
            approver,
            seal_key,
            shared_key,
            approver_key,
            routing_token: status.routing_token.expect("a routing token"),
            _server: server,
        }
    }

    async fn submit(&self, request_id: &str) -> Result<String, airlock_gateway::GatewayError> {
        let routing = ("routingToken".to_owned(), self.routing_token.clone());
        self.stranger
            .encrypt_and_submit_artifact(EncryptedArtifactRequest {
                enforcer_id: "stranger-1".to_owned(),
                artifact_type: None,
                plaintext_payload: json!({"z": 1, "commandText": "git push"}).to_string(),
                encryption_key_base64url: self.shared_key.clone(),
                expires_at: None,
                metadata: Some(HashMap::from([routing])),
                request_id: Some(request_id.to_owned()),
            })
            .await
    }
}

/// Derives what the stranger needs from the approver's answer, with its own code.
fn agree(keys: &X25519KeyPair, response_json: &str) -> (String, String) {
    let response: Value = serde_json::from_str(response_json).expect("JSON");
    let text = |name: &str| response[name].as_str().expect("a field").to_owned();
    let shared = derive_shared_key(&keys.private_key, &text("x25519PublicKey"));
    let key = text("publicKey").replace('+', "-").replace('/', "_");
    (shared.expect("a shared key"), key.trim_end_matches('=').to_owned())
}

#[tokio::test]
async fn pairs_submits_waits_verifies_and_acknowledges() {
    let paired = Paired::new().await;
    let stranger = &paired.stranger;
    let request_id = paired.submit("req-1").await.expect("submitted");
    assert!(stranger.wait_for_decision(&request_id, 1).await.expect("waits").is_none());
    let status = stranger.get_exchange_status(&request_id).await.expect("a status");
    assert_eq!(status.body.expect("a body").state, "pendingApproval");

    let (found, artifact) = paired.approver.inbox(&paired.seal_key).await;
    assert_eq!(found.as_str(), request_id);
    assert_eq!(artifact.rows()["commandText"], "git push");
    paired.approver.decide(found, &artifact, Decision::Approve).await;

    let delivered = stranger.wait_for_decision(&request_id, 25).await.expect("waits");
    let delivered = delivered.expect("a decision");
    let body = delivered.body.expect("a body");
    assert!(body.is_approved());
    let nonce = body.nonce.expect("a nonce");
    let signed = format!("{}|{}|{nonce}", body.artifact_hash, body.decision);
    let signature = body.signature.expect("a signature").replace('+', "-").replace('/', "_");
    let holds = ed25519_verify(&paired.approver_key, signed.as_bytes(), &signature);
    assert_eq!(holds, Ok(true));
    let message_id = delivered.msg_id.expect("a message id");
    stranger.submit_ack(&message_id, None).await.expect("acknowledged");
    let status = stranger.get_exchange_status(&request_id).await.expect("a status");
    let status = status.body.expect("a body");
    assert_eq!(status.state, "delivered");
    assert!(status.decision.is_some());
}

#[tokio::test]
async fn claims_a_code_the_approver_made() {
    let server = Server::start().await;
    let approver = Approver::new(&server).await;
    let mut stranger = AirlockGatewayClient::with_credentials(&server.url, "app", "secret");
    stranger.set_pat(Some(server.token(Role::Enforcer).await));
    let made = approver.api.post("/v1/pairing/pre-generate", &json!({})).await.has(200);
    let code = made["pairingCode"].as_str().expect("a code").to_owned();
    let keys = generate_x25519_keypair();
    let claimed = stranger
        .claim_pairing(&PairingClaimRequest {
            pairing_code: code.clone(),
            device_id: "dev-1".to_owned(),
            enforcer_id: "stranger-1".to_owned(),
            enforcer_label: "a stranger".to_owned(),
            workspace_name: "w".to_owned(),
            gateway_url: None,
            x25519_public_key: Some(keys.public_key.clone()),
        })
        .await
        .expect("claims");
    approver.answer(&code).await;
    let status = stranger.get_pairing_status(&claimed.pairing_nonce).await.expect("a status");
    assert_eq!(status.state, "Completed");
    assert!(status.routing_token.is_some());
    agree(&keys, &status.response_json.expect("the approver's answer"));
}

#[tokio::test]
async fn reads_our_refusals_as_it_reads_the_hosted_gateways() {
    let paired = Paired::new().await;
    let stranger = &paired.stranger;
    let request_id = paired.submit("req-1").await.expect("submitted");
    let conflict = paired.submit("req-1").await;
    assert!(conflict.is_ok(), "the same again is no conflict: {conflict:?}");
    stranger.withdraw_exchange(&request_id).await.expect("withdrawn");
    let again = stranger.withdraw_exchange(&request_id).await.expect_err("refused");
    assert!(again.is_conflict(), "{again:?}");
    let gone = stranger.wait_for_decision(&request_id, 60).await.expect_err("refused");
    assert_eq!((gone.status_code(), gone.error_code()), (Some(410), Some("withdrawn")));
    let unknown = stranger.get_exchange_status("req-9").await.expect_err("refused");
    assert_eq!((unknown.status_code(), unknown.error_code()), (Some(404), Some("not_found")));
    let revoked = stranger.revoke_pairing(&paired.routing_token).await.expect("revoked");
    assert_eq!(revoked.status, "revoked");
    let refused = paired.submit("req-2").await.expect_err("refused");
    assert!(refused.is_pairing_revoked(), "{refused:?}");
}

#[tokio::test]
async fn finds_every_other_call_it_knows() {
    let paired = Paired::new().await;
    let stranger = &paired.stranger;
    let echo = stranger.echo().await.expect("an echo");
    assert_eq!((echo.timezone.as_str(), echo.offset_minutes), ("UTC", 0));
    assert_eq!(stranger.check_consent().await.expect("consent"), "approved");
    let heartbeat = PresenceHeartbeatRequest {
        enforcer_id: "stranger-1".to_owned(),
        workspace_name: Some("w".to_owned()),
        enforcer_label: None,
    };
    stranger.send_heartbeat(&heartbeat).await.expect("taken");
    let present = paired.approver.api.get("/v1/presence/enforcers").await.has(200);
    assert_eq!(present[0]["enforcerId"], "stranger-1");
    let policies = stranger.get_effective_dnd_policies("stranger-1", "w", Some("s")).await;
    assert!(policies.expect("policies").body.is_empty());
    let policy = json!({"requestId": "req-dnd", "objectType": "airlock.dnd.action",
        "workspaceId": "w", "enforcerId": "stranger-1", "policyMode": "deny_all",
        "actionSelector": {"argvPrefix": ["rm"]},
        "expiresAt": process::now() + jiff::SignedDuration::from_mins(10)});
    paired.approver.api.post("/v1/policy/dnd", &policy).await.has(200);
    let policies = stranger.get_effective_dnd_policies("stranger-1", "w", Some("s")).await;
    let [read] = &policies.expect("policies").body[..] else { panic!("one policy") };
    assert_eq!((read.request_id.as_str(), read.policy_mode.as_str()), ("req-dnd", "deny_all"));
    let end = "/v1/policy/dnd/req-dnd/end";
    paired.approver.api.post(end, &json!(null)).await.has(200);
    paired.approver.api.post(end, &json!(null)).await.is_refused(404, "not_found");
    let foreign = json!({"requestId": "req-dnd", "objectType": "workspace", "workspaceId": "w",
        "enforcerId": "somebody-else", "policyMode": "deny_all",
        "expiresAt": process::now() + jiff::SignedDuration::from_mins(10)});
    let refused = paired.approver.api.post("/v1/policy/dnd", &foreign).await;
    refused.is_refused(404, "not_found");
}
