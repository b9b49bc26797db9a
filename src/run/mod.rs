//! Runs what a permit allows, exactly as it would run without us.
//!
//! Two ways lead from a [`Permit`] to a command. [`replace`] turns this process
//! into it. [`run`] stays as its supervisor, and takes one of two shapes:
//!
//! ```text
//! no terminal                      a terminal
//!
//! caller ─ us ─ command            caller ─ us ══ pty ══ monitor ─ command
//!           └─ witness                       └─ witness
//! ```
//!
//! Without a terminal the command is our child, in our process group and with
//! our very streams. With one it has a pty of its own, a session led by the
//! *monitor*, and we carry bytes, sizes, signals and stops between that pty and
//! the caller's terminal. The *witness* tells signals sent to us alone from those
//! sent to our whole group.
//!
//! This room looks nothing up and decides nothing: the permit did.

mod direct;
mod double;
mod end;
mod error;
mod program;
mod start;
mod terminal;
mod witness;

pub use end::{Exit, die_by_signal, pass_key_on};
pub use error::{RunError, RunErrorKind};
use start::Start;
use terminal::CallersEnd;

use crate::onlooker::{Onlooker, Tap};
use crate::process::Door;
use crate::review::Permit;
use std::convert::Infallible;

/// Whether the command gets a pty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PtyMode {
    /// Where a standard stream is the terminal that controls us.
    #[default]
    Auto,
    /// In any case, for programs that want a terminal where there is none.
    Always,
    /// Never: the command has the caller's own terminal.
    Never,
}

/// What becomes of a command's output on its way to the caller's terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OutputRule {
    /// Each byte is passed on.
    #[default]
    AsItIs,
    /// What reaches beyond the screen is taken out: the clipboard, titles, the mouse.
    Sanitized,
}

/// How to run a command.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'a> {
    /// Whether it gets a pty.
    pub pty: PtyMode,
    /// What becomes of its output on a terminal.
    pub output: OutputRule,
    /// Where what the command starts asks whether that is covered.
    pub door: Option<&'a Door>,
    /// Who looks on from elsewhere.
    pub onlooker: Option<&'a Onlooker<'a>>,
    /// Who writes down what goes over its terminal.
    pub tap: Option<&'a dyn Tap>,
}

impl Options<'_> {
    /// Tells whether the command may take our place, because nobody needs to stay.
    #[must_use]
    pub fn replaces_us(&self) -> bool {
        self.pty == PtyMode::Auto && self.output == OutputRule::AsItIs
    }
}

/// Runs the permitted command, waits for it, and tells how it ended.
///
/// # Errors
///
/// [`RunError`] when it did not start.
pub fn run(permit: Permit, options: Options<'_>) -> Result<Exit, RunError> {
    let request = permit.into_request();
    let program = program::prepare(&request)?;
    let ran = match callers_end(options.pty) {
        Some(end) => terminal::run(&program, end, &options),
        None => direct::run(&program, options),
    };
    ran.map_err(|start| start.into_error(request.executable().path()))
}

/// Says what a pty would be joined to, if there is to be one.
fn callers_end(mode: PtyMode) -> Option<CallersEnd> {
    let streams = match mode {
        PtyMode::Never => return None,
        PtyMode::Auto | PtyMode::Always => terminal::terminal_streams(),
    };
    match mode {
        _ if !streams.is_empty() => Some(CallersEnd::Terminal(streams)),
        PtyMode::Always => Some(CallersEnd::Streams),
        PtyMode::Auto | PtyMode::Never => None,
    }
}

/// Turns this process into the permitted command; comes back only to say why not.
///
/// # Errors
///
/// [`RunError`], always.
pub fn replace(permit: Permit) -> Result<Infallible, RunError> {
    let request = permit.into_request();
    let program = program::prepare(&request)?;
    let crate::sys::Replace(failure) = program.replace();
    Err(Start::from(failure).into_error(request.executable().path()))
}
