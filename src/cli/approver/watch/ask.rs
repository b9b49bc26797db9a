//! Shows each request to a person and asks.
//!
//! What was typed before a question is dropped, a bare Enter decides nothing, and
//! a question is only asked after the end of the card was on the screen: the
//! value that proves it, [`Shown`], is made nowhere else.

use super::super::answer::Answer;
use super::super::notices::Announcer;
use super::super::{connection::Connection, error::ApproverCommandError};
use super::Post;
use crate::approver::card::{self, Detail};
use crate::approver::{DecideError, Item, Watched};
use crate::cli::output::{canvas, say, size};
use crate::cli::terminal::Terminal;
use crate::process::{self, Environment, Stdio};
use crate::protocol::RequestId;

const QUESTION: &str = "approve? [y]es / [n]o / [s]kip / [f]ull / or type why not: ";
const GRANT_QUESTION: &str =
    "grant this for LONGER THAN ONCE? [y]es / [n]o / [s]kip / [f]ull / or type why not: ";
const CLOSED_QUESTION: &str = "reject? [n]o, do not run it / [s]kip / or type why not: ";
const WITHOUT_SIZE: usize = 24;

/// The end of this item's card was on the screen.
struct Shown<'a>(&'a Item);

/// How a question ended.
enum End {
    /// It was decided, skipped or went away: on to the next.
    Settled,
    /// There is nobody at the terminal any more.
    HungUp,
}

/// Asks about every request until the person ends it.
pub(in super::super) async fn ask(
    connection: &Connection,
    environment: &Environment,
) -> Result<(), ApproverCommandError> {
    let mut post = Post::open(connection)?;
    let mut terminal = Terminal::open()?;
    let told = Announcer::of(connection.paths(), environment)?;
    let mut seen: Vec<RequestId> = Vec::new();
    let mut said_idle = false;
    loop {
        let items = post.inbox().await?;
        told.announce(&items);
        seen.retain(|id| items.iter().any(|item| item.request_id == *id));
        let Some(item) = items.into_iter().find(|item| !seen.contains(&item.request_id)) else {
            if !said_idle {
                say("watching for requests; nothing waits for an answer now (Ctrl-C ends)")?;
                said_idle = true;
            }
            post.changed(Watched::Nothing).await?;
            continue;
        };
        said_idle = false;
        seen.push(item.request_id.clone());
        if let End::HungUp = review(&mut post, &mut terminal, &item, environment).await? {
            return Ok(());
        }
    }
}

async fn review(
    post: &mut Post<'_>,
    terminal: &mut Terminal,
    item: &Item,
    environment: &Environment,
) -> Result<End, ApproverCommandError> {
    let mut detail = Detail::Summary;
    loop {
        let Some(shown) = show(terminal, item, detail, environment).await? else {
            return Ok(End::HungUp);
        };
        // Nobody waits for that.
        tokio::spawn(post.approver.seen(&post.transport, shown.0));
        match answer(post, terminal, &shown).await? {
            Some(Answer::Full) => detail = Detail::Full,
            Some(answer) => return settle(post, terminal, &shown, answer).await,
            None => return Ok(End::HungUp),
        }
    }
}

/// Shows a card to its end, a screen at a time; `None` when nobody is there.
async fn show<'a>(
    terminal: &mut Terminal,
    item: &'a Item,
    detail: Detail,
    environment: &Environment,
) -> Result<Option<Shown<'a>>, ApproverCommandError> {
    let lines = card::draw(item, process::now(), detail, canvas(Stdio::capture(), environment));
    let rows = size().map_or(WITHOUT_SIZE, |(_, rows)| rows);
    let mut left = lines.len();
    // One row is for the question.
    for page in lines.chunks(rows.saturating_sub(1).max(1)) {
        page.iter().try_for_each(|line| say(line))?;
        left -= page.len();
        let more = format!("{left} more lines; Enter shows them: ");
        if left > 0 && terminal.ask(&more).await?.is_none() {
            return Ok(None);
        }
    }
    Ok(Some(Shown(item)))
}

/// Asks until the answer is one, or the request goes away.
async fn answer(
    post: &mut Post<'_>,
    terminal: &mut Terminal,
    shown: &Shown<'_>,
) -> Result<Option<Answer>, ApproverCommandError> {
    let readable = shown.0.opened().is_some();
    let question = match shown.0.opened() {
        Some(_) if card::is_grant(shown.0) => GRANT_QUESTION,
        Some(_) => QUESTION,
        None => CLOSED_QUESTION,
    };
    loop {
        let line = tokio::select! {
            line = terminal.ask(question) => line?,
            gone = post.gone(shown.0) => {
                gone?;
                say(&format!("\n{} was decided or withdrawn elsewhere", shown.0.short_id()))?;
                return Ok(Some(Answer::Skip));
            }
        };
        let Some(line) = line else { return Ok(None) };
        match Answer::read(&line) {
            Answer::Unclear => say("please type y, n, s, f or a whole sentence")?,
            Answer::Approve if !readable => say("it cannot be read, so it cannot be approved")?,
            answer => return Ok(Some(answer)),
        }
    }
}

async fn settle(
    post: &mut Post<'_>,
    terminal: &mut Terminal,
    shown: &Shown<'_>,
    answer: Answer,
) -> Result<End, ApproverCommandError> {
    let Shown(item) = shown;
    let decided = match answer {
        Answer::Approve => post.approver.approve(&post.transport, item).await.map(|()| "approved"),
        Answer::Reject(reason) => {
            let reason = match reason {
                Some(reason) => Some(reason),
                None => terminal.ask("why? (the agent reads this; Enter for no reason): ").await?,
            };
            post.approver
                .reject(&post.transport, item, reason.as_deref())
                .await
                .map(|()| "rejected")
        }
        Answer::Skip | Answer::Full | Answer::Unclear => return Ok(End::Settled),
    };
    match decided {
        Ok(verb) => say(&format!("{verb} {}: {}\n", item.short_id(), card::command(item)))?,
        Err(error @ (DecideError::AlreadyDecided | DecideError::Gone | DecideError::Overdue)) => {
            say(&error.to_string())?;
        }
        Err(error) => return Err(error.into()),
    }
    Ok(End::Settled)
}
