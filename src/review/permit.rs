//! The permission to run one command, once.

use super::artifact::Inquiry;
use super::grant::GrantUse;
use super::standing::StandingApproval;
use super::verify::SpentApproval;
use crate::policy::Allowed;
use crate::protocol::RequestId;
use crate::protocol::decision::SettledDecision;
use crate::request::Request;

/// The permission to run one captured command, once.
///
/// Its fields are private and it is not `Clone`. It holds the request itself, so
/// what was reviewed is what runs.
#[derive(Debug)]
pub struct Permit {
    request: Request,
    authority: Authority,
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
        /// What one of the approvers signed.
        decision: Box<SettledDecision>,
    },
    /// A do-not-disturb policy of that id, which the user lets approve; nobody signed it.
    Standing(RequestId),
    /// A use of a grant, recorded as spent.
    Grant(GrantUse),
}

impl Permit {
    /// Makes the permit of a decision that was verified and recorded as used.
    pub(super) fn from_approval(inquiry: Inquiry, spent: SpentApproval) -> Self {
        let asked = inquiry.request_id().clone();
        let decision = Box::new(spent.into_decision());
        let authority = Authority::Approval { asked, decision };
        Self { request: inquiry.into_request(), authority }
    }

    /// Makes the permit of a standing approval that the gateway took the record of.
    pub(super) fn from_standing(inquiry: Inquiry, standing: StandingApproval) -> Self {
        let authority = Authority::Standing(standing.into_policy());
        Self { request: inquiry.into_request(), authority }
    }

    /// Makes the permit of a request that a grant covers, bound to what it executes.
    pub(super) fn from_grant(request: Request, spent: GrantUse) -> Self {
        Self { request, authority: Authority::Grant(spent) }
    }

    /// Makes the permit of the request that a rule allows.
    #[must_use]
    pub fn from_rule(allowed: Allowed) -> Self {
        Self { request: allowed.into_request(), authority: Authority::Rule }
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

    /// Gives the request to whoever runs it, and ends the permit.
    #[must_use]
    pub(crate) fn into_request(self) -> Request {
        self.request
    }
}
