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
pub mod git;
mod marker;
mod masked;
mod parts;
mod place;
mod resolve;
pub mod text;

pub use agent::{agent, agents, session};
pub use bound::{BindError, Bound, BoundFile, BoundInput, Care, LARGEST_INPUT, Shown, WholeWords};
pub use changed::{Changed, Difference};
pub use code::reads_its_program;
#[cfg(test)]
pub(crate) use code::{is_known_to_run_files, wrappers};
pub use environment::{
    ShownValue, ShownVariable, changes_what_runs, changing_variables, environment_digest,
};
pub use evidence::{Repository, repository_reference};
pub use executable::{Executable, ExecutableError};
pub use marker::Marker;
pub use masked::masked;
pub use place::Place;
pub use resolve::{program_behind, program_on_path};

use crate::crypto::Sha256Digest;
use crate::intercept::shim::RoundError;
use crate::intercept::{Interception, Invocation};
use crate::process::{Environment, InputKind, Stdio, WorkingDirectory};
use git::GitEvidence;
use nix::errno::Errno;
use std::borrow::Cow;
use std::ffi::{CStr, OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
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
    /// There is a shim, and no program of its name behind it.
    #[error("{}: command not found behind its shim", text::word(program))]
    NothingBehind {
        /// The name.
        program: OsString,
        /// What to do.
        advice: String,
    },
    /// Shims and programs lead to each other.
    #[error(transparent)]
    Round(#[from] RoundError),
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
            Self::NothingBehind { advice, .. } => advice.clone(),
            Self::Round(_) => {
                "put the directory of one of the two shim managers behind the program's own in PATH"
                    .to_owned()
            }
            Self::NotExecutable { path, .. } => {
                format!("see: ls -ld {}", text::word(path.as_os_str()))
            }
            Self::Executable(_) => "check the file and its directories".to_owned(),
        }
    }
}

/// What a rule wants of recordings, whatever the settings say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordingWish {
    /// None is made.
    Never,
    /// One is made.
    Always,
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
    git: Option<Box<GitEvidence>>,
    recording: Option<RecordingWish>,
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
        let word = invocation.program();
        let path = match invocation.shim() {
            None => resolve::program(word, &environment, &directory)?,
            Some(shim) => program_behind(shim, &environment, &directory)?,
        };
        let executable = Executable::open(&path, &directory)?;
        let (invocation, environment) = match invocation.shim() {
            None => (invocation, environment),
            Some(shim) => {
                let (name, mark) = (shim.word_for(&path), shim.mark(&path, &executable.head())?);
                (invocation.renamed(name), environment.with(mark))
            }
        };
        let (stdio, input) = (Stdio::capture(), InputKind::capture());
        let (bound, git, recording) = (None, None, None);
        Ok(Self {
            invocation,
            executable,
            directory,
            environment,
            stdio,
            input,
            bound,
            git,
            recording,
        })
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

    /// Returns the command as one would type it, which is what is judged: the program
    /// and its arguments, whatever it is told that it is called.
    #[must_use]
    pub fn words(&self) -> Cow<'_, [OsString]> {
        self.invocation.words()
    }

    /// Returns the file that will be executed.
    #[must_use]
    pub fn executable(&self) -> &Executable {
        &self.executable
    }

    /// Returns the path a script sees as its own name.
    ///
    /// A word with a slash is what `execve` would have got, relative or not; a name
    /// that was looked up is what was found.
    #[must_use]
    pub fn script_path(&self) -> &OsStr {
        let word = self.invocation.program();
        if word.as_bytes().contains(&b'/') { word } else { self.executable.path().as_os_str() }
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

    /// Tells whether the command runs already, and only asks whether it may go on.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.invocation.interception() == Interception::GitHook
    }

    /// Adds what git told its hook about it, which has read standard input for that.
    #[must_use]
    pub fn with_git(self, evidence: GitEvidence) -> Self {
        Self { git: Some(Box::new(evidence)), input: InputKind::Null, ..self }
    }

    /// Returns what git told its hook about it.
    #[must_use]
    pub fn git(&self) -> Option<&GitEvidence> {
        self.git.as_deref()
    }

    /// Binds the request to the content of what it will execute.
    #[must_use]
    pub fn bound_to(self, bound: Bound) -> Self {
        Self { bound: Some(bound), ..self }
    }

    /// Says what the rule that speaks of it wants of recordings.
    #[must_use]
    pub fn recorded_as(self, recording: Option<RecordingWish>) -> Self {
        Self { recording, ..self }
    }

    /// Returns what the rule that speaks of it wants of recordings.
    #[must_use]
    pub fn recording(&self) -> Option<RecordingWish> {
        self.recording
    }

    /// Keeps what the approver was promised to be kept, before it is gone.
    ///
    /// # Errors
    ///
    /// [`git::UndoError`]: then the command must not run.
    pub fn keep_what_it_takes_away(
        &self,
        place: &std::path::Path,
        name: &str,
    ) -> Result<Vec<git::Kept>, git::UndoError> {
        let undo = self.bound.as_ref().and_then(Bound::undo);
        undo.map_or(Ok(Vec::new()), |undo| undo.keep(&self.environment, place, name))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intercept::Interception;
    use std::path::Path;

    #[test]
    fn a_script_called_by_a_path_keeps_it() {
        for (word, path) in [("/usr/../bin/sh", "/usr/../bin/sh"), ("sh", "/bin/sh")] {
            let invocation = Invocation::new(Interception::Prefix, vec![word.into()]).unwrap();
            let path_variable = [(OsString::from("PATH"), OsString::from("/bin"))];
            let environment = path_variable.into_iter().collect();
            let request = Request::capture(invocation, environment).unwrap();
            assert_eq!(request.script_path(), path);
        }
    }

    #[test]
    fn what_a_program_is_called_does_not_say_what_runs() {
        let arguments = vec!["git".into(), "push".into()];
        let program = PathBuf::from("/bin/sh");
        let invocation = Invocation::of_program(Interception::Shell, program, arguments).unwrap();
        let request = Request::capture(invocation, Environment::default()).unwrap();
        assert_eq!(*request.words(), ["/bin/sh", "push"]);
        assert_eq!(request.arguments(), ["git", "push"]);
        assert_eq!(request.executable().path(), Path::new("/bin/sh"));
    }
}
