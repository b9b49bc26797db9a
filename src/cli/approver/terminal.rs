//! The terminal a person answers at.

use nix::sys::termios::{FlushArg, tcflush};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use tokio::io::unix::AsyncFd;

/// The controlling terminal, opened anew so that its flags are ours alone.
#[derive(Debug)]
pub(crate) struct Terminal {
    device: AsyncFd<File>,
}

impl Terminal {
    /// Opens the controlling terminal.
    ///
    /// # Errors
    ///
    /// The system's error when there is none.
    pub(crate) fn open() -> io::Result<Self> {
        let flags = nix::fcntl::OFlag::O_NONBLOCK | nix::fcntl::OFlag::O_NOCTTY;
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(flags.bits())
            .open("/dev/tty")?;
        Ok(Self { device: AsyncFd::new(file)? })
    }

    /// Drops what was typed before, asks, and reads one line; `None` at end of input.
    ///
    /// # Errors
    ///
    /// Any error of the terminal.
    pub(crate) async fn ask(&mut self, question: &str) -> io::Result<Option<String>> {
        tcflush(self.device.as_fd(), FlushArg::TCIFLUSH)?;
        let mut output = io::stdout().lock();
        write!(output, "{question}")?;
        output.flush()?;
        drop(output);
        self.line().await
    }

    async fn line(&mut self) -> io::Result<Option<String>> {
        let mut bytes = Vec::new();
        loop {
            let mut buffer = [0; 4096];
            let mut ready = self.device.readable().await?;
            let Ok(read) = ready.try_io(|device| device.get_ref().read(&mut buffer)) else {
                continue;
            };
            let count = read?;
            bytes.extend_from_slice(&buffer[..count]);
            if count == 0 && bytes.is_empty() {
                return Ok(None);
            }
            if count == 0 || bytes.ends_with(b"\n") {
                return Ok(Some(String::from_utf8_lossy(&bytes).trim().to_owned()));
            }
        }
    }
}

/// Returns columns and rows of the terminal on standard output, when there is one.
pub(crate) fn size() -> Option<(usize, usize)> {
    let size = crate::sys::window_size(io::stdout().as_fd()).ok()?;
    // A terminal that does not know its size says 0.
    let known = |count: u16| (count > 0).then_some(usize::from(count));
    Some((known(size.ws_col)?, known(size.ws_row)?))
}
