//! One round: a command waits, a person decides, and what happened is looked up.

use super::error::DemoError;
use super::person::{Person, Script};
use super::repository::BRANCH;
use super::stage::Stage;
use super::story;
use crate::approver::card::{Canvas, Detail};
use crate::approver::{Approver, Item};
use crate::cli::local;
use crate::client::Transport;
use crate::exit::Outcome as Status;
use crate::process::Deadline;
use crate::run::Exit;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr};

/// How long the command may take to ask.
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How a round ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Approved, and the push arrived.
    Pushed,
    /// Rejected, and nothing arrived.
    Refused,
}

/// Whether a card was shown before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cards {
    /// This is the first.
    New,
    /// It looks like one before.
    Known,
}

/// Plays one round and checks that what should have happened did.
pub(super) async fn play(
    stage: &mut Stage,
    person: &mut Person,
    show: Cards,
    canvas: Canvas,
) -> Result<Outcome, DemoError> {
    stage.repository().commit()?;
    let before = stage.repository().on_server()?;
    let pushed = stage.repository().head()?;
    let mut agent = Agent::start(stage)?;
    let desk = agent.asks(stage).await?;
    agent.listen(LOOK_EVERY).await?;
    story::waiting(&agent.said)?;
    match (&person, show) {
        (Person::Scripted(_), Cards::Known) => story::card_like_before(&desk.item)?,
        _ => story::card(&desk.item, Detail::Summary, canvas)?,
    }
    let decision = person.decide(&desk.item, canvas).await?;
    match &decision {
        Script::Approve => desk.approver.approve(&desk.transport, &desk.item).await?,
        Script::Reject(reason) => {
            desk.approver.reject(&desk.transport, &desk.item, reason.as_deref()).await?;
        }
    }
    let (status, said) = agent.end().await?;
    let after = stage.repository().on_server()?;
    let arrived = after.as_ref() == Some(&pushed);
    story::result(&decision, status, &said)?;
    story::server(before.as_deref(), after.as_deref())?;
    match decision {
        Script::Approve if status.success() && arrived => Ok(Outcome::Pushed),
        Script::Approve => Err(DemoError::Unexpected("it was approved, and did not arrive")),
        Script::Reject(_) if after != before => {
            Err(DemoError::Unexpected("it was rejected, and something arrived"))
        }
        Script::Reject(_) if end_of(status) != Status::Rejected.exit() => {
            Err(DemoError::Unexpected("it was rejected, and the status says something else"))
        }
        Script::Reject(_) => Ok(Outcome::Refused),
    }
}

/// What a person needs to decide.
struct Desk {
    approver: Approver,
    transport: Transport,
    item: Item,
}

/// The agent's command, and what it has said so far.
struct Agent {
    child: Child,
    errors: Lines<BufReader<ChildStderr>>,
    said: Vec<String>,
}

impl Agent {
    fn start(stage: &mut Stage) -> Result<Self, DemoError> {
        let work = stage.repository().work().to_owned();
        let mut child = stage
            .own(["demo", "--", "git", "push", "origin", BRANCH])?
            .current_dir(&work)
            .env("PWD", &work)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let errors = child.stderr.take().ok_or(DemoError::Unexpected("no pipe"))?;
        Ok(Self { child, errors: BufReader::new(errors).lines(), said: Vec::new() })
    }

    /// Waits until the command said that it waits, and its request is in the inbox.
    async fn asks(&mut self, stage: &mut Stage) -> Result<Desk, DemoError> {
        let asked = tokio::time::timeout(PATIENCE, self.errors.next_line()).await;
        let asked = asked.map_err(|_| DemoError::Silent { seconds: PATIENCE.as_secs() })?;
        self.said.extend(asked?);
        let deadline = Deadline::after(PATIENCE);
        while !deadline.has_passed() {
            if self.child.try_wait()?.is_some() {
                let (_, said) = self.rest().await?;
                return Err(DemoError::NotAsked { said: said.join("; ") });
            }
            if let Some(desk) = desk(stage).await? {
                return Ok(desk);
            }
            self.listen(LOOK_EVERY).await?;
        }
        Err(DemoError::Silent { seconds: PATIENCE.as_secs() })
    }

    /// Takes what the command says within that time.
    async fn listen(&mut self, span: Duration) -> Result<(), DemoError> {
        let deadline = Deadline::after(span);
        while let Ok(line) =
            tokio::time::timeout(deadline.remaining(), self.errors.next_line()).await
        {
            let Some(line) = line? else {
                // It has said all it will say.
                tokio::time::sleep(deadline.remaining()).await;
                break;
            };
            self.said.push(line);
        }
        Ok(())
    }

    /// Waits for the end, and returns what was said after the question.
    async fn end(&mut self) -> Result<(ExitStatus, Vec<String>), DemoError> {
        self.rest().await
    }

    async fn rest(&mut self) -> Result<(ExitStatus, Vec<String>), DemoError> {
        let mut said = Vec::new();
        while let Some(line) = self.errors.next_line().await? {
            said.push(line);
        }
        if let Some(output) = self.child.stdout.take() {
            said.extend(lines(output).await?);
        }
        Ok((self.child.wait().await?, said))
    }
}

async fn lines(mut output: impl AsyncRead + Unpin) -> Result<Vec<String>, DemoError> {
    let mut bytes = Vec::new();
    output.read_to_end(&mut bytes).await?;
    Ok(String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect())
}

/// Opens the approver once it has been paired, and returns what waits for it.
async fn desk(stage: &mut Stage) -> Result<Option<Desk>, DemoError> {
    if !stage.gateway_runs() {
        return Err(DemoError::Gateway { said: "it ended".to_owned() });
    }
    let Some(approver) = Approver::open_existing(&stage.paths().approver())? else {
        return Ok(None);
    };
    let (_, transport) = local::connect(stage.paths(), local::Role::Approver)?;
    let first = approver.inbox(&transport).await?.into_iter().next();
    Ok(first.map(|item| Desk { approver, transport, item }))
}

fn end_of(status: ExitStatus) -> Exit {
    match (status.code().map(u8::try_from), status.signal()) {
        (Some(Ok(code)), _) => Exit::Code(code),
        (_, signal) => Exit::Signal(signal.unwrap_or_default()),
    }
}
