//! Signs of life for as long as the agent lives.

use crate::config::{Destination, Paths, Places, Settings};
use crate::process::{self, Environment, started_at};
use nix::sys::signal::kill;
use nix::unistd::Pid;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Between two looks whether the agent is still there.
const LOOK: Duration = Duration::from_secs(1);
/// The hidden subcommand that speaks.
const SUBCOMMAND: &str = "session-presence";

/// The agent that somebody keeps company, told from others that will have its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::Args)]
pub(in crate::cli) struct Company {
    /// The agent's process
    #[arg(long)]
    process: i32,
    /// When it started, where the system tells
    #[arg(long)]
    started: Option<u64>,
    /// Be the one that speaks, and not what starts it
    #[arg(long)]
    serve: bool,
}

/// Starts what speaks for us at a gateway that somebody else keeps; at our own nobody
/// looks. The agent does not wait for it, and starts without it.
#[expect(clippy::disallowed_methods, reason = "starts our own binary, not a user's command")]
pub(super) fn begin(paths: &Paths, environment: &Environment, binary: &Path) {
    let settings = Settings::load(&Places::of(paths, Path::new("/")), environment);
    if !settings.is_ok_and(|settings| matches!(settings.destination(), Destination::Gateway(_))) {
        return;
    }
    let company = Company::of_this_process();
    // What we start starts another and ends, so that the agent has no child it never
    // started.
    let starter = Command::new(binary)
        .args(company.words())
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if let Err(error) = starter {
        tracing::warn!(%error, "nobody tells the gateway that this session is there");
    }
}

impl Company {
    fn of_this_process() -> Self {
        let process = Pid::this().as_raw();
        Self { process, started: started_at(process), serve: false }
    }

    fn words(self) -> Vec<String> {
        let mut words = vec![SUBCOMMAND.into(), format!("--process={}", self.process)];
        words.extend(self.started.map(|started| format!("--started={started}")));
        words.extend(self.serve.then(|| "--serve".to_owned()));
        words
    }

    /// Waits until the agent is gone.
    async fn end(self) {
        while self.is_there() {
            tokio::time::sleep(LOOK).await;
        }
    }

    fn is_there(self) -> bool {
        match self.started {
            Some(started) => started_at(self.process) == Some(started),
            None => kill(Pid::from_raw(self.process), None).is_ok(),
        }
    }
}

/// Runs either half of `session-presence`.
///
/// # Errors
///
/// As `airlock-exec presence`.
#[expect(clippy::disallowed_methods, reason = "starts our own binary, not a user's command")]
pub(in crate::cli) fn keep(
    company: Company,
    environment: &Environment,
) -> Result<(), crate::error::Error> {
    if !company.serve {
        let binary = process::own_binary().map_err(super::SessionError::OwnBinary)?;
        let server = Command::new(binary).args(Company { serve: true, ..company }.words()).spawn();
        return Ok(server.map(drop).map_err(super::SessionError::OwnBinary)?);
    }
    process::leave_caller();
    Ok(crate::cli::presence::run_until(environment, company.end())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_there_and_one_that_started_at_another_time_is_not() {
        let company = Company::of_this_process();
        assert!(company.is_there());
        let another = company.started.map(|started| started + 1);
        if another.is_some() {
            assert!(!Company { started: another, ..company }.is_there());
        }
    }
}
