//! Who else of ours is at the same terminal, in the same process group.
//!
//! Each of us locks a byte of the terminal's own device: no file is left behind, and a lock
//! goes with whoever held it, however that ends. A group has three bytes: one that each member
//! shares, one of whoever reads the terminal, one of whoever will not let go of it. Opening and closing the device
//! tells the others that something changed: they watch it (`inotify(7)`).

use super::terminal::is_device;
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl, open};
use nix::libc;
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
use nix::sys::stat::{Mode, fstat};
use nix::unistd::{getpgrp, read};
use std::cell::Cell;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;

/// Our place among them. The others know it until this is dropped or [left](Self::leave).
#[derive(Debug)]
pub struct Neighbours {
    path: PathBuf,
    file: OwnedFd,
    watch: Option<Inotify>,
    present: libc::off_t,
    reading: libc::off_t,
    keeping: libc::off_t,
    keeps: Cell<bool>,
}

impl Neighbours {
    /// Joins those at the terminal of this stream; `None` where the system lets nobody.
    ///
    /// The stream must have been opened by the terminal's own name: what `/dev/tty` names
    /// is the same for everybody.
    #[must_use]
    pub fn join(stream: BorrowedFd<'_>) -> Option<Self> {
        if is_device(stream, c"/dev/tty") {
            return None;
        }
        let path = PathBuf::from(format!("/proc/self/fd/{}", stream.as_raw_fd()));
        let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
        let file = open(&path, flags, Mode::empty()).ok()?;
        if fstat(&file).ok()?.st_rdev != fstat(stream).ok()?.st_rdev {
            return None;
        }
        let path = PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()));
        let group = libc::off_t::from(getpgrp().as_raw());
        let (present, reading, keeping) = (group * 3, group * 3 + 1, group * 3 + 2);
        let (watch, keeps) = (watch(&path), Cell::new(false));
        let neighbours = Self { path, file, watch, present, reading, keeping, keeps };
        neighbours.lock(libc::F_RDLCK, present).ok()?;
        neighbours.tell();
        Some(neighbours)
    }

    /// Tells whether there are others.
    #[must_use]
    pub fn are_there(&self) -> bool {
        self.is_locked(self.present)
    }

    /// Tells whether another one reads the terminal.
    #[must_use]
    pub fn read_it(&self) -> bool {
        self.is_locked(self.reading)
    }

    /// Tells whether another one reads the terminal and will until it ends.
    #[must_use]
    pub fn keep_it(&self) -> bool {
        self.is_locked(self.keeping)
    }

    /// Will read the terminal as long as this one can.
    pub fn keep(&self) {
        if !self.keeps.replace(true) && self.lock(libc::F_WRLCK, self.keeping).is_ok() {
            self.tell();
        }
    }

    /// Becomes the one who reads the terminal; tells whether nobody else is.
    #[must_use]
    pub fn begin_to_read(&self) -> bool {
        !matches!(self.lock(libc::F_WRLCK, self.reading), Err(Errno::EAGAIN | Errno::EACCES))
    }

    /// Reads the terminal no more.
    pub fn cease_to_read(&self) {
        self.keeps.set(false);
        let _ = self.lock(libc::F_UNLCK, self.keeping);
        let _ = self.lock(libc::F_UNLCK, self.reading);
        self.tell();
    }

    /// Is not there any more, even if a process that has a copy of the descriptor lives on.
    pub fn leave(&self) {
        let _ = self.lock(libc::F_UNLCK, self.present);
        self.cease_to_read();
    }

    /// Returns what is ready when somebody came, left, or reads no more.
    #[must_use]
    pub fn news(&self) -> Option<BorrowedFd<'_>> {
        self.watch.as_ref().map(AsFd::as_fd)
    }

    /// Takes what was new.
    pub fn take_news(&self) {
        let mut events = [0; 1024];
        while let Some(watch) = self.news()
            && read(watch, &mut events).is_ok_and(|length| length > 0)
        {}
    }

    /// Returns what holds the locks, as long as a copy of it is open.
    #[must_use]
    pub fn file(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }

    fn tell(&self) {
        let _ =
            open(&self.path, OFlag::O_RDONLY | OFlag::O_NOCTTY | OFlag::O_CLOEXEC, Mode::empty());
    }

    fn lock(&self, how: i32, byte: libc::off_t) -> Result<(), Errno> {
        let lock = region(how, byte).ok_or(Errno::EINVAL)?;
        fcntl(&self.file, FcntlArg::F_OFD_SETLK(&lock)).map(drop)
    }

    /// Tells whether somebody else locked this byte.
    fn is_locked(&self, byte: libc::off_t) -> bool {
        region(libc::F_WRLCK, byte).is_some_and(|lock| is_locked_by_another(self.file(), lock))
    }
}

/// Tells whether one of us is at this terminal, in whatever group.
#[must_use]
pub fn one_of_us_is_at(terminal: BorrowedFd<'_>) -> bool {
    // To the end of all: nobody else locks a terminal.
    let whole = region(libc::F_WRLCK, 0).map(|first| libc::flock { l_len: 0, ..first });
    whole.is_some_and(|whole| is_locked_by_another(terminal, whole))
}

fn is_locked_by_another(file: BorrowedFd<'_>, mut lock: libc::flock) -> bool {
    fcntl(file, FcntlArg::F_OFD_GETLK(&mut lock)).is_ok() && i32::from(lock.l_type) != libc::F_UNLCK
}

impl Drop for Neighbours {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Watches the terminal being closed by anybody; without that, others are noticed at the
/// start only.
fn watch(path: &PathBuf) -> Option<Inotify> {
    let watch = Inotify::init(InitFlags::IN_NONBLOCK | InitFlags::IN_CLOEXEC).ok()?;
    watch.add_watch(path, AddWatchFlags::IN_CLOSE).ok()?;
    Some(watch)
}

fn region(how: i32, byte: libc::off_t) -> Option<libc::flock> {
    Some(libc::flock {
        l_type: libc::c_short::try_from(how).ok()?,
        l_whence: libc::c_short::try_from(libc::SEEK_SET).ok()?,
        l_start: byte,
        l_len: 1,
        l_pid: 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    use nix::pty::openpty;

    fn has_news(neighbours: &Neighbours) -> bool {
        let mut waiting = [PollFd::new(neighbours.news().unwrap(), PollFlags::POLLIN)];
        let ready = poll(&mut waiting, PollTimeout::ZERO) == Ok(1);
        neighbours.take_news();
        ready
    }

    #[test]
    fn who_comes_and_goes_is_known_to_the_others() {
        let [pty, elsewhere] = [(); 2].map(|()| openpty(None, None).unwrap());
        let first = Neighbours::join(pty.slave.as_fd()).unwrap();
        let _stranger = Neighbours::join(elsewhere.slave.as_fd()).unwrap();
        first.take_news();
        assert!(!first.are_there(), "nobody else is at this terminal");
        let second = Neighbours::join(pty.slave.as_fd()).unwrap();
        assert!(has_news(&first) && first.are_there() && second.are_there());
        assert!(one_of_us_is_at(pty.master.as_fd()) || one_of_us_is_at(pty.slave.as_fd()));
        second.leave();
        assert!(has_news(&first) && !first.are_there(), "it left");
        let third = Neighbours::join(pty.slave.as_fd()).unwrap();
        let copy = third.file().try_clone_to_owned().unwrap();
        first.take_news();
        drop(third);
        assert!(has_news(&first) && !first.are_there(), "a copy does not stand for it");
        drop(copy);
    }

    #[test]
    fn one_of_them_reads() {
        let pty = openpty(None, None).unwrap();
        let [first, second] = [(); 2].map(|()| Neighbours::join(pty.slave.as_fd()).unwrap());
        assert!(first.begin_to_read() && first.begin_to_read());
        assert!(!first.read_it() && second.read_it() && !second.begin_to_read());
        second.take_news();
        first.keep();
        assert!(has_news(&second) && second.keep_it() && !first.keep_it());
        first.take_news();
        first.keep();
        assert!(!has_news(&first), "it was told once");
        first.cease_to_read();
        assert!(has_news(&second) && !second.keep_it());
        assert!(second.begin_to_read() && first.read_it());
    }
}
