//! What a terminal can be asked that has no safe call.

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl};
use nix::libc::{self, c_char, winsize};
use nix::pty::Winsize;
use nix::sys::stat::{fstat, stat};
use nix::sys::termios::tcgetsid;
use nix::unistd::getsid;
use std::ffi::CStr;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

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

/// Opens the other side of a pty through its master, whatever `/dev/pts` is, as those
/// flags say.
///
/// # Errors
///
/// `ENOTTY` or `EINVAL` where the kernel has no such call.
#[cfg(target_os = "linux")]
pub fn open_other_side(master: BorrowedFd<'_>, how: OFlag) -> Result<OwnedFd, Errno> {
    // Not O_CLOEXEC: this call alone would leave it in the flags a program sees.
    let flags = (how | OFlag::O_NOCTTY).bits();
    // SAFETY: the argument is a number, the flags of the new descriptor.
    let opened = unsafe { libc::ioctl(master.as_raw_fd(), libc::TIOCGPTPEER, flags) };
    let descriptor = Errno::result(opened)?;
    // SAFETY: the kernel just made it for us.
    let side = unsafe { OwnedFd::from_raw_fd(descriptor) };
    fcntl(&side, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
    Ok(side)
}

/// Opens the other side of a pty through its master.
///
/// # Errors
///
/// `ENOTTY`: only Linux has such a call.
#[cfg(not(target_os = "linux"))]
pub fn open_other_side(_master: BorrowedFd<'_>, _how: OFlag) -> Result<OwnedFd, Errno> {
    Err(Errno::ENOTTY)
}

/// Returns the descriptors above the standard streams that the caller handed down and
/// that are the terminal which controls us, and how each is open.
#[must_use]
pub fn handed_down_terminals() -> Vec<(RawFd, OFlag)> {
    let Ok(session) = getsid(None) else { return Vec::new() };
    let how = |number: &RawFd| {
        // SAFETY: only used for these questions; a closed one gives an error.
        let descriptor = unsafe { BorrowedFd::borrow_raw(*number) };
        let is_it = tcgetsid(descriptor) == Ok(session) && !is_master(descriptor);
        let flags = fcntl(descriptor, FcntlArg::F_GETFL).ok().filter(|_| is_it)?;
        Some((*number, OFlag::from_bits_retain(flags)))
    };
    super::descriptor::handed_down().iter().filter_map(how).collect()
}

/// Tells whether it is our side of some pty, which names the session of the other.
fn is_master(descriptor: BorrowedFd<'_>) -> bool {
    is_device(descriptor, c"/dev/ptmx")
}

/// Tells whether the open file is that device.
#[must_use]
pub fn is_device(file: BorrowedFd<'_>, device: &CStr) -> bool {
    let found = fstat(file).map(|found| found.st_rdev);
    found.is_ok() && found == stat(device).map(|found| found.st_rdev)
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
