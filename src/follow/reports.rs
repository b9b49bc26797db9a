//! What the process that watches the command says becomes follow-ups.

use super::{Line, Teller, Terms, lines};
use crate::client::{Backoff, TransportError};
use crate::onlooker::{Ended, Notice, Wish};
use crate::process::{self, Deadline};
use crate::protocol::ciphertext::Base64;
use crate::protocol::follow::{End, FollowUp, View};
use futures_util::future::join_all;
use std::time::Duration;
use tokio::io::unix::AsyncFd;
use tokio::time::sleep;

/// Between two pieces of output.
const PACE: Duration = Duration::from_millis(100);
/// How long is tried to tell the start or the end.
const BUDGET: Duration = Duration::from_secs(10);
/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Tells everybody everything until the end.
pub(super) async fn report(tellers: &[Teller], terms: Terms, line: &AsyncFd<Line>) {
    let since = process::since_boot();
    let (view, columns, rows) = match terms.terminal {
        Some((columns, rows)) => (View::Terminal, Some(columns), Some(rows)),
        None => (View::None, None, None),
    };
    let started = FollowUp::Started { at: process::now(), view, columns, rows };
    join_all(tellers.iter().map(|teller| begin(teller, started.clone()))).await;
    if tellers.iter().all(|teller| teller.is_over.get()) {
        return;
    }
    let (end, last_output) = loop {
        match next(line).await {
            Some(Notice::Output { at_ms, skipped, bytes }) => {
                let output = FollowUp::Output { at_ms, skipped, data: Base64(bytes) };
                let watching = tellers.iter().filter(|teller| teller.watches.get());
                join_all(watching.map(|teller| show(teller, &output))).await;
                sleep(PACE).await;
                let _ = line.get_ref().want(Wish::More);
            }
            Some(Notice::Ended { ended, last }) => break ended_as(terms, ended, &last),
            None => break (End::Lost, None),
        }
    };
    let duration = process::since_boot().saturating_sub(since);
    let duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let ended = tellers.iter().filter(|teller| !teller.is_over.get()).map(|teller| {
        let (end, last_output) = (end.clone(), last_output.clone());
        let stopped = teller.stopped.get();
        let ended = FollowUp::Ended { end, duration_ms, stopped, last_output };
        async move {
            if let Err(error) = insist(teller, ended).await {
                tracing::info!(%error, "the end was not told");
            }
        }
    });
    join_all(ended).await;
}

async fn begin(teller: &Teller, started: FollowUp) {
    if let Err(error) = insist(teller, started).await {
        tracing::info!(%error, "the start was not told");
        // A gateway that has no such call: nobody could read the rest.
        teller.is_over.set(error.status() == Some(404));
    }
}

/// Shows output once: what is lost of it is not worth the wait.
async fn show(teller: &Teller, output: &FollowUp) {
    let Some(sealed) = teller.seal(output) else { return };
    if let Err(error) = teller.send(&sealed, true).await {
        tracing::info!(%error, "output was not told");
        teller.recover(&error).await;
    }
}

/// Returns what comes next over the line, `None` when nobody is at its other end.
async fn next(line: &AsyncFd<Line>) -> Option<Notice> {
    loop {
        let mut ready = line.readable().await.ok()?;
        match line.get_ref().notice() {
            Ok(Some(notice)) => return Some(notice),
            Ok(None) => ready.clear_ready(),
            Err(_) => return None,
        }
    }
}

fn ended_as(terms: Terms, ended: Ended, last: &[u8]) -> (End, Option<Base64>) {
    let end = match ended {
        Ended::Returned(status) => End::Returned { status },
        Ended::Killed(signal) => End::Killed { signal },
        Ended::NotStarted(why) => End::NotStarted { why },
    };
    let last = lines::last(last, terms.last_lines);
    (end, (!last.is_empty()).then(|| Base64(last.to_vec())))
}

/// Sends the same bytes until they arrive, or it takes too long.
async fn insist(teller: &Teller, message: FollowUp) -> Result<(), TransportError> {
    let Some(sealed) = teller.seal(&message) else { return Ok(()) };
    let deadline = Deadline::after(BUDGET);
    let mut backoff = Backoff::new();
    while let Err(error) = teller.send(&sealed, false).await {
        if !error.is_passing() || deadline.has_passed() {
            return Err(error);
        }
        tracing::info!(%error, "what becomes of the command is told once more");
        teller.recover(&error).await;
        sleep(backoff.next_wait(deadline.remaining().min(LONGEST_PAUSE))).await;
    }
    Ok(())
}
