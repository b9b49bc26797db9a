//! Standard input that is a program: read, shown, and given to the command from memory.

use super::BindError;
use super::content::text;
use crate::crypto::Sha256Digest;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::{Whence, dup2_stdin, lseek};
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::FileExt;

/// The largest program that is taken from standard input, in bytes.
pub const LARGEST_INPUT: usize = 1024 * 1024;

/// The most of it that is shown, in bytes: nobody can look at the rest elsewhere.
const PREVIEW: usize = 64 * 1024;

/// A program that came through standard input, in memory that nobody can change.
#[derive(Debug)]
pub struct BoundInput {
    copy: OwnedFd,
    sha256: Sha256Digest,
    size: u64,
    preview: Option<String>,
    origin: Origin,
}

/// Where the program came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// A pipe or a socket, which is empty now.
    Stream,
    /// A file that the caller may go on to read, and the offset at its end.
    File { end: i64 },
}

impl BoundInput {
    /// Reads standard input to its end.
    ///
    /// A file is read without moving the offset that the caller shares with us.
    pub(super) fn capture() -> Result<Self, BindError> {
        let stdin = io::stdin().as_fd().try_clone_to_owned().map_err(BindError::Input)?;
        let file = File::from(stdin);
        let (bytes, origin) = read(&file).map_err(BindError::Input)?;
        if bytes.len() > LARGEST_INPUT {
            return Err(BindError::InputTooLarge { limit: LARGEST_INPUT });
        }
        let copy = keep(&bytes).map_err(BindError::Input)?;
        let sha256 = Sha256Digest::of(&bytes);
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let preview = text(bytes, PREVIEW);
        Ok(Self { copy, sha256, size, preview, origin })
    }

    /// Returns the digest of all of it.
    #[must_use]
    pub fn sha256(&self) -> Sha256Digest {
        self.sha256
    }

    /// Returns its size in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Returns its start, when it is text.
    #[must_use]
    pub fn preview(&self) -> Option<&str> {
        self.preview.as_deref()
    }

    /// Puts the copy in the place of our standard input, for a command to inherit.
    ///
    /// # Errors
    ///
    /// The system's.
    pub(super) fn replay(&self) -> Result<(), Errno> {
        if let Origin::File { end } = self.origin {
            // As if the command had read the caller's file.
            lseek(io::stdin(), end, Whence::SeekSet)?;
        }
        dup2_stdin(&self.copy)
    }
}

/// Reads at most one byte more than is allowed.
fn read(mut file: &File) -> io::Result<(Vec<u8>, Origin)> {
    let mut bytes = Vec::new();
    let limit = LARGEST_INPUT + 1;
    if file.metadata()?.is_file() {
        let start = file.stream_position()?;
        let mut buffer = vec![0; 64 * 1024];
        let mut at = start;
        while bytes.len() < limit {
            let length = file.read_at(&mut buffer, at)?;
            if length == 0 {
                break;
            }
            bytes.extend_from_slice(&buffer[..length]);
            at += u64::try_from(length).unwrap_or(u64::MAX);
        }
        return Ok((bytes, Origin::File { end: i64::try_from(at).unwrap_or(i64::MAX) }));
    }
    let mut buffer = vec![0; 64 * 1024];
    while bytes.len() < limit {
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => bytes.extend_from_slice(&buffer[..length]),
            // The caller's descriptor may not wait by itself.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => wait_for(file)?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok((bytes, Origin::Stream))
}

fn wait_for(file: &File) -> io::Result<()> {
    match poll(&mut [PollFd::new(file.as_fd(), PollFlags::POLLIN)], PollTimeout::NONE) {
        Ok(_) | Err(Errno::EINTR) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

/// Keeps the bytes in a file without a name that is read from its start.
fn keep(bytes: &[u8]) -> io::Result<OwnedFd> {
    let mut copy = nameless()?;
    copy.write_all(bytes)?;
    copy.rewind()?;
    seal(&copy)?;
    Ok(copy.into())
}

#[cfg(target_os = "linux")]
fn nameless() -> io::Result<File> {
    use nix::sys::memfd::{MFdFlags, memfd_create};
    Ok(memfd_create(c"stdin", MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING)?.into())
}

/// Lets nobody change the bytes, through whatever descriptor.
#[cfg(target_os = "linux")]
fn seal(copy: &File) -> io::Result<()> {
    use nix::fcntl::{FcntlArg, SealFlag, fcntl};
    let seals = SealFlag::F_SEAL_WRITE
        | SealFlag::F_SEAL_SHRINK
        | SealFlag::F_SEAL_GROW
        | SealFlag::F_SEAL_SEAL;
    fcntl(copy, FcntlArg::F_ADD_SEALS(seals))?;
    Ok(())
}

/// A file that is unlinked as soon as it is open.
#[cfg(not(target_os = "linux"))]
fn nameless() -> io::Result<File> {
    use nix::unistd::{mkstemp, unlink};
    let (file, path) = mkstemp("/tmp/stdin.XXXXXX")?;
    unlink(&path)?;
    Ok(file.into())
}

#[cfg(not(target_os = "linux"))]
fn seal(_copy: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_bytes_where_nobody_can_change_them() {
        let bytes = b"echo \0 \xff\n";
        let mut copy = File::from(keep(bytes).unwrap());
        let mut found = Vec::new();
        copy.read_to_end(&mut found).unwrap();
        assert_eq!(found, bytes);
        if cfg!(target_os = "linux") {
            assert!(copy.write_all(b"x").is_err());
            assert!(copy.set_len(0).is_err());
        }
    }

    #[test]
    fn reads_a_file_from_its_offset_and_leaves_the_offset_alone() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"line\nrest").unwrap();
        file.seek(io::SeekFrom::Start(5)).unwrap();
        assert_eq!(read(&file).unwrap(), (b"rest".to_vec(), Origin::File { end: 9 }));
        assert_eq!(file.stream_position().unwrap(), 5);
    }

    #[test]
    fn reads_little_more_than_the_limit() {
        let file = tempfile::tempfile().unwrap();
        file.set_len(1 << 40).unwrap();
        assert!(read(&file).unwrap().0.len() <= LARGEST_INPUT + 64 * 1024);
    }
}
