//! What was signed when an agent's hook asked, verified at every use.

use crate::client::{Pairing, PairingStore};
use crate::policy::Approvals;
use crate::process::{self, PrivateDir};
use crate::protocol::RequestId;
use crate::protocol::artifact::{CommandReview, EnvironmentEntry, InterceptionKind};
use crate::protocol::decision::SettledDecision;
use crate::request::Marker;
use crate::review::artifact::Inquiry;
use crate::review::grant::{GrantError, Unusable};
use crate::review::journal::Entry;
use crate::review::{Journal, Refusal, kept};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// How long after its time an approved text may still be started: the agent may have a
/// question of its own.
const TO_START: SignedDuration = SignedDuration::from_mins(10);

/// The decisions that a permit of an agent's hook rests on, each with the bytes it is
/// about.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Proof {
    signed: Vec<Signed>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Signed {
    /// The bytes whose hash was signed.
    plaintext: String,
    decision: SettledDecision,
}

/// A text whose approval was verified again just now.
pub(super) struct ApprovedText {
    pub(super) text: String,
    /// Where the agent said it runs.
    pub(super) directory: PathBuf,
    /// The shell that the approver saw.
    pub(super) shell: PathBuf,
    /// The variables that change what runs, as they were then.
    pub(super) environment: Vec<EnvironmentEntry>,
    pub(super) approvals: Approvals,
    /// The request that all requests about it go by.
    pub(super) request_id: RequestId,
    /// Its approval, as the journal knows it.
    pub(super) entry: Entry,
    expires_at: Timestamp,
}

impl ApprovedText {
    /// Tells whether there is time left to start it.
    pub(super) fn may_begin(&self, now: Timestamp) -> bool {
        self.expires_at.saturating_add(TO_START).is_ok_and(|end| now <= end)
    }
}

impl Proof {
    /// Keeps what was signed about an inquiry.
    ///
    /// # Errors
    ///
    /// [`Refusal::Seal`] when the artifact of an approver cannot be composed again.
    pub(in crate::review) fn of(
        inquiry: &Inquiry,
        decisions: &[SettledDecision],
    ) -> Result<Self, Refusal> {
        let signed = |decision: &SettledDecision| {
            let case = inquiry.case().for_request(decision.request_id.clone())?;
            let plaintext = String::from_utf8_lossy(case.plaintext().as_bytes()).into_owned();
            Ok(Signed { plaintext, decision: decision.clone() })
        };
        Ok(Self { signed: decisions.iter().map(signed).collect::<Result<_, Refusal>>()? })
    }

    /// Tells whether the same decision is in both.
    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        let first = |proof: &Self| Some(proof.signed.first()?.decision.request_id.clone());
        first(self) == first(other)
    }

    /// Verifies every decision by the keys that are paired now, and that it was used here.
    ///
    /// # Errors
    ///
    /// [`Unusable`] by the first check that fails.
    pub(super) fn verify(&self, keeper: &Keeper) -> Result<ApprovedText, Unusable> {
        let damaged = |what: &str| Unusable::Damaged(what.to_owned());
        let mut keys = BTreeSet::new();
        let mut first: Option<(CommandReview, Entry)> = None;
        for signed in &self.signed {
            let kept: kept::Kept<CommandReview> =
                kept::verify(&signed.plaintext, &signed.decision, &keeper.pairings)?;
            keys.insert(kept.entry.signer_key_id.clone());
            match &first {
                Some((other, _)) if !is_same_command(other, &kept.artifact) => {
                    return Err(damaged("its decisions are about different commands"));
                }
                Some(_) => {}
                None => first = Some((kept.artifact, kept.entry)),
            }
        }
        let (review, entry) = first.ok_or_else(|| damaged("there is no decision"))?;
        let needed = review.approvals_needed.unwrap_or(1);
        let given = i64::try_from(keys.len()).ok().and_then(Approvals::new);
        let approvals = given.filter(|given| given.number() >= needed);
        let approvals = approvals.ok_or_else(|| damaged("some approvals are missing"))?;
        if review.interception != InterceptionKind::AgentHook {
            return Err(damaged("no hook of an agent asked for it"));
        }
        let text = match &review.argv[..] {
            [_, option, text] if option == "-c" && review.argv_bytes.is_empty() => text.clone(),
            _ => return Err(damaged("it is no text of a shell")),
        };
        // What was signed and never used counts for the command it is about, not for this.
        let family = keeper.journal.family_of(&entry)?;
        let request_id = family.and_then(|family| family.parse().ok());
        let request_id = request_id.ok_or_else(|| damaged("its approval was never used"))?;
        if review.cwd_bytes.is_some() {
            return Err(damaged("its directory is no text"));
        }
        Ok(ApprovedText {
            text,
            directory: PathBuf::from(review.cwd),
            shell: PathBuf::from(review.executable),
            environment: review.environment,
            approvals,
            request_id,
            entry,
            expires_at: review.expires_at,
        })
    }
}

/// Tells whether two reviews differ in nothing but the approver they went to.
fn is_same_command(one: &CommandReview, other: &CommandReview) -> bool {
    let other = CommandReview { request_id: one.request_id.clone(), ..other.clone() };
    *one == other
}

/// Where approvals are verified and their uses are written down.
pub(super) struct Keeper {
    pub(super) pairings: Vec<Pairing>,
    pub(super) journal: Journal,
    pub(super) marker: Marker,
}

impl Keeper {
    /// Opens what is kept by the enforcer.
    ///
    /// # Errors
    ///
    /// [`GrantError`] when it cannot be read.
    pub(super) fn open(enforcer: &Path) -> Result<Self, GrantError> {
        let directory = PrivateDir::open(enforcer)?;
        let enrolment = PairingStore::new(directory.clone()).load()?;
        let pairings = enrolment.map(|enrolment| enrolment.pairings).unwrap_or_default();
        let marker = Marker::open(enforcer)?;
        Ok(Self { pairings, journal: Journal::new(directory), marker })
    }

    /// Records that a process was started for a text, and tells whether it is the one.
    pub(super) fn start(&self, text: &ApprovedText, process: &str) -> Result<bool, Unusable> {
        let now = process::now();
        let may_begin = text.may_begin(now);
        Ok(self.journal.commit_start(&text.entry, process, may_begin, now)?)
    }

    /// Records that another hook of the agent was answered by it, and tells whether it
    /// may be.
    pub(super) fn answer_again(&self, text: &ApprovedText, most: u32) -> Result<bool, Unusable> {
        let now = process::now();
        if !text.may_begin(now) {
            return Ok(false);
        }
        Ok(self.journal.commit_use(&text.entry, 0, most, now)?.is_some())
    }
}
