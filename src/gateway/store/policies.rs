//! Do-not-disturb policies.

use super::Store;
use super::owners::owned;
use crate::gateway::refusal::Refusal;

impl Store {
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
        let owner = sqlx::query_scalar("SELECT token_id FROM enforcers WHERE enforcer_id = ?")
            .bind(enforcer_id)
            .fetch_optional(&self.reader)
            .await?;
        if !owned(owner, token_id)? {
            return Ok(Vec::new());
        }
        Ok(sqlx::query_scalar(
            "SELECT policy FROM dnd_policies
             WHERE enforcer_id = ? AND workspace_id = ?
               AND (session_id IS NULL OR session_id = ?) AND expires_at > ?
             ORDER BY policy_id",
        )
        .bind(enforcer_id)
        .bind(workspace_id)
        .bind(session_id)
        .bind(now)
        .fetch_all(&self.reader)
        .await?)
    }
}
