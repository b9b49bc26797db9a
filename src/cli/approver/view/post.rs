//! The gateway of a view, listened to beside it.

use crate::approver::{Changes, Watched};
use crate::client::{Transport, TransportError};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// How long one call may take: whoever looks at the screen waits for it.
const LONGEST_CALL: Duration = Duration::from_secs(5);

/// A gateway that can be reached, and what it announces.
#[derive(Debug)]
pub(super) struct Post {
    pub(super) transport: Transport,
    changes: mpsc::Receiver<Result<(), TransportError>>,
    watched: watch::Sender<Watched>,
    listener: JoinHandle<()>,
}

impl Post {
    /// Listens beside the view, so that no key cuts short what is waited for.
    pub(super) fn new(transport: &Transport, mut changes: Changes) -> Self {
        let (teller, told) = mpsc::channel(1);
        let (watched, mut wanted) = watch::channel(Watched::Nothing);
        let listener = tokio::spawn(async move {
            loop {
                let watched = *wanted.borrow_and_update();
                let due = tokio::select! {
                    due = changes.next(watched) => due,
                    // Something waits now, or nothing does: that is looked at more often.
                    Ok(()) = wanted.changed() => continue,
                };
                let refused = due.is_err();
                if teller.send(due).await.is_err() || refused {
                    return;
                }
            }
        });
        let transport = transport.clone().within(LONGEST_CALL);
        Self { transport, changes: told, watched, listener }
    }

    /// Waits until the inbox should be looked at again; `None` when nobody listens.
    pub(super) async fn changed(&mut self) -> Option<Result<(), TransportError>> {
        self.changes.recv().await
    }

    /// Says whether something waits, which may end at any moment.
    pub(super) fn watch(&self, watched: Watched) {
        self.watched.send_if_modified(|now| std::mem::replace(now, watched) != watched);
    }
}

impl Drop for Post {
    fn drop(&mut self) {
        self.listener.abort();
    }
}
