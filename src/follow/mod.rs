//! Tells those who approved a running command what becomes of it, and obeys what they
//! sign: watch, stop.
//!
//! It runs in the *teller*, a process of its own that is started beside a reviewed
//! command, and speaks with the one that watches the command over a [`Line`]. What it is
//! told goes to the gateway, sealed for each approver whose decision counted; what comes
//! from there counts only with such an approver's signature, about this command, once.
//!
//! Nothing here makes a command run, and nothing that fails here changes how one ends.
//!
//! Spec: docs/harp.md, extensions.

mod controls;
mod lines;
mod reports;
mod teller;

pub use teller::{Approval, Brief, Teller, Way};

use crate::onlooker::Line;
use futures_util::future::join_all;
use tokio::io::unix::AsyncFd;

/// What may be told of the command.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// The size of its terminal, columns and rows; nothing of another is seen.
    pub terminal: Option<(u16, u16)>,
    /// How many lines of the end of its output may be told.
    pub last_lines: usize,
}

/// Tells everybody what comes over the line until the end was told, or cannot be.
pub async fn follow(tellers: &[Teller], terms: Terms, line: Line) {
    #[expect(deprecated, reason = "what replaces it wants a promise; the line outlives it here")]
    let Ok(line) = AsyncFd::new(line) else { return };
    let obeying = tellers.iter().map(|teller| controls::obey(teller, tellers, line.get_ref()));
    tokio::select! {
        () = reports::report(tellers, terms, &line) => {}
        _ = join_all(obeying) => {}
    }
}
