//! The number that stands where a command waits, to be compared with what is approved.
//!
//! A person who approves somewhere else types it there: so they have looked at the
//! command that waits, and it is the one whose card they read. It is no secret. Whoever
//! has the artifact can compute it, and it approves nothing: only a signature does.

use crate::crypto::Sha256Digest;
use crate::protocol::Plaintext;
use serde::Deserialize;
use std::fmt;

/// Two decimal digits.
///
/// ```text
/// number = be16(SHA-256(createdAt || 0x00 || commandText)[0..2]) mod 100
/// ```
///
/// of the two fields of the artifact, in UTF-8, written `00` to `99`. All approvers of one
/// command have these two in common. `src/approver/web/number.js` has the same formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number(u16);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    created_at: String,
    command_text: String,
    #[serde(default)]
    ask_twice: bool,
}

impl Number {
    /// Returns the number of a request that is hard to undo; others have none.
    pub(super) fn of(plaintext: &Plaintext) -> Option<Self> {
        let shown: Shown = serde_json::from_slice(plaintext.as_bytes()).ok()?;
        shown.ask_twice.then(|| Self::from_parts(&shown.created_at, &shown.command_text))
    }

    fn from_parts(created_at: &str, command_text: &str) -> Self {
        let bytes = [created_at.as_bytes(), &[0], command_text.as_bytes()].concat();
        let [first, second, ..] = *Sha256Digest::of(&bytes).as_bytes();
        Self(u16::from_be_bytes([first, second]) % 100)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:02}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn is_that_of_the_page() {
        // `tests/page/texts.mjs` has the same two.
        let of = |time, command| Number::from_parts(time, command).to_string();
        assert_eq!(of("2026-01-02T03:04:05.678Z", "rm -rf ./out"), "48");
        assert_eq!(of("2026-01-02T03:04:05Z", "git push --force 'größer'"), "28");
    }

    #[test]
    fn only_what_is_hard_to_undo_has_one() {
        let of = |ask_twice: serde_json::Value| {
            let fields = json!({"createdAt": "a", "commandText": "b", "askTwice": ask_twice});
            Number::of(&Plaintext::of(&fields).expect("JSON"))
        };
        assert_eq!(of(json!(true)), Some(Number::from_parts("a", "b")));
        assert_eq!(of(json!(false)), None);
        assert_eq!(Number::of(&Plaintext::of(&json!({"createdAt": "a"})).expect("JSON")), None);
    }
}
