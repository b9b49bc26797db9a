//! A request that a person decides about, and why it comes to that.

use super::approvals::Approvals;
use super::basis::Basis;
use super::verdict::Judgement;
use crate::request::Request;

/// The most characters of an explanation: it holds words of the command, which may be
/// long and which the approver sees whole beside it.
const LONGEST: usize = 400;
/// The most characters of a word that is named in a few words.
const LONGEST_WORD: usize = 24;

/// A request that a person decides about, with what the policy says of it.
///
/// Nothing is put into words before somebody is asked.
#[derive(Debug)]
pub struct Asked {
    request: Request,
    judgement: Judgement,
}

/// Why a person is asked, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// The rule with its file and line, or which part of the command nothing covers.
    pub whole: String,
    /// The same in a few words.
    pub brief: String,
}

impl Asked {
    pub(super) fn new(request: Request, judgement: Judgement) -> Self {
        Self { request, judgement }
    }

    /// Returns what a person decides about.
    #[must_use]
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Says why a person is asked.
    #[must_use]
    pub fn why(&self) -> Why {
        let whole = match self.judgement.reason() {
            Some(reason) => format!("{}: {reason}", self.judgement.because()),
            None => self.judgement.because(),
        };
        let (whole, brief) = (shortened(whole, LONGEST), self.judgement.basis.brief());
        match self.approvals() {
            Approvals::ONE => Why { whole, brief },
            several => Why {
                whole: format!("{whole} (needs {several})"),
                brief: format!("{brief}, needs {several}"),
            },
        }
    }

    /// Returns how many different approvers must approve.
    #[must_use]
    pub fn approvals(&self) -> Approvals {
        self.judgement.approvals()
    }

    /// Gives the request to whoever asks.
    #[must_use]
    pub(crate) fn into_request(self) -> Request {
        self.request
    }
}

#[cfg(test)]
impl Asked {
    /// Asks about a request that no rule speaks of.
    pub(crate) fn without_a_rule(request: Request) -> Self {
        use super::words::{Command, Word};
        use std::os::unix::ffi::OsStrExt as _;

        let words = request.words();
        let words = words.iter().map(|word| Word::literal(word.as_bytes()));
        let command = Command::of(&words.collect::<Vec<_>>());
        Self::new(request, Judgement::ask(Basis::NoRule { command }))
    }
}

impl Basis {
    /// Names what decides in a few words.
    fn brief(&self) -> String {
        match self {
            Self::Rule { rule, .. } => {
                let file = rule.file.rsplit('/').next().unwrap_or(&rule.file);
                format!("rule {file}:{}", rule.line)
            }
            Self::NotCovered { uncovered, .. } => {
                format!("no rule covers {}", shortened(uncovered.word.clone(), LONGEST_WORD))
            }
            Self::Marked { marked, .. } => format!("class {}", marked.class),
            Self::NoRule { .. } => "no rule".to_owned(),
            Self::Surroundings { .. } => "what is around it".to_owned(),
            Self::Text { .. } => "not simple commands".to_owned(),
            Self::BuiltIn { .. } | Self::Ruin { .. } => "built in".to_owned(),
        }
    }
}

fn shortened(text: String, most: usize) -> String {
    if text.chars().nth(most).is_none() {
        return text;
    }
    text.chars().take(most - 1).chain(std::iter::once('…')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::tool::Uncovered;

    #[test]
    fn long_words_are_named_by_their_start() {
        let word = "ж".repeat(500);
        let basis = Basis::NotCovered {
            rule: None,
            uncovered: Uncovered { word: word.clone(), why: "not literal text" },
        };
        assert_eq!(basis.brief(), format!("no rule covers {}…", "ж".repeat(LONGEST_WORD - 1)));
        assert_eq!(shortened(word, LONGEST).chars().count(), LONGEST);
        assert_eq!(shortened("x".repeat(LONGEST), LONGEST), "x".repeat(LONGEST));
    }
}
