//! An identifier belongs to the token that first used it.

use crate::gateway::limits::IDENTIFIERS_PER_TOKEN;
use crate::gateway::refusal::Refusal;
use sqlx::AnyConnection;

/// Takes the enforcer's identifier for the token, or finds that it has it.
pub(super) async fn own_enforcer(
    connection: &mut AnyConnection,
    enforcer_id: &str,
    token_id: i64,
) -> Result<(), Refusal> {
    let owner = sqlx::query_scalar("SELECT token_id FROM enforcers WHERE enforcer_id = $1")
        .bind(enforcer_id)
        .fetch_optional(&mut *connection)
        .await?;
    if owned(owner, token_id)? {
        return Ok(());
    }
    let added = sqlx::query(
        "INSERT INTO enforcers (enforcer_id, token_id)
         SELECT $1, $2 WHERE (SELECT count(*) FROM enforcers WHERE token_id = $2) < $3",
    )
    .bind(enforcer_id)
    .bind(token_id)
    .bind(IDENTIFIERS_PER_TOKEN)
    .execute(connection)
    .await?;
    within_bound(added.rows_affected())
}

/// Takes the approver's identifier for the token, or finds that it has it.
pub(super) async fn own_approver(
    connection: &mut AnyConnection,
    approver_id: &str,
    token_id: i64,
) -> Result<(), Refusal> {
    let owner = sqlx::query_scalar("SELECT token_id FROM approvers WHERE approver_id = $1")
        .bind(approver_id)
        .fetch_optional(&mut *connection)
        .await?;
    if owned(owner, token_id)? {
        return Ok(());
    }
    let added = sqlx::query(
        "INSERT INTO approvers (approver_id, token_id)
         SELECT $1, $2 WHERE (SELECT count(*) FROM approvers WHERE token_id = $2) < $3",
    )
    .bind(approver_id)
    .bind(token_id)
    .bind(IDENTIFIERS_PER_TOKEN)
    .execute(connection)
    .await?;
    within_bound(added.rows_affected())
}

/// Tells whether the token has it already; somebody else's is refused.
pub(super) fn owned(owner: Option<i64>, token_id: i64) -> Result<bool, Refusal> {
    match owner {
        Some(owner) if owner == token_id => Ok(true),
        Some(_) => Err(Refusal::ForeignIdentifier),
        None => Ok(false),
    }
}

fn within_bound(added: u64) -> Result<(), Refusal> {
    if added == 0 { Err(Refusal::TooManyIdentifiers) } else { Ok(()) }
}
