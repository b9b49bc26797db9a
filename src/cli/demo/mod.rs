//! `airlock-exec demo`: both outcomes on a real command, in a throwaway directory.
//!
//! The protocol, the cryptography and the binary are the real ones; the gateway,
//! the keys and the repositories live in a temporary directory and go with it.
//! Nothing of the user's is read or written.

mod agent;
mod error;
mod person;
mod repository;
mod round;
mod stage;
mod story;

pub use error::DemoError;

use crate::approver::card::Canvas;
use crate::process::{Environment, Stdio};
use clap::{Args, ValueEnum};
use person::{Person, Script};
use round::{Cards, Outcome};
use stage::Stage;
use std::ffi::OsString;
use tokio::signal::unix::{SignalKind, signal};

/// Shows an approval and a rejection.
#[derive(Debug, Args)]
pub struct DemoArguments {
    /// Decide in place of a person: the demo then asks nobody
    #[arg(long, value_name = "DECISION")]
    decide: Option<Choice>,
    /// Why, when it is rejected
    #[arg(long, value_name = "TEXT", requires = "decide")]
    reason: Option<String>,
    /// What the demo's agent runs; only the demo itself says this
    #[arg(last = true, hide = true)]
    agent: Vec<OsString>,
}

/// What to decide in place of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Choice {
    /// Let it run
    Approve,
    /// Do not let it run
    Reject,
}

/// Runs `airlock-exec demo`.
///
/// # Errors
///
/// [`DemoError`], also when what was shown is not what should have happened.
pub fn run(arguments: DemoArguments, environment: &Environment) -> Result<(), DemoError> {
    if !arguments.agent.is_empty() {
        return agent::run(&arguments.agent);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(perform(arguments, environment))
}

async fn perform(arguments: DemoArguments, environment: &Environment) -> Result<(), DemoError> {
    let stdio = Stdio::capture();
    let canvas = super::output::canvas(stdio, environment);
    let people = people(arguments, stdio.has_a_person())?;
    let mut stage = Stage::set_up(environment)?;
    let shown = tokio::select! {
        shown = show(&mut stage, people, canvas) => shown,
        signal = interrupted() => Err(signal?),
    };
    stage.take_down().await;
    shown
}

/// Returns who decides in each round.
fn people(arguments: DemoArguments, at_terminal: bool) -> Result<Vec<Person>, DemoError> {
    let scripted = |script| Person::Scripted(script);
    Ok(match arguments.decide {
        Some(Choice::Approve) => vec![scripted(Script::Approve)],
        Some(Choice::Reject) => vec![scripted(Script::Reject(arguments.reason))],
        None if at_terminal => vec![Person::at_terminal()?, Person::at_terminal()?],
        None => {
            let reason = "not to main: open a pull request".to_owned();
            vec![scripted(Script::Approve), scripted(Script::Reject(Some(reason)))]
        }
    })
}

async fn show(stage: &mut Stage, people: Vec<Person>, canvas: Canvas) -> Result<(), DemoError> {
    story::opening(stage.directory())?;
    stage.start_gateway().await?;
    let mut outcomes: Vec<Outcome> = Vec::new();
    for mut person in people {
        story::begin_round(outcomes.last(), &person)?;
        let cards = if outcomes.is_empty() { Cards::New } else { Cards::Known };
        outcomes.push(round::play(stage, &mut person, cards, canvas).await?);
    }
    Ok(story::closing(&outcomes)?)
}

/// Waits for the signals that end a program; what was set up is then taken down.
async fn interrupted() -> Result<DemoError, DemoError> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    let number = tokio::select! {
        _ = interrupt.recv() => SignalKind::interrupt(),
        _ = terminate.recv() => SignalKind::terminate(),
        _ = hang_up.recv() => SignalKind::hangup(),
    };
    Ok(DemoError::Interrupted { signal: number.as_raw_value() })
}
