//! The permission to run one command, once.

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
    /// Gives the request to whoever runs it, and ends the permit.
    #[must_use]
    pub(crate) fn into_request(self) -> Request {
        self.request
    }
}
