//! What standard input is.

use nix::sys::stat::{FileStat, SFlag, fstat, major, minor};
use std::io::IsTerminal;

/// What standard input is, as the reviewer sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputKind {
    /// A terminal.
    Terminal,
    /// A pipe: its content is decided later.
    Pipe,
    /// A socket: its content is decided later.
    Socket,
    /// A file.
    File,
    /// The null device, or nothing at all.
    Null,
    /// Another device.
    Other,
}

impl InputKind {
    /// Asks the system.
    #[must_use]
    pub fn capture() -> Self {
        let input = std::io::stdin();
        if input.is_terminal() {
            return Self::Terminal;
        }
        fstat(&input).map_or(Self::Null, |found| Self::of_state(&found))
    }

    /// Tells what something open is that is no terminal.
    pub(super) fn of_state(found: &FileStat) -> Self {
        let kind = SFlag::from_bits_truncate(found.st_mode & SFlag::S_IFMT.bits());
        match kind {
            SFlag::S_IFREG => Self::File,
            SFlag::S_IFIFO => Self::Pipe,
            SFlag::S_IFSOCK => Self::Socket,
            SFlag::S_IFCHR if is_null_device(found.st_rdev) => Self::Null,
            _ => Self::Other,
        }
    }
}

#[cfg(target_os = "linux")]
fn is_null_device(device: u64) -> bool {
    (major(device), minor(device)) == (1, 3)
}

#[cfg(not(target_os = "linux"))]
fn is_null_device(device: nix::libc::dev_t) -> bool {
    nix::sys::stat::stat("/dev/null").is_ok_and(|null| null.st_rdev == device)
}
