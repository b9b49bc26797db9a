//! One artifact's way through the gateway to one approver: submit, wait, withdraw.

mod poll;
mod submission;

use super::answers::Answers;
use super::arrived::acknowledge_beside;
use super::artifact::Case;
use super::clocks::disagreement;
use super::sealed::Sealed;
use super::trouble::{leaves_request_pending, revoked};
use super::turn::{Came, Turn};
use super::verify::Verified;
use super::watcher::Watcher;
use super::{Refusal, Reviewer};
use crate::client::{Backoff, Enforcer, Pairing, PairingError, TransportError};
use crate::process::{self, Deadline};
use crate::protocol::exchange::ExchangeState;
use crate::protocol::pairing::PairingState;
use crate::protocol::{Ciphertext, ErrorCode, RequestId, Stage};
use jiff::Timestamp;
use std::cell::RefCell;
use std::ptr;
use std::time::Duration;

/// A request that could not be taken back is tried again within that time.
const AGAIN: Duration = Duration::from_millis(500);

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

    /// Takes it for one that the gateway holds already: it was put by another process.
    pub(super) fn put_before(self) -> Self {
        Self { standing: Standing::Pending, ..self }
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

    /// Takes the request back, if somebody could still decide it; tries until it is done.
    ///
    /// # Errors
    ///
    /// That the gateway does not take it back, though it may hold it.
    pub(super) async fn withdraw(&self) -> Result<(), TransportError> {
        if matches!(self.standing, Standing::Unasked | Standing::Over) {
            return Ok(());
        }
        let mut backoff = Backoff::new();
        loop {
            let Err(error) = self.enforcer.withdraw(self.id()).await else { return Ok(()) };
            tracing::warn!(%error, request = %self.id(), "the request was not withdrawn");
            match error.status() {
                // It does not hold it, or holds it no longer.
                Some(404 | 409 | 410) => return Ok(()),
                // It never said that it took it.
                _ if self.standing == Standing::Submitting => return Ok(()),
                _ if error.code() == Some(&ErrorCode::PairingRevoked) => return Ok(()),
                _ if !error.is_passing() => return Err(error),
                _ => tokio::time::sleep(backoff.next_wait(AGAIN)).await,
            }
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

    /// Tells the gateway that the decision arrived, and does not wait for its answer.
    pub(super) fn acknowledge(&self) {
        let Some(message) = self.answers.decisive.clone() else { return };
        acknowledge_beside(&self.enforcer, &self.reviewer.identity, self.id().clone(), message);
    }

    fn id(&self) -> &RequestId {
        self.case.request_id()
    }
}
