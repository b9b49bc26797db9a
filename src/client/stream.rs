//! What a gateway sends for as long as somebody listens.

use reqwest::Response;

/// The bytes of an open stream, as they come and unread.
#[derive(Debug)]
pub struct ByteStream(pub(super) Response);

impl ByteStream {
    /// Waits for the next bytes, `None` when the stream ended or broke.
    pub async fn next(&mut self) -> Option<impl AsRef<[u8]> + use<>> {
        self.0.chunk().await.ok().flatten()
    }
}
