//! Gives up on whoever does not read what it is sent.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// A stream that fails when nothing of what was written is taken for a while: the rest of
/// it, and the connection, would be held for ever.
#[derive(Debug)]
pub(super) struct Patience<S> {
    stream: S,
    silence: Duration,
    /// Set while nothing is taken. Most streams never need it, and thousands may be open.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl<S> Patience<S> {
    /// Watches over a stream, of which nothing may be read for that long.
    pub(super) fn with(stream: S, silence: Duration) -> Self {
        Self { stream, silence, stalled: None }
    }
}

impl<S: AsyncWrite + Unpin> Patience<S> {
    fn during<T>(
        &mut self,
        context: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut S>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if let Poll::Ready(written) = write(Pin::new(&mut self.stream), context) {
            self.stalled = None;
            return Poll::Ready(written);
        }
        let silence = self.silence;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(silence)));
        ready!(stalled.as_mut().poll(context));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "nobody reads what is sent")))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patience<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patience<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.during(context, |stream, context| stream.poll_write(context, bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.during(context, |stream, context| stream.poll_write_vectored(context, slices))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.during(context, AsyncWrite::poll_flush)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.during(context, AsyncWrite::poll_shutdown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    const SILENCE: Duration = Duration::from_millis(200);

    #[tokio::test]
    async fn whoever_reads_nothing_is_given_up() {
        let (ours, _theirs) = duplex(64);
        let began = std::time::Instant::now();
        let written = Patience::with(ours, SILENCE).write_all(&[7; 1000]).await;
        assert_eq!(written.expect_err("nobody reads").kind(), io::ErrorKind::TimedOut);
        assert!(began.elapsed() >= SILENCE);
    }

    #[tokio::test]
    async fn whoever_reads_a_little_now_and_then_gets_all_of_it() {
        let (ours, mut theirs) = duplex(64);
        let mut ours = Patience::with(ours, SILENCE);
        let reading = async {
            let mut taken = 0;
            while taken < 500 {
                sleep(SILENCE / 4).await;
                taken += theirs.read(&mut [0; 64]).await.expect("read");
            }
        };
        // Longer in all than nothing may be read.
        let (written, ()) = tokio::join!(ours.write_all(&[7; 500]), reading);
        written.expect("written");
    }
}
