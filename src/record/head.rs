//! How far the log was written: kept apart from it, so that what is cut off is missed.
//!
//! A file of the enforcer's, written over after each append and marked with the seal's
//! key. It names the last record, so that a log that ends before it was cut off or is
//! an older copy; the file as it was then, so that one which nobody touched need not
//! be read again; and where the log begins, when old parts of it were let go.
//!
//! What was appended without being made durable may be lost with the power. So it is
//! only missed while the machine that wrote it is still running.

use super::AuditError;
use super::line::Link;
use super::seal::Seal;
use crate::crypto::encoding;
use crate::process::{self, FileState, PrivateDir, PrivateError};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

pub(super) const FILE: &str = "seal.head";
const VERSION: u32 = 1;
/// It always has this length: it is written in one piece, in its place.
const LENGTH: usize = 1024;
const KIND: &[u8] = b"airlock-exec audit head 1\0";

/// How far the log was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Head {
    version: u32,
    /// Everything up to here reached the disk.
    durable: Link,
    /// Everything up to here was written.
    pub(super) written: Link,
    /// Since when the machine ran as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    boot: Option<String>,
    /// The file as it was then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file: Option<FileState>,
    /// What stands before the oldest record that is kept.
    pub(super) floor: Link,
}

/// What is known about how far the log was written.
#[derive(Debug)]
pub(super) enum Known {
    /// This.
    Head(Box<Head>),
    /// There is no such file.
    Nothing,
    /// There is one that our key did not mark, or of a later release.
    Forged,
}

impl Head {
    /// The head of a log that ends at a place and begins behind another.
    pub(super) fn at(place: Link, floor: Link) -> Self {
        let (durable, written, boot) = (place, place, process::boot_id());
        Self { version: VERSION, durable, written, boot, file: None, floor }
    }

    /// Knows that everything up to a place reached the disk.
    pub(super) fn kept_up_to(&self, place: Option<Link>) -> Self {
        let farther = place.filter(|place| place.seq > self.durable.seq);
        Self { durable: farther.unwrap_or(self.durable), ..self.clone() }
    }

    /// Goes on to another place.
    pub(super) fn on_to(&self, place: Link, durability: super::Durability) -> Self {
        let durable = match durability {
            super::Durability::Durable => place,
            super::Durability::Written => self.durable,
        };
        let (written, boot) = (place, process::boot_id());
        Self { durable, written, boot, file: None, ..self.clone() }
    }

    /// Says as what the file is known from now on.
    pub(super) fn of_file(self, state: FileState) -> Self {
        Self { file: Some(state), ..self }
    }

    /// Says where the log begins from now on.
    pub(super) fn from(self, floor: Link) -> Self {
        Self { floor, ..self }
    }

    /// Tells whether the file is as we left it.
    pub(super) fn knows(&self, state: FileState) -> bool {
        self.file == Some(state)
    }

    /// Returns the last record that must still be there.
    pub(super) fn required(&self) -> Link {
        let same = self.boot.is_some() && self.boot == process::boot_id();
        if same { self.written } else { self.durable }
    }

    /// Reads it from the directory of the enforcer's secrets.
    pub(super) fn read(directory: &PrivateDir, seal: &Seal) -> Result<Known, PrivateError> {
        Ok(directory.read(FILE)?.map_or(Known::Nothing, |bytes| Self::parse(&bytes, seal)))
    }

    /// Opens it, `None` when there is none.
    pub(super) fn open(directory: &PrivateDir) -> Result<Option<File>, PrivateError> {
        match directory.overwrite(FILE) {
            Err(PrivateError::System { source, .. }) if source.kind() == ErrorKind::NotFound => {
                Ok(None)
            }
            opened => opened.map(Some),
        }
    }

    /// Reads it as it lies in its file.
    pub(super) fn parse(bytes: &[u8], seal: &Seal) -> Known {
        let mut parts = bytes.splitn(3, |byte| *byte == b'\n');
        let (text, mark) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let mark = std::str::from_utf8(mark).ok().and_then(|mark| encoding::from_hex(mark).ok());
        if mark.as_deref() != Some(&seal.on(KIND, text)[..]) {
            return Known::Forged;
        }
        let head: Option<Self> = serde_json::from_slice(text).ok();
        let head = head.filter(|head| head.version == VERSION);
        head.map_or(Known::Forged, |head| Known::Head(Box::new(head)))
    }

    /// Tells whether there is such a file.
    pub(super) fn exists(directory: &PrivateDir) -> bool {
        directory.path().join(FILE).symlink_metadata().is_ok()
    }

    /// Writes it over the one before, which is that file, if there is any.
    pub(super) fn write(
        self,
        before: Option<Arc<File>>,
        directory: &PrivateDir,
        seal: &Seal,
    ) -> Result<Written, AuditError> {
        let failed = |source| PrivateError::System {
            action: "write",
            path: directory.path().join(FILE),
            source,
        };
        let mut bytes = serde_json::to_vec(&self).expect("numbers and digests are JSON");
        let mark = encoding::to_hex(&seal.on(KIND, &bytes));
        bytes.extend([b"\n", mark.as_bytes(), b"\n"].concat());
        debug_assert!(bytes.len() < LENGTH, "{} bytes", bytes.len());
        bytes.resize(LENGTH.max(bytes.len()), b' ');
        let Some(file) = before else {
            // From here on it is there whole, and only written over.
            directory.write(FILE, &bytes)?;
            let file = Arc::new(directory.overwrite(FILE)?);
            return Ok(Written { file, bytes, head: self });
        };
        file.write_all_at(&bytes, 0).map_err(failed)?;
        Ok(Written { file, bytes, head: self })
    }
}

/// A head as it was written, and the file that it went to.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) file: Arc<File>,
    bytes: Vec<u8>,
    head: Head,
}

impl Written {
    /// Returns what stands in the file, if it can be read. What we marked ourselves, to the
    /// last byte, need not be looked at again.
    pub(super) fn now(self, seal: &Seal) -> Option<Head> {
        let bytes = bytes_of(&self.file).ok()?;
        if bytes == self.bytes {
            return Some(self.head);
        }
        match Head::parse(&bytes, seal) {
            Known::Head(head) => Some(*head),
            Known::Nothing | Known::Forged => None,
        }
    }
}

/// Reads the file of a head.
pub(super) fn bytes_of(file: &File) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; LENGTH];
    let length = file.read_at(&mut bytes, 0)?;
    bytes.truncate(length);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::Sha256Digest;
    use crate::record::Durability;

    fn link(seq: u64) -> Link {
        Link { seq, digest: Sha256Digest::of(&seq.to_be_bytes()) }
    }

    #[test]
    fn what_the_disk_took_is_missed_also_after_a_power_cut() {
        let written = Head::at(Link::start(), Link::start()).on_to(link(2), Durability::Written);
        let on_another_start = |head: Head| Head { boot: Some("another".to_owned()), ..head };
        assert_eq!(on_another_start(written.clone()).required(), Link::start());
        let known = written.kept_up_to(Some(link(2))).on_to(link(3), Durability::Written);
        assert_eq!(on_another_start(known.clone()).required(), link(2));
        // Another process made more durable meanwhile.
        let known = known.on_to(link(4), Durability::Durable).kept_up_to(Some(link(2)));
        assert_eq!(on_another_start(known).required(), link(4));
    }
}
