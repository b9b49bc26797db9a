//! A kept grant whose signature was verified again just now.

use super::{StoredGrant, Unusable};
use crate::client::Pairing;
use crate::policy::grant::Pattern;
use crate::process;
use crate::protocol::artifact::{ArtifactKind, CommandGrant};
use crate::protocol::decision::{CLOCK_SKEW, SettledDecision};
use crate::protocol::{Decision, ReceivedArtifact, ReceivedDecision, RequestId, json};
use crate::review::journal::{ENTRY_VERSION, Entry};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

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
        let damaged = |error: &dyn std::fmt::Display| Unusable::Damaged(error.to_string());
        let decision: &SettledDecision = &stored.decision;
        // Protocol section 7, check 3: the hash is computed from the bytes, here again.
        let artifact = ReceivedArtifact::read(stored.plaintext.as_bytes(), &decision.artifact_hash)
            .map_err(|error| damaged(&error))?;
        let terms: CommandGrant = json::from_value(Value::Object(artifact.rows().clone()))
            .map_err(|error| damaged(&error))?;
        // What was approved once as a command says nothing about the next.
        if terms.artifact_type != ArtifactKind::CommandGrant {
            return Err(Unusable::Damaged("it is not a grant".to_owned()));
        }
        if terms.request_id != decision.request_id || terms.repo_ref != decision.repo_ref {
            return Err(Unusable::Damaged("its decision is about another request".to_owned()));
        }
        // Check 4: the key is paired and not revoked, now and not only then.
        let received = ReceivedDecision::read(&decision.body)?;
        let named =
            |each: &&Pairing| each.agreed.signer_key_id.names_same_key(received.signer_key_id());
        let mut named = pairings.iter().filter(named).peekable();
        named.peek().ok_or(Unusable::UnknownKey)?;
        // A pairing that was renewed stands there twice, and counts by the newer one.
        let pairing = named.find(|each| each.is_live()).ok_or(Unusable::RevokedKey)?;
        // Check 5, and check 2 by what it returns.
        if decision.verify(&pairing.agreed.signing_key, &artifact.hash())? != Decision::Approve {
            return Err(Unusable::Damaged("it was rejected".to_owned()));
        }
        let entry = Entry {
            version: ENTRY_VERSION,
            signer_key_id: pairing.agreed.signer_key_id.without_prefix().to_owned(),
            nonce: received.nonce().to_string(),
            request_id: terms.request_id.to_string(),
            artifact_hash: artifact.hash().to_string(),
            family: None,
            expires_at: terms.until,
        };
        let pattern = Pattern::signed(terms.pattern.clone());
        Ok(Self { signer: pairing.agreed.signer_key_id.to_string(), terms, pattern, entry })
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
