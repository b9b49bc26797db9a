//! Says that a person was shown a request: for whoever waits, and decides nothing.
//!
//! Only our gateway has the call; another refuses it, and nothing comes of that.

use super::item::Item;
use crate::client::Transport;
use serde_json::Value;
use std::time::Duration;

/// How long a gateway may take to hear it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Tells the gateway; no failure is anybody's concern.
pub(super) fn tell(transport: &Transport, item: &Item) -> impl Future<Output = ()> + Send + use<> {
    let transport = transport.clone();
    let path = format!("/v1/exchanges/{}/seen", item.request_id);
    async move {
        let told = tokio::time::timeout(PATIENCE, transport.post(&path, &Value::Null)).await;
        if let Ok(Err(error)) = told {
            tracing::debug!(%error, "that it was seen was not taken");
        }
    }
}
