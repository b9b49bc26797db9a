//! The command's terminal: a pty made like the caller's.

use crate::run::Start;
use crate::sys::{self, Substitute};
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl, open};
use nix::pty::Winsize;
use nix::sys::stat::Mode;
use nix::sys::termios::{SetArg, Termios, tcgetattr, tcsetattr};
use portable_pty::{MasterPty, PtySize, native_pty_system};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};

/// Both sides of a pty.
///
/// The command's side stays open here until the command has ended: so what was
/// typed and not read is not lost, and the pty never looks closed in between.
#[derive(Debug)]
pub(super) struct Inner {
    master: OwnedFd,
    side: OwnedFd,
}

impl Inner {
    /// Opens a pty of that size, with those settings or the system's own.
    ///
    /// # Errors
    ///
    /// [`Start::Pty`].
    pub(super) fn open(size: Winsize, settings: Option<&Termios>) -> Result<Self, Start> {
        let pair = native_pty_system()
            .openpty(pty_size(size))
            .map_err(|error| Start::Pty(error.to_string()))?;
        let inner = Self::from_master(pair.master.as_ref())
            .map_err(|errno| Start::Pty(errno.desc().to_owned()))?;
        if let Some(settings) = settings {
            inner.set_settings(settings);
        }
        Ok(inner)
    }

    fn from_master(master: &dyn MasterPty) -> Result<Self, Errno> {
        let name = master.tty_name();
        let master = sys::duplicate(master.as_raw_fd().ok_or(Errno::ENOTTY)?)?;
        let flags = OFlag::from_bits_retain(fcntl(&master, FcntlArg::F_GETFL)?);
        fcntl(&master, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
        let side = sys::open_other_side(master.as_fd(), OFlag::O_RDWR).or_else(|errno| {
            let name = name.ok_or(errno)?;
            open(&name, OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC, Mode::empty())
        })?;
        Ok(Self { master, side })
    }

    /// Returns our side; reads and writes there do not block.
    pub(super) fn master(&self) -> BorrowedFd<'_> {
        self.master.as_fd()
    }

    /// Returns the command's side.
    pub(super) fn side(&self) -> BorrowedFd<'_> {
        self.side.as_fd()
    }

    /// Opens the command's side once more, in the place of that descriptor of the caller's
    /// terminal and as it is open.
    pub(super) fn substitute(&self, number: RawFd, how: OFlag) -> Result<Substitute, Errno> {
        let file = sys::open_other_side(self.master(), how)
            .or_else(|_| sys::duplicate(self.side.as_raw_fd()))?;
        Ok(Substitute { number, file })
    }

    /// Opens the command's side once more, for reads that do not block.
    pub(super) fn reader(&self) -> Result<OwnedFd, Errno> {
        sys::open_other_side(self.master(), OFlag::O_RDONLY | OFlag::O_NONBLOCK)
    }

    /// Returns the settings as the command left them.
    pub(super) fn settings(&self) -> Result<Termios, Errno> {
        tcgetattr(&self.side)
    }

    /// Changes the settings, nothing that is on its way.
    pub(super) fn set_settings(&self, settings: &Termios) {
        let _ = tcsetattr(&self.side, SetArg::TCSANOW, settings);
    }

    /// Closes the command's side and gives our side back.
    pub(super) fn into_master(self) -> OwnedFd {
        self.master
    }
}

fn pty_size(size: Winsize) -> PtySize {
    PtySize {
        rows: size.ws_row,
        cols: size.ws_col,
        pixel_width: size.ws_xpixel,
        pixel_height: size.ws_ypixel,
    }
}
