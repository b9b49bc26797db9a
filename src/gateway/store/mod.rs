//! Keeps everything that must outlive the process, in `SQLite`.
//!
//! Each change is one transaction, on disk before it is acknowledged (WAL with
//! `synchronous=FULL`). One connection writes, so writers queue here and never
//! meet as "busy" inside the database; a few others read.

mod decisions;
mod exchanges;
mod inbox;
mod open;
mod owners;
mod pairings;
mod policies;
mod presence;
mod routing;
mod sessions;
mod tokens;
mod upkeep;

pub(super) use decisions::Verdict;
pub(super) use exchanges::{Exchange, Submission, Submitted};
pub(super) use inbox::Folder;
pub(super) use open::{DATABASE, create_private};
pub(super) use pairings::{Ended, PairingKey, Revocation};
pub(super) use policies::Policy;
pub(super) use presence::Presence;
pub(super) use routing::Route;
pub(super) use sessions::{Claim, Completion, Session};

use sqlx::sqlite::Sqlite;
use sqlx::{SqlitePool, Transaction};

/// The database of one gateway.
#[derive(Debug, Clone)]
pub(super) struct Store {
    writer: SqlitePool,
    reader: SqlitePool,
    gateway_id: String,
}

impl Store {
    /// Returns the stable random name of this gateway.
    pub(super) fn gateway_id(&self) -> &str {
        &self.gateway_id
    }

    /// Begins a change. Nobody else writes until it ends.
    async fn change(&self) -> sqlx::Result<Transaction<'static, Sqlite>> {
        self.writer.begin_with("BEGIN IMMEDIATE").await
    }

    /// Ends all connections, which folds the log into the database.
    pub(super) async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }
}
