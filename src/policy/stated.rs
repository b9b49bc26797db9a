//! What a shell text states literally, compared with commands that came of it.

use super::shell;
use super::tool::carrier;
use super::words::{Certainty, Word, base_name};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// More words of any number in one command are not compared.
const MOST_LISTS: usize = 3;
/// More directories are not told apart.
const MOST_PLACES: usize = 32;
/// Programs that make words of a command of what comes through standard input.
const TAKING_WORDS: &[&[u8]] = &[b"xargs", b"parallel"];
/// What begins or ends something that a shell expands, or is quoting.
const SPECIAL: &[u8] = b"$`\\\"'*?[]~!{}()+@";

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
    /// A quoted word with an expansion is one word that begins and ends as it is written,
    /// and a glob any number of such words at its depth; neither is an option. A word that
    /// could be anything is none of these. Of programs that run what their words say, every
    /// word must be known.
    #[must_use]
    pub fn has(&self, words: &[OsString]) -> bool {
        let words: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
        let states = |command: &Vec<Word<'_>>| {
            let lists = command.iter().filter(|word| word.certainty() == Certainty::Operands);
            is_settled(command) && lists.count() <= MOST_LISTS && are_words_of(command, &words)
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

/// Tells whether the text says what the command does, whatever its open words become.
fn is_settled(command: &[Word<'_>]) -> bool {
    let [name, rest @ ..] = command else { return false };
    let Some(name) = name.known() else { return false };
    if let [dashes, inner @ ..] = rest
        && base_name(name) == b"airlock-exec"
        && dashes.known() == Some(b"--")
    {
        return is_settled(inner);
    }
    let is_open = |word: &Word<'_>| word.known().is_none();
    let takes_words = |word: &Word<'_>| TAKING_WORDS.contains(&base_name(word.text()));
    !command.iter().any(takes_words) && (carrier(name).is_none() || !rest.iter().any(is_open))
}

fn are_words_of(command: &[Word<'_>], words: &[&[u8]]) -> bool {
    let Some((word, rest)) = command.split_first() else { return words.is_empty() };
    match word.certainty() {
        Certainty::Literal => words
            .split_first()
            .is_some_and(|(first, words)| *first == word.text() && are_words_of(rest, words)),
        Certainty::Operands => (0..=words.len()).any(|taken| {
            words[..taken].iter().all(|found| !is_option(found) && is_match(word.text(), found))
                && are_words_of(rest, &words[taken..])
        }),
        Certainty::Unknown => words.split_first().is_some_and(|(first, words)| {
            one_word(word.text()).is_some_and(|inner| has_ends_of(inner, first))
                && !is_option(first)
                && are_words_of(rest, words)
        }),
    }
}

fn is_option(word: &[u8]) -> bool {
    word.len() > 1 && word[0] == b'-'
}

/// Returns what is between the quotes of a word that is one word, whatever is in it: quoted
/// as a whole, and no list.
fn one_word(raw: &[u8]) -> Option<&[u8]> {
    let inner = raw.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    let has = |part: &[u8]| inner.windows(part.len()).any(|window| window == part);
    let is_list = [&b"$@"[..], b"[@]", b"@}", b"${@", b"${!"].into_iter().any(has);
    (!is_list).then_some(inner)
}

/// Tells whether a glob as it was written may become that word.
fn is_match(raw: &[u8], word: &[u8]) -> bool {
    let depth = |path: &[u8]| path.split(|byte| *byte == b'/').count();
    let ways_up =
        |path: &[u8]| path.split(|byte| *byte == b'/').filter(|part| *part == b"..").count();
    // A home directory, and `**` of some shells, go as deep as they like.
    let is_deep = raw.starts_with(b"~") || raw.windows(2).any(|window| window == b"**");
    has_ends_of(raw, word)
        && (is_deep || depth(word) == depth(raw))
        && ways_up(word) <= ways_up(raw)
}

/// Tells whether a word begins and ends with what stands before the first and behind the
/// last thing that a shell expands in a word as it was written.
fn has_ends_of(raw: &[u8], word: &[u8]) -> bool {
    let is_special = |byte: &u8| SPECIAL.contains(byte);
    let start = &raw[..raw.iter().position(is_special).unwrap_or(raw.len())];
    let end = raw.iter().rposition(is_special).map_or(&raw[..0], |last| {
        let behind = &raw[last + 1..];
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        match behind.iter().position(|byte| !is_name(byte)) {
            _ if raw[last] != b'$' => behind,
            Some(0) => &behind[1..],
            Some(length) => &behind[length..],
            None => &behind[..0],
        }
    });
    let rest = word.strip_prefix(start);
    rest.is_some_and(|rest| rest.ends_with(end))
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
            ("rm \"build/$X.o\"", &["rm", "build/a b.o"][..]),
            ("rm \"$X\" \"$1\"", &["rm", "any", "word"]),
            ("ls ~ ~/x", &["ls", "/home/me", "/home/me/x"]),
            ("airlock-exec -- touch \"$X\"", &["airlock-exec", "--", "touch", "x"]),
        ] {
            assert!(states(text, words), "{text}");
        }
        for (text, words) in [
            ("rm src/*.o", &["rm", "/src/a.o"][..]),
            ("rm src/*.o", &["rm", "src/a.c"]),
            ("rm src/*.o", &["rm", "src/../a.o"]),
            ("rm */a.o", &["rm", "../a.o"]),
            ("rm src/*/a.o", &["rm", "src/../a.o"]),
            ("rm \"build/$X\"", &["rm", "/home"]),
            ("rm \"$X.o\"", &["rm", "main.c"]),
            ("rm \"${X}_$Y/o\"", &["rm", "main.c"]),
            ("bash -c \"echo $X\"", &["bash", "-c", "echo x; rm y"]),
            ("env \"$X\" ls", &["env", "rm", "ls"]),
            ("cat x | xargs rm", &["xargs", "rm"]),
            ("sudo xargs rm", &["sudo", "xargs", "rm"]),
            ("airlock-exec -- bash -c \"$X\"", &["airlock-exec", "--", "bash", "-c", "ls"]),
            ("git $X", &["git", "push"]),
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
