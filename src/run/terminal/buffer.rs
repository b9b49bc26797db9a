//! Bytes on their way from one terminal to the other.

use nix::errno::Errno;
use nix::unistd::{read, write};
use std::os::fd::BorrowedFd;

const CAPACITY: usize = 64 * 1024;

/// What two reads of a terminal give.
const LITTLE: usize = 8 * 1024;

/// Bytes that were read and not written yet; it never grows.
#[derive(Debug)]
pub(super) struct Buffer {
    bytes: Box<[u8]>,
    start: usize,
    end: usize,
}

/// How a transfer went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transfer {
    /// Some bytes went through.
    Some,
    /// Nothing can be done now.
    Nothing,
    /// There is no room to read into, so nobody knows what there is.
    Full,
    /// The terminal has gone.
    Gone,
}

impl Buffer {
    /// Makes an empty one.
    pub(super) fn new() -> Self {
        Self { bytes: vec![0; CAPACITY].into_boxed_slice(), start: 0, end: 0 }
    }

    /// Tells whether nothing is waiting to be written.
    pub(super) fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Tells whether more can be read, even behind a byte that is added before it.
    pub(super) fn has_room(&self) -> bool {
        CAPACITY - (self.end - self.start) > 1
    }

    /// Tells whether so many bytes can be added.
    pub(super) fn has_room_for(&self, length: usize) -> bool {
        CAPACITY - (self.end - self.start) >= length
    }

    /// Adds bytes for which there is room.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        if CAPACITY - self.end < bytes.len() {
            self.bytes.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if let Some(place) = self.bytes.get_mut(self.end..self.end + bytes.len()) {
            place.copy_from_slice(bytes);
            self.end += bytes.len();
        }
    }

    /// Moves what is waiting to the start, where the end has little room left.
    fn make_room(&mut self) {
        if self.start > 0 && CAPACITY - self.end < LITTLE {
            self.bytes.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
    }

    /// Returns what is waiting to be written.
    pub(super) fn waiting(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// Forgets what is waiting.
    pub(super) fn clear(&mut self) {
        self.start = 0;
        self.end = 0;
    }

    /// Reads once, as much as fits.
    pub(super) fn fill(&mut self, from: BorrowedFd<'_>) -> Transfer {
        self.fill_behind(0, from, |bytes| bytes.len())
    }

    /// Reads once and shows what came, with as many of the bytes before it; keeps as
    /// much of all that as `keep` returns.
    pub(super) fn fill_behind(
        &mut self,
        before: usize,
        from: BorrowedFd<'_>,
        keep: impl FnOnce(&mut [u8]) -> usize,
    ) -> Transfer {
        self.make_room();
        let Some(room) = self.bytes.get_mut(self.end..) else { return Transfer::Full };
        if room.is_empty() {
            return Transfer::Full;
        }
        match read(from, room) {
            Ok(0) => Transfer::Gone,
            Ok(length) => {
                let shown = self.end - before..self.end + length;
                self.end -= before;
                self.end += self.bytes.get_mut(shown).map_or(0, keep);
                Transfer::Some
            }
            Err(Errno::EAGAIN | Errno::EINTR) => Transfer::Nothing,
            Err(_) => Transfer::Gone,
        }
    }

    /// Adds one byte, if it fits.
    pub(super) fn push(&mut self, byte: u8) {
        self.make_room();
        if let Some(place) = self.bytes.get_mut(self.end) {
            *place = byte;
            self.end += 1;
        }
    }

    /// Writes once, no more than so many bytes.
    pub(super) fn drain_some(&mut self, to: BorrowedFd<'_>, limit: usize) -> Transfer {
        self.write_once(to, limit, |_| {})
    }

    /// Writes once and shows what was taken.
    pub(super) fn drain_with(&mut self, to: BorrowedFd<'_>, note: impl FnOnce(&[u8])) -> Transfer {
        self.write_once(to, usize::MAX, note)
    }

    fn write_once(
        &mut self,
        to: BorrowedFd<'_>,
        limit: usize,
        note: impl FnOnce(&[u8]),
    ) -> Transfer {
        let waiting = self.waiting();
        let bytes = waiting.get(..limit).unwrap_or(waiting);
        if bytes.is_empty() {
            return Transfer::Nothing;
        }
        match write(to, bytes) {
            Ok(0) | Err(Errno::EAGAIN | Errno::EINTR) => Transfer::Nothing,
            Ok(length) => {
                note(self.waiting().get(..length).unwrap_or_default());
                self.start += length;
                if self.is_empty() {
                    self.clear();
                }
                Transfer::Some
            }
            Err(_) => Transfer::Gone,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsFd;
    use std::os::unix::net::UnixStream;

    #[test]
    fn tells_that_it_is_full_from_that_nothing_came() {
        let (here, there) = UnixStream::pair().unwrap();
        there.set_nonblocking(true).unwrap();
        let mut buffer = Buffer::new();
        assert_eq!(buffer.fill(there.as_fd()), Transfer::Nothing);
        while buffer.has_room() {
            write(&here, &[7; 4096]).unwrap();
            assert_eq!(buffer.fill(there.as_fd()), Transfer::Some);
        }
        assert_eq!(buffer.fill(there.as_fd()), Transfer::Full);
    }

    #[test]
    fn shows_what_came_with_what_was_before_it() {
        let (here, there) = UnixStream::pair().unwrap();
        let mut buffer = Buffer::new();
        buffer.push(b'a');
        write(&here, b"bc").unwrap();
        buffer.fill_behind(1, there.as_fd(), |bytes| {
            assert_eq!(bytes, b"abc");
            2
        });
        assert_eq!(buffer.waiting(), b"ab");
    }
}
