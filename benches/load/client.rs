//! As little of HTTP/1.1 as it takes, so that the client costs little of the machine.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A connection that stays open.
pub(crate) struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Connection {
    pub(crate) async fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, read: Vec::new() }
    }

    pub(crate) async fn call(&mut self, request: &[u8]) -> Answer {
        self.send(request).await;
        self.receive().await
    }

    pub(crate) async fn send(&mut self, request: &[u8]) {
        self.stream.write_all(request).await.unwrap();
    }

    pub(crate) async fn receive(&mut self) -> Answer {
        let head_ends = loop {
            if let Some(at) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            self.more().await;
        };
        let head = String::from_utf8_lossy(&self.read[..head_ends]).to_ascii_lowercase();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
        while self.read.len() < head_ends + length {
            self.more().await;
        }
        let rest = self.read.split_off(head_ends + length);
        let body = self.read.split_off(head_ends);
        self.read = rest;
        Answer { status, body }
    }

    async fn more(&mut self) {
        let mut chunk = [0; 4096];
        let count = self.stream.read(&mut chunk).await.unwrap();
        assert_ne!(count, 0, "the gateway hung up");
        self.read.extend_from_slice(&chunk[..count]);
    }
}

/// Returns a request with a token, and perhaps a JSON body.
pub(crate) fn request(method: &str, path: &str, token: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    let kind = if body.is_empty() { "" } else { "content-type: application/json\r\n" };
    format!(
        "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nx-pat: {token}\r\n{kind}\
         content-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}
