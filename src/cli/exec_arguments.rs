//! A command to run, as it is given, and how it is to run.

use super::arguments::UsageError;
use super::gate::Patience;
use crate::config::parse_span;
use crate::process::Caller;
use crate::review::ConsentRule;
use crate::run::{Options, OutputRule, PtyMode};
use clap::Args;
use std::ffi::OsString;
use std::time::Duration;

/// A command to run, and how.
#[derive(Debug, PartialEq, Eq, Args)]
pub(super) struct ExecArguments {
    /// How long to wait for a decision, for example 90s, 10m, 1h; otherwise as
    /// `timeouts.wait` says
    #[arg(long, value_name = "TIME", value_parser = parse_span)]
    pub(super) wait: Option<Duration>,
    /// When a person must first let this app act at the gateway, wait for that
    #[arg(long)]
    pub(super) wait_consent: bool,
    /// Do not run it once whoever started us has ended
    #[arg(long)]
    pub(super) require_parent: bool,
    /// Whether the command gets a terminal of its own
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) pty: PtyChoice,
    /// Keep the command from the clipboard, titles, the mouse and more of your terminal,
    /// and put back what it left switched on; see docs/fidelity.md
    #[arg(long)]
    pub(super) sanitize_output: bool,
    /// The command and its arguments, after two dashes
    #[arg(last = true, value_name = "COMMAND")]
    pub(super) command: Vec<OsString>,
}

impl ExecArguments {
    /// Takes a command about which nothing else was said.
    ///
    /// The same as what clap makes of `airlock-exec -- COMMAND`, without its cost: an
    /// agent pays it with every `git status`.
    pub(super) fn of_command(command: Vec<OsString>) -> Self {
        Self {
            wait: None,
            wait_consent: false,
            require_parent: false,
            pty: PtyChoice::Auto,
            sanitize_output: false,
            command,
        }
    }

    /// Returns how the command is run.
    ///
    /// # Errors
    ///
    /// [`UsageError::NothingBetween`].
    pub(super) fn options(&self) -> Result<Options<'static>, UsageError> {
        let output = match (self.sanitize_output, self.pty) {
            (true, PtyChoice::Never) => return Err(UsageError::NothingBetween),
            (true, _) => OutputRule::Sanitized,
            (false, _) => OutputRule::AsItIs,
        };
        Ok(Options { pty: self.pty.into(), output, ..Options::default() })
    }

    /// Returns how long whoever gave this line is willing to wait.
    pub(super) fn patience(&self) -> Patience {
        let consent = if self.wait_consent { ConsentRule::Wait } else { ConsentRule::Refuse };
        Patience { wait: self.wait, consent, caller: self.require_parent.then(Caller::now) }
    }
}

/// Whether a command runs on a pseudo terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum PtyChoice {
    /// Where there is a terminal
    Auto,
    /// Even where there is none
    Always,
    /// Hand the terminal over as it is
    Never,
}

impl From<PtyChoice> for PtyMode {
    fn from(choice: PtyChoice) -> Self {
        match choice {
            PtyChoice::Auto => Self::Auto,
            PtyChoice::Always => Self::Always,
            PtyChoice::Never => Self::Never,
        }
    }
}
