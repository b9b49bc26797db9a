//! `policy.toml`: what may stand in it, and what is wrong when it cannot be used.
//!
//! A policy that cannot be read whole is not used in part: what is missing could be
//! a denial. Every complaint names file, line and column.

mod described;
mod example;
mod parse;

pub use described::{DescribedKey, DescribedTable, described};
pub use example::{Example, Expected, Outcome};
pub(super) use parse::{Origin, parse, parse_untried};

use super::approvals::Approvals;
use super::danger::{Dangerous, Marks};
use super::log_allowed::LogAllowed;
use super::rule::Rule;
use crate::config::Position;
use std::path::PathBuf;

/// What one policy file says.
#[derive(Debug, Default)]
pub(super) struct PolicyFile {
    /// Its rules, in order.
    pub(super) rules: Vec<Rule>,
    /// The examples of its rules, until they are checked.
    pub(super) examples: Vec<Example>,
    /// Files it includes, as they are written, and where.
    pub(super) includes: Vec<(String, Position)>,
    /// `read-only = "ask"`: the tables allow nothing.
    pub(super) asks_for_reading: bool,
    /// `dangerous = "ask"` or `"deny"`: what becomes of ruinous commands.
    pub(super) dangerous: Option<Dangerous>,
    /// `[approvals]`: how many must approve what is dangerous, by class.
    pub(super) marks: Marks,
    /// The highest number of approvals that a rule or a class needs.
    pub(super) most_approvals: Approvals,
    /// `log-allowed = "yes"`, `"must"` or `"no"`: what is written down of what it allows.
    pub(super) log_allowed: Option<LogAllowed>,
    /// `locked = true`: layers behind it only tighten.
    pub(super) locked: bool,
    /// Directories of the user's own whose programs count as trusted.
    pub(super) directories: Vec<PathBuf>,
    /// Directories below which repositories may configure programs.
    pub(super) repositories: Vec<PathBuf>,
    /// `NAME=value` entries of the environment that change nothing.
    pub(super) environment: Vec<Vec<u8>>,
}

impl PolicyFile {
    /// Takes what a file that this one includes says.
    pub(super) fn append(&mut self, included: Self) {
        let Self {
            rules,
            examples,
            includes,
            asks_for_reading,
            dangerous,
            marks,
            most_approvals,
            log_allowed,
            locked,
            directories,
            repositories,
            environment,
        } = included;
        self.rules.extend(rules);
        self.examples.extend(examples);
        self.includes.extend(includes);
        self.asks_for_reading |= asks_for_reading;
        // Of a file and what it includes the later word counts, as between layers.
        self.dangerous = dangerous.or(self.dangerous);
        self.marks.join(marks);
        self.most_approvals = self.most_approvals.max(most_approvals);
        self.log_allowed = log_allowed.or(self.log_allowed);
        self.locked |= locked;
        self.directories.extend(directories);
        self.repositories.extend(repositories);
        self.environment.extend(environment);
    }
}
