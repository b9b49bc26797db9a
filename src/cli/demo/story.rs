//! What the demo tells, in lines of at most 80 columns.

use super::person::{Person, Script};
use super::repository::BRANCH;
use super::round::Outcome;
use crate::approver::Item;
use crate::approver::card::{self, Canvas, Detail};
use crate::cli::output::say;
use crate::display::Displayable;
use crate::process;
use std::io;
use std::path::Path;
use std::process::ExitStatus;

/// Says what this is and where it happens.
pub(super) fn opening(directory: &Path) -> io::Result<()> {
    say("A person decides whether an agent's command runs. This is the real program on")?;
    say("a throwaway repository; nothing of yours is touched, and all of it goes away:")?;
    say(&format!("  {}", Displayable::from(directory)))
}

/// Says what comes, and what would be worth deciding this time.
pub(super) fn begin_round(before: Option<&Outcome>, person: &Person) -> io::Result<()> {
    say("")?;
    match (before, person) {
        (None, _) => {}
        (Some(_), Person::Scripted(_)) => say("Once more, with another change.")?,
        (Some(Outcome::Pushed), Person::AtTerminal(_)) => {
            say("Once more, with another change. This time reject it, and say why.")?;
        }
        (Some(Outcome::Refused), Person::AtTerminal(_)) => {
            say("Once more, with another change. This time approve it.")?;
        }
    }
    say(&format!("1. An agent runs: airlock-exec -- git push origin {BRANCH}"))
}

/// Says what the agent sees while it waits.
pub(super) fn waiting(said: &[String]) -> io::Result<()> {
    // The second line names the approver of the user's own local mode.
    quoted(said.get(..1).unwrap_or_default())?;
    say("")?;
    say("2. The request is sealed for the approver; the gateway between cannot read it.")?;
    say("   The approver opens it, computes its hash again, and shows all of it:")
}

/// Says that a card looks like the one before.
pub(super) fn card_like_before(item: &Item) -> io::Result<()> {
    say(&format!("   request {}, a card like the one above", item.short_id()))
}

/// Draws the card.
pub(super) fn card(item: &Item, detail: Detail, canvas: Canvas) -> io::Result<()> {
    card::draw(item, process::now(), detail, canvas).iter().try_for_each(|line| say(line))
}

/// Repeats the command, whose row may have scrolled away above the question.
pub(super) fn command_again(item: &Item) -> io::Result<()> {
    say(&format!("   to run: {}", card::command(item)))
}

/// Says that an answer is none.
pub(super) fn unclear() -> io::Result<()> {
    say("   please type y, n or a whole sentence")
}

/// Says what a script decides.
pub(super) fn played(script: &Script) -> io::Result<()> {
    say("   (nobody is asked; the demo plays the person)")?;
    match script {
        Script::Approve => say("   approve"),
        Script::Reject(None) => say("   reject"),
        Script::Reject(Some(reason)) => {
            say(&format!("   reject: {}", Displayable::from(reason.as_str())))
        }
    }
}

/// Says what became of the command.
pub(super) fn result(decision: &Script, status: ExitStatus, said: &[String]) -> io::Result<()> {
    let what = match decision {
        Script::Approve => "An approval of that hash was signed: exactly that ran",
        Script::Reject(_) => "A rejection of that hash was signed: nothing ran",
    };
    say("")?;
    say(&format!("3. {what} ({}).", ended(status)))?;
    say("   The agent sees:")?;
    quoted(said)
}

/// Says what the server has, as read from its repository.
pub(super) fn server(before: Option<&str>, after: Option<&str>) -> io::Result<()> {
    match (before, after) {
        (_, None) => say(&format!("   The server still has no branch {BRANCH}.")),
        (Some(before), Some(after)) if before == after => {
            say(&format!("   The server's {BRANCH} is still at {after:.12}."))
        }
        (_, Some(after)) => say(&format!("   The server's {BRANCH} is now at {after:.12}.")),
    }
}

/// Says what was shown, and what to do next.
pub(super) fn closing(outcomes: &[Outcome]) -> io::Result<()> {
    say("")?;
    match outcomes {
        [Outcome::Pushed] => {
            say("The approved push arrived. See a rejection with:")?;
            say("  airlock-exec demo --decide reject --reason 'use a branch'")?;
        }
        [Outcome::Refused] => {
            say("The rejected push did not arrive. See an approval with:")?;
            say("  airlock-exec demo --decide approve")?;
        }
        _ => {}
    }
    say("Now with a command of your own: airlock-exec -- COMMAND")?;
    say("and in another terminal, to decide: airlock-exec approver")
}

fn ended(status: ExitStatus) -> String {
    status.code().map_or_else(|| "by a signal".to_owned(), |code| format!("status {code}"))
}

/// Writes lines of somebody else, marked as such.
fn quoted(lines: &[String]) -> io::Result<()> {
    lines.iter().try_for_each(|line| say(&format!("   | {}", Displayable::from(line.as_str()))))
}
