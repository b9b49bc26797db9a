//! The terminal a person answers at.

use nix::fcntl::OFlag;
use nix::sys::termios::{FlushArg, tcflush};
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use tokio::net::unix::pipe::Receiver;

/// The controlling terminal, opened anew so that its flags are ours alone.
#[derive(Debug)]
pub(super) struct Terminal {
    device: Receiver,
}

impl Terminal {
    /// Opens the controlling terminal.
    ///
    /// # Errors
    ///
    /// The system's error when there is none.
    pub(super) fn open() -> io::Result<Self> {
        let flags = OFlag::O_NONBLOCK | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
        let file = OpenOptions::new().read(true).custom_flags(flags.bits()).open("/dev/tty")?;
        // A terminal is no pipe, but can be waited for and read like one.
        Ok(Self { device: Receiver::from_file_unchecked(file)? })
    }

    /// Drops what was typed before, asks, and reads one line; `None` at end of input.
    ///
    /// # Errors
    ///
    /// Any error of the terminal.
    pub(super) async fn ask(&mut self, question: &str) -> io::Result<Option<String>> {
        tcflush(self.device.as_fd(), FlushArg::TCIFLUSH)?;
        let mut output = io::stdout().lock();
        write!(output, "{question}")?;
        output.flush()?;
        drop(output);
        let line = self.line().await?;
        if line.is_none() {
            // What is said next begins a line of its own.
            writeln!(io::stdout())?;
        }
        Ok(line)
    }

    /// Waits for what is typed, and returns all of it.
    ///
    /// # Errors
    ///
    /// Any error of the terminal; `UnexpectedEof` when it went away.
    pub(super) async fn bytes(&mut self) -> io::Result<Vec<u8>> {
        loop {
            self.device.readable().await?;
            let mut buffer = [0; 4096];
            match self.device.try_read(&mut buffer) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => return Ok(buffer[..count].to_vec()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Drops what was typed and not read.
    ///
    /// # Errors
    ///
    /// Any error of the terminal.
    pub(super) fn forget_typed(&self) -> io::Result<()> {
        Ok(tcflush(self.device.as_fd(), FlushArg::TCIFLUSH)?)
    }

    async fn line(&mut self) -> io::Result<Option<String>> {
        let mut bytes = Vec::new();
        loop {
            self.device.readable().await?;
            let mut buffer = [0; 4096];
            let count = match self.device.try_read(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
                count => count?,
            };
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
