//! A file that will be executed, as it was when it was reviewed.

use super::BindError;
use super::content::{self, Care, Comparison, Content};
use crate::crypto::Sha256Digest;
use crate::process::WorkingDirectory;
use crate::request::changed::{Changed, Difference};
use nix::errno::Errno;
use nix::sys::stat::{FileStat, SFlag};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

/// The most of a script that is shown, in bytes.
const PREVIEW: usize = 8 * 1024;

/// A file that will be executed, held open since it was digested.
#[derive(Debug)]
pub struct BoundFile {
    /// As it is looked up from the working directory.
    lookup: PathBuf,
    path: PathBuf,
    state: State,
}

#[derive(Debug)]
enum State {
    /// It was read. The descriptor keeps its inode number from being used again.
    Read { content: Content, preview: Option<String>, _held: File },
    /// There is no such file.
    Absent,
    /// It is something whose content cannot be compared.
    Opaque(&'static str),
}

/// What the approver is told about a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown<'a> {
    /// Its content.
    Content {
        /// The digest of all of it.
        sha256: Sha256Digest,
        /// Its size in bytes.
        size: u64,
        /// Its start, when it is text.
        preview: Option<&'a str>,
    },
    /// There is no such file.
    Absent,
    /// It is something whose content cannot be compared, in words.
    Opaque(&'static str),
}

impl BoundFile {
    pub(super) fn open(lookup: PathBuf, directory: &WorkingDirectory) -> Result<Self, BindError> {
        let path = directory.path().join(&lookup);
        match state_of(&lookup, directory) {
            Ok(state) => Ok(Self { lookup, path, state }),
            Err(source) => Err(BindError::File { path, source }),
        }
    }

    /// Leaves out what it holds: only its digest is shown.
    pub(super) fn without_preview(mut self) -> Self {
        if let State::Read { preview, .. } = &mut self.state {
            *preview = None;
        }
        self
    }

    /// Returns its absolute path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns what the approver is told about it.
    #[must_use]
    pub fn shown(&self) -> Shown<'_> {
        match &self.state {
            State::Read { content, preview, .. } => Shown::Content {
                sha256: content.digest,
                size: content.state.size(),
                preview: preview.as_deref(),
            },
            State::Absent => Shown::Absent,
            State::Opaque(what) => Shown::Opaque(what),
        }
    }

    /// Opens the path again and compares what lies there now.
    pub(super) fn verify(&self, directory: &WorkingDirectory, care: Care) -> Result<(), Changed> {
        match self.difference(directory, care) {
            Ok(None) => Ok(()),
            Ok(Some(difference)) => Err(Changed { path: self.path.clone(), difference }),
            Err(error) => {
                let difference = Difference::Unreadable(error.to_string());
                Err(Changed { path: self.path.clone(), difference })
            }
        }
    }

    fn difference(
        &self,
        directory: &WorkingDirectory,
        care: Care,
    ) -> io::Result<Option<Difference>> {
        let found = look(&self.lookup, directory)?;
        Ok(match (&self.state, found) {
            (State::Read { content, .. }, Found::File(file)) => {
                match content.compare(&file, care)? {
                    Comparison::Same => None,
                    Comparison::OtherFile => Some(Difference::Replaced),
                    Comparison::Other(found) => {
                        Some(Difference::Content { reviewed: content.digest, found })
                    }
                }
            }
            (State::Absent, Found::Absent) => None,
            (State::Absent, _) => Some(Difference::Appeared),
            (State::Opaque(reviewed), Found::Opaque(found)) if *reviewed == found => None,
            (reviewed, found) => {
                Some(Difference::Kind { reviewed: reviewed.word(), found: found.word() })
            }
        })
    }
}

impl State {
    fn word(&self) -> &'static str {
        match self {
            Self::Read { .. } => "a file",
            Self::Absent => "not there",
            Self::Opaque(what) => what,
        }
    }
}

fn state_of(lookup: &Path, directory: &WorkingDirectory) -> io::Result<State> {
    Ok(match look(lookup, directory)? {
        Found::File(file) => {
            let content = Content::of(&file)?;
            State::Read { content, preview: content::preview(&file, PREVIEW)?, _held: file }
        }
        Found::Absent => State::Absent,
        Found::Opaque(what) => State::Opaque(what),
    })
}

/// What lies at a path.
enum Found {
    File(File),
    Absent,
    Opaque(&'static str),
}

impl Found {
    fn word(&self) -> &'static str {
        match self {
            Self::File(_) => "a file",
            Self::Absent => "not there",
            Self::Opaque(what) => what,
        }
    }
}

fn look(lookup: &Path, directory: &WorkingDirectory) -> io::Result<Found> {
    // Whoever waits to write to a pipe would take us for the reader if we opened it.
    let is_pipe = |state: FileStat| {
        SFlag::from_bits_truncate(state.st_mode) & SFlag::S_IFMT == SFlag::S_IFIFO
    };
    if directory.state_of(lookup).is_ok_and(is_pipe) {
        return Ok(Found::Opaque("a pipe"));
    }
    let file = match directory.open(lookup) {
        Ok(file) => file,
        Err(error) => {
            let errno = Errno::from_raw(error.raw_os_error().unwrap_or(0));
            return match errno {
                Errno::ENOENT | Errno::ENOTDIR => Ok(Found::Absent),
                Errno::EACCES | Errno::EPERM => Ok(Found::Opaque("not readable for us")),
                Errno::ELOOP => Ok(Found::Opaque("a loop of symbolic links")),
                Errno::ENXIO => Ok(Found::Opaque("a socket")),
                _ => Err(error),
            };
        }
    };
    let kind = file.metadata()?.file_type();
    Ok(if kind.is_file() {
        Found::File(file)
    } else if kind.is_dir() {
        Found::Opaque("a directory")
    } else if kind.is_fifo() {
        Found::Opaque("a pipe")
    } else {
        Found::Opaque("a device")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn bind(path: &Path) -> BoundFile {
        BoundFile::open(path.to_owned(), &here()).unwrap()
    }

    fn here() -> WorkingDirectory {
        WorkingDirectory::capture().unwrap()
    }

    fn difference(file: &BoundFile) -> Difference {
        file.verify(&here(), Care::Content).unwrap_err().difference
    }

    #[test]
    fn shows_digest_size_and_start() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("script");
        fs::write(&path, "echo é\n".repeat(2_000)).unwrap();
        let file = bind(&path);
        let Shown::Content { size, preview, .. } = file.shown() else { panic!() };
        assert_eq!(size, 16_000);
        assert!(preview.unwrap().len() <= PREVIEW);
        assert!(preview.unwrap().len() > PREVIEW - 4);
    }

    #[test]
    fn tells_each_way_a_file_may_differ() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("script");
        let absent = bind(&path);
        assert!(absent.verify(&here(), Care::Content).is_ok());
        fs::write(&path, "one").unwrap();
        assert_eq!(difference(&absent), Difference::Appeared);
        let file = bind(&path);
        assert!(file.verify(&here(), Care::Content).is_ok());
        fs::write(&path, "two").unwrap();
        assert_eq!(
            difference(&file),
            Difference::Content {
                reviewed: Sha256Digest::of(b"one"),
                found: Sha256Digest::of(b"two")
            }
        );
        fs::write(&path, "one").unwrap();
        assert!(file.verify(&here(), Care::Content).is_ok());
        fs::remove_file(&path).unwrap();
        assert!(matches!(difference(&file), Difference::Kind { found: "not there", .. }));
        fs::write(&path, "one").unwrap();
        assert_eq!(difference(&file), Difference::Replaced);
        fs::remove_file(&path).unwrap();
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
        assert!(matches!(difference(&file), Difference::Kind { found: "a pipe", .. }));
    }
}
