//! Do-not-disturb policies.

use super::Store;
use super::owners::owned;
use crate::gateway::limits::POLICIES_PER_ENFORCER;
use crate::gateway::refusal::Refusal;

/// A policy as it is stored.
#[derive(Debug)]
pub(in crate::gateway) struct Policy {
    pub(in crate::gateway) id: String,
    pub(in crate::gateway) enforcer_id: String,
    pub(in crate::gateway) workspace_id: String,
    pub(in crate::gateway) session_id: Option<String>,
    pub(in crate::gateway) text: String,
    pub(in crate::gateway) expires_at: i64,
}

impl Store {
    /// Keeps a policy for an enforcer that one of the token's approvers is paired with.
    pub(in crate::gateway) async fn set_policy(
        &self,
        token_id: i64,
        policy: Policy,
        now: i64,
    ) -> Result<(), Refusal> {
        let mut change = self.change().await?;
        sqlx::query("DELETE FROM dnd_policies WHERE expires_at <= $1")
            .bind(now)
            .execute(&mut *change)
            .await?;
        let kept: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM dnd_policies WHERE enforcer_id = $1 AND policy_id <> $2",
        )
        .bind(&policy.enforcer_id)
        .bind(&policy.id)
        .fetch_one(&mut *change)
        .await?;
        if kept >= POLICIES_PER_ENFORCER {
            return Err(Refusal::TooManyPolicies);
        }
        // One that somebody else set is not there for this token.
        let set = sqlx::query(
            "INSERT INTO dnd_policies
                 (policy_id, enforcer_id, workspace_id, session_id, policy, expires_at)
             SELECT $2, $3, $4, $5, $6, $7 WHERE $3 IN (
                 SELECT pairings.enforcer_id FROM pairings JOIN approvers USING (approver_id)
                 WHERE approvers.token_id = $1
                   AND routing_token IS NOT NULL AND revoked_at IS NULL)
             ON CONFLICT (policy_id) DO UPDATE SET
                 workspace_id = excluded.workspace_id, session_id = excluded.session_id,
                 policy = excluded.policy, expires_at = excluded.expires_at
             WHERE dnd_policies.enforcer_id = excluded.enforcer_id",
        )
        .bind(token_id)
        .bind(&policy.id)
        .bind(&policy.enforcer_id)
        .bind(&policy.workspace_id)
        .bind(&policy.session_id)
        .bind(&policy.text)
        .bind(policy.expires_at)
        .execute(&mut *change)
        .await?;
        if set.rows_affected() == 0 {
            return Err(Refusal::UnknownPairing);
        }
        Ok(change.commit().await?)
    }

    /// Lists the policies for the enforcers of the token's approvers, as stored JSON.
    pub(in crate::gateway) async fn policies(
        &self,
        token_id: i64,
        now: i64,
    ) -> Result<Vec<String>, Refusal> {
        Ok(sqlx::query_scalar(
            "SELECT policy FROM dnd_policies WHERE expires_at > $2 AND enforcer_id IN (
                 SELECT pairings.enforcer_id FROM pairings JOIN approvers USING (approver_id)
                 WHERE approvers.token_id = $1
                   AND routing_token IS NOT NULL AND revoked_at IS NULL)
             ORDER BY policy_id",
        )
        .bind(token_id)
        .bind(now)
        .fetch_all(&self.readers)
        .await?)
    }

    /// Ends a policy for an enforcer of the token's approvers.
    pub(in crate::gateway) async fn end_policy(
        &self,
        token_id: i64,
        policy_id: &str,
    ) -> Result<(), Refusal> {
        let mut change = self.change().await?;
        let ended = sqlx::query(
            "DELETE FROM dnd_policies WHERE policy_id = $2 AND enforcer_id IN (
                 SELECT pairings.enforcer_id FROM pairings JOIN approvers USING (approver_id)
                 WHERE approvers.token_id = $1
                   AND routing_token IS NOT NULL AND revoked_at IS NULL)",
        )
        .bind(token_id)
        .bind(policy_id)
        .execute(&mut *change)
        .await?;
        if ended.rows_affected() == 0 {
            return Err(Refusal::UnknownPolicy);
        }
        Ok(change.commit().await?)
    }

    /// Lists the policies that hold for this enforcer now, as stored JSON.
    ///
    /// A policy without a session holds in all of them.
    pub(in crate::gateway) async fn effective_policies(
        &self,
        token_id: i64,
        enforcer_id: &str,
        workspace_id: &str,
        session_id: Option<&str>,
        now: i64,
    ) -> Result<Vec<String>, Refusal> {
        let owner = sqlx::query_scalar("SELECT token_id FROM enforcers WHERE enforcer_id = $1")
            .bind(enforcer_id)
            .fetch_optional(&self.readers)
            .await?;
        if !owned(owner, token_id)? {
            return Ok(Vec::new());
        }
        Ok(sqlx::query_scalar(
            "SELECT policy FROM dnd_policies
             WHERE enforcer_id = $1 AND workspace_id = $2
               AND (session_id IS NULL OR session_id = $3) AND expires_at > $4
             ORDER BY policy_id",
        )
        .bind(enforcer_id)
        .bind(workspace_id)
        .bind(session_id)
        .bind(now)
        .fetch_all(&self.readers)
        .await?)
    }
}
