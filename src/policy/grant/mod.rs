//! Patterns of commands that a person may grant for longer than once.
//!
//! A pattern is a list of words. Each stands for itself, but `{}` for one word and
//! `...` at the end for any further words; neither covers a word that looks like an
//! option, an assignment or a refspec, nor one that a person would not see as it is.
//! What could make anything run is refused before anybody is asked: wrappers,
//! shells and interpreters without their script, and open ends behind words that
//! choose what runs. Spec: security.md 3.2 item 6.

mod data;
mod objection;
mod pattern;

pub use data::NamedFiles;
pub use objection::{Objection, Script, object};
pub use pattern::{Pattern, PatternError, Syntax};
