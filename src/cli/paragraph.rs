//! Text as wide as the terminal it is read on.

use super::output::columns;
use crate::process::{Stdio, Stream};

/// Narrower than this nothing is gained by breaking lines.
const NARROWEST: usize = 30;

/// Breaks a text between its words where standard output is a terminal; what follows
/// the first line is indented. Anywhere else it stays one line, for whoever reads it by
/// line.
pub(super) fn paragraph(text: &str, indent: usize) -> String {
    let at_terminal = Stdio::capture().is_terminal(Stream::Output);
    match columns().filter(|columns| at_terminal && *columns >= NARROWEST.max(2 * indent)) {
        Some(columns) => broken(text, indent, columns),
        None => text.to_owned(),
    }
}

/// Breaks a text at its spaces; several of them stay several, and a word that is too
/// long for a line has one of its own.
fn broken(text: &str, indent: usize, columns: usize) -> String {
    let mut lines = vec![String::new()];
    for (at, word) in text.split(' ').enumerate() {
        let line = lines.last_mut().expect("there is a first");
        let blank = line.trim().is_empty();
        if !blank && line.chars().count() + 1 + word.chars().count() > columns {
            line.truncate(line.trim_end().len());
            lines.push(" ".repeat(indent) + word);
        } else {
            line.extend((at > 0).then_some(' '));
            line.push_str(word);
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_whole_and_what_follows_is_indented() {
        let text = "mend    one two three four";
        assert_eq!(broken(text, 8, 16), "mend    one two\n        three\n        four");
        assert_eq!(broken(text, 8, 100), text);
        assert_eq!(
            broken("a /a/path/that/is/too/long b", 2, 10),
            "a\n  /a/path/that/is/too/long\n  b"
        );
    }
}
