//! Copies of a database that is a file.

use super::Store;
use super::open::options;
use crate::gateway::error::OpenError;
use sqlx::{AnyConnection, Connection as _};
use std::path::Path;

/// Writes what is in the database now to that file, which is there and empty, while
/// others read and write the database.
pub(in crate::gateway) async fn copy_into(database: &Path, file: &Path) -> Result<(), OpenError> {
    let name = database.display().to_string();
    let refused = |source| OpenError::database(&name, source);
    let mut connection = AnyConnection::connect_with(&options(database)?).await.map_err(refused)?;
    let text = file.to_str().ok_or_else(|| {
        refused(sqlx::Error::Configuration("the name of the copy is not UTF-8".into()))
    })?;
    let copied = sqlx::query("VACUUM INTO $1").bind(text).execute(&mut connection).await;
    // Reading has changed nothing.
    let _ = connection.close().await;
    copied.map(|_| ()).map_err(refused)
}

/// Finds whether every page of that database is good.
pub(in crate::gateway) async fn check_whole(database: &Path) -> Result<(), OpenError> {
    let name = database.display().to_string();
    let refused = |source| OpenError::database(&name, source);
    let mut connection = AnyConnection::connect_with(&options(database)?).await.map_err(refused)?;
    let checked: sqlx::Result<String> =
        sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_one(&mut connection).await;
    // Reading has changed nothing.
    let _ = connection.close().await;
    match checked.map_err(refused)? {
        detail if detail == "ok" => Ok(()),
        detail => Err(OpenError::Corrupt { database: name, detail }),
    }
}

impl Store {
    /// Cancels everything that waits in a database nobody serves, and returns how much
    /// that was.
    pub(in crate::gateway) async fn cancel_everything(&self, now: i64) -> sqlx::Result<u64> {
        let mut change = self.change().await?;
        let cancelled = sqlx::query(
            "UPDATE exchanges SET state = 'cancelled', ended_at = $1
             WHERE state = 'pendingApproval'",
        )
        .bind(now)
        .execute(&mut *change)
        .await?;
        // Codes and bearers of then may have been used up, or revoked, since.
        for given in ["DELETE FROM page_given", "DELETE FROM page_sessions"] {
            sqlx::query(given).execute(&mut *change).await?;
        }
        change.commit().await?;
        Ok(cancelled.rows_affected())
    }
}
