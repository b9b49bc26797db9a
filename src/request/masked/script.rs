//! A text with blanks in it, read as a shell would read its words.
//!
//! No parser: it need not know what the text does. A word that a shell would change before
//! it is used is nobody's secret, and is shown but for what has the form of one.

use super::{Reader, by_form};
use crate::request::marker::Marker;

/// Begins another command.
const ENDS_COMMAND: &[char] = &[';', '|', '&', '(', ')', '`', '\n'];

/// Returns the text with marks in the place of secrets.
pub(super) fn masked(text: &str, marker: &Marker) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut reader = Reader::new(marker);
    let mut rest = text;
    while !rest.is_empty() {
        let (word, after) = rest.split_at(word_length(rest));
        if word.is_empty() {
            let between = after.chars().next().map_or(0, char::len_utf8);
            let (between, after) = after.split_at(between);
            if between.contains(ENDS_COMMAND) {
                reader = Reader::new(marker);
            }
            shown.push_str(between);
            rest = after;
        } else {
            shown += &shown_word(word, &mut reader, marker);
            rest = after;
        }
    }
    shown
}

/// Shows the word as it stands, unless something in it is hidden.
fn shown_word(word: &str, reader: &mut Reader<'_>, marker: &Marker) -> String {
    let Some(literal) = literal(word) else {
        // Whatever announced it has had its word.
        reader.next = None;
        return by_form(word, marker);
    };
    let shown = reader.shown(&literal);
    if shown == literal { word.to_owned() } else { shown }
}

/// Returns how many bytes of the text are one word; what is quoted ends none.
fn word_length(text: &str) -> usize {
    let mut quote = None;
    let mut is_escaped = false;
    for (at, each) in text.char_indices() {
        match quote {
            _ if is_escaped => is_escaped = false,
            Some(open) if each == open => quote = None,
            _ if each == '\\' && quote != Some('\'') => is_escaped = true,
            None if each == '\'' || each == '"' => quote = Some(each),
            None if each.is_whitespace() || ENDS_COMMAND.contains(&each) || "<>".contains(each) => {
                return at;
            }
            Some(_) | None => {}
        }
    }
    text.len()
}

/// Returns what a shell makes of the word, when that is only a matter of quotes.
fn literal(word: &str) -> Option<String> {
    let mut quote = None;
    let mut literal = String::with_capacity(word.len());
    for each in word.chars() {
        match quote {
            Some(open) if each == open => quote = None,
            None if each == '\'' || each == '"' => quote = Some(each),
            Some('\'') => literal.push(each),
            _ if "$`\\".contains(each) => return None,
            _ => literal.push(each),
        }
    }
    quote.is_none().then_some(literal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hides_secrets_in_a_text_for_a_shell() {
        let marker = Marker::for_tests();
        for text in [
            "cd x && curl -u me:hunter2 https://example.org",
            "curl -u 'me:hunter2' x; ls",
            "curl --user=\"me:hunter2\" x",
            "echo $(curl -u me:hunter2 x)",
            "x=1\nmysql -p'hunter2' <dump.sql",
            "curl -H \"Authorization: Bearer hunter2\" x",
            "ssh h 'mysql -phunter2 db'",
            "API_TOKEN=hunter2 make | tee x",
            "a; x --token hunter2; b",
            "git clone https://me:hunter2@h/x $DIR",
        ] {
            let shown = masked(text, &marker);
            assert!(!shown.contains("hunter2") && shown.contains("redacted"), "{text}: {shown}");
        }
    }

    #[test]
    fn leaves_everything_else_as_it_is() {
        let marker = Marker::for_tests();
        for text in [
            "  cd \"a b\" &&  ls -l 'x' >y 2>&1 ",
            "curl -u \"me:$PASSWORD\" x",
            "curl x; git push -u a:b",
            "mysql -p db; ssh -p 22 h | mkdir -p x",
            "x --token \"$TOKEN\" next",
            "echo 'it is \"so\"' \\; 'open",
            "echo ü‹›\u{a0}ä\n",
        ] {
            assert_eq!(masked(text, &marker), text);
        }
    }
}
