//! A pattern: which words it has, and which commands it covers.

use crate::policy::words::{base_name, is_plain};
use crate::protocol::artifact::{AnyWord, PatternWord};
use crate::request::text;
use std::ffi::{OsStr, OsString};
use thiserror::Error;

/// What stands for one word.
const ONE: &str = "{}";
/// What stands for further words.
const FURTHER: &str = "...";
/// The most words of a pattern, and the most a word of a command may have.
const MOST_WORDS: usize = 64;
const LONGEST_WORD: usize = 4096;

/// Whether `{}` and `...` stand for other words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// They do.
    Pattern,
    /// They are words like any other.
    Exact,
}

/// Why words are not a pattern.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PatternError {
    /// There is no word.
    #[error("a grant needs the words of a command")]
    Empty,
    /// Words that nobody can read are not granted.
    #[error("the word {0} is not plain text")]
    NotText(String),
    /// The program itself is open.
    #[error("the first word must name the program")]
    OpenProgram,
    /// `...` stands somewhere else than at the end.
    #[error("... stands for further words and can only be the last word")]
    FurtherNotLast,
    /// A star would be taken for what it is not.
    #[error("a * is only a star here")]
    Star,
    /// There are too many words.
    #[error("a pattern has {MOST_WORDS} words at most")]
    TooLong,
}

impl PatternError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Empty | Self::OpenProgram => {
                "write it like this: airlock-exec grant request -- git push origin {}".to_owned()
            }
            Self::NotText(_) | Self::TooLong => {
                "put what is long or odd into a script and name it with --script".to_owned()
            }
            Self::FurtherNotLast => "write {} for each word before it".to_owned(),
            Self::Star => {
                "write {} for one word and ... for all that follow, or add --exact".to_owned()
            }
        }
    }
}

/// Which commands are covered, word by word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    words: Vec<PatternWord>,
}

impl Pattern {
    /// Reads the words a person typed.
    ///
    /// # Errors
    ///
    /// [`PatternError`].
    pub fn read(words: &[OsString], syntax: Syntax) -> Result<Self, PatternError> {
        if words.len() > MOST_WORDS {
            return Err(PatternError::TooLong);
        }
        let read = |word: &OsString| {
            let shown = || PatternError::NotText(text::word(word));
            let plain = word.to_str().filter(|word| is_plain(word.as_bytes())).ok_or_else(shown)?;
            Ok(match (syntax, plain) {
                (Syntax::Pattern, ONE) => PatternWord::Any(AnyWord::One),
                (Syntax::Pattern, FURTHER) => PatternWord::Any(AnyWord::Further),
                (Syntax::Pattern, "*" | "**" | "?") => return Err(PatternError::Star),
                (_, word) => PatternWord::Exactly(word.to_owned()),
            })
        };
        let words = words.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        match words.split_last() {
            None => Err(PatternError::Empty),
            Some((_, before)) if before.contains(&PatternWord::Any(AnyWord::Further)) => {
                Err(PatternError::FurtherNotLast)
            }
            _ if matches!(words[0], PatternWord::Any(_)) => Err(PatternError::OpenProgram),
            _ => Ok(Self { words }),
        }
    }

    /// Takes the words of a signed grant.
    #[must_use]
    pub fn signed(words: Vec<PatternWord>) -> Self {
        Self { words }
    }

    /// Returns its words.
    #[must_use]
    pub fn words(&self) -> &[PatternWord] {
        &self.words
    }

    /// Tells whether it covers a command, `argv[0]` included.
    #[must_use]
    pub fn covers(&self, arguments: &[OsString]) -> bool {
        let assignments = self.assignments();
        let mut rest = arguments;
        for word in &self.words {
            if *word == PatternWord::Any(AnyWord::Further) {
                return rest.iter().all(|each| is_operand(each, assignments));
            }
            let Some((first, others)) = rest.split_first() else { return false };
            let covered = match word {
                PatternWord::Exactly(word) => first.as_os_str() == OsStr::new(word),
                PatternWord::Any(_) => is_operand(first, assignments),
            };
            if !covered {
                return false;
            }
            rest = others;
        }
        rest.is_empty()
    }

    /// Says which words the programs that its own words name may take for assignments.
    fn assignments(&self) -> Assignments {
        let is_make = |word: &PatternWord| match word {
            PatternWord::Exactly(word) => base_name(word.as_bytes()).ends_with(b"make"),
            PatternWord::Any(_) => false,
        };
        if self.words.iter().any(is_make) { Assignments::AnyName } else { Assignments::NoSlash }
    }

    /// Tells whether any word of it is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.words.iter().any(|word| matches!(word, PatternWord::Any(_)))
    }

    /// Returns the words before the first that is open.
    #[must_use]
    pub fn beginning(&self) -> Vec<OsString> {
        let known = self.words.iter().map_while(|word| match word {
            PatternWord::Exactly(word) => Some(OsString::from(word)),
            PatternWord::Any(_) => None,
        });
        known.collect()
    }

    /// Returns it on one line, as it was typed.
    #[must_use]
    pub fn shown(&self) -> String {
        let shown = self.words.iter().map(|word| match word {
            PatternWord::Exactly(word) => text::word(OsStr::new(word)),
            PatternWord::Any(AnyWord::One) => ONE.to_owned(),
            PatternWord::Any(AnyWord::Further) => FURTHER.to_owned(),
        });
        shown.collect::<Vec<_>>().join(" ")
    }

    /// Returns commands that it covers, made up to show how far it reaches.
    #[must_use]
    pub fn samples(&self) -> Vec<String> {
        if !self.is_open() {
            return vec![self.shown()];
        }
        let samples = ["main", "/etc/passwd", "two words"].map(|sample| self.filled(sample));
        let bare = self.words.iter().filter(|word| **word != PatternWord::Any(AnyWord::Further));
        let has_rest = self.words.last() == Some(&PatternWord::Any(AnyWord::Further));
        let bare = Self { words: bare.cloned().collect() };
        let bare = (has_rest && !bare.is_open()).then(|| bare.shown());
        bare.into_iter().chain(samples).collect()
    }

    fn filled(&self, sample: &str) -> String {
        let word = |word: &PatternWord| match word {
            PatternWord::Exactly(word) => OsString::from(word),
            PatternWord::Any(_) => OsString::from(sample),
        };
        text::command(&self.words.iter().map(word).collect::<Vec<_>>())
    }
}

/// Which words are assignments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Assignments {
    /// Those with an equals sign: a variable of make may have any name.
    AnyName,
    /// Those with one that no slash stands before: behind it, it is part of a path or URL.
    NoSlash,
}

/// Tells whether an open word may stand for this one.
fn is_operand(word: &OsStr, assignments: Assignments) -> bool {
    let Some(text) = word.to_str() else { return false };
    let starts_plainly = text.starts_with(|first: char| {
        first.is_alphanumeric() || matches!(first, '.' | '/' | '_' | '@')
    });
    // `x!=command` and `x:=value` are assignments of make, and other programs have others.
    let is_assignment = text.split_once('=').is_some_and(|(name, _)| match assignments {
        Assignments::AnyName => true,
        Assignments::NoSlash => !name.contains('/'),
    });
    // `ext::command` is how git is told to run a program.
    starts_plainly
        && !is_assignment
        && !text.contains("::")
        && text.len() <= LONGEST_WORD
        && is_plain(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    fn covers(pattern: &str, line: &str) -> bool {
        let pattern = Pattern::read(&words(pattern), Syntax::Pattern).expect("a pattern");
        pattern.covers(&words(line))
    }

    #[test]
    fn covers_its_own_words_and_open_ones() {
        assert!(covers("git push origin {}", "git push origin main"));
        assert!(covers("git push origin {}", "git push origin HEAD:refs/for/main"));
        assert!(covers("cargo test ...", "cargo test"));
        assert!(covers("cargo test ...", "cargo test one two"));
        assert!(covers("make", "make"));
        for line in ["git push origin", "git push origin a b", "git push other main", "git"] {
            assert!(!covers("git push origin {}", line), "{line}");
        }
        assert!(!covers("make", "make all"));
        assert!(!covers("cargo test ...", "cargo testing"));
    }

    #[test]
    fn open_words_are_no_options_assignments_refspecs_or_tricks() {
        for odd in [
            "-f",
            "--force",
            "--receive-pack=x",
            "+main",
            ":main",
            "SHELL=/x",
            "ext::sh",
            "",
            "a\u{202e}b",
            "^x",
            "!x",
            "~/x",
            "(x",
            "$x",
            "g\u{456}t",
        ] {
            assert!(!covers("git push {}", &format!("git push {odd}")), "{odd:?}");
            assert!(!covers("git push ...", &format!("git push main {odd}")), "{odd:?}");
        }
    }

    #[test]
    fn open_words_are_no_assignments_of_any_sort() {
        for odd in ["x!=./y", "SHELL:=./y", ".SHELLFLAGS=./y", "x+=y", "x?=y", "x::=y", "a-b=c"] {
            for pattern in ["make {}", "make ...", "gmake all {}", "tool {}", "tool ..."] {
                let line = pattern.replace("...", odd).replace("{}", odd);
                assert!(!covers(pattern, &line), "{line}");
            }
        }
        // Slashes may stand in a name of make's, whoever starts it.
        for pattern in ["make {}", "gmake {}", "bmake ...", "tool make {}"] {
            let line = pattern.replace("...", "{}").replace("{}", "a/b!=./y");
            assert!(!covers(pattern, &line), "{line}");
        }
        assert!(covers("tool {}", "tool https://example.org/?a=b"));
        assert!(covers("make {}", "make a/b.o"));
    }

    #[test]
    fn refuses_what_is_no_pattern() {
        let read = |line: &str| Pattern::read(&words(line), Syntax::Pattern).expect_err(line);
        assert_eq!(read("{} x"), PatternError::OpenProgram);
        assert_eq!(read("..."), PatternError::OpenProgram);
        assert_eq!(read("git ... x"), PatternError::FurtherNotLast);
        assert_eq!(read("rm *"), PatternError::Star);
        assert!(matches!(read("rm a\u{202e}b"), PatternError::NotText(_)));
        assert_eq!(Pattern::read(&[], Syntax::Pattern), Err(PatternError::Empty));
        let exact = Pattern::read(&words("find x -exec ls {} ..."), Syntax::Exact).expect("words");
        assert!(!exact.is_open() && exact.covers(&words("find x -exec ls {} ...")));
    }

    proptest! {
        #[test]
        fn an_exact_pattern_covers_nothing_else(other in proptest::collection::vec("[ -~]{0,6}", 0..5)) {
            let own = words("git push origin main");
            let pattern = Pattern::read(&own, Syntax::Exact).expect("words");
            let other: Vec<OsString> = other.into_iter().map(OsString::from).collect();
            prop_assert_eq!(pattern.covers(&other), other == own);
        }
    }
}
