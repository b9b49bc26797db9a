//! Submissions: an artifact comes, and an exchange begins.

use super::Store;
use super::change::Writer;
use super::group::Taken;
use super::owners::own_enforcer;
use super::routing::{Route, destination};
use crate::gateway::limits::PENDING_PER_PAIRING;
use crate::gateway::news::News;
use crate::gateway::refusal::Refusal;
use sqlx::any::AnyArguments;
use sqlx::query::QueryAs;
use sqlx::{Any, AnyConnection};
use std::collections::HashMap;
use std::sync::LazyLock;

/// An artifact as it arrives, its metadata already without routing.
#[derive(Debug)]
pub(in crate::gateway) struct Submission {
    /// The token of whoever submits it.
    pub(in crate::gateway) token_id: i64,
    pub(in crate::gateway) request_id: String,
    pub(in crate::gateway) artifact_hash: String,
    pub(in crate::gateway) artifact_type: String,
    pub(in crate::gateway) ciphertext: String,
    pub(in crate::gateway) metadata: String,
    pub(in crate::gateway) enforcer_id: String,
    pub(in crate::gateway) route: Route,
    pub(in crate::gateway) created_at: i64,
    pub(in crate::gateway) expires_at: i64,
}

/// What a submission was.
#[derive(Debug)]
pub(in crate::gateway) enum Submitted {
    /// A new exchange, on its way to its approver.
    New,
    /// The same as one we have.
    Again,
}

impl Store {
    /// Takes an artifact. Idempotent by `(requestId, artifactHash)`.
    ///
    /// Spec: HARP-GATEWAY 2.2; protocol.md section 4.
    pub(in crate::gateway) async fn submit(
        &self,
        submission: Submission,
    ) -> Result<Submitted, Refusal> {
        let Writer::Group(group) = &self.writer else {
            return self.submit_step_by_step(submission).await;
        };
        let request_id = submission.request_id.clone();
        match group.submit(submission).await? {
            Taken::To(approver_id) => {
                self.audience.changed(&News::Asked { request_id, approver_id });
                Ok(Submitted::New)
            }
            Taken::Unusual(submission) => self.submit_step_by_step(*submission).await,
        }
    }

    /// Takes an artifact, or finds out why not.
    async fn submit_step_by_step(&self, submission: Submission) -> Result<Submitted, Refusal> {
        let token_id = submission.token_id;
        let mut change = self.change_of(&submission.request_id).await?;
        let known: Option<(String, i64)> = sqlx::query_as(
            "SELECT artifact_hash, token_id FROM exchanges JOIN enforcers USING (enforcer_id)
             WHERE request_id = $1",
        )
        .bind(&submission.request_id)
        .fetch_optional(&mut *change)
        .await?;
        match known {
            Some((hash, owner)) if owner == token_id && hash == submission.artifact_hash => {
                // Perhaps it is only in the commit that is under way.
                change.commit().await?;
                return Ok(Submitted::Again);
            }
            Some(_) => return Err(change.refused(Refusal::RequestIdTaken).await?),
            None => {}
        }
        own_enforcer(&mut change, &submission.enforcer_id, token_id).await?;
        if submission.expires_at <= submission.created_at {
            return Err(Refusal::ExpiredOnArrival);
        }
        let to = destination(&mut change, &submission.enforcer_id, &submission.route).await?;
        if to.is_first_use(&submission.route) {
            // Who is paired with whom is another change, and excludes others.
            drop(change);
            self.settle(&to.nonce, submission.created_at).await?;
            return Box::pin(self.submit_step_by_step(submission)).await;
        }
        // One after another for each approver, so that positions are in the order in
        // which they can be seen: who reads on after one has missed nothing.
        change.exclude(&to.approver_id).await?;
        if pending(&mut change, &to.nonce).await? >= PENDING_PER_PAIRING {
            return Err(Refusal::TooManyPending);
        }
        insert(&mut change, &submission, &to.nonce, &to.approver_id).await?;
        let request_id = submission.request_id;
        change.tell(News::Asked { request_id, approver_id: to.approver_id }).await?;
        change.commit().await?;
        Ok(Submitted::New)
    }
}

async fn pending(connection: &mut AnyConnection, nonce: &str) -> Result<i64, Refusal> {
    Ok(sqlx::query_scalar(
        "SELECT count(*) FROM exchanges WHERE pairing_nonce = $1 AND state = 'pendingApproval'",
    )
    .bind(nonce)
    .fetch_one(connection)
    .await?)
}

async fn insert(
    connection: &mut AnyConnection,
    submission: &Submission,
    nonce: &str,
    approver_id: &str,
) -> Result<(), Refusal> {
    sqlx::query(
        "INSERT INTO exchanges (request_id, artifact_hash, artifact_type, ciphertext,
             metadata, enforcer_id, approver_id, pairing_nonce, created_at, expires_at, state)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'pendingApproval')",
    )
    .bind(&submission.request_id)
    .bind(&submission.artifact_hash)
    .bind(&submission.artifact_type)
    .bind(&submission.ciphertext)
    .bind(&submission.metadata)
    .bind(&submission.enforcer_id)
    .bind(approver_id)
    .bind(nonce)
    .bind(submission.created_at)
    .bind(submission.expires_at)
    .execute(connection)
    .await?;
    Ok(())
}

/// How many submissions one statement takes at most; a power of two.
pub(super) const IN_STATEMENT: usize = 32;

/// The statements that take 1, 2, 4 and so on, up to [`IN_STATEMENT`].
static STATEMENTS: LazyLock<Vec<String>> =
    LazyLock::new(|| (0..=IN_STATEMENT.ilog2()).map(|power| statement(1 << power)).collect());

/// Takes those of the submissions that are as most are: new, through a live pairing named
/// by its routing token and not for the first time, within the bound. Returns of each whom it goes to. No two may
/// name the same request or routing token: a statement does not see what it adds itself.
pub(super) async fn usual(
    connection: &mut AnyConnection,
    submissions: &[&Submission],
) -> sqlx::Result<Vec<Option<String>>> {
    let mut taken: HashMap<String, String> = HashMap::new();
    let mut rest = submissions;
    while !rest.is_empty() {
        // Few numbers of rows, so that each has a statement that is prepared already.
        let power = rest.len().min(IN_STATEMENT).ilog2();
        let (now, later) = rest.split_at(1 << power);
        let statement = usize::try_from(power).ok().and_then(|power| STATEMENTS.get(power));
        let statement = statement.expect("there is one of each power up to the most");
        let rows: Vec<(String, String)> = bound(statement, now).fetch_all(&mut *connection).await?;
        taken.extend(rows);
        rest = later;
    }
    Ok(submissions.iter().map(|each| taken.remove(&each.request_id)).collect())
}

/// Writes the statement that takes so many.
fn statement(together: usize) -> String {
    const COLUMNS: usize = 10;
    let row = |number: usize| {
        let parameters = (1..=COLUMNS).map(|column| format!("${}", number * COLUMNS + column));
        format!("({})", parameters.collect::<Vec<_>>().join(","))
    };
    let rows: Vec<String> = (0..together).map(row).collect();
    format!(
        "INSERT INTO exchanges (request_id, artifact_hash, artifact_type, ciphertext,
             metadata, enforcer_id, approver_id, pairing_nonce, created_at, expires_at, state)
         SELECT column1, column2, column3, column4, column5, column6, approver_id, nonce,
             column7, column8, 'pendingApproval'
         FROM (VALUES {}) CROSS JOIN pairings
         WHERE routing_token = column9 AND enforcer_id = column6 AND revoked_at IS NULL
           AND kept_at IS NOT NULL AND column8 > column7
           AND column10 = (SELECT token_id FROM enforcers WHERE enforcers.enforcer_id = column6)
           AND {PENDING_PER_PAIRING} >
               (SELECT count(*) FROM exchanges
                WHERE pairing_nonce = pairings.nonce AND state = 'pendingApproval')
         ON CONFLICT DO NOTHING RETURNING request_id, approver_id",
        rows.join(",")
    )
}

/// Gives the statement what it takes.
fn bound<'q>(
    statement: &'static str,
    submissions: &[&'q Submission],
) -> QueryAs<'q, Any, (String, String), AnyArguments> {
    submissions.iter().fold(sqlx::query_as(statement), |query, submission| {
        query
            .bind(&submission.request_id)
            .bind(&submission.artifact_hash)
            .bind(&submission.artifact_type)
            .bind(&submission.ciphertext)
            .bind(&submission.metadata)
            .bind(&submission.enforcer_id)
            .bind(submission.created_at)
            .bind(submission.expires_at)
            .bind(&submission.route.routing_token)
            .bind(submission.token_id)
    })
}
