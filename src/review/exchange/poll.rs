//! The wait at the gateway for a decision about what it has taken.

use super::Exchange;
use crate::client::{Backoff, TransportError};
use crate::process::Deadline;
use crate::protocol::Envelope;
use crate::protocol::exchange::{ExchangeState, SubmitBody};
use crate::review::attention::farther;
use crate::review::trouble::Trouble;
use crate::review::verify::Verified;
use crate::review::watcher::{Pending, Watcher};
use crate::review::{Number, Refusal, on_its_way};
use std::cell::RefCell;
use std::time::Duration;

/// How long the gateway is asked to hold an answer back: long, so that twenty commands
/// that wait stay within sixty calls a minute.
const POLL: Duration = Duration::from_secs(55);
/// The gateway holds answers back for whole seconds.
const SHORTEST_POLL: Duration = Duration::from_secs(1);
/// How far apart the gateway and we may see the same moment.
const MOMENT: Duration = Duration::from_secs(1);
/// Failed polls before the person is told.
const TELL_AFTER_FAILURES: u32 = 3;

impl Exchange<'_> {
    /// Polls until a decision passes every check, or none can come any more.
    pub(super) async fn decision(
        &mut self,
        envelope: &Envelope<SubmitBody>,
        watcher: &RefCell<&mut dyn Watcher>,
    ) -> Result<Verified, Refusal> {
        let mut trouble = Trouble::default();
        let mut untold = Some(self.pending());
        loop {
            let held = POLL.min(self.deadline.remaining()).max(SHORTEST_POLL);
            let early = Deadline::after(held / 2);
            let call = self.enforcer.wait(self.id(), held, self.attention);
            let tell = async {
                let Some(pending) = untold.take() else { return };
                on_its_way().await;
                watcher.borrow_mut().submitted(&pending);
            };
            let answer = match tokio::join!(call, tell).0 {
                Ok(answer) => answer,
                Err(error) => {
                    self.recover(error, envelope, &mut trouble, watcher).await?;
                    continue;
                }
            };
            trouble.failures = 0;
            if let (Some(answer), Some(known)) = (&answer, &mut self.attention)
                && let Some(notice) = farther(
                    answer,
                    self.case.request_id(),
                    *known,
                    self.pairing.agreed.name.as_str(),
                )
            {
                *known = notice.stage;
                watcher.borrow_mut().noticed(&notice);
                continue;
            }
            if let Some(answer) = answer {
                let judged = self.answers.judge(answer, &mut **watcher.borrow_mut());
                if let Some(verified) = judged? {
                    return Ok(verified);
                }
            }
            if early.has_passed() {
                trouble.backoff = Backoff::new();
            } else {
                // A gateway that does not hold its answers back would make us spin.
                self.pause(&mut trouble.backoff).await;
            }
        }
    }

    /// Does what security 7.1 says about a poll that failed; `Ok` means: poll again.
    async fn recover(
        &mut self,
        error: TransportError,
        envelope: &Envelope<SubmitBody>,
        trouble: &mut Trouble,
        watcher: &RefCell<&mut dyn Watcher>,
    ) -> Result<(), Refusal> {
        match error.status() {
            // The gateway lost it: the same request and bytes, once more.
            Some(404) if !trouble.resubmitted => {
                trouble.resubmitted = true;
                return self.submit(envelope, watcher).await;
            }
            Some(410) => {
                let ended = self.ended().await;
                let is_expired = matches!(ended, Refusal::Ended { state: ExchangeState::Expired });
                // The gateway sees the end of the time a moment before us, or after.
                let is_time = is_expired && self.deadline.remaining() < MOMENT;
                return Err(if is_time { self.answers.none_in_time() } else { ended });
            }
            _ => (),
        }
        if let TransportError::Unreadable { what, .. } = &error {
            self.answers.count_unreadable(what)?;
        }
        // It had taken the request: that nobody decided is the end of it, not this call.
        if error.is_passing() && self.deadline.has_passed() {
            return Err(self.answers.none_in_time());
        }
        let wait = error.retry_after().unwrap_or_default();
        if !error.is_passing() || wait >= self.deadline.remaining() {
            return Err(error.into());
        }
        // A gateway that counts calls is there.
        trouble.failures += u32::from(error.status() != Some(429));
        if trouble.failures == TELL_AFTER_FAILURES {
            watcher.borrow_mut().trouble("connection to the gateway lost, still waiting");
        }
        if matches!(error, TransportError::Unreachable { .. }) {
            // It may have been started again somewhere else.
            self.enforcer = self.reviewer.reconnected().await.unwrap_or(self.enforcer.clone());
        }
        tokio::time::sleep(wait).await;
        self.pause(&mut trouble.backoff).await;
        Ok(())
    }

    async fn pause(&self, backoff: &mut Backoff) {
        tokio::time::sleep(backoff.next_wait(self.deadline.remaining())).await;
    }

    /// Asks how the exchange ended, in the gateway's words.
    async fn ended(&self) -> Refusal {
        let state = self.enforcer.status(self.id()).await.map(|status| status.state);
        Refusal::Ended { state: state.unwrap_or(ExchangeState::Expired) }
    }

    fn pending(&self) -> Pending {
        Pending {
            command: self.case.subject().to_owned(),
            why: self.case.why().cloned(),
            short_id: self.id().short().to_owned(),
            number: Number::of(self.case.plaintext()),
            limit: self.case.limit(),
        }
    }
}
