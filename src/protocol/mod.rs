//! Describes what goes over the wire: no I/O, no clock.
//!
//! Types for every message of the Airlock gateway and of HARP v0.2, how each is
//! written, and how bytes from an untrusted relay become one of them. What a
//! signature covers is computed here and nowhere else.
//!
//! Reading is strict where meaning hangs on it (sizes, duplicate keys, hashes,
//! decisions, key material) and tolerant where published clients differ
//! (missing `msgId`, empty `sender`, letter case of states). Unknown keys are
//! ignored. Whoever needs the time passes it in.

pub mod artifact;
pub mod attention;
pub mod canonical;
pub mod ciphertext;
pub mod consent;
pub mod decision;
pub mod discovery;
pub mod dnd;
pub mod envelope;
pub mod exchange;
pub mod follow;
pub mod id;
pub mod json;
pub mod pairing;
pub mod passkey;
pub mod presence;
pub mod wire_error;

pub use artifact::{ArtifactHash, CommandReview, Plaintext, ReceivedArtifact};
pub use attention::{Attention, Stage};
pub use ciphertext::Ciphertext;
pub use decision::{Decision, DecisionBody, DecisionError, ReceivedDecision, SignedDecision};
pub use envelope::{Envelope, MessageType, Party};
pub use exchange::{ExchangeState, Metadata, SubmitBody};
pub use id::{
    ApproverId, DeviceId, EnforcerId, IdError, MessageId, PairingCode, PairingNonce, RequestId,
    RoutingToken, SessionId, SignerKeyId, short_id,
};
pub use pairing::PairingResponse;
pub use passkey::{AssertionError, Passkey};
pub use wire_error::{ErrorCode, WireError};

#[cfg(test)]
mod tests;
