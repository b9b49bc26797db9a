//! A change: all of it happens, or nothing.

use super::Store;
use super::group::{Group, Lease};
use super::{open, postgres};
use crate::gateway::news::{Audience, News};
use sqlx::{Any, AnyConnection, AnyPool, PgPool, Transaction};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// Where changes are made.
#[derive(Debug)]
pub(super) enum Writer {
    /// `SQLite`: one after another, many in one commit.
    Group(Group),
    /// `PostgreSQL`: each a transaction, which says what it excludes.
    Pool(Transactions),
}

/// The transactions of one node among several.
#[derive(Debug)]
pub(super) struct Transactions {
    pub(super) pool: AnyPool,
    /// For the connection that hears others.
    pub(super) listening: PgPool,
    /// The name of this node, by which it knows its own news.
    pub(super) node: String,
}

/// The lock that changes of single exchanges share, and all others have for themselves.
const EVERYTHING: i64 = 0x0061_6972_6c6f_636b;

/// The channel on which nodes tell each other.
pub(super) const CHANNEL: &str = "airlock_exec";

impl Writer {
    /// Returns the last step by which this release changes the tables.
    pub(super) fn newest_step(&self) -> Option<i64> {
        let steps = match self {
            Self::Group(_) => &open::MIGRATIONS,
            Self::Pool(_) => &postgres::MIGRATIONS,
        };
        steps.iter().map(|step| step.version).max()
    }

    pub(super) async fn close(&self) {
        match self {
            Self::Group(group) => group.close().await,
            Self::Pool(transactions) => {
                transactions.listening.close().await;
                transactions.pool.close().await;
            }
        }
    }
}

/// A change that is being made. Dropped before its commit, nothing of it happened.
pub(super) struct Change {
    open: Open,
    news: Vec<News>,
    audience: Arc<Audience>,
}

enum Open {
    Lease(Lease),
    Transaction { transaction: Transaction<'static, Any>, node: String },
}

impl Store {
    /// Begins a change. Nobody else, at no node, changes anything until it ends.
    pub(super) async fn change(&self) -> sqlx::Result<Change> {
        self.begin(None).await
    }

    /// Begins a change of the exchange of that name, or of what it hangs on: others
    /// change other exchanges meanwhile, and who is paired with whom stays.
    pub(super) async fn change_of(&self, request_id: &str) -> sqlx::Result<Change> {
        self.begin(Some(request_id)).await
    }

    async fn begin(&self, subject: Option<&str>) -> sqlx::Result<Change> {
        let open = match &self.writer {
            // There only is one writer, who excludes everybody.
            Writer::Group(group) => Open::Lease(group.lease().await?),
            Writer::Pool(transactions) => {
                let mut transaction = transactions.pool.begin().await?;
                let lock = match subject {
                    None => sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(EVERYTHING),
                    Some(subject) => sqlx::query(
                        "SELECT pg_advisory_xact_lock_shared($1),
                             pg_advisory_xact_lock(hashtextextended($2, 0))",
                    )
                    .bind(EVERYTHING)
                    .bind(subject),
                };
                lock.execute(&mut *transaction).await?;
                Open::Transaction { transaction, node: transactions.node.clone() }
            }
        };
        Ok(Change { open, news: Vec::new(), audience: Arc::clone(&self.audience) })
    }
}

impl Change {
    /// Waits until no other change concerns that name as well.
    pub(super) async fn exclude(&mut self, name: &str) -> sqlx::Result<()> {
        if let Open::Transaction { transaction, .. } = &mut self.open {
            sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
                .bind(name)
                .execute(&mut **transaction)
                .await?;
        }
        Ok(())
    }

    /// Lets everybody whom it concerns know, at every node, once it is committed.
    pub(super) async fn tell(&mut self, news: News) -> sqlx::Result<()> {
        if let Open::Transaction { transaction, node } = &mut self.open {
            sqlx::query("SELECT pg_notify($1, $2)")
                .bind(CHANNEL)
                .bind(news.to_text(node))
                .execute(&mut **transaction)
                .await?;
        }
        self.news.push(news);
        Ok(())
    }

    /// Makes it happen: it is on disk when this returns, and whom it concerns was told.
    pub(super) async fn commit(self) -> sqlx::Result<()> {
        match self.open {
            Open::Lease(lease) => lease.commit().await?,
            Open::Transaction { transaction, .. } => transaction.commit().await?,
        }
        for news in &self.news {
            self.audience.changed(news);
        }
        Ok(())
    }

    /// Changes nothing, because of something that was found: says so once that is on disk.
    /// Perhaps it is only in the commit that is under way.
    pub(super) async fn refused<R>(self, because: R) -> sqlx::Result<R> {
        self.commit().await?;
        Ok(because)
    }
}

impl Deref for Change {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        match &self.open {
            Open::Lease(lease) => lease.connection(),
            Open::Transaction { transaction, .. } => transaction,
        }
    }
}

impl DerefMut for Change {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        match &mut self.open {
            Open::Lease(lease) => lease.connection_mut(),
            Open::Transaction { transaction, .. } => transaction,
        }
    }
}
