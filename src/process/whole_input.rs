//! Standard input as a message: read whole, bounded in size and time.

use super::Deadline;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::{dup2_stdin, read};
use std::fs::File;
use std::io::{self, IsTerminal, stdin};
use std::os::fd::AsFd;
use std::time::Duration;
use thiserror::Error;
use zeroize::Zeroizing;

/// Why there is no message.
#[derive(Debug, Error)]
pub enum InputError {
    /// A person typed this: nothing is coming.
    #[error("standard input is a terminal")]
    Terminal,
    /// More than anybody would say.
    #[error("the input is larger than {} MiB", limit >> 20)]
    TooLarge {
        /// The most bytes that are read.
        limit: usize,
    },
    /// Whoever started us neither finished nor went away.
    #[error("the input did not end within {} seconds", patience.as_secs())]
    Unfinished {
        /// How long we waited.
        patience: Duration,
    },
    /// The system's error.
    #[error("the input cannot be read: {0}")]
    Read(Errno),
}

/// Reads standard input to its end.
///
/// # Errors
///
/// [`InputError`], also when it goes on for longer than that or has more bytes.
pub fn read_whole_input(limit: usize, patience: Duration) -> Result<Vec<u8>, InputError> {
    let input = stdin();
    if input.is_terminal() {
        return Err(InputError::Terminal);
    }
    let deadline = Deadline::after(patience);
    let mut bytes = Vec::with_capacity(4096);
    let mut buffer = [0; 16 << 10];
    loop {
        let left = PollTimeout::try_from(deadline.remaining()).unwrap_or(PollTimeout::MAX);
        match poll(&mut [PollFd::new(input.as_fd(), PollFlags::POLLIN)], left) {
            Ok(0) => return Err(InputError::Unfinished { patience }),
            Err(Errno::EINTR) => continue,
            Ok(_) => {}
            Err(error) => return Err(InputError::Read(error)),
        }
        match read(&input, &mut buffer) {
            Ok(0) => return Ok(bytes),
            Ok(length) if bytes.len() + length > limit => {
                return Err(InputError::TooLarge { limit });
            }
            Ok(length) => bytes.extend_from_slice(&buffer[..length]),
            Err(Errno::EINTR | Errno::EAGAIN) if !deadline.has_passed() => {}
            Err(error) => return Err(InputError::Read(error)),
        }
    }
}

/// The most bytes of a secret that are read.
const LONGEST_SECRET: usize = 16 << 10;

/// Reads a secret from standard input and leaves no other copy of it: the buffer does not
/// grow, and nothing else buffers. What is too long is cut, and no secret then.
///
/// # Errors
///
/// The system's.
pub fn read_secret_input() -> io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(vec![0; LONGEST_SECRET]);
    let mut length = 0;
    while length < LONGEST_SECRET {
        match read(stdin(), &mut bytes[length..]) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    bytes.truncate(length);
    Ok(bytes)
}

/// Puts the null device in the place of standard input, which was a message to us.
///
/// # Errors
///
/// The system's.
pub fn forget_input() -> io::Result<()> {
    Ok(dup2_stdin(File::open("/dev/null")?)?)
}
