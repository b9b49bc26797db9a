//! A gateway that cannot be trusted: a proxy on loopback that misbehaves.
//!
//! It stands between the binary under test and the real gateway of a sandbox,
//! and does to each call what the test says.

use super::sandbox::Sandbox;
use super::wait::eventually;
use nix::sys::socket::{setsockopt, sockopt};
use serde_json::Value;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{fs, thread};

/// One call as it came to the proxy.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// The method and the path with its query.
    pub(crate) line: String,
    head: Vec<u8>,
    body: Vec<u8>,
    /// How many calls of the same kind came before.
    pub(crate) earlier: usize,
}

impl Call {
    /// Tells whether it waits for a decision.
    pub(crate) fn is_wait(&self) -> bool {
        self.line.contains("/wait?")
    }

    /// Tells whether it submits an artifact.
    pub(crate) fn is_submit(&self) -> bool {
        self.line.starts_with("POST /v1/artifacts")
    }

    /// Tells whether it takes a request back.
    pub(crate) fn is_withdraw(&self) -> bool {
        self.line.contains("/withdraw")
    }

    /// Tells whether it asks how far a pairing is.
    pub(crate) fn is_pairing_status(&self) -> bool {
        self.line.starts_with("GET /v1/pairing/") && self.line.contains("/status ")
    }

    /// Tells whether it acknowledges a decision.
    pub(crate) fn is_acknowledgement(&self) -> bool {
        self.line.starts_with("POST /v1/acks")
    }

    /// Returns its JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("we send JSON")
    }

    /// Returns all of it, as it came.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        [&self.head[..], &self.body].concat()
    }
}

/// What the proxy does to a call.
pub(crate) enum Fault {
    /// Passes it on, and the answer back.
    Pass,
    /// Passes it on, and changes the JSON of a successful answer.
    Change(Box<dyn Fn(Value) -> Value + Send>),
    /// Passes it on, and closes the connection in the place of the answer.
    LoseAnswer,
    /// Closes the connection at once.
    Cut,
    /// Resets the connection at once.
    Reset,
    /// Keeps the connection open and never answers.
    Hang,
    /// Passes it on, and sends the answer that much later.
    Delay(Duration),
    /// Answers one header after another, that far apart, and never ends.
    Drip(Duration),
    /// Answers one byte of a body after another, that far apart, and never ends.
    DripBody(Duration),
    /// Answers half of the body it has announced.
    Truncate,
    /// Answers this itself: a status line and headers, and a body.
    Answer(&'static str, Vec<u8>),
}

/// The proxy of one sandbox.
pub(crate) struct Proxy {
    /// Where it listens.
    pub(crate) url: String,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Proxy {
    /// Puts a proxy between the sandbox's commands and its gateway.
    pub(crate) fn before(
        sandbox: &Sandbox,
        handler: impl Fn(&Call) -> Fault + Send + Sync + 'static,
    ) -> Self {
        // A first command starts the gateway and pairs.
        sandbox.warm_up();
        let path = sandbox.path("run/airlock-exec/gateway.json");
        let mut endpoint: Value =
            serde_json::from_slice(&fs::read(&path).expect("an endpoint")).expect("JSON");
        let upstream = endpoint["url"].as_str().expect("a URL").to_owned();
        let proxy = Self::at(&upstream, handler);
        endpoint["url"] = proxy.url.as_str().into();
        fs::write(&path, endpoint.to_string()).expect("the endpoint is ours");
        proxy
    }

    /// Puts a proxy before a server at that address.
    pub(crate) fn at(
        upstream: &str,
        handler: impl Fn(&Call) -> Fault + Send + Sync + 'static,
    ) -> Self {
        let upstream = upstream.replace("http://", "");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let calls = Arc::new(Mutex::new(Vec::new()));
        let proxy = Self { url, calls: Arc::clone(&calls) };
        let handler = Arc::new(handler);
        thread::spawn(move || {
            for client in listener.incoming().filter_map(Result::ok) {
                let (calls, handler) = (Arc::clone(&calls), Arc::clone(&handler));
                let upstream = upstream.clone();
                // A client that hangs up is the client's affair.
                thread::spawn(move || drop(serve(client, &upstream, &calls, &*handler)));
            }
        });
        proxy
    }

    /// Returns how many calls came whose first line holds that text.
    pub(crate) fn count(&self, text: &str) -> usize {
        self.calls
            .lock()
            .expect("no holder panics")
            .iter()
            .filter(|c| c.line.contains(text))
            .count()
    }

    /// Returns every call so far.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.lock().expect("no holder panics").clone()
    }

    /// Waits until so many calls came whose first line holds that text.
    pub(crate) fn wait_for(&self, text: &str, count: usize) {
        eventually(&format!("{count} calls of {text}"), || {
            (self.count(text) >= count).then_some(())
        });
    }
}

fn serve(
    client: TcpStream,
    upstream: &str,
    calls: &Mutex<Vec<Call>>,
    handler: &dyn Fn(&Call) -> Fault,
) -> io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let mut client = client;
    let (line, head, body) = read_message(&mut reader)?;
    let mut call = Call { line, head, body, earlier: 0 };
    {
        let mut calls = calls.lock().expect("no holder panics");
        let alike = |other: &&Call| {
            other.is_wait() == call.is_wait() && other.is_submit() == call.is_submit()
        };
        call.earlier = calls.iter().filter(alike).count();
        calls.push(call.clone());
    }
    match handler(&call) {
        Fault::Cut => Ok(()),
        Fault::Reset => {
            // Nothing is sent on close but a reset.
            let linger = nix::libc::linger { l_onoff: 1, l_linger: 0 };
            Ok(setsockopt(&client, sockopt::Linger, &linger)?)
        }
        Fault::Truncate => {
            client.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 400\r\n\r\n{\"msgType\":")
        }
        Fault::DripBody(pause) => {
            client.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 4000\r\n\r\n")?;
            loop {
                client.write_all(b" ")?;
                thread::sleep(pause);
            }
        }
        // Until whoever called hangs up.
        Fault::Hang => reader.read_to_end(&mut Vec::new()).map(drop),
        Fault::Drip(pause) => {
            client.write_all(b"HTTP/1.1 200 OK\r\n")?;
            // The client hangs up in the end.
            loop {
                client.write_all(b"x-slow: 1\r\n")?;
                thread::sleep(pause);
            }
        }
        Fault::Delay(span) => {
            let (status, body) = forward(&call, upstream)?;
            thread::sleep(span);
            answer(&mut client, &status, &body)
        }
        Fault::Answer(head, body) => answer(&mut client, head, &body),
        Fault::Pass => {
            let (status, mut body) = forward(&call, upstream)?;
            // Most gateways have no extensions; a test that wants them changes nothing.
            if let (true, Ok(mut taken)) = (call.is_submit(), serde_json::from_slice(&body)) {
                Value::as_object_mut(&mut taken).map(|fields| fields.remove("extensions"));
                body = taken.to_string().into_bytes();
            }
            answer(&mut client, &status, &body)
        }
        Fault::LoseAnswer => forward(&call, upstream).map(drop),
        Fault::Change(change) => {
            let (status, body) = forward(&call, upstream)?;
            let body = match serde_json::from_slice(&body) {
                Ok(value) if [" 200 ", " 202 "].iter().any(|each| status.contains(each)) => {
                    change(value).to_string().into_bytes()
                }
                _ => body,
            };
            answer(&mut client, &status, &body)
        }
    }
}

fn forward(call: &Call, upstream: &str) -> io::Result<(String, Vec<u8>)> {
    let mut gateway = TcpStream::connect(upstream)?;
    gateway.write_all(&call.head)?;
    gateway.write_all(&call.body)?;
    let (status, _, body) = read_message(&mut BufReader::new(gateway))?;
    Ok((status, body))
}

/// Reads a head and the body that its Content-Length tells.
fn read_message(reader: &mut impl BufRead) -> io::Result<(String, Vec<u8>, Vec<u8>)> {
    let (mut head, mut length) = (Vec::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().map_err(|_| io::ErrorKind::InvalidData)?;
        }
        head.extend_from_slice(line.as_bytes());
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let first = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let first = String::from_utf8_lossy(first).into_owned();
    Ok((first, head, body))
}

fn answer(client: &mut TcpStream, status: &str, body: &[u8]) -> io::Result<()> {
    // RFC 9110 8.6: a 204 has no length.
    let length = match status.split(' ').nth(1) {
        Some("204") => String::new(),
        _ => format!("content-length: {}\r\n", body.len()),
    };
    write!(client, "{status}\r\nconnection: close\r\n{length}\r\n")?;
    client.write_all(body)
}
