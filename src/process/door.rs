//! Where the commands inside a running one find who watches it.
//!
//! The process that stays while a reviewed command runs opens a [`Door`]: a socket under
//! its own process number. A command that would have to ask looks among its ancestors
//! for processes that are ourselves, and [`knock`]s. It believes an answer when the
//! kernel says all of this:
//!
//! - the answer was sent by that very ancestor (the credentials the kernel puts into the
//!   message; a socket that somebody else made, or handed to one of our processes
//!   before it became ours, answers as somebody else),
//! - that ancestor runs the same file as we do (`/proc/PID/exe`, device and inode),
//! - it was and still is an ancestor, started at the same time.
//!
//! A daemon that left its parents behind has none of them as an ancestor, and one of our
//! own processes that did so, or outlives what covers it, answers nothing. The answer
//! comes with a descriptor, because nothing else of ours sends one: output of ours that
//! somebody leads into such a socket is no answer.
//!
//! What this cannot keep out is whoever traces one of our processes, or puts a library
//! into a build that is not static: the same user may do that to every program.

use super::origin::{Ancestor, ancestors};
use super::{FileIdentity, PrivateDir, PrivateError, Process};
use nix::cmsg_space;
use nix::sys::socket::sockopt::{PassCred, ReceiveTimeout, SendTimeout};
use nix::sys::socket::{
    AddressFamily, ControlMessage, ControlMessageOwned, MsgFlags, SockFlag, SockType, UnixAddr,
    UnixCredentials, connect, recvmsg, sendmsg, setsockopt, socket,
};
use nix::sys::time::TimeVal;
use nix::unistd::{Uid, close, getpid};
use std::fs::{self, File};
use std::io::{ErrorKind, IoSlice, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

/// What an answer begins with.
const GREETING: &[u8] = b"airlock-exec covers ";
/// More than the name of any request.
const LONGEST: usize = 256;
/// How long an answer may take: whoever watches may be stopped.
const PATIENCE_SECS: i64 = 2;

/// What is answered at a door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// What covers whoever asks.
    pub text: String,
    /// The process in which that began: what does not come from it any more is not covered.
    pub within: Process,
}

impl Word {
    fn read(bytes: &[u8]) -> Option<Self> {
        let words = str::from_utf8(bytes.strip_prefix(GREETING)?).ok()?;
        let (within, text) = words.split_once(' ')?;
        Some(Self { text: text.to_owned(), within: within.parse().ok()? })
    }

    fn answer(&self) -> Vec<u8> {
        [GREETING, format!("{} {}", self.within, self.text).as_bytes()].concat()
    }
}

/// The socket of a process that watches a command; gone when this value is.
#[derive(Debug)]
pub struct Door {
    listener: UnixListener,
    path: PathBuf,
    word: Word,
}

impl Door {
    /// Opens the door of this process in that directory; `text` is what it answers.
    ///
    /// `within` is where that began, when it was not in this process: answered it is only
    /// as long as this process comes from there, which it may outlive.
    ///
    /// # Errors
    ///
    /// [`PrivateError`] when the directory or the socket cannot be made.
    pub fn open(
        directory: &Path,
        text: &str,
        within: Option<Process>,
    ) -> Result<Self, PrivateError> {
        let directory = PrivateDir::open(directory)?;
        let path = directory.path().join(getpid().to_string());
        let system = |source| PrivateError::System { action: "make", path: path.clone(), source };
        let held = File::open(directory.path()).map_err(system)?;
        let within = within.or_else(Process::own);
        let within = within.ok_or_else(|| system(ErrorKind::Unsupported.into()))?;
        let bind = || UnixListener::bind(short(&held, getpid().as_raw()));
        let listener = bind().or_else(|error| match error.kind() {
            // A process that had our number was killed.
            ErrorKind::AddrInUse => fs::remove_file(&path).and_then(|()| bind()),
            _ => Err(error),
        });
        let listener = listener.map_err(system)?;
        listener.set_nonblocking(true).map_err(system)?;
        Ok(Self { listener, path, word: Word { text: text.to_owned(), within } })
    }

    /// Answers everybody who waits; with nothing, once it is over.
    pub fn answer(&self) {
        while let Ok((caller, _)) = self.listener.accept() {
            if self.word.within.is_around_us() {
                self.answer_one(&caller);
            }
        }
    }

    fn answer_one(&self, caller: &UnixStream) {
        let descriptors: [RawFd; 1] = [self.listener.as_raw_fd()];
        let proof = [ControlMessage::ScmRights(&descriptors)];
        let flags = MsgFlags::MSG_NOSIGNAL | MsgFlags::MSG_DONTWAIT;
        let answer = self.word.answer();
        let text = [IoSlice::new(&answer)];
        // Whoever went away asks a person instead.
        let _ = sendmsg::<()>(caller.as_raw_fd(), &text, &proof, flags, None);
    }
}

impl AsFd for Door {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.listener.as_fd()
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
        // Not when it is opened: a command waits for that.
        self.path.parent().inspect(|directory| remove_left_behind(directory));
    }
}

/// Asks who watches the command that this process is part of, and returns its answer.
///
/// `None` when this process descends from no such command, or it cannot be proved.
#[must_use]
pub fn knock(directory: &Path) -> Option<Word> {
    // Where nobody watches anything there is nothing to be found out.
    fs::read_dir(directory).ok()?.next()?.ok()?;
    let this_program = FileIdentity::of_this_program()?;
    let is_ours =
        |each: &&Ancestor| FileIdentity::of_program_of(each.process) == Some(this_program);
    let before = ancestors();
    let first = before.iter().position(|each| is_ours(&each))?;
    // Between a command on a pty and who watches it stands one more process of ours. Any
    // other process of ours on the way is no supervisor, and ends the search.
    let mut near = before[first..].iter().take(2).take_while(is_ours);
    let (watching, word) = near.find_map(|each| Some((each, ask(directory, each.process)?)))?;
    ancestors().contains(watching).then_some(word)
}

/// Asks one process of ours.
fn ask(directory: &Path, process: i32) -> Option<Word> {
    let held = File::open(directory).ok()?;
    let line = socket(AddressFamily::Unix, SockType::Stream, SockFlag::SOCK_CLOEXEC, None).ok()?;
    let patience = TimeVal::new(PATIENCE_SECS, 0);
    setsockopt(&line, ReceiveTimeout, &patience).ok()?;
    setsockopt(&line, SendTimeout, &patience).ok()?;
    setsockopt(&line, PassCred, &true).ok()?;
    connect(line.as_raw_fd(), &UnixAddr::new(&short(&held, process)).ok()?).ok()?;
    let mut text = [0; LONGEST];
    let mut space = cmsg_space!(UnixCredentials, [RawFd; 1]);
    let (length, sender, proved) = {
        let mut into = [IoSliceMut::new(&mut text)];
        let flags = MsgFlags::MSG_CMSG_CLOEXEC;
        let received = recvmsg::<()>(line.as_raw_fd(), &mut into, Some(&mut space), flags).ok()?;
        let (mut sender, mut proved) = (None, false);
        for message in received.cmsgs().ok()? {
            match message {
                ControlMessageOwned::ScmCredentials(of) => sender = Some((of.pid(), of.uid())),
                ControlMessageOwned::ScmRights(descriptors) => {
                    proved = !descriptors.is_empty();
                    for descriptor in descriptors {
                        let _ = close(descriptor);
                    }
                }
                _ => {}
            }
        }
        (received.bytes, sender, proved)
    };
    if !proved || sender != Some((process, Uid::effective().as_raw())) {
        return None;
    }
    Word::read(text.get(..length)?)
}

/// Returns a path of that process's socket that fits into an address, however long the
/// directory's own is.
fn short(directory: &File, process: i32) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}/{process}", directory.as_raw_fd()))
}

/// Removes the sockets of processes that were killed.
fn remove_left_behind(directory: &Path) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_number = name.to_str().is_some_and(|name| name.parse::<u32>().is_ok());
        if is_number && !Path::new("/proc").join(&name).exists() {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word() -> Word {
        let within = Process::own().expect("this process");
        Word { text: "REQUEST".to_owned(), within }
    }

    #[test]
    fn a_process_that_watches_answers_and_leaves_nothing() {
        let place = tempfile::tempdir().expect("a directory");
        // Longer than an address may be.
        let directory = place.path().join("x".repeat(120));
        let door = Door::open(&directory, "REQUEST", None).expect("opened");
        let own = getpid().as_raw();
        let answered = std::thread::scope(|scope| {
            let asked = scope.spawn(|| ask(&directory, own));
            while !asked.is_finished() {
                door.answer();
            }
            asked.join().expect("no panic")
        });
        assert_eq!(answered, Some(word()));
        drop(door);
        assert_eq!(fs::read_dir(&directory).expect("there").count(), 0);
        assert_eq!(ask(&directory, own), None);
    }

    #[test]
    fn what_killed_processes_left_neither_hinders_nor_stays() {
        let place = tempfile::tempdir().expect("a directory");
        let directory = PrivateDir::open(&place.path().join("running")).expect("private");
        let at = |name: String| directory.path().join(name);
        let own = getpid().as_raw();
        // Beyond the highest number of a process.
        let (gone, alive) = (at("4194305".to_owned()), at(nix::unistd::getppid().to_string()));
        for path in [&at(own.to_string()), &gone, &alive] {
            drop(UnixListener::bind(path).expect("bound"));
        }
        let door = Door::open(directory.path(), "REQUEST", None).expect("opened");
        let answered = std::thread::scope(|scope| {
            let asked = scope.spawn(|| ask(directory.path(), own));
            while !asked.is_finished() {
                door.answer();
            }
            asked.join().expect("no panic")
        });
        assert_eq!(answered, Some(word()));
        drop(door);
        assert!(!gone.exists());
        assert_eq!(directory.names().expect("listed"), [nix::unistd::getppid().to_string()]);
    }

    #[test]
    fn an_answer_counts_only_from_the_process_that_was_asked() {
        let place = tempfile::tempdir().expect("a directory");
        let directory = place.path().join("running");
        let door = Door::open(&directory, "REQUEST", None).expect("opened");
        let parent = nix::unistd::getppid().as_raw();
        fs::rename(&door.path, directory.join(parent.to_string())).expect("renamed");
        let answered = std::thread::scope(|scope| {
            let asked = scope.spawn(|| ask(&directory, parent));
            while !asked.is_finished() {
                door.answer();
            }
            asked.join().expect("no panic")
        });
        assert_eq!(answered, None);
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a process is what this is about")]
    fn nothing_is_answered_by_who_does_not_come_from_what_was_approved() {
        let place = tempfile::tempdir().expect("a directory");
        let mut other = std::process::Command::new("sleep").arg("60").spawn().expect("started");
        let number = other.id();
        let started = crate::process::started_at(i32::try_from(number).expect("a number"));
        let within = format!("{number}-{}", started.expect("it runs"));
        let within = within.parse().expect("a process");
        let directory = place.path().join("running");
        let door = Door::open(&directory, "REQUEST", Some(within));
        let own = getpid().as_raw();
        let answered = door.map(|door| {
            std::thread::scope(|scope| {
                let asked = scope.spawn(|| ask(&directory, own));
                while !asked.is_finished() {
                    door.answer();
                }
                asked.join().expect("no panic")
            })
        });
        other.kill().and_then(|()| other.wait()).expect("ended");
        assert_eq!(answered.expect("opened"), None);
    }

    #[test]
    fn words_without_the_descriptor_are_no_answer() {
        let place = tempfile::tempdir().expect("a directory");
        let own = getpid().as_raw();
        let listener = UnixListener::bind(place.path().join(own.to_string())).expect("bound");
        let answered = std::thread::scope(|scope| {
            let asked = scope.spawn(|| ask(place.path(), own));
            let (mut caller, _) = listener.accept().expect("asked");
            std::io::Write::write_all(&mut caller, &word().answer()).expect("written");
            drop(caller);
            asked.join().expect("no panic")
        });
        assert_eq!(answered, None);
    }

    #[test]
    fn nobody_watches_a_process_without_such_an_ancestor() {
        let place = tempfile::tempdir().expect("a directory");
        assert_eq!(knock(place.path()), None);
    }
}
