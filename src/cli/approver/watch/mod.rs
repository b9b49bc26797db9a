//! Watches what comes: asks a person at a terminal, tells a program without one.

mod ask;
mod decide;
mod report;

pub(super) use ask::ask;
pub(super) use report::{Decisions, report};

use super::RETRY;
use super::connection::Connection;
use super::error::ApproverCommandError;
use crate::approver::{Approver, Changes, Item, Watched};
use crate::client::Transport;

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
                    self.transport = self.connection.transport()?;
                    self.changes = self.approver.changes(&self.transport);
                }
                answer => return Ok(answer?),
            }
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
