//! Watches what comes: asks a person at a terminal, tells a program without one.

mod ask;
mod decide;
mod report;
mod tries;

pub(super) use ask::ask;
pub(super) use report::{Decisions, report};

use super::RETRY;
use super::connection::Connection;
use super::error::ApproverCommandError;
use crate::approver::{Approver, Changes, Item, Watched};
use crate::cli::report::remarks;
use crate::client::Transport;
use tries::Tries;

/// An approver and its gateway, found again when it went away.
struct Post<'a> {
    connection: &'a Connection,
    approver: Approver,
    transport: Transport,
    changes: Changes,
}

impl<'a> Post<'a> {
    fn open(connection: &'a Connection) -> Result<Self, ApproverCommandError> {
        let approver = Approver::open(&connection.paths().approver())?;
        let transport = connection.transport()?;
        let changes = approver.changes(&transport);
        Ok(Self { connection, approver, transport, changes })
    }

    /// Fetches what waits, as long as it takes to reach the gateway.
    async fn inbox(&mut self) -> Result<Vec<Item>, ApproverCommandError> {
        loop {
            match self.approver.inbox(&self.transport).await {
                Err(error) if error.is_passing() => {
                    tokio::time::sleep(RETRY).await;
                    self.transport = self.found_again().await?;
                    self.changes = self.approver.changes(&self.transport);
                }
                answer => return Ok(answer?),
            }
        }
    }

    /// Connects anew. A local gateway that does not start is started again, for a while:
    /// each trouble is said once.
    async fn found_again(&self) -> Result<Transport, ApproverCommandError> {
        let mut tries = Tries::new();
        let mut said = String::new();
        loop {
            let error = match self.connection.transport() {
                Err(ApproverCommandError::Local(error)) if error.is_passing() => error,
                found => return found,
            };
            let Some(wait) = tries.next_wait() else { return Err(error.into()) };
            let trouble = format!("{error}; it is tried again");
            if said != trouble {
                remarks(std::slice::from_ref(&trouble));
                said = trouble;
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// Waits until the inbox should be looked at again.
    async fn changed(&mut self, watched: Watched) -> Result<(), ApproverCommandError> {
        Ok(self.changes.next(watched).await?)
    }

    /// Waits until a request waits no more.
    async fn gone(&mut self, item: &Item) -> Result<(), ApproverCommandError> {
        loop {
            self.changed(Watched::Waiting).await?;
            let items = self.inbox().await?;
            if !items.iter().any(|other| other.request_id == item.request_id) {
                return Ok(());
            }
        }
    }
}
