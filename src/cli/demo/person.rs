//! Who decides: somebody at the terminal, or a script that plays them.

use super::error::DemoError;
use super::story;
use crate::approver::Item;
use crate::approver::card::{Canvas, Detail};
use crate::cli::approver::Answer;
use crate::cli::terminal::Terminal;

const QUESTION: &str = "   approve? [y]es / [n]o / or type why not: ";
const WHY: &str = "   why not? (the agent reads this; Enter for no reason): ";

/// Who decides in a round.
#[derive(Debug)]
pub(super) enum Person {
    /// Somebody at the terminal.
    AtTerminal(Terminal),
    /// A script that plays them.
    Scripted(Script),
}

/// What a script decides.
#[derive(Debug, Clone)]
pub(super) enum Script {
    /// Let it run.
    Approve,
    /// Do not let it run, and say why.
    Reject(Option<String>),
}

impl Person {
    /// Asks at the controlling terminal.
    pub(super) fn at_terminal() -> Result<Self, DemoError> {
        Ok(Self::AtTerminal(Terminal::open()?))
    }

    /// Decides about an item whose card is on the screen.
    pub(super) async fn decide(
        &mut self,
        item: &Item,
        canvas: Canvas,
    ) -> Result<Script, DemoError> {
        match self {
            Self::Scripted(script) => {
                story::played(script)?;
                Ok(script.clone())
            }
            Self::AtTerminal(terminal) => ask(terminal, item, canvas).await,
        }
    }
}

async fn ask(terminal: &mut Terminal, item: &Item, canvas: Canvas) -> Result<Script, DemoError> {
    loop {
        story::command_again(item)?;
        let line = terminal.ask(QUESTION).await?.ok_or(DemoError::NobodyThere)?;
        match Answer::read(&line) {
            Answer::Approve => return Ok(Script::Approve),
            Answer::Reject(Some(reason)) => return Ok(Script::Reject(Some(reason))),
            Answer::Reject(None) => {
                let reason = terminal.ask(WHY).await?.ok_or(DemoError::NobodyThere)?;
                return Ok(Script::Reject((!reason.is_empty()).then_some(reason)));
            }
            Answer::Full => story::card(item, Detail::Full, canvas)?,
            Answer::Skip | Answer::Unclear => story::unclear()?,
        }
    }
}
