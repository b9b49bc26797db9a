//! The working directory, held open from capture to execution.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The working directory as an open descriptor and the path it had.
///
/// The descriptor is what the command starts in: a directory that is renamed or
/// replaced by a symbolic link during the wait does not change it.
#[derive(Debug)]
pub struct WorkingDirectory {
    file: File,
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl WorkingDirectory {
    /// Opens the directory this process is in.
    ///
    /// # Errors
    ///
    /// The system's error when the directory was deleted or may not be read.
    #[expect(clippy::disallowed_methods, reason = "this room reads the outside")]
    pub fn capture() -> io::Result<Self> {
        let path = std::env::current_dir()?;
        let file = OpenOptions::new().read(true).custom_flags(open_flags()).open(".")?;
        let found = file.metadata()?;
        Ok(Self { device: found.dev(), inode: found.ino(), file, path })
    }

    /// Returns the absolute path it had when it was captured.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the identity of the directory: device and inode number.
    #[must_use]
    pub fn identity(&self) -> (u64, u64) {
        (self.device, self.inode)
    }
}

impl AsFd for WorkingDirectory {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

#[cfg(target_os = "linux")]
fn open_flags() -> i32 {
    (nix::fcntl::OFlag::O_PATH | nix::fcntl::OFlag::O_DIRECTORY).bits()
}

#[cfg(not(target_os = "linux"))]
fn open_flags() -> i32 {
    nix::fcntl::OFlag::O_DIRECTORY.bits()
}
