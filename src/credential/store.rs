//! Secrets as versioned JSON in 0600 files.

use super::keyring::KeyringError;
use crate::process::{FileState, PrivateDir, PrivateError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::PathBuf;
use thiserror::Error;
use zeroize::Zeroizing;

/// Why a stored secret cannot be used.
#[derive(Debug, Error)]
pub enum CredentialError {
    /// The file cannot be read or written safely.
    #[error(transparent)]
    Private(#[from] PrivateError),
    /// The file does not hold what it should.
    #[error("{} is damaged: {what}", path.display())]
    Damaged {
        /// The file.
        path: std::path::PathBuf,
        /// What is wrong, without the content.
        what: String,
    },
    /// The keyring that holds it does not give or take it.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// Another process keeps the file.
    #[error("cannot lock the credentials: {0}")]
    Lock(std::io::Error),
    /// The file was written by a later release.
    #[error("{} has version {found}, and this release reads {known}", path.display())]
    Newer {
        /// The file.
        path: std::path::PathBuf,
        /// The version it names.
        found: u64,
        /// The version we write.
        known: u64,
    },
}

impl CredentialError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Private(error) => error.hint(),
            Self::Damaged { path, .. } => {
                format!("restore {0} from a backup, or move it away and pair again", path.display())
            }
            Self::Keyring(error) => error.hint(),
            Self::Lock(_) => "see whether another airlock-exec hangs, and try again".to_owned(),
            Self::Newer { .. } => "install the newer airlock-exec again".to_owned(),
        }
    }
}

/// A private directory of versioned JSON documents.
#[derive(Debug, Clone)]
pub struct SecretStore {
    directory: PrivateDir,
}

/// The version every JSON document of ours carries in its `version` key.
const VERSION: u64 = 1;
/// The most bytes of a document that are read.
const LARGEST: u64 = 1 << 20;

impl SecretStore {
    /// Keeps secrets in that directory.
    #[must_use]
    pub fn new(directory: PrivateDir) -> Self {
        Self { directory }
    }

    /// Returns the directory.
    #[must_use]
    pub fn directory(&self) -> &PrivateDir {
        &self.directory
    }

    /// Reads a JSON document, `None` when there is none.
    ///
    /// # Errors
    ///
    /// [`CredentialError`] when the file is loose, unreadable, damaged or newer.
    pub fn document<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, CredentialError> {
        self.text(name)?.map(|text| text.document()).transpose()
    }

    /// Reads a JSON document, and says in which state its file was: while it is in that one,
    /// it holds the same. `None` when there is none.
    ///
    /// # Errors
    ///
    /// As [`SecretStore::document`].
    pub fn document_with_state<T: DeserializeOwned>(
        &self,
        name: &str,
    ) -> Result<Option<(T, FileState)>, CredentialError> {
        let read = |text: Text| Ok((text.document()?, text.state));
        self.text(name)?.map(read).transpose()
    }

    /// Reads the text of a JSON document, `None` when there is none.
    pub(super) fn text(&self, name: &str) -> Result<Option<Text>, CredentialError> {
        let read = self.directory.read_with_state(name, LARGEST)?;
        let path = self.directory.path().join(name);
        Ok(read.map(|(bytes, state)| Text { bytes: Zeroizing::new(bytes), path, state }))
    }

    /// Replaces a JSON document; `version` is added to its keys.
    ///
    /// # Errors
    ///
    /// [`CredentialError::Private`]; the old document stays whole.
    pub fn set_document(&self, name: &str, value: &impl Serialize) -> Result<(), CredentialError> {
        #[derive(Serialize)]
        struct Document<'a, T> {
            version: u64,
            #[serde(flatten)]
            value: &'a T,
        }
        let bytes = serde_json::to_vec_pretty(&Document { version: VERSION, value })
            .map(Zeroizing::new)
            .map_err(|error| CredentialError::Damaged {
                path: self.directory.path().join(name),
                what: error.to_string(),
            })?;
        Ok(self.directory.write(name, &bytes)?)
    }
}

/// The text of a document, which can be read as what it is for.
pub(super) struct Text {
    bytes: Zeroizing<Vec<u8>>,
    path: PathBuf,
    state: FileState,
}

impl Text {
    /// Reads it.
    pub(super) fn document<T: DeserializeOwned>(&self) -> Result<T, CredentialError> {
        let stored: Versioned = self.parse()?;
        if stored.version > VERSION {
            let (path, found) = (self.path.clone(), stored.version);
            return Err(CredentialError::Newer { path, found, known: VERSION });
        }
        self.parse()
    }

    fn parse<T: DeserializeOwned>(&self) -> Result<T, CredentialError> {
        serde_json::from_slice(&self.bytes).map_err(|error| CredentialError::Damaged {
            path: self.path.clone(),
            what: format!("line {}, column {}", error.line(), error.column()),
        })
    }
}

#[derive(serde::Deserialize)]
struct Versioned {
    version: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Thing {
        name: String,
    }

    fn store() -> (tempfile::TempDir, SecretStore) {
        let outer = tempfile::tempdir().expect("temporary directory");
        let inner = PrivateDir::open(&outer.path().join("secrets")).expect("private directory");
        (outer, SecretStore::new(inner))
    }

    #[test]
    fn documents_survive_and_carry_a_version() {
        let (_outer, store) = store();
        assert!(store.document::<Thing>("thing.json").expect("readable").is_none());
        let thing = Thing { name: "phone".to_owned() };
        store.set_document("thing.json", &thing).expect("written");
        assert_eq!(store.document::<Thing>("thing.json").expect("readable"), Some(thing));
        let raw = store.directory().read("thing.json").expect("readable").expect("there");
        assert!(String::from_utf8_lossy(&raw).contains("\"version\": 1"));
    }

    #[test]
    fn refuses_newer_and_damaged_documents() {
        let (_outer, store) = store();
        store.directory().write("new.json", b"{\"version\":2,\"name\":\"x\"}").expect("written");
        assert!(matches!(
            store.document::<Thing>("new.json"),
            Err(CredentialError::Newer { found: 2, .. })
        ));
        store.directory().write("bad.json", b"{\"version\":1,\"name\":").expect("written");
        assert!(matches!(
            store.document::<Thing>("bad.json"),
            Err(CredentialError::Damaged { .. })
        ));
    }
}
