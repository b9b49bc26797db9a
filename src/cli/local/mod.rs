//! Local mode: everything on one machine, with no account.
//!
//! One gateway per user is started when none answers, as ssh-agent and sccache
//! do, and ends when it is idle. It listens on loopback only, with tokens that
//! it makes itself and leaves in private files. The local approver is paired
//! through the real pairing calls, so that moving to another gateway or to a
//! phone changes a URL and nothing else.

mod access;
mod endpoint;
mod error;
mod first_word;
mod pair;
mod serve;
mod start;

pub(super) use access::Role;
use endpoint::Endpoint;
pub use error::LocalError;
pub(super) use first_word::heard;
pub(super) use pair::reviewer;
pub(super) use serve::{Half, serve};
pub(super) use start::connect;
