//! Asks a person and verifies the answer.
//!
//! A captured request becomes a sealed artifact, is submitted, waits for a
//! decision, and becomes a [`Permit`] when every check of protocol.md section 7
//! holds and the replay journal has recorded the decision. Anything else is a
//! [`Refusal`]: no timeout, no unreadable answer and no crash leads to a permit.

mod answers;
mod artifact;
mod exchange;
mod journal;
mod notes;
mod permit;
mod refusal;
mod signals;
mod verify;
mod watcher;

pub use artifact::Inquiry;
pub use journal::{Journal, JournalError};
pub use permit::{Authority, Permit};
pub use refusal::{Distrust, Refusal};
pub use verify::{Doubt, Verified, VerifiedApproval};
pub use watcher::{Pending, Watcher};

use crate::client::{Enforcer, EnforcerIdentity, Pairing, PairingError};
use crate::process;
use crate::protocol::Ciphertext;
use crate::request::Request;
use artifact::Case;
use exchange::Exchange;
use std::time::Duration;

/// Everything needed to ask: a gateway, an identity, approvers and a journal.
pub struct Reviewer {
    /// The way to the gateway.
    pub enforcer: Enforcer,
    /// Finds the way anew when it was lost, for a gateway that moves.
    pub reconnect: Box<dyn Fn() -> Option<Enforcer>>,
    /// Who we are there.
    pub identity: EnforcerIdentity,
    /// Whom we ask.
    pub pairings: Vec<Pairing>,
    /// Which decisions were used already.
    pub journal: Journal,
    /// How long a decision may take.
    pub limit: Duration,
}

impl Reviewer {
    /// Composes what a person would be asked about a request; nobody is asked yet.
    ///
    /// # Errors
    ///
    /// [`Refusal`] when nobody could be asked, or no answer could be recorded.
    pub fn inquire(&self, request: Request) -> Result<Inquiry, Refusal> {
        self.approver()?;
        // Nobody is asked for a decision that could not be recorded.
        self.journal.check()?;
        Inquiry::open(request, process::now(), self.limit)
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
        let approval = self.ask(inquiry.case(), watcher).await?;
        inquiry.check_unchanged()?;
        let spent = approval.spend(&self.journal, process::now())?;
        Ok(Permit::from_approval(inquiry, spent))
    }

    /// Seals a case for the approver, submits it and waits for the decision on it.
    async fn ask(
        &self,
        case: &Case,
        watcher: &mut dyn Watcher,
    ) -> Result<VerifiedApproval, Refusal> {
        let pairing = self.approver()?;
        let sealed = Ciphertext::seal(case.plaintext(), &pairing.seal_key()?)
            .map_err(|error| Refusal::Seal(error.to_string()))?;
        Exchange::new(self, case, pairing).conduct(sealed, watcher).await
    }

    fn approver(&self) -> Result<&Pairing, Refusal> {
        let live = self.pairings.iter().find(|each| each.is_live());
        Ok(live.ok_or(PairingError::NotPaired)?)
    }
}
