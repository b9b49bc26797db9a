//! One artifact's way through the gateway: submit, wait, withdraw.

use super::answers::Answers;
use super::artifact::Case;
use super::signals::StopSignals;
use super::verify::{Verified, VerifiedApproval};
use super::watcher::{Pending, Watcher};
use super::{Refusal, Reviewer};
use crate::client::{Backoff, Enforcer, Pairing, TransportError};
use crate::process::{self, Deadline};
use crate::protocol::exchange::{ExchangeState, Metadata, SubmitBody};
use crate::protocol::{Ciphertext, Envelope, MessageType, Party, RequestId};
use std::cell::RefCell;
use std::time::Duration;

/// How long the gateway may be out of reach before anything was accepted.
const CONNECT_BUDGET: Duration = Duration::from_secs(20);
/// How long the gateway is asked to hold an answer back.
const POLL: Duration = Duration::from_secs(25);
/// The gateway holds answers back for whole seconds.
const SHORTEST_POLL: Duration = Duration::from_secs(1);
/// How long taking the request back may delay the end.
const WITHDRAW_BUDGET: Duration = Duration::from_secs(2);
/// How long sending an acknowledgement may delay the command.
const ACK_BUDGET: Duration = Duration::from_millis(3);
/// Failed polls before the person is told.
const TELL_AFTER_FAILURES: u32 = 3;

/// An exchange under way.
pub(super) struct Exchange<'a> {
    reviewer: &'a Reviewer,
    case: &'a Case,
    pairing: &'a Pairing,
    enforcer: Enforcer,
    deadline: Deadline,
    answers: Answers<'a>,
}

impl<'a> Exchange<'a> {
    pub(super) fn new(reviewer: &'a Reviewer, case: &'a Case, pairing: &'a Pairing) -> Self {
        let deadline = Deadline::after(case.limit());
        let answers = Answers::to(case, &reviewer.pairings, deadline);
        let enforcer = reviewer.enforcer.clone();
        Self { reviewer, case, pairing, enforcer, deadline, answers }
    }

    /// Submits, waits and returns a verified approval; everything else is a refusal.
    ///
    /// Whatever ends the wait without a decision takes the request back, so that
    /// nobody approves what will not run.
    pub(super) async fn conduct(
        mut self,
        sealed: Ciphertext,
        watcher: &mut dyn Watcher,
    ) -> Result<VerifiedApproval, Refusal> {
        let mut signals = StopSignals::listen()?;
        let outcome = tokio::select! {
            outcome = self.ask(sealed, watcher) => outcome,
            signal = signals.first() => Err(Refusal::Interrupted { signal }),
        };
        watcher.ended();
        self.acknowledge().await;
        let refusal = match outcome {
            Ok(Verified::Approval(approval)) => return Ok(approval),
            Ok(Verified::Rejection { reason, entry, decision }) => {
                // It is final whether or not the journal can take it.
                let _ = self.reviewer.journal.commit(&entry, process::now());
                return Err(Refusal::Rejected { reason, decision: Box::new(decision) });
            }
            Err(refusal) => refusal,
        };
        if leaves_request_pending(&refusal) {
            tokio::select! {
                _ = tokio::time::timeout(WITHDRAW_BUDGET, self.enforcer.withdraw(self.id())) => (),
                // Asked to stop a second time: at once.
                _ = signals.first() => (),
            }
        }
        Err(refusal)
    }

    async fn ask(
        &mut self,
        sealed: Ciphertext,
        watcher: &mut dyn Watcher,
    ) -> Result<Verified, Refusal> {
        let envelope = self.envelope(sealed)?;
        self.submit(&envelope).await?;
        watcher.submitted(&self.pending());
        let (deadline, limit) = (self.deadline, self.case.limit());
        // Both futures run in one task and speak to the watcher between awaits.
        let watcher = RefCell::new(watcher);
        let decided = tokio::select! {
            decided = self.decision(&envelope, &watcher) => Some(decided),
            // A gateway that holds its answer back for ever does not hold us.
            () = tell_the_time(&watcher, deadline, limit) => None,
        };
        decided.unwrap_or_else(|| Err(self.answers.none_in_time()))
    }

    /// Submits until the gateway accepts, refuses, or the budget is spent.
    async fn submit(&self, envelope: &Envelope<SubmitBody>) -> Result<(), Refusal> {
        let budget = Deadline::after(CONNECT_BUDGET.min(self.case.limit()));
        let mut backoff = Backoff::new();
        loop {
            // The same request id and bytes each time, so that an answer that was
            // lost on its way does not ask the person twice.
            let submitted = self.enforcer.submit(envelope);
            let error = match tokio::time::timeout(budget.remaining(), submitted).await {
                Ok(Ok(())) => return Ok(()),
                Ok(Err(error)) => error,
                Err(_) => self.enforcer.silence(),
            };
            if error.status() == Some(409) {
                return self.check_accepted().await;
            }
            let wait = backoff.next_wait(budget.remaining());
            let wait = wait.max(error.retry_after().unwrap_or_default());
            if !error.is_passing() || wait >= budget.remaining() {
                return Err(error.into());
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

    /// Polls until a decision passes every check, or none can come any more; whoever
    /// calls it keeps the time.
    async fn decision(
        &mut self,
        envelope: &Envelope<SubmitBody>,
        watcher: &RefCell<&mut dyn Watcher>,
    ) -> Result<Verified, Refusal> {
        let mut trouble = Trouble::default();
        loop {
            let held = POLL.min(self.deadline.remaining()).max(SHORTEST_POLL);
            let early = Deadline::after(held / 2);
            let answer = match self.enforcer.wait(self.id(), held).await {
                Ok(answer) => answer,
                Err(error) => {
                    self.recover(error, envelope, &mut trouble, watcher).await?;
                    continue;
                }
            };
            trouble.failures = 0;
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
                return self.submit(envelope).await;
            }
            Some(410) => return Err(self.ended().await),
            _ => (),
        }
        if let TransportError::Unreadable { what, .. } = &error {
            self.answers.count_unreadable(what)?;
        }
        let wait = error.retry_after().unwrap_or_default();
        if !error.is_passing() || wait >= self.deadline.remaining() {
            return Err(error.into());
        }
        trouble.failures += 1;
        if trouble.failures == TELL_AFTER_FAILURES {
            watcher.borrow_mut().trouble("connection to the gateway lost, still waiting");
        }
        if matches!(error, TransportError::Unreachable { .. }) {
            // It may have been started again somewhere else.
            self.enforcer = (self.reviewer.reconnect)().unwrap_or(self.enforcer.clone());
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

    /// Tells the gateway that the decision arrived; never waits for its answer long.
    async fn acknowledge(&self) {
        let Some(message) = self.answers.decisive.clone() else { return };
        let enforcer = &self.reviewer.identity.enforcer_id;
        let sent = self.enforcer.acknowledge(message, self.id(), enforcer, process::now());
        if let Ok(Err(error)) = tokio::time::timeout(ACK_BUDGET, sent).await {
            tracing::warn!(%error, request = %self.id(), "the acknowledgement was refused");
        }
    }

    fn envelope(&self, ciphertext: Ciphertext) -> Result<Envelope<SubmitBody>, Refusal> {
        let metadata = Metadata {
            routing_token: self.pairing.routing_token().cloned(),
            ..Metadata::default()
        };
        let body = SubmitBody {
            artifact_type: self.case.kind().name().to_owned(),
            artifact_hash: self.case.plaintext().hash(),
            ciphertext,
            expires_at: Some(self.case.expires_at()),
            metadata,
        };
        let sender = Party::enforcer(self.reviewer.identity.enforcer_id.clone());
        let created_at = self.case.created_at();
        Envelope::new(MessageType::ArtifactSubmit, self.id().clone(), sender, created_at, body)
            .map_err(|error| Refusal::Seal(error.to_string()))
    }

    fn pending(&self) -> Pending {
        Pending {
            command: self.case.subject().to_owned(),
            short_id: self.id().short().to_owned(),
            limit: self.case.limit(),
        }
    }

    fn id(&self) -> &RequestId {
        self.case.request_id()
    }
}

/// What went wrong since the request was submitted.
#[derive(Default)]
struct Trouble {
    backoff: Backoff,
    failures: u32,
    resubmitted: bool,
}

/// Tells the watcher every second how the wait goes, until the deadline.
async fn tell_the_time(watcher: &RefCell<&mut dyn Watcher>, deadline: Deadline, limit: Duration) {
    while !deadline.has_passed() {
        let left = deadline.remaining();
        watcher.borrow_mut().waiting(limit.saturating_sub(left), left);
        tokio::time::sleep(left.min(Duration::from_secs(1))).await;
    }
}

/// Tells whether the gateway may still hold a request that nobody waits for.
fn leaves_request_pending(refusal: &Refusal) -> bool {
    match refusal {
        Refusal::Interrupted { .. } | Refusal::TimedOut { .. } | Refusal::Untrusted(_) => true,
        Refusal::Gateway(error) => error.status() != Some(401),
        _ => false,
    }
}
