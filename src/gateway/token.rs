//! The tokens clients authenticate with.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};
use std::fmt;
use thiserror::Error;

/// What the holder of a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Submits artifacts and waits for decisions.
    Enforcer,
    /// Reads its inbox and decides.
    Approver,
}

impl Role {
    /// Returns its name, by which it is stored.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Enforcer => "enforcer",
            Self::Approver => "approver",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// The database holds a role we do not know.
#[derive(Debug, Error)]
#[error("unknown role of a token")]
pub struct UnknownRole;

impl TryFrom<String> for Role {
    type Error = UnknownRole;

    fn try_from(name: String) -> Result<Self, UnknownRole> {
        let named = |role: &Self| role.name() == name;
        [Self::Enforcer, Self::Approver].into_iter().find(named).ok_or(UnknownRole)
    }
}

/// The SHA-256 of a token: all that is stored of it.
pub(super) type TokenDigest = [u8; 32];

/// How the bearer of a browser's session begins.
const PAGE_BEARER: &str = "airpage_";

/// Draws the bearer of a browser's session, of 256 random bits.
pub(super) fn draw_page_bearer() -> Result<String, getrandom::Error> {
    Ok(format!("{PAGE_BEARER}{}", random_text::<32>()?))
}

/// Tells whether a token is the bearer of a browser's session, if it is good at all.
pub(super) fn is_page_bearer(token: &str) -> bool {
    token.starts_with(PAGE_BEARER)
}

/// Draws a token of 256 random bits, `airpat_` and base64url.
pub(super) fn draw() -> Result<SecretString, getrandom::Error> {
    Ok(SecretString::from(format!("airpat_{}", random_text::<32>()?)))
}

/// Returns what is stored of a token: `SHA-256(token)`.
///
/// A plain hash is enough, since nobody can guess 256 random bits.
pub(super) fn digest(token: &str) -> TokenDigest {
    Sha256::digest(token.as_bytes()).into()
}

/// Draws that many random bytes and writes them as base64url.
pub(super) fn random_text<const BYTES: usize>() -> Result<String, getrandom::Error> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    #[test]
    fn a_token_has_256_bits_and_never_repeats() {
        let one = draw().expect("random");
        let other = draw().expect("random");
        assert_eq!(one.expose_secret().len(), "airpat_".len() + 43);
        assert_ne!(one.expose_secret(), other.expose_secret());
        assert!(!format!("{one:?}").contains("airpat_"));
    }

    #[test]
    fn the_digest_is_sha_256() {
        // FIPS 180-2, appendix B.1.
        assert_eq!(digest("abc")[..4], [0xba, 0x78, 0x16, 0xbf]);
    }
}
