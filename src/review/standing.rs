//! Standing answers: do-not-disturb policies, which nobody signed.
//!
//! A denial is always honoured: it can only keep a command from running. An approval
//! counts only where the user trusts the gateway with that, and only when the gateway
//! took the record of it. Whatever cannot be read or fetched in time is no policy, and
//! a person decides. Protocol section 7.

use super::artifact::Inquiry;
use super::asked::Place;
use super::exchange::Exchange;
use super::round::WITHDRAW_BUDGET;
use super::sealed::Sealed;
use super::touch::Touch;
use super::turn::Turns;
use super::{Refusal, Reviewer, on_its_way};
use crate::client::TransportError;
use crate::process::{self, Deadline};
use crate::protocol::artifact::ArtifactKind;
use crate::protocol::dnd::{DndPolicy, Occasion, PolicyMode, effective};
use crate::protocol::{RequestId, SessionId};
use futures_util::future::join_all;
use jiff::Timestamp;
use std::time::Duration;
use tokio::task::JoinHandle;

/// How long asking for policies, and recording what they decided, may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long the record of such a decision stays at the gateway.
const AUDIT_LIFETIME: Duration = Duration::from_mins(1);

/// What a do-not-disturb policy may do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum StandingRule {
    /// Deny; what it would approve is asked about all the same.
    #[default]
    DenyOnly,
    /// Approve, too: the user trusts the gateway with that.
    ApproveToo,
}

/// An approval by a policy that the user lets approve, and that the gateway took the
/// record of.
#[derive(Debug)]
pub(super) struct StandingApproval {
    policy: RequestId,
}

impl StandingApproval {
    /// Returns the policy.
    pub(super) fn into_policy(self) -> RequestId {
        self.policy
    }
}

/// A call for the policies of the gateway, which is on its way.
#[derive(Debug)]
pub(super) struct PolicyCall {
    /// Those of this place are asked for.
    workspace: String,
    /// And those of this session, which the artifact names too.
    session: Option<SessionId>,
    answer: JoinHandle<Result<Vec<DndPolicy>, TransportError>>,
}

impl Reviewer {
    /// Asks the gateway for the policies that hold where a request comes from, and lets
    /// that get on its way: what follows takes a while and waits for nothing.
    pub(super) async fn call_for_policies(
        &self,
        workspace: String,
        session: Option<SessionId>,
    ) -> PolicyCall {
        let workspace = self.terms.workspace.clone().unwrap_or(workspace);
        let (enforcer, place) = (self.enforcer.clone(), (workspace.clone(), session.clone()));
        let enforcer_id = self.identity.enforcer_id.clone();
        let answer = tokio::spawn(async move {
            let (workspace, session) = place;
            enforcer.dnd_policies(&enforcer_id, &workspace, session.as_ref()).await
        });
        on_its_way().await;
        PolicyCall { workspace, session, answer }
    }

    /// Returns the answer of a policy, when one is to be followed.
    ///
    /// # Errors
    ///
    /// [`Refusal::DeniedByPolicy`].
    pub(super) async fn standing_answer(
        &self,
        inquiry: &mut Inquiry,
    ) -> Result<Option<StandingApproval>, Refusal> {
        let Some(PolicyCall { workspace, session, mut answer }) = inquiry.take_policies() else {
            return Ok(None);
        };
        // From now on: however long it took to compose the request, a denial is heard.
        let policies = match tokio::time::timeout(PATIENCE, &mut answer).await {
            Ok(Ok(Ok(policies))) => policies,
            Ok(Ok(Err(error))) => {
                tracing::info!(%error, "no do-not-disturb policies are known");
                return Ok(None);
            }
            Ok(Err(_)) => return Ok(None),
            Err(_) => {
                answer.abort();
                return Ok(None);
            }
        };
        let enforcer_id = &self.identity.enforcer_id;
        let occasion = Occasion {
            enforcer_id,
            workspace_id: &workspace,
            session_id: session.as_ref(),
            artifact_type: ArtifactKind::CommandReview.name(),
            argv: &inquiry.words(),
            now: process::now(),
        };
        match effective(&policies, &occasion) {
            Some(policy) => self.follow(policy, inquiry).await,
            None => Ok(None),
        }
    }

    async fn follow(
        &self,
        policy: &DndPolicy,
        inquiry: &Inquiry,
    ) -> Result<Option<StandingApproval>, Refusal> {
        let id = policy.request_id.clone();
        match policy.policy_mode {
            PolicyMode::DenyAll => {
                self.record(inquiry, "deny").await;
                Err(Refusal::DeniedByPolicy { policy: id, until: policy.expires_at })
            }
            // Nobody signs it, so it is no approval of several people.
            PolicyMode::ApproveAll if inquiry.approvals().are_several() => Ok(None),
            // Nor does anybody touch a passkey for it.
            PolicyMode::ApproveAll if self.takes_touch(inquiry) => Ok(None),
            PolicyMode::ApproveAll if self.terms.standing == StandingRule::ApproveToo => {
                let recorded = self.record(inquiry, "approve").await;
                Ok(recorded.then_some(StandingApproval { policy: id }))
            }
            PolicyMode::ApproveAll => Ok(None),
        }
    }

    /// Takes back a question that this command joined and that nobody else waits for: a
    /// policy answered it.
    pub(super) async fn take_back_joined(&self, cases: &[Sealed<'_>], inquiry: &mut Inquiry) {
        let is_ours = inquiry.question().is_some() && inquiry.place().is_some_and(Place::is_last);
        if !is_ours {
            return;
        }
        let deadline = Deadline::after(WITHDRAW_BUDGET);
        let taken_back = cases.iter().map(async |sealed| {
            let turn = Turns::new(Vec::new(), Duration::ZERO).of(0);
            Exchange::new(self, sealed, deadline, turn).put_before().withdraw().await
        });
        if tokio::time::timeout(WITHDRAW_BUDGET, join_all(taken_back)).await.is_err() {
            tracing::warn!("a request that a policy answered stays open until it expires");
        }
        inquiry.leave(Place::close);
    }

    /// Tells whether somebody must touch a passkey to approve it.
    fn takes_touch(&self, inquiry: &Inquiry) -> bool {
        match inquiry.touch() {
            Touch::NotAsked => false,
            Touch::OfPasskeys => self.approvers().any(|each| each.agreed.passkey.is_some()),
            Touch::OfEverybody => true,
        }
    }

    /// Tells every approver what was decided without them, and whether one can know.
    async fn record(&self, inquiry: &Inquiry, decision: &'static str) -> bool {
        let deadline = Deadline::after(PATIENCE);
        let mut recorded = false;
        for pairing in self.approvers() {
            let case = inquiry.case();
            let case = case.another_id().and_then(|id| case.for_request(id));
            let Ok(sealed) = case.and_then(|case| Sealed::of(case, pairing)) else { continue };
            let turn = Turns::new(Vec::new(), Duration::ZERO).of(0);
            let exchange = Exchange::new(self, &sealed, deadline, turn);
            let told = exchange.tell(decision, expiry());
            match tokio::time::timeout(deadline.remaining(), told).await {
                Ok(Ok(())) => recorded = true,
                Ok(Err(error)) => tracing::warn!(%error, "a standing answer was not recorded"),
                Err(_) => tracing::warn!("a standing answer was not recorded in time"),
            }
        }
        recorded
    }
}

fn expiry() -> Timestamp {
    let now = process::now();
    now.checked_add(AUDIT_LIFETIME).unwrap_or(now)
}
