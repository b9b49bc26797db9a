//! A program of the user's that is told of each request.
//!
//! Started as it stands in the settings, never by a shell. It reads the facts as JSON
//! from its standard input and may do what it likes with them, but not for long, and
//! nothing it says or does decides anything.

use super::NoticeError;
use super::facts::{Content, Facts};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};

/// How long it may run.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs it to its end.
pub(super) async fn run(program: &[String], facts: &Facts) -> Result<(), NoticeError> {
    let Some((name, arguments)) = program.split_first() else { return Ok(()) };
    let failed = |what: String| NoticeError::Program { program: name.clone(), what };
    let mut child = Command::new(name)
        .args(arguments)
        .stdin(Stdio::piped())
        // Standard output is ours, and may be a screen.
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    let ended = tokio::time::timeout(PATIENCE, tell(&mut child, facts)).await;
    match ended {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(failed(format!("it ended with {status}"))),
        Ok(Err(error)) => Err(failed(error.to_string())),
        Err(_) => {
            end(&child);
            let _ = child.wait().await;
            Err(failed(format!("ended after {} s", PATIENCE.as_secs())))
        }
    }
}

async fn tell(child: &mut Child, facts: &Facts) -> std::io::Result<std::process::ExitStatus> {
    if let Some(mut input) = child.stdin.take() {
        let line = facts.json(Content::Opened) + "\n";
        // Whoever does not read it is no fault.
        let _ = input.write_all(line.as_bytes()).await;
    }
    child.wait().await
}

/// Ends it and what it started.
fn end(child: &Child) {
    let leader = child.id().and_then(|id| i32::try_from(id).ok());
    if let Some(leader) = leader {
        let _ = killpg(Pid::from_raw(leader), Signal::SIGKILL);
    }
}
