//! A commit's message: how git will keep it, and how much of it is shown.

use std::borrow::Cow;

/// The most bytes of a message that are shown.
const SHOWN: usize = 4 << 10;
/// Below this line everything is for the editor only. Spec: git-commit(1), scissors.
const SCISSORS: &[u8] = b"------------------------ >8 ------------------------";

/// Returns the message as git keeps it: without what only the editor was to see,
/// blanks at the ends of lines, and empty lines at both ends and in a row.
///
/// A comment begins with `#` here; where a repository says otherwise the message is
/// taken for another one, and asked about again.
///
/// Spec: git-stripspace(1).
#[must_use]
pub fn as_git_keeps_it(text: &[u8]) -> Vec<u8> {
    let lines = text.split(|byte| *byte == b'\n');
    let lines = lines.take_while(|line| !is_scissors(line)).filter(|line| !line.starts_with(b"#"));
    tidied(lines)
}

/// Returns the same of a message that is in a commit: there nothing is a comment.
pub(super) fn as_committed(text: &[u8]) -> Vec<u8> {
    tidied(text.split(|byte| *byte == b'\n'))
}

fn is_scissors(line: &[u8]) -> bool {
    line.strip_prefix(b"# ").is_some_and(|rest| rest == SCISSORS)
}

fn tidied<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut is_empty_before = false;
    for line in lines.map(<[u8]>::trim_ascii_end) {
        if line.is_empty() {
            is_empty_before = !kept.is_empty();
            continue;
        }
        if is_empty_before {
            kept.push(b'\n');
        }
        is_empty_before = false;
        kept.extend_from_slice(line);
        kept.push(b'\n');
    }
    kept
}

/// Returns the beginning of a message as text.
pub(super) fn beginning(message: &[u8]) -> String {
    let message = message.strip_suffix(b"\n").unwrap_or(message);
    let text = String::from_utf8_lossy(message);
    if text.len() <= SHOWN {
        return text.into_owned();
    }
    let mut end = SHOWN;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

/// Says what of a message cannot be seen in its text.
pub(super) fn notes(message: &[u8]) -> Vec<String> {
    let shown = beginning(message).len();
    let text: Cow<'_, str> = String::from_utf8_lossy(message);
    let mut notes = Vec::new();
    if shown < text.trim_end_matches('\n').len() {
        notes.push(format!(
            "only the first {shown} of {} bytes of the message are shown",
            text.len()
        ));
    }
    if matches!(text, Cow::Owned(_)) {
        notes.push("the message is not UTF-8: where it is not, it shows U+FFFD".to_owned());
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_git_keeps() {
        let text = b"\n\n  Subject  \n# a comment\n\n\nBody\t\n\n\n# ------------------------ >8 ------------------------\ndiff\n";
        assert_eq!(as_git_keeps_it(text), b"  Subject\n\nBody\n");
        assert_eq!(as_committed(b"Subject\n#1 is mended\n"), b"Subject\n#1 is mended\n");
        assert_eq!(as_git_keeps_it(b"\n#\n"), b"");
    }

    #[test]
    fn shows_the_beginning_and_says_so() {
        let long = "ä".repeat(SHOWN);
        assert_eq!(beginning(long.as_bytes()).len(), SHOWN);
        assert_eq!(notes(long.as_bytes()).len(), 1);
        assert!(notes(b"short\n").is_empty());
        assert!(notes(b"\xff\n")[0].contains("not UTF-8"));
    }
}
