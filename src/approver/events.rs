//! Learns at once that something changed.
//!
//! Events are hints and nothing else: whatever one says, the inbox is fetched
//! and opened again. While there is no stream the inbox is due every two
//! seconds, and a new stream makes it due at once, since nobody knows what was
//! missed. While something waits it is due every two seconds as well: no stream
//! has to tell that another approver decided.

use crate::client::{ByteStream, Transport, TransportError};
use crate::protocol::ApproverId;
use std::time::Duration;

/// Between two looks at the inbox while there is no stream.
const POLL: Duration = Duration::from_secs(2);
/// Between the end of a stream and the next, so that a broken gateway cannot spin us.
const REST: Duration = Duration::from_millis(250);
/// Between two looks at an empty inbox while the stream says nothing.
const QUIET: Duration = Duration::from_secs(30);

/// What the inbox held when it was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watched {
    /// Nothing: only the arrival of something matters, and streams tell it.
    Nothing,
    /// Something that may end at any moment, which streams need not tell.
    Waiting,
}

/// Changes of an inbox, as the gateway announces them.
#[derive(Debug)]
pub struct Changes {
    transport: Transport,
    path: String,
    stream: Option<Stream>,
}

#[derive(Debug)]
struct Stream {
    bytes: ByteStream,
    reader: EventReader,
}

impl Changes {
    /// Watches the inbox of that approver; connects when first waited for.
    #[must_use]
    pub fn new(transport: Transport, approver: &ApproverId) -> Self {
        Self { transport, path: format!("/v1/sse/approvers/{approver}"), stream: None }
    }

    /// Waits until the inbox should be looked at again.
    ///
    /// # Errors
    ///
    /// [`TransportError`] when the gateway refuses for good: a wrong token, say.
    /// One that is away or has no event streams is waited for.
    pub async fn next(&mut self, watched: Watched) -> Result<(), TransportError> {
        let Some(stream) = &mut self.stream else { return self.connect().await };
        let longest = match watched {
            Watched::Nothing => QUIET,
            Watched::Waiting => POLL,
        };
        if tokio::time::timeout(longest, stream.changed()).await == Ok(false) {
            self.stream = None;
            tokio::time::sleep(REST).await;
        }
        Ok(())
    }

    async fn connect(&mut self) -> Result<(), TransportError> {
        match self.transport.stream(&self.path).await {
            Ok(bytes) => {
                self.stream = Some(Stream { bytes, reader: EventReader::default() });
                Ok(())
            }
            Err(error) if matches!(error.status(), Some(401 | 403)) => Err(error),
            Err(_) => {
                tokio::time::sleep(POLL).await;
                Ok(())
            }
        }
    }
}

impl Stream {
    /// Waits for an event that is no ping; `false` when the stream ended.
    async fn changed(&mut self) -> bool {
        while let Some(bytes) = self.bytes.next().await {
            if self.reader.feed(bytes.as_ref()) {
                return true;
            }
        }
        false
    }
}

/// Finds the names of events in a stream, without keeping their data.
///
/// Spec: HTML, server-sent events, 9.2.6.
#[derive(Debug, Default)]
struct EventReader {
    line: Vec<u8>,
    is_ping: bool,
    has_fields: bool,
}

impl EventReader {
    /// More of a line than this is not kept; no event name is longer.
    const LINE: usize = 256;

    /// Reads bytes; `true` when an event that concerns the inbox ended in them.
    fn feed(&mut self, bytes: &[u8]) -> bool {
        let mut changed = false;
        for byte in bytes {
            match byte {
                b'\n' => changed |= self.end_of_line(),
                b'\r' => {}
                _ if self.line.len() < Self::LINE => self.line.push(*byte),
                _ => {}
            }
        }
        changed
    }

    fn end_of_line(&mut self) -> bool {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            let ended = std::mem::take(&mut self.has_fields);
            return ended && !std::mem::take(&mut self.is_ping);
        }
        // A line that starts with a colon is a comment.
        self.has_fields |= !line.starts_with(b":");
        if let Some(name) = line.strip_prefix(b"event:") {
            // What follows a decision changes nothing in the inbox.
            self.is_ping = [&b"ping"[..], b"exchange.followup"].contains(&name.trim_ascii());
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_changes_from_pings_however_the_bytes_are_cut() {
        let text =
            b"event: ping\ndata: {}\n\n: comment\n\nevent: approval.request\r\ndata: 1\r\n\r\n";
        for cut in 0..text.len() {
            let mut reader = EventReader::default();
            let changes = [&text[..cut], &text[cut..]].map(|part| reader.feed(part));
            assert_eq!(changes.iter().filter(|changed| **changed).count(), 1, "cut at {cut}");
        }
    }

    #[test]
    fn keeps_nothing_of_an_endless_line() {
        let mut reader = EventReader::default();
        assert!(!reader.feed(&vec![b'x'; 1 << 20]));
        assert!(reader.line.len() <= EventReader::LINE);
        assert!(reader.feed(b"\n\n"));
    }
}
