//! What can go wrong with pairings.

use super::PairingName;
use crate::client::TransportError;
use crate::credential::CredentialError;
use crate::crypto::{Cipher, RandomError};
use crate::protocol::SignerKeyId;
use crate::protocol::pairing::PairingError as AnswerError;
use std::io;
use thiserror::Error;

/// Why there is no pairing to ask with.
#[derive(Debug, Error)]
pub enum PairingError {
    /// No approver is paired, or all were revoked.
    #[error("no approver is paired with this machine")]
    NotPaired,
    /// More approvers are needed than are paired.
    #[error(
        "this command needs {needed} approvals by different approvers, and this machine is paired with \
         {paired}"
    )]
    TooFew {
        /// How many must approve.
        needed: usize,
        /// How many could.
        paired: usize,
    },
    /// It was revoked, here or by the approver; its keys are gone.
    #[error("the pairing {name} was revoked")]
    Revoked {
        /// What it is called here.
        name: PairingName,
    },
    /// No pairing has that name.
    #[error("no pairing is called {given:?}")]
    Unknown {
        /// What was asked for.
        given: String,
    },
    /// Another pairing has that name.
    #[error("another pairing is called {name}")]
    NameTaken {
        /// The name.
        name: PairingName,
    },
    /// Only approvals with the touch of a passkey count, and too few have one.
    #[error(
        "approving this takes the passkeys of {needed}, and {paired} of the paired approvers have \
         one"
    )]
    NoPasskeys {
        /// How many must approve.
        needed: usize,
        /// How many could.
        paired: usize,
    },
    /// The approver had a passkey, and would have none.
    #[error("the approver of pairing {name} brought no passkey, and had one before")]
    PasskeyLost {
        /// What it is called here.
        name: PairingName,
    },
    /// The stored pairings cannot be read or written.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// Another process keeps the pairings locked.
    #[error("cannot lock the pairings: {0}")]
    Lock(io::Error),
    /// A stored key is not what it should be.
    #[error("the stored key of pairing {signer_key_id} is damaged")]
    DamagedKey {
        /// The approver's key.
        signer_key_id: SignerKeyId,
    },
    /// No random numbers for keys and ids.
    #[error(transparent)]
    Random(#[from] RandomError),
}

impl PairingError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::NotPaired | Self::Revoked { .. } => {
                "pair with an approver: airlock-exec pair".to_owned()
            }
            Self::TooFew { .. } => {
                "pair with another approver, with a key of their own: airlock-exec pair".to_owned()
            }
            Self::Unknown { .. } => "see them with: airlock-exec pairings list".to_owned(),
            Self::NameTaken { name } => format!(
                "choose another with --name, or end that one: airlock-exec pairings revoke {name}"
            ),
            Self::NoPasskeys { .. } => {
                "ask the user to add a passkey to the page of a browser, and \
                 to pair it: airlock-exec approver web --passkey"
                    .to_owned()
            }
            Self::PasskeyLost { name } => format!(
                "pair on the page that has the passkey; where it is lost, end that pairing first: \
                 airlock-exec pairings revoke {name}"
            ),
            Self::Credential(error) => error.hint(),
            Self::Lock(_) => "try again; the state directory must be on a local disk".to_owned(),
            Self::DamagedKey { .. } => {
                "restore the pairings from a backup, or pair again".to_owned()
            }
            Self::Random(error) => error.hint().to_owned(),
        }
    }
}

/// Why a pairing did not come about: nothing was stored.
#[derive(Debug, Error)]
pub enum CeremonyError {
    /// The gateway cannot be reached or refuses.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The gateway does not know the code.
    #[error("the code is unknown, or has expired")]
    UnknownCode,
    /// Somebody used the code before.
    #[error("the code was used before")]
    CodeUsed,
    /// The approver did not answer in time.
    #[error("the approver did not answer in time")]
    Expired,
    /// The session was ended at the gateway.
    #[error("the pairing was ended before the approver answered")]
    Ended,
    /// The gateway left something out of its answer.
    #[error("the gateway gave no {what}")]
    Missing {
        /// What it left out.
        what: &'static str,
    },
    /// The approver's answer does not verify.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// The approver introduced no key to seal for.
    #[error("the approver sent no X25519 key, so nothing can be sealed for it")]
    NoSealingKey,
    /// An older app did not sign the key to seal for.
    #[error("the approver did not sign its X25519 key: whoever relays could have replaced it")]
    UnsignedSealingKey,
    /// The approver's X25519 key agrees on nothing.
    #[error("the approver's X25519 key is of small order")]
    SmallOrderKey,
    /// The approver brought no passkey, and it was to bring one.
    #[error("the approver brought no passkey")]
    NoPasskey,
    /// The approver cannot read what would be sealed.
    #[error("the approver cannot read {}", cipher.map_or("any cipher of ours", Cipher::name))]
    NoCommonCipher {
        /// The cipher that was asked for.
        cipher: Option<Cipher>,
    },
    /// No random numbers for the key.
    #[error(transparent)]
    Random(#[from] RandomError),
}

impl CeremonyError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        let words = match self {
            Self::Transport(error) => return error.hint(),
            Self::Answer(error) => error.hint(),
            Self::Random(error) => error.hint(),
            Self::UnknownCode | Self::CodeUsed => {
                "have the approver make a new code, and type it as it is shown"
            }
            Self::Expired | Self::Ended => "pair again, with the approver at hand",
            Self::Missing { .. } => "check that this is the address of a gateway, and pair again",
            Self::NoSealingKey | Self::SmallOrderKey => {
                "update the approver; if it stays so, do not use this gateway"
            }
            Self::UnsignedSealingKey => {
                "update the approver; or, where you trust the gateway to read your commands, \
                 add --accept-unsigned-key"
            }
            Self::NoPasskey => {
                "add one on its page, in This browser, and pair with the command that it then \
                 shows; if it has one, whoever relays left it out"
            }
            Self::NoCommonCipher { .. } => "leave --cipher out, or update the approver",
        };
        words.to_owned()
    }
}
