//! Files that belong to other programs: read as they are, replaced so that nobody loses.

use nix::fcntl::OFlag;
use nix::libc;
use nix::unistd::Uid;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The most bytes of such a file that are read.
const LARGEST: u64 = 8 << 20;

/// A file of another program, behind every link that leads to it.
#[derive(Debug)]
pub struct ForeignFile {
    path: PathBuf,
    text: Option<String>,
    mode: u32,
}

/// Why a file of another program is left alone.
#[derive(Debug, Error)]
pub enum ForeignError {
    /// A link that leads nowhere.
    #[error("{} is a link to a file that is not there", .0.display())]
    Dangling(PathBuf),
    /// Not a file.
    #[error("{} is not a file", .0.display())]
    NotAFile(PathBuf),
    /// Somebody else's.
    #[error("{} belongs to another user", .0.display())]
    NotOurs(PathBuf),
    /// Its owner does not want it written.
    #[error("{} is read-only", .0.display())]
    ReadOnly(PathBuf),
    /// Not text, or too much of it.
    #[error("{} is not a text of at most 8 MiB", .0.display())]
    NotText(PathBuf),
    /// The system's error.
    #[error("{}: {source}", path.display())]
    System {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl ForeignError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Dangling(path) => format!("mend the link: ls -l {}", path.display()),
            Self::NotAFile(path) | Self::NotText(path) => {
                format!("look at it, and move it away: {}", path.display())
            }
            Self::NotOurs(path) => format!("run this as its owner: ls -l {}", path.display()),
            Self::ReadOnly(path) => {
                format!("if it may be changed: chmod u+w {}", path.display())
            }
            Self::System { .. } => "check the disk and the permissions".to_owned(),
        }
    }
}

impl ForeignFile {
    /// Reads the file, or finds that there is none.
    ///
    /// # Errors
    ///
    /// [`ForeignError`]: it must be left alone.
    pub fn open(path: &Path) -> Result<Self, ForeignError> {
        let system = |source| ForeignError::System { path: path.to_owned(), source };
        let real = match fs::canonicalize(path) {
            Ok(real) => real,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                if fs::symlink_metadata(path).is_ok() {
                    return Err(ForeignError::Dangling(path.to_owned()));
                }
                return Ok(Self { path: path.to_owned(), text: None, mode: 0o600 });
            }
            Err(error) => return Err(system(error)),
        };
        // What is looked at is what is read, and a FIFO does not make us wait.
        let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
        let opened = OpenOptions::new().read(true).custom_flags(flags.bits()).open(&real);
        let file = opened.map_err(|source| unopened(real.clone(), source))?;
        let found = file.metadata().map_err(system)?;
        if !found.is_file() {
            return Err(ForeignError::NotAFile(real));
        }
        if found.uid() != Uid::effective().as_raw() {
            return Err(ForeignError::NotOurs(real));
        }
        let Some(text) = text_of(file).map_err(system)? else {
            return Err(ForeignError::NotText(real));
        };
        Ok(Self { path: real, text: Some(text), mode: found.mode() & 0o7777 })
    }

    /// Returns where it lies, behind every link.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns what is in it; `None` when there is no file.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// Puts that text in its place, whole or not at all, with the mode it had.
    ///
    /// # Errors
    ///
    /// [`ForeignError`]; the old text is whole then.
    pub fn replace(&self, text: &str, mode_of_a_new_one: u32) -> Result<(), ForeignError> {
        self.check_writable()?;
        let mode = if self.text.is_some() { self.mode } else { mode_of_a_new_one };
        let system = |source| ForeignError::System { path: self.path.clone(), source };
        let directory = self.path.parent().unwrap_or(Path::new("/"));
        fs::create_dir_all(directory).map_err(system)?;
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let temporary = directory.join(format!(".{name}.airlock-exec.{}", std::process::id()));
        let written = write(&temporary, text, mode)
            .and_then(|()| fs::rename(&temporary, &self.path))
            .and_then(|()| File::open(directory)?.sync_all());
        written.map_err(|source| {
            let _ = fs::remove_file(&temporary);
            system(source)
        })
    }

    /// Removes it.
    ///
    /// # Errors
    ///
    /// [`ForeignError`].
    pub fn remove(&self) -> Result<(), ForeignError> {
        self.check_writable()?;
        fs::remove_file(&self.path)
            .map_err(|source| ForeignError::System { path: self.path.clone(), source })
    }

    fn check_writable(&self) -> Result<(), ForeignError> {
        if self.text.is_some() && self.mode & 0o200 == 0 {
            return Err(ForeignError::ReadOnly(self.path.clone()));
        }
        Ok(())
    }
}

/// Says why it cannot be opened; by then it may be another one.
fn unopened(path: PathBuf, source: io::Error) -> ForeignError {
    let is_anothers = || {
        let found = fs::symlink_metadata(&path);
        found.is_ok_and(|found| found.uid() != Uid::effective().as_raw())
    };
    match source.raw_os_error() {
        // A link or a socket.
        Some(libc::ELOOP | libc::ENXIO) => ForeignError::NotAFile(path),
        Some(libc::EACCES) if is_anothers() => ForeignError::NotOurs(path),
        _ => ForeignError::System { path, source },
    }
}

/// Reads all of a text; `None` when it is none, or too much.
fn text_of(file: impl Read) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes)?;
    // Of what was read: it may have grown since, and half a text is none.
    let whole = u64::try_from(bytes.len()).is_ok_and(|length| length <= LARGEST);
    Ok(String::from_utf8(bytes).ok().filter(|_| whole))
}

fn write(path: &Path, text: &str, mode: u32) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.set_permissions(Permissions::from_mode(mode))?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::stat::Mode;
    use nix::unistd::mkfifo;
    use std::sync::mpsc::{RecvTimeoutError, channel};
    use std::thread;
    use std::time::Duration;

    /// A file to which somebody writes twice as much whenever a part of it was read.
    struct Growing {
        reader: File,
        writer: File,
        rounds: u64,
    }

    impl Read for Growing {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let length = self.reader.read(into)?;
            if self.rounds > 0 {
                self.rounds -= 1;
                self.writer.write_all(&vec![b'x'; 2 * length])?;
            }
            Ok(length)
        }
    }

    fn growing(place: &Path, rounds: u64) -> Growing {
        let path = place.join("settings.json");
        fs::write(&path, "first").expect("written");
        let writer = OpenOptions::new().append(true).open(&path).expect("opened");
        Growing { reader: File::open(&path).expect("opened"), writer, rounds }
    }

    #[test]
    fn what_grows_while_it_is_read_is_read_whole_or_not_at_all() {
        let place = tempfile::tempdir().expect("a directory");
        let text = text_of(growing(place.path(), 3)).expect("read");
        let whole = fs::read_to_string(place.path().join("settings.json")).expect("read");
        assert!(whole.len() > "first".len(), "it grew");
        assert_eq!(text.as_deref(), Some(whole.as_str()));
        assert_eq!(text_of(growing(place.path(), u64::MAX)).expect("read"), None);
    }

    #[test]
    fn the_largest_text_is_one_and_a_byte_more_is_not() {
        let zeros = |length| text_of(io::repeat(b' ').take(length)).expect("read");
        assert!(zeros(LARGEST).is_some());
        assert!(zeros(LARGEST + 1).is_none());
    }

    #[test]
    fn a_pipe_in_its_place_makes_nobody_wait_whenever_it_comes() {
        let place = tempfile::tempdir().expect("a directory");
        let [path, file, pipe] =
            ["settings.json", "file", "pipe"].map(|name| place.path().join(name));
        fs::write(&file, "whole").expect("written");
        mkfifo(&pipe, Mode::S_IRWXU).expect("made");
        fs::hard_link(&file, &path).expect("linked");
        let (say, heard) = channel();
        thread::spawn(move || {
            let mut found = (0_u32, 0_u32);
            for _ in 0..5000 {
                match ForeignFile::open(&path) {
                    Ok(opened) if opened.text() == Some("whole") => found.0 += 1,
                    Err(ForeignError::NotAFile(_)) => found.1 += 1,
                    other => panic!("{other:?}"),
                }
            }
            say.send(found).expect("somebody listens");
        });
        let in_place = place.path().join("settings.json");
        let swap = |with: &Path| {
            let new = place.path().join("new");
            fs::hard_link(with, &new).expect("linked");
            fs::rename(&new, &in_place).expect("in its place");
        };
        for _ in 0..200_000 {
            swap(&pipe);
            swap(&file);
            match heard.try_recv() {
                Ok((whole, refused)) => return assert!(whole > 0 && refused > 0, "both were met"),
                Err(std::sync::mpsc::TryRecvError::Empty) => {}
                Err(error) => panic!("{error}"),
            }
        }
        match heard.recv_timeout(Duration::from_secs(20)) {
            Ok(_) => {}
            Err(RecvTimeoutError::Timeout) => panic!("it waits for a pipe"),
            Err(error) => panic!("{error}"),
        }
    }
}
