//! What a decision rests on, in a form that costs nothing until it is shown.

use super::danger::Marked;
use super::rule::Rule;
use super::tool::Uncovered;
use super::words::Command;
use crate::config::Layer;
use crate::request::RecordingWish;
use std::fmt;

/// What a decision rests on.
#[derive(Debug)]
pub(super) enum Basis {
    /// Every word is in the table of a read-only use.
    BuiltIn { command: Command },
    /// A rule says so about this command.
    Rule { rule: Box<Rule>, command: Command },
    /// The built-in table of ruinous commands refuses it.
    Ruin { command: Command, note: &'static str },
    /// `[approvals]` of a policy asks for several people.
    Marked { command: Command, marked: Marked },
    /// A rule allows its words, and something behind them is not covered.
    NotCovered { rule: Option<Box<Rule>>, uncovered: Uncovered },
    /// No rule and no table knows the command.
    NoRule { command: Command },
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
            Self::NoRule { .. } | Self::Text { .. } | Self::Marked { .. } => None,
        }
    }

    /// Tells whether somebody said of this very command that it is asked about.
    pub(super) fn is_said(&self) -> bool {
        matches!(self, Self::Rule { .. } | Self::Marked { .. })
    }

    /// Returns what the rule it rests on wants of recordings.
    ///
    /// A project's file is in the agent's reach: it may have more recorded, not less.
    pub(super) fn recording(&self) -> Option<RecordingWish> {
        let rule = match self {
            Self::Rule { rule, .. } => Some(rule),
            Self::NotCovered { rule, .. } | Self::Surroundings { rule, .. } => rule.as_ref(),
            _ => None,
        };
        rule.filter(|rule| {
            rule.layer != Layer::Project || rule.record == Some(RecordingWish::Always)
        })
        .and_then(|rule| rule.record)
    }

    pub(super) fn reason(&self) -> Option<&str> {
        match self {
            Self::Rule { rule, .. } => rule.reason.as_deref(),
            Self::Ruin { note, .. } => Some(note),
            Self::Marked { marked, .. } => Some(marked.note),
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
            Self::Marked { command, marked } => write!(
                formatter,
                "`{command}` is of the class `{}`, which needs {} by policy",
                marked.class, marked.approvals
            ),
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
