//! Bytes on their way from one terminal to the other.

use nix::errno::Errno;
use nix::unistd::{read, write};
use std::os::fd::BorrowedFd;

const CAPACITY: usize = 64 * 1024;

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

    /// Tells whether more can be read.
    pub(super) fn has_room(&self) -> bool {
        self.end < CAPACITY
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
        self.fill_with(from, |bytes| bytes.len())
    }

    /// Reads once and shows what came; keeps as much of it as `keep` returns.
    pub(super) fn fill_with(
        &mut self,
        from: BorrowedFd<'_>,
        keep: impl FnOnce(&mut [u8]) -> usize,
    ) -> Transfer {
        let Some(room) = self.bytes.get_mut(self.end..) else { return Transfer::Nothing };
        if room.is_empty() {
            return Transfer::Nothing;
        }
        match read(from, room) {
            Ok(0) => Transfer::Gone,
            Ok(length) => {
                self.end += room.get_mut(..length).map_or(0, keep);
                Transfer::Some
            }
            Err(Errno::EAGAIN | Errno::EINTR) => Transfer::Nothing,
            Err(_) => Transfer::Gone,
        }
    }

    /// Adds one byte, if it fits.
    pub(super) fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.end) {
            *place = byte;
            self.end += 1;
        }
    }

    /// Writes once, as much as is taken.
    pub(super) fn drain(&mut self, to: BorrowedFd<'_>) -> Transfer {
        self.drain_some(to, usize::MAX)
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
