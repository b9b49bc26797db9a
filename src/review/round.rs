//! Asks every paired approver at once.
//!
//! Each gets an artifact of its own, which it alone can read. The first decision
//! that passes every check counts, whether yes or no, and the others are taken
//! back: the journal knows them as one, so that no second approval of the same
//! command can ever be used.

use super::artifact::Case;
use super::asked::Place;
use super::exchange::Exchange;
use super::signals::StopSignals;
use super::verify::{Verified, VerifiedApproval};
use super::{Refusal, Reviewer, Watcher};
use crate::client::{Pairing, PairingError};
use crate::process::{self, Deadline};
use futures_util::future::join_all;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use std::cell::RefCell;
use std::time::Duration;

/// How long taking requests back may delay the end.
const WITHDRAW_BUDGET: Duration = Duration::from_secs(2);

/// All exchanges about one command.
pub(super) struct Round<'a> {
    reviewer: &'a Reviewer,
    exchanges: Vec<Exchange<'a>>,
    deadline: Deadline,
    limit: Duration,
}

impl<'a> Round<'a> {
    /// Seals each case for the approver that goes with it.
    pub(super) fn new(
        reviewer: &'a Reviewer,
        asked: impl IntoIterator<Item = (&'a Case, &'a Pairing)>,
        limit: Duration,
    ) -> Result<Self, Refusal> {
        let deadline = Deadline::after(limit);
        let exchanges = asked
            .into_iter()
            .map(|(case, pairing)| Exchange::new(reviewer, case, pairing, deadline))
            .collect::<Result<_, _>>()?;
        Ok(Self { reviewer, exchanges, deadline, limit })
    }

    /// Returns the first verified approval; everything else is a refusal.
    ///
    /// Whatever ends the wait takes the open requests back, so that nobody approves
    /// what will not run.
    pub(super) async fn conduct(
        mut self,
        place: Option<&Place>,
        watcher: &mut dyn Watcher,
    ) -> Result<VerifiedApproval, Refusal> {
        let mut signals = StopSignals::listen()?;
        let outcome = tokio::select! {
            outcome = self.first_decision(watcher) => outcome,
            signal = signals.first() => Err(Refusal::Interrupted { signal }),
        };
        watcher.ended();
        // Somebody else who waits for the same decision goes on waiting for it.
        let for_others = outcome.is_err() && place.is_some_and(|place| !place.is_last());
        let open: &[Exchange<'_>] = if for_others { &[] } else { &self.exchanges };
        let taken_back = join_all(open.iter().map(Exchange::withdraw));
        let ended = tokio::time::timeout(WITHDRAW_BUDGET, taken_back);
        let told = join_all(self.exchanges.iter().map(Exchange::acknowledge));
        tokio::select! {
            _ = async { tokio::join!(ended, told) } => (),
            // Asked to stop a second time: at once.
            _ = signals.first() => (),
        }
        match outcome? {
            Verified::Approval(approval) => Ok(approval),
            Verified::Rejection { reason, entry, decision } => {
                // It is final whether or not the journal can take it.
                let _ = self.reviewer.journal.commit(&entry, process::now());
                Err(Refusal::Rejected { reason, decision: Box::new(decision) })
            }
        }
    }

    async fn first_decision(&mut self, watcher: &mut dyn Watcher) -> Result<Verified, Refusal> {
        let (deadline, limit) = (self.deadline, self.limit);
        // All futures run in one task and speak to the watcher between awaits.
        let watcher = RefCell::new(watcher);
        let presence = self.reviewer.presence();
        let decided = tokio::select! {
            decided = decided(&mut self.exchanges, &watcher) => Some(decided),
            never = presence.keep() => match never {},
            // A gateway that holds its answer back for ever does not hold us.
            () = tell_the_time(&watcher, deadline, limit) => None,
        };
        decided.unwrap_or_else(|| Err(self.none_in_time()))
    }

    /// Returns why the wait ends with its time: what came is worth a look.
    fn none_in_time(&mut self) -> Refusal {
        let ends = self.exchanges.iter_mut().map(Exchange::none_in_time);
        ends.reduce(more_serious).unwrap_or(Refusal::TimedOut { limit: self.limit })
    }
}

/// Waits for the first decision; only when nobody can decide any more it is a refusal.
async fn decided(
    exchanges: &mut [Exchange<'_>],
    watcher: &RefCell<&mut dyn Watcher>,
) -> Result<Verified, Refusal> {
    let several = exchanges.len() > 1;
    let mut open: FuturesUnordered<_> =
        exchanges.iter_mut().map(|exchange| exchange.ask(watcher)).collect();
    let mut refused: Option<Refusal> = None;
    while let Some(outcome) = open.next().await {
        let refusal = match outcome {
            Ok(verified) => return Ok(verified),
            Err(refusal) => refusal,
        };
        if several && !open.is_empty() {
            let what = format!("one approver cannot decide ({refusal}), waiting for the others");
            watcher.borrow_mut().trouble(&what);
        }
        refused = Some(match refused {
            Some(earlier) => more_serious(earlier, refusal),
            None => refusal,
        });
    }
    Err(refused.unwrap_or(PairingError::NotPaired.into()))
}

/// Of two reasons: what came in the place of a decision must not be overlooked, and
/// where one approver could have decided nobody did.
fn more_serious(first: Refusal, second: Refusal) -> Refusal {
    match (&first, &second) {
        (Refusal::Untrusted(_), _) => first,
        (_, Refusal::Untrusted(_)) => second,
        (Refusal::TimedOut { .. }, _) => first,
        (_, Refusal::TimedOut { .. }) => second,
        _ => first,
    }
}

/// Tells the watcher every second how the wait goes, until the deadline.
async fn tell_the_time(watcher: &RefCell<&mut dyn Watcher>, deadline: Deadline, limit: Duration) {
    while !deadline.has_passed() {
        let left = deadline.remaining();
        watcher.borrow_mut().waiting(limit.saturating_sub(left), left);
        tokio::time::sleep(left.min(Duration::from_secs(1))).await;
    }
}
