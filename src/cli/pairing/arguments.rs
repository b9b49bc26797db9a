//! The words after `pair`, `pairings` and `unpair`.

use crate::client::PairingName;
use crate::crypto::{Cipher, Fingerprint};
use crate::protocol::PairingCode;
use clap::{Args, Subcommand};

const PAIR_EXAMPLES: &str = "\
Examples:
  airlock-exec pair --name phone        show a code, type it into the approver
  airlock-exec pair --code AB3D-7K9Q    use a code that the approver shows
  airlock-exec pair --fingerprint 1F:2E:3D:4C:5B:6A:79:88

A pairing is kept once you have compared the fingerprint of the approver's key, or
given it beforehand. Several approvers may be paired: each is asked, and the first
who decides has decided.";

/// Pairs with an approver.
#[derive(Debug, Args)]
#[command(after_help = PAIR_EXAMPLES)]
pub struct PairArguments {
    /// Use this code, which the approver made
    #[arg(long, value_name = "CODE")]
    pub(super) code: Option<PairingCode>,
    /// What to call the pairing
    #[arg(long, value_name = "NAME")]
    pub(super) name: Option<PairingName>,
    #[command(flatten)]
    pub(super) trust: TrustArguments,
}

/// Which key is trusted, and to read what.
#[derive(Debug, Args)]
pub(super) struct TrustArguments {
    /// Seal with this cipher: xchacha20-poly1305 or aes-256-gcm
    #[arg(long, value_name = "CIPHER")]
    pub(super) cipher: Option<Cipher>,
    /// Trust the key with this fingerprint, and no other
    #[arg(long, value_name = "AB:CD:...")]
    pub(super) fingerprint: Option<Fingerprint>,
    /// Trust whoever answers, without comparing fingerprints
    #[arg(long, conflicts_with = "fingerprint")]
    pub(super) yes: bool,
    /// Take an X25519 key that an older app did not sign: the gateway could be
    /// reading along
    #[arg(long)]
    pub(super) accept_unsigned_key: bool,
}

impl TrustArguments {
    /// Returns what leaves the cipher as it was.
    pub(super) fn same_as(cipher: Cipher) -> Self {
        Self { cipher: Some(cipher), fingerprint: None, yes: false, accept_unsigned_key: false }
    }
}

/// Shows and ends pairings.
#[derive(Debug, Args)]
pub struct PairingsArguments {
    #[command(subcommand)]
    pub(super) action: Option<PairingsAction>,
}

#[derive(Debug, Subcommand)]
pub(super) enum PairingsAction {
    /// List the approvers this machine is paired with
    List(ListArguments),
    /// End a pairing: its decisions count no more, at once
    Revoke {
        /// Its name, as `list` prints it
        name: String,
    },
    /// Pair anew with the same approver, and so change the keys
    Rotate {
        /// Its name, as `list` prints it
        name: String,
    },
}

/// Ends pairings.
#[derive(Debug, Args)]
pub struct UnpairArguments {
    /// The pairing; may be left out when there is only one
    pub(super) name: Option<String>,
    /// End all of them
    #[arg(long, conflicts_with = "name")]
    pub(super) all: bool,
}

/// Which pairings to list, and how.
#[derive(Debug, Default, Args)]
pub(super) struct ListArguments {
    /// Print a JSON array
    #[arg(long)]
    pub(super) json: bool,
    /// Show those that were revoked, too
    #[arg(long)]
    pub(super) all: bool,
}
