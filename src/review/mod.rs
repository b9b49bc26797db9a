//! Asks a person and verifies the answer.
//!
//! A captured request becomes a sealed artifact, is submitted, waits for a
//! decision, and becomes a [`Permit`] when every check of protocol.md section 7
//! holds and the replay journal has recorded the decision. Anything else is a
//! [`Refusal`]: no timeout, no unreadable answer and no crash leads to a permit.

mod answers;
mod artifact;
mod consent;
mod exchange;
pub mod grant;
mod journal;
mod notes;
mod permit;
mod refusal;
mod round;
mod signals;
mod standing;
mod terms;
mod verify;
mod watcher;

pub use artifact::Inquiry;
pub use consent::ConsentRule;
pub use journal::{Journal, JournalError};
pub use permit::{Authority, Permit};
pub use refusal::{Distrust, Refusal};
pub use standing::StandingRule;
pub use terms::Terms;
pub use verify::{Doubt, Verified, VerifiedApproval};
pub use watcher::{Pending, Watcher};

use crate::client::{Enforcer, EnforcerIdentity, Pairing, PairingError, PairingStore, Presence};
use crate::process;
use crate::protocol::presence::Heartbeat;
use crate::request::Request;
use artifact::Case;
use grant::{GrantError, GrantInquiry, Proposal, StoredGrant};
use round::Round;
use std::sync::Arc;

/// Everything needed to ask: a gateway, an identity, approvers and a journal.
pub struct Reviewer {
    /// The way to the gateway.
    pub enforcer: Enforcer,
    /// Finds the way anew when it was lost, for a gateway that moves.
    pub reconnect: Arc<dyn Fn() -> Option<Enforcer> + Send + Sync>,
    /// Who we are there.
    pub identity: EnforcerIdentity,
    /// Whom we ask.
    pub pairings: Vec<Pairing>,
    /// Where the pairings are kept, for ending one that the approver ended.
    pub store: PairingStore,
    /// Which decisions were used already.
    pub journal: Journal,
    /// On which terms.
    pub terms: Terms,
}

impl Reviewer {
    /// Composes what a person would be asked about a request; nobody is asked yet.
    ///
    /// # Errors
    ///
    /// [`Refusal`] when nobody could be asked, or no answer could be recorded.
    pub fn inquire(&self, request: Request) -> Result<Inquiry, Refusal> {
        self.approvers().next().ok_or(PairingError::NotPaired)?;
        // Nobody is asked for a decision that could not be recorded.
        self.journal.check()?;
        Inquiry::open(request, process::now(), self.terms.limit)
    }

    /// Asks, waits, verifies; a permit only comes out of a verified approval.
    ///
    /// # Errors
    ///
    /// [`Refusal`] by what happened instead. Nothing was executed.
    pub async fn review(
        &self,
        inquiry: Inquiry,
        watcher: &mut dyn Watcher,
    ) -> Result<Permit, Refusal> {
        if let Some(standing) = self.standing_answer(&inquiry).await? {
            inquiry.check_unchanged()?;
            return Ok(Permit::from_standing(inquiry, standing));
        }
        let approval = self.ask(inquiry.case(), watcher).await?;
        inquiry.check_unchanged()?;
        let spent = approval.spend(&self.journal, process::now())?;
        Ok(Permit::from_approval(inquiry, spent))
    }

    /// Composes what a person would be asked about a grant; nobody is asked yet.
    ///
    /// # Errors
    ///
    /// [`GrantError`] by what cannot be granted or recorded.
    pub fn inquire_grant(
        &self,
        request: &Request,
        proposal: &Proposal,
    ) -> Result<GrantInquiry, GrantError> {
        self.approvers().next().ok_or(PairingError::NotPaired)?;
        self.journal.check()?;
        GrantInquiry::open(request, proposal, &self.identity.enforcer_id, self.terms.limit)
    }

    /// Asks for a grant, waits, verifies, and returns what is to be kept of it.
    ///
    /// # Errors
    ///
    /// [`Refusal`] by what happened instead.
    pub async fn grant(
        &self,
        inquiry: &GrantInquiry,
        watcher: &mut dyn Watcher,
    ) -> Result<StoredGrant, Refusal> {
        let approval = self.ask(inquiry.case(), watcher).await?;
        let decision = approval.spend(&self.journal, process::now())?.into_decision();
        // Each approver had an artifact of its own: what one of them signed is kept.
        let signed = inquiry.case().for_request(decision.request_id.clone())?;
        Ok(StoredGrant::new(signed.plaintext(), decision))
    }

    /// Asks every approver about a case and waits for the first decision on it.
    async fn ask(
        &self,
        case: &Case,
        watcher: &mut dyn Watcher,
    ) -> Result<VerifiedApproval, Refusal> {
        let mut approvers = self.approvers();
        let first = approvers.next().ok_or(PairingError::NotPaired)?;
        let others = approvers.map(|pairing| Ok((case.for_another()?, pairing)));
        let others: Vec<(Case, &Pairing)> = others.collect::<Result<_, Refusal>>()?;
        let others = others.iter().map(|(case, pairing)| (case, *pairing));
        let asked = std::iter::once((case, first)).chain(others);
        Round::new(self, asked, case.limit())?.conduct(watcher).await
    }

    fn approvers(&self) -> impl Iterator<Item = &Pairing> {
        self.pairings.iter().filter(|each| each.is_live())
    }

    /// Signs of life, while somebody waits.
    fn presence(&self) -> Presence {
        let sign = Heartbeat {
            enforcer_id: self.identity.enforcer_id.clone(),
            workspace_name: self.terms.workspace.clone(),
            enforcer_label: Some(self.terms.label.clone()),
        };
        let directory = self.store.directory().clone();
        Presence::new(self.enforcer.clone(), sign, directory, self.terms.heartbeat)
    }

    fn check_live(&self, pairing: &Pairing) -> Result<(), Refusal> {
        if self.store.is_live(pairing)? {
            return Ok(());
        }
        Err(PairingError::Revoked { name: pairing.agreed.name.clone() }.into())
    }

    /// Finds the way to the gateway anew.
    ///
    /// Starting a gateway takes a while and must not hold up the other waits, the
    /// signals or the clock: it happens in a thread of its own.
    async fn reconnected(&self) -> Option<Enforcer> {
        let reconnect = Arc::clone(&self.reconnect);
        tokio::task::spawn_blocking(move || reconnect()).await.ok().flatten()
    }
}
