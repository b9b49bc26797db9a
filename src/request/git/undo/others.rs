//! Calls of git that another program makes, or a shell's text of more than plain words.

use super::words::{Destroys, GitCall, destroys};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// What others have git take away, as far as that can be seen.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// Nothing.
    Nothing,
    /// Changes, where any of these names is one of files, from where the text begins.
    ChangesOf(Vec<OsString>),
    /// Something that is not read here.
    Something,
}

/// Words by which a shell goes elsewhere, or reads what is not here.
const MOVES: &[&[u8]] = &[b"cd", b"chdir", b"pushd", b"popd", b".", b"source", b"eval"];

/// Looks for calls of git that take something away.
pub(super) fn seen(arguments: &[OsString]) -> Seen {
    let texts = arguments.iter().zip(arguments.iter().skip(1)).filter_map(|(option, text)| {
        let option = option.as_bytes();
        (option.starts_with(b"-") && option.ends_with(b"c")).then_some(text.as_bytes())
    });
    let is_end = |byte: &u8| b";&|\n(){}`".contains(byte);
    let parts: Vec<_> = texts.flat_map(|text| text.split(is_end)).map(words_of).collect();
    let mut found: Vec<_> = parts.iter().filter_map(|part| behind_git(part)).collect();
    found.extend(behind_git(arguments).map(|_| Call::Unread));
    let goes_elsewhere = |word: &OsString| {
        let word = word.as_bytes();
        MOVES.contains(&word) || word.windows(4).any(|part| part == b"GIT_")
    };
    let stays = !parts.iter().flatten().any(goes_elsewhere);
    let names = found.iter().map(|call| match call {
        Call::Checkout(name) if stays => Some(name.clone()),
        Call::Checkout(_) | Call::Unread => None,
    });
    match names.collect::<Option<Vec<_>>>() {
        Some(names) if names.is_empty() => Seen::Nothing,
        Some(names) => Seen::ChangesOf(names),
        None => Seen::Something,
    }
}

/// A call of git that may take something away.
enum Call {
    /// `git checkout NAME`, and no more.
    Checkout(OsString),
    /// Any other.
    Unread,
}

/// Finds a call of git that takes something away among words; what its own options are is
/// not looked at, since words may be torn.
fn behind_git(words: &[OsString]) -> Option<Call> {
    let is_git = |word: &OsString| Path::new(word).file_name() == Some("git".as_ref());
    let at = words.iter().position(is_git)?;
    let behind = words.get(at + 1..).unwrap_or_default();
    let of = |words: &[OsString]| destroys(&GitCall { words: words.into(), ..GitCall::default() });
    let found = (0..behind.len()).find_map(|from| Some((from, of(behind.get(from..)?)?)))?;
    Some(match found {
        (0, Destroys::ChangesOf(name)) if at == 0 && is_plain(&name) => Call::Checkout(name),
        _ => Call::Unread,
    })
}

/// Takes a part of a text apart, without where its output goes.
fn words_of(part: &[u8]) -> Vec<OsString> {
    let is_blank = |byte: &u8| b" \t\"'".contains(byte);
    let mut words = part.split(is_blank).filter(|word| !word.is_empty());
    let mut found = Vec::new();
    while let Some(word) = words.next() {
        let rest = word.trim_ascii_start();
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        match rest.get(digits..).unwrap_or_default() {
            b">" | b">>" | b"<" => drop(words.next()),
            [b'>' | b'<', ..] => {}
            _ => found.push(OsStr::from_bytes(word).to_owned()),
        }
    }
    found
}

/// Tells whether a shell takes a word for itself.
fn is_plain(word: &OsStr) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_./@^~+,".contains(byte);
    !word.as_bytes().starts_with(b"~") && word.as_bytes().iter().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    fn in_text(text: &str) -> Seen {
        seen(&["sh".into(), "-ec".into(), text.into()])
    }

    #[test]
    fn what_is_more_than_one_command_is_seen_and_not_read() {
        for text in [
            "cd x && git reset --hard",
            "git fetch; git -C 'a b' push -f origin main | tee log",
            "x=$(/usr/bin/git clean -fdx)",
        ] {
            assert_eq!(in_text(text), Seen::Something, "{text}");
        }
        assert_eq!(in_text("cd x && git status && git reset HEAD"), Seen::Nothing);
        assert_eq!(in_text("echo reset --hard"), Seen::Nothing);
        assert_eq!(seen(&words("timeout 9 git stash clear")), Seen::Something);
        assert_eq!(seen(&["echo".into(), "git reset --hard".into()]), Seen::Nothing);
    }

    #[test]
    fn a_name_that_is_checked_out_where_the_text_begins_can_be_looked_up() {
        let names = |names: &str| Seen::ChangesOf(words(names));
        assert_eq!(in_text("git checkout main && make"), names("main"));
        assert_eq!(in_text("git checkout 'a/b' >/dev/null 2>&1; git checkout v1"), names("a/b v1"));
        assert_eq!(in_text("git fetch > log; git checkout HEAD~1 2> log"), names("HEAD~1"));
        for text in [
            "cd x && git checkout main",
            "git -C x checkout main; ls",
            "git checkout $x; ls",
            "git checkout *.c; ls",
            "git checkout a b && ls",
            "env git checkout main && ls",
            "git submodule foreach git checkout main; ls",
            "export GIT_DIR=x; git checkout main",
            "git checkout main; git reset --hard",
        ] {
            assert_eq!(in_text(text), Seen::Something, "{text}");
        }
        assert_eq!(seen(&words("timeout 9 git checkout main")), Seen::Something);
    }
}
