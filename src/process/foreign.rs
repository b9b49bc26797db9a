//! Files that belong to other programs: read as they are, replaced so that nobody loses.

use nix::unistd::Uid;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The most bytes of such a file that are read.
const LARGEST: u64 = 8 << 20;

/// A file of another program, behind every link that leads to it.
#[derive(Debug)]
pub struct ForeignFile {
    path: PathBuf,
    text: Option<String>,
    mode: u32,
}

/// Why a file of another program is left alone.
#[derive(Debug, Error)]
pub enum ForeignError {
    /// A link that leads nowhere.
    #[error("{} is a link to a file that is not there", .0.display())]
    Dangling(PathBuf),
    /// Not a file.
    #[error("{} is not a file", .0.display())]
    NotAFile(PathBuf),
    /// Somebody else's.
    #[error("{} belongs to another user", .0.display())]
    NotOurs(PathBuf),
    /// Its owner does not want it written.
    #[error("{} is read-only", .0.display())]
    ReadOnly(PathBuf),
    /// Not text, or too much of it.
    #[error("{} is not a text of at most 8 MiB", .0.display())]
    NotText(PathBuf),
    /// The system's error.
    #[error("{}: {source}", path.display())]
    System {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl ForeignError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Dangling(path) => format!("mend the link: ls -l {}", path.display()),
            Self::NotAFile(path) | Self::NotText(path) => {
                format!("look at it, and move it away: {}", path.display())
            }
            Self::NotOurs(path) => format!("run this as its owner: ls -l {}", path.display()),
            Self::ReadOnly(path) => {
                format!("if it may be changed: chmod u+w {}", path.display())
            }
            Self::System { .. } => "check the disk and the permissions".to_owned(),
        }
    }
}

impl ForeignFile {
    /// Reads the file, or finds that there is none.
    ///
    /// # Errors
    ///
    /// [`ForeignError`]: it must be left alone.
    pub fn open(path: &Path) -> Result<Self, ForeignError> {
        let system = |source| ForeignError::System { path: path.to_owned(), source };
        let real = match fs::canonicalize(path) {
            Ok(real) => real,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                if fs::symlink_metadata(path).is_ok() {
                    return Err(ForeignError::Dangling(path.to_owned()));
                }
                return Ok(Self { path: path.to_owned(), text: None, mode: 0o600 });
            }
            Err(error) => return Err(system(error)),
        };
        let found = fs::metadata(&real).map_err(system)?;
        if !found.is_file() {
            return Err(ForeignError::NotAFile(real));
        }
        if found.uid() != Uid::effective().as_raw() {
            return Err(ForeignError::NotOurs(real));
        }
        let mode = found.mode() & 0o7777;
        let mut bytes = Vec::new();
        let file = File::open(&real).map_err(system)?;
        file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(system)?;
        // Of what was read: it may have grown since, and half a text is none.
        let whole = u64::try_from(bytes.len()).is_ok_and(|length| length <= LARGEST);
        let text = String::from_utf8(bytes).ok().filter(|_| whole);
        let Some(text) = text else { return Err(ForeignError::NotText(real)) };
        Ok(Self { path: real, text: Some(text), mode })
    }

    /// Returns where it lies, behind every link.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns what is in it; `None` when there is no file.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// Puts that text in its place, whole or not at all, with the mode it had.
    ///
    /// # Errors
    ///
    /// [`ForeignError`]; the old text is whole then.
    pub fn replace(&self, text: &str, mode_of_a_new_one: u32) -> Result<(), ForeignError> {
        self.check_writable()?;
        let mode = if self.text.is_some() { self.mode } else { mode_of_a_new_one };
        let system = |source| ForeignError::System { path: self.path.clone(), source };
        let directory = self.path.parent().unwrap_or(Path::new("/"));
        fs::create_dir_all(directory).map_err(system)?;
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let temporary = directory.join(format!(".{name}.airlock-exec.{}", std::process::id()));
        let written = write(&temporary, text, mode)
            .and_then(|()| fs::rename(&temporary, &self.path))
            .and_then(|()| File::open(directory)?.sync_all());
        written.map_err(|source| {
            let _ = fs::remove_file(&temporary);
            system(source)
        })
    }

    /// Removes it.
    ///
    /// # Errors
    ///
    /// [`ForeignError`].
    pub fn remove(&self) -> Result<(), ForeignError> {
        self.check_writable()?;
        fs::remove_file(&self.path)
            .map_err(|source| ForeignError::System { path: self.path.clone(), source })
    }

    fn check_writable(&self) -> Result<(), ForeignError> {
        if self.text.is_some() && self.mode & 0o200 == 0 {
            return Err(ForeignError::ReadOnly(self.path.clone()));
        }
        Ok(())
    }
}

fn write(path: &Path, text: &str, mode: u32) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.set_permissions(Permissions::from_mode(mode))?;
    file.sync_all()
}
