//! One line of the log, and the digest that ties it to the line before.

use super::event::Event;
use crate::crypto::Sha256Digest;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The version of [`Record`] this release writes.
pub(super) const VERSION: u32 = 1;

/// One line: an event, when it was, and what stood before it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// Format of the line.
    pub version: u32,
    /// Its number, from 1.
    pub seq: u64,
    /// When it was written, by the wall clock.
    pub time: Timestamp,
    /// How long the machine had run by then, in milliseconds.
    pub since_boot_ms: u64,
    /// SHA-256 of the line before, without its line feed; of nothing for the first.
    pub prev: Sha256Digest,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BadLine {
    /// It is not a record.
    Unreadable,
    /// It has a later version.
    Newer,
}

impl Record {
    /// Writes it as a line, without the line feed.
    pub(super) fn to_line(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a record is text and numbers")
    }

    /// Reads a line without its line feed.
    pub(super) fn read(line: &[u8]) -> Result<Self, BadLine> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        match serde_json::from_slice::<Versioned>(line) {
            Ok(Versioned { version }) if version > VERSION => Err(BadLine::Newer),
            Ok(_) => serde_json::from_slice(line).map_err(|_| BadLine::Unreadable),
            Err(_) => Err(BadLine::Unreadable),
        }
    }
}

/// The place behind a line: what the next one must say about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) seq: u64,
    pub(super) digest: Sha256Digest,
}

impl Link {
    /// The place before the first line.
    pub(super) fn start() -> Self {
        Self { seq: 0, digest: Sha256Digest::of(b"") }
    }

    /// The place behind that line.
    pub(super) fn behind(record: &Record, line: &[u8]) -> Self {
        Self { seq: record.seq, digest: Sha256Digest::of(line) }
    }

    /// Tells whether the record says what stands before it.
    pub(super) fn leads_to(&self, record: &Record) -> bool {
        record.seq == self.seq + 1 && record.prev == self.digest
    }
}
