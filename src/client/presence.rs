//! Tells the gateway that this enforcer is there. Protocol section 3.

use super::channel::{Channel, Told};
use super::{Backoff, Enforcer, Pairing, PairingStore};
use crate::process::{self, FileLock};
use crate::protocol::PairingNonce;
use crate::protocol::pairing::PairingState;
use crate::protocol::presence::Heartbeat;
use jiff::{SignedDuration, Timestamp};
use std::convert::Infallible;
use std::time::Duration;

/// Held by the one process that speaks for all of this machine.
const LOCK: &str = "presence.lock";
/// For so long the gateway's word that some pairing ended may be about one that we ended.
const ECHO: SignedDuration = SignedDuration::from_mins(1);
/// A command that is decided at once needs no sign of life.
const FIRST: Duration = Duration::from_secs(1);

/// Signs of life, for as long as somebody polls it, and word of pairings that ended.
///
/// However many processes wait, one of them speaks: a gateway counts calls. The others
/// see in the store what it learned.
#[derive(Debug)]
pub struct Presence {
    enforcer: Enforcer,
    gateway_id: String,
    sign: Heartbeat,
    store: PairingStore,
    every: Duration,
}

/// Why a pairing may be over.
#[derive(Debug)]
enum Cause {
    /// The gateway named it.
    Named(PairingNonce),
    /// The gateway said that one is.
    Unnamed,
    /// Nobody listened for a while.
    Unheard,
}

impl Presence {
    /// Speaks that often at that gateway.
    #[must_use]
    pub fn new(
        enforcer: Enforcer,
        gateway_id: String,
        sign: Heartbeat,
        store: PairingStore,
        every: Duration,
    ) -> Self {
        Self { enforcer, gateway_id, sign, store, every }
    }

    /// Speaks whenever no other process does. No failure ends it; `tell` hears of one
    /// that a person can mend.
    pub async fn keep(&self, tell: impl FnOnce(&str)) -> Infallible {
        let mut tell = Some(tell);
        tokio::time::sleep(FIRST.min(self.every)).await;
        loop {
            match self.spokesman() {
                Ok(Some(_lock)) => match self.speak().await {},
                Ok(None) => {}
                Err(why) => {
                    if let Some(tell) = tell.take() {
                        tell(&format!("the gateway is not told that we are here: {why}"));
                    }
                }
            }
            tokio::time::sleep(self.every).await;
        }
    }

    /// Becomes the one process that speaks, if no other is.
    fn spokesman(&self) -> Result<Option<FileLock>, String> {
        let file = self.store.directory().append(LOCK);
        let file = file.map_err(|error| format!("{error}; {}", error.hint()))?;
        FileLock::try_take(file).map_err(|error| format!("{LOCK} cannot be locked: {error}"))
    }

    async fn speak(&self) -> Infallible {
        let (heartbeats, channel) = (self.heartbeats(), self.listen());
        tokio::join!(heartbeats, channel).0
    }

    async fn heartbeats(&self) -> Infallible {
        loop {
            self.beat().await;
            tokio::time::sleep(self.every).await;
        }
    }

    async fn beat(&self) {
        if let Err(error) = self.enforcer.heartbeat(&self.sign).await {
            tracing::info!(%error, "the gateway did not take the heartbeat");
        }
    }

    /// Listens on the channel, and opens it anew when it breaks.
    async fn listen(&self) {
        let mut backoff = Backoff::new();
        loop {
            match Channel::open(&self.enforcer, &self.sign).await {
                Ok(mut channel) => {
                    backoff = Backoff::new();
                    // Something may have ended while nobody listened.
                    self.end_pairings(&Cause::Unheard).await;
                    while let Some(told) = channel.next().await {
                        match told {
                            Told::Unpaired(Some(nonce)) => {
                                self.end_pairings(&Cause::Named(nonce)).await;
                            }
                            Told::Unpaired(None) => self.end_pairings(&Cause::Unnamed).await,
                            Told::Refresh => self.beat().await,
                        }
                    }
                }
                Err(error) if error.is_passing() => {}
                Err(error) => {
                    tracing::info!(%error, "the gateway has no presence channel");
                    return;
                }
            }
            // A channel that ends at once must not make us spin.
            tokio::time::sleep(FIRST + backoff.next_wait(self.every)).await;
        }
    }

    /// Ends the pairing that is named, or whichever the gateway says is over.
    async fn end_pairings(&self, cause: &Cause) {
        let enrolment = match self.store.load() {
            Ok(enrolment) => enrolment,
            Err(error) => return tracing::warn!(%error, "which pairing ended cannot be noted"),
        };
        let Some(enrolment) = enrolment else { return };
        let moment = process::now().saturating_sub(ECHO).unwrap_or(Timestamp::MIN);
        let is_echo = enrolment.ended_since(&self.gateway_id, moment);
        let live = enrolment.at(&self.gateway_id).filter(|each| each.is_live());
        let live: Vec<&Pairing> = live.collect();
        for pairing in &live {
            let over = match cause {
                Cause::Named(nonce) => pairing.agreed.pairing_nonce == *nonce,
                Cause::Unnamed => (live.len() == 1 && !is_echo) || self.is_over(pairing).await,
                Cause::Unheard => self.is_over(pairing).await,
            };
            if !over {
                continue;
            }
            if let Err(error) = self.store.revoke(pairing, process::now()) {
                tracing::warn!(%error, "that a pairing ended cannot be noted");
            }
        }
    }

    async fn is_over(&self, pairing: &Pairing) -> bool {
        let status = self.enforcer.pairing_status(&pairing.agreed.pairing_nonce).await;
        status.is_ok_and(|status| status.state == PairingState::Revoked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Transport;
    use crate::process::PrivateDir;

    /// A gateway that names no pairing may mean the one that another has just replaced.
    #[tokio::test]
    async fn word_of_a_pairing_that_was_replaced_does_not_end_the_new_one() {
        let outer = tempfile::tempdir().expect("a temporary directory");
        let directory = PrivateDir::open(&outer.path().join("e")).expect("private");
        let store = PairingStore::new(directory);
        let transport = Transport::new("http://127.0.0.1:1", None).expect("an address");
        let sign = Heartbeat {
            enforcer_id: "enf-1".parse().expect("an id"),
            workspace_name: None,
            enforcer_label: None,
        };
        let presence = Presence::new(
            Enforcer::new(transport),
            "gw".to_owned(),
            sign,
            store.clone(),
            Duration::from_secs(30),
        );
        let live = || {
            let stored = store.pairings().expect("read");
            stored.iter().filter(|each| each.is_live()).count()
        };
        let now = process::now();
        for ended in [now, now - SignedDuration::from_hours(1)] {
            let made = store.change(now, |enrolment| {
                enrolment.pairings.clear();
                let mut older = Pairing::example();
                older.revoke(ended);
                enrolment.pairings = vec![older, Pairing::example()];
                Ok(())
            });
            made.expect("written");
            presence.end_pairings(&Cause::Unnamed).await;
            assert_eq!(live(), usize::from(ended == now), "the gateway cannot be asked");
        }
    }
}
