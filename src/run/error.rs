//! Why a permitted command did not run, and what to do next.

use crate::request::Changed;
use nix::errno::Errno;
use std::path::PathBuf;
use thiserror::Error;

/// A command that was permitted and did not start.
#[derive(Debug, Error)]
pub enum RunError {
    /// An argument, a variable or a path holds a byte that cannot be passed on.
    #[error("start {program}: its arguments hold a NUL byte", program = program.display())]
    NulByte {
        /// The program.
        program: PathBuf,
    },
    /// The file, or the interpreter it names, is not there any more.
    #[error("start {program}: {errno}", program = program.display(), errno = errno.desc())]
    NotFound {
        /// The program.
        program: PathBuf,
        /// The system's answer.
        errno: Errno,
    },
    /// The file is there and the system does not execute it.
    #[error("start {program}: {errno}", program = program.display(), errno = errno.desc())]
    NotExecutable {
        /// The program.
        program: PathBuf,
        /// The system's answer.
        errno: Errno,
    },
    /// The path names another file than the one that was reviewed.
    #[error("start {program}: it was replaced after it was reviewed", program = program.display())]
    Changed {
        /// The program.
        program: PathBuf,
    },
    /// What would run is not what was reviewed.
    #[error(transparent)]
    NotAsReviewed(#[from] Changed),
    /// The working directory cannot be entered any more.
    #[error("enter the working directory: {errno}", errno = errno.desc())]
    Directory {
        /// The system's answer.
        errno: Errno,
    },
    /// There is no pseudo-terminal to be had.
    #[error("open a pseudo-terminal: {reason}")]
    PtyUnavailable {
        /// What the system said.
        reason: String,
    },
    /// A limit on processes, descriptors or memory was reached.
    #[error("{action}: {errno}", errno = errno.desc())]
    Limit {
        /// What was being done.
        action: &'static str,
        /// The system's answer.
        errno: Errno,
    },
    /// The system refused something it should not refuse.
    #[error("{action}: {errno}", errno = errno.desc())]
    System {
        /// What was being done.
        action: &'static str,
        /// The system's answer.
        errno: Errno,
    },
}

/// The sorts of failure a caller tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunErrorKind {
    /// What a shell says with 127.
    NotFound,
    /// What a shell says with 126.
    NotExecutable,
    /// What was reviewed is not what is there.
    Changed,
    /// The machine, or we, could not do it.
    Environment,
}

impl RunError {
    /// Returns the sort of failure.
    #[must_use]
    pub fn kind(&self) -> RunErrorKind {
        match self {
            Self::NotFound { .. } => RunErrorKind::NotFound,
            Self::NotExecutable { .. } => RunErrorKind::NotExecutable,
            Self::Changed { .. } | Self::NotAsReviewed(_) => RunErrorKind::Changed,
            Self::NulByte { .. }
            | Self::Directory { .. }
            | Self::PtyUnavailable { .. }
            | Self::Limit { .. }
            | Self::System { .. } => RunErrorKind::Environment,
        }
    }

    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::NulByte { .. } => "remove the NUL byte".to_owned(),
            Self::NotFound { program, .. } => format!(
                "check that {} exists, and the interpreter in its first line",
                program.display()
            ),
            Self::NotExecutable { errno: Errno::EACCES, program } => {
                format!("make it executable: chmod +x {}", program.display())
            }
            Self::NotExecutable { errno: Errno::ENOEXEC, .. } => {
                "a script needs a first line such as #!/bin/sh".to_owned()
            }
            Self::NotExecutable { errno: Errno::E2BIG, .. } => {
                "pass fewer or shorter arguments, or a smaller environment".to_owned()
            }
            Self::NotExecutable { errno: Errno::ETXTBSY, .. } => {
                "wait until whoever writes the file is done, and ask again".to_owned()
            }
            Self::NotExecutable { program, .. } => {
                format!("check the file with: file {}", program.display())
            }
            Self::Changed { .. } => {
                "the approval is spent; ask again, so that the new file is reviewed".to_owned()
            }
            Self::NotAsReviewed(changed) => changed.hint(),
            Self::Directory { .. } => "go to a directory you may enter and ask again".to_owned(),
            Self::PtyUnavailable { .. } => {
                "mount devpts with /dev/ptmx, or use --pty=never to share the caller's terminal"
                    .to_owned()
            }
            Self::Limit { .. } => {
                "end some processes or raise the limit (ulimit -u, ulimit -n), and ask again"
                    .to_owned()
            }
            Self::System { .. } => "ask again; if it stays, report it".to_owned(),
        }
    }
}
