//! A start that failed, before it is said which program it was about.

use super::RunError;
use crate::sys::{Failure, Step};
use nix::errno::Errno;
use std::path::Path;

/// Why nothing was started.
#[derive(Debug)]
pub(super) enum Start {
    /// The system did not start the program.
    Program(Failure),
    /// The system refused what we were doing for it.
    System(&'static str, Errno),
    /// There is no pseudo-terminal to be had, in the system's words.
    Pty(String),
}

impl From<Failure> for Start {
    fn from(failure: Failure) -> Self {
        Self::Program(failure)
    }
}

impl Start {
    /// Names what the system refused.
    pub(super) fn system(action: &'static str) -> impl Fn(Errno) -> Self {
        move |errno| Self::System(action, errno)
    }

    /// Words the failure for this program.
    pub(super) fn into_error(self, program: &Path) -> RunError {
        match self {
            Self::Program(failure) => start_error(failure, program),
            Self::System(action, errno) => system_error(action, errno),
            Self::Pty(reason) => RunError::PtyUnavailable { reason },
        }
    }
}

fn start_error(Failure { step, errno }: Failure, program: &Path) -> RunError {
    let program = program.to_owned();
    match (step, errno) {
        (Step::Fork, _) => system_error("make a process for the command", errno),
        (Step::Prepare, _) => system_error("prepare the command's process", errno),
        (Step::Directory, _) => RunError::Directory { errno },
        (Step::Changed, Errno::ESTALE) => RunError::Changed { program },
        (_, Errno::ENOENT | Errno::ENOTDIR) => RunError::NotFound { program, errno },
        (Step::Changed | Step::Execute, _) => RunError::NotExecutable { program, errno },
    }
}

fn system_error(action: &'static str, errno: Errno) -> RunError {
    match errno {
        Errno::EAGAIN | Errno::ENOMEM | Errno::EMFILE | Errno::ENFILE => {
            RunError::Limit { action, errno }
        }
        _ => RunError::System { action, errno },
    }
}
