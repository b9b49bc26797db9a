//! `sh -c TEXT`: a shell whose text is all it will run.

use crate::policy::words::{Word, base_name};

/// Options that change neither how the text is read nor what it runs.
const LETTERS: &[u8] = b"ceu";
const LONG: &[&[u8]] = &[b"--norc", b"--noprofile"];
const SETTINGS: &[&[u8]] = &[b"pipefail", b"errexit", b"nounset"];

/// Returns the text that a shell is given in its arguments, when each of them is
/// understood.
///
/// Only shells of which the grammar is a subset of what is parsed; not one that
/// reads a profile first (`-l`), is interactive, or has arguments behind the text.
pub(in crate::policy) fn inline_text<'w>(words: &'w [Word<'_>]) -> Option<&'w str> {
    let name = base_name(words.first()?.known()?);
    let is_bash = name == b"bash";
    if !is_bash && !matches!(name, b"sh" | b"dash") {
        return None;
    }
    let mut has_text = false;
    let mut rest = words[1..].iter();
    loop {
        let word = rest.next()?.known()?;
        match word {
            [b'-', b'-', ..] if is_bash && !has_text && LONG.contains(&word) => {}
            [b'-', letters @ .., b'o'] if letters.iter().all(|each| LETTERS.contains(each)) => {
                has_text |= letters.contains(&b'c');
                rest.next()?.known().filter(|name| SETTINGS.contains(name))?;
            }
            [b'-', letters @ ..]
                if !letters.is_empty() && letters.iter().all(|each| LETTERS.contains(each)) =>
            {
                has_text |= letters.contains(&b'c');
            }
            [b'-' | b'+', ..] => return None,
            text => {
                let whole = has_text && rest.next().is_none();
                return whole.then(|| std::str::from_utf8(text).ok())?;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(words: &[&'static str]) -> Option<String> {
        let words: Vec<Word<'_>> =
            words.iter().map(|word| Word::literal(word.as_bytes())).collect();
        inline_text(&words).map(str::to_owned)
    }

    #[test]
    fn understands_exactly_these_options() {
        for words in [
            &["sh", "-c", "ls"][..],
            &["/bin/bash", "--norc", "--noprofile", "-c", "ls"],
            &["bash", "-euc", "ls"],
            &["bash", "-eu", "-o", "pipefail", "-c", "ls"],
            &["bash", "-euo", "pipefail", "-c", "ls"],
            &["bash", "-ceuo", "pipefail", "ls"],
            &["dash", "-c", "-e", "ls"],
        ] {
            assert_eq!(text(words).as_deref(), Some("ls"), "{words:?}");
        }
    }

    #[test]
    fn anything_else_is_not_understood() {
        for words in [
            &["sh", "ls"][..],
            &["sh", "-c"],
            &["sh", "-c", "ls", "name"],
            &["bash", "-lc", "ls"],
            &["bash", "-ic", "ls"],
            &["bash", "--rcfile", "x", "-c", "ls"],
            &["bash", "-O", "extglob", "-c", "ls"],
            &["bash", "-o", "posix", "-c", "ls"],
            &["bash", "-euo", "posix", "-c", "ls"],
            &["bash", "-oe", "pipefail", "-c", "ls"],
            &["bash", "+e", "-c", "ls"],
            &["bash", "-c", "--", "ls"],
            &["sh", "--norc", "-c", "ls"],
            &["zsh", "-c", "ls"],
            &["python3", "-c", "ls"],
            &["sh", "-", "-c", "ls"],
        ] {
            assert_eq!(text(words), None, "{words:?}");
        }
    }
}
