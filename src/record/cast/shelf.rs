//! Where recordings lie, by which names, and for how long.

use super::recorder::{Input, Recorder, Title};
use super::{Cast, CastError};
use crate::crypto::Sha256Digest;
use crate::process::{self, PrivateDir, PrivateError};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use thiserror::Error;

const ENDING: &str = ".cast";
/// How often the same request is recorded at most.
const MOST_OF_ONE: u32 = 1000;
/// How long the command in a header is at most, in characters.
const LONGEST_TITLE: usize = 2000;

/// Why a recording cannot be made or found.
#[derive(Debug, Error)]
pub enum ShelfError {
    /// The directory or a file cannot be trusted.
    #[error(transparent)]
    Private(#[from] PrivateError),
    /// The system refuses.
    #[error("record to {}: {source}", path.display())]
    System {
        /// The file.
        path: PathBuf,
        /// Its words.
        source: io::Error,
    },
    /// Too many of one name.
    #[error("record: there are {MOST_OF_ONE} recordings of {0} already")]
    TooMany(String),
    /// There is none of that name.
    #[error("no recording has a name like {0:?}")]
    Unknown(String),
    /// Several names are like that.
    #[error("{given:?} could be {}", names.join(", "))]
    Ambiguous {
        /// What was typed.
        given: String,
        /// What it could be.
        names: Vec<String>,
    },
    /// The file cannot be read as a recording.
    #[error(transparent)]
    Cast(#[from] CastError),
}

impl ShelfError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Private(error) => error.hint(),
            Self::System { .. } => {
                "make room there, or switch recording off: airlock-exec config set record never"
                    .to_owned()
            }
            Self::TooMany(_) => "remove those that nobody needs".to_owned(),
            Self::Unknown(_) => "see what was recorded with: airlock-exec replay".to_owned(),
            Self::Ambiguous { .. } => "give more of the name".to_owned(),
            Self::Cast(error) => error.hint().to_owned(),
        }
    }
}

/// The directory of recordings.
#[derive(Debug)]
pub struct Shelf {
    directory: PrivateDir,
}

impl Shelf {
    /// Opens it, making it when it is missing.
    ///
    /// # Errors
    ///
    /// [`ShelfError::Private`].
    pub fn open(directory: &Path) -> Result<Self, ShelfError> {
        Ok(Self { directory: PrivateDir::open(directory)? })
    }

    /// Begins a recording of a command, named after what allowed it.
    ///
    /// # Errors
    ///
    /// [`ShelfError`]: then the command must not start, where it is to be recorded.
    pub fn record(
        &self,
        name: &str,
        command: &str,
        terminal: Option<String>,
        largest: u64,
        input: Input,
    ) -> Result<Recorder, ShelfError> {
        let command = command.chars().take(LONGEST_TITLE).collect();
        let (file, out) = self.make(name)?;
        Ok(Recorder::new(file, out, largest, input, &Title { command, terminal }))
    }

    /// Makes a file of that name, or with a number behind it.
    fn make(&self, name: &str) -> Result<(String, File), ShelfError> {
        for number in 1..=MOST_OF_ONE {
            let file = if number == 1 {
                format!("{name}{ENDING}")
            } else {
                format!("{name}.{number}{ENDING}")
            };
            let path = self.path(&file);
            let made = OpenOptions::new().append(true).create_new(true).mode(0o600).open(&path);
            match made {
                Ok(out) => return Ok((file, out)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(source) => return Err(ShelfError::System { path, source }),
            }
        }
        Err(ShelfError::TooMany(name.to_owned()))
    }

    /// Throws away what is older than that, and files in which nothing was recorded.
    pub fn clear_out(&self, keep: Duration) {
        let now = process::now();
        for (name, _) in self.list().unwrap_or_default() {
            let path = self.path(&name);
            let Ok(metadata) = fs::metadata(&path) else { continue };
            let Ok(changed) = metadata.modified() else { continue };
            let Ok(changed) = jiff::Timestamp::try_from(changed) else { continue };
            let age = now.duration_since(changed);
            if Duration::try_from(age).is_ok_and(|age| age > keep) {
                let _ = self.directory.remove(&name);
            }
        }
    }

    /// Removes a recording in which nothing is.
    pub fn remove(&self, file: &str) {
        let _ = self.directory.remove(file);
    }

    /// Lists the recordings with their sizes, the oldest first.
    ///
    /// # Errors
    ///
    /// [`ShelfError::System`].
    pub fn list(&self) -> Result<Vec<(String, u64)>, ShelfError> {
        let failed = |source| ShelfError::System { path: self.directory.path().to_owned(), source };
        let mut found = Vec::new();
        for entry in fs::read_dir(self.directory.path()).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let Some(name) = entry.file_name().to_str().map(str::to_owned) else { continue };
            let Ok(metadata) = entry.metadata() else { continue };
            if name.ends_with(ENDING) && metadata.is_file() {
                found.push((name, metadata.len()));
            }
        }
        found.sort();
        Ok(found)
    }

    /// Finds the recording that is meant: its name, or the end of one without its ending;
    /// of several runs of one request the last.
    ///
    /// # Errors
    ///
    /// [`ShelfError::Unknown`], [`ShelfError::Ambiguous`].
    pub fn find(&self, given: &str) -> Result<String, ShelfError> {
        let names: Vec<String> = self.list()?.into_iter().map(|(name, _)| name).collect();
        let wanted = given.to_ascii_lowercase();
        let is_meant = |name: &&String| {
            let name = name.to_ascii_lowercase();
            let stem = name.trim_end_matches(ENDING);
            let request = stem.split('.').next().unwrap_or(stem);
            name == wanted || stem == wanted || !wanted.is_empty() && request.ends_with(&wanted)
        };
        if let Some(exact) = names.iter().find(|name| name.eq_ignore_ascii_case(given)) {
            return Ok(exact.clone());
        }
        let found: Vec<String> = names.iter().filter(is_meant).cloned().collect();
        let requests: std::collections::BTreeSet<&str> =
            found.iter().filter_map(|name| name.split('.').next()).collect();
        match (found.last(), requests.len()) {
            (Some(last), 1) => Ok(last.clone()),
            (None, _) => Err(ShelfError::Unknown(given.to_owned())),
            _ => Err(ShelfError::Ambiguous { given: given.to_owned(), names: found }),
        }
    }

    /// Opens a recording by its whole name.
    ///
    /// # Errors
    ///
    /// [`ShelfError`].
    pub fn read(&self, name: &str) -> Result<Cast<io::BufReader<File>>, ShelfError> {
        Ok(Cast::read(io::BufReader::new(self.file(name)?))?)
    }

    /// Computes the digest of a recording as it lies there.
    ///
    /// # Errors
    ///
    /// [`ShelfError`].
    pub fn digest(&self, name: &str) -> Result<Sha256Digest, ShelfError> {
        let failed = |source| ShelfError::System { path: self.path(name), source };
        Sha256Digest::of_reader(self.file(name)?).map_err(failed)
    }

    fn file(&self, name: &str) -> Result<File, ShelfError> {
        process::open_private_file(&self.path(name))?
            .ok_or_else(|| ShelfError::Unknown(name.to_owned()))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shelf() -> (tempfile::TempDir, Shelf) {
        let outer = tempfile::tempdir().expect("temporary directory");
        let shelf = Shelf::open(&outer.path().join("recordings")).expect("a shelf");
        (outer, shelf)
    }

    #[test]
    fn names_are_found_by_their_end_and_the_last_run_counts() {
        let (_outer, shelf) = shelf();
        for name in ["req-01AAAAAB", "req-01AAAAAC", "req-01AAAAAC"] {
            shelf.make(name).expect("made");
        }
        assert_eq!(shelf.find("aaac").expect("one"), "req-01AAAAAC.cast");
        assert_eq!(shelf.list().expect("listed").len(), 3);
        assert!(matches!(shelf.find("zzz"), Err(ShelfError::Unknown(_))));
        assert!(matches!(shelf.find(""), Err(ShelfError::Unknown(_))));
        shelf.make("run-01BAAAAC").expect("made");
        assert!(matches!(shelf.find("AAAAC"), Err(ShelfError::Ambiguous { .. })));
        assert_eq!(shelf.find("req-01AAAAAC.2").expect("one"), "req-01AAAAAC.2.cast");
    }
}
