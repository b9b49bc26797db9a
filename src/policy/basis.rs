//! What a decision rests on, in a form that costs nothing until it is shown.

use super::rule::Rule;
use super::tool::Uncovered;
use std::fmt;

/// What a decision rests on.
#[derive(Debug)]
pub(super) enum Basis {
    /// Every word is in the table of a read-only use.
    BuiltIn { command: String },
    /// A rule says so about this command.
    Rule { rule: Box<Rule>, command: String },
    /// The built-in table of ruinous commands refuses it.
    Ruin { command: String, note: &'static str },
    /// A rule allows its words, and something behind them is not covered.
    NotCovered { rule: Option<Box<Rule>>, uncovered: Uncovered },
    /// No rule and no table knows the command.
    NoRule { command: String },
    /// A rule allows it, and what is around it does not.
    Surroundings { rule: Option<Box<Rule>>, why: String },
    /// The shell text has something that is not understood.
    Text { why: String },
}

impl Basis {
    pub(super) fn rule(&self) -> Option<String> {
        match self {
            Self::BuiltIn { command } => Some(format!("built in: {command}")),
            Self::Ruin { .. } => Some("built in".to_owned()),
            Self::Rule { rule, .. } => Some(rule.place()),
            Self::NotCovered { rule, .. } | Self::Surroundings { rule, .. } => {
                rule.as_ref().map(|rule| rule.place())
            }
            Self::NoRule { .. } | Self::Text { .. } => None,
        }
    }

    pub(super) fn reason(&self) -> Option<&str> {
        match self {
            Self::Rule { rule, .. } => rule.reason.as_deref(),
            Self::Ruin { note, .. } => Some(note),
            _ => None,
        }
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn { command } => {
                write!(formatter, "`{command}` only reads, and each of its options is known")
            }
            Self::Rule { rule, command } => write!(
                formatter,
                "`{command}` matches `{}` ({}, {})",
                rule.words(),
                rule.decision.word(),
                rule.place()
            ),
            Self::Ruin { command, note } => write!(formatter, "`{command}` {note}"),
            Self::NotCovered { rule: Some(rule), uncovered } => write!(
                formatter,
                "`{}` ({}) does not cover {uncovered}",
                rule.words(),
                rule.place()
            ),
            Self::NotCovered { rule: None, uncovered } => write!(formatter, "{uncovered}"),
            Self::NoRule { command } => write!(formatter, "no rule matches `{command}`"),
            Self::Surroundings { why, .. } | Self::Text { why } => formatter.write_str(why),
        }
    }
}
