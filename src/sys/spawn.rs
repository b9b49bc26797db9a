//! A program started in a process of its own.

use super::descriptor::Substitute;
use super::inherited::Streams;
use super::program::Program;
use super::signal;
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::signal::{SigSet, Signal};
use nix::sys::wait::waitpid;
use nix::unistd::{Pid, getpgrp, getpid, getppid, read, setpgid, write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// Whether a process group may read the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It has the terminal.
    Foreground,
    /// It is stopped when it reads.
    Background,
}

/// Where a new process stands.
#[derive(Debug, Clone, Copy)]
pub enum Place<'a> {
    /// In our process group and session, with our streams; killed when we die.
    Group,
    /// In another process group, in our session, on its terminal.
    Job {
        /// The group, or none for a new one that the program leads.
        group: Option<Pid>,
        /// The terminal, which must control our session.
        terminal: BorrowedFd<'a>,
        /// The streams that become the terminal; the others are ours.
        streams: Streams,
        /// What takes the place of other descriptors.
        substitutes: &'a [Substitute],
        /// Whether it starts in the foreground.
        standing: Standing,
    },
}

/// What was being done when a program could not be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Making the process.
    Fork,
    /// Setting up its signals, group or terminal.
    Prepare,
    /// Entering the directory.
    Directory,
    /// Finding that the path still names the file that was opened.
    Changed,
    /// Executing the file.
    Execute,
}

impl Step {
    const ALL: [Self; 5] =
        [Self::Fork, Self::Prepare, Self::Directory, Self::Changed, Self::Execute];

    /// Returns the number that goes through a pipe or a socket.
    #[must_use]
    pub fn number(self) -> i32 {
        match self {
            Self::Fork => 0,
            Self::Prepare => 1,
            Self::Directory => 2,
            Self::Changed => 3,
            Self::Execute => 4,
        }
    }

    /// Reads the number back.
    #[must_use]
    pub fn from_number(number: i32) -> Option<Self> {
        Self::ALL.get(usize::try_from(number).ok()?).copied()
    }
}

/// Why a program could not be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failure {
    /// What was being done.
    pub step: Step,
    /// The system's answer.
    pub errno: Errno,
}

impl Failure {
    /// Names the step and the answer.
    #[must_use]
    pub fn new(step: Step, errno: Errno) -> Self {
        Self { step, errno }
    }

    /// Returns the answer as the system's number.
    #[must_use]
    #[expect(clippy::as_conversions, reason = "the enum is made of these numbers")]
    pub fn number(self) -> i32 {
        self.errno as i32
    }

    fn to_words(self) -> [[u8; 4]; 2] {
        [self.step.number().to_ne_bytes(), self.number().to_ne_bytes()]
    }

    fn from_words([step, errno]: [[u8; 4]; 2]) -> Self {
        let step = Step::from_number(i32::from_ne_bytes(step)).unwrap_or(Step::Execute);
        Self { step, errno: Errno::from_raw(i32::from_ne_bytes(errno)) }
    }
}

/// A program that was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spawned(pub Pid);

/// Starts a program with that signal mask and returns once it executes;
/// async-signal-safe.
///
/// All signals must be blocked by the caller, so that none arrives between
/// `fork` and `exec`; the mask is the one from before.
///
/// # Errors
///
/// [`Failure`]; then no process is left.
pub fn spawn(program: &Program<'_>, place: Place<'_>, mask: &SigSet) -> Result<Spawned, Failure> {
    let prepare = |errno| Failure::new(Step::Prepare, errno);
    let (report, reporter) = nix::unistd::pipe2(OFlag::O_CLOEXEC).map_err(prepare)?;
    let parent = getpid();
    let child = super::fork::fork_to_execute(|| {
        let failure = match settle(place, parent) {
            Ok(()) => {
                signal::restore_dispositions();
                super::kept::take_what_was_handed_on();
                program.execute(mask)
            }
            Err(errno) => Failure::new(Step::Prepare, errno),
        };
        let _ = write(&reporter, failure.to_words().as_flattened());
        127
    })
    .map_err(|errno| Failure::new(Step::Fork, errno))?;
    drop(reporter);
    match read_report(&report) {
        None => Ok(Spawned(child)),
        Some(failure) => {
            let _ = waitpid(child, None);
            Err(failure)
        }
    }
}

/// Makes a process group whose leader has ended, for a program that leads none;
/// async-signal-safe.
///
/// The leader is ours to wait for, once somebody has joined the group.
///
/// # Errors
///
/// `EAGAIN` when a limit on processes was reached, `ENOMEM`.
pub fn found_group() -> Result<Pid, Errno> {
    let leader = super::fork(|| 0)?;
    setpgid(leader, leader).map(|()| leader)
}

/// Takes the place in the forked child; async-signal-safe.
fn settle(place: Place<'_>, parent: Pid) -> Result<(), Errno> {
    match place {
        Place::Group => die_with(parent),
        Place::Job { group, terminal, streams, substitutes, standing } => {
            setpgid(Pid::from_raw(0), group.unwrap_or(Pid::from_raw(0)))?;
            if standing == Standing::Foreground {
                // SIGTTOU is blocked, as every signal is, so this does not stop us.
                nix::unistd::tcsetpgrp(terminal, getpgrp())?;
            }
            substitutes.iter().try_for_each(Substitute::take_place)?;
            if streams.contains(0) {
                nix::unistd::dup2_stdin(terminal)?;
            }
            if streams.contains(1) {
                nix::unistd::dup2_stdout(terminal)?;
            }
            if streams.contains(2) {
                nix::unistd::dup2_stderr(terminal)?;
            }
            Ok(())
        }
    }
}

/// Has the kernel kill this process when the parent dies.
#[cfg(target_os = "linux")]
fn die_with(parent: Pid) -> Result<(), Errno> {
    nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)?;
    // It may have died before we asked.
    if getppid() == parent { Ok(()) } else { Err(Errno::ESRCH) }
}

/// Has the kernel continue this process, if it is stopped, when its parent dies.
#[cfg(target_os = "linux")]
pub fn go_on_when_parent_dies() {
    let _ = nix::sys::prctl::set_pdeathsig(Signal::SIGCONT);
}

/// Does nothing: only Linux can.
#[cfg(not(target_os = "linux"))]
pub fn go_on_when_parent_dies() {}

#[cfg(not(target_os = "linux"))]
fn die_with(_parent: Pid) -> Result<(), Errno> {
    Ok(())
}

/// Reads why the child failed, `None` when `exec` closed the pipe.
fn read_report(report: &OwnedFd) -> Option<Failure> {
    let mut words = [[0; 4]; 2];
    loop {
        match read(report.as_fd(), words.as_flattened_mut()) {
            Ok(8) => return Some(Failure::from_words(words)),
            Err(Errno::EINTR) => {}
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::{BlockedSignals, Ending, end_of};
    use std::ffi::CString;
    use std::fs::File;
    use std::os::fd::AsFd;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    fn run(path: &Path, arguments: &[&str]) -> Result<Ending, Failure> {
        let executable = File::open(path).unwrap();
        let directory = File::open("/").unwrap();
        let text = |text: &str| CString::new(text).unwrap();
        let program = Program::new(
            executable.as_fd(),
            text(path.to_str().unwrap()),
            directory.as_fd(),
            arguments.iter().map(|argument| text(argument)).collect(),
            [c"PATH=/usr/bin:/bin", c"ONLY=this"],
        );
        let blocked = BlockedSignals::all().unwrap();
        // Another test's child may hold the file we wrote until it executes.
        let busy = Err(Failure::new(Step::Execute, Errno::ETXTBSY));
        let mut spawned = busy;
        while spawned == busy {
            spawned = spawn(&program, Place::Group, blocked.before());
        }
        spawned.map(|Spawned(pid)| end_of(pid).unwrap())
    }

    fn shell(script: &str) -> Ending {
        run(Path::new("/bin/sh"), &["sh", "-c", script]).unwrap()
    }

    fn file(content: &str, mode: u32) -> (tempfile::TempDir, std::path::PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("tool");
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        (directory, path)
    }

    #[test]
    fn reports_every_status_and_the_fatal_signal() {
        assert_eq!(shell("exit 0"), Ending::Returned(0));
        assert_eq!(shell("exit 255"), Ending::Returned(255));
        assert_eq!(shell("kill -TERM $$"), Ending::Killed(15));
        assert_eq!(shell("kill -40 $$"), Ending::Killed(40));
    }

    #[test]
    fn starts_in_the_directory_with_exactly_that_environment() {
        assert_eq!(shell("test \"$(pwd)\" = / && test \"$ONLY\" = this"), Ending::Returned(0));
        assert_eq!(shell("test -z \"$HOME$CARGO_PKG_NAME\""), Ending::Returned(0));
    }

    #[test]
    fn starts_with_no_signal_blocked_and_the_inherited_ones_ignored() {
        let ignored = "grep -q '^SigBlk:.0*$' /proc/self/status";
        assert_eq!(shell(ignored), Ending::Returned(0));
        let pipe = signal::inherited(nix::libc::SIGPIPE) == signal::Disposition::Ignore;
        // SIGPIPE is 13: bit 12, the first digit of the fourth from the right.
        let script = "case $(sed -n 's/^SigIgn:.//p' /proc/self/status) in \
                      *[1357]???) exit 1;; *) exit 0;; esac";
        assert_eq!(shell(script), Ending::Returned(pipe.into()));
    }

    #[test]
    fn a_script_runs_under_its_own_name() {
        let (_directory, path) = file("#!/bin/sh\ntest \"$0\" = \"$1\"\n", 0o755);
        let name = path.to_str().unwrap();
        assert_eq!(run(&path, &["tool", name]), Ok(Ending::Returned(0)));
    }

    #[test]
    fn reports_why_a_file_is_not_executed() {
        let (_directory, path) = file("#!/bin/sh\n", 0o644);
        assert_eq!(run(&path, &["tool"]), Err(Failure::new(Step::Execute, Errno::EACCES)));
        let (_directory, path) = file("neither", 0o755);
        assert_eq!(run(&path, &["tool"]), Err(Failure::new(Step::Execute, Errno::ENOEXEC)));
        let (_directory, path) = file("#!/nowhere/interpreter\n", 0o755);
        assert_eq!(run(&path, &["tool"]), Err(Failure::new(Step::Execute, Errno::ENOENT)));
    }

    #[test]
    fn refuses_a_script_that_was_replaced() {
        let (directory, path) = file("#!/bin/sh\n", 0o755);
        let executable = File::open(&path).unwrap();
        std::fs::rename(&path, directory.path().join("old")).unwrap();
        std::fs::write(&path, "#!/bin/sh\ntouch ran\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        let start = File::open(directory.path()).unwrap();
        let name = CString::new(path.to_str().unwrap()).unwrap();
        let arguments = vec![name.clone()];
        let program = Program::new(executable.as_fd(), name, start.as_fd(), arguments, []);
        let blocked = BlockedSignals::all().unwrap();
        let failure = spawn(&program, Place::Group, blocked.before());
        assert_eq!(failure, Err(Failure::new(Step::Changed, Errno::ESTALE)));
        assert!(!directory.path().join("ran").exists());
    }
}
