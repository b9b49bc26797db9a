//! A disk that does not keep one file: a library has its `fsync` and `fdatasync` fail.

use super::Sandbox;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

impl Sandbox {
    /// Returns `airlock-exec` with these arguments, on the disk that
    /// [`Sandbox::break_disk`] breaks.
    pub(crate) fn on_disk<S: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = S>) -> Command {
        let mut command = self.airlock(words);
        command.env("LD_PRELOAD", self.library("disk")).env("DISK_FAULT", self.path("fault"));
        command
    }

    /// Has the disk answer with that error when it is to keep that file or directory.
    pub(crate) fn break_disk(&self, path: &Path, error: i32) {
        self.set_disk(path, error);
    }

    /// Has the disk take so long to keep that file or directory.
    pub(crate) fn slow_disk(&self, path: &Path, milliseconds: i32) {
        self.set_disk(path, -milliseconds);
    }

    fn set_disk(&self, path: &Path, answer: i32) {
        let path = path.canonicalize().expect("it is there");
        let path = path.to_str().expect("UTF-8");
        let new = self.path("fault.new");
        fs::write(&new, format!("{answer} {path}\n")).expect("written");
        fs::rename(new, self.path("fault")).expect("renamed");
    }

    /// Has the disk keep everything again.
    pub(crate) fn mend_disk(&self) {
        fs::remove_file(self.path("fault")).expect("it was broken");
    }
}
