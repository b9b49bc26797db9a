//! Judges a command without asking a person: allow, ask or deny, and why.
//!
//! Rules come from three layers of `policy.toml`: the administrator's, the user's,
//! and the project's, which an agent can write and which therefore only makes
//! things stricter. Without any file, what only reads is allowed and the rest asks.
//!
//! - A rule's words are compared with the *parsed* words of a command, never with
//!   its text. Among the rules that match the strictest counts: deny, ask, allow.
//! - An allow rule covers a known tool's harmless options (`tool`), an unknown
//!   tool's literal words, and of what runs other programs exactly its own words.
//! - What a command carries (`sudo`, `xargs`, `find -exec`, `sh -c`) is searched for
//!   what is forbidden, and never allowed by it.
//! - What is allowed must be the file it seems to be (`trust`), in surroundings that
//!   do not change it (`surroundings`), and runs with what a repository could make
//!   it run switched off (`neutral`).
//!
//! This room must not ask, run or write anything but its own compiled rules. What it
//! does not understand is asked about.

mod ancestry;
mod approvals;
mod asked;
mod basis;
mod book;
mod compiled;
#[cfg(test)]
mod corpus;
mod danger;
mod engine;
mod error;
mod file;
pub mod grant;
mod hosts;
mod judge;
mod log_allowed;
mod neutral;
mod pager;
mod payload;
mod rule;
mod secret;
mod set;
mod shell;
mod source;
mod standing;
mod started;
mod stated;
mod surroundings;
mod text;
mod tool;
mod trust;
mod verdict;
mod words;

pub use approvals::Approvals;
pub use asked::{Asked, Why};
pub use book::{ListedRule, Origin, Part, Policy, Presence, examples, tools};
pub use danger::{DangerClass, danger_classes, dangers};
pub use error::PolicyError;
pub use file::{DescribedKey, DescribedTable, Example, Expected, Outcome, described};
pub use judge::{assess, judge};
pub use log_allowed::LogAllowed;
pub use source::{can_be_used, files, places_of};
pub use stated::Stated;
pub use tool::{ShownTool, ShownUse};
pub use verdict::{Allowed, Decision, Denial, Judgement, Verdict};
