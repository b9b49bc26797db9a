//! Keeps everything that must outlive the process, in `SQLite` or `PostgreSQL`.
//!
//! Each change is on disk before it is acknowledged. With `SQLite` one connection
//! writes, so writers queue here and never meet as "busy" inside the database; a few
//! others read. With `PostgreSQL` any number of gateways share what is stored, and a
//! change says what it excludes meanwhile.
//!
//! There is one text of each query, in the SQL both speak. To add one:
//!
//! - Number the parameters: `$1`. Bind `i64`, text and `&[u8]`; times are milliseconds.
//! - Read through `self.readers`. Change through `self.change()`, which nobody else
//!   does meanwhile, or, for what happens often, `self.change_of(request_id)`.
//! - `RETURNING`, `ON CONFLICT`, `coalesce`, `CASE` are common; `max(a, b)`, `INSERT OR`
//!   and columns of type boolean are not.
//! - A new table or column is a file of the same name in both `migrations/sqlite` and
//!   `migrations/postgres`.
//! - Whom a change concerns hears of it, at every node, with `change.tell(news)`.

mod attention;
mod browsers;
mod change;
mod copies;
mod decisions;
mod exchanges;
mod follow;
mod group;
mod inbox;
mod open;
mod owners;
mod page;
mod pairings;
mod policies;
mod postgres;
mod presence;
mod recent;
mod routing;
mod sessions;
mod settle;
mod submissions;
mod tokens;
mod upkeep;

pub(super) use browsers::Browser;
pub(super) use copies::{check_whole, copy_into};
pub(super) use decisions::Verdict;
pub(super) use exchanges::Exchange;
pub(super) use follow::{FollowUp, Side, Told};
pub(super) use inbox::Folder;
pub(super) use open::{create_private, database_in};
pub(super) use pairings::{PairingKey, PairingRow, Revocation};
pub(super) use policies::Policy;
pub(super) use presence::Presence;
pub(super) use routing::Route;
pub(super) use sessions::{Claim, Completion, Session};
pub(super) use submissions::{Submission, Submitted};
pub(super) use tokens::TokenLine;
pub(super) use upkeep::Rest;

use super::error::OpenError;
use super::limits::READY_TIME;
use super::news::Audience;
use super::refusal::Refusal;
use super::server::{GatewayOptions, StoreAddress};
use change::Writer;
use jiff::Timestamp;
use sqlx::AnyPool;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// What is stored, and where.
#[derive(Debug)]
pub(super) struct Store {
    writer: Writer,
    readers: AnyPool,
    /// Everybody at this node who is told what changes.
    pub(super) audience: Arc<Audience>,
    gateway_id: String,
    /// How far the clock of the database is ahead of ours, in milliseconds.
    ahead: AtomicI64,
    /// The database for people, without a password.
    name: String,
}

impl Store {
    /// Opens what those options name, making or upgrading it.
    pub(super) async fn at(options: &GatewayOptions) -> Result<Self, OpenError> {
        match &options.store {
            StoreAddress::Directory(directory) => Self::open(directory).await,
            StoreAddress::Postgres(url) => Self::connect(url, options.clock).await,
        }
    }

    /// Returns the stable random name of this gateway: of all its nodes.
    pub(super) fn gateway_id(&self) -> &str {
        &self.gateway_id
    }

    /// Returns what people call the database; there is no password in it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Returns what time it is in milliseconds since 1970 by the clock of the database,
    /// when ours says that.
    ///
    /// Nodes whose clocks differ agree by it. A file has no clock of its own.
    pub(super) fn time(&self, ours: Timestamp) -> i64 {
        ours.as_millisecond().saturating_add(self.ahead.load(Ordering::Relaxed))
    }

    /// Finds whether requests can be served: the database answers in time, and its tables
    /// are those of this release.
    pub(super) async fn ready(&self) -> Result<(), Refusal> {
        let step = async {
            sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations")
                .fetch_one(&self.readers)
                .await
        };
        let step: Option<i64> = tokio::time::timeout(READY_TIME, step)
            .await
            .map_err(|_| Refusal::Store(sqlx::Error::PoolTimedOut))??;
        if step == self.writer.newest_step() { Ok(()) } else { Err(Refusal::OtherTables) }
    }

    /// Counts what waits for a decision.
    pub(super) async fn pending(&self) -> Result<i64, Refusal> {
        let count =
            sqlx::query_scalar("SELECT count(*) FROM exchanges WHERE state = 'pendingApproval'");
        let count = tokio::time::timeout(READY_TIME, count.fetch_one(&self.readers)).await;
        Ok(count.map_err(|_| Refusal::Store(sqlx::Error::PoolTimedOut))??)
    }

    /// Ends all connections, which for `SQLite` folds the log into the database.
    pub(super) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}
