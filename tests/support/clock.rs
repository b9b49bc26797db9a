//! Clocks that are wrong: a library that shifts those of the process it is loaded into.

use super::Sandbox;
use std::fs;
use std::process::Command;

impl Sandbox {
    /// Returns `airlock-exec` with these arguments, whose clocks [`Sandbox::shift_clocks`] sets.
    pub(crate) fn with_clocks(&self, words: &[&str]) -> Command {
        let mut command = self.airlock(words);
        command.env("LD_PRELOAD", self.library("clock")).env("CLOCK_SHIFT", self.path("shift"));
        command
    }

    /// Sets the wall clock and the time since the machine started so many seconds from the
    /// truth.
    pub(crate) fn shift_clocks(&self, wall: i64, boot: i64) {
        let new = self.path("shift.new");
        fs::write(&new, format!("{wall} {boot}")).expect("written");
        fs::rename(new, self.path("shift")).expect("renamed");
    }
}
