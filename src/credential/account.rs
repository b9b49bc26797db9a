//! What proves who we are at a gateway: one private file for each.

use super::keyring;
use super::store::{CredentialError, SecretStore};
use super::token::Token;
use crate::config::SecretPlace;
use crate::crypto::Sha256Digest;
use crate::process::{FileLock, PrivateDir};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::Duration;
use zeroize::Zeroizing;

/// What proves who the user is.
#[derive(Debug, Clone)]
pub enum Credential {
    /// A personal access token, sent as `X-PAT`.
    Personal(Token),
    /// A sign-in at an identity provider, sent as `Authorization: Bearer`.
    Session(Session),
}

/// A sign-in at an identity provider, and how it is renewed and ended.
#[derive(Debug, Clone)]
pub struct Session {
    /// What a gateway is shown.
    pub access: Token,
    /// What the identity provider is shown for another; it changes each time.
    pub refresh: Option<Token>,
    /// The client that signed in.
    pub client_id: String,
    /// The identity provider.
    pub issuer: String,
}

/// The credentials of all gateways.
#[derive(Debug, Clone)]
pub struct AccountStore {
    store: SecretStore,
    place: SecretPlace,
}

/// What stands in the file of a secret that is kept somewhere else.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Whereabouts {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kept_in: Option<Elsewhere>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Elsewhere {
    Keyring,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    /// A credential is sent to no other gateway than the one it was made for.
    gateway: String,
    #[serde(flatten)]
    credential: Stored,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Stored {
    Personal {
        token: Zeroizing<String>,
    },
    Session {
        access_token: Zeroizing<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refresh_token: Option<Zeroizing<String>>,
        client_id: String,
        issuer: String,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AppDocument {
    gateway: String,
    client_secret: Zeroizing<String>,
}

impl AccountStore {
    /// Keeps credentials in that directory; new ones there, or in the keyring.
    ///
    /// # Errors
    ///
    /// [`CredentialError::Private`] when others can reach the directory.
    pub fn open(directory: &Path, place: SecretPlace) -> Result<Self, CredentialError> {
        Ok(Self { store: SecretStore::new(PrivateDir::open(directory)?), place })
    }

    /// Tells where the credential for a gateway is kept, `None` when there is none.
    ///
    /// # Errors
    ///
    /// As [`AccountStore::credential`].
    pub fn place_of(&self, gateway: &str) -> Result<Option<SecretPlace>, CredentialError> {
        let found = self.store.document::<Whereabouts>(&file("account", gateway))?;
        Ok(found.map(|found| match found.kept_in {
            Some(Elsewhere::Keyring) => SecretPlace::Keyring,
            None => SecretPlace::File,
        }))
    }

    /// Returns the credential for a gateway, `None` when nobody signed in there.
    ///
    /// # Errors
    ///
    /// [`CredentialError`] when the file is loose, unreadable, damaged or another
    /// gateway's.
    pub fn credential(&self, gateway: &str) -> Result<Option<Credential>, CredentialError> {
        let name = file("account", gateway);
        let Some(document) = self.read::<Document>(&name)? else { return Ok(None) };
        let damaged = |what: &str| self.damaged(&name, what);
        self.check_gateway(&name, &document.gateway, gateway)?;
        let token = |text: &str| Token::parse(text).map_err(|error| damaged(&error.to_string()));
        Ok(Some(match document.credential {
            Stored::Personal { token: text } => Credential::Personal(token(&text)?),
            Stored::Session { access_token, refresh_token, client_id, issuer } => {
                let refresh = refresh_token.map(|text| token(&text)).transpose()?;
                Credential::Session(Session {
                    access: token(&access_token)?,
                    refresh,
                    client_id,
                    issuer,
                })
            }
        }))
    }

    /// Keeps the credential for a gateway in the place of the one before.
    ///
    /// # Errors
    ///
    /// [`CredentialError::Private`]; what was stored stays whole.
    pub fn set_credential(
        &self,
        gateway: &str,
        credential: &Credential,
    ) -> Result<(), CredentialError> {
        let text = |token: &Token| Zeroizing::new(token.expose().to_owned());
        let stored = match credential {
            Credential::Personal(token) => Stored::Personal { token: text(token) },
            Credential::Session(session) => Stored::Session {
                access_token: text(&session.access),
                refresh_token: session.refresh.as_ref().map(text),
                client_id: session.client_id.clone(),
                issuer: session.issuer.clone(),
            },
        };
        let document = Document { gateway: gateway.to_owned(), credential: stored };
        self.write(&file("account", gateway), &document)
    }

    /// Forgets the credential for a gateway.
    ///
    /// # Errors
    ///
    /// [`CredentialError::Private`].
    pub fn forget(&self, gateway: &str) -> Result<(), CredentialError> {
        self.remove(&file("account", gateway))
    }

    /// Returns the secret of the app that we are at a gateway.
    ///
    /// # Errors
    ///
    /// As [`AccountStore::credential`].
    pub fn client_secret(&self, gateway: &str) -> Result<Option<Token>, CredentialError> {
        let name = file("app", gateway);
        let Some(document) = self.read::<AppDocument>(&name)? else { return Ok(None) };
        self.check_gateway(&name, &document.gateway, gateway)?;
        let secret = Token::parse(&document.client_secret);
        secret.map(Some).map_err(|error| self.damaged(&name, &error.to_string()))
    }

    /// Returns the file in which the secret of the app is kept.
    #[must_use]
    pub fn client_secret_path(&self, gateway: &str) -> PathBuf {
        self.store.directory().path().join(file("app", gateway))
    }

    /// Keeps the secret of the app, or forgets it.
    ///
    /// # Errors
    ///
    /// [`CredentialError::Private`].
    pub fn set_client_secret(
        &self,
        gateway: &str,
        secret: Option<&Token>,
    ) -> Result<(), CredentialError> {
        let name = file("app", gateway);
        let Some(secret) = secret else { return self.remove(&name) };
        let client_secret = Zeroizing::new(secret.expose().to_owned());
        self.write(&name, &AppDocument { gateway: gateway.to_owned(), client_secret })
    }

    /// Keeps other processes from renewing or replacing credentials while it lives.
    ///
    /// # Errors
    ///
    /// [`CredentialError`] when somebody else holds it for longer than that.
    pub fn lock(&self, patience: Duration) -> Result<FileLock, CredentialError> {
        let file = self.store.directory().append("account.lock")?;
        FileLock::take_within(&file, patience).map_err(CredentialError::Lock)
    }

    pub(super) fn read<T: DeserializeOwned>(
        &self,
        name: &str,
    ) -> Result<Option<T>, CredentialError> {
        let Some(stored) = self.store.text(name)? else { return Ok(None) };
        let Some(Elsewhere::Keyring) = stored.document::<Whereabouts>()?.kept_in else {
            return stored.document().map(Some);
        };
        let text = keyring::lookup(name)?;
        let read = serde_json::from_slice(&text);
        read.map(Some).map_err(|_| self.damaged(name, "the keyring holds something else"))
    }

    /// Writes a secret where new ones are kept, and leaves it nowhere else.
    pub(super) fn write(&self, name: &str, value: &impl Serialize) -> Result<(), CredentialError> {
        match self.place {
            SecretPlace::Keyring => self.write_to_keyring(name, value),
            SecretPlace::File => self.write_to_file(name, value),
            // What is kept already stays where it is: whoever renews it may be anywhere.
            SecretPlace::Automatic if self.is_elsewhere(name) => self.write_to_keyring(name, value),
            SecretPlace::Automatic => {
                let is_new = self.store.document::<Whereabouts>(name)?.is_none();
                if is_new && keyring::is_offered() {
                    match self.write_to_keyring(name, value) {
                        Err(CredentialError::Keyring(error)) => {
                            tracing::info!(%error, "the keyring does not work: kept in a file");
                        }
                        written => return written,
                    }
                }
                self.write_to_file(name, value)
            }
        }
    }

    fn write_to_keyring(&self, name: &str, value: &impl Serialize) -> Result<(), CredentialError> {
        let text = serde_json::to_vec(value).map(Zeroizing::new);
        let text = text.map_err(|error| self.damaged(name, &error.to_string()))?;
        keyring::store(name, &text)?;
        if *keyring::lookup(name)? != *text {
            return Err(self.damaged(name, "the keyring returns something else"));
        }
        self.store.set_document(name, &Whereabouts { kept_in: Some(Elsewhere::Keyring) })
    }

    fn write_to_file(&self, name: &str, value: &impl Serialize) -> Result<(), CredentialError> {
        let was_elsewhere = self.is_elsewhere(name);
        self.store.set_document(name, value)?;
        if was_elsewhere { Ok(keyring::clear(name)?) } else { Ok(()) }
    }

    /// Removes a secret from wherever it is.
    pub(super) fn remove(&self, name: &str) -> Result<(), CredentialError> {
        let was_elsewhere = self.is_elsewhere(name);
        self.store.directory().remove(name)?;
        if was_elsewhere { Ok(keyring::clear(name)?) } else { Ok(()) }
    }

    /// Refuses what was made for another gateway, whatever its file is called.
    fn check_gateway(
        &self,
        name: &str,
        made_for: &str,
        wanted: &str,
    ) -> Result<(), CredentialError> {
        if made_for == wanted {
            return Ok(());
        }
        Err(self.damaged(name, "it is for another gateway"))
    }

    fn is_elsewhere(&self, name: &str) -> bool {
        let found = self.store.document::<Whereabouts>(name);
        found.is_ok_and(|found| found.is_some_and(|found| found.kept_in.is_some()))
    }

    pub(super) fn damaged(&self, name: &str, what: &str) -> CredentialError {
        let path = self.store.directory().path().join(name);
        CredentialError::Damaged { path, what: what.to_owned() }
    }
}

/// Returns the name of a gateway's file: addresses hold what no name can.
pub(super) fn file(kind: &str, gateway: &str) -> String {
    let digest = Sha256Digest::of(gateway.as_bytes()).to_string();
    format!("{kind}-{}.json", &digest[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    const GATEWAY: &str = "https://gateway.example/";

    fn store() -> (tempfile::TempDir, AccountStore) {
        let outer = tempfile::tempdir().expect("temporary directory");
        let store = AccountStore::open(&outer.path().join("account"), SecretPlace::File)
            .expect("private directory");
        (outer, store)
    }

    fn token(text: &str) -> Token {
        Token::parse(text).expect("a token")
    }

    #[test]
    fn a_credential_is_kept_for_its_gateway_alone() {
        let (_outer, store) = store();
        let pat = Credential::Personal(token("airpat_1"));
        store.set_credential(GATEWAY, &pat).expect("written");
        let found = store.credential(GATEWAY).expect("readable").expect("there");
        assert!(matches!(found, Credential::Personal(token) if token.expose() == "airpat_1"));
        assert!(store.credential("https://other.example/").expect("readable").is_none());
        // Moved by hand to another gateway's name it is still not theirs.
        let directory = store.store.directory().path();
        let other = file("account", "https://other.example/");
        std::fs::rename(directory.join(file("account", GATEWAY)), directory.join(other))
            .expect("renamed");
        assert!(store.credential("https://other.example/").is_err());
        let secret = token("app-1");
        store.set_client_secret(GATEWAY, Some(&secret)).expect("written");
        assert!(store.client_secret(GATEWAY).expect("readable").is_some());
        let other = file("app", "https://other.example/");
        std::fs::rename(directory.join(file("app", GATEWAY)), directory.join(other))
            .expect("renamed");
        assert!(store.client_secret("https://other.example/").is_err());
    }

    #[test]
    fn a_session_survives_and_nothing_prints_it() {
        let (_outer, store) = store();
        let session = Session {
            access: token("access-1"),
            refresh: Some(token("refresh-1")),
            client_id: "cli".to_owned(),
            issuer: "https://id.example".to_owned(),
        };
        let credential = Credential::Session(session);
        let shown = format!("{credential:?}");
        assert!(!shown.contains("access-1") && !shown.contains("refresh-1"), "{shown}");
        store.set_credential(GATEWAY, &credential).expect("written");
        let found = store.credential(GATEWAY).expect("readable");
        let Some(Credential::Session(found)) = found else { panic!("a session") };
        assert_eq!(found.refresh.expect("a refresh token").expose(), "refresh-1");
        store.forget(GATEWAY).expect("forgotten");
        assert!(store.credential(GATEWAY).expect("readable").is_none());
    }

    #[test]
    fn a_truncated_file_is_damaged_and_not_signed_out() {
        let (_outer, store) = store();
        store.set_credential(GATEWAY, &Credential::Personal(token("t"))).expect("written");
        let path = store.store.directory().path().join(file("account", GATEWAY));
        let bytes = std::fs::read(&path).expect("readable");
        std::fs::write(&path, &bytes[..bytes.len() / 2]).expect("written");
        assert!(matches!(store.credential(GATEWAY), Err(CredentialError::Damaged { .. })));
    }
}
