//! The permission to run one command, once.

use super::artifact::Case;
use super::verify::SpentApproval;
use crate::policy::Allowance;
use crate::request::Request;

/// The permission to run one captured command, once.
///
/// Its fields are private and it is not `Clone`. It holds the request itself, so
/// what was reviewed is what runs.
#[derive(Debug)]
pub struct Permit {
    request: Request,
}

impl Permit {
    /// Makes the permit of a decision that was verified and recorded as used.
    pub(super) fn from_approval(case: Case, _spent: SpentApproval) -> Self {
        Self { request: case.into_request() }
    }

    /// Makes the permit of a request that a rule allows.
    ///
    /// What the allowance adds to the environment switches off what the command
    /// would run besides itself; nothing else about the request changes.
    #[must_use]
    pub fn from_allowance(request: Request, allowance: Allowance) -> Self {
        Self { request: request.with_additions(allowance.into_additions()) }
    }

    /// Gives the request to whoever runs it, and ends the permit.
    #[must_use]
    pub(crate) fn into_request(self) -> Request {
        self.request
    }
}
