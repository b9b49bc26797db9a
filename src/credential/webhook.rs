//! The secrets that calls to webhooks are signed with.

use super::account::{AccountStore, file};
use super::store::CredentialError;
use super::token::Token;
use crate::crypto::encoding;
use crate::crypto::random;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WebhookDocument {
    name: String,
    secret: Zeroizing<String>,
}

impl AccountStore {
    /// Returns the secret of a webhook, `None` when there is none.
    ///
    /// # Errors
    ///
    /// [`CredentialError`] when the file is loose, unreadable or damaged.
    pub fn webhook_secret(&self, name: &str) -> Result<Option<Token>, CredentialError> {
        let at = file("webhook", name);
        let Some(document) = self.read::<WebhookDocument>(&at)? else { return Ok(None) };
        if document.name != name {
            return Err(self.damaged(&at, "it is for another webhook"));
        }
        let secret = Token::parse(&document.secret);
        secret.map(Some).map_err(|error| self.damaged(&at, &error.to_string()))
    }

    /// Keeps the secret of a webhook, or forgets it.
    ///
    /// # Errors
    ///
    /// [`CredentialError::Private`].
    pub fn set_webhook_secret(
        &self,
        name: &str,
        secret: Option<&Token>,
    ) -> Result<(), CredentialError> {
        let at = file("webhook", name);
        let Some(secret) = secret else { return self.remove(&at) };
        let secret = Zeroizing::new(secret.expose().to_owned());
        self.write(&at, &WebhookDocument { name: name.to_owned(), secret })
    }
}

impl Token {
    /// Makes a secret for a webhook: 256 bits that nobody can guess.
    ///
    /// # Errors
    ///
    /// [`RandomError`](crate::crypto::RandomError) when the system has none to give.
    pub fn for_webhook() -> Result<Self, crate::crypto::RandomError> {
        let bytes = Zeroizing::new(random::array::<32>()?);
        let text = Zeroizing::new(format!("whsec_{}", encoding::to_hex(&*bytes)));
        Ok(Self::parse(&text).expect("hexadecimal digits are visible ASCII"))
    }
}
