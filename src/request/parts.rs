//! The parts of a word that may be paths.

/// What stands between the parts of a word: `--config=FILE`, `-cp A:B`, `@FILE`.
const BETWEEN: &[char] = &['=', ':', ',', '@'];
/// What stands between the words of a text that a shell may read: `-I 'FILE -9'`, `!FILE`.
const IN_TEXT: &[char] =
    &[' ', '\t', '\n', '!', ';', '|', '&', '<', '>', '(', ')', '{', '}', '$', '`', '"', '\'', '\\'];
/// How many letters of options may stand before what is joined to the last: `-avze./run`.
const MOST_LETTERS: usize = 8;

/// Returns a word and the parts of it that may be paths: between what separates them in
/// options, in texts, and in both, and also what is joined to letters of options.
pub(super) fn parts(word: &str) -> impl Iterator<Item = &str> {
    let is_between = |each: char| BETWEEN.contains(&each) || IN_TEXT.contains(&each);
    [word]
        .into_iter()
        .chain(word.split(BETWEEN))
        .chain(word.split(IN_TEXT))
        .chain(word.split(is_between))
        .flat_map(|part| [part].into_iter().chain(joined(part)))
        .filter(|part| !part.is_empty())
}

/// Returns what may be joined to options of one letter.
fn joined(part: &str) -> impl Iterator<Item = &str> {
    let letters = part.strip_prefix('-').filter(|rest| !rest.starts_with('-')).unwrap_or_default();
    let are_letters = letters.chars().take_while(char::is_ascii_alphanumeric).count();
    (1..=are_letters.min(MOST_LETTERS)).map(|end| &letters[end..])
}
