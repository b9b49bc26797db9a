//! Permission for longer than once.
//!
//! A grant is asked for as a command is: an artifact of its own, sealed, submitted,
//! awaited and verified by the same code. What was signed is kept with its
//! signature, and nothing else about a grant counts: at every use the kept bytes are
//! hashed again, the signature is verified by the paired key, and the command is
//! compared with every term. A use is recorded durably before the command starts.

mod compose;
mod cover;
mod error;
mod store;
mod terms;

pub use compose::{GrantInquiry, LONGEST, MOST_USES, Proposal};
pub use error::{GrantError, Unusable};
pub use store::{Granting, Grants, StoredGrant};
pub use terms::{Grant, GrantUse};
