//! `airlock-exec approver`: a person reads what waits, and decides.

mod answer;
mod arguments;
mod connection;
mod dnd;
mod error;
mod json;
mod list;
mod output;
mod pair;
mod select;
mod terminal;
mod watch;

pub(super) use answer::Answer;
pub use arguments::ApproverArguments;
pub use error::ApproverCommandError;
pub(super) use json::write_line;
pub(super) use output::say;
pub(super) use terminal::Terminal;

use crate::approver::card::{self, Canvas, Colour, Detail};
use crate::approver::{Approver, Item};
use crate::client::Transport;
use crate::config::Paths;
use crate::process::{self, Environment, Stdio, Stream};
use arguments::Action;
use connection::Connection;
use std::io;

/// Runs `airlock-exec approver`.
///
/// # Errors
///
/// [`ApproverCommandError`]; a request about which an error is told was not decided.
pub fn run(
    arguments: ApproverArguments,
    environment: &Environment,
) -> Result<(), ApproverCommandError> {
    let paths = Paths::from_environment(environment)?;
    let connection = Connection::open(&arguments.connection, paths)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(act(arguments.action, &connection, environment))
}

async fn act(
    action: Option<Action>,
    connection: &Connection,
    environment: &Environment,
) -> Result<(), ApproverCommandError> {
    let stdio = Stdio::capture();
    let at_terminal = stdio.is_terminal(Stream::Input) && stdio.is_terminal(Stream::Output);
    let unsaid = if at_terminal { Action::Watch } else { Action::List { json: false } };
    let canvas = canvas(stdio, environment);
    match action.unwrap_or(unsaid) {
        Action::List { json } => list(connection, json, canvas).await,
        Action::Show { id, full, json } => {
            let detail = if full { Detail::Full } else { Detail::Summary };
            show(connection, &id, detail, json, canvas).await
        }
        Action::Approve { ids } => decide(connection, &ids, &Choice::Approve).await,
        Action::Reject { ids, reason } => decide(connection, &ids, &Choice::Reject(reason)).await,
        Action::Watch if at_terminal => watch::ask(connection, environment).await,
        Action::Watch => watch::report(connection).await,
        Action::Pair { code } => pair::by_code(connection, &code).await,
        Action::Code => pair::offer(connection).await,
        Action::Unpair { enforcer } => pair::end(connection, &enforcer).await,
        Action::Dnd { action } => dnd::act(connection, action).await,
        Action::Id => pair::identity(connection),
    }
}

/// Returns how many columns the terminal on standard output has, if it is one.
pub(super) fn columns() -> Option<usize> {
    terminal::size().map(|(columns, _)| columns)
}

/// Returns the canvas of standard output.
pub(super) fn canvas(stdio: Stdio, environment: &Environment) -> Canvas {
    const WITHOUT_TERMINAL: usize = 80;
    let plain = environment.text("NO_COLOR").is_some() || !stdio.is_terminal(Stream::Output);
    let colour = if plain { Colour::Plain } else { Colour::Styled };
    Canvas::new(terminal::size().map_or(WITHOUT_TERMINAL, |(columns, _)| columns), colour)
}

/// What one call decides about all its requests.
enum Choice {
    Approve,
    Reject(Option<String>),
}

/// The approver, its gateway, and what waits.
struct Desk {
    approver: Approver,
    transport: Transport,
    items: Vec<Item>,
}

impl Desk {
    async fn open(connection: &Connection) -> Result<Self, ApproverCommandError> {
        let Some(approver) = Approver::open_existing(&connection.paths().approver())? else {
            let hint = if connection.is_local() {
                "run a command with airlock-exec -- COMMAND; it makes the keys, and waits for you"
            } else {
                "pair first: airlock-exec approver pair CODE --gateway URL --token-file FILE"
            };
            return Err(ApproverCommandError::NoKeys { hint });
        };
        let transport = connection.transport()?;
        let items = approver.inbox(&transport).await?;
        Ok(Self { approver, transport, items })
    }
}

async fn list(
    connection: &Connection,
    json: bool,
    canvas: Canvas,
) -> Result<(), ApproverCommandError> {
    let items = match Desk::open(connection).await {
        // Nobody can have asked an approver without keys.
        Err(ApproverCommandError::NoKeys { .. }) if connection.is_local() => Vec::new(),
        desk => desk?.items,
    };
    let out = io::stdout().lock();
    if json {
        list::write_json(out, &items)?;
    } else {
        list::write(out, &items, process::now(), canvas)?;
    }
    Ok(())
}

async fn show(
    connection: &Connection,
    id: &str,
    detail: Detail,
    json: bool,
    canvas: Canvas,
) -> Result<(), ApproverCommandError> {
    let desk = Desk::open(connection).await?;
    let item = select::select(&desk.items, id)?;
    let out = io::stdout().lock();
    if json {
        json::write_line(out, &list::whole(item))?;
    } else {
        list::write_card(out, item, process::now(), detail, canvas)?;
    }
    Ok(())
}

async fn decide(
    connection: &Connection,
    ids: &[String],
    choice: &Choice,
) -> Result<(), ApproverCommandError> {
    let desk = Desk::open(connection).await?;
    // All ids are found before anything is decided.
    let chosen: Vec<&Item> =
        ids.iter().map(|id| select::select(&desk.items, id)).collect::<Result<_, _>>()?;
    for item in chosen {
        let verb = match choice {
            Choice::Approve => {
                desk.approver.approve(&desk.transport, item).await?;
                "approved"
            }
            Choice::Reject(reason) => {
                desk.approver.reject(&desk.transport, item, reason.as_deref()).await?;
                "rejected"
            }
        };
        output::say(&format!("{verb} {}: {}", item.short_id(), card::command(item)))?;
    }
    Ok(())
}
