//! Which file a file is, whatever its name.

use nix::libc::{dev_t, ino_t};
use nix::sys::stat::{FileStat, stat};
use serde::{Deserialize, Serialize};
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Device and inode number: the same for every name and every link of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileIdentity {
    device: dev_t,
    inode: ino_t,
}

impl FileIdentity {
    /// Returns the identity of the file a path leads to, `None` when it leads nowhere.
    #[must_use]
    pub fn of_path(path: &Path) -> Option<Self> {
        stat(path).ok().map(|found| Self::from(&found))
    }

    /// Returns the identity of the file that this process runs.
    ///
    /// `None` when the system does not tell.
    #[must_use]
    pub fn of_this_program() -> Option<Self> {
        if cfg!(target_os = "linux") {
            // The file itself, also when its name was given to another since.
            return Self::of_path(Path::new("/proc/self/exe"));
        }
        Self::of_path(&super::own_binary().ok()?)
    }

    /// Returns the identity of the file that a process runs, as the kernel knows it.
    ///
    /// `None` when there is no such process, or it is not ours to look at.
    #[must_use]
    pub fn of_program_of(process: i32) -> Option<Self> {
        Self::of_path(Path::new(&format!("/proc/{process}/exe")))
    }
}

/// Which state of which file: another whenever the file is replaced, written, or its mode
/// is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileState([u64; 7]);

impl FileState {
    /// Returns the state of the file a path leads to, `None` when it leads nowhere.
    #[must_use]
    pub fn of_path(path: &Path) -> Option<Self> {
        path.metadata().ok().as_ref().map(Self::of_metadata)
    }

    /// Returns the state of an open file.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn of(file: &File) -> io::Result<Self> {
        Ok(Self::of_metadata(&file.metadata()?))
    }

    /// Returns the state that was found.
    #[must_use]
    pub fn of_metadata(found: &Metadata) -> Self {
        let bits = i64::cast_unsigned;
        Self([
            found.dev(),
            found.ino(),
            found.size(),
            bits(found.mtime()),
            bits(found.mtime_nsec()),
            bits(found.ctime()),
            bits(found.ctime_nsec()),
        ])
    }

    /// Returns how many bytes the file has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.0[2]
    }

    /// Tells whether both are states of one file.
    #[must_use]
    pub fn is_of_same_file(&self, other: &Self) -> bool {
        self.0[..2] == other.0[..2]
    }
}

impl From<&FileStat> for FileIdentity {
    fn from(found: &FileStat) -> Self {
        Self { device: found.st_dev, inode: found.st_ino }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_file_that_was_replaced_is_in_another_state() {
        let place = tempfile::tempdir().expect("a directory");
        let (file, next) = (place.path().join("file"), place.path().join("next"));
        assert_eq!(FileState::of_path(&file), None);
        fs::write(&file, "a").expect("written");
        let first = FileState::of_path(&file);
        assert_eq!(first, FileState::of_path(&file));
        fs::write(&next, "a").expect("written");
        fs::rename(&next, &file).expect("replaced");
        assert_ne!(first, FileState::of_path(&file));
    }

    #[test]
    fn a_link_is_the_file_it_leads_to() {
        let place = tempfile::tempdir().expect("a directory");
        let (file, link) = (place.path().join("file"), place.path().join("link"));
        fs::write(&file, "").expect("written");
        std::os::unix::fs::symlink(&file, &link).expect("linked");
        assert_eq!(FileIdentity::of_path(&file), FileIdentity::of_path(&link));
        assert_ne!(FileIdentity::of_path(&file), FileIdentity::of_path(place.path()));
        fs::remove_file(&file).expect("removed");
        assert_eq!(FileIdentity::of_path(&link), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_runs_the_file_the_kernel_says() {
        let own = FileIdentity::of_this_program();
        assert!(own.is_some());
        let number = i32::try_from(std::process::id()).expect("a number");
        assert_eq!(FileIdentity::of_program_of(number), own);
        assert_eq!(FileIdentity::of_program_of(0), None);
    }
}
