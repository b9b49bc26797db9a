//! How an enforcer and an approver come to trust each other's keys.
//!
//! The gateway carries the messages and is not trusted: the approver's answer is
//! signed by the key it introduces and bound to our nonce, and the two people
//! compare a [`crate::crypto::Fingerprint`].

mod messages;
mod response;

pub use messages::{
    ClaimRequest, ClaimResponse, CompleteRequest, InitiateRequest, InitiateResponse, KEPT,
    KeptRequest, PairingState, PreGenerateRequest, PreGenerateResponse, ResolveResponse,
    RevokeRequest, RevokeResponse, StatusResponse,
};
pub use response::{Introduction, PairingError, PairingResponse, SignatureCoverage};
