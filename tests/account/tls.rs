//! A gateway whose TLS is too old, and what is written down about one that lies.

use super::account_support::{OwnGateway, settings};
use super::support::Sandbox;
use super::{move_account, refused, signed_in};
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Fails unless the log says that somebody may stand between.
pub(crate) fn assert_written_down(sandbox: &Sandbox) {
    let log = sandbox.log_file();
    let text = fs::read_to_string(log).expect("a log");
    assert!(text.lines().last().is_some_and(|line| line.contains("transport-violation")), "{text}");
}

/// A server that speaks TLS 1.1 and nothing later.
fn outdated(hello: &'static [u8]) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("https://{}", listener.local_addr().expect("an address"));
    let met = Arc::<AtomicUsize>::default();
    let counted = Arc::clone(&met);
    std::thread::spawn(move || {
        for mut client in listener.incoming().filter_map(Result::ok) {
            counted.fetch_add(1, Ordering::SeqCst);
            let _ = client.read(&mut [0; 4096]);
            let _ = client.write_all(hello);
            // Until the other side has read it.
            let _ = client.read(&mut [0; 4096]);
        }
    });
    (url, met)
}

#[test]
fn a_gateway_that_speaks_an_outdated_tls_ends_a_command_at_once() {
    // RFC 5246 7.2.2: a fatal alert, protocol_version, in a record of TLS 1.1.
    let alert: &[u8] = b"\x15\x03\x02\x00\x02\x02\x46";
    let sandbox = Sandbox::new();
    let gateway = OwnGateway::start(&sandbox);
    settings(&sandbox, &gateway.url, "");
    signed_in(&sandbox, &gateway.token);
    gateway.pair(&sandbox);
    let (url, met) = outdated(alert);
    move_account(&sandbox, &gateway.url, &url);
    settings(&sandbox, &url, "");
    refused(&sandbox, 124).assert_says(&["speaks no TLS", "TLS 1.2 or later"]);
    // For the policies and the submission; neither is tried again.
    assert_eq!(met.load(Ordering::SeqCst), 2);
    assert_written_down(&sandbox);
}

/// A server without TLS, and the first byte of each call to it.
fn plain() -> (String, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("https://{}", listener.local_addr().expect("an address"));
    let firsts = Arc::<Mutex<Vec<u8>>>::default();
    let noted = Arc::clone(&firsts);
    std::thread::spawn(move || {
        for mut client in listener.incoming().filter_map(Result::ok) {
            let mut came = [0; 4096];
            if matches!(client.read(&mut came), Ok(1..)) {
                noted.lock().expect("no holder panics").push(came[0]);
            }
            let _ = client.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
        }
    });
    (url, firsts)
}

#[test]
fn a_name_that_nobody_has_and_a_server_without_tls_run_nothing() {
    let sandbox = Sandbox::new();
    let gateway = OwnGateway::start(&sandbox);
    settings(&sandbox, &gateway.url, "");
    signed_in(&sandbox, &gateway.token);
    gateway.pair(&sandbox);
    let (url, firsts) = plain();
    // RFC 6761 6.4: a name that is nobody's.
    for url in ["https://gateway.invalid", &url] {
        move_account(&sandbox, &gateway.url, url);
        settings(&sandbox, url, "");
        let config = sandbox.path("config/airlock-exec/config.toml");
        let text = fs::read_to_string(&config).expect("settings");
        fs::write(&config, format!("{text}[timeouts]\nconnect = \"1s\"\n")).expect("settings");
        refused(&sandbox, 124).assert_says(&[&format!("{url}/"), "can be reached"]);
        // What was moved there is not moved back.
        move_account(&sandbox, url, &gateway.url);
    }
    let firsts = firsts.lock().expect("no holder panics");
    // RFC 8446 5.1: a handshake record, and never a line of HTTP.
    assert!(!firsts.is_empty() && firsts.iter().all(|first| *first == 22), "{firsts:?}");
}
