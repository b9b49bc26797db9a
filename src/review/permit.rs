//! The permission to run one command, once.

use super::artifact::Inquiry;
use super::grant::GrantUse;
use super::handed::Proof;
use super::journal::{JournalError, Unsettled};
use super::nested::Cover;
use super::quorum::SpentAgreement;
use super::refusal::Refusal;
use super::standing::StandingApproval;
use crate::intercept::Interception;
use crate::policy::{Allowed, Approvals, Asked};
use crate::protocol::decision::SettledDecision;
use crate::protocol::{MessageId, RequestId};
use crate::request::Request;
use std::ops::Deref;

/// The permission to run one captured command, once.
///
/// Its fields are private and it is not `Clone`. It holds the request itself, so
/// what was reviewed is what runs.
#[derive(Debug)]
pub struct Permit {
    request: Request,
    authority: Authority,
    /// What was signed, where an agent's hook asked: the agent runs it, out of our sight.
    proof: Option<Proof>,
    /// The messages that brought the decisions, in their order.
    messages: Vec<Option<MessageId>>,
}

/// A permit whose record the disk may still be taking. It can be looked at; what it is about
/// runs only when it is settled.
///
/// Whoever writes something else down durably does that first: the disk then takes both at
/// once.
#[derive(Debug)]
#[must_use = "what it is about runs only when it is settled"]
pub struct Clearance {
    permit: Permit,
    unsettled: Unsettled,
}

/// What a permit rests on.
#[derive(Debug)]
pub enum Authority {
    /// A rule of the policy.
    Rule,
    /// A person's decision about exactly this command.
    Approval {
        /// The request, as it was made first.
        asked: RequestId,
        /// What was signed: one approval, or several by different keys.
        decisions: Vec<SettledDecision>,
    },
    /// A do-not-disturb policy of that id, which the user lets approve; nobody signed it.
    Standing(RequestId),
    /// A use of a grant, recorded as spent.
    Grant(GrantUse),
    /// The approval of what this command is part of: a command that started it and is
    /// watched as it runs, or a text that an agent runs.
    Nested(Cover),
}

impl Authority {
    /// Returns what was decided once for this run, and may cover what it starts.
    ///
    /// `None` for what a rule allows: it covers itself alone.
    #[must_use]
    pub fn request_id(&self) -> Option<&RequestId> {
        match self {
            Self::Rule => None,
            Self::Approval { asked, .. } => Some(asked),
            Self::Standing(policy) => Some(policy),
            Self::Grant(spent) => Some(spent.grant()),
            Self::Nested(cover) => Some(cover.request_id()),
        }
    }

    /// Returns by how many approvers this very command was approved, at least.
    #[must_use]
    pub fn approvals(&self) -> Approvals {
        let count = match self {
            Self::Approval { decisions, .. } => i64::try_from(decisions.len()).ok(),
            Self::Nested(cover) => return cover.approvals(),
            Self::Rule | Self::Standing(_) | Self::Grant(_) => None,
        };
        count.and_then(Approvals::new).unwrap_or_default()
    }
}

impl Permit {
    /// Makes the permit of approvals that were verified and written down as used.
    pub(super) fn from_approval(inquiry: Inquiry, spent: SpentAgreement) -> Clearance {
        let asked = inquiry.request_id().clone();
        let messages = spent.messages().to_vec();
        let (decisions, unsettled) = spent.into_parts();
        let way = inquiry.request().invocation().interception();
        let kept = (way == Interception::AgentHook).then(|| Proof::of(&inquiry, &decisions));
        // Without it what belongs to the command is asked about by itself.
        let warn = |error: &Refusal| tracing::warn!(%error, "what was signed is not kept");
        let proof = kept.and_then(|kept| kept.inspect_err(warn).ok());
        let authority = Authority::Approval { asked, decisions };
        let permit = Self { request: inquiry.into_request(), authority, proof, messages };
        Clearance { permit, unsettled }
    }

    /// Makes the permit of a standing approval that the gateway took the record of.
    pub(super) fn from_standing(inquiry: Inquiry, standing: StandingApproval) -> Self {
        let authority = Authority::Standing(standing.into_policy());
        Self::of(inquiry.into_request(), authority)
    }

    /// Makes the permit of a request that a grant covers, bound to what it executes.
    pub(super) fn from_grant(request: Request, spent: GrantUse) -> Self {
        Self::of(request, Authority::Grant(spent))
    }

    /// Makes the permit of a request that is part of what was approved before: [`Cover`]
    /// says how that is known.
    #[must_use]
    pub fn from_cover(asked: Asked, cover: Cover) -> Self {
        Self::of(asked.into_request(), Authority::Nested(cover))
    }

    /// Makes the permit of the request that a rule allows.
    #[must_use]
    pub fn from_rule(allowed: Allowed) -> Self {
        Self::of(allowed.into_request(), Authority::Rule)
    }

    fn of(request: Request, authority: Authority) -> Self {
        Self { request, authority, proof: None, messages: Vec::new() }
    }

    /// Returns what will run.
    #[must_use]
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Returns what the permit rests on.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Returns what was signed, where an agent's hook asked.
    #[must_use]
    pub fn proof(&self) -> Option<&Proof> {
        self.proof.as_ref()
    }

    /// Returns what was signed for it, each with the message that brought it: whoever asked
    /// on terms of [`Acknowledgement::WithOutcome`] acknowledges those.
    ///
    /// [`Acknowledgement::WithOutcome`]: super::Acknowledgement::WithOutcome
    pub fn decisions(&self) -> impl Iterator<Item = (&SettledDecision, Option<&MessageId>)> {
        let decisions = match &self.authority {
            Authority::Approval { decisions, .. } => &decisions[..],
            _ => &[],
        };
        decisions.iter().zip(self.messages.iter().map(Option::as_ref))
    }

    /// Gives the request to whoever runs it, and ends the permit.
    #[must_use]
    pub(crate) fn into_request(self) -> Request {
        self.request
    }
}

impl Clearance {
    /// Waits until the disk has taken it that what the permit rests on is used.
    ///
    /// # Errors
    ///
    /// [`JournalError`]: then nothing may run by it.
    pub fn settle(self) -> Result<Permit, JournalError> {
        self.unsettled.settle()?;
        Ok(self.permit)
    }
}

impl Deref for Clearance {
    type Target = Permit;

    fn deref(&self) -> &Permit {
        &self.permit
    }
}

impl From<Permit> for Clearance {
    /// Takes a permit that waits for nothing.
    fn from(permit: Permit) -> Self {
        Self { permit, unsettled: Unsettled::nothing() }
    }
}
