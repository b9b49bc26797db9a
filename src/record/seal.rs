//! The seal: shows that nobody without its key wrote or changed what it is on.
//!
//! Every batch of lines that is appended ends with a line that carries a seal,
//! `HMAC-SHA256(key, "airlock-exec audit line 1\0" || line without seal and last brace)`.
//! The line holds the digest of the one before it, so the seal is on all of them. The
//! key lies with the enforcer's secrets and not with the log: who has a copy of the
//! log, or writes to it through a backup or a share, cannot make one.
//!
//! Spec: security.md 5.4.

use super::AuditError;
use crate::crypto::{MacKey, encoding, random};
use crate::process::{FileState, PrivateDir, PrivateError, open_private_file};
use std::fmt;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use zeroize::Zeroizing;

const KEY: &str = "seal.key";
const LENGTH: usize = 32;
/// What stands between a line and its seal.
const MARK: &[u8] = b",\"seal\":\"";
/// How many hexadecimal digits a seal has.
const DIGITS: usize = 64;
/// Tells a seal on a line from one on anything else.
const LINE: &[u8] = b"airlock-exec audit line 1\0";

/// What seals; whoever has it can write a log anew.
pub(super) struct Seal {
    key: MacKey,
    /// Where it was read, and as what; `None` when it was just drawn.
    read: Option<(File, FileState)>,
}

impl Seal {
    /// Reads the key from the directory of the enforcer's secrets.
    ///
    /// What a crash left of a key is none: nothing was sealed with it.
    pub(super) fn read(directory: &PrivateDir) -> Result<Option<Self>, PrivateError> {
        let path = directory.path().join(KEY);
        let Some(file) = open_private_file(&path)? else { return Ok(None) };
        let mut key = Zeroizing::new([0; LENGTH]);
        let read = FileState::of(&file).and_then(|state| {
            let is_whole = usize::try_from(state.size()) == Ok(LENGTH);
            if is_whole {
                file.read_exact_at(&mut *key, 0)?;
            }
            Ok(is_whole.then_some(state))
        });
        let read = read.map_err(|source| PrivateError::System { action: "read", path, source })?;
        Ok(read.map(|state| Self { key: MacKey::from_bytes(&key), read: Some((file, state)) }))
    }

    /// Tells whether whoever reads the key now gets this one.
    pub(super) fn is_in_place(&self) -> bool {
        let is_as_it_was =
            |(file, state): &(File, FileState)| FileState::of(file).is_ok_and(|now| now == *state);
        self.read.as_ref().is_some_and(is_as_it_was)
    }

    /// Draws a key, for a log that was never sealed.
    pub(super) fn draw(directory: &PrivateDir) -> Result<Self, AuditError> {
        let key = random::secret::<LENGTH>().map_err(|error| PrivateError::System {
            action: "draw",
            path: directory.path().join(KEY),
            source: io::Error::other(error),
        })?;
        directory.write(KEY, &*key)?;
        Ok(Self { key: MacKey::from_bytes(&key), read: None })
    }

    /// Puts a seal on a line.
    pub(super) fn close(&self, line: &mut Vec<u8>) {
        let brace = line.pop();
        debug_assert_eq!(brace, Some(b'}'), "a line is an object");
        let seal = encoding::to_hex(&self.on(LINE, line));
        line.extend_from_slice(MARK);
        line.extend_from_slice(seal.as_bytes());
        line.extend_from_slice(b"\"}");
    }

    /// Tells whether the seal of a line holds; `None` when it has none.
    pub(super) fn holds(&self, line: &[u8]) -> Option<bool> {
        let (sealed, seal) = parts(line)?;
        Some(encoding::from_hex(seal).is_ok_and(|seal| seal == self.on(LINE, sealed)))
    }

    /// Computes the mark of a text that is no line; its kind keeps one from being
    /// taken for another.
    pub(super) fn on(&self, kind: &[u8], text: &[u8]) -> [u8; 32] {
        self.key.authenticate(&[kind, text].concat())
    }
}

/// Tells whether a line carries a seal, whatever it is worth.
pub(super) fn is_on(line: &[u8]) -> bool {
    parts(line).is_some()
}

/// Takes the seal off a line.
fn parts(line: &[u8]) -> Option<(&[u8], &str)> {
    let inner = line.strip_suffix(b"\"}")?;
    let (rest, seal) = inner.split_at_checked(inner.len().checked_sub(DIGITS)?)?;
    Some((rest.strip_suffix(MARK)?, std::str::from_utf8(seal).ok()?))
}

impl fmt::Debug for Seal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Seal")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_on_what_was_sealed_and_on_nothing_else() {
        let root = tempfile::tempdir().expect("a directory");
        let directory = PrivateDir::open(&root.path().join("enforcer")).expect("private");
        assert!(Seal::read(&directory).expect("readable").is_none());
        let seal = Seal::draw(&directory).expect("a key");
        let mut line = br#"{"version":1,"seq":7}"#.to_vec();
        assert_eq!(seal.holds(&line), None);
        seal.close(&mut line);
        assert_eq!(seal.holds(&line), Some(true));
        assert!(serde_json::from_slice::<serde_json::Value>(&line).is_ok(), "still JSON");
        let again = Seal::read(&directory).expect("readable").expect("the key");
        assert_eq!(again.holds(&line), Some(true));
        for at in 0..line.len() {
            let mut changed = line.clone();
            changed[at] ^= 1;
            assert_ne!(seal.holds(&changed), Some(true), "byte {at}");
        }
        assert_eq!(format!("{seal:?}"), "Seal");
        std::fs::write(directory.path().join(KEY), b"short").expect("torn");
        assert!(Seal::read(&directory).expect("readable").is_none());
    }
}
