//! A text with blanks in it, read as a shell would read its words.
//!
//! No parser: it need not know what the text does, only which words go together, and that
//! in a text which may be no shell's. A word that a shell would change before it is used is
//! nobody's secret, and is shown but for the commands in it and what has the form of one.

use super::prose::{self, Reading};
use super::{Context, Reader, by_form, hidden};

/// Ends a word, and most of them a command.
const ENDS_WORD: &[char] = &[';', '|', '&', '(', ')', '`', '\n', '<', '>'];

/// Deeper than this a text within a text is hidden as a whole.
const DEEPEST: usize = 16;

/// Returns the text with marks in the place of secrets.
pub(super) fn masked(text: &str, context: Context<'_>) -> String {
    if context.depth == DEEPEST {
        return hidden(text, context.marker);
    }
    let context = Context { depth: context.depth + 1, ..context };
    let mut script = Script {
        shown: String::with_capacity(text.len()),
        readers: vec![Reader::new(context)],
        context,
        is_target: false,
        documents: Vec::new(),
    };
    let mut rest = text;
    while !rest.is_empty() {
        rest = script.next(rest);
    }
    script.shown
}

/// What is known of a text up to some place.
struct Script<'a> {
    shown: String,
    /// Of the command there and of those around it, the outermost first; never empty.
    readers: Vec<Reader<'a>>,
    context: Context<'a>,
    /// Whether the next word is a file: what is announced is behind it.
    is_target: bool,
    /// The ends of the here-documents that begin with the next line.
    documents: Vec<String>,
}

impl<'a> Script<'a> {
    /// Shows what comes first, and returns the rest.
    fn next<'t>(&mut self, text: &'t str) -> &'t str {
        if self.context.reading == Reading::Prose
            && let Some(length) = prose::placeholder(text)
        {
            self.reader().next = None;
            return self.take(text, length);
        }
        match word_length(text) {
            0 => self.between(text),
            length => self.word(text, length),
        }
    }

    fn word<'t>(&mut self, text: &'t str, length: usize) -> &'t str {
        let (word, rest) = text.split_at(length);
        let is_descriptor =
            rest.starts_with(['<', '>']) && word.bytes().all(|byte| byte.is_ascii_digit());
        if is_descriptor && self.context.reading == Reading::Command {
            return self.take(text, length);
        }
        let is_target = std::mem::take(&mut self.is_target);
        let context = self.context;
        let reader = self.reader();
        let shown = if let Some(literal) = literal(word) {
            let shown = if is_target {
                super::mask_word(&literal, context)
            } else {
                reader.shown(&literal)
            };
            if shown == literal { word.to_owned() } else { shown }
        } else {
            if !is_target {
                // Whatever announced it has had its word.
                reader.next = None;
            }
            expanded(word, context)
        };
        self.shown += &shown;
        rest
    }

    /// Shows a sign or a blank, and takes note of what it begins or ends.
    fn between<'t>(&mut self, text: &'t str) -> &'t str {
        let context = self.context;
        let new = || Reader::new(context);
        let is_redirected = self.shown.ends_with(['<', '>']);
        match text.chars().next() {
            Some('<' | '>') if self.context.reading == Reading::Command => {
                if let Some(length) = self.document(text) {
                    return self.take(text, length);
                }
                self.is_target = true;
            }
            // `2>&1`, `&>file`: no end of a command.
            Some('&') if is_redirected || text.starts_with("&>") => {}
            Some('(') => {
                if std::mem::take(&mut self.is_target) {
                    self.reader().next = None;
                }
                self.readers.push(new());
            }
            Some(')') if self.readers.len() > 1 => drop(self.readers.pop()),
            Some('`') if self.reader().is_quoted => drop(self.readers.pop()),
            Some('`') => self.readers.push(Reader { is_quoted: true, ..new() }),
            Some('\n') if !self.documents.is_empty() => return self.body(text),
            Some(';' | '|' | '&' | ')' | '\n') => {
                let reader = self.reader();
                *reader = Reader { is_quoted: reader.is_quoted, ..new() };
                self.is_target = false;
            }
            _ => {}
        }
        let length = text.chars().next().map_or(0, char::len_utf8);
        self.take(text, length)
    }

    /// Takes note of a here-document that is announced there, and returns how long that is.
    fn document(&mut self, text: &str) -> Option<usize> {
        let behind = text.strip_prefix("<<").filter(|behind| !behind.starts_with('<'))?;
        let name = behind.strip_prefix('-').unwrap_or(behind).trim_start_matches(' ');
        let length = word_length(name);
        self.documents.push(literal(&name[..length]).filter(|end| !end.is_empty())?);
        Some(text.len() - name.len() + length)
    }

    /// Shows the line's end and the here-documents behind it, which may be for people.
    fn body<'t>(&mut self, text: &'t str) -> &'t str {
        *self.reader() = Reader::new(self.context);
        let mut rest = self.take(text, 1);
        for end in std::mem::take(&mut self.documents) {
            let lines = rest.split_inclusive('\n');
            let is_end = |line: &str| line.trim_start_matches('\t').trim_end_matches('\n') == end;
            let length = lines.take_while(|line| !is_end(line)).map(str::len).sum();
            let (body, behind) = rest.split_at(length);
            self.shown += &masked(body, self.context.of(Reading::Prose));
            let line = behind.find('\n').unwrap_or(behind.len());
            rest = self.take(behind, line);
        }
        rest
    }

    /// Shows so many bytes as they stand.
    fn take<'t>(&mut self, text: &'t str, length: usize) -> &'t str {
        let (taken, rest) = text.split_at(length);
        self.shown += taken;
        rest
    }

    /// Returns what is known of the command there.
    fn reader(&mut self) -> &mut Reader<'a> {
        self.readers.last_mut().expect("there is one always")
    }
}

/// Shows a word that a shell changes, with marks in the commands that it runs for it.
fn expanded(word: &str, context: Context<'_>) -> String {
    let mut shown = String::with_capacity(word.len());
    let mut rest = word;
    while let Some(start) = rest.find("$(").map(|at| at + 2).or_else(|| Some(rest.find('`')? + 1)) {
        let (before, from) = rest.split_at(start);
        let end = if before.ends_with('(') { substitution_length(from) } else { from.find('`') };
        let (inner, after) = from.split_at(end.unwrap_or(from.len()));
        let (sign, after) = after.split_at(after.len().min(1));
        shown += &by_form(before, context.marker);
        shown += &masked(inner, context.of(Reading::Command));
        shown += sign;
        rest = after;
    }
    shown + &by_form(rest, context.marker)
}

/// Returns how far it is to the parenthesis that closes one which is open.
fn substitution_length(text: &str) -> Option<usize> {
    let mut open = 1_usize;
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let each = rest.chars().next()?;
        match each {
            '(' => open += 1,
            ')' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Some(at);
        }
        at += match word_length(rest) {
            0 => each.len_utf8(),
            length => length,
        };
    }
    None
}

/// Returns how many bytes of the text are one word; what is quoted ends none.
fn word_length(text: &str) -> usize {
    let mut quote = None;
    let mut is_escaped = false;
    let mut opened = 0;
    for (at, each) in text.char_indices() {
        match quote {
            _ if is_escaped => is_escaped = false,
            Some(open) if each == open => quote = None,
            _ if each == '\\' && quote != Some('\'') => is_escaped = true,
            None if each == '\'' || each == '"' => (quote, opened) = (Some(each), at),
            None if ends_word(each) => return at,
            Some(_) | None => {}
        }
    }
    match quote {
        // It quotes nothing: `don't`.
        Some(_) => text[opened..].find(ends_word).map_or(text.len(), |at| opened + at),
        None => text.len(),
    }
}

fn ends_word(each: char) -> bool {
    each.is_whitespace() || ENDS_WORD.contains(&each)
}

/// Returns what a shell makes of the word, when that is only a matter of quotes.
///
/// It is shorter than the word, or there is nothing quoted in it.
fn literal(word: &str) -> Option<String> {
    let mut open: Option<(char, usize, usize)> = None;
    let mut literal = String::with_capacity(word.len());
    for (at, each) in word.char_indices() {
        match open {
            Some((quote, ..)) if each == quote => open = None,
            None if each == '\'' || each == '"' => open = Some((each, at, literal.len())),
            Some(('\'', ..)) => literal.push(each),
            _ if "$`\\".contains(each) => return None,
            _ => literal.push(each),
        }
    }
    if let Some((_, at, length)) = open {
        // A quote that is not closed is a letter.
        literal.truncate(length);
        literal.push_str(&word[at..]);
    }
    Some(literal)
}

#[cfg(test)]
mod tests;
