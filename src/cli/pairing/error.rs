//! What can go wrong between a code and a trusted key.

use crate::cli::{LocalError, UpstreamError};
use crate::client::{CeremonyError, PairingError};
use crate::config::{ConfigError, PathsError};
use crate::crypto::Fingerprint;
use crate::exit::Outcome;
use crate::record::AuditError;
use std::io;
use thiserror::Error;

/// Why nothing was paired, listed or ended.
#[derive(Debug, Error)]
pub enum PairingCommandError {
    /// We do not know where our files lie.
    #[error(transparent)]
    Paths(#[from] PathsError),
    /// The settings cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// There is no way to the gateway.
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    /// The gateway or our files cannot be used.
    #[error(transparent)]
    Local(#[from] LocalError),
    /// The approver did not answer, or not as it should.
    #[error("not paired: {0}")]
    Ceremony(#[from] CeremonyError),
    /// The stored pairings cannot be used.
    #[error(transparent)]
    Pairing(#[from] PairingError),
    /// The change cannot be written down, so nothing was changed.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// Nobody is there to compare fingerprints.
    #[error("there is no terminal to compare the approver's fingerprint at")]
    NobodyToCompare,
    /// The person saw another fingerprint there, or gave up.
    #[error("not paired: the fingerprint {found} was not confirmed")]
    NotConfirmed {
        /// That of the key that answered.
        found: Fingerprint,
    },
    /// Somebody pressed Ctrl-C, or ended us.
    #[error("not paired: interrupted")]
    Interrupted,
    /// The key that answered is not the one that was expected.
    #[error("not paired: the key that answered has the fingerprint {found}, not {expected}")]
    OtherKey {
        /// That of the key that answered.
        found: Fingerprint,
        /// The one that was expected.
        expected: Fingerprint,
    },
    /// It is not said which of several pairings is to end.
    #[error("there are {count} pairings")]
    Several {
        /// How many.
        count: usize,
    },
    /// Standard output or the terminal is gone, or no runtime could be built.
    #[error("read or write: {0}")]
    Stream(#[from] io::Error),
}

impl PairingCommandError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        let words = match self {
            Self::Paths(error) => return error.hint(),
            Self::Config(error) => return error.hint(),
            Self::Upstream(error) => return error.hint(),
            Self::Local(error) => return error.hint(),
            Self::Ceremony(error) => return error.hint(),
            Self::Pairing(error) => return error.hint(),
            Self::Audit(error) => return error.hint(),
            Self::NobodyToCompare => {
                "give the fingerprint that the approver shows: --fingerprint AB:CD:...; or --yes, \
                 where nobody can be in between"
            }
            Self::NotConfirmed { .. } => {
                "end the pairing in the approver as well, and pair again when you can compare"
            }
            Self::Interrupted => {
                "the code pairs nobody with this machine any more; for another: airlock-exec pair"
            }
            Self::OtherKey { .. } => {
                "somebody else may have used the code: pair again, and compare what both show"
            }
            Self::Several { .. } => "name one, or all: airlock-exec unpair --all",
            Self::Stream(_) => "check that standard output and the terminal are still there",
        };
        words.to_owned()
    }

    /// Returns what became of the subcommand.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Upstream(error) => error.outcome(),
            Self::Local(error) if error.is_gateway_trouble() => Outcome::Gateway,
            Self::Ceremony(
                CeremonyError::Answer(_)
                | CeremonyError::NoPasskey
                | CeremonyError::SmallOrderKey
                | CeremonyError::UnsignedSealingKey,
            )
            | Self::OtherKey { .. } => Outcome::Untrusted,
            Self::Ceremony(CeremonyError::Random(_)) => Outcome::Failed,
            Self::Ceremony(_) | Self::Pairing(PairingError::NotPaired) => Outcome::Gateway,
            Self::NotConfirmed { .. } => Outcome::Rejected,
            _ => Outcome::Failed,
        }
    }
}
