//! The search for a gateway that went away, or that does not start.

use super::super::RETRY;
use super::super::connection::Connection;
use super::super::error::ApproverCommandError;
use crate::client::{Backoff, Transport};
use crate::process::Deadline;
use std::time::Duration;
use tokio::task::JoinHandle;

/// The longest pause between two tries.
const LONGEST: Duration = Duration::from_secs(15);

/// What came of one look.
type Found = Result<Transport, ApproverCommandError>;

/// A search beside the view, so that every key is heard meanwhile.
#[derive(Debug)]
pub(super) struct WayBack<'a> {
    connection: &'a Connection,
    backoff: Backoff,
    /// When it is looked again.
    next_try: Deadline,
    look: Option<JoinHandle<Found>>,
    found: Option<Found>,
}

impl<'a> WayBack<'a> {
    pub(super) fn new(connection: &'a Connection) -> Self {
        let next_try = Deadline::after(RETRY);
        Self { connection, backoff: Backoff::new(), next_try, look: None, found: None }
    }

    /// Begins to look, after a pause that grows each time.
    pub(super) fn begin(&mut self) {
        self.next_try = Deadline::after(self.backoff.next_wait(LONGEST).max(RETRY));
    }

    /// Notes that the gateway answered.
    pub(super) fn arrived(&mut self) {
        self.backoff = Backoff::new();
    }

    /// Waits until a look is over. Whoever waits may be interrupted, and wait again.
    pub(super) async fn searched(&mut self) {
        if self.look.is_none() {
            tokio::time::sleep(self.next_try.remaining()).await;
            self.look = Some(tokio::task::spawn_blocking(self.connection.search()));
        }
        let Some(look) = &mut self.look else { return };
        let found = look.await;
        self.look = None;
        match found {
            Ok(found) => self.found = Some(found),
            Err(error) => {
                tracing::warn!(%error, "the look for a gateway failed");
                self.begin();
            }
        }
    }

    /// Takes what came of the last look.
    pub(super) fn found(&mut self) -> Option<Found> {
        self.found.take()
    }
}
