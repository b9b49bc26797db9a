//! The floor: rustls over a socket, the two calls that cannot be left out, and the
//! program. Nothing is sealed, verified or written down.

use super::http;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::json;
use std::error::Error;
use std::io::Write as _;
use std::net::TcpStream;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

/// About what a sealed `git push` takes.
const SEALED: usize = 4096;

/// Submits, waits for the answer, and becomes the program.
#[expect(clippy::disallowed_methods, reason = "nothing of ours may be in the floor")]
pub(crate) fn run(port: &str, directory: &Path, program: &str) -> Result<(), Box<dyn Error>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(directory.join("ca.pem"))?)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let tls = ClientConnection::new(Arc::new(config), ServerName::try_from("127.0.0.1")?)?;
    let socket = TcpStream::connect(format!("127.0.0.1:{port}"))?;
    socket.set_nodelay(true)?;
    let mut stream = StreamOwned::new(tls, socket);
    let body = json!({
        "requestId": "req-01J2V8V3K6B2Z9X6G1V7Y2QK8H",
        "body": {"artifactHash": "0".repeat(64), "ciphertext": {"data": "A".repeat(SEALED)}},
    })
    .to_string();
    let length = body.len();
    write!(
        stream,
        "POST /v1/artifacts HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n\r\n{body}"
    )?;
    http::read(&mut stream)?.ok_or("no answer to the submission")?;
    let path = "/v1/exchanges/req-01J2V8V3K6B2Z9X6G1V7Y2QK8H/wait?timeout=55";
    write!(stream, "GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")?;
    http::read(&mut stream)?.ok_or("no decision")?;
    Err(Command::new(program).exec().into())
}
