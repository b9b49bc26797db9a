//! The approver's signed answer, the `responseJson` of a pairing.

use crate::crypto::{
    Cipher, KeyError, Signature, SigningKey, VerifyingKey, X25519Public, encoding,
};
use crate::protocol::id::{PairingNonce, SignerKeyId};
use crate::protocol::json::{self, JsonError};
use crate::protocol::passkey::{IntroducedPasskey, Passkey, PasskeyError};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use thiserror::Error;

/// Why an approver's answer is not believed.
#[derive(Debug, Error)]
pub enum PairingError {
    /// It is not the JSON it should be.
    #[error("read the approver's answer: {0}")]
    Json(#[from] JsonError),
    /// It answers another pairing.
    #[error("verify the approver's answer: it belongs to another pairing")]
    WrongNonce,
    /// Its signing key cannot be used.
    #[error("verify the approver's answer: {0}")]
    VerifyingKey(KeyError),
    /// Its key for sealing cannot be used.
    #[error("verify the approver's answer: {0}")]
    AgreementKey(KeyError),
    /// Its signature is not by the key it introduces.
    #[error("verify the approver's answer: its signature is not by the key it introduces")]
    BadSignature,
    /// The passkey it brings cannot be used.
    #[error("verify the passkey in the approver's answer: {0}")]
    Passkey(#[from] PasskeyError),
}

impl PairingError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        "start pairing again; if it fails once more, update the approver or use another gateway"
    }
}

/// How much of the answer its signature covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureCoverage {
    /// Both keys.
    BothKeys,
    /// Only the signing key: an older app. A relay could have replaced the key
    /// for sealing, and then read what is sealed.
    SigningKeyOnly,
}

/// Keys an approver introduced, and proved to hold.
#[derive(Debug, Clone)]
pub struct Introduction {
    /// The signing key's name.
    pub signer_key_id: SignerKeyId,
    /// The key decisions are verified with: compare its fingerprint.
    pub verifying_key: VerifyingKey,
    /// The key artifacts are sealed for.
    pub x25519_public: Option<X25519Public>,
    /// What the signature says about that key.
    pub coverage: SignatureCoverage,
    /// The ciphers it can read, in its order; not signed. Empty when not said.
    pub ciphers: Vec<Cipher>,
    /// Its passkey, which the same key signed.
    pub passkey: Option<Passkey>,
}

/// The approver's answer as it is written. Fields stay as they came, since the
/// signature is over their text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PairingResponse {
    signer_key_id: SignerKeyId,
    public_key: String,
    pairing_nonce: PairingNonce,
    #[serde(deserialize_with = "text_or_number")]
    timestamp: String,
    signature: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    x25519_public_key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ciphers: Option<Vec<String>>,
    /// An extension of ours: the signature over it is its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    passkey: Option<IntroducedPasskey>,
}

impl PairingResponse {
    /// Signs an introduction of two keys.
    ///
    /// `signature = Ed25519(key, signerKeyId "|" publicKey "|" pairingNonce "|"
    /// timestamp "|" x25519PublicKey)`, each as it is written.
    #[must_use]
    pub fn sign(
        key: &SigningKey,
        signer_key_id: SignerKeyId,
        nonce: PairingNonce,
        now: jiff::Timestamp,
        x25519_public: &X25519Public,
    ) -> Self {
        let ciphers = Cipher::ALL.map(|cipher| cipher.name().to_owned()).to_vec();
        let mut response = Self {
            signer_key_id,
            public_key: encoding::to_base64(key.verifying_key().as_bytes()),
            pairing_nonce: nonce,
            timestamp: now.to_string(),
            signature: String::new(),
            x25519_public_key: Some(x25519_public.to_string()),
            ciphers: Some(ciphers),
            passkey: None,
        };
        let input = response.signing_input(SignatureCoverage::BothKeys);
        response.signature = key.sign(input.as_bytes()).to_string();
        response
    }

    /// Reads a `responseJson`.
    ///
    /// # Errors
    ///
    /// [`JsonError`].
    pub fn read(response_json: &str) -> Result<Self, JsonError> {
        json::read_as(response_json.as_bytes(), json::LIMIT)
    }

    /// Writes a `responseJson`.
    ///
    /// # Panics
    ///
    /// Never: texts and lists of texts are always JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("strings and lists of strings are always JSON")
    }

    /// Verifies that the answer is to our nonce and by the key it introduces.
    ///
    /// # Errors
    ///
    /// [`PairingError`], any variant but `Json`.
    pub fn verify(&self, ours: &PairingNonce) -> Result<Introduction, PairingError> {
        // Protocol section 6: the nonce is ours, or the answer is a replay.
        if self.pairing_nonce != *ours {
            return Err(PairingError::WrongNonce);
        }
        let key: VerifyingKey = self.public_key.parse().map_err(PairingError::VerifyingKey)?;
        let coverage = self.verified_coverage(&key)?;
        let x25519 = self.x25519_public_key.as_deref().map(str::parse).transpose();
        let names = self.ciphers.iter().flatten();
        let passkey = self.passkey.as_ref().map(|passkey| passkey.verify(&key, ours));
        Ok(Introduction {
            signer_key_id: self.signer_key_id.clone(),
            verifying_key: key,
            x25519_public: x25519.map_err(PairingError::AgreementKey)?,
            coverage,
            ciphers: names.filter_map(|name| name.parse().ok()).collect(),
            passkey: passkey.transpose()?,
        })
    }

    /// Finds the form that was signed. Protocol section 6.
    fn verified_coverage(&self, key: &VerifyingKey) -> Result<SignatureCoverage, PairingError> {
        // Of all fields only this could hold another one: a signed key for sealing, so
        // that a relay puts its own there and calls the app an older one.
        if self.timestamp.contains('|') {
            return Err(PairingError::BadSignature);
        }
        let signature: Signature =
            self.signature.parse().map_err(|_| PairingError::BadSignature)?;
        let holds = |coverage: &SignatureCoverage| {
            key.verify_strict(self.signing_input(*coverage).as_bytes(), &signature).is_ok()
        };
        let forms = [SignatureCoverage::BothKeys, SignatureCoverage::SigningKeyOnly];
        forms.into_iter().find(holds).ok_or(PairingError::BadSignature)
    }

    fn signing_input(&self, coverage: SignatureCoverage) -> String {
        let older = format!(
            "{}|{}|{}|{}",
            self.signer_key_id, self.public_key, self.pairing_nonce, self.timestamp
        );
        match (coverage, &self.x25519_public_key) {
            (SignatureCoverage::BothKeys, Some(key)) => format!("{older}|{key}"),
            (SignatureCoverage::BothKeys, None) => format!("{older}|"),
            (SignatureCoverage::SigningKeyOnly, _) => older,
        }
    }
}

/// Reads a text, or a whole number as its digits: apps write either.
fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::String(text) => Ok(text),
        Value::Number(number) if !number.is_f64() => Ok(number.to_string()),
        _ => Err(serde::de::Error::custom("timestamp is neither a text nor a whole number")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::X25519Secret;
    use serde_json::json;

    fn nonce(text: &str) -> PairingNonce {
        text.parse().unwrap()
    }

    fn answer() -> (SigningKey, PairingResponse) {
        let key = SigningKey::generate().unwrap();
        let sealing = X25519Secret::generate().unwrap().public();
        let now = "2026-02-21T12:00:00Z".parse().unwrap();
        let id = "key-1".parse().unwrap();
        let response = PairingResponse::sign(&key, id, nonce("n-1"), now, &sealing);
        (key, response)
    }

    #[test]
    fn an_answer_survives_the_wire() {
        let (key, response) = answer();
        let read = PairingResponse::read(&response.to_json()).unwrap();
        let introduction = read.verify(&nonce("n-1")).unwrap();
        assert_eq!(introduction.verifying_key, key.verifying_key());
        assert_eq!(introduction.coverage, SignatureCoverage::BothKeys);
        assert_eq!(introduction.ciphers, Cipher::ALL);
    }

    #[test]
    fn refuses_when_the_nonce_is_not_ours() {
        let (_, response) = answer();
        assert!(matches!(response.verify(&nonce("n-2")), Err(PairingError::WrongNonce)));
    }

    #[test]
    fn refuses_when_any_signed_field_was_changed() {
        let (_, response) = answer();
        let other = answer().1;
        let changes: [(&str, &str); 5] = [
            ("signerKeyId", "key-2"),
            ("publicKey", &other.public_key),
            ("timestamp", "2026-02-21T12:00:01Z"),
            ("signature", &other.signature),
            ("x25519PublicKey", other.x25519_public_key.as_deref().unwrap()),
        ];
        for (field, value) in changes {
            let mut written = serde_json::to_value(&response).unwrap();
            written[field] = json!(value);
            let read: PairingResponse = serde_json::from_value(written).unwrap();
            let outcome = read.verify(&nonce("n-1"));
            assert!(matches!(outcome, Err(PairingError::BadSignature)), "{field}");
        }
    }

    #[test]
    fn says_when_an_older_app_did_not_sign_its_sealing_key() {
        let (key, mut response) = answer();
        let input = response.signing_input(SignatureCoverage::SigningKeyOnly);
        response.signature = key.sign(input.as_bytes()).to_string();
        let introduction = response.verify(&nonce("n-1")).unwrap();
        assert_eq!(introduction.coverage, SignatureCoverage::SigningKeyOnly);
    }

    #[test]
    fn refuses_when_the_signed_sealing_key_was_moved_into_the_timestamp() {
        let (_, mut response) = answer();
        let relays = X25519Secret::generate().unwrap().public().to_string();
        let signed = response.x25519_public_key.replace(relays).unwrap();
        response.timestamp = format!("{}|{signed}", response.timestamp);
        let outcome = response.verify(&nonce("n-1"));
        assert!(matches!(outcome, Err(PairingError::BadSignature)), "{outcome:?}");
    }

    #[test]
    fn takes_a_timestamp_that_is_a_number() {
        let (key, response) = answer();
        let mut written = serde_json::to_value(&response).unwrap();
        written["timestamp"] = json!(1_771_675_200);
        let mut response: PairingResponse = serde_json::from_value(written).unwrap();
        let input = response.signing_input(SignatureCoverage::BothKeys);
        response.signature = key.sign(input.as_bytes()).to_string();
        assert!(response.verify(&nonce("n-1")).is_ok());
    }
}
