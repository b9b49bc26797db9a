//! A command to run, as it is given, and how it is to run.

use super::arguments::UsageError;
use super::gate::Patience;
use super::voice::VoiceArguments;
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
    /// Wait that long for a decision: 90s, 10m, 1h
    ///
    /// Otherwise as the setting `timeouts.wait` says.
    #[arg(long, value_name = "TIME", value_parser = parse_span)]
    pub(super) wait: Option<Duration>,
    /// Wait for a person's consent to this app, too
    ///
    /// Where a person must first let this app act at the gateway.
    #[arg(long)]
    pub(super) wait_consent: bool,
    /// Do not run it once whoever started us has ended
    #[arg(long)]
    pub(super) require_parent: bool,
    /// A terminal of its own: auto (default), always or never
    #[arg(
        long,
        value_name = "WHEN",
        default_value = "auto",
        hide_possible_values = true,
        hide_default_value = true
    )]
    pub(super) pty: PtyChoice,
    /// Keep it from clipboard, title and mouse
    ///
    /// And from more of your terminal; what it left switched on is put back. See
    /// docs/fidelity.md.
    #[arg(long)]
    pub(super) sanitize_output: bool,
    #[command(flatten)]
    pub(super) voice: VoiceArguments,
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
            voice: VoiceArguments::default(),
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
        let caller = self.require_parent.then(Caller::now);
        Patience { wait: self.wait, consent, caller, ..Patience::default() }
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
