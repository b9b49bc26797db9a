//! The way of a request to the gateway, until it has taken it.

use super::Exchange;
use crate::client::{Backoff, Notices};
use crate::process::Deadline;
use crate::protocol::exchange::{Metadata, SubmitBody};
use crate::protocol::{Envelope, MessageType, Party};
use crate::review::watcher::Watcher;
use crate::review::{ConsentRule, Refusal, consent};
use std::cell::RefCell;

/// What whoever waits was told of a gateway that answers and takes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Nothing,
    Trouble,
}

impl Exchange<'_> {
    /// Submits until the gateway accepts, refuses, or the budget is spent.
    pub(super) async fn submit(
        &mut self,
        envelope: &Envelope<SubmitBody>,
        watcher: &RefCell<&mut dyn Watcher>,
    ) -> Result<(), Refusal> {
        let mut budget =
            Deadline::after(self.reviewer.terms.connect_budget.min(self.deadline.remaining()));
        let mut backoff = Backoff::new();
        let mut told = Told::Nothing;
        loop {
            // The same request id and bytes each time, so that an answer that was
            // lost on its way does not ask the person twice.
            let submitted = self.enforcer.submit(envelope);
            let error = match tokio::time::timeout(budget.remaining(), submitted).await {
                Ok(Ok(notices)) => {
                    if notices == Notices::Offered {
                        self.attention.get_or_insert_default();
                    }
                    return Ok(());
                }
                Ok(Err(error)) => error,
                Err(_) => self.enforcer.silence(),
            };
            if error.status() == Some(409) {
                return self.check_accepted().await;
            }
            if self.reviewer.terms.consent == ConsentRule::Wait && consent::may_come(&error) {
                let error = self.unconsented.insert(error);
                consent::wait(&self.enforcer, error, self.deadline, watcher).await?;
                self.unconsented = None;
                budget = Deadline::after(
                    self.reviewer.terms.connect_budget.min(self.deadline.remaining()),
                );
                continue;
            }
            let asked = error.retry_after().unwrap_or_default();
            if error.status() == Some(429) && asked < self.deadline.remaining() {
                // It is there, and counts calls: that is no reason to give up on it.
                watcher.borrow_mut().trouble(&format!("{error}; waiting until it takes more"));
                let more = self.reviewer.terms.connect_budget + asked;
                budget = Deadline::after(more.min(self.deadline.remaining()));
            }
            let wait = asked + backoff.next_wait(budget.remaining());
            if !error.is_passing() || wait >= budget.remaining() {
                return Err(error.into());
            }
            if error.status().is_some_and(|status| status >= 500) && told == Told::Nothing {
                watcher.borrow_mut().trouble(&format!("{error}; trying again for a while"));
                told = Told::Trouble;
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// After a 409: our own artifact, accepted before, is no conflict.
    async fn check_accepted(&self) -> Result<(), Refusal> {
        let status = self.enforcer.status(self.id()).await?;
        if status.artifact_hash == Some(self.case.plaintext().hash()) {
            return Ok(());
        }
        Err(Refusal::Conflict)
    }

    pub(super) fn envelope(&self) -> Result<Envelope<SubmitBody>, Refusal> {
        let metadata = Metadata {
            routing_token: self.pairing.routing_token().cloned(),
            ..Metadata::default()
        };
        let body = SubmitBody {
            artifact_type: self.case.kind().name().to_owned(),
            artifact_hash: self.case.plaintext().hash(),
            ciphertext: self.sealed.clone(),
            expires_at: Some(self.case.expires_at()),
            metadata,
        };
        let sender = Party::enforcer(self.reviewer.identity.enforcer_id.clone());
        let created_at = self.case.created_at();
        Envelope::new(MessageType::ArtifactSubmit, self.id().clone(), sender, created_at, body)
            .map_err(|error| Refusal::Seal(error.to_string()))
    }
}
