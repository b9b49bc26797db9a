//! Decisions, each taken once.

use super::Store;
use super::exchanges::visible;
use super::owners::owned;
use crate::gateway::news::News;
use crate::gateway::principal::Principal;
use crate::gateway::refusal::Refusal;

/// A decision as it arrives; whether its signature holds is not ours to judge.
#[derive(Debug)]
pub(in crate::gateway) struct Verdict {
    pub(in crate::gateway) request_id: String,
    pub(in crate::gateway) approver_id: String,
    pub(in crate::gateway) artifact_hash: String,
    /// The body in one fixed form, so that equal decisions are equal bytes.
    pub(in crate::gateway) decision: String,
    pub(in crate::gateway) message_id: String,
}

impl Store {
    /// Takes the decision of an exchange. The same one again is no error.
    pub(in crate::gateway) async fn decide(
        &self,
        principal: Principal,
        verdict: Verdict,
        now: i64,
    ) -> Result<(), Refusal> {
        let mut change = self.change_of(&verdict.request_id).await?;
        let owner = sqlx::query_scalar("SELECT token_id FROM approvers WHERE approver_id = $1")
            .bind(&verdict.approver_id)
            .fetch_optional(&mut *change)
            .await?;
        owned(owner, principal.token_id)?;
        let exchange = visible(&mut change, principal, &verdict.request_id).await?;
        if exchange.approver_id != verdict.approver_id {
            return Err(Refusal::UnknownExchange);
        }
        if exchange.artifact_hash != verdict.artifact_hash {
            return Err(Refusal::HashMismatch);
        }
        if exchange.decision.as_ref() == Some(&verdict.decision) {
            // Perhaps it is only in the commit that is under way.
            return Ok(change.commit().await?);
        }
        if let Err(refusal) = exchange.must_wait(now) {
            return Err(change.refused(refusal).await?);
        }
        sqlx::query(
            "UPDATE exchanges SET state = 'decided', decision = $1, decision_message_id = $2,
                 ended_at = $3
             WHERE request_id = $4 AND state = 'pendingApproval'",
        )
        .bind(&verdict.decision)
        .bind(&verdict.message_id)
        .bind(now)
        .bind(&verdict.request_id)
        .execute(&mut *change)
        .await?;
        let Verdict { request_id, approver_id, .. } = verdict;
        change.tell(News::Decided { request_id, approver_id }).await?;
        Ok(change.commit().await?)
    }
}
