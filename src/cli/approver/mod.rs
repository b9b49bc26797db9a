//! `airlock-exec approver`: a person reads what waits, and decides.

mod answer;
mod arguments;
mod connection;
mod dnd;
mod error;
mod follow;
mod list;
pub(super) mod notices;
mod pair;
mod select;
mod view;
mod watch;
mod web;

pub(super) use answer::Answer;
pub use arguments::ApproverArguments;
pub use error::ApproverCommandError;

use super::link::GatewayLink;
use crate::approver::card::{self, Canvas, Detail};
use crate::approver::{Approver, Item};
use crate::cli::output::{canvas, columns, say, say_json};
use crate::client::Transport;
use crate::config::Paths;
use crate::process::{self, Environment, Stdio};
use arguments::{Action, WebhookAction};
use connection::Connection;
use std::io;
use std::time::Duration;
use tokio::task::LocalSet;
use watch::Decisions;

/// Between two attempts to reach a gateway that went away.
const RETRY: Duration = Duration::from_secs(2);

/// Runs `airlock-exec approver`.
///
/// # Errors
///
/// [`ApproverCommandError`]; a request about which an error is told was not decided.
pub fn run(
    arguments: ApproverArguments,
    environment: &Environment,
) -> Result<(), ApproverCommandError> {
    if let Some(Action::Notify { apart: true, .. }) = &arguments.action {
        process::leave_caller();
    }
    let paths = Paths::from_environment(environment)?;
    let mut arguments = arguments;
    // The link that an enforcer shows says where to pair, too.
    if let Some(Action::Pair { code, .. }) = &mut arguments.action
        && code.contains("://")
    {
        let link: GatewayLink = code.parse().map_err(ApproverCommandError::Link)?;
        let missing = || ApproverCommandError::Link("there is no code in it".to_owned());
        *code = link.code.as_ref().ok_or_else(missing)?.to_string();
        let gateway = GatewayLink { code: None, ..link };
        arguments.connection.gateway.get_or_insert_with(|| gateway.to_string());
    }
    let connection = Connection::open(&arguments.connection, paths)?;
    match &arguments.action {
        Some(Action::View) if !Stdio::capture().has_a_person() => {
            return Err(ApproverCommandError::NoTerminal);
        }
        Some(Action::View) => return view::run(&connection, environment),
        None if Stdio::capture().has_a_person() => return view::run(&connection, environment),
        _ => {}
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let tasks = LocalSet::new();
    tasks.block_on(&runtime, act(arguments.action, &connection, environment))?;
    connection.keep_certificate()
}

async fn act(
    action: Option<Action>,
    connection: &Connection,
    environment: &Environment,
) -> Result<(), ApproverCommandError> {
    let canvas = canvas(Stdio::capture(), environment);
    match action.unwrap_or(Action::List { json: false }) {
        Action::List { json } => list(connection, json, canvas).await,
        Action::Show { id, full, json } => {
            let detail = if full { Detail::Full } else { Detail::Summary };
            show(connection, &id, detail, json, canvas).await
        }
        Action::Approve { ids, json } => {
            decide(connection, &ids, &Choice::Approve, Telling::of(json)).await
        }
        Action::Reject { ids, reason, json } => {
            decide(connection, &ids, &Choice::Reject(reason), Telling::of(json)).await
        }
        Action::Watch { json: false, .. } if Stdio::capture().has_a_person() => {
            watch::ask(connection, environment).await
        }
        Action::Watch { decide, .. } => {
            let source = if decide { Decisions::OfInput } else { Decisions::None };
            watch::report(connection, environment, source).await
        }
        Action::View => Err(ApproverCommandError::NoTerminal),
        Action::Notify { start: true, .. } => Ok(notices::start_apart(connection.paths())?),
        Action::Notify { .. } => notices::tell_once(connection, environment).await,
        Action::Webhook { action } => webhook(connection, environment, action).await,
        Action::Web { web, action: None } => web::admit(connection, &web, environment).await,
        Action::Web { action: Some(action), .. } => web::manage(connection, action).await,
        Action::Output { id, raw, json } => {
            let form = match (raw, json) {
                (_, true) => follow::Form::Json,
                (true, false) => follow::Form::Raw,
                (false, false) => follow::Form::Text,
            };
            follow::output(connection, &id, form).await
        }
        Action::Stop { id } => follow::stop(connection, &id).await,
        Action::Pair { code, wait } => pair::by_code(connection, &code, wait.wait).await,
        Action::Code(wait) => pair::offer(connection, wait.wait).await,
        Action::Unpair { enforcer } => pair::end(connection, &enforcer).await,
        Action::Dnd { action } => dnd::act(connection, action).await,
        Action::Id { json: false } => pair::identity(connection),
        Action::Id { json: true } => pair::identity_as_json(connection),
    }
}

async fn webhook(
    connection: &Connection,
    environment: &Environment,
    action: WebhookAction,
) -> Result<(), ApproverCommandError> {
    let paths = connection.paths();
    match action {
        WebhookAction::List { json: false } => notices::list(paths, environment),
        WebhookAction::List { json: true } => notices::list_as_json(paths, environment),
        WebhookAction::Secret { name, forget: false } => {
            notices::make_secret(paths, environment, &name)
        }
        WebhookAction::Secret { name, forget: true } => {
            notices::forget_secret(paths, environment, &name)
        }
        WebhookAction::Test { name } => notices::test(paths, environment, &name).await,
    }
}

/// What one call decides about all its requests.
enum Choice {
    Approve,
    Reject(Option<String>),
}

/// How it is told what was decided.
#[derive(Debug, Clone, Copy)]
enum Telling {
    Words,
    Json,
}

impl Telling {
    fn of(json: bool) -> Self {
        if json { Self::Json } else { Self::Words }
    }
}

/// The approver, its gateway, and what waits.
struct Desk {
    approver: Approver,
    transport: Transport,
    items: Vec<Item>,
}

impl Desk {
    async fn open(connection: &Connection) -> Result<Self, ApproverCommandError> {
        let (approver, transport) = Self::seat(connection)?;
        let items = approver.inbox(&transport).await?;
        Ok(Self { approver, transport, items })
    }

    /// Opens it with what was decided.
    async fn of_decided(connection: &Connection) -> Result<Self, ApproverCommandError> {
        let (approver, transport) = Self::seat(connection)?;
        let items = approver.decided(&transport).await?;
        Ok(Self { approver, transport, items })
    }

    fn seat(connection: &Connection) -> Result<(Approver, Transport), ApproverCommandError> {
        let Some(approver) = Approver::open_existing(&connection.paths().approver())? else {
            let hint = if connection.is_local() {
                "run a command with airlock-exec -- COMMAND; it makes the keys, and waits for you"
            } else {
                "pair first: airlock-exec approver pair CODE --gateway URL --token-file FILE"
            };
            return Err(ApproverCommandError::NoKeys { hint });
        };
        Ok((approver, connection.transport()?))
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
        let now = process::now();
        let rows: Vec<_> = items.iter().map(|item| list::summary(item, now)).collect();
        say_json(&rows)?;
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
        say_json(&list::whole(item, process::now()))?;
    } else {
        list::write_card(out, item, process::now(), detail, canvas)?;
        // A file or a program on standard output is nobody who was shown it.
        if columns().is_some() {
            desk.approver.seen(&desk.transport, item).await;
        }
    }
    Ok(())
}

async fn decide(
    connection: &Connection,
    ids: &[String],
    choice: &Choice,
    telling: Telling,
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
        match telling {
            Telling::Words => {
                say(&format!("{verb} {}: {}", item.short_id(), card::command(item)))?;
            }
            Telling::Json => say_json(&list::decided(item, verb))?,
        }
    }
    Ok(())
}
