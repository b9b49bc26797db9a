//! Asks the paired approvers, each when it is its turn.
//!
//! Each gets an artifact of its own, which it alone can read, and each decision is
//! verified over that one. A rejection is final. As soon as there are as many approvals
//! as are needed, each by another key, the other requests are taken back: the journal
//! knows them all as one command, so that no further approval of it can ever be used.

use super::asked::Place;
use super::exchange::Exchange;
use super::journal::Entry;
use super::quorum::{Agreement, Quorum, Taken};
use super::sealed::Sealed;
use super::signals::StopSignals;
use super::turn::Turns;
use super::verify::Verified;
use super::{Acknowledgement, Distrust, Refusal, Reviewer, Watcher, on_its_way};
use crate::client::{Pairing, PairingError};
use crate::process::{self, Caller, Deadline, SteadyClock};
use crate::protocol::decision::SettledDecision;
use futures_util::FutureExt as _;
use futures_util::future::join_all;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use std::cell::RefCell;
use std::pin::pin;
use std::time::{Duration, Instant};

/// How long taking requests back may delay the end.
pub(super) const WITHDRAW_BUDGET: Duration = Duration::from_secs(2);
/// Who sees the time to be over so much later was stopped, or asleep.
const AWAY: Duration = Duration::from_millis(500);
/// How long what came meanwhile may take to be read.
const LAST_LOOK: Duration = Duration::from_secs(1);
/// Signals so close to the first are the same wish to stop: `timeout` sends one to its child
/// and one to the child's group.
const ONE_WISH: Duration = Duration::from_millis(2);

/// All exchanges about one command.
pub(super) struct Round<'a> {
    reviewer: &'a Reviewer,
    exchanges: Vec<Exchange<'a>>,
    /// Whom each of them asks.
    pairings: Vec<&'a Pairing>,
    turns: Turns,
    quorum: Quorum,
    deadline: Deadline,
    clock: SteadyClock,
    limit: Duration,
}

/// How a round was decided.
enum Decided {
    /// By enough approvals.
    For(Agreement),
    /// By a rejection.
    Against { reason: Option<String>, entry: Box<Entry>, decision: Box<SettledDecision> },
}

impl<'a> Round<'a> {
    /// Takes each case to the approver it was sealed for.
    pub(super) fn new(
        reviewer: &'a Reviewer,
        asked: &'a [Sealed<'a>],
        limit: Duration,
    ) -> Result<Self, Refusal> {
        let first = &asked.first().ok_or(PairingError::NotPaired)?.case;
        let deadline = Deadline::after(limit);
        // Who joins a question that was put before waits no longer than was left.
        let ago = process::now().duration_since(first.created_at());
        let delays = asked.iter().map(|each| each.pairing.delay()).collect();
        let turns = Turns::new(delays, Duration::try_from(ago).unwrap_or_default());
        let exchange = |(index, sealed)| Exchange::new(reviewer, sealed, deadline, turns.of(index));
        let exchanges = asked.iter().enumerate().map(exchange).collect();
        let pairings = asked.iter().map(|each| each.pairing).collect();
        let quorum = Quorum::of(first.approvals());
        let clock = SteadyClock::start();
        Ok(Self { reviewer, exchanges, pairings, turns, quorum, deadline, clock, limit })
    }

    /// Returns as many verified approvals as are needed; everything else is a refusal.
    ///
    /// Whatever ends the wait takes the open requests back, so that nobody approves
    /// what will not run.
    pub(super) async fn conduct(
        mut self,
        place: Option<&Place>,
        watcher: &mut dyn Watcher,
    ) -> Result<Agreement, Refusal> {
        let mut signals = StopSignals::listen()?;
        let caller = self.reviewer.terms.caller;
        let outcome = tokio::select! {
            outcome = self.decision(watcher) => outcome,
            signal = signals.first() => Err(Refusal::Interrupted { signal }),
            () = departure(caller) => Err(Refusal::CallerGone),
        };
        watcher.ended();
        if matches!(outcome, Ok(Decided::For(_))) {
            watcher.approved();
        }
        // Somebody else who waits for the same decision goes on waiting for it.
        let is_last = place.is_none_or(Place::is_last);
        let for_others = outcome.is_err() && !is_last;
        let open: &[Exchange<'_>] = if for_others { &[] } else { &self.exchanges };
        let taken_back = join_all(open.iter().map(Exchange::withdraw));
        let taken_back = tokio::time::timeout(WITHDRAW_BUDGET, taken_back);
        let is_acknowledged_later =
            matches!(outcome, Ok(Decided::For(_))) && self.leaves_acknowledgement();
        let acknowledged = async {
            if is_acknowledged_later {
                return;
            }
            for exchange in &self.exchanges {
                exchange.acknowledge();
            }
            // It is written at once on the connection that brought the decision.
            on_its_way().await;
        };
        let mut interrupted = match outcome {
            Err(Refusal::Interrupted { signal }) => Some((signal, Instant::now())),
            _ => None,
        };
        let mut ended = pin!(async { tokio::join!(taken_back, acknowledged).0 });
        let taken_back = loop {
            tokio::select! {
                taken_back = &mut ended => break taken_back.ok(),
                signal = signals.first() => match interrupted {
                    // Asked to stop a second time: at once.
                    Some((_, since)) if since.elapsed() > ONE_WISH => break None,
                    Some(_) => {}
                    None => interrupted = Some((signal, Instant::now())),
                },
            }
        };
        // One that came at the same moment is heard, too.
        if let (None, Some(signal)) = (interrupted, signals.first().now_or_never()) {
            interrupted = Some((signal, Instant::now()));
        }
        let is_open = |results: Vec<Result<(), _>>| results.into_iter().any(|each| each.is_err());
        if !open.is_empty() && taken_back.is_none_or(is_open) {
            watcher.trouble("the request could not be taken back, it stays open until it expires");
        }
        let (refusal, approvals) = match (outcome, interrupted) {
            (Ok(Decided::Against { reason, entry, decision }), _) => {
                // It is final whether or not the journal can take it.
                let _ = self.reviewer.journal.commit(&entry, process::now());
                (Refusal::Rejected { reason, decision }, self.quorum.given())
            }
            (Ok(Decided::For(agreement)), None) => return Ok(agreement),
            (Ok(Decided::For(agreement)), Some((signal, _))) => {
                self.exchanges.iter().for_each(Exchange::acknowledge);
                on_its_way().await;
                (Refusal::Interrupted { signal }, agreement.signed())
            }
            (Err(_), Some((signal, _))) => (Refusal::Interrupted { signal }, self.quorum.given()),
            (Err(refusal), None) => (refusal, self.quorum.given()),
        };
        // Somebody else who waits may still start by what was approved.
        let is_over = matches!(refusal, Refusal::Rejected { .. }) || is_last;
        if is_over && !approvals.is_empty() {
            watcher.approved_in_vain(&approvals, &refusal);
        }
        Err(refusal)
    }

    /// Tells whether whoever runs the command acknowledges its approval.
    fn leaves_acknowledgement(&self) -> bool {
        self.reviewer.terms.acknowledgement == Acknowledgement::WithOutcome
    }

    async fn decision(&mut self, watcher: &mut dyn Watcher) -> Result<Decided, Refusal> {
        let (deadline, limit) = (self.deadline, self.limit);
        // All futures run in one task and speak to the watcher between awaits.
        let watcher = RefCell::new(watcher);
        let presence = self.reviewer.presence();
        let decided = {
            let mut deciding = pin!(self.decided(&watcher));
            let decided = tokio::select! {
                decided = &mut deciding => Some(decided),
                never = presence.keep(|what| watcher.borrow_mut().trouble(what)) => match never {},
                // A gateway that holds its answer back for ever does not hold us.
                () = tell_the_time(&watcher, deadline, limit) => None,
            };
            match decided {
                None if deadline.overdue() > AWAY => {
                    tokio::time::timeout(LAST_LOOK, deciding).await.ok()
                }
                decided => decided,
            }
        };
        decided.unwrap_or_else(|| Err(self.none_in_time()))
    }

    /// Returns why the wait ends with its time: what came is worth a look.
    fn none_in_time(&mut self) -> Refusal {
        let ends = self.exchanges.iter_mut().filter_map(Exchange::none_in_time);
        let refusal = ends.reduce(more_serious).unwrap_or(Refusal::TimedOut { limit: self.limit });
        self.too_few(refusal)
    }

    /// Says how many of several approvals came, where nothing more serious is to be said.
    fn too_few(&self, refusal: Refusal) -> Refusal {
        let (given, needed) = (self.quorum.given().len(), self.quorum.needed());
        match refusal {
            Refusal::TimedOut { limit } | Refusal::TooLate { limit, .. } if given > 0 => {
                Refusal::TooFew { given, needed, limit }
            }
            other => other,
        }
    }

    /// Waits for as many approvals as are needed, or a rejection; only when too few can
    /// decide any more it is a refusal.
    async fn decided(&mut self, watcher: &RefCell<&mut dyn Watcher>) -> Result<Decided, Refusal> {
        let Self { reviewer, exchanges, pairings, turns, quorum, clock, .. } = self;
        let mut given = Vec::new();
        let several = exchanges.len() > 1;
        let asked = exchanges
            .iter_mut()
            .enumerate()
            .map(|(index, exchange)| async move { (index, exchange.ask(watcher).await) });
        let mut open: FuturesUnordered<_> = asked.collect();
        let mut refused: Option<Refusal> = None;
        while let Some((index, outcome)) = open.next().await {
            turns.settle(index);
            let tell = |what: &str| watcher.borrow_mut().trouble(what);
            match outcome {
                Ok(Verified::Approval(approval)) => match quorum.take(approval) {
                    Taken::Enough(agreement) => {
                        // Those before may have lost their key, or their time, meanwhile.
                        for pairing in given {
                            reviewer.check_live(pairing)?;
                        }
                        let held = agreement.check(clock.now());
                        held.map_err(|error| Distrust::NotBelieved(error.to_string()))
                            .map_err(Refusal::Untrusted)?;
                        return Ok(Decided::For(agreement));
                    }
                    Taken::Missing(missing) => {
                        given.push(pairings[index]);
                        let name = &pairings[index].agreed.name;
                        tell(&format!("{name} approved; {missing} more must"));
                    }
                    Taken::Double => {
                        let name = &pairings[index].agreed.name;
                        tell(&format!("{name} has the key of another approver: it counts once"));
                    }
                },
                Ok(Verified::Rejection { reason, entry, decision, .. }) => {
                    let (entry, decision) = (Box::new(entry), Box::new(decision));
                    return Ok(Decided::Against { reason, entry, decision });
                }
                Err(refusal) => {
                    if several && open.len() >= quorum.missing() {
                        tell(&format!(
                            "one approver cannot decide ({refusal}), waiting for the others"
                        ));
                    }
                    refused = Some(match refused {
                        Some(earlier) => more_serious(earlier, refusal),
                        None => refusal,
                    });
                }
            }
            if open.len() < quorum.missing() {
                break;
            }
        }
        let too_few = || {
            let needed = usize::from(quorum.needed());
            PairingError::TooFew { needed, paired: needed.saturating_sub(quorum.missing()) }
        };
        Err(refused.unwrap_or_else(|| too_few().into()))
    }
}

/// Of two reasons: what came in the place of a decision must not be overlooked, and
/// where one approver could have decided nobody did.
fn more_serious(first: Refusal, second: Refusal) -> Refusal {
    match (&first, &second) {
        (Refusal::Untrusted(_), _) => first,
        (_, Refusal::Untrusted(_)) => second,
        (Refusal::TooLate { .. }, _) => first,
        (_, Refusal::TooLate { .. }) => second,
        (Refusal::TimedOut { .. }, _) => first,
        (_, Refusal::TimedOut { .. }) => second,
        _ => first,
    }
}

/// Waits until whoever must be there is gone; for ever when nobody must.
async fn departure(caller: Option<Caller>) {
    let Some(caller) = caller else { return std::future::pending().await };
    while caller.is_there() {
        tokio::time::sleep(Duration::from_secs(1)).await;
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
