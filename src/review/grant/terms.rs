//! A kept grant whose signature was verified again just now.

use super::{StoredGrant, Unusable};
use crate::client::Pairing;
use crate::policy::grant::Pattern;
use crate::process;
use crate::protocol::RequestId;
use crate::protocol::artifact::CommandGrant;
use crate::protocol::decision::CLOCK_SKEW;
use crate::review::journal::Entry;
use crate::review::kept;
use jiff::{SignedDuration, Timestamp};

/// A grant whose every term was signed by a paired key that still counts.
#[derive(Debug)]
pub struct Grant {
    terms: CommandGrant,
    pattern: Pattern,
    entry: Entry,
    signer: String,
}

/// One use of a grant, recorded as spent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantUse {
    grant: RequestId,
    number: u32,
    of: u32,
}

impl GrantUse {
    pub(super) fn spent(terms: &CommandGrant, number: u32) -> Self {
        Self { grant: terms.request_id.clone(), number, of: terms.uses }
    }

    /// Returns which grant.
    #[must_use]
    pub fn grant(&self) -> &RequestId {
        &self.grant
    }

    /// Returns which use it is, from 1, and how many there are.
    #[must_use]
    pub fn count(&self) -> (u32, u32) {
        (self.number, self.of)
    }
}

impl Grant {
    /// Verifies what is kept: the hash of its bytes, the signature over it, the key.
    ///
    /// # Errors
    ///
    /// [`Unusable`] by the first check that fails.
    pub fn verify(stored: &StoredGrant, pairings: &[Pairing]) -> Result<Self, Unusable> {
        let kept = kept::verify::<CommandGrant>(&stored.plaintext, &stored.decision, pairings)?;
        let pattern = Pattern::signed(kept.artifact.pattern.clone());
        let signer = kept.signer.to_string();
        Ok(Self { signer, terms: kept.artifact, pattern, entry: kept.entry })
    }

    /// Returns what was signed.
    #[must_use]
    pub fn terms(&self) -> &CommandGrant {
        &self.terms
    }

    /// Returns which commands.
    #[must_use]
    pub fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    /// Returns the name of the key that signed.
    #[must_use]
    pub fn signer(&self) -> &str {
        &self.signer
    }

    /// Returns the entry of the journal that its approval is, from which those of
    /// its uses are made.
    pub(super) fn entry(&self) -> &Entry {
        &self.entry
    }

    /// Tells whether its time is not over, by the wall clock and by the clock of
    /// this run of the machine, which nobody can turn back.
    ///
    /// After a restart only the wall clock is left.
    ///
    /// # Errors
    ///
    /// [`Unusable::Expired`], [`Unusable::ClockTurnedBack`].
    pub fn check_time(&self, now: Timestamp) -> Result<(), Unusable> {
        let terms = &self.terms;
        if now > terms.until {
            return Err(Unusable::Expired);
        }
        if now < terms.created_at.saturating_sub(CLOCK_SKEW).unwrap_or(Timestamp::MIN) {
            return Err(Unusable::ClockTurnedBack);
        }
        let Some(then) = &terms.boot_clock else { return Ok(()) };
        if process::boot_id().as_deref() != Some(then.boot.as_str()) {
            return Ok(());
        }
        let since_boot = i64::try_from(process::since_boot().as_millis()).unwrap_or(i64::MAX);
        let begun = i64::try_from(then.since_boot_ms).unwrap_or(i64::MAX);
        let passed = SignedDuration::from_millis(since_boot.saturating_sub(begun));
        if passed > terms.until.duration_since(terms.created_at) {
            return Err(Unusable::Expired);
        }
        Ok(())
    }
}
