//! The standard streams as a command is handed them.
//!
//! Nobody copies them, so of a pipe it is known that it is one, and nothing of what goes
//! through it. A regular file is there afterwards: it is opened a second time, to read,
//! so that neither its offset nor anything else of the command's changes.

use super::{InputKind, Stdio, Stream};
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::stat::fstat;
use nix::unistd::{Whence, lseek};
use std::fs::{File, OpenOptions};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::fs::OpenOptionsExt;

/// What a standard stream is.
#[derive(Debug)]
pub enum Handed {
    /// A terminal.
    Terminal,
    /// A pipe.
    Pipe,
    /// A socket.
    Socket,
    /// What swallows everything and gives nothing.
    Null,
    /// A regular file, and from where on the command reads or writes it; opened to read,
    /// where that is allowed.
    File {
        /// The file.
        file: Option<File>,
        /// The offset at the start.
        from: u64,
    },
    /// Something else.
    Other,
}

/// Looks at all three: input, output, errors.
#[must_use]
pub fn handed_streams() -> [(Stream, Handed); 3] {
    let stdio = Stdio::capture();
    let of = |stream, descriptor: BorrowedFd<'_>| {
        let handed = if stdio.is_terminal(stream) { Handed::Terminal } else { look(descriptor) };
        (stream, handed)
    };
    [
        of(Stream::Input, std::io::stdin().as_fd()),
        of(Stream::Output, std::io::stdout().as_fd()),
        of(Stream::Error, std::io::stderr().as_fd()),
    ]
}

fn look(descriptor: BorrowedFd<'_>) -> Handed {
    let Ok(found) = fstat(descriptor) else { return Handed::Other };
    match InputKind::of_state(&found) {
        InputKind::Pipe => Handed::Pipe,
        InputKind::Socket => Handed::Socket,
        InputKind::Null => Handed::Null,
        InputKind::File => {
            let size = u64::try_from(found.st_size).unwrap_or(0);
            Handed::File { file: again(descriptor), from: offset(descriptor).unwrap_or(size) }
        }
        InputKind::Terminal | InputKind::Other => Handed::Other,
    }
}

/// Returns where the next byte is read or written, `None` for the end.
fn offset(descriptor: BorrowedFd<'_>) -> Option<u64> {
    let flags = fcntl(descriptor, FcntlArg::F_GETFL).map(OFlag::from_bits_retain).ok()?;
    if flags.contains(OFlag::O_APPEND) {
        return None;
    }
    u64::try_from(lseek(descriptor, 0, Whence::SeekCur).ok()?).ok()
}

/// Opens the same file a second time.
fn again(descriptor: BorrowedFd<'_>) -> Option<File> {
    let flags = (OFlag::O_NONBLOCK | OFlag::O_NOCTTY).bits();
    let path = format!("/proc/self/fd/{}", descriptor.as_raw_fd());
    OpenOptions::new().read(true).custom_flags(flags).open(path).ok()
}
