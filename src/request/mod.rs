//! Captures, once, everything that will run.
//!
//! A [`Request`] holds the argument bytes, the executable as an open descriptor
//! with its digest, the working directory as an open descriptor, a copy of the
//! environment and what the standard streams are. `run` looks nothing up again.

mod executable;

pub use executable::Executable;

use crate::intercept::Invocation;
use crate::process::{Environment, Stdio, WorkingDirectory};
use std::ffi::OsString;

/// Everything that will run, captured before anybody was asked.
#[derive(Debug)]
pub struct Request {
    invocation: Invocation,
    executable: Executable,
    directory: WorkingDirectory,
    environment: Environment,
    stdio: Stdio,
}

impl Request {
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

    /// Tells which standard streams are terminals.
    #[must_use]
    pub fn stdio(&self) -> Stdio {
        self.stdio
    }
}
