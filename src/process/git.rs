//! Asks git, with plumbing that runs nothing a repository configures.
//!
//! A repository's configuration is in the reach of whoever works in it, and git
//! starts programs it names: a file system monitor, diff drivers, filters, hooks, a
//! transport that fetches what is missing. Each call here switches those off, is
//! ended at a deadline, and reads no more than a limit of output.

use super::{Deadline, Environment, own_binary};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;
use thiserror::Error;

/// How long all questions of one kind may take together.
const PATIENCE: Duration = Duration::from_secs(10);
/// The most bytes of one answer.
const LARGEST: usize = 64 << 20;
/// The most bytes of what git says about a failure.
const LARGEST_COMPLAINT: usize = 4 << 10;

/// Settings that win over any of the repository's.
const SETTINGS: &[&str] = &[
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.splitIndex=false",
    "core.quotePath=false",
    "submodule.recurse=false",
    "log.showSignature=false",
    "protocol.allow=never",
];

/// Variables by which git tells a hook where its repository is.
const PLACES: &[&str] = &[
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_QUARANTINE_PATH",
    "GIT_AUTHOR_NAME",
    "GIT_AUTHOR_EMAIL",
    "GIT_COMMITTER_NAME",
    "GIT_COMMITTER_EMAIL",
];

/// Why git has no answer.
#[derive(Debug, Error)]
pub enum GitError {
    /// There is no git, or none that starts.
    #[error("git cannot be started: {0}")]
    Start(io::Error),
    /// It says no.
    #[error("git {what} failed: {complaint}")]
    Failed {
        /// The plumbing command.
        what: String,
        /// The first line of what it said.
        complaint: String,
    },
    /// It did not end in time.
    #[error("git {what} took longer than {} s", PATIENCE.as_secs())]
    TimedOut {
        /// The plumbing command.
        what: String,
    },
    /// Its answer is larger than anything that could be shown.
    #[error("git {what} answered more than {LARGEST} bytes")]
    TooMuch {
        /// The plumbing command.
        what: String,
    },
    /// Its answer makes no sense.
    #[error("git {what} answered what cannot be read")]
    Unreadable {
        /// The plumbing command.
        what: &'static str,
    },
}

impl GitError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Start(_) => "install git, or put it on PATH".to_owned(),
            Self::Failed { .. } => "see what `git status` says there".to_owned(),
            Self::TimedOut { .. } | Self::TooMuch { .. } => {
                "do it in smaller parts, or try again when the machine is less busy".to_owned()
            }
            Self::Unreadable { .. } => {
                "see whether git is what you think: git --version".to_owned()
            }
        }
    }
}

/// git in one directory, with a deadline for all that is asked of it.
#[derive(Debug)]
pub struct Git {
    program: PathBuf,
    directory: PathBuf,
    variables: Vec<(OsString, OsString)>,
    deadline: Deadline,
}

impl Git {
    /// Prepares to ask about a directory, or about the repository that the environment
    /// names, as git names it to its hooks.
    ///
    /// # Errors
    ///
    /// [`GitError::Start`] when there is no git but links to us.
    pub fn at(directory: &Path, environment: &Environment) -> Result<Self, GitError> {
        let path = environment.value("PATH").unwrap_or(OsStr::new("/usr/local/bin:/usr/bin:/bin"));
        let missing = || GitError::Start(io::ErrorKind::NotFound.into());
        let is_kept = |name: &OsStr| {
            !name.as_bytes().starts_with(b"GIT_") || PLACES.iter().any(|place| name == *place)
        };
        let kept = environment.iter().filter(|(name, _)| is_kept(name));
        Ok(Self {
            program: program(path).ok_or_else(missing)?,
            directory: directory.to_owned(),
            variables: kept.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            deadline: Deadline::after(PATIENCE),
        })
    }

    /// Asks about that index of a repository, in a directory without files in the place
    /// of its work tree.
    ///
    /// Where an index is written, git reads files that may have changed in the same
    /// second, by the filters that the repository configures: there must be none.
    #[must_use]
    pub fn with_index(mut self, index: &Path, repository: &Path, nowhere: &Path) -> Self {
        for (name, path) in
            [("GIT_INDEX_FILE", index), ("GIT_DIR", repository), ("GIT_WORK_TREE", nowhere)]
        {
            // Of two of a name the last counts.
            self.variables.push((name.into(), path.into()));
        }
        Self { directory: nowhere.to_owned(), ..self }
    }

    /// Returns what it answers, byte for byte.
    ///
    /// # Errors
    ///
    /// [`GitError`].
    pub fn bytes<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Result<Vec<u8>, GitError> {
        let (status, answer, complaint) = self.ask(arguments)?;
        if status.success() { Ok(answer) } else { Err(failed(arguments, &complaint)) }
    }

    /// Returns the one line it answers, `None` when it says with status 1 that there is
    /// nothing.
    ///
    /// # Errors
    ///
    /// [`GitError`].
    pub fn line<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Result<Option<OsString>, GitError> {
        let (status, mut answer, complaint) = self.ask(arguments)?;
        match status.code() {
            Some(0) => {
                if answer.last() == Some(&b'\n') {
                    answer.pop();
                }
                let line = OsStr::from_bytes(&answer).to_owned();
                Ok((!line.is_empty()).then_some(line))
            }
            Some(1) => Ok(None),
            _ => Err(failed(arguments, &complaint)),
        }
    }

    /// Returns the line as text; see [`Self::line`].
    ///
    /// # Errors
    ///
    /// [`GitError`].
    pub fn text<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Result<Option<String>, GitError> {
        Ok(self.line(arguments)?.map(|line| line.to_string_lossy().into_owned()))
    }

    /// Tells whether it says yes, which is status 0, and not no, which is status 1.
    ///
    /// # Errors
    ///
    /// [`GitError`].
    pub fn agrees<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Result<bool, GitError> {
        let (status, _, complaint) = self.ask(arguments)?;
        match status.code() {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            _ => Err(failed(arguments, &complaint)),
        }
    }

    #[expect(clippy::disallowed_methods, reason = "asks git; nothing of the user's runs")]
    fn ask<S: AsRef<OsStr>>(
        &self,
        arguments: &[S],
    ) -> Result<(ExitStatus, Vec<u8>, Vec<u8>), GitError> {
        let mut command = Command::new(&self.program);
        command.args(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
        command
            .args(["--no-pager", "--no-optional-locks", "--no-replace-objects"])
            .arg("--literal-pathspecs")
            .args(arguments)
            .current_dir(&self.directory)
            .env_clear()
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .envs([
                ("LC_ALL", "C"),
                ("GIT_TERMINAL_PROMPT", "0"),
                ("GIT_NO_LAZY_FETCH", "1"),
                // For a git that does not know the former: no transport at all.
                ("GIT_ALLOW_PROTOCOL", "none"),
                ("GIT_GRAFT_FILE", "/dev/null"),
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().map_err(GitError::Start)?;
        let read = read(&mut child, self.deadline);
        if read.is_err() {
            // It may have ended meanwhile.
            let _ = child.kill();
        }
        let status = child.wait().map_err(GitError::Start)?;
        let what = || name(arguments);
        match read {
            Ok((answer, complaint)) => Ok((status, answer, complaint)),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                Err(GitError::TimedOut { what: what() })
            }
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                Err(GitError::TooMuch { what: what() })
            }
            Err(error) => Err(GitError::Failed { what: what(), complaint: error.to_string() }),
        }
    }
}

fn failed<S: AsRef<OsStr>>(arguments: &[S], complaint: &[u8]) -> GitError {
    let text = String::from_utf8_lossy(complaint);
    let line = text.lines().next().unwrap_or("it does not say why");
    let line = crate::display::Displayable::from(line).to_string();
    GitError::Failed { what: name(arguments), complaint: line }
}

fn name<S: AsRef<OsStr>>(arguments: &[S]) -> String {
    arguments.first().map_or_else(String::new, |first| first.as_ref().to_string_lossy().into())
}

/// Reads both pipes to their ends.
fn read(child: &mut Child, deadline: Deadline) -> io::Result<(Vec<u8>, Vec<u8>)> {
    let mut pipes = [
        Pipe::of(child.stdout.take().map(OwnedFd::from)),
        Pipe::of(child.stderr.take().map(OwnedFd::from)),
    ];
    while pipes.iter().any(|pipe| pipe.file.is_some()) {
        let left = deadline.remaining();
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let is_ready = ready(&pipes, left)?;
        for (pipe, is_ready) in pipes.iter_mut().zip(is_ready) {
            if is_ready {
                pipe.step()?;
            }
        }
        let [out, err] = &mut pipes;
        if out.bytes.len() > LARGEST {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        err.bytes.truncate(LARGEST_COMPLAINT);
    }
    let [out, err] = pipes;
    Ok((out.bytes, err.bytes))
}

/// Waits until a pipe can be read, and tells of each whether it can.
fn ready(pipes: &[Pipe; 2], patience: Duration) -> io::Result<[bool; 2]> {
    let open = pipes.iter().enumerate().filter_map(|(at, pipe)| Some((at, pipe.file.as_ref()?)));
    let (places, mut waiting): (Vec<usize>, Vec<PollFd<'_>>) =
        open.map(|(at, file)| (at, PollFd::new(file.as_fd(), PollFlags::POLLIN))).unzip();
    let patience = PollTimeout::try_from(patience).unwrap_or(PollTimeout::MAX);
    match poll(&mut waiting, patience) {
        Ok(_) | Err(Errno::EINTR) => {}
        Err(errno) => return Err(errno.into()),
    }
    let mut ready = [false; 2];
    for (at, each) in places.into_iter().zip(waiting) {
        ready[at] = each.revents().is_some_and(|got| !got.is_empty());
    }
    Ok(ready)
}

/// One end of a pipe, until it is closed, and what came through it.
struct Pipe {
    file: Option<File>,
    bytes: Vec<u8>,
}

impl Pipe {
    fn of(end: Option<OwnedFd>) -> Self {
        Self { file: end.map(File::from), bytes: Vec::new() }
    }

    fn step(&mut self) -> io::Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let mut buffer = [0; 16 << 10];
        let length = file.read(&mut buffer)?;
        self.bytes.extend_from_slice(&buffer[..length]);
        if length == 0 {
            self.file = None;
        }
        Ok(())
    }
}

/// Finds git: the first of root's on the search path, else the first, and never us.
///
/// Whoever asks may have put a `git` of their own before the real one; what it would
/// say is what the approver reads.
fn program(path: &OsStr) -> Option<PathBuf> {
    let own = own_binary().and_then(|own| own.canonicalize()).ok();
    let is_us = |file: &Path| own.is_some() && file.canonicalize().ok() == own;
    // Below a directory of links to us lies what refuses when they lead nowhere.
    let stands_in = |file: &Path| {
        let above = file.ancestors().nth(2);
        above.is_some_and(|above| is_us(&above.join("git")))
    };
    let candidates: Vec<PathBuf> = std::env::split_paths(path)
        .filter(|directory| directory.is_absolute())
        .map(|directory| directory.join("git"))
        .filter(|file| {
            fs::metadata(file)
                .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
                && !is_us(file)
                && !stands_in(file)
        })
        .collect();
    let is_of_root = |file: &&PathBuf| {
        fs::metadata(file).is_ok_and(|found| found.uid() == 0 && found.mode() & 0o022 == 0)
    };
    candidates.iter().find(is_of_root).or(candidates.first()).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn git() -> Git {
        let environment = [("PATH", "/usr/local/bin:/usr/bin:/bin")];
        let environment: Environment =
            environment.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Git::at(Path::new("/"), &environment).expect("git is installed")
    }

    #[test]
    fn tells_an_answer_from_a_failure() {
        let version = git().text(&["version"]).expect("it answers").expect("a line");
        assert!(version.starts_with("git version "), "{version}");
        let error = git().bytes(&["rev-parse", "--git-dir"]).expect_err("no repository");
        assert!(error.to_string().contains("not a git repository"), "{error}");
    }

    #[test]
    fn ends_what_takes_too_long() {
        let place = tempfile::tempdir().expect("a directory");
        let file = place.path().join("git");
        fs::write(&file, "#!/bin/sh\nexec sleep 60\n").expect("written");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("chmod");
        let slow =
            Git { program: file, deadline: Deadline::after(Duration::from_millis(50)), ..git() };
        assert!(matches!(slow.bytes(&["x"]), Err(GitError::TimedOut { .. })));
    }
}
