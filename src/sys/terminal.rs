//! What a terminal can be asked that has no safe call.

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FdFlag};
use nix::libc::{self, c_char, winsize};
use nix::pty::Winsize;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

/// Returns rows, columns and pixels; all of them may be 0.
///
/// # Errors
///
/// `ENOTTY` when it is no terminal, `EIO` when it has gone.
pub fn window_size(terminal: BorrowedFd<'_>) -> Result<Winsize, Errno> {
    let mut size = Winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: the pointer leads to room for one size.
    let asked = unsafe {
        libc::ioctl(
            terminal.as_raw_fd(),
            libc::TIOCGWINSZ,
            std::ptr::from_mut::<winsize>(&mut size),
        )
    };
    Errno::result(asked).map(|_| size)
}

/// Sets the size; the foreground group gets SIGWINCH if it differs.
///
/// # Errors
///
/// `ENOTTY` when it is no terminal, `EIO` when it has gone.
pub fn set_window_size(terminal: BorrowedFd<'_>, size: &Winsize) -> Result<(), Errno> {
    // SAFETY: the pointer leads to one size, which is only read.
    let set = unsafe {
        libc::ioctl(terminal.as_raw_fd(), libc::TIOCSWINSZ, std::ptr::from_ref::<winsize>(size))
    };
    Errno::result(set).map(drop)
}

/// Makes the terminal the one that controls our session, which we must lead.
///
/// # Errors
///
/// `EPERM` when we lead none or it controls another.
pub fn set_controlling(terminal: BorrowedFd<'_>) -> Result<(), Errno> {
    // SAFETY: the argument is the number 0: do not take it from others.
    let set = unsafe { libc::ioctl(terminal.as_raw_fd(), libc::TIOCSCTTY, 0) };
    Errno::result(set).map(drop)
}

/// Opens the other side of a pty through its master, whatever `/dev/pts` is.
///
/// # Errors
///
/// `ENOTTY` or `EINVAL` where the kernel has no such call.
#[cfg(target_os = "linux")]
pub fn open_other_side(master: BorrowedFd<'_>) -> Result<OwnedFd, Errno> {
    // Not O_CLOEXEC: this call alone would leave it in the flags a program sees.
    let flags = libc::O_RDWR | libc::O_NOCTTY;
    // SAFETY: the argument is a number, the flags of the new descriptor.
    let opened = unsafe { libc::ioctl(master.as_raw_fd(), libc::TIOCGPTPEER, flags) };
    let descriptor = Errno::result(opened)?;
    // SAFETY: the kernel just made it for us.
    let side = unsafe { OwnedFd::from_raw_fd(descriptor) };
    nix::fcntl::fcntl(&side, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
    Ok(side)
}

/// Opens the other side of a pty through its master.
///
/// # Errors
///
/// `ENOTTY`: only Linux has such a call.
#[cfg(not(target_os = "linux"))]
pub fn open_other_side(_master: BorrowedFd<'_>) -> Result<OwnedFd, Errno> {
    Err(Errno::ENOTTY)
}

/// Puts one byte into the terminal's input as if it had been typed.
///
/// # Errors
///
/// `EIO` or `EPERM` where the system forbids it (`dev.tty.legacy_tiocsti`).
pub fn push_input(terminal: BorrowedFd<'_>, byte: u8) -> Result<(), Errno> {
    // SAFETY: the pointer leads to one byte, which is only read.
    let pushed = unsafe {
        libc::ioctl(
            terminal.as_raw_fd(),
            libc::TIOCSTI,
            std::ptr::from_ref::<u8>(&byte).cast::<c_char>(),
        )
    };
    Errno::result(pushed).map(drop)
}

/// Returns how many bytes can be read at once.
///
/// # Errors
///
/// `EIO` when the terminal has gone.
pub fn unread(terminal: BorrowedFd<'_>) -> Result<usize, Errno> {
    let mut count: libc::c_int = 0;
    // SAFETY: the pointer leads to room for one number.
    let asked = unsafe {
        libc::ioctl(
            terminal.as_raw_fd(),
            libc::FIONREAD,
            std::ptr::from_mut::<libc::c_int>(&mut count),
        )
    };
    Errno::result(asked)?;
    Ok(usize::try_from(count).unwrap_or(0))
}
