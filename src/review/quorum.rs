//! As many approvals as a command needs, each by another key.
//!
//! Every approval in here was verified by itself, over the artifact of its own approver.
//! Two by the same key are one, whatever pairings they came by.

use super::journal::{Journal, JournalError, Unsettled};
use super::verify::VerifiedApproval;
use crate::policy::Approvals;
use crate::protocol::decision::SettledDecision;
use crate::protocol::{DecisionError, MessageId};
use jiff::Timestamp;

/// The approvals that came so far.
#[derive(Debug)]
pub(super) struct Quorum {
    needed: Approvals,
    given: Vec<VerifiedApproval>,
}

/// What one more approval makes of a quorum.
#[derive(Debug)]
pub(super) enum Taken {
    /// There are enough.
    Enough(Agreement),
    /// So many are missing.
    Missing(usize),
    /// It is by a key that approved before: it does not count.
    Double,
}

/// As many approvals as are needed, not used yet.
#[derive(Debug)]
pub(super) struct Agreement(Vec<VerifiedApproval>);

/// Approvals that the journal has recorded as used, all of them at once.
#[derive(Debug)]
pub(super) struct SpentAgreement {
    decisions: Vec<SettledDecision>,
    /// The messages that brought them.
    messages: Vec<Option<MessageId>>,
    unsettled: Unsettled,
}

impl Quorum {
    pub(super) fn of(needed: Approvals) -> Self {
        Self { needed, given: Vec::new() }
    }

    /// Takes an approval.
    pub(super) fn take(&mut self, approval: VerifiedApproval) -> Taken {
        let key = approval.decision().signing_key;
        if self.given.iter().any(|each| each.decision().signing_key == key) {
            return Taken::Double;
        }
        self.given.push(approval);
        match self.missing() {
            0 => Taken::Enough(Agreement(std::mem::take(&mut self.given))),
            missing => Taken::Missing(missing),
        }
    }

    /// Returns how many are missing.
    pub(super) fn missing(&self) -> usize {
        usize::from(self.needed).saturating_sub(self.given.len())
    }

    /// Returns how many are needed.
    pub(super) fn needed(&self) -> Approvals {
        self.needed
    }

    /// Returns what was signed so far.
    pub(super) fn given(&self) -> Vec<SettledDecision> {
        signed(&self.given)
    }
}

fn signed(approvals: &[VerifiedApproval]) -> Vec<SettledDecision> {
    approvals.iter().map(|each| each.decision().clone()).collect()
}

impl Agreement {
    /// Looks again at what may have ended while the last approval was waited for: the
    /// time that some decisions carry.
    pub(super) fn check(&self, now: Timestamp) -> Result<(), DecisionError> {
        self.0.iter().try_for_each(|each| each.decision().check_time(now))
    }

    /// Returns what was signed.
    pub(super) fn signed(&self) -> Vec<SettledDecision> {
        signed(&self.0)
    }

    /// Goes through what was signed, each with the message that brought it.
    pub(super) fn decisions(&self) -> impl Iterator<Item = (&SettledDecision, Option<&MessageId>)> {
        self.0.iter().map(|each| (each.decision(), each.message()))
    }

    /// Records the approvals as used; once that is settled the command may start.
    ///
    /// Check 7, for each: `(signerKeyId, nonce)` and `(requestId, artifactHash)` are new.
    pub(super) fn spend(
        self,
        journal: &Journal,
        now: Timestamp,
    ) -> Result<SpentAgreement, JournalError> {
        let entries: Vec<_> = self.0.iter().map(|each| each.entry().clone()).collect();
        let unsettled = journal.write_all(&entries, now)?;
        let (decisions, messages) = self.0.into_iter().map(VerifiedApproval::into_parts).unzip();
        Ok(SpentAgreement { decisions, messages, unsettled })
    }
}

impl SpentAgreement {
    /// Returns the names of the messages that brought the decisions, in their order.
    pub(super) fn messages(&self) -> &[Option<MessageId>] {
        &self.messages
    }

    /// Returns what was signed, at least one, and what must be settled before it counts.
    pub(super) fn into_parts(self) -> (Vec<SettledDecision>, Unsettled) {
        (self.decisions, self.unsettled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::{self, PrivateDir};

    fn two() -> Quorum {
        Quorum::of(Approvals::new(2).expect("a number"))
    }

    #[test]
    fn two_approvals_by_one_key_are_one() {
        let mut quorum = two();
        let first = VerifiedApproval::by_key(1, "req-1");
        assert!(matches!(quorum.take(first), Taken::Missing(1)));
        assert!(matches!(quorum.take(VerifiedApproval::by_key(1, "req-2")), Taken::Double));
        assert_eq!((quorum.missing(), quorum.given().len()), (1, 1));
        assert!(matches!(quorum.take(VerifiedApproval::by_key(2, "req-2")), Taken::Enough(_)));
    }

    #[test]
    fn all_of_them_are_used_at_once_or_none() {
        let root = tempfile::tempdir().expect("a directory");
        let path = root.path().join("journal");
        let journal = Journal::new(PrivateDir::open(&path).expect("private"));
        let agreement = |second: u8| {
            let mut quorum = two();
            quorum.take(VerifiedApproval::by_key(1, "req-1"));
            match quorum.take(VerifiedApproval::by_key(second, "req-2")) {
                Taken::Enough(agreement) => agreement,
                other => panic!("two keys approved: {other:?}"),
            }
        };
        let spent = agreement(2).spend(&journal, process::now()).expect("new");
        let (decisions, unsettled) = spent.into_parts();
        unsettled.settle().expect("a disk");
        assert_eq!(decisions.len(), 2);
        let lines = || std::fs::read_to_string(path.join("journal")).expect("a journal");
        assert_eq!(lines().lines().count(), 2);
        // One of them was used, so neither is.
        let again = agreement(3).spend(&journal, process::now());
        assert!(matches!(again, Err(JournalError::Replayed)), "{again:?}");
        assert_eq!(lines().lines().count(), 2);
    }
}
