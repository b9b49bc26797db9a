//! One artifact's way through the gateway to one approver: submit, wait, withdraw.

use super::answers::Answers;
use super::artifact::Case;
use super::attention::farther;
use super::clocks::disagreement;
use super::sealed::Sealed;
use super::trouble::{Trouble, leaves_request_pending, revoked};
use super::turn::{Came, Turn};
use super::verify::Verified;
use super::watcher::{Pending, Watcher};
use super::{ConsentRule, Number, Refusal, Reviewer, consent, on_its_way};
use crate::client::{Backoff, Enforcer, Notices, Pairing, PairingError, TransportError};
use crate::process::{self, Deadline};
use crate::protocol::exchange::{ExchangeState, Metadata, SubmitBody};
use crate::protocol::pairing::PairingState;
use crate::protocol::{Ciphertext, Envelope, ErrorCode, MessageType, Party, RequestId, Stage};
use jiff::Timestamp;
use std::cell::RefCell;
use std::ptr;
use std::time::Duration;

/// How long the gateway is asked to hold an answer back: long, so that twenty commands
/// that wait stay within sixty calls a minute.
const POLL: Duration = Duration::from_secs(55);
/// The gateway holds answers back for whole seconds.
const SHORTEST_POLL: Duration = Duration::from_secs(1);
/// Failed polls before the person is told.
const TELL_AFTER_FAILURES: u32 = 3;

/// An exchange under way: one approver is asked.
pub(super) struct Exchange<'a> {
    reviewer: &'a Reviewer,
    case: &'a Case,
    pairing: &'a Pairing,
    sealed: &'a Ciphertext,
    enforcer: Enforcer,
    deadline: Deadline,
    answers: Answers<'a>,
    /// Whether the gateway may hold a request that somebody could still decide.
    standing: Standing,
    /// When it is this approver's turn.
    turn: Turn,
    /// What the gateway has told of the approver's attention, if it tells at all.
    attention: Option<Stage>,
    /// The refusal for want of a consent that is waited for.
    unconsented: Option<TransportError>,
}

/// What the gateway may hold of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It was never sent anything.
    Unasked,
    /// It has not said that it took the request.
    Submitting,
    /// It took the request.
    Pending,
    /// Nobody can decide it any more.
    Over,
}

impl<'a> Exchange<'a> {
    /// Asks the approver of that pairing, for whom the case was sealed.
    pub(super) fn new(
        reviewer: &'a Reviewer,
        Sealed { case, pairing, ciphertext }: &'a Sealed<'a>,
        deadline: Deadline,
        turn: Turn,
    ) -> Self {
        let answers = Answers::to(case, std::slice::from_ref(pairing), deadline);
        Self {
            reviewer,
            case,
            pairing,
            sealed: ciphertext,
            enforcer: reviewer.enforcer.clone(),
            deadline,
            answers,
            standing: Standing::Unasked,
            turn,
            attention: None,
            unconsented: None,
        }
    }

    /// Submits when it is the approver's turn, and waits until it has decided, or cannot
    /// any more; whoever calls it keeps the time.
    pub(super) async fn ask(
        &mut self,
        watcher: &RefCell<&mut dyn Watcher>,
    ) -> Result<Verified, Refusal> {
        let (store, pairing) = (&self.reviewer.store, self.pairing);
        let outcome = tokio::select! {
            outcome = self.submit_and_wait(watcher) => outcome,
            revoked = revoked(store, pairing) => Err(revoked),
        };
        // A key that was revoked meanwhile decides nothing any more.
        let outcome = match outcome {
            Ok(verified) => self.reviewer.check_live(pairing).map(|()| verified),
            refused => refused,
        };
        if !outcome.as_ref().is_err_and(leaves_request_pending) {
            self.standing = Standing::Over;
        }
        match outcome {
            Err(refusal) => Err(self.explained(refusal).await),
            decided => decided,
        }
    }

    /// Returns what a wait that ended with its time is worth, if the approver was asked.
    pub(super) fn none_in_time(&mut self) -> Option<Refusal> {
        Some(match (self.standing, self.unconsented.take()) {
            (Standing::Unasked, _) => return None,
            (Standing::Submitting, Some(error)) => error.into(),
            (Standing::Submitting, None) => self.enforcer.silence().into(),
            (Standing::Pending | Standing::Over, _) => self.answers.none_in_time(),
        })
    }

    /// Takes the request back, if somebody could still decide it.
    pub(super) async fn withdraw(&self) {
        if matches!(self.standing, Standing::Unasked | Standing::Over) {
            return;
        }
        if let Err(error) = self.enforcer.withdraw(self.id()).await {
            tracing::warn!(%error, request = %self.id(), "the request was not withdrawn");
        }
    }

    /// Submits the case as the record of a decision that a policy made.
    pub(super) async fn tell(
        &self,
        decision: &'static str,
        expires_at: Timestamp,
    ) -> Result<(), Refusal> {
        let mut envelope = self.envelope()?;
        envelope.body.expires_at = Some(expires_at);
        let metadata = &mut envelope.body.metadata.display.other;
        metadata.insert("dndAudit".to_owned(), "true".into());
        metadata.insert("dndDecision".to_owned(), decision.into());
        Ok(self.enforcer.submit(&envelope).await.map(drop)?)
    }

    async fn submit_and_wait(
        &mut self,
        watcher: &RefCell<&mut dyn Watcher>,
    ) -> Result<Verified, Refusal> {
        if let Came::Late(delay) = self.turn.come().await {
            let name = &self.pairing.agreed.name;
            let seconds = delay.as_secs();
            let what = format!("nobody has decided for {seconds} s, asking {name} too");
            watcher.borrow_mut().trouble(&what);
        }
        self.standing = Standing::Submitting;
        let envelope = self.envelope()?;
        let submitted = self.submit(&envelope, watcher).await;
        // Of several approvers that are asked, the first stands for all.
        let is_first = self.reviewer.approvers().next().is_some_and(|p| ptr::eq(p, self.pairing));
        let ahead = self.enforcer.seconds_ahead().filter(|_| is_first);
        if let Some(apart) = ahead.and_then(disagreement) {
            watcher.borrow_mut().trouble(&apart);
        }
        submitted?;
        self.standing = Standing::Pending;
        self.decision(&envelope, watcher).await
    }

    /// A pairing that the approver ended is over here as well, at once.
    async fn explained(&self, refusal: Refusal) -> Refusal {
        let revoked = match &refusal {
            Refusal::Gateway(error) => error.code() == Some(&ErrorCode::PairingRevoked),
            // That is also how a gateway ends what waits in a pairing that was revoked.
            Refusal::Ended { state: ExchangeState::Cancelled } => self.was_revoked().await,
            _ => false,
        };
        if !revoked {
            return refusal;
        }
        if let Err(error) = self.reviewer.store.revoke(self.pairing, process::now()) {
            return error.into();
        }
        PairingError::Revoked { name: self.pairing.agreed.name.clone() }.into()
    }

    async fn was_revoked(&self) -> bool {
        let status = self.enforcer.pairing_status(&self.pairing.agreed.pairing_nonce).await;
        status.is_ok_and(|status| status.state == PairingState::Revoked)
    }

    /// Submits until the gateway accepts, refuses, or the budget is spent.
    async fn submit(
        &mut self,
        envelope: &Envelope<SubmitBody>,
        watcher: &RefCell<&mut dyn Watcher>,
    ) -> Result<(), Refusal> {
        let mut budget =
            Deadline::after(self.reviewer.terms.connect_budget.min(self.deadline.remaining()));
        let mut backoff = Backoff::new();
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

    /// Polls until a decision passes every check, or none can come any more.
    async fn decision(
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
            Some(410) => return Err(self.ended().await),
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

    /// Tells the gateway that the decision arrived, and does not wait for its answer.
    pub(super) fn acknowledge(&self) {
        let Some(message) = self.answers.decisive.clone() else { return };
        let (enforcer, id) = (self.enforcer.clone(), self.id().clone());
        let enforcer_id = self.reviewer.identity.enforcer_id.clone();
        tokio::spawn(async move {
            let now = process::now();
            if let Err(error) = enforcer.acknowledge(message, &id, &enforcer_id, now).await {
                tracing::warn!(%error, request = %id, "the acknowledgement was refused");
            }
        });
    }

    fn envelope(&self) -> Result<Envelope<SubmitBody>, Refusal> {
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

    fn pending(&self) -> Pending {
        Pending {
            command: self.case.subject().to_owned(),
            why: self.case.why().cloned(),
            short_id: self.id().short().to_owned(),
            number: Number::of(self.case.plaintext()),
            limit: self.case.limit(),
        }
    }

    fn id(&self) -> &RequestId {
        self.case.request_id()
    }
}
