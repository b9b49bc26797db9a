//! Binds a request to the content of what it will execute.
//!
//! Binding reads and digests; it is done when a person is to be asked, and never
//! for what a policy allows. It promises that [`Bound::verify`] fails when any of
//! it is not what the approver saw. What cannot be held until the command starts
//! is said in the notes.

mod content;
mod file;
mod input;
mod named;
mod runnable;

pub use content::Care;
pub use file::{BoundFile, Shown};
pub use input::{BoundInput, LARGEST_INPUT};
pub use named::WholeWords;

use super::changed::{Changed, Difference};
use super::code::{self, ReadsInput, Surroundings};
use super::executable::{Executable, ExecutableError};
use super::git::{Undo, Undoing};
use super::{Request, text};
use crate::crypto::Sha256Digest;
use crate::process::{InputKind, WorkingDirectory};
use content::{Comparison, Content};
use named::Extent;
use nix::errno::Errno;
use runnable::{Found, Room};
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why the content of what would run cannot be told.
#[derive(Debug, Error)]
pub enum BindError {
    /// The program's file cannot be digested.
    #[error(transparent)]
    Executable(#[from] ExecutableError),
    /// A file that would be executed cannot be digested.
    #[error("{} cannot be read: {source}", text::word(path.as_os_str()))]
    File {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// The program cannot be read from standard input.
    #[error("the program cannot be read from standard input: {0}")]
    Input(io::Error),
    /// The program that comes through standard input is too large to be reviewed.
    #[error("the program on standard input is larger than {limit} bytes, too large to be reviewed")]
    InputTooLarge {
        /// The most that is read, in bytes.
        limit: usize,
    },
    /// The words are more than can be looked at for files.
    #[error("the words are too many to look for the files that they name")]
    TooManyWords,
}

impl BindError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Executable(_) | Self::File { .. } | Self::Input(_) => {
                "check the file and run the command again".to_owned()
            }
            Self::InputTooLarge { .. } => {
                "put the program into a file and run that: bash FILE".to_owned()
            }
            Self::TooManyWords => "put the command into a script and ask for that".to_owned(),
        }
    }
}

/// The content of everything a command will execute, as far as it is known.
#[derive(Debug)]
pub struct Bound {
    executable: Option<Content>,
    files: Vec<BoundFile>,
    absent: Vec<BoundFile>,
    input: Option<BoundInput>,
    notes: Vec<String>,
    undoing: Undoing,
}

impl Bound {
    /// Digests the program and the files the request's words name, and reads a
    /// program that comes through standard input to its end.
    ///
    /// # Errors
    ///
    /// [`BindError`] when something cannot be read that would be executed.
    pub fn of(request: &Request) -> Result<Self, BindError> {
        let directory = request.directory();
        let around = Surroundings { directory, environment: request.environment() };
        let code = code::find(request.arguments(), request.executable().lookup(), around);
        let open = |path| BoundFile::open(path, directory);
        let comes_by_stream =
            matches!(request.input(), InputKind::Pipe | InputKind::Socket | InputKind::File);
        let input = match code.input {
            ReadsInput::AsProgram if comes_by_stream => Some(BoundInput::capture()?),
            _ => None,
        };
        let undoing = Undoing::of(request);
        let notes = undoing.note().into_iter().chain(code.notes).collect();
        Ok(Self {
            executable: content_of(request.executable())?,
            files: code.files.into_iter().map(open).collect::<Result<_, _>>()?,
            absent: code.absent.into_iter().map(open).collect::<Result<_, _>>()?,
            input,
            notes,
            undoing,
        })
    }

    /// Binds one more file, unless it is bound already.
    ///
    /// # Errors
    ///
    /// [`BindError`] when it cannot be read.
    pub fn include(
        &mut self,
        path: PathBuf,
        directory: &WorkingDirectory,
    ) -> Result<(), BindError> {
        let file = BoundFile::open(path, directory)?;
        self.push_new(file);
        Ok(())
    }

    /// Binds every further file that one of these words names, as a whole or in a part: the
    /// program may run it, for all we know.
    ///
    /// What is no regular file is left out, and what lies in a directory is not bound; what
    /// such a file holds is not shown.
    ///
    /// # Errors
    ///
    /// [`BindError`] when one cannot be read, or the words are too many to be looked at.
    pub fn include_named(
        &mut self,
        words: &[&str],
        whole: WholeWords,
        directory: &WorkingDirectory,
    ) -> Result<(), BindError> {
        let named = named::find(words, whole, directory);
        if named.extent == Extent::Part {
            return Err(BindError::TooManyWords);
        }
        for path in named.files {
            // It may be data, and nobody needs to read it in order to bind it.
            let file = BoundFile::open(path, directory)?.without_preview();
            self.push_new(file);
        }
        for path in named.directories {
            let path = text::word(path.as_os_str());
            self.notes.push(format!("{path} is a directory: what lies in it may change"));
        }
        Ok(())
    }

    /// Binds those of the further files that one of these words names that look as if they
    /// could be run, and says in the notes what is too much for that.
    ///
    /// # Errors
    ///
    /// [`BindError`] when one cannot be read.
    pub fn include_runnable(
        &mut self,
        words: &[&str],
        whole: WholeWords,
        directory: &WorkingDirectory,
    ) -> Result<(), BindError> {
        let named = named::find(words, whole, directory);
        let mut room = Room::new();
        let mut are_left = named.extent == Extent::Part;
        for path in named.files {
            if self.has(&directory.path().join(&path)) {
                continue;
            }
            match room.take(&path, directory) {
                Found::Data => {}
                Found::Runnable => {
                    self.files.push(BoundFile::open(path, directory)?.without_preview());
                }
                Found::TooLarge => {
                    let path = text::word(path.as_os_str());
                    self.notes.push(format!("{path} is too large to be compared"));
                }
                Found::TooMany => are_left = true,
            }
        }
        if are_left {
            self.notes.push("further files that it names are not compared".to_owned());
        }
        Ok(())
    }

    fn has(&self, path: &Path) -> bool {
        self.files.iter().any(|known| known.path() == path)
    }

    fn push_new(&mut self, file: BoundFile) {
        if !self.has(file.path()) {
            self.files.push(file);
        }
    }

    /// Returns the digest of the program's file; `None` when it may not be read.
    #[must_use]
    pub fn executable(&self) -> Option<Sha256Digest> {
        self.executable.as_ref().map(|content| content.digest)
    }

    /// Returns the other files that will be executed.
    #[must_use]
    pub fn files(&self) -> &[BoundFile] {
        &self.files
    }

    /// Returns the program that came through standard input.
    #[must_use]
    pub fn input(&self) -> Option<&BoundInput> {
        self.input.as_ref()
    }

    /// Returns what the approver should know about it.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Returns what the approver was promised to be kept before it is gone.
    #[must_use]
    pub fn undo(&self) -> Option<&Undo> {
        match &self.undoing {
            Undoing::Promised(undo) => Some(undo),
            Undoing::Nothing | Undoing::Impossible(_) | Undoing::Unknown(_) => None,
        }
    }

    /// Compares everything with what it was.
    pub(super) fn verify(
        &self,
        executable: &Executable,
        directory: &WorkingDirectory,
        care: Care,
    ) -> Result<(), Changed> {
        if let Some(reviewed) = &self.executable {
            let changed = |difference| Changed { path: executable.path().to_owned(), difference };
            match reviewed.compare(executable.file(), care) {
                Ok(Comparison::Same | Comparison::OtherFile) => {}
                Ok(Comparison::Other(found)) => {
                    let reviewed = reviewed.digest;
                    return Err(changed(Difference::Content { reviewed, found }));
                }
                Err(error) => return Err(changed(Difference::Unreadable(error.to_string()))),
            }
        }
        self.files.iter().chain(&self.absent).try_for_each(|file| file.verify(directory, care))
    }

    /// Puts the reviewed program in the place of standard input, where it came from.
    pub(super) fn replay_input(&self) -> Result<(), Errno> {
        self.input.as_ref().map_or(Ok(()), BoundInput::replay)
    }
}

fn content_of(executable: &Executable) -> Result<Option<Content>, ExecutableError> {
    if !executable.is_readable() {
        return Ok(None);
    }
    let failed = |source| ExecutableError::Read { path: executable.path().to_owned(), source };
    Content::of(executable.file()).map(Some).map_err(failed)
}
