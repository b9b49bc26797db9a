//! What a shell text states literally, compared with commands that came of it.

use super::shell;
use super::words::{Certainty, Word, base_name};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// More words of any number in one command are not compared.
const MOST_LISTS: usize = 3;
/// More directories are not told apart.
const MOST_PLACES: usize = 32;

/// The simple commands of a shell text, as far as the text says them.
#[derive(Debug)]
pub struct Stated {
    commands: Vec<Vec<Word<'static>>>,
}

impl Stated {
    /// Reads a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self { commands: shell::parse(text).commands }
    }

    /// Tells whether the text states a command of exactly these words.
    ///
    /// A quoted word with an expansion is any one word, and a glob any number of them;
    /// neither is an option. A word that could be anything is none of these.
    #[must_use]
    pub fn has(&self, words: &[OsString]) -> bool {
        let words: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
        let states = |command: &Vec<Word<'_>>| {
            let lists = command.iter().filter(|word| word.certainty() == Certainty::Operands);
            let is_named = command.first().is_some_and(|name| name.known().is_some());
            is_named && lists.count() <= MOST_LISTS && are_words_of(command, &words)
        };
        self.commands.iter().any(states)
    }

    /// Returns the directories its commands may run in: where it starts, and those it
    /// goes to by a literal `cd`.
    #[must_use]
    pub fn places(&self, start: &Path) -> Vec<PathBuf> {
        let mut places = vec![start.to_owned()];
        for command in &self.commands {
            let [name, .., to] = &command[..] else { continue };
            let is_move =
                name.known().is_some_and(|name| matches!(base_name(name), b"cd" | b"pushd"));
            let Some(to) = to.known().filter(|_| is_move) else { continue };
            let reached: Vec<PathBuf> =
                places.iter().map(|place| place.join(OsStr::from_bytes(to))).collect();
            places.extend(reached);
            places.truncate(MOST_PLACES);
        }
        places
    }
}

fn are_words_of(command: &[Word<'_>], words: &[&[u8]]) -> bool {
    let Some((word, rest)) = command.split_first() else { return words.is_empty() };
    match word.certainty() {
        Certainty::Literal => words
            .split_first()
            .is_some_and(|(first, words)| *first == word.text() && are_words_of(rest, words)),
        Certainty::Operands => (0..=words.len()).any(|taken| {
            words[..taken].iter().all(|word| !is_option(word))
                && are_words_of(rest, &words[taken..])
        }),
        Certainty::Unknown => words.split_first().is_some_and(|(first, words)| {
            is_one_word(word.text()) && !is_option(first) && are_words_of(rest, words)
        }),
    }
}

fn is_option(word: &[u8]) -> bool {
    word.len() > 1 && word[0] == b'-'
}

/// Tells whether a word as it was written is one word, whatever is in it: quoted as a
/// whole, and no list.
fn is_one_word(raw: &[u8]) -> bool {
    let Some(inner) = raw.strip_prefix(b"\"").and_then(|raw| raw.strip_suffix(b"\"")) else {
        return false;
    };
    let has = |part: &[u8]| inner.windows(part.len()).any(|window| window == part);
    ![&b"$@"[..], b"[@]", b"@}", b"${@", b"${!"].into_iter().any(has)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn states(text: &str, words: &[&str]) -> bool {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        Stated::of(text).has(&words)
    }

    #[test]
    fn what_stands_in_a_text_is_known_by_its_words() {
        let text = "cd sub && git add . ; git commit -m 'a b' || (git push origin main)";
        for words in [
            &["git", "add", "."][..],
            &["git", "commit", "-m", "a b"],
            &["git", "push", "origin", "main"],
        ] {
            assert!(states(text, words), "{words:?}");
        }
        for words in [
            &["git", "push", "--force", "origin", "main"][..],
            &["git", "push"],
            &["git", "commit", "-m", "a", "b"],
            &["/usr/bin/git", "add", "."],
            &[],
        ] {
            assert!(!states(text, words), "{words:?}");
        }
    }

    #[test]
    fn what_is_known_only_when_it_runs_is_one_word_or_operands_and_never_an_option() {
        let text = "git commit -m \"$(cat <<'E'\nx\nE\n)\"; rm src/*.o";
        assert!(states(text, &["git", "commit", "-m", "any message"]));
        assert!(!states(text, &["git", "commit", "-m", "--no-verify"]));
        assert!(!states(text, &["git", "commit", "-m", "one", "two"]));
        assert!(states(text, &["rm", "src/a.o", "src/b.o"]));
        assert!(!states(text, &["rm", "-rf", "src/a.o"]));
        for (text, words) in [
            ("git $X", &["git", "push"][..]),
            ("git \"$@\"", &["git", "push"]),
            ("git \"${A[@]}\"", &["git", "push"]),
            ("$X push", &["git", "push"]),
            ("\"$X\" push", &["git", "push"]),
        ] {
            assert!(!states(text, words), "{text}");
        }
    }

    #[test]
    fn the_places_of_a_text_are_those_it_goes_to() {
        let places = |text: &str| Stated::of(text).places(Path::new("/w"));
        assert_eq!(places("make"), [Path::new("/w")]);
        assert_eq!(places("cd a && cd b && make").last(), Some(&PathBuf::from("/w/a/b")));
        assert_eq!(places("cd /x; cd \"$Y\""), [Path::new("/w"), Path::new("/x")]);
        assert!(places(&"cd a;".repeat(99)).len() <= MOST_PLACES);
    }
}
