//! Asks a person and verifies the answer.
//!
//! A captured request becomes a sealed artifact, is submitted, waits for a
//! decision, and becomes a [`Permit`] when every check of protocol.md section 7
//! holds and the replay journal has recorded the decision. Anything else is a
//! [`Refusal`]: no timeout, no unreadable answer and no crash leads to a permit.

mod answers;
mod arrived;
mod artifact;
mod asked;
mod attention;
mod clocks;
mod consent;
mod crowd;
mod evidence;
mod exchange;
pub mod grant;
mod handed;
mod journal;
mod kept;
mod nested;
mod notes;
mod number;
mod pace;
mod permit;
mod quorum;
mod refusal;
mod round;
mod sealed;
mod signals;
mod standing;
mod terms;
mod touch;
mod trouble;
mod turn;
mod verify;
mod watcher;

pub use artifact::Inquiry;
pub use consent::ConsentRule;
pub use handed::{HookCall, Proof};
pub use journal::{Journal, JournalError};
pub use nested::Cover;
pub use number::Number;
pub use permit::{Authority, Clearance, Permit};
pub use refusal::{Distrust, Refusal};
pub use standing::StandingRule;
pub use terms::{Acknowledgement, Terms, TouchRule, WithoutPasskey};
pub use touch::{Touch, Untouched};
pub use verify::{Doubt, Verified, VerifiedApproval};
pub use watcher::{Notice, Pending, Watcher};

use crate::client::{Enforcer, EnforcerIdentity, Pairing, PairingError, PairingStore, Presence};
use crate::crypto::{self, Sha256Digest};
use crate::policy::{Approvals, Asked};
use crate::process::{self, Deadline, kill_point};
use crate::protocol::presence::Heartbeat;
use crate::request::{self, Marker, Repository, Request};
use arrived::Arrived;
use artifact::Case;
use asked::{Known, Place, Question};
use crowd::Limits;
use evidence::{session, workspace};
use grant::{GrantError, GrantInquiry, Proposal, StoredGrant};
use jiff::Timestamp;
use quorum::{Agreement, SpentAgreement};
use round::Round;
use sealed::Sealed;
use std::slice;
use std::sync::Arc;

/// Keeps what was spent for what may run; for what may not, the disk has it before that is said.
fn kept(spent: SpentAgreement, unchanged: Result<(), Refusal>) -> Result<SpentAgreement, Refusal> {
    let Err(refusal) = unchanged else { return Ok(spent) };
    spent.into_parts().1.settle()?;
    Err(refusal)
}

/// In so many steps a call is on its way: to the pool, the connection and the kernel.
const STEPS: usize = 4;

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
    /// Meanwhile the gateway is asked for its policies.
    ///
    /// # Errors
    ///
    /// [`Refusal`] when nobody could be asked, or no answer could be recorded.
    pub async fn inquire(&self, asked: Asked, marker: &Marker) -> Result<Inquiry, Refusal> {
        let needed = asked.approvals();
        self.check_enough(needed)?;
        let request = asked.request();
        let repository = Repository::around(request.directory().path(), request.environment());
        let workspace = workspace(request, repository.as_ref());
        let policies = self.call_for_policies(workspace, session(request)).await;
        // Nobody is asked for a decision that could not be recorded.
        self.journal.check()?;
        let now = process::now();
        let inquiry = Inquiry::open(asked, repository, marker, now, &self.terms)?;
        // The connection may be there by now, and the call can go.
        on_its_way().await;
        self.check_passkeys(inquiry.case(), needed)?;
        let inquiry = self.placed(inquiry.with(policies), now)?;
        Ok(match self.journal.doubt() {
            Some(remark) => inquiry.remarked(remark),
            None => inquiry,
        })
    }

    /// Makes sure that as many could approve as must: each by a key of its own.
    fn check_enough(&self, needed: Approvals) -> Result<(), PairingError> {
        match (usize::from(needed), self.count(|_| true)) {
            (_, 0) => Err(PairingError::NotPaired),
            (needed, paired) if paired < needed => Err(PairingError::TooFew { needed, paired }),
            _ => Ok(()),
        }
    }

    /// Makes sure that as many have a passkey as must, where everybody's approval takes one.
    fn check_passkeys(&self, case: &Case, needed: Approvals) -> Result<(), PairingError> {
        let (needed, paired) =
            (usize::from(needed), self.count(|each| each.agreed.passkey.is_some()));
        match Touch::of(case.plaintext()) {
            Touch::OfEverybody if paired < needed => {
                Err(PairingError::NoPasskeys { needed, paired })
            }
            _ => Ok(()),
        }
    }

    /// Counts the keys of such approvers.
    fn count(&self, such: impl Fn(&Pairing) -> bool) -> usize {
        let such = self.approvers().filter(|each| such(each));
        let keys: Vec<_> = such.map(|each| each.agreed.signing_key).collect();
        let different = |(at, key): (usize, _)| !keys[..at].contains(key);
        keys.iter().enumerate().filter(|each| different(*each)).count()
    }

    /// Finds out whether the same was asked before, and joins that.
    fn placed(&self, inquiry: Inquiry, now: Timestamp) -> Result<Inquiry, Refusal> {
        let approvers: Vec<&Pairing> = self.approvers().collect();
        match asked::look_up(self.store.directory(), &inquiry, &approvers) {
            Known::Nothing(place) => Ok(self.seated(inquiry)?.first(place)),
            Known::Unreadable(why) => {
                let remark = format!("the same asked at once cannot join this request: {why}");
                Ok(self.seated(inquiry)?.remarked(remark))
            }
            Known::Asked(question, place) => inquiry.joined(question, place, now),
            Known::Rejected { reason } => Err(Refusal::RejectedBefore { reason }),
        }
    }

    /// Takes a place for one more question of its session. Security 7.2, last row.
    ///
    /// Without a session all commands of the same agent count together.
    fn seated(&self, inquiry: Inquiry) -> Result<Inquiry, Refusal> {
        let environment = inquiry.request().environment();
        let session = request::session(environment).or_else(|| request::agent(environment));
        let session = Sha256Digest::of(session.unwrap_or_default().as_bytes()).to_string();
        let limits = Limits { waiting: self.terms.pending, per_minute: self.terms.per_minute };
        let seat = crowd::enter(self.store.directory(), &session, limits)?;
        Ok(inquiry.seated(seat))
    }

    /// Asks, waits, verifies; a permit only comes out of a verified approval.
    ///
    /// # Errors
    ///
    /// [`Refusal`] by what happened instead. Nothing was executed.
    pub async fn review(
        &self,
        mut inquiry: Inquiry,
        watcher: &mut dyn Watcher,
    ) -> Result<Clearance, Refusal> {
        let deadline = Deadline::after(self.terms.limit);
        // The gateway answers meanwhile which policies it has.
        on_its_way().await;
        let mut cases = self.cases(inquiry.case(), inquiry.question())?;
        crypto::prepare_to_verify();
        let standing = self.standing_answer(&mut inquiry).await;
        if !matches!(standing, Ok(None)) {
            self.take_back_joined(&cases, &mut inquiry).await;
        }
        if let Some(standing) = standing? {
            inquiry.check_unchanged()?;
            return Ok(Permit::from_standing(inquiry, standing).into());
        }
        loop {
            inquiry.open_to_others(question(&cases));
            let agreement = self.ask(&cases, &mut inquiry, watcher).await?;
            let arrived = Arrived::with(&agreement);
            let unchanged = inquiry.check_unchanged();
            kill_point("decided");
            // Also of what must not run any more: what was there may come back.
            let spent = agreement.spend(&self.journal, process::now()).map_err(Refusal::from);
            match spent.and_then(|spent| kept(spent, unchanged)) {
                // Whoever waited for the same decision was faster: it allows one command.
                Err(Refusal::Journal(JournalError::Replayed)) if inquiry.is_shared() => {
                    inquiry.leave(Place::close);
                    let now = process::now();
                    inquiry = self.placed(inquiry.anew(now, deadline.remaining())?, now)?;
                    cases = self.cases(inquiry.case(), inquiry.question())?;
                    watcher.asked_anew(&inquiry);
                }
                Ok(spent) => {
                    kill_point("spent");
                    inquiry.leave(Place::close);
                    return Ok(Permit::from_approval(inquiry, spent));
                }
                Err(refusal) => {
                    // Whoever else waited for the same decision may have used it, or will.
                    let is_used_up = match &refusal {
                        Refusal::Journal(JournalError::Replayed) => false,
                        Refusal::Journal(_) => !inquiry.is_shared(),
                        _ => true,
                    };
                    if is_used_up {
                        watcher.approved_in_vain(arrived.decisions(), &refusal);
                    }
                    inquiry.leave(Place::close);
                    self.acknowledge(arrived).await;
                    return Err(refusal);
                }
            }
        }
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
        marker: &Marker,
    ) -> Result<GrantInquiry, GrantError> {
        self.approvers().next().ok_or(PairingError::NotPaired)?;
        self.journal.check()?;
        let enforcer = &self.identity.enforcer_id;
        let inquiry = GrantInquiry::open(request, proposal, marker, enforcer, &self.terms)?;
        self.check_passkeys(inquiry.case(), Approvals::ONE)?;
        Ok(inquiry)
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
        let cases = self.cases(inquiry.case(), None)?;
        let agreement = self.round(&cases)?.conduct(None, watcher).await?;
        let (decisions, unsettled) = agreement.spend(&self.journal, process::now())?.into_parts();
        unsettled.settle()?;
        let decision = decisions.into_iter().next().expect("an agreement holds an approval");
        // Each approver had an artifact of its own: what one of them signed is kept.
        let signed = inquiry.case().for_request(decision.request_id.clone())?;
        Ok(StoredGrant::new(signed.plaintext(), decision))
    }

    /// Asks every approver about a command and waits until enough have approved it.
    async fn ask(
        &self,
        cases: &[Sealed<'_>],
        inquiry: &mut Inquiry,
        watcher: &mut dyn Watcher,
    ) -> Result<Agreement, Refusal> {
        let outcome = self.round(cases)?.conduct(inquiry.place(), watcher).await;
        match &outcome {
            Err(Refusal::Rejected { reason, .. }) => {
                inquiry.leave(|place| place.reject(reason.clone(), process::now()));
            }
            // Another process may wait for the same; the last one closes the door.
            Err(refusal) if inquiry.place().is_some_and(Place::is_last) => {
                if let Refusal::TooLate { decision: Some(decision), .. } = refusal {
                    watcher.approved_in_vain(slice::from_ref(decision), refusal);
                }
                inquiry.leave(Place::close);
            }
            _ => {}
        }
        outcome
    }

    /// Begins to ask the approvers of the cases.
    fn round<'a>(&'a self, cases: &'a [Sealed<'a>]) -> Result<Round<'a>, Refusal> {
        let limit = cases.first().map_or(self.terms.limit, |each| each.case.limit());
        Round::new(self, cases, limit)
    }

    /// Returns the sealed case of each approver, with the requests of a question that was put.
    fn cases(&self, case: &Case, question: Option<&Question>) -> Result<Vec<Sealed<'_>>, Refusal> {
        let requests = question.map(|question| &question.requests[..]);
        let each = |(index, pairing): (usize, _)| {
            let asked = requests.and_then(|requests| requests.get(index));
            let id = match asked {
                Some((_, id)) => id.clone(),
                None if index == 0 => case.request_id().clone(),
                None => case.another_id()?,
            };
            Sealed::of(case.for_request(id)?, pairing)
        };
        let cases: Vec<Sealed<'_>> =
            self.approvers().enumerate().map(each).collect::<Result<_, Refusal>>()?;
        if cases.is_empty() { Err(PairingError::NotPaired.into()) } else { Ok(cases) }
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
        let gateway = self.pairings.first().map(|each| each.agreed.gateway_id.clone());
        let gateway = gateway.unwrap_or_default();
        Presence::new(
            self.enforcer.clone(),
            gateway,
            sign,
            self.store.clone(),
            self.terms.heartbeat,
        )
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

/// Lets what was just started get as far as it can without waiting: a call over a
/// connection that is there is written.
async fn on_its_way() {
    for _ in 0..STEPS {
        tokio::task::yield_now().await;
    }
}

/// Says what others may join.
fn question(cases: &[Sealed<'_>]) -> Question {
    let request = |each: &Sealed<'_>| {
        (each.pairing.agreed.pairing_nonce.clone(), each.case.request_id().clone())
    };
    let first = &cases[0].case;
    Question {
        created_at: first.created_at(),
        expires_at: first.expires_at(),
        requests: cases.iter().map(request).collect(),
    }
}
