//! The words after `pair`, `pairings` and `unpair`.

use crate::client::PairingName;
use crate::config::parse_span;
use crate::crypto::{Cipher, Fingerprint};
use crate::protocol::PairingCode;
use clap::{Args, Subcommand};
use std::time::Duration;

const PAIR_EXAMPLES: &str = "\
Examples:
  airlock-exec pair --name phone        show a code, type it into the approver
  airlock-exec pair --code AB3D-7K9Q    use a code that the approver shows
  airlock-exec pair --fingerprint 1F:2E:3D:4C:5B:6A:79:88
  airlock-exec pair --json --fingerprint 1F:2E:3D:4C:5B:6A:79:88

With --json each line of standard output is an object with an `event`: `code` (with
code, link, expiresAt) or, after --code, `claimed`; then `paired` (with name, fingerprint,
cipher, gatewayId). What went wrong is told on standard error.

A pairing is kept once you have compared the fingerprint of the approver's key, or
given it beforehand. Several approvers may be paired: each is asked, and the first
who decides has decided.";

const SET_HELP: &str = "\
Somebody is always asked at once. When those who were asked have all decided, or cannot
any more, and a decision is still missing, the next one is asked without waiting longer.
The change is written down: airlock-exec log";

/// Reads how long something is left or waited for: nothing, or what a span may be.
pub(in crate::cli) fn parse_delay(text: &str) -> Result<Duration, String> {
    match text {
        "0" | "0s" => Ok(Duration::ZERO),
        span => parse_span(span).map_err(|what| format!("{what}; or 0s")),
    }
}

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
    /// Tell what happens as JSON, one object in each line; needs --fingerprint or --yes
    #[arg(long)]
    pub(super) json: bool,
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
    /// Pair with nobody who brings no passkey; the command that a page shows says so
    #[arg(long)]
    pub(super) passkey: bool,
}

impl TrustArguments {
    /// Returns what leaves the cipher as it was.
    pub(super) fn same_as(cipher: Cipher) -> Self {
        Self {
            cipher: Some(cipher),
            fingerprint: None,
            yes: false,
            accept_unsigned_key: false,
            passkey: false,
        }
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
        #[arg(allow_hyphen_values = true)]
        name: String,
    },
    /// Choose when this approver is asked
    #[command(after_help = SET_HELP)]
    Set {
        /// Its name, as `list` prints it
        #[arg(allow_hyphen_values = true)]
        name: String,
        /// Ask it only when nobody decided for so long, for example 30s; 0s: at once
        #[arg(long, value_name = "TIME", value_parser = parse_delay)]
        after: Duration,
    },
    /// Pair anew with the same approver, and so change the keys
    Rotate {
        /// Its name, as `list` prints it
        #[arg(allow_hyphen_values = true)]
        name: String,
    },
}

/// Ends pairings.
#[derive(Debug, Args)]
pub struct UnpairArguments {
    /// The pairing; may be left out when there is only one
    #[arg(allow_hyphen_values = true)]
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
