//! Names of things: requests, messages, parties, keys, pairings.
//!
//! Every name from the wire is checked once, here: it can then be put in a URL
//! path, a file name or a line of text as it is.

mod pairing;

pub use pairing::{PairingCode, PairingNonce, RoutingToken};

use crate::crypto::encoding::stands_as_text;
use crate::crypto::random::{self, RandomError};
use jiff::Timestamp;
use std::fmt;
use std::str::FromStr;
use thiserror::Error;
use ulid::Ulid;

/// Why a text is not the name it should be.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IdError {
    /// Empty, or longer than the limit.
    #[error("read the {kind}: {found} bytes; allowed are 1 to {limit}")]
    Length {
        /// What kind of name it should be.
        kind: &'static str,
        /// How many bytes it has.
        found: usize,
        /// How many it may have.
        limit: usize,
    },
    /// A character that is not safe everywhere a name goes.
    #[error("read the {kind}: it has a character that is not allowed")]
    Character {
        /// What kind of name it should be.
        kind: &'static str,
    },
}

/// The longest name, in bytes.
const LIMIT: usize = 128;

/// Checks a name: 1 to 128 of `A-Z a-z 0-9 . _ : = @ ~ -`, one a letter or digit.
///
/// The last rule keeps `.` and `..` out of URL paths.
fn check(kind: &'static str, text: &str) -> Result<(), IdError> {
    if text.is_empty() || text.len() > LIMIT {
        return Err(IdError::Length { kind, found: text.len(), limit: LIMIT });
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._:=@~-".contains(&byte);
    if !text.bytes().all(allowed) || !text.bytes().any(|byte| byte.is_ascii_alphanumeric()) {
        return Err(IdError::Character { kind });
    }
    Ok(())
}

/// Makes a newtype of a checked name with the traits every name has, and with `generate`
/// when ours begin with something.
macro_rules! name {
    ($(#[$documentation:meta])* $type:ident, $kind:literal, $prefix:literal) => {
        name!($(#[$documentation])* $type, $kind);

        impl $type {
            const PREFIX: &str = $prefix;

            /// Makes a new one, of which later ones sort after earlier ones.
            ///
            /// # Errors
            ///
            /// [`RandomError`] when the operating system has no random bytes to give.
            pub fn generate(now: Timestamp) -> Result<Self, RandomError> {
                Ok(Self(format!("{}{}", Self::PREFIX, ulid(now)?)))
            }
        }
    };
    ($(#[$documentation:meta])* $type:ident, $kind:literal) => {
        $(#[$documentation])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(String);

        impl $type {
            /// Returns the name as it was read.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $type {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                check($kind, text)?;
                Ok(Self(text.to_owned()))
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.pad(&self.0)
            }
        }

        stands_as_text!($type);
    };
}
pub(crate) use name;

name!(
    /// One request for a decision: ours are `req-` and a ULID.
    RequestId,
    "request id",
    "req-"
);
name!(
    /// One message: ours are `msg-` and a ULID.
    MessageId,
    "message id",
    "msg-"
);
name!(
    /// The party that asks and then runs or refuses.
    EnforcerId,
    "enforcer id",
    "enf-"
);
name!(
    /// The party that decides.
    ApproverId,
    "approver id",
    "apr-"
);
name!(
    /// The machine an enforcer runs on, as named at pairing.
    DeviceId,
    "device id",
    "dev-"
);
name!(
    /// The key an approver signs with.
    SignerKeyId,
    "signer key id",
    "key-"
);
name!(
    /// One agent's session, as the agent names it: ours are `ses-` and a ULID.
    SessionId,
    "session id",
    "ses-"
);

/// Returns the end of a request's id, six characters at most: enough for a person to name
/// it by. It begins with a letter or digit, so that no program takes it for an option.
#[must_use]
pub fn short_id(id: &str) -> &str {
    // An id is ASCII, so any index is a character boundary.
    let end = id.get(id.len().saturating_sub(6)..).unwrap_or(id);
    let word = end.trim_start_matches(|character: char| !character.is_ascii_alphanumeric());
    if word.is_empty() { id } else { word }
}

impl RequestId {
    /// Returns the end of it, as [`short_id`] does.
    #[must_use]
    pub fn short(&self) -> &str {
        short_id(&self.0)
    }
}

impl SignerKeyId {
    /// Tells whether both name one key, with or without the `key-` prefix.
    ///
    /// Spec: Airlock developer guide, verification of decisions.
    #[must_use]
    pub fn names_same_key(&self, other: &Self) -> bool {
        self.without_prefix() == other.without_prefix()
    }

    /// Returns the name without its `key-` prefix: one spelling for each key.
    #[must_use]
    pub fn without_prefix(&self) -> &str {
        self.0.strip_prefix(Self::PREFIX).unwrap_or(&self.0)
    }
}

fn ulid(now: Timestamp) -> Result<Ulid, RandomError> {
    let milliseconds = u64::try_from(now.as_millisecond()).unwrap_or(0);
    let random = u128::from_be_bytes(random::array()?);
    Ok(Ulid::from_parts(milliseconds, random))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_names_are_valid_unique_and_sort_by_time() {
        let early = Timestamp::from_millisecond(1_000).unwrap();
        let late = Timestamp::from_millisecond(1_800_000_000_000).unwrap();
        let first = RequestId::generate(early).unwrap();
        let second = RequestId::generate(late).unwrap();
        assert!(first < second && first.as_str().starts_with("req-"));
        assert_eq!(second.as_str().parse(), Ok(second.clone()));
        assert_ne!(second, RequestId::generate(late).unwrap());
    }

    #[test]
    fn the_end_of_an_id_is_never_an_option() {
        for (id, end) in [
            ("req-01J2V8V3K6B2Z9X6G1V7Y2QK8H", "Y2QK8H"),
            ("3f2c1b9e-0000-4000-8000-abcde", "abcde"),
            ("req-1--all", "1--all"),
            ("req-12---all", "all"),
            ("-h", "h"),
            ("a-------", "a-------"),
        ] {
            assert_eq!(id.parse::<RequestId>().unwrap().short(), end);
        }
    }

    #[test]
    fn takes_the_names_foreign_clients_make() {
        for text in ["req-3f2c1b9e-0000-4000-8000-000000000000", "01J2V8V3K6B2", "ma-key-01", "a"] {
            assert!(text.parse::<RequestId>().is_ok(), "{text}");
        }
        assert!("x".repeat(128).parse::<RequestId>().is_ok());
    }

    #[test]
    fn refuses_names_that_are_unsafe_in_a_path_or_a_line() {
        for text in ["", ".", "..", "a/b", "a b", "a|b", "a\n", "a%2f", "ä", "a?b", "a#b", "a\\b"]
        {
            assert!(text.parse::<RequestId>().is_err(), "{text:?}");
            let json = serde_json::to_string(text).unwrap();
            assert!(serde_json::from_str::<ApproverId>(&json).is_err(), "{text:?}");
        }
        assert!("x".repeat(129).parse::<RequestId>().is_err());
    }

    #[test]
    fn a_signer_is_found_with_or_without_prefix() {
        let id = |text: &str| text.parse::<SignerKeyId>().unwrap();
        assert!(id("key-a").names_same_key(&id("a")) && id("a").names_same_key(&id("key-a")));
        assert!(id("key-a").names_same_key(&id("key-a")));
        assert!(!id("key-a").names_same_key(&id("key-b")));
        assert!(!id("key-key-a").names_same_key(&id("a")));
    }
}
