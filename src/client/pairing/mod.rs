//! Who this enforcer is, which approvers it is paired with, and how it pairs.
//!
//! A pairing is begun in a [`Ceremony`], becomes a [`Candidate`] when the
//! approver's signed answer verifies, and a [`Pairing`] only when somebody vouches
//! for the key it introduces. Until then nothing is stored, and a ceremony that
//! ends otherwise takes its X25519 secret with it.

mod ceremony;
mod error;
mod record;
mod store;

pub use ceremony::{
    Candidate, Ceremony, Conditions, Introducer, KeptWord, PasskeyRule, SealingKeyRule, Withdrawal,
};
pub use error::{CeremonyError, PairingError};
pub use record::{Agreed, Pairing, PairingName};
pub use store::{EnforcerIdentity, Enrolment, PairingStore};
