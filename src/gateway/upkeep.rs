//! Does what time brings: exchanges expire, old ones are forgotten.

use super::refusal::Refusal;
use super::relay::Relay;
use super::store::Rest;
use std::sync::Arc;
use std::time::Duration;

/// The longest sleep while something waits, since the wall clock may be set.
const WHILE_PENDING: Duration = Duration::from_secs(30);
/// The longest sleep while nothing does; also how often old things are forgotten.
const WHILE_QUIET: Duration = Duration::from_hours(1);

/// Expires what is due, when it is due, for as long as it is polled.
pub(super) async fn keep(relay: Arc<Relay>) {
    let mut forgotten_at = None;
    loop {
        let sooner = relay.audience.sooner.notified();
        if let Err(error) = round(&relay, &mut forgotten_at).await {
            tracing::error!(?error, "cannot look after the database");
        }
        let pause = match relay.store.next_expiry().await {
            Ok(Some(due)) => until(due, relay.now()).min(WHILE_PENDING),
            Ok(None) => WHILE_QUIET,
            Err(_) => WHILE_PENDING,
        };
        // A new exchange may be due sooner; either way the next round looks.
        let _ = tokio::time::timeout(pause, sooner).await;
    }
}

async fn round(relay: &Arc<Relay>, forgotten_at: &mut Option<i64>) -> Result<(), Refusal> {
    relay.expire().await?;
    let now = relay.now();
    let hour = i64::try_from(WHILE_QUIET.as_millis()).unwrap_or(i64::MAX);
    if forgotten_at.is_none_or(|last| now.saturating_sub(last) >= hour) {
        // Before what shows that the older one was used is forgotten.
        while relay.store.end_unused(now).await? == Rest::More {}
        while relay.store.forget(now).await? == Rest::More {}
        relay.store.shrink().await?;
        *forgotten_at = Some(now);
    }
    Ok(())
}

fn until(due: i64, now: i64) -> Duration {
    // At least a millisecond, so that a clock that stands still is not a busy loop.
    Duration::from_millis(u64::try_from(due.saturating_sub(now)).unwrap_or(0).max(1))
}
