//! A pairing that is stored here, and the word of that to the gateway.

use super::revoke::{PATIENCE, at_gateway};
use crate::cli::upstream::Upstream;
use crate::client::{KeptWord, Pairing, TransportError};
use crate::protocol::RoutingToken;

/// A pairing that is stored.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) pairing: Pairing,
    /// By what the gateway knows those that it replaces.
    pub(super) replaced: Vec<RoutingToken>,
    /// Whether the gateway takes word of it.
    pub(super) word: KeptWord,
}

/// What became, at the gateway, of the pairing that another has replaced.
#[derive(Debug)]
pub(super) enum Replaced {
    /// There was none.
    Nothing,
    /// It is over.
    Ended,
    /// The gateway could not be told; ours ends it with the first request in the new one.
    Untold(TransportError),
}

impl Kept {
    /// Tells the gateway, and by it the approver, that the pairing is kept; the older one is
    /// over then. A gateway that takes no such word is told that the older one is over.
    pub(super) async fn tell(&self, upstream: &Upstream) -> Replaced {
        if self.was_told(upstream).await {
            return if self.replaced.is_empty() { Replaced::Nothing } else { Replaced::Ended };
        }
        let mut became = Replaced::Nothing;
        for token in &self.replaced {
            became = match at_gateway(upstream, token).await {
                Err(error) => Replaced::Untold(error),
                Ok(()) if matches!(became, Replaced::Untold(_)) => became,
                Ok(()) => Replaced::Ended,
            };
        }
        became
    }

    async fn was_told(&self, upstream: &Upstream) -> bool {
        let Some(token) = self.pairing.routing_token() else { return false };
        if self.word == KeptWord::Unknown {
            return false;
        }
        let told = upstream.enforcer.clone().within(PATIENCE).keep_pairing(token).await;
        if let Err(error) = &told {
            tracing::warn!(%error, "the gateway was not told that the pairing is kept");
        }
        told.is_ok()
    }
}
