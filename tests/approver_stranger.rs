//! Our approver at a named gateway, asked by the published client.
//!
//! `airlock-gateway` 0.4.8 plays the enforcer with code that is not ours: it
//! pairs, seals, and checks the signature our approver made.

mod gateway_support;
mod support;

use airlock_exec::gateway::Role;
use airlock_gateway::crypto::{
    X25519KeyPair, derive_shared_key, ed25519_verify, generate_x25519_keypair,
};
use airlock_gateway::{
    AirlockGatewayClient, EncryptedArtifactRequest, PairingClaimRequest, PairingInitiateRequest,
};
use gateway_support::Server;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fs::{Permissions, set_permissions, write};
use std::os::unix::fs::PermissionsExt;
use std::process::Output;
use support::{Sandbox, eventually};

/// A gateway, a stranger that asks there, and a person with our approver.
struct Scene {
    server: Server,
    sandbox: Sandbox,
    stranger: AirlockGatewayClient,
    keys: X25519KeyPair,
}

/// What the stranger learned at pairing.
struct Introduced {
    shared_key: String,
    approver_key: String,
    routing_token: String,
}

impl Scene {
    async fn new() -> Self {
        let server = Server::start().await;
        let sandbox = Sandbox::new();
        let file = sandbox.path("token");
        write(&file, server.token(Role::Approver).await).expect("written");
        set_permissions(&file, Permissions::from_mode(0o600)).expect("chmod");
        let token = server.token(Role::Enforcer).await;
        let stranger = AirlockGatewayClient::new(&server.url, Some(token));
        Self { server, sandbox, stranger, keys: generate_x25519_keypair() }
    }

    fn arguments<'a>(&'a self, words: &[&'a str], token_file: &'a str) -> Vec<&'a str> {
        let place = ["--gateway", &self.server.url, "--token-file", token_file];
        [&["approver"], words, &place].concat()
    }

    fn approver(&self, words: &[&str]) -> Output {
        let file = self.sandbox.path("token");
        let arguments = self.arguments(words, file.to_str().expect("text"));
        self.sandbox.airlock(arguments).output().expect("it starts")
    }

    async fn initiate(&self) -> (String, String) {
        let session = self
            .stranger
            .initiate_pairing(&PairingInitiateRequest {
                device_id: "dev-1".to_owned(),
                enforcer_id: "stranger-1".to_owned(),
                gateway_url: None,
                x25519_public_key: Some(self.keys.public_key.clone()),
                enforcer_label: Some("a \u{1b}[2Jstranger".to_owned()),
                workspace_name: None,
            })
            .await
            .expect("initiates");
        (session.pairing_code, session.pairing_nonce)
    }

    /// Reads the approver's answer with the stranger's own code.
    async fn introduced(&self, nonce: &str) -> Introduced {
        let status = self.stranger.get_pairing_status(nonce).await.expect("a status");
        assert_eq!(status.state, "Completed");
        let response: Value =
            serde_json::from_str(&status.response_json.expect("an answer")).expect("JSON");
        let text = |name: &str| response[name].as_str().expect("a field").to_owned();
        let key = text("publicKey").replace('+', "-").replace('/', "_");
        let approver_key = key.trim_end_matches('=').to_owned();
        let signed = ["signerKeyId", "publicKey", "pairingNonce", "timestamp", "x25519PublicKey"]
            .map(text)
            .join("|");
        let holds = ed25519_verify(&approver_key, signed.as_bytes(), &text("signature"));
        assert_eq!(holds, Ok(true));
        Introduced {
            shared_key: derive_shared_key(&self.keys.private_key, &text("x25519PublicKey"))
                .expect("a shared key"),
            approver_key,
            routing_token: status.routing_token.expect("a routing token"),
        }
    }

    async fn submit(&self, introduced: &Introduced, request_id: &str, plaintext: &Value) {
        let routing = ("routingToken".to_owned(), introduced.routing_token.clone());
        self.stranger
            .encrypt_and_submit_artifact(EncryptedArtifactRequest {
                enforcer_id: "stranger-1".to_owned(),
                artifact_type: None,
                plaintext_payload: plaintext.to_string(),
                encryption_key_base64url: introduced.shared_key.clone(),
                expires_at: None,
                metadata: Some(HashMap::from([routing])),
                request_id: Some(request_id.to_owned()),
            })
            .await
            .expect("submitted");
    }

    /// Waits for the decision and checks its signature with the stranger's own code.
    async fn decided(&self, introduced: &Introduced, request_id: &str) -> (String, Option<String>) {
        let delivered = self.stranger.wait_for_decision(request_id, 10).await.expect("waits");
        let body = delivered.expect("a decision").body.expect("a body");
        let nonce = body.nonce.expect("a nonce");
        let signed = format!("{}|{}|{nonce}", body.artifact_hash, body.decision);
        let signature = body.signature.expect("a signature");
        let holds = ed25519_verify(&introduced.approver_key, signed.as_bytes(), &signature);
        assert_eq!(holds, Ok(true));
        (body.decision, body.reason)
    }
}

fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn pairs_by_code_reads_foreign_artifacts_and_decides() {
    let scene = Scene::new().await;
    let (code, nonce) = scene.initiate().await;
    let paired = stdout(&scene.approver(&["pair", &code.to_lowercase(), "--wait", "0s"]));
    assert!(paired.contains("a \\x1b[2Jstranger has not said yet"), "{paired}");
    assert!(paired.contains("compare this fingerprint"), "{paired}");
    let introduced = scene.introduced(&nonce).await;

    let foreign = json!({"title": "drop table \u{1b}[2J", "rows": [1, {"deep": "yes"}]});
    scene.submit(&introduced, "req-one", &foreign).await;
    scene.submit(&introduced, "req-two", &json!({"commandText": "ls", "argv": ["ls"]})).await;
    let card = stdout(&scene.approver(&["show", "req-one"]));
    assert!(card.contains("drop table \\x1b[2J") && !card.contains('\u{1b}'), "{card}");
    assert!(card.contains("field") && card.contains("not told"), "{card}");

    stdout(&scene.approver(&["approve", "two"]));
    assert_eq!(scene.decided(&introduced, "req-two").await, ("approve".to_owned(), None));
    stdout(&scene.approver(&["reject", "one", "--reason", "not today"]));
    let rejected = ("reject".to_owned(), Some("not today".to_owned()));
    assert_eq!(scene.decided(&introduced, "req-one").await, rejected);
    assert!(stdout(&scene.approver(&["list"])).contains("nothing waits"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_sealed_with_another_key_can_only_be_rejected() {
    let scene = Scene::new().await;
    let (code, nonce) = scene.initiate().await;
    stdout(&scene.approver(&["pair", &code, "--wait", "0s"]));
    let mut introduced = scene.introduced(&nonce).await;
    let other = generate_x25519_keypair();
    introduced.shared_key =
        derive_shared_key(&other.private_key, &scene.keys.public_key).expect("a key");
    scene.submit(&introduced, "req-odd", &json!({"commandText": "ls"})).await;

    let listed = stdout(&scene.approver(&["list", "--json"]));
    let listed: Value = serde_json::from_str(&listed).expect("JSON");
    assert_eq!(listed[0]["readable"], Value::Bool(false));
    assert_eq!(listed[0]["commandText"], Value::Null);
    let card = stdout(&scene.approver(&["show", "odd"]));
    assert!(card.contains("cannot be read") && card.contains("only be rejected"), "{card}");
    let refused = scene.approver(&["approve", "odd"]);
    assert_eq!(refused.status.code(), Some(125));
    let waits = scene.stranger.wait_for_decision("req-odd", 1).await.expect("waits");
    assert!(waits.is_none(), "nothing was sent");
    stdout(&scene.approver(&["reject", "odd"]));
    assert_eq!(scene.decided(&introduced, "req-odd").await, ("reject".to_owned(), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn makes_a_code_and_pairs_with_whoever_claims_it() {
    let scene = Scene::new().await;
    let file = scene.sandbox.path("token");
    let offering = scene
        .sandbox
        .start(scene.arguments(&["code", "--wait", "0s"], file.to_str().expect("text")));
    let code = eventually("a code", || {
        let shown = offering.stdout();
        let line = shown.lines().next()?.strip_prefix("code: ")?.to_owned();
        shown.contains('\n').then_some(line)
    });
    let claimed = scene
        .stranger
        .claim_pairing(&PairingClaimRequest {
            pairing_code: code,
            device_id: "dev-1".to_owned(),
            enforcer_id: "stranger-1".to_owned(),
            enforcer_label: "a stranger".to_owned(),
            workspace_name: "w".to_owned(),
            gateway_url: None,
            x25519_public_key: Some(scene.keys.public_key.clone()),
        })
        .await
        .expect("claims");
    let output = offering.finish();
    assert!(stdout(&output).contains("a stranger has not said yet"), "{}", stdout(&output));
    let introduced = scene.introduced(&claimed.pairing_nonce).await;
    scene.submit(&introduced, "req-one", &json!({"commandText": "ls"})).await;
    stdout(&scene.approver(&["approve", "req-one"]));
    assert_eq!(scene.decided(&introduced, "req-one").await.0, "approve");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_nobody_made_or_a_wrong_token_is_one_clear_error() {
    let scene = Scene::new().await;
    let refused = scene.approver(&["pair", "AAAA-AAAA"]);
    let error = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(125), "{error}");
    assert!(error.contains("unknown, was used, or has expired"), "{error}");
    assert!(error.contains("next:"), "{error}");
    write(scene.sandbox.path("token"), "airpat_wrong").expect("written");
    let refused = scene.approver(&["list"]);
    let error = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && error.contains("401"), "{error}");
    assert!(!error.contains("airpat_wrong"), "{error}");
}
