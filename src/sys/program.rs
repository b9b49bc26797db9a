//! A program that is ready to be executed, and its execution.

use super::inherited::streams_closed_at_start;
use super::signal::{self, Disposition};
use super::spawn::{Failure, Step};
use nix::errno::Errno;
use nix::libc;
use nix::sys::signal::SigSet;
use std::ffi::{CStr, CString, c_char};
use std::marker::PhantomData;
use std::os::fd::{AsRawFd, BorrowedFd};

/// Everything `execve` needs, held so that nothing is looked up or allocated later.
#[derive(Debug)]
pub struct Program<'a> {
    executable: BorrowedFd<'a>,
    path: CString,
    directory: BorrowedFd<'a>,
    arguments: Strings,
    environment: Borrowed<'a>,
}

impl<'a> Program<'a> {
    /// Takes the open executable, the path it is known by, the open directory it
    /// starts in, its arguments (`argv[0]` first) and its environment entries.
    ///
    /// The path is used for files the kernel cannot execute by descriptor, which
    /// are scripts, and then only while it still names that very file.
    #[must_use]
    pub fn new(
        executable: BorrowedFd<'a>,
        path: CString,
        directory: BorrowedFd<'a>,
        arguments: Vec<CString>,
        environment: impl IntoIterator<Item = &'a CStr>,
    ) -> Self {
        Self {
            executable,
            path,
            directory,
            arguments: Strings::new(arguments),
            environment: Borrowed::new(environment),
        }
    }

    /// Turns this process into the program; returns only when that failed.
    ///
    /// Streams that the caller had closed are closed again and signals are as
    /// the caller had them. After a failure they are as they were for us.
    #[must_use]
    pub fn replace(&self) -> Replace {
        let mask = match signal::mask() {
            Ok(mask) => mask,
            Err(errno) => return Replace(Failure::new(Step::Prepare, errno)),
        };
        let changed = [libc::SIGPIPE, libc::SIGXFSZ];
        let before = changed.map(|each| signal::set_disposition(each, signal::inherited(each)));
        let failure = self.execute(&mask);
        for (signal, before) in changed.into_iter().zip(before) {
            let _ = signal::set_disposition(signal, before.unwrap_or(Disposition::Default));
        }
        super::descriptor::reopen(streams_closed_at_start());
        Replace(failure)
    }

    /// Executes the program in the forked child; async-signal-safe.
    pub(super) fn execute(&self, mask: &SigSet) -> Failure {
        if let Err(errno) = self.enter_directory() {
            return Failure::new(Step::Directory, errno);
        }
        super::descriptor::close_streams(streams_closed_at_start());
        super::shield::restore_limit();
        if let Err(errno) = signal::set_mask_of_command(mask) {
            return Failure::new(Step::Prepare, errno);
        }
        let errno = self.execute_descriptor();
        if !matches!(errno, Errno::ENOENT | Errno::ENOSYS | Errno::EPERM) {
            return Failure::new(Step::Execute, errno);
        }
        // A script: its interpreter opens it again by name (execveat(2), BUGS).
        // Also a kernel or a container's filter that does not know the call.
        match self.path_names_executable() {
            Ok(true) => Failure::new(Step::Execute, self.execute_path()),
            Ok(false) => Failure::new(Step::Changed, Errno::ESTALE),
            Err(errno) => Failure::new(Step::Changed, errno),
        }
    }

    /// Goes to the directory, unless this process never left it.
    ///
    /// Entering needs search permission, staying does not.
    fn enter_directory(&self) -> Result<(), Errno> {
        let Err(errno) = nix::unistd::fchdir(self.directory) else { return Ok(()) };
        let wanted = nix::sys::stat::fstat(self.directory)?;
        let current = stat_here()?;
        if (wanted.st_dev, wanted.st_ino) == (current.st_dev, current.st_ino) {
            Ok(())
        } else {
            Err(errno)
        }
    }

    fn path_names_executable(&self) -> Result<bool, Errno> {
        let held = nix::sys::stat::fstat(self.executable)?;
        let named = nix::sys::stat::stat(self.path.as_c_str())?;
        Ok((held.st_dev, held.st_ino) == (named.st_dev, named.st_ino))
    }

    #[cfg(target_os = "linux")]
    fn execute_descriptor(&self) -> Errno {
        // SAFETY: the pointers lead to strings this value owns, both arrays end
        // with a null, and the descriptor is open while it is borrowed.
        unsafe {
            libc::syscall(
                libc::SYS_execveat,
                self.executable.as_raw_fd(),
                c"".as_ptr(),
                self.arguments.pointers.as_ptr(),
                self.environment.pointers.as_ptr(),
                libc::AT_EMPTY_PATH,
            )
        };
        Errno::last()
    }

    #[cfg(not(target_os = "linux"))]
    fn execute_descriptor(&self) -> Errno {
        Errno::ENOSYS
    }

    fn execute_path(&self) -> Errno {
        // SAFETY: as above; the path is a string this value owns.
        unsafe {
            libc::execve(
                self.path.as_ptr(),
                self.arguments.pointers.as_ptr(),
                self.environment.pointers.as_ptr(),
            )
        };
        Errno::last()
    }
}

#[cfg(target_os = "linux")]
fn stat_here() -> Result<nix::sys::stat::FileStat, Errno> {
    use nix::fcntl::{AT_FDCWD, AtFlags};
    nix::sys::stat::fstatat(AT_FDCWD, c"", AtFlags::AT_EMPTY_PATH)
}

#[cfg(not(target_os = "linux"))]
fn stat_here() -> Result<nix::sys::stat::FileStat, Errno> {
    nix::sys::stat::stat(c".")
}

/// Why this process could not become the program.
#[derive(Debug)]
pub struct Replace(pub Failure);

/// The array of pointers to strings that others own, ended by a null.
///
/// Thousands of variables cost one allocation.
#[derive(Debug)]
struct Borrowed<'a> {
    pointers: Vec<*const c_char>,
    _owner: PhantomData<&'a CStr>,
}

impl<'a> Borrowed<'a> {
    fn new(strings: impl IntoIterator<Item = &'a CStr>) -> Self {
        let pointers = strings.into_iter().map(CStr::as_ptr).chain([std::ptr::null()]).collect();
        Self { pointers, _owner: PhantomData }
    }
}

/// Strings, and the array of pointers to them, ended by a null, that `execve` takes.
///
/// Made before any fork. The pointers stay good because nothing changes the strings.
#[derive(Debug)]
struct Strings {
    pointers: Vec<*const c_char>,
    _owned: Vec<CString>,
}

impl Strings {
    fn new(owned: Vec<CString>) -> Self {
        let pointers =
            owned.iter().map(|text| CStr::as_ptr(text)).chain([std::ptr::null()]).collect();
        Self { pointers, _owned: owned }
    }
}
