//! A gateway and an approver in one, who says yes as soon as it is asked.

use super::http::{self, Message};
use airlock_exec::crypto::{SigningKey, X25519Public};
use airlock_exec::process;
use airlock_exec::protocol::decision::DecisionNonce;
use airlock_exec::protocol::{
    ArtifactHash, Decision, PairingCode, PairingNonce, PairingResponse, SignedDecision, SignerKeyId,
};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::error::Error;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

type Fault = Box<dyn Error + Send + Sync>;

/// What it holds: the approver's key, and the hash of each request.
struct Seat {
    key: SigningKey,
    nonce: PairingNonce,
    hashes: Mutex<HashMap<String, ArtifactHash>>,
}

/// Serves until it is killed.
pub(crate) fn serve(directory: &Path) -> Result<(), Box<dyn Error>> {
    let config = certified(directory)?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let seat = Arc::new(Seat {
        key: SigningKey::generate()?,
        nonce: PairingNonce::generate()?,
        hashes: Mutex::default(),
    });
    fs::write(directory.join("port"), listener.local_addr()?.port().to_string())?;
    for socket in listener.incoming() {
        let (socket, config, seat) = (socket?, Arc::clone(&config), Arc::clone(&seat));
        // Whoever hangs up ends its own thread.
        thread::spawn(move || attend(socket, config, &seat).ok());
    }
    Ok(())
}

/// Makes an authority and a certificate of it for loopback.
fn certified(directory: &Path) -> Result<Arc<ServerConfig>, Box<dyn Error>> {
    let (root_key, key) = (KeyPair::generate()?, KeyPair::generate()?);
    let mut root = CertificateParams::new(Vec::new())?;
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    fs::write(directory.join("ca.pem"), root.self_signed(&root_key)?.pem())?;
    let own = CertificateParams::new(vec!["127.0.0.1".to_owned()])?;
    let own = own.signed_by(&key, &Issuer::new(root, root_key))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(
            vec![own.der().clone()],
            PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der())),
        )?;
    Ok(Arc::new(config))
}

fn attend(socket: TcpStream, config: Arc<ServerConfig>, seat: &Seat) -> Result<(), Fault> {
    socket.set_nodelay(true)?;
    let mut stream = StreamOwned::new(ServerConnection::new(config)?, socket);
    while let Some(message) = http::read(&mut stream)? {
        answer(&mut stream, seat, &message)?;
    }
    Ok(())
}

fn answer(stream: &mut (impl Read + Write), seat: &Seat, message: &Message) -> Result<(), Fault> {
    let mut words = message.line.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let path = path.split('?').next().unwrap_or_default();
    let (status, body) = match (method, path) {
        ("GET", "/v1/integrations/discovery") => (
            200,
            json!({"idp": {"baseUrl": "https://127.0.0.1", "clientId": "bench"}, "auth": {"patSupported": true}}),
        ),
        ("GET", "/v1/consents/check") => (200, json!({"status": "Allowed"})),
        ("POST", "/v1/pairing/initiate") => (200, initiated(seat, &message.body)?),
        ("GET", path) if path.starts_with("/v1/pairing/") => (200, paired(seat)?),
        ("GET", "/v1/policy/dnd/effective") => {
            (200, json!({"msgType": "policy", "requestId": "req-none", "body": []}))
        }
        ("POST", "/v1/artifacts") => (202, submitted(seat, &message.body)?),
        ("GET", path) if path.ends_with("/wait") => (200, decided(seat, path)?),
        ("POST", "/v1/presence/heartbeat" | "/v1/acks") => (200, json!({})),
        _ => (404, json!({"error": "not_found", "message": "not here"})),
    };
    let body = body.to_string();
    let head = format!(
        "HTTP/1.1 {status} -\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes())?;
    Ok(stream.flush()?)
}

fn initiated(seat: &Seat, body: &[u8]) -> Result<Value, Fault> {
    let asked: Value = serde_json::from_slice(body)?;
    Ok(json!({
        "pairingNonce": seat.nonce.as_str(),
        "pairingCode": PairingCode::generate()?.as_str(),
        "deviceId": asked["deviceId"],
    }))
}

fn paired(seat: &Seat) -> Result<Value, Fault> {
    let sealed_for: X25519Public = airlock_exec::crypto::X25519Secret::generate()?.public();
    let response = PairingResponse::sign(
        &seat.key,
        key_id()?,
        seat.nonce.clone(),
        process::now(),
        &sealed_for,
    );
    Ok(json!({
        "pairingNonce": seat.nonce.as_str(),
        "state": "Completed",
        "responseJson": serde_json::to_string(&response)?,
        "routingToken": "route-to-the-only-approver-of-this-bench",
    }))
}

fn submitted(seat: &Seat, body: &[u8]) -> Result<Value, Fault> {
    let message: Value = serde_json::from_slice(body)?;
    let id = message["requestId"].as_str().ok_or("no request id")?.to_owned();
    let hash: ArtifactHash = message["body"]["artifactHash"].as_str().ok_or("no hash")?.parse()?;
    seat.hashes.lock().unwrap_or_else(PoisonError::into_inner).insert(id, hash);
    Ok(json!({}))
}

fn decided(seat: &Seat, path: &str) -> Result<Value, Fault> {
    let id = path.split('/').rev().nth(1).ok_or("no request id")?;
    let hash = seat.hashes.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    let hash = hash.ok_or("never submitted")?;
    let nonce = DecisionNonce::generate()?;
    let decision =
        SignedDecision::sign(&seat.key, key_id()?, hash, Decision::Approve, nonce.clone());
    Ok(json!({
        "msgId": format!("msg-{}", nonce.as_str()),
        "msgType": "decision.deliver",
        "requestId": id,
        "createdAt": process::now().to_string(),
        "sender": {"gatewayId": "bench"},
        "body": airlock_exec::protocol::DecisionBody::from(&decision),
    }))
}

fn key_id() -> Result<SignerKeyId, Fault> {
    Ok("key-bench".parse()?)
}
