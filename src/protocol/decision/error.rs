//! Why a decision does not count.

use super::Decision;
use crate::display::Displayable;
use jiff::Timestamp;
use std::fmt;
use thiserror::Error;

/// A field of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecisionField {
    /// The whole body.
    Body,
    /// `artifactHash`.
    ArtifactHash,
    /// `artifactHashAlg`.
    ArtifactHashAlg,
    /// `decision`.
    Decision,
    /// `expiresAt`.
    ExpiresAt,
    /// `nonce`.
    Nonce,
    /// `repoRef`.
    RepoRef,
    /// `requestId`.
    RequestId,
    /// `scope`.
    Scope,
    /// `sigAlg`.
    SigAlg,
    /// `signature`.
    Signature,
    /// `signerKeyId`.
    SignerKeyId,
}

impl DecisionField {
    /// Returns the name used on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::ArtifactHash => "artifactHash",
            Self::ArtifactHashAlg => "artifactHashAlg",
            Self::Decision => "decision",
            Self::ExpiresAt => "expiresAt",
            Self::Nonce => "nonce",
            Self::RepoRef => "repoRef",
            Self::RequestId => "requestId",
            Self::Scope => "scope",
            Self::SigAlg => "sigAlg",
            Self::Signature => "signature",
            Self::SignerKeyId => "signerKeyId",
        }
    }
}

impl fmt::Display for DecisionField {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// Why a decision does not count. Protocol section 7.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DecisionError {
    /// A field that must be there is not.
    #[error("read the decision: it has no {0}")]
    Missing(DecisionField),
    /// A field is not what it should be.
    #[error("read the decision: its {0} is malformed")]
    Malformed(DecisionField),
    /// `decision` is neither word of its form.
    #[error("read the decision: {} is not a decision", Displayable::from(.0.as_str()))]
    UnknownDecision(String),
    /// It is about another request.
    #[error("verify the decision: it is about another request")]
    WrongRequest,
    /// It is about another artifact.
    #[error("verify the decision: it is about another command")]
    WrongArtifact,
    /// It is about another repository.
    #[error("verify the decision: it is about another repository")]
    WrongRepository,
    /// It uses an algorithm other than SHA-256 and Ed25519.
    #[error("verify the decision: its {0} names an algorithm we do not use")]
    Algorithm(DecisionField),
    /// It is signed for more than this once. `HARP_ERR_SCOPE`.
    #[error("verify the decision: its scope {} is not \"once\" (HARP_ERR_SCOPE)", Displayable::from(.0.as_str()))]
    Scope(String),
    /// It came too late.
    #[error("verify the decision: it expired at {0}")]
    Expired(Timestamp),
    /// The key did not sign this.
    #[error("verify the decision: the signature is not by the paired key over this {}", .0.word())]
    BadSignature(Decision),
}

impl DecisionError {
    /// Tells whether it cannot even be read, which a broken relay explains.
    #[must_use]
    pub fn is_malformed(&self) -> bool {
        matches!(self, Self::Missing(_) | Self::Malformed(_) | Self::UnknownDecision(_))
    }

    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Missing(_) | Self::Malformed(_) | Self::UnknownDecision(_) => {
                "update the approver app or the gateway; nothing was run"
            }
            Self::Scope(_) => "approve it for this once only",
            Self::Expired(_) => "ask again, and check the clocks of both devices",
            Self::Algorithm(_) => "update the approver app",
            Self::WrongRequest
            | Self::WrongArtifact
            | Self::WrongRepository
            | Self::BadSignature(_) => {
                "somebody between you and the approver may have changed it; if it happens again, pair again over a connection you trust"
            }
        }
    }
}
