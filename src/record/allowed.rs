//! Commands that a rule allows: noted on the fast path, put into the chain later.
//!
//! Such a command runs as soon as its line was handed to the system: one append to a
//! file of its own, without chain, seal or waiting for the disk. The next slower command,
//! or `airlock-exec log`, copies the lines into the chain and removes the file.
//!
//! Writers hold the file shared and never wait; who copies it gives it another name
//! first, then waits until nobody writes to it. A writer that finds its file gone opens
//! the new one. So no line is lost between the two, and a crash can only have one copied
//! twice, which shows: the copies say where they came from.

use super::command::{self, MOST_WORDS};
use crate::process::{self, PrivateDir, PrivateError};
use crate::request::{self, Marker, Request};
use jiff::Timestamp;
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// The file that is written to.
pub(super) const FILE: &str = "allowed.jsonl";
/// How long the file may get before the command that finds it so has it copied.
const LARGE: u64 = 1 << 20;
/// How often a writer tries to find a file that nobody is copying.
const TRIES: usize = 16;

/// A command that a rule allowed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AllowedCommand {
    /// When it came, in milliseconds since 1970.
    #[serde(rename = "timeMs")]
    pub time_ms: i64,
    /// Our process, which it took the place of when we started it.
    pub process: u32,
    /// How it came to us.
    pub way: String,
    /// The arguments with secrets masked, `argv[0]` first.
    pub argv: Vec<String>,
    /// Where it starts.
    pub cwd: String,
    /// The program's absolute path.
    pub program: String,
    /// The agent that asks, as far as we can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// The session of the agent, when we began it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
}

impl AllowedCommand {
    /// Returns when it came.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        Timestamp::from_millisecond(self.time_ms).unwrap_or_default()
    }

    /// Returns the command on one line, quoted for a shell.
    #[must_use]
    pub fn line(&self) -> String {
        command::line(&self.argv)
    }

    fn of(request: &Request, marker: &Marker) -> Self {
        let words = request::masked(&request.words(), marker);
        Self {
            time_ms: process::now().as_millisecond(),
            process: std::process::id(),
            way: request.invocation().interception().word().to_owned(),
            argv: words.into_iter().take(MOST_WORDS).map(command::shortened).collect(),
            cwd: command::path(request.directory().path()),
            program: command::path(request.executable().path()),
            agent: request::agent(request.environment()).map(str::to_owned),
            session: command::session(request),
        }
    }
}

/// Whether the file has grown so long that it should be copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// Not yet.
    Short,
    /// It has.
    Large,
}

/// Writes down that a rule allows a command, before it runs.
///
/// # Errors
///
/// [`PrivateError`]; then whoever called decides whether it runs all the same.
pub fn allowed(audit: &Path, enforcer: &Path, request: &Request) -> Result<Length, PrivateError> {
    let command = AllowedCommand::of(request, &Marker::when_needed(enforcer));
    let mut line = Vec::with_capacity(512);
    // What a full disk cut off must not take the next line with it.
    line.push(b'\n');
    serde_json::to_writer(&mut line, &command).expect("texts and numbers are always JSON");
    line.push(b'\n');
    let directory = PrivateDir::open(audit)?;
    let failed = |source| PrivateError::System {
        action: "write",
        path: directory.path().join(FILE),
        source,
    };
    for _ in 0..TRIES {
        let file = directory.append(FILE)?;
        let Some(mut file) = shared(file).map_err(failed)? else { continue };
        if file.metadata().map_err(failed)?.nlink() == 0 {
            continue;
        }
        file.write_all(&line).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        return Ok(if length > LARGE { Length::Large } else { Length::Short });
    }
    Err(failed(io::ErrorKind::ResourceBusy.into()))
}

/// Takes a file together with other writers; `None` when it is being copied.
fn shared(file: File) -> io::Result<Option<Flock<File>>> {
    match Flock::lock(file, FlockArg::LockSharedNonblock) {
        Ok(held) => Ok(Some(held)),
        Err((_, Errno::EWOULDBLOCK)) => Ok(None),
        Err((_, errno)) => Err(errno.into()),
    }
}
