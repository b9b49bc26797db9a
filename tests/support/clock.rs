//! Clocks that are wrong: a library that shifts those of the process it is loaded into.

use super::Sandbox;
use std::fs;
use std::path::Path;
use std::process::Command;

impl Sandbox {
    /// Returns `airlock-exec` with these arguments, whose clocks [`Sandbox::shift_clocks`] sets.
    #[expect(clippy::disallowed_methods, reason = "tests start programs")]
    pub(crate) fn with_clocks(&self, words: &[&str]) -> Command {
        let library = self.path("clock.so");
        if !library.exists() {
            let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/clock.c");
            let mut compiler = Command::new("cc");
            compiler.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(&source);
            let output = compiler.output().expect("cc; tests/run installs it");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        let mut command = self.airlock(words);
        command.env("LD_PRELOAD", library).env("CLOCK_SHIFT", self.path("shift"));
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
