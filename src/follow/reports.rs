//! What the process that watches the command says becomes follow-ups.

use super::teller::{Meanwhile, Teller};
use super::{Line, lines};
use crate::client::{Backoff, TransportError};
use crate::onlooker::{Ended, Notice, Wish};
use crate::process::{self, Deadline};
use crate::protocol::ciphertext::Base64;
use crate::protocol::follow::{End, FollowUp, View};
use std::time::Duration;
use tokio::io::unix::AsyncFd;
use tokio::time::sleep;

/// Between two pieces of output.
const PACE: Duration = Duration::from_millis(100);
/// How long is tried to tell the end.
const END_BUDGET: Duration = Duration::from_secs(10);
/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Tells everything until the end.
pub(super) async fn report(teller: &Teller, line: &AsyncFd<Line>, meanwhile: &Meanwhile) {
    let since = process::since_boot();
    let (view, columns, rows) = match teller.brief.terminal {
        Some((columns, rows)) => (View::Terminal, Some(columns), Some(rows)),
        None => (View::None, None, None),
    };
    let mut seq = 1;
    let started = FollowUp::Started { at: process::now(), view, columns, rows };
    if let Err(error) = once(teller, seq, &started).await {
        tracing::info!(%error, "the start was not told");
        // A gateway that has no such call: nobody could read the rest.
        if error.status() == Some(404) {
            return;
        }
    }
    let end = loop {
        seq += 1;
        match next(line).await {
            Some(Notice::Output { at_ms, skipped, bytes }) => {
                let output = FollowUp::Output { at_ms, skipped, data: Base64(bytes) };
                if let Err(error) = once(teller, seq, &output).await {
                    tracing::info!(%error, "output was not told");
                    teller.recover(&error).await;
                }
                sleep(PACE).await;
                let _ = line.get_ref().want(Wish::More);
            }
            Some(Notice::Ended { ended, last }) => break ended_as(teller, ended, &last),
            None => break (End::Lost, None),
        }
    };
    let duration = process::since_boot().saturating_sub(since);
    let ended = FollowUp::Ended {
        end: end.0,
        duration_ms: u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
        stopped: meanwhile.stopped.get(),
        last_output: end.1,
    };
    insist(teller, seq, &ended).await;
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

fn ended_as(teller: &Teller, ended: Ended, last: &[u8]) -> (End, Option<Base64>) {
    let end = match ended {
        Ended::Returned(status) => End::Returned { status },
        Ended::Killed(signal) => End::Killed { signal },
        Ended::NotStarted(why) => End::NotStarted { why },
    };
    let last = lines::last(last, teller.last_lines);
    (end, (!last.is_empty()).then(|| Base64(last.to_vec())))
}

async fn once(teller: &Teller, seq: u64, message: &FollowUp) -> Result<(), TransportError> {
    let Some(sealed) = teller.seal(seq, message) else { return Ok(()) };
    teller.send(&sealed, matches!(message, FollowUp::Output { .. })).await
}

/// Sends the same bytes until they arrive, or it takes too long.
async fn insist(teller: &Teller, seq: u64, message: &FollowUp) {
    let Some(sealed) = teller.seal(seq, message) else { return };
    let deadline = Deadline::after(END_BUDGET);
    let mut backoff = Backoff::new();
    while let Err(error) = teller.send(&sealed, false).await {
        tracing::info!(%error, "the end was not told");
        if !error.is_passing() || deadline.has_passed() {
            return;
        }
        teller.recover(&error).await;
        sleep(backoff.next_wait(deadline.remaining().min(LONGEST_PAUSE))).await;
    }
}
