//! As much of HTTP/1.1 as both ends need: heads that end, bodies of a known length.

use std::io::{self, Read};

/// A message as it came.
pub(crate) struct Message {
    /// Its first line.
    pub(crate) line: String,
    /// What follows its head.
    pub(crate) body: Vec<u8>,
}

/// Reads the next message; `None` when the other end has hung up before it.
pub(crate) fn read(stream: &mut impl Read) -> io::Result<Option<Message>> {
    let mut head = Vec::new();
    let mut piece = [0; 4096];
    let end = loop {
        if let Some(at) = head.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        match stream.read(&mut piece) {
            Ok(0) | Err(_) if head.is_empty() => return Ok(None),
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(length) => head.extend_from_slice(&piece[..length]),
            Err(error) => return Err(error),
        }
    };
    let mut body = head.split_off(end);
    let head = String::from_utf8_lossy(&head).into_owned();
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok())
        .unwrap_or(0);
    while body.len() < length {
        match stream.read(&mut piece)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => body.extend_from_slice(&piece[..read]),
        }
    }
    let line = head.lines().next().unwrap_or_default().to_owned();
    Ok(Some(Message { line, body }))
}
