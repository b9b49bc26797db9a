//! Stands before a gateway on loopback, with TLS or without, and decides about each call.

use super::{OpenIdProvider, OwnGateway};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// One call.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// The method and the path.
    pub(crate) line: String,
    /// Every header as it came, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Call {
    /// Returns a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

/// What becomes of a call.
pub(crate) enum Reply {
    /// Passed on with this token.
    As(String),
    /// Passed on as it is.
    Pass,
    /// Answered with this status and JSON.
    Answer(u16, String),
}

/// The front of a gateway.
pub(crate) struct Front {
    pub(crate) url: String,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Front {
    /// Listens before a gateway.
    pub(crate) fn before(
        upstream: &str,
        tls: Option<Arc<ServerConfig>>,
        decide: impl Fn(&Call) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let scheme = if tls.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{}", listener.local_addr().expect("an address"));
        let upstream = upstream.trim_start_matches("http://").to_owned();
        let calls = Arc::new(Mutex::new(Vec::new()));
        let front = Self { url, calls: Arc::clone(&calls) };
        let decide = Arc::new(decide);
        thread::spawn(move || {
            for client in listener.incoming().filter_map(Result::ok) {
                let (calls, decide) = (Arc::clone(&calls), Arc::clone(&decide));
                let (tls, upstream) = (tls.clone(), upstream.clone());
                thread::spawn(move || {
                    let note = |call: &Call| {
                        calls.lock().expect("no holder panics").push(call.clone());
                        decide(call)
                    };
                    // A client that hangs up is the client's affair.
                    let _ = match tls {
                        None => serve(client, &upstream, note),
                        Some(tls) => {
                            let session = ServerConnection::new(tls).expect("a configuration");
                            serve(StreamOwned::new(session, client), &upstream, note)
                        }
                    };
                });
            }
        });
        front
    }

    /// Returns every call so far whose first line holds that text.
    pub(crate) fn calls(&self, text: &str) -> Vec<Call> {
        let calls = self.calls.lock().expect("no holder panics");
        calls.iter().filter(|call| call.line.contains(text)).cloned().collect()
    }
}

/// A gateway whose users sign in at a provider.
pub(crate) fn federated(gateway: &OwnGateway, provider: &Arc<OpenIdProvider>, base: &str) -> Front {
    let (token, provider) = (gateway.token.clone(), Arc::clone(provider));
    let discovery = format!(
        "{{\"idp\":{{\"baseUrl\":\"{base}\",\"clientId\":\"airlock-exec-tests\"}},\
         \"auth\":{{\"patSupported\":true}}}}"
    );
    Front::before(&gateway.url, None, move |call| {
        if call.line.contains("/v1/integrations/discovery") {
            return Reply::Answer(200, discovery.clone());
        }
        let shown = call.header("authorization").and_then(|text| text.strip_prefix("Bearer "));
        match shown.filter(|token| provider.knows(token)) {
            Some(_) => Reply::As(token.clone()),
            None => Reply::Answer(401, "{\"error\":\"unauthorized\",\"message\":\"no\"}".into()),
        }
    })
}

fn serve(
    mut client: impl Read + Write,
    upstream: &str,
    decide: impl Fn(&Call) -> Reply,
) -> io::Result<()> {
    let call = read(&mut client)?;
    let (status, body) = match decide(&call) {
        Reply::Answer(status, body) => (status.to_string(), body.into_bytes()),
        Reply::Pass => forward(&call, upstream, None)?,
        Reply::As(token) => forward(&call, upstream, Some(&token))?,
    };
    write!(
        client,
        "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )?;
    client.write_all(&body)?;
    client.flush()
}

fn read(stream: &mut impl Read) -> io::Result<Call> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut call = Call { line: line.trim_end().to_owned(), headers, body: Vec::new() };
    let length = call.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    call.body = vec![0; length];
    reader.read_exact(&mut call.body)?;
    Ok(call)
}

fn forward(call: &Call, upstream: &str, token: Option<&str>) -> io::Result<(String, Vec<u8>)> {
    let mut gateway = TcpStream::connect(upstream)?;
    write!(gateway, "{}\r\n", call.line)?;
    for (name, value) in &call.headers {
        let replaced = token.is_some() && ["x-pat", "authorization"].contains(&&name[..]);
        if !replaced && name != "connection" {
            write!(gateway, "{name}: {value}\r\n")?;
        }
    }
    if let Some(token) = token {
        write!(gateway, "x-pat: {token}\r\n")?;
    }
    write!(gateway, "connection: close\r\n\r\n")?;
    gateway.write_all(&call.body)?;
    let answer = read(&mut gateway)?;
    let status = answer.line.split(' ').nth(1).unwrap_or("502").to_owned();
    Ok((status, answer.body))
}
