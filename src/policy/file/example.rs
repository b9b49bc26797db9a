//! The inline examples of a rule: its own tests.

use crate::config::{Complaint, Value};
use crate::policy::rule::Rule;
use crate::policy::verdict::Decision;
use crate::policy::words::Word;

/// A command that stands beside a rule, and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The command as it is written.
    pub text: String,
    /// What is expected.
    pub expected: Expected,
    /// Whether the rule does as expected.
    pub outcome: Outcome,
    /// File and line of the rule.
    pub rule: String,
    /// File, line and column of the example.
    pub place: String,
    complaint: Complaint,
}

/// What a rule is to do with an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// `match`: the rule matches.
    Matches,
    /// `not_match`: it does not.
    Differs,
}

/// What a rule does with an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// As expected.
    Holds,
    /// The other way round.
    Fails,
}

impl Example {
    /// Tries a rule on an example.
    ///
    /// # Errors
    ///
    /// A [`Complaint`] when the example is no command.
    pub(super) fn of(
        rule: &Rule,
        example: Value<'_>,
        expected: Expected,
    ) -> Result<Self, Complaint> {
        let text = example.string()?;
        let words = shell_words::split(text).map_err(|error| {
            example.complain(format!("the example {text:?} cannot be split: {error}"))
        })?;
        let words: Vec<Word<'_>> =
            words.iter().map(|word| Word::literal(word.as_bytes())).collect();
        let found = match rule.decision {
            Decision::Allow => rule.starts(&words),
            Decision::Ask | Decision::Deny => rule.reaches(&words),
        };
        let complaint = example.complain(match expected {
            Expected::Matches => format!("the rule does not match its example {text:?}"),
            Expected::Differs => format!("the rule matches {text:?}, and must not"),
        });
        let position = example.position();
        Ok(Self {
            text: text.to_owned(),
            expected,
            outcome: if found == (expected == Expected::Matches) {
                Outcome::Holds
            } else {
                Outcome::Fails
            },
            rule: rule.place(),
            place: format!("{}:{}:{}", rule.file, position.line, position.column),
            complaint,
        })
    }

    /// Refuses an example that does not hold.
    ///
    /// # Errors
    ///
    /// The [`Complaint`] about it.
    pub(super) fn check(self) -> Result<(), Complaint> {
        match self.outcome {
            Outcome::Holds => Ok(()),
            Outcome::Fails => Err(self.complaint),
        }
    }
}
