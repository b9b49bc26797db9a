//! Puts a mark in the place of a secret: the same for the same secret, and no more.
//!
//! Who looks at two requests sees whether both hold the same token, and cannot find
//! out which: the mark is made with a key of this installation.

use crate::crypto::{MacKey, random};
use crate::process::{FileLock, PrivateDir, PrivateError};
use std::cell::OnceCell;
use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;
use zeroize::Zeroizing;

const FILE: &str = "mark.key";
const LENGTH: usize = 32;
/// How long another process may take to draw the key.
const PATIENCE: Duration = Duration::from_secs(5);

/// Hides secrets so that equal ones are recognised.
pub struct Marker {
    /// `None` once it turned out that there is no key to be had.
    key: OnceCell<Option<MacKey>>,
    /// Where the key lies.
    directory: PathBuf,
}

impl Marker {
    /// Reads the key from that directory, drawing it when there is none.
    ///
    /// # Errors
    ///
    /// [`PrivateError`] when it is not private, or cannot be kept.
    pub fn open(directory: &Path) -> Result<Self, PrivateError> {
        let key = OnceCell::from(Some(key_in(directory)?));
        Ok(Self { key, directory: directory.to_owned() })
    }

    /// Reads the key from that directory when there is a secret to be marked.
    ///
    /// A secret is hidden in any case: without a key its mark tells nothing.
    #[must_use]
    pub fn when_needed(directory: &Path) -> Self {
        Self { key: OnceCell::new(), directory: directory.to_owned() }
    }

    /// Returns what is shown of a secret: its kind, its length and its mark.
    pub(super) fn mask(&self, kind: &str, secret: &str) -> String {
        let length = secret.len();
        match self.key.get_or_init(|| key_in(&self.directory).ok()) {
            Some(key) => {
                let [first, second, ..] = key.authenticate(secret.as_bytes());
                format!("‹redacted {kind} len={length} #{first:02x}{second:02x}›")
            }
            None => format!("‹redacted {kind} len={length} #?›"),
        }
    }
}

impl fmt::Debug for Marker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Marker")
    }
}

fn key_in(directory: &Path) -> Result<MacKey, PrivateError> {
    let directory = PrivateDir::open(directory)?;
    let file = directory.append(FILE)?;
    let key = key_of(&file).map_err(|source| PrivateError::System {
        action: "use",
        path: directory.path().join(FILE),
        source,
    })?;
    Ok(MacKey::from_bytes(&key))
}

fn key_of(mut file: &File) -> io::Result<Zeroizing<[u8; LENGTH]>> {
    if let Some(key) = read(file)? {
        return Ok(key);
    }
    let _lock = FileLock::take_within(file, PATIENCE)?;
    if let Some(key) = read(file)? {
        return Ok(key);
    }
    let key = random::secret::<LENGTH>().map_err(io::Error::other)?;
    // What a crash left of a key is none.
    file.set_len(0)?;
    file.write_all(&*key)?;
    file.sync_all()?;
    Ok(key)
}

fn read(mut file: &File) -> io::Result<Option<Zeroizing<[u8; LENGTH]>>> {
    let mut key = Zeroizing::new([0; LENGTH]);
    file.rewind()?;
    match file.read_exact(&mut *key) {
        Ok(()) => Ok(Some(key)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
impl Marker {
    /// Marks with a key that everybody knows.
    pub(super) fn for_tests() -> Self {
        let key = OnceCell::from(Some(MacKey::from_bytes(&[7; LENGTH])));
        Self { key, directory: PathBuf::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_same_secret_has_the_same_mark_in_one_installation_and_another_elsewhere() {
        let [here, there] = [(); 2].map(|()| tempfile::tempdir().expect("a directory"));
        let directory = |root: &tempfile::TempDir| root.path().join("enforcer");
        let (first, again) = (Marker::open(&directory(&here)), Marker::open(&directory(&here)));
        let (first, again) = (first.expect("a key"), again.expect("the key"));
        let other = Marker::open(&directory(&there)).expect("a key");
        let mark = first.mask("value", "hunter2");
        assert_eq!(mark, again.mask("value", "hunter2"));
        assert!(mark.starts_with("‹redacted value len=7 #") && mark.ends_with('›'), "{mark}");
        // Two marks of 16 bits may be the same by chance; of sixteen secrets not all.
        let secrets: Vec<String> = (0..16).map(|each| format!("secret-{each}")).collect();
        let marks = |marker: &Marker| -> Vec<String> {
            secrets.iter().map(|secret| marker.mask("value", secret)).collect()
        };
        assert_ne!(marks(&first), marks(&other));
        let file = directory(&here).join(FILE).metadata().expect("the key");
        assert_eq!((file.len(), file.permissions().mode() & 0o777), (32, 0o600));
        assert_eq!(format!("{first:?}"), "Marker");
    }

    #[test]
    fn a_secret_is_hidden_where_there_is_no_key_to_be_had() {
        let root = tempfile::tempdir().expect("a directory");
        let directory = root.path().join("enforcer");
        let lazy = Marker::when_needed(&directory);
        assert!(!directory.exists(), "nothing is read before there is a secret");
        let mark = lazy.mask("value", "hunter2");
        assert_eq!(mark, Marker::open(&directory).expect("the key").mask("value", "hunter2"));
        std::fs::set_permissions(&directory, std::fs::Permissions::from_mode(0o750))
            .expect("opened");
        let mark = Marker::when_needed(&directory).mask("value", "hunter2");
        assert_eq!(mark, "‹redacted value len=7 #?›");
    }

    #[test]
    fn what_is_left_of_a_key_is_drawn_anew_and_an_open_one_refused() {
        let root = tempfile::tempdir().expect("a directory");
        let directory = root.path().join("enforcer");
        drop(Marker::open(&directory).expect("a key"));
        let path = directory.join(FILE);
        std::fs::write(&path, b"short").expect("torn");
        Marker::open(&directory).expect("a new key");
        assert_eq!(path.metadata().expect("the key").len(), 32);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).expect("opened");
        assert!(matches!(Marker::open(&directory), Err(PrivateError::Loose { .. })));
    }
}
