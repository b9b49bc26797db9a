//! Fires one canary, and listens to what is said.

use crate::intercept::CANARY;
use crate::process::Environment;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::ffi::OsStr;
use std::io::{self, PipeReader, Read as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

/// The longest that a form may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The most bytes that are listened to.
const LONGEST: u64 = 64 << 10;

/// What became of a canary.
#[derive(Debug)]
pub(super) enum Shot {
    /// There is no such shell or program here.
    NotHere,
    /// It did not end in time, or nobody could listen.
    Silent,
    /// It ended, and this was said.
    Said(String),
}

/// Runs a text in a form, in the environment that holds here and with the canary's
/// variable, which makes whoever of us is asked refuse.
pub(super) fn fire(words: &[&str], text: &str, nonce: &str, environment: &Environment) -> Shot {
    let program = match words[0] {
        "$SHELL" => match environment.text("SHELL") {
            Some(shell) if !shell.is_empty() => shell,
            _ => return Shot::NotHere,
        },
        program => program,
    };
    let words: Vec<&str> = words[1..].iter().copied().chain([text]).collect();
    hand(program, &words, &[], nonce)
}

/// Starts a program and hands it an input, as [`fire`] does without.
pub(super) fn hand(program: impl AsRef<OsStr>, words: &[&str], input: &[u8], nonce: &str) -> Shot {
    match start(program.as_ref(), words, input, nonce) {
        Ok((child, said)) => listen(child, said),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Shot::NotHere,
        Err(_) => Shot::Silent,
    }
}

#[expect(clippy::disallowed_methods, reason = "runs a text of ours that does nothing")]
fn start(
    program: &OsStr,
    words: &[&str],
    input: &[u8],
    nonce: &str,
) -> io::Result<(Child, PipeReader)> {
    let (reader, writer) = io::pipe()?;
    let stdin = if input.is_empty() { Stdio::null() } else { Stdio::piped() };
    let mut command = Command::new(program);
    command
        .args(words)
        .env(CANARY, nonce)
        .stdin(stdin)
        .stdout(writer.try_clone()?)
        .stderr(writer)
        // So that all of it can be ended, and no terminal is asked.
        .process_group(0);
    let mut child = command.spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // Less than a pipe holds; who does not read it says so by its answer.
        let _ = stdin.write_all(input);
    }
    Ok((child, reader))
}

/// Ends what was started and whatever that started.
fn end_all(child: &Child) {
    // Its number is its group's, and it is ours until it is waited for.
    if let Ok(group) = i32::try_from(child.id()) {
        let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
    }
}

fn listen(mut child: Child, reader: PipeReader) -> Shot {
    let (sender, heard) = channel();
    std::thread::spawn(move || {
        let mut said = Vec::new();
        let read = reader.take(LONGEST).read_to_end(&mut said);
        // Nobody listens any more when it took too long.
        let _ = sender.send(read.map(|_| said));
    });
    let heard = heard.recv_timeout(PATIENCE);
    if heard.is_err() {
        end_all(&child);
    }
    let _ = child.wait();
    match heard {
        Ok(Ok(said)) => Shot::Said(String::from_utf8_lossy(&said).into_owned()),
        _ => Shot::Silent,
    }
}
