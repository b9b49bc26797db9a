//! Pieces of text that are safe to write to a terminal, and who said them.

use super::Detail;
use crate::display::Displayable;

/// Words of more characters are collapsed in a summary.
const LONG_WORD: usize = 400;
/// A blank at either end of a line, where it could not be seen.
const VISIBLE_BLANK: &str = "␠";

/// Whose text it is, and how it is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Blanks between the columns.
    Space,
    /// Readable text of the payload.
    Payload,
    /// A character of the payload, written as an escape.
    Escape,
    /// Lines and marks of the frame.
    Frame,
    /// Our name of a row.
    Label,
    /// Our words about the payload.
    Remark,
    /// Our words about something that looks wrong.
    Warning,
}

/// A piece of text in one tone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Text that is safe to write to a terminal.
    pub text: String,
    /// Whose text it is.
    pub tone: Tone,
}

/// A line of a row before it is wrapped.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    /// What stands left of the text: a number, or nothing.
    pub(super) mark: String,
    pub(super) spans: Vec<Span>,
}

impl Line {
    /// Makes a line of our own words.
    pub(super) fn remark(text: impl Into<String>) -> Self {
        Self::ours(text, Tone::Remark)
    }

    /// Makes a warning, marked as one.
    pub(super) fn warning(text: impl Into<String>) -> Self {
        Self::ours(text, Tone::Warning).marked("!")
    }

    /// Makes a line of payload text; breaks in it are escaped.
    pub(super) fn payload(text: &str, detail: Detail) -> Self {
        Self { mark: String::new(), spans: spans(text, detail) }
    }

    /// Puts a mark left of the line.
    pub(super) fn marked(mut self, mark: impl Into<String>) -> Self {
        self.mark = mark.into();
        self
    }

    /// Adds our words behind the line.
    pub(super) fn and_remark(mut self, text: impl Into<String>) -> Self {
        self.spans.push(Span { text: text.into(), tone: Tone::Remark });
        self
    }

    /// Adds payload text behind the line.
    pub(super) fn and_payload(mut self, text: &str, detail: Detail) -> Self {
        self.spans.extend(spans(text, detail));
        self
    }

    fn ours(text: impl Into<String>, tone: Tone) -> Self {
        Self { mark: String::new(), spans: vec![Span { text: text.into(), tone }] }
    }
}

/// Escapes a text and tells its readable parts from its escapes.
fn spans(text: &str, detail: Detail) -> Vec<Span> {
    let displayable = Displayable::from(text);
    let shown = match detail {
        Detail::Summary => displayable.collapsed(LONG_WORD).to_string(),
        Detail::Full => displayable.to_string(),
    };
    let inner = shown.trim_matches(' ');
    let leading = shown.len() - shown.trim_start_matches(' ').len();
    let trailing = shown.len() - leading - inner.len();
    let blanks = |count| escape(VISIBLE_BLANK.repeat(count));
    let mut spans = Vec::new();
    spans.extend((leading > 0).then(|| blanks(leading)));
    let mut rest = inner;
    while !rest.is_empty() {
        let readable = rest.find(['\\', '␠']).unwrap_or(rest.len());
        let (text, after) = rest.split_at(readable);
        spans.extend(
            (!text.is_empty()).then(|| Span { text: text.to_owned(), tone: Tone::Payload }),
        );
        let (sign, after) = after.split_at(sign_length(after));
        spans.extend((!sign.is_empty()).then(|| escape(sign.to_owned())));
        rest = after;
    }
    spans.extend((trailing > 0).then(|| blanks(trailing)));
    spans
}

/// Returns the length of the escape at the start, in bytes.
///
/// [`Displayable`] escapes every backslash and `␠` of the text itself, so each of
/// them starts an escape.
fn sign_length(text: &str) -> usize {
    let digits = |from: usize| {
        let rest = text.get(from..).unwrap_or_default();
        rest.bytes().take_while(u8::is_ascii_digit).count()
    };
    let length = if text.starts_with("\\u{") {
        text.find('}').map_or(text.len(), |end| end + 1)
    } else if text.starts_with("\\x") {
        4
    } else if text.starts_with('\\') {
        2
    } else if text.starts_with("␠×") {
        "␠×".len() + digits("␠×".len())
    } else {
        text.chars().next().map_or(0, char::len_utf8)
    };
    length.min(text.len())
}

fn escape(text: String) -> Span {
    Span { text, tone: Tone::Escape }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn toned(text: &str) -> Vec<(String, Tone)> {
        spans(text, Detail::Full).into_iter().map(|span| (span.text, span.tone)).collect()
    }

    #[test]
    fn tells_escapes_from_text_that_looks_like_them() {
        let found = toned("a\u{1b}[2Kb\\x1bc");
        let expected = [
            ("a", Tone::Payload),
            ("\\x1b", Tone::Escape),
            ("[2Kb", Tone::Payload),
            ("\\\\", Tone::Escape),
            ("x1bc", Tone::Payload),
        ];
        assert_eq!(found, expected.map(|(text, tone)| (text.to_owned(), tone)));
    }

    #[test]
    fn shows_blanks_where_they_could_not_be_seen() {
        let text: String = toned(" a b  ").into_iter().map(|(text, _)| text).collect();
        assert_eq!(text, "␠a b␠␠");
        let text: String = toned("   ").into_iter().map(|(text, _)| text).collect();
        assert_eq!(text, "␠␠␠");
    }

    #[test]
    fn loses_nothing_of_what_is_displayed() {
        for text in ["x\u{202e}y", "␠×9", "\\", "a\u{fffd}", "é\u{300}", "1\n2\t3", "日本"] {
            let joined: String = toned(text).into_iter().map(|(text, _)| text).collect();
            assert_eq!(joined, Displayable::from(text).to_string());
        }
    }
}
