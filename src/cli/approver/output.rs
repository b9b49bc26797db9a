//! Lines on standard output.

use std::io::{self, Write};

/// Writes one line at once, so that a reader sees it while we wait.
pub(crate) fn say(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
