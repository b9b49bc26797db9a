//! How much care an approval asks for.

use super::card;
use super::cuts::without_cuts;
use super::item::{Content, Item};
use crate::display::{Displayable, Oddity};
use serde_json::Value;

/// The field by which a sender says that some of its notes are about what is hard to undo.
pub(super) const ASK_TWICE: &str = "askTwice";

/// How much care an approval asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Weight {
    /// One step.
    Usual,
    /// A second step: it is for longer than once.
    Grant,
    /// A second step: its sender says that it is hard to undo.
    HardToUndo,
    /// A second step: its text holds what deceives the eye.
    Deceptive,
}

impl Weight {
    /// Weighs what an approval of this item would do.
    #[must_use]
    pub fn of(item: &Item) -> Self {
        let Content::Opened(opened) = &item.content else { return Self::Usual };
        if card::is_grant(item) {
            Self::Grant
        } else if opened.fields().get(ASK_TWICE).and_then(Value::as_bool) == Some(true) {
            Self::HardToUndo
        } else if opened
            .fields()
            .iter()
            .any(|(key, value)| is_odd(key) || deceives(&without_cuts(key, value)))
        {
            Self::Deceptive
        } else {
            Self::Usual
        }
    }

    /// Says in our own words why there is a second step, if there is one.
    #[must_use]
    pub fn reason(self) -> Option<&'static str> {
        match self {
            Self::Usual => None,
            Self::Grant => Some("this is a grant: it is for longer than once"),
            Self::HardToUndo => Some("this is hard to undo: read the notes"),
            Self::Deceptive => Some("its text holds characters that deceive the eye"),
        }
    }
}

/// Tells whether a text has what an honest command has not.
fn is_odd(text: &str) -> bool {
    Displayable::from(text).oddities().iter().any(is_grave)
}

/// Tells whether a text anywhere in a value has what an honest command has not.
fn deceives(value: &Value) -> bool {
    match value {
        Value::String(text) => is_odd(text),
        Value::Array(items) => items.iter().any(deceives),
        Value::Object(fields) => fields.iter().any(|(key, value)| is_odd(key) || deceives(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Scripts have lines and blanks; nobody types the others.
fn is_grave(oddity: &Oddity) -> bool {
    match oddity {
        Oddity::Control(_)
        | Oddity::Bidirectional(_)
        | Oddity::Invisible(_)
        | Oddity::MixedScript(_)
        | Oddity::LooksLikeAscii(_) => true,
        Oddity::NotUtf8(_) | Oddity::SeveralLines(_) | Oddity::LongBlank(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::approver::item::tests::item;
    use serde_json::json;

    #[test]
    fn what_the_sender_cut_deceives_nobody() {
        let weigh = |plaintext| Weight::of(&item(plaintext));
        let cut = "no rule covers feature…";
        for plaintext in [
            json!({"whyAsked": cut, "notes": ["it runs make…"]}),
            json!({"git": {"commits": ["1a2b3c Eve: mend the door…"]}}),
        ] {
            assert_eq!(weigh(plaintext.clone()), Weight::Usual, "{plaintext}");
        }
        assert_eq!(weigh(json!({"argv": ["git", "diff", "main…"]})), Weight::Deceptive);
        for odd in ["g\u{456}t…", "a\u{202e}…"] {
            assert_eq!(weigh(json!({"whyAsked": odd})), Weight::Deceptive, "{odd:?}");
        }
    }

    #[test]
    fn what_is_hard_to_undo_or_deceives_asks_twice() {
        let weigh = |plaintext| Weight::of(&item(plaintext));
        assert_eq!(weigh(json!({"argv": ["ls", "a  b\nc"], "notes": ["x"]})), Weight::Usual);
        assert_eq!(weigh(json!({"askTwice": true})), Weight::HardToUndo);
        assert_eq!(weigh(json!({"askTwice": "true"})), Weight::Usual);
        assert_eq!(weigh(json!({"artifactType": "command.grant"})), Weight::Grant);
        for odd in ["a\u{202e}b", "a\u{1b}[2Jb", "g\u{456}t", "a\u{200b}b"] {
            assert_eq!(weigh(json!({"argv": ["echo", odd]})), Weight::Deceptive, "{odd:?}");
            assert_eq!(weigh(json!({"x": {odd: 1}})), Weight::Deceptive, "{odd:?}");
        }
    }
}
