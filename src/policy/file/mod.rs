//! `policy.toml`: what may stand in it, and what is wrong when it cannot be used.
//!
//! A policy that cannot be read whole is not used in part: what is missing could be
//! a denial. Every complaint names file, line and column.

mod complaint;
mod keys;
mod parse;

pub use complaint::Complaint;
pub(super) use parse::{Origin, parse};

use super::rule::Rule;
use std::path::PathBuf;

/// What one policy file says.
#[derive(Debug, Default)]
pub(super) struct PolicyFile {
    /// Its rules, in order.
    pub(super) rules: Vec<Rule>,
    /// Files it includes, as they are written, and where.
    pub(super) includes: Vec<(String, Position)>,
    /// `read-only = "ask"`: the tables allow nothing.
    pub(super) asks_for_reading: bool,
    /// `locked = true`: layers behind it only tighten.
    pub(super) locked: bool,
    /// Directories of the user's own whose programs count as trusted.
    pub(super) directories: Vec<PathBuf>,
    /// `NAME=value` entries of the environment that change nothing.
    pub(super) environment: Vec<Vec<u8>>,
}

/// Line and column, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    /// Line.
    pub(super) line: u32,
    /// Column in characters.
    pub(super) column: u32,
}

impl Position {
    /// Returns the position of a byte.
    pub(super) fn of(text: &str, byte: usize) -> Self {
        let before = &text.as_bytes()[..byte.min(text.len())];
        let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX).saturating_add(1);
        let start = before.iter().rposition(|each| *each == b'\n').map_or(0, |at| at + 1);
        let lines = before.split(|each| *each == b'\n').count() - 1;
        let column = String::from_utf8_lossy(&before[start..]).chars().count();
        Self { line: count(lines), column: count(column) }
    }
}
