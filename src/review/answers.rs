//! What the gateway answers while we wait, and how much of it we put up with.

use super::artifact::Case;
use super::verify::{Doubt, Verified, verify};
use super::watcher::Watcher;
use super::{Distrust, Refusal};
use crate::client::Pairing;
use crate::process::{Deadline, SteadyClock};
use crate::protocol::MessageId;
use crate::protocol::decision::SettledDecision;
use serde_json::Value;

/// Answers that are no decision before we stop.
const MOST_UNREADABLE: u32 = 5;
/// Decisions about other commands before we stop.
const MOST_FOREIGN: u32 = 3;

/// Judges the answers to one request.
///
/// A relay that sends rubbish must not be able to end the wait at once, nor to
/// keep us busy for ever. It is never told which check failed.
pub(super) struct Answers<'a> {
    case: &'a Case,
    pairings: &'a [Pairing],
    deadline: Deadline,
    clock: SteadyClock,
    unreadable: u32,
    foreign: u32,
    told: bool,
    /// Why the first forged or foreign decision was not believed.
    forged: Option<String>,
    /// The message that brought the decision, once one did.
    pub(super) decisive: Option<MessageId>,
}

impl<'a> Answers<'a> {
    pub(super) fn to(case: &'a Case, pairings: &'a [Pairing], deadline: Deadline) -> Self {
        let (clock, told, forged, decisive) = (SteadyClock::start(), false, None, None);
        Self { case, pairings, deadline, clock, unreadable: 0, foreign: 0, told, forged, decisive }
    }

    /// Verifies an answer; `None` means: not a decision of ours, keep waiting.
    ///
    /// # Errors
    ///
    /// [`Refusal::Untrusted`] when there were too many such answers; [`Refusal::TooLate`]
    /// when it is one of ours, and the time is over.
    pub(super) fn judge(
        &mut self,
        answer: Value,
        watcher: &mut dyn Watcher,
    ) -> Result<Option<Verified>, Refusal> {
        let doubt = match verify(answer, self.case, self.pairings, self.clock.now()) {
            // Check 6 once more: the time that was given for this wait. A rejection is one all
            // the same.
            Ok(Verified::Approval(approval)) if self.deadline.has_passed() => {
                let (decision, message) = approval.into_parts();
                self.decisive = message;
                watcher.doubted(&Doubt::Late);
                return Err(self.too_late(Some(Box::new(decision))));
            }
            Err(Doubt::Late) if self.deadline.has_passed() => {
                watcher.doubted(&Doubt::Late);
                return Err(self.too_late(None));
            }
            Ok(verified) => {
                self.decisive = verified.message().cloned();
                return Ok(Some(verified));
            }
            Err(doubt) => doubt,
        };
        tracing::warn!(%doubt, request = %self.case.request_id(), "an answer was not believed");
        watcher.doubted(&doubt);
        if !self.told {
            self.told = true;
            watcher.trouble(&format!("an answer was not believed ({doubt}), still waiting"));
        }
        if doubt.is_about_a_decision() {
            self.forged.get_or_insert_with(|| doubt.to_string());
        }
        self.count(&doubt)?;
        Ok(None)
    }

    fn too_late(&self, decision: Option<Box<SettledDecision>>) -> Refusal {
        Refusal::TooLate { decision, limit: self.case.limit() }
    }

    /// Returns why the wait ends with its time: what came is worth a look, silence is not.
    pub(super) fn none_in_time(&mut self) -> Refusal {
        match self.forged.take() {
            Some(doubt) => Refusal::Untrusted(Distrust::NotBelieved(doubt)),
            None => Refusal::TimedOut { limit: self.case.limit() },
        }
    }

    /// Counts an answer that is no message at all.
    ///
    /// # Errors
    ///
    /// [`Refusal::Untrusted`] when there were too many.
    pub(super) fn count_unreadable(&mut self, what: &str) -> Result<(), Refusal> {
        self.unreadable += 1;
        if self.unreadable >= MOST_UNREADABLE {
            return Err(Refusal::Untrusted(Distrust::Unreadable(what.to_owned())));
        }
        Ok(())
    }

    fn count(&mut self, doubt: &Doubt) -> Result<(), Refusal> {
        match doubt {
            Doubt::OtherCommand => {
                self.foreign += 1;
                if self.foreign >= MOST_FOREIGN {
                    return Err(Refusal::Untrusted(Distrust::OtherCommand));
                }
                Ok(())
            }
            Doubt::NotAMessage(what) | Doubt::OtherType(what) => self.count_unreadable(what),
            Doubt::Decision(error) if error.is_malformed() => {
                self.count_unreadable(&error.to_string())
            }
            // By whoever signed it: the wait goes on until it ends by itself.
            Doubt::Decision(_)
            | Doubt::UnknownKey
            | Doubt::RevokedKey
            | Doubt::Touch(_)
            | Doubt::Late => Ok(()),
        }
    }
}
