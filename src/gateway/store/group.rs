//! One connection that writes, and one commit for many changes.
//!
//! The connection is lent to one change after another, each in a savepoint of its
//! own. Whoever has made its change waits; when nobody else is in the queue, or enough
//! have been, all of them are committed at once and told so. A commit costs a write
//! to the disk: while it lasts, the next ones gather.

use super::submissions::{IN_STATEMENT, Submission, usual};
use crate::gateway::news::Audience;
use crate::gateway::refusal::is_of_disk;
use sqlx::{AnyConnection, Connection as _};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// How many wait for the connection before others wait for a place in the queue.
const QUEUE: usize = 1024;

/// How many changes are committed at once at most.
const TOGETHER: usize = 256;

/// How often to look whether another process has changed something.
const LOOK: Duration = Duration::from_secs(1);

/// Those who want to change something.
#[derive(Debug)]
pub(super) struct Group {
    queue: mpsc::Sender<Asked>,
}

enum Asked {
    /// The connection, for a change of several statements.
    Lease(oneshot::Sender<sqlx::Result<Lease>>),
    /// A submission, in one statement if it is one as most are.
    Submission(Box<Submission>, oneshot::Sender<sqlx::Result<Taken>>),
    /// No more changes.
    Close(oneshot::Sender<()>),
}

/// What became of a submission.
pub(super) enum Taken {
    /// It is on disk, and on its way to that approver.
    To(String),
    /// It is not one as most are: somebody must look why.
    Unusual(Box<Submission>),
}

/// Makes what was done part of the commit, whatever becomes of the next change.
const NEXT: &str = "RELEASE change; SAVEPOINT change";

/// A submission, and who is told what became of it.
type Sent = (Box<Submission>, oneshot::Sender<sqlx::Result<Taken>>);

/// Told how the commit went.
type Told = Box<dyn FnOnce(sqlx::Result<()>) + Send>;

impl Group {
    /// Writes through that connection from now on.
    pub(super) fn start(connection: AnyConnection, audience: Arc<Audience>) -> Self {
        let (queue, asked) = mpsc::channel(QUEUE);
        tokio::spawn(write(connection, asked, audience));
        Self { queue }
    }

    /// Waits for the connection.
    pub(super) async fn lease(&self) -> sqlx::Result<Lease> {
        let (tell, told) = oneshot::channel();
        self.ask(Asked::Lease(tell)).await?;
        told.await.map_err(|_| sqlx::Error::PoolClosed)?
    }

    /// Takes the submission if it is one as most are.
    pub(super) async fn submit(&self, submission: Submission) -> sqlx::Result<Taken> {
        let (tell, told) = oneshot::channel();
        self.ask(Asked::Submission(Box::new(submission), tell)).await?;
        told.await.map_err(|_| sqlx::Error::PoolClosed)?
    }

    /// Ends the connection after what is in the queue.
    pub(super) async fn close(&self) {
        let (tell, told) = oneshot::channel();
        if self.ask(Asked::Close(tell)).await.is_ok() {
            // An error means that it has ended already.
            let _ = told.await;
        }
    }

    async fn ask(&self, asked: Asked) -> sqlx::Result<()> {
        self.queue.send(asked).await.map_err(|_| sqlx::Error::PoolClosed)
    }
}

/// The connection, for one change. Dropped before its commit, the change is undone.
pub(super) struct Lease {
    /// There until it goes back.
    lent: Option<(AnyConnection, oneshot::Sender<Back>)>,
}

/// The connection comes back, perhaps with a change to keep.
struct Back {
    connection: AnyConnection,
    kept: Option<oneshot::Sender<sqlx::Result<()>>>,
}

const LENT: &str = "the connection is here until it goes back, which consumes the lease";

impl Lease {
    pub(super) fn connection(&self) -> &AnyConnection {
        &self.lent.as_ref().expect(LENT).0
    }

    pub(super) fn connection_mut(&mut self) -> &mut AnyConnection {
        &mut self.lent.as_mut().expect(LENT).0
    }

    /// Keeps the change, and waits until it is on disk.
    pub(super) async fn commit(mut self) -> sqlx::Result<()> {
        let (tell, told) = oneshot::channel();
        self.give_back(Some(tell));
        told.await.map_err(|_| sqlx::Error::PoolClosed)?
    }

    fn give_back(&mut self, kept: Option<oneshot::Sender<sqlx::Result<()>>>) {
        if let Some((connection, back)) = self.lent.take() {
            // Nobody takes it when the gateway ends; then it is closed here.
            let _ = back.send(Back { connection, kept });
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.give_back(None);
    }
}

/// Serves the queue until it is closed.
async fn write(
    mut connection: AnyConnection,
    mut queue: mpsc::Receiver<Asked>,
    audience: Arc<Audience>,
) {
    let mut version = None;
    let mut look = tokio::time::interval(LOOK);
    loop {
        let first = tokio::select! {
            first = queue.recv() => first,
            _ = look.tick() => {
                look_for_others(&mut connection, &mut version, &audience).await;
                continue;
            }
        };
        let Some(first) = first else { return };
        let Some((back, closing)) = together(connection, first, &mut queue).await else {
            tracing::error!("the connection that writes is gone");
            return;
        };
        connection = back;
        if let Some(closing) = closing {
            if let Err(error) = connection.close().await {
                tracing::warn!(%error, "the database was not closed well");
            }
            // Whoever asked may not wait any more.
            let _ = closing.send(());
            return;
        }
    }
}

/// Finds whether another process, for example `token revoke`, has changed something that
/// somebody here waits for.
async fn look_for_others(
    connection: &mut AnyConnection,
    version: &mut Option<i64>,
    audience: &Audience,
) {
    if version.is_some() && !audience.is_there() {
        return;
    }
    // Our own changes do not count. Source: sqlite.org/pragma.html#pragma_data_version.
    let found = sqlx::query_scalar("PRAGMA data_version").fetch_one(connection).await.ok();
    if version.is_some() && found != *version {
        audience.missed();
    }
    *version = found.or(*version);
}

/// Makes the changes that are in the queue, and commits them together.
async fn together(
    mut connection: AnyConnection,
    first: Asked,
    queue: &mut mpsc::Receiver<Asked>,
) -> Option<(AnyConnection, Option<oneshot::Sender<()>>)> {
    let mut closing = None;
    let mut kept: Vec<Told> = Vec::new();
    let mut failed = control(&mut connection, "BEGIN IMMEDIATE; SAVEPOINT change").await.err();
    let mut next = Some(first);
    let mut turns = 0;
    // Whether a submission was taken since the savepoint: undoing what comes behind it
    // must not undo it as well.
    let mut taken = false;
    while let Some(asked) = next.take() {
        turns += 1;
        let mut after = None;
        let mut behind = None;
        if taken && failed.is_none() && matches!(asked, Asked::Lease(_)) {
            failed = control(&mut connection, NEXT).await.err();
            taken = false;
        }
        match (asked, &failed) {
            (Asked::Close(tell), _) => closing = Some(tell),
            (Asked::Lease(lend), Some(error)) => drop(lend.send(Err(again(error)))),
            (Asked::Submission(_, tell), Some(error)) => drop(tell.send(Err(again(error)))),
            (Asked::Submission(submission, tell), None) => {
                let mut batch = vec![(submission, tell)];
                behind = more_of_them(&mut batch, queue);
                turns += batch.len() - 1;
                // One statement happens or does not: it needs no savepoint of its own.
                let before = kept.len();
                take(&mut connection, batch, &mut kept).await;
                taken |= kept.len() > before;
            }
            (Asked::Lease(lend), None) => {
                let back = lend_to(connection, lend).await?;
                connection = back.connection;
                after = Some(if back.kept.is_some() { NEXT } else { "ROLLBACK TO change" });
                kept.extend(
                    back.kept
                        .map(|tell| -> Told { Box::new(|committed| drop(tell.send(committed))) }),
                );
            }
        }
        next = behind.take();
        if next.is_none() && turns < TOGETHER && closing.is_none() {
            next = queue.try_recv().ok();
        }
        // A commit releases the savepoint by itself.
        let last_was_kept = after == Some(NEXT);
        if let Some(after) = after.filter(|_| next.is_some() || !last_was_kept) {
            failed = control(&mut connection, after).await.err();
        }
    }
    let end = if kept.is_empty() { "ROLLBACK" } else { "COMMIT" };
    if failed.is_none() {
        failed = control(&mut connection, end).await.err();
    }
    if let Some(error) = &failed {
        tracing::error!(%error, lost = kept.len(), "cannot write to the database");
        // It may have been rolled back already, which is as well.
        let _ = control(&mut connection, "ROLLBACK").await;
    }
    for tell in kept {
        tell(failed.as_ref().map_or(Ok(()), |error| Err(again(error))));
    }
    Some((connection, closing))
}

/// Adds submissions from the queue that one statement can take as well; returns what was
/// in the queue behind them and is something else.
fn more_of_them(batch: &mut Vec<Sent>, queue: &mut mpsc::Receiver<Asked>) -> Option<Asked> {
    while batch.len() < IN_STATEMENT {
        match queue.try_recv().ok()? {
            Asked::Submission(submission, tell)
                if batch.iter().all(|(other, _)| is_apart(other, &submission)) =>
            {
                batch.push((submission, tell));
            }
            other => return Some(other),
        }
    }
    None
}

/// Tells whether a statement that takes both need not see the one to judge the other.
fn is_apart(one: &Submission, other: &Submission) -> bool {
    one.request_id != other.request_id && one.route.routing_token != other.route.routing_token
}

/// Takes what can be taken at once, and says of the rest why not.
async fn take(connection: &mut AnyConnection, batch: Vec<Sent>, kept: &mut Vec<Told>) {
    let all: Vec<&Submission> = batch.iter().map(|(submission, _)| &**submission).collect();
    let taken = usual(connection, &all).await;
    if taken.is_err() && batch.len() > 1 {
        // What is wrong with one of them is not to be the others' failure.
        for one in batch {
            Box::pin(take(connection, vec![one], kept)).await;
        }
        return;
    }
    let taken = match taken {
        Ok(taken) => taken.into_iter().map(Ok).collect(),
        Err(error) => vec![Err(error)],
    };
    for ((submission, tell), taken) in batch.into_iter().zip(taken) {
        match taken {
            Ok(Some(approver_id)) => kept.push(Box::new(|committed| {
                drop(tell.send(committed.map(|()| Taken::To(approver_id))));
            })),
            Ok(None) => drop(tell.send(Ok(Taken::Unusual(submission)))),
            Err(error) => drop(tell.send(Err(error))),
        }
    }
}

/// Lends the connection until it comes back.
async fn lend_to(
    connection: AnyConnection,
    lend: oneshot::Sender<sqlx::Result<Lease>>,
) -> Option<Back> {
    let (back, returned) = oneshot::channel();
    // If nobody waits for it any more, the lease is dropped here and comes back at once.
    drop(lend.send(Ok(Lease { lent: Some((connection, back)) })));
    returned.await.ok()
}

async fn control(connection: &mut AnyConnection, statements: &'static str) -> sqlx::Result<()> {
    sqlx::raw_sql(statements).execute(connection).await.map(|_| ())
}

/// Says the same to each of those whom a failure concerns.
fn again(error: &sqlx::Error) -> sqlx::Error {
    let words = format!("the change was not committed: {error}");
    if is_of_disk(error) {
        return sqlx::Error::Io(io::Error::new(io::ErrorKind::StorageFull, words));
    }
    sqlx::Error::Protocol(words)
}

#[cfg(test)]
mod tests;
