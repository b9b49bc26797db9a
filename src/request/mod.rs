//! Captures, once, everything that will run.
//!
//! A [`Request`] holds the argument bytes, the executable as an open descriptor,
//! the working directory as an open descriptor, a copy of the environment and
//! what the standard streams are. `run` looks nothing up again. Only [`text`]
//! turns any of it into words.

mod agent;
mod bound;
mod changed;
mod code;
mod environment;
mod evidence;
mod executable;
mod masked;
mod place;
mod resolve;
pub mod text;

pub use agent::agent;
pub use bound::{BindError, Bound, BoundFile, BoundInput, Care, LARGEST_INPUT, Shown};
pub use changed::{Changed, Difference};
pub use environment::{
    ShownValue, ShownVariable, changes_what_runs, changing_variables, environment_digest,
};
pub use evidence::{Repository, repository_reference};
pub use executable::{Executable, ExecutableError};
pub use masked::masked;
pub use place::Place;

use crate::crypto::Sha256Digest;
use crate::intercept::Invocation;
use crate::process::{Environment, InputKind, Stdio, WorkingDirectory};
use nix::errno::Errno;
use std::borrow::Cow;
use std::ffi::{CStr, OsString};
use std::path::PathBuf;
use thiserror::Error;

/// Why there is nothing that could be run.
#[derive(Debug, Error)]
pub enum RequestError {
    /// The working directory cannot be held.
    #[error("the working directory cannot be opened: {0}")]
    Directory(std::io::Error),
    /// No such program, in the way a shell would say it.
    #[error("{}: command not found", text::word(program))]
    NotFound {
        /// The word that was looked up.
        program: OsString,
    },
    /// A file is there, but it cannot be executed.
    #[error("{}: {why}", text::word(path.as_os_str()))]
    NotExecutable {
        /// The file.
        path: PathBuf,
        /// What keeps it from running.
        why: &'static str,
    },
    /// The file cannot be opened.
    #[error(transparent)]
    Executable(#[from] ExecutableError),
}

impl RequestError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Directory(_) => "go to a directory that exists: cd".to_owned(),
            Self::NotFound { .. } => "check the spelling and PATH".to_owned(),
            Self::NotExecutable { path, .. } => {
                format!("see: ls -ld {}", text::word(path.as_os_str()))
            }
            Self::Executable(_) => "check the file and its directories".to_owned(),
        }
    }
}

/// Everything that will run, captured before anybody was asked.
#[derive(Debug)]
pub struct Request {
    invocation: Invocation,
    executable: Executable,
    directory: WorkingDirectory,
    environment: Environment,
    stdio: Stdio,
    input: InputKind,
    bound: Option<Bound>,
}

impl Request {
    /// Captures the command in the state the world has now.
    ///
    /// # Errors
    ///
    /// [`RequestError`] when there is no such program or it cannot be executed:
    /// then nobody needs to be asked.
    pub fn capture(invocation: Invocation, environment: Environment) -> Result<Self, RequestError> {
        let directory = WorkingDirectory::capture().map_err(RequestError::Directory)?;
        let path = resolve::program(&invocation.arguments()[0], &environment, &directory)?;
        let executable = Executable::open(&path, &directory)?;
        let (stdio, input) = (Stdio::capture(), InputKind::capture());
        let bound = None;
        Ok(Self { invocation, executable, directory, environment, stdio, input, bound })
    }

    /// Returns how the command came to us.
    #[must_use]
    pub fn invocation(&self) -> &Invocation {
        &self.invocation
    }

    /// Returns the arguments as bytes, `argv[0]` first and never empty.
    #[must_use]
    pub fn arguments(&self) -> &[OsString] {
        self.invocation.arguments()
    }

    /// Returns the file that will be executed.
    #[must_use]
    pub fn executable(&self) -> &Executable {
        &self.executable
    }

    /// Returns the directory the command starts in.
    #[must_use]
    pub fn directory(&self) -> &WorkingDirectory {
        &self.directory
    }

    /// Returns the environment the command gets, entry by entry.
    #[must_use]
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// Adds entries behind those of the environment; a name that is set there is replaced.
    #[must_use]
    pub(crate) fn with_additions(mut self, additions: Vec<Cow<'static, CStr>>) -> Self {
        self.environment.add(additions);
        self
    }

    /// Tells which standard streams are terminals.
    #[must_use]
    pub fn stdio(&self) -> Stdio {
        self.stdio
    }

    /// Tells what standard input is.
    #[must_use]
    pub fn input(&self) -> InputKind {
        self.input
    }

    /// Binds the request to the content of what it will execute.
    #[must_use]
    pub fn bound_to(self, bound: Bound) -> Self {
        Self { bound: Some(bound), ..self }
    }

    /// Returns the digest of the program's file, when the request is bound to it.
    #[must_use]
    pub fn program_sha256(&self) -> Option<Sha256Digest> {
        self.bound.as_ref().and_then(Bound::executable)
    }

    /// Compares everything the request is bound to with what it was.
    ///
    /// Costs nothing for a request that was never bound. What is compared by its
    /// path is compared now, and opened again by the command: nobody can make that
    /// one step, so call this as late as possible.
    ///
    /// # Errors
    ///
    /// [`Changed`]: then nothing may run.
    pub fn verify_unchanged(&self, care: Care) -> Result<(), Changed> {
        let Some(bound) = &self.bound else { return Ok(()) };
        bound.verify(&self.executable, &self.directory, care)
    }

    /// Puts the program that was read from standard input in its place again.
    ///
    /// Changes descriptor 0 of this process, which the command inherits.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn replay_input(&self) -> Result<(), Errno> {
        self.bound.as_ref().map_or(Ok(()), Bound::replay_input)
    }
}
