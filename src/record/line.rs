//! One line of the log, and the digest that ties it to the line before.

use super::event::Event;
use crate::crypto::Sha256Digest;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

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
    /// Returns what it says stands before it.
    pub(super) fn before(&self) -> Link {
        Link { seq: self.seq.saturating_sub(1), digest: self.prev }
    }

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The number of the line, zero before the first.
    pub seq: u64,
    /// Its digest, that of nothing before the first.
    pub digest: Sha256Digest,
}

impl Link {
    /// The place before the first line.
    #[must_use]
    pub fn start() -> Self {
        Self { seq: 0, digest: Sha256Digest::of(b"") }
    }

    /// The place behind that line.
    pub(super) fn behind(record: &Record, line: &[u8]) -> Self {
        Self { seq: record.seq, digest: Sha256Digest::of(line) }
    }

    /// Tells whether the record says what stands before it.
    pub(super) fn leads_to(&self, record: &Record) -> bool {
        self.seq.checked_add(1) == Some(record.seq) && record.prev == self.digest
    }
}

impl fmt::Display for Link {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.seq, self.digest)
    }
}

/// What is not a number, a colon and a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("write the number of a record, a colon and its digest, as `log verify` prints them")]
pub struct NotALink;

impl FromStr for Link {
    type Err = NotALink;

    fn from_str(text: &str) -> Result<Self, NotALink> {
        let (seq, digest) = text.split_once(':').ok_or(NotALink)?;
        let digest = digest.parse().map_err(|_| NotALink)?;
        Ok(Self { seq: seq.parse().map_err(|_| NotALink)?, digest })
    }
}
