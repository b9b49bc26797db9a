//! Directories and files that only their owner can reach.
//!
//! Opening checks the descriptor, not the name: a regular file (or directory)
//! of the effective user, no other link, no permission for anybody else. A
//! looser one is refused with the `chmod` that mends it, never mended silently,
//! because somebody may have read it already.

use super::FileState;
use nix::fcntl::OFlag;
use nix::unistd::Uid;
use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why a private file or directory cannot be used.
#[derive(Debug, Error)]
pub enum PrivateError {
    /// Somebody but its owner may reach it.
    #[error("{} is open to others (mode {mode:04o})", path.display())]
    Loose {
        /// The file or directory.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// What they should be.
        wanted: u32,
    },
    /// It belongs to somebody else.
    #[error("{} belongs to user {owner}, not to us", path.display())]
    Foreign {
        /// The file or directory.
        path: PathBuf,
        /// Its owner's number.
        owner: u32,
    },
    /// It is a symbolic link, a device, or has a second name.
    #[error("{} is not a plain {wanted}", path.display())]
    Odd {
        /// The file or directory.
        path: PathBuf,
        /// What was expected: `file` or `directory`.
        wanted: &'static str,
    },
    /// It is larger than anything we write.
    #[error("{} is larger than {limit} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most we read, in bytes.
        limit: u64,
    },
    /// The operating system said no.
    #[error("cannot {action} {}: {source}", path.display())]
    System {
        /// What was tried, for example `read`.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// Its answer.
        source: io::Error,
    },
}

impl PrivateError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Loose { path, wanted, .. } => {
                format!("see who could have read it, then: chmod {wanted:o} {}", path.display())
            }
            Self::Foreign { path, .. } | Self::TooLarge { path, .. } => {
                format!("move {} away and try again", path.display())
            }
            Self::Odd { path, wanted } => {
                format!("replace {} by a plain {wanted} of your own", path.display())
            }
            Self::System { path, source, .. } => match source.kind() {
                io::ErrorKind::StorageFull => "free some disk space and try again".to_owned(),
                io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
                    format!(
                        "make {} writable for you, or set HOME or the XDG variables to a place that is",
                        path.display()
                    )
                }
                io::ErrorKind::NotFound
                | io::ErrorKind::NotADirectory
                | io::ErrorKind::AlreadyExists => {
                    format!(
                        "see what {} is; set HOME or the XDG variables to directories of yours",
                        nearest(path).display()
                    )
                }
                _ => format!("check {}", path.display()),
            },
        }
    }
}

/// A directory of mode 0700 in which every file has mode 0600.
#[derive(Debug, Clone)]
pub struct PrivateDir {
    path: PathBuf,
}

impl PrivateDir {
    /// Opens the directory, making it and its parents when they are missing.
    ///
    /// # Errors
    ///
    /// [`PrivateError`] when it is loose, foreign, not a directory, or cannot be made.
    pub fn open(path: &Path) -> Result<Self, PrivateError> {
        let look = || fs::symlink_metadata(path).map_err(|source| system("look at", path, source));
        // It is there but for the first time.
        let found = look().or_else(|_| {
            let mut builder = DirBuilder::new();
            builder.recursive(true).mode(0o700);
            builder.create(path).map_err(|source| system("create", path, source))?;
            look()
        })?;
        if !found.is_dir() {
            return Err(PrivateError::Odd { path: path.to_owned(), wanted: "directory" });
        }
        check_owner_and_mode(path, &found, 0o700)?;
        Ok(Self { path: path.to_owned() })
    }

    /// Returns the path of the directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens a directory inside this one.
    ///
    /// # Errors
    ///
    /// As [`PrivateDir::open`].
    pub fn subdir(&self, name: &str) -> Result<Self, PrivateError> {
        Self::open(&self.path.join(name))
    }

    /// Reads a file, `None` when there is none.
    ///
    /// # Errors
    ///
    /// [`PrivateError`] when it is loose, foreign, odd, over 1 MiB or unreadable.
    pub fn read(&self, name: &str) -> Result<Option<Vec<u8>>, PrivateError> {
        self.read_up_to(name, 1 << 20)
    }

    /// Reads a file of at most that many bytes, `None` when there is none.
    ///
    /// # Errors
    ///
    /// As [`PrivateDir::read`], with that limit.
    pub fn read_up_to(&self, name: &str, limit: u64) -> Result<Option<Vec<u8>>, PrivateError> {
        Ok(self.read_with_state(name, limit)?.map(|(bytes, _)| bytes))
    }

    /// Reads a file of at most that many bytes, and says in which state it was at that:
    /// while it is in that one, it holds the same. `None` when there is none.
    ///
    /// # Errors
    ///
    /// As [`PrivateDir::read_up_to`].
    pub fn read_with_state(
        &self,
        name: &str,
        limit: u64,
    ) -> Result<Option<(Vec<u8>, FileState)>, PrivateError> {
        let path = self.path.join(name);
        let file = open_private_file(&path)?;
        file.map(|file| read_up_to(&path, file, limit)).transpose()
    }

    /// Replaces a file durably: temporary file, fsync, rename, fsync of the directory.
    ///
    /// # Errors
    ///
    /// [`PrivateError::System`]; the old content is whole in that case.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), PrivateError> {
        let path = self.path.join(name);
        let temporary = self.path.join(format!(".{name}.{}", std::process::id()));
        let written = replace(&temporary, &path, bytes);
        if written.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        written.map_err(|source| system("write", &path, source))?;
        self.sync()
    }

    /// Opens a file for reading and appending, making it when it is missing.
    ///
    /// # Errors
    ///
    /// As [`PrivateDir::read`].
    pub fn append(&self, name: &str) -> Result<File, PrivateError> {
        let path = self.path.join(name);
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .custom_flags((OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC).bits())
            .open(&path)
            .map_err(|source| refused_link("open", &path, source))?;
        check_file(&path, &file)?;
        Ok(file)
    }

    /// Opens a file that is there for writing in its place.
    ///
    /// # Errors
    ///
    /// As [`PrivateDir::read`]; also when there is none.
    pub fn overwrite(&self, name: &str) -> Result<File, PrivateError> {
        let path = self.path.join(name);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags((OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC).bits())
            .open(&path)
            .map_err(|source| refused_link("open", &path, source))?;
        check_file(&path, &file)?;
        Ok(file)
    }

    /// Removes a file, and does not mind when there is none.
    ///
    /// # Errors
    ///
    /// [`PrivateError::System`].
    pub fn remove(&self, name: &str) -> Result<(), PrivateError> {
        let path = self.path.join(name);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(system("remove", &path, source))
            }
            _ => self.sync(),
        }
    }

    /// Makes names that were added or removed durable.
    ///
    /// # Errors
    ///
    /// [`PrivateError::System`].
    pub fn sync(&self) -> Result<(), PrivateError> {
        File::open(&self.path)
            .and_then(|directory| directory.sync_all())
            .map_err(|source| system("sync", &self.path, source))
    }
}

/// Reads a file of at most that many bytes that only its owner can reach,
/// wherever it lies.
///
/// # Errors
///
/// [`PrivateError`] when it is missing, loose, foreign, odd, too large or unreadable.
pub fn read_private_file(path: &Path, limit: u64) -> Result<Vec<u8>, PrivateError> {
    let file = open_private_file(path)?
        .ok_or_else(|| system("open", path, io::Error::from(io::ErrorKind::NotFound)))?;
    Ok(read_up_to(path, file, limit)?.0)
}

fn read_up_to(path: &Path, file: File, limit: u64) -> Result<(Vec<u8>, FileState), PrivateError> {
    let state = FileState::of(&file).map_err(|source| system("look at", path, source))?;
    let over = limit.saturating_add(1);
    // One byte more than there should be: the end is seen without growing.
    let likely = state.size().saturating_add(1).min(over);
    let mut bytes = Vec::with_capacity(usize::try_from(likely).unwrap_or_default());
    file.take(over).read_to_end(&mut bytes).map_err(|source| system("read", path, source))?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
        return Err(PrivateError::TooLarge { path: path.to_owned(), limit });
    }
    Ok((bytes, state))
}

/// Opens a file that only its owner can reach, wherever it lies; `None` when there is none.
///
/// # Errors
///
/// [`PrivateError`] when it is loose, foreign, odd or cannot be opened.
pub fn open_private_file(path: &Path) -> Result<Option<File>, PrivateError> {
    let opened = OpenOptions::new()
        .read(true)
        .custom_flags((OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK).bits())
        .open(path);
    match opened {
        Ok(file) => {
            check_file(path, &file)?;
            Ok(Some(file))
        }
        Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(refused_link("open", path, source)),
    }
}

/// Returns the longest beginning of a path that is there.
fn nearest(path: &Path) -> &Path {
    path.ancestors().find(|each| each.symlink_metadata().is_ok()).unwrap_or(path)
}

fn replace(temporary: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let _ = fs::remove_file(temporary);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .custom_flags((OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC).bits())
        .open(temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(temporary, path)
}

fn check_file(path: &Path, file: &File) -> Result<(), PrivateError> {
    let found = file.metadata().map_err(|source| system("look at", path, source))?;
    if !found.is_file() || found.nlink() > 1 {
        return Err(PrivateError::Odd { path: path.to_owned(), wanted: "file" });
    }
    check_owner_and_mode(path, &found, 0o600)
}

fn check_owner_and_mode(path: &Path, found: &Metadata, wanted: u32) -> Result<(), PrivateError> {
    if found.uid() != Uid::effective().as_raw() {
        return Err(PrivateError::Foreign { path: path.to_owned(), owner: found.uid() });
    }
    let mode = found.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(PrivateError::Loose { path: path.to_owned(), mode, wanted });
    }
    Ok(())
}

fn system(action: &'static str, path: &Path, source: io::Error) -> PrivateError {
    PrivateError::System { action, path: path.to_owned(), source }
}

fn refused_link(action: &'static str, path: &Path, source: io::Error) -> PrivateError {
    if source.raw_os_error() == Some(nix::libc::ELOOP) {
        return PrivateError::Odd { path: path.to_owned(), wanted: "file" };
    }
    system(action, path, source)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sandbox() -> (tempfile::TempDir, PrivateDir) {
        let outer = tempfile::tempdir().expect("temporary directory");
        let inner = PrivateDir::open(&outer.path().join("private")).expect("private directory");
        (outer, inner)
    }

    #[test]
    fn reads_what_was_written_and_nothing_when_absent() {
        let (_outer, directory) = sandbox();
        assert!(directory.read("absent").expect("readable").is_none());
        directory.write("key", b"one").expect("written");
        directory.write("key", b"two").expect("replaced");
        assert_eq!(directory.read("key").expect("readable").as_deref(), Some(&b"two"[..]));
        let left: Vec<_> = fs::read_dir(directory.path()).expect("listed").collect();
        assert_eq!(left.len(), 1, "no temporary file stays");
    }

    #[test]
    fn refuses_a_loose_file_and_names_the_chmod() {
        let (_outer, directory) = sandbox();
        directory.write("key", b"one").expect("written");
        let path = directory.path().join("key");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("chmod");
        let error = directory.read("key").expect_err("refused");
        assert!(matches!(error, PrivateError::Loose { mode: 0o644, .. }));
        assert!(error.hint().contains("chmod 600"), "{}", error.hint());
    }

    #[test]
    fn refuses_links() {
        let (_outer, directory) = sandbox();
        directory.write("key", b"one").expect("written");
        std::os::unix::fs::symlink("key", directory.path().join("soft")).expect("link");
        assert!(matches!(directory.read("soft"), Err(PrivateError::Odd { .. })));
        fs::hard_link(directory.path().join("key"), directory.path().join("hard")).expect("link");
        assert!(matches!(directory.read("key"), Err(PrivateError::Odd { .. })));
    }

    #[test]
    fn refuses_a_loose_directory() {
        let (_outer, directory) = sandbox();
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).expect("chmod");
        assert!(matches!(PrivateDir::open(directory.path()), Err(PrivateError::Loose { .. })));
    }
}
