//! The working directory, held open from capture to execution.

use nix::fcntl::{AtFlags, OFlag, openat};
use nix::sys::stat::{FileStat, Mode, fstatat};
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The working directory as an open descriptor and the path it had.
///
/// The descriptor is what the command starts in and what every relative path is
/// looked up from: a directory that is renamed, deleted or replaced by a symbolic
/// link during the wait does not change it.
#[derive(Debug)]
pub struct WorkingDirectory {
    file: File,
    path: PathBuf,
    naming: Naming,
    device: u64,
    inode: u64,
}

/// Whether a directory can be reached by its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// The path led to it when it was captured.
    Named,
    /// It was deleted, or lies outside what this process can reach.
    Nameless,
}

impl WorkingDirectory {
    /// Holds the directory this process is in, also one that was deleted or that
    /// may not be read or searched: a command can start there all the same.
    ///
    /// # Errors
    ///
    /// The system's error when there is no descriptor to be had on it.
    #[expect(clippy::disallowed_methods, reason = "this room reads the outside")]
    pub fn capture() -> io::Result<Self> {
        let file = open(".").or_else(|error| open("/proc/self/cwd").map_err(|_| error))?;
        let found = file.metadata()?;
        let (path, naming) = match std::env::current_dir() {
            Ok(path) => (path, Naming::Named),
            Err(_) => (former_path(), Naming::Nameless),
        };
        Ok(Self { device: found.dev(), inode: found.ino(), file, path, naming })
    }

    /// Returns the absolute path it had when it was captured.
    ///
    /// For people and for messages: whatever opens a file takes [`Self::open`].
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Tells whether that path led to it.
    #[must_use]
    pub fn naming(&self) -> Naming {
        self.naming
    }

    /// Returns the identity of the directory: device and inode number.
    #[must_use]
    pub fn identity(&self) -> (u64, u64) {
        (self.device, self.inode)
    }

    /// Opens the file that a path means for a command that starts here.
    ///
    /// Closed on exec, never a controlling terminal, and never waiting for a
    /// writer at the other end of a pipe.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn open(&self, path: &Path) -> io::Result<File> {
        self.open_with(path, OFlag::O_RDONLY | OFlag::O_NONBLOCK)
    }

    /// Opens it like [`Self::open`], with flags that say how.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn open_with(&self, path: &Path, flags: OFlag) -> io::Result<File> {
        let flags = flags | OFlag::O_CLOEXEC | OFlag::O_NOCTTY;
        Ok(openat(&self.file, path, flags, Mode::empty())?.into())
    }

    /// Returns the names of what lies in a directory that a path means for a command that
    /// starts here, sorted.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn names_in(&self, path: &Path) -> io::Result<Vec<OsString>> {
        let place = path_of(&self.open(path)?).unwrap_or_else(|| self.path.join(path));
        let entries = std::fs::read_dir(place)?.map(|entry| Ok(entry?.file_name()));
        let mut names = entries.collect::<io::Result<Vec<OsString>>>()?;
        names.sort();
        Ok(names)
    }

    /// Returns the state of the file that a path means for a command that starts here.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn state_of(&self, path: &Path) -> io::Result<FileStat> {
        Ok(fstatat(&self.file, path, AtFlags::empty())?)
    }
}

impl AsFd for WorkingDirectory {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

/// Returns the path by which the kernel knows an open file, symbolic links resolved;
/// `None` where it does not say.
#[must_use]
pub fn path_of(file: &File) -> Option<PathBuf> {
    std::fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd())).ok()
}

fn open(path: &str) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(open_flags()).open(path)
}

/// Returns the path the kernel remembers for a directory that has none any more.
fn former_path() -> PathBuf {
    std::fs::read_link("/proc/self/cwd").unwrap_or_else(|_| PathBuf::from("(deleted)"))
}

#[cfg(target_os = "linux")]
fn open_flags() -> i32 {
    (OFlag::O_PATH | OFlag::O_DIRECTORY).bits()
}

#[cfg(not(target_os = "linux"))]
fn open_flags() -> i32 {
    OFlag::O_DIRECTORY.bits()
}
