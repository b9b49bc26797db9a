//! Tells the gateway that this enforcer is there. Protocol section 3.

use super::Enforcer;
use crate::process::{FileLock, PrivateDir};
use crate::protocol::presence::Heartbeat;
use std::convert::Infallible;
use std::time::Duration;

/// Held by the one process that speaks for all of this machine.
const LOCK: &str = "presence.lock";
/// A command that is decided at once needs no sign of life.
const FIRST: Duration = Duration::from_secs(1);

/// Signs of life, for as long as somebody polls it.
///
/// However many processes wait, one of them speaks: a gateway counts calls.
#[derive(Debug)]
pub struct Presence {
    enforcer: Enforcer,
    sign: Heartbeat,
    directory: PrivateDir,
    every: Duration,
}

impl Presence {
    /// Speaks that often, with its lock in that directory.
    #[must_use]
    pub fn new(
        enforcer: Enforcer,
        sign: Heartbeat,
        directory: PrivateDir,
        every: Duration,
    ) -> Self {
        Self { enforcer, sign, directory, every }
    }

    /// Speaks whenever no other process does. No failure ends it.
    pub async fn keep(&self) -> Infallible {
        tokio::time::sleep(FIRST.min(self.every)).await;
        loop {
            let lock = self.directory.append(LOCK).ok();
            let lock = lock.and_then(|file| FileLock::try_take(file).ok().flatten());
            while lock.is_some() {
                if let Err(error) = self.enforcer.heartbeat(&self.sign).await {
                    tracing::info!(%error, "the gateway did not take the heartbeat");
                }
                tokio::time::sleep(self.every).await;
            }
            tokio::time::sleep(self.every).await;
        }
    }
}
