//! From a code to keys that somebody can vouch for. Protocol sections 3 and 6.

use super::{Agreed, CeremonyError, EnforcerIdentity, Pairing, PairingName};
use crate::client::{Backoff, Enforcer, TransportError};
use crate::crypto::{Cipher, Fingerprint, VerifyingKey, X25519Public, X25519Secret};
use crate::process::{self, Deadline};
use crate::protocol::pairing::{
    ClaimRequest, InitiateRequest, Introduction, PairingError as AnswerError, PairingResponse,
    PairingState, SignatureCoverage,
};
use crate::protocol::{PairingCode, PairingNonce, Passkey, RoutingToken, SignerKeyId};
use jiff::Timestamp;
use std::time::Duration;

/// How long a session is waited for when the gateway does not say.
const PATIENCE: Duration = Duration::from_mins(10);

/// What an enforcer says of itself when it pairs.
#[derive(Debug, Clone)]
pub struct Introducer {
    /// Its names at the gateway.
    pub identity: EnforcerIdentity,
    /// What the approver calls it.
    pub label: String,
    /// The workspace it works in.
    pub workspace: Option<String>,
    /// Where the approver finds the gateway.
    pub gateway_url: String,
    /// What the gateway is known by: see [`Agreed::gateway_id`].
    pub gateway_id: String,
}

/// What an approver's answer must fulfil besides verifying.
#[derive(Debug, Clone, Copy, Default)]
pub struct Conditions {
    /// The cipher to use; without one the first that both read.
    pub cipher: Option<Cipher>,
    /// Whether an older app may leave its X25519 key unsigned.
    pub sealing_key: SealingKeyRule,
    /// Whether it must bring a passkey.
    pub passkey: PasskeyRule,
}

/// Whether a gateway takes word that a pairing is kept: [`Enforcer::keep_pairing`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum KeptWord {
    /// It said so.
    Taken,
    /// It did not.
    #[default]
    Unknown,
}

/// Whether an approver must bring a passkey: a relay could leave it out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PasskeyRule {
    /// It may.
    #[default]
    Optional,
    /// It must.
    Required,
}

/// What to make of an X25519 key that its approver did not sign.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SealingKeyRule {
    /// It could be the relay's: refuse it.
    #[default]
    Signed,
    /// The user trusts the relay to read the commands.
    UnsignedToo,
}

/// A pairing that waits for the approver's answer.
///
/// Its X25519 secret exists nowhere else, and is wiped when it is dropped.
#[derive(Debug)]
pub struct Ceremony {
    enforcer: Enforcer,
    introducer: Introducer,
    secret: X25519Secret,
    nonce: PairingNonce,
    routing_token: Option<RoutingToken>,
    kept_word: KeptWord,
    expires_at: Option<Timestamp>,
    deadline: Deadline,
}

impl Ceremony {
    /// Asks the gateway for a code that the approver is to be given.
    ///
    /// # Errors
    ///
    /// [`CeremonyError::Transport`] or [`CeremonyError::Random`].
    pub async fn initiate(
        enforcer: Enforcer,
        introducer: Introducer,
    ) -> Result<(Self, PairingCode), CeremonyError> {
        let secret = X25519Secret::generate()?;
        let answer = enforcer
            .initiate_pairing(&InitiateRequest {
                device_id: introducer.identity.device_id.clone(),
                enforcer_id: introducer.identity.enforcer_id.clone(),
                enforcer_label: Some(introducer.label.clone()),
                workspace_name: introducer.workspace.clone(),
                gateway_url: Some(introducer.gateway_url.clone()),
                x25519_public_key: Some(secret.public()),
            })
            .await?;
        let nonce = answer.pairing_nonce;
        let begun = Self::begun(enforcer, introducer, secret, nonce, answer.expires_at);
        Ok((begun, answer.pairing_code))
    }

    /// Uses a code that the approver made.
    ///
    /// # Errors
    ///
    /// [`CeremonyError`]; nothing was agreed.
    pub async fn claim(
        enforcer: Enforcer,
        introducer: Introducer,
        code: PairingCode,
    ) -> Result<Self, CeremonyError> {
        let secret = X25519Secret::generate()?;
        let request = ClaimRequest {
            pairing_code: code,
            device_id: introducer.identity.device_id.clone(),
            enforcer_id: introducer.identity.enforcer_id.clone(),
            enforcer_label: introducer.label.clone(),
            workspace_name: introducer.workspace.clone().unwrap_or_default(),
            gateway_url: Some(introducer.gateway_url.clone()),
            x25519_public_key: Some(secret.public()),
        };
        let answer =
            enforcer.claim_pairing(&request).await.map_err(|error| match error.status() {
                Some(404 | 410) => CeremonyError::UnknownCode,
                Some(409) => CeremonyError::CodeUsed,
                _ => CeremonyError::Transport(error),
            })?;
        // Without its nonce the approver's answer could be that to somebody else.
        let nonce = answer.pairing_nonce.ok_or(CeremonyError::Missing { what: "pairing nonce" })?;
        let mut begun = Self::begun(enforcer, introducer, secret, nonce, answer.expires_at);
        begun.routing_token = answer.routing_token;
        Ok(begun)
    }

    fn begun(
        enforcer: Enforcer,
        introducer: Introducer,
        secret: X25519Secret,
        nonce: PairingNonce,
        expires_at: Option<Timestamp>,
    ) -> Self {
        let left = expires_at.and_then(|at| Duration::try_from(at - process::now()).ok());
        // A gateway with another clock, or a wrong one, gets the usual time.
        let span = left.filter(|left| !left.is_zero()).unwrap_or(PATIENCE);
        let deadline = Deadline::after(span);
        let (routing_token, kept_word) = (None, KeptWord::Unknown);
        Self { enforcer, introducer, secret, nonce, routing_token, kept_word, expires_at, deadline }
    }

    /// Returns until when the code is good, as the gateway says.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    /// Returns what ends this pairing at the gateway, when nobody waits for it any more.
    #[must_use]
    pub fn withdrawal(&self) -> Withdrawal {
        Withdrawal { enforcer: self.enforcer.clone(), nonce: self.nonce.clone() }
    }

    /// Waits for the approver's answer and verifies it, looking that often.
    ///
    /// # Errors
    ///
    /// [`CeremonyError`]; the secret is gone then.
    pub async fn answer(
        mut self,
        every: Duration,
        conditions: Conditions,
    ) -> Result<Candidate, CeremonyError> {
        let mut backoff = Backoff::new();
        while !self.deadline.has_passed() {
            let wait = match self.enforcer.pairing_status(&self.nonce).await {
                Ok(status) => {
                    if status.pairing_nonce != self.nonce {
                        return Err(CeremonyError::Missing { what: "status of this pairing" });
                    }
                    match status.state {
                        PairingState::Completed => {
                            if status.tells_kept() {
                                self.kept_word = KeptWord::Taken;
                            }
                            self.routing_token = status.routing_token.or(self.routing_token.take());
                            let missing = CeremonyError::Missing { what: "answer" };
                            let answer = status.response_json.ok_or(missing)?;
                            return self.verify(&answer, conditions);
                        }
                        PairingState::Expired => return Err(CeremonyError::Expired),
                        PairingState::Revoked => return Err(CeremonyError::Ended),
                        PairingState::Pending => every,
                    }
                }
                Err(error) => self.pause_after(error, &mut backoff)?,
            };
            tokio::time::sleep(wait.min(self.deadline.remaining())).await;
        }
        Err(CeremonyError::Expired)
    }

    fn pause_after(
        &self,
        error: TransportError,
        backoff: &mut Backoff,
    ) -> Result<Duration, CeremonyError> {
        if matches!(error.status(), Some(404 | 410)) {
            return Err(CeremonyError::Expired);
        }
        let asked = error.retry_after().unwrap_or_default();
        if !error.is_passing() || asked >= self.deadline.remaining() {
            return Err(error.into());
        }
        Ok(backoff.next_wait(self.deadline.remaining()).max(asked))
    }

    fn verify(self, answer: &str, conditions: Conditions) -> Result<Candidate, CeremonyError> {
        let answer = PairingResponse::read(answer).map_err(AnswerError::Json)?;
        let introduced = answer.verify(&self.nonce)?;
        let agreement_key = introduced.x25519_public.ok_or(CeremonyError::NoSealingKey)?;
        let signed = introduced.coverage == SignatureCoverage::BothKeys;
        if !signed && conditions.sealing_key == SealingKeyRule::Signed {
            return Err(CeremonyError::UnsignedSealingKey);
        }
        // Protocol section 6: an all-zero secret is known to everybody.
        if self.secret.agree(&agreement_key).is_err() {
            return Err(CeremonyError::SmallOrderKey);
        }
        let cipher = common_cipher(&introduced, conditions.cipher)?;
        if introduced.passkey.is_none() && conditions.passkey == PasskeyRule::Required {
            return Err(CeremonyError::NoPasskey);
        }
        let routing_token =
            self.routing_token.ok_or(CeremonyError::Missing { what: "routing token" })?;
        Ok(Candidate {
            introducer: self.introducer,
            secret: self.secret,
            nonce: self.nonce,
            routing_token,
            kept_word: self.kept_word,
            signer_key_id: introduced.signer_key_id,
            signing_key: introduced.verifying_key,
            agreement_key,
            cipher,
            passkey: introduced.passkey,
        })
    }
}

/// Gives a pairing up that nobody has vouched for, or that cannot be kept.
#[derive(Debug)]
pub struct Withdrawal {
    enforcer: Enforcer,
    nonce: PairingNonce,
}

impl Withdrawal {
    /// Returns the session it is about.
    #[must_use]
    pub fn nonce(&self) -> &PairingNonce {
        &self.nonce
    }

    /// Ends the pairing when the approver has answered in the meantime.
    ///
    /// Without an answer there is nothing to end: only a routing token names a pairing,
    /// and the key that an answer would be for is gone. Protocol section 3.
    ///
    /// # Errors
    ///
    /// [`TransportError`]: the approver may believe to be paired. We are not.
    pub async fn end(self) -> Result<(), TransportError> {
        let status = self.enforcer.pairing_status(&self.nonce).await?;
        match status.routing_token {
            Some(token) => self.enforcer.revoke_pairing(&token).await,
            None => Ok(()),
        }
    }
}

/// Finds the cipher. Protocol section 6: the first common one, ours preferred; an
/// approver that says nothing is taken at the user's word.
fn common_cipher(
    introduced: &Introduction,
    wanted: Option<Cipher>,
) -> Result<Cipher, CeremonyError> {
    let readable =
        |cipher: &Cipher| introduced.ciphers.is_empty() || introduced.ciphers.contains(cipher);
    let found = match wanted {
        Some(cipher) => Some(cipher).filter(readable),
        None => Cipher::ALL.into_iter().find(readable),
    };
    found.ok_or(CeremonyError::NoCommonCipher { cipher: wanted })
}

/// A verified answer, whose key nobody has vouched for yet.
#[derive(Debug)]
pub struct Candidate {
    introducer: Introducer,
    secret: X25519Secret,
    nonce: PairingNonce,
    routing_token: RoutingToken,
    kept_word: KeptWord,
    signer_key_id: SignerKeyId,
    signing_key: VerifyingKey,
    agreement_key: X25519Public,
    cipher: Cipher,
    passkey: Option<Passkey>,
}

impl Candidate {
    /// Returns what a person compares.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.signing_key.fingerprint()
    }

    /// Returns the key it introduces.
    #[must_use]
    pub fn signing_key(&self) -> &VerifyingKey {
        &self.signing_key
    }

    /// Returns whether the gateway takes word that the pairing is kept.
    #[must_use]
    pub fn kept_word(&self) -> KeptWord {
        self.kept_word
    }

    /// Makes it a pairing: the caller has made sure whose key this is.
    #[must_use]
    pub fn trusted_as(self, name: PairingName, now: Timestamp) -> Pairing {
        let agreed = Agreed {
            name,
            gateway_id: self.introducer.gateway_id,
            pairing_nonce: self.nonce,
            device_id: self.introducer.identity.device_id,
            signer_key_id: self.signer_key_id,
            signing_key: self.signing_key,
            agreement_key: self.agreement_key,
            cipher: self.cipher,
            created_at: now,
            passkey: self.passkey,
        };
        Pairing::new(agreed, self.routing_token, &self.secret)
    }
}
