//! Why there is no grant, and why one does not cover a command.

use crate::client::PairingError;
use crate::policy::Approvals;
use crate::policy::grant::{Objection, PatternError};
use crate::process::PrivateError;
use crate::protocol::DecisionError;
use crate::request::{BindError, text};
use crate::review::{JournalError, Untouched};
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why a grant cannot be asked for or kept: nobody was asked.
#[derive(Debug, Error)]
pub enum GrantError {
    /// The words are not a pattern.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// The pattern could make anything run.
    #[error(transparent)]
    Objection(#[from] Objection),
    /// Several people must approve each run.
    #[error("policy wants {needed} for each run of it, and a grant is signed by one person")]
    NeedsSeveral {
        /// How many.
        needed: Approvals,
    },
    /// It would last too long.
    #[error("a grant lasts {longest} at most")]
    TooLong {
        /// How long, in words.
        longest: String,
    },
    /// It would be for too many runs.
    #[error("a grant is for {most} runs at most")]
    TooManyUses {
        /// How many.
        most: u32,
    },
    /// A path in it cannot be written as text.
    #[error("{} is not UTF-8, and a grant is signed as text", text::word(.0.as_os_str()))]
    NotText(PathBuf),
    /// The program's file may not be read, so it cannot be told from another.
    #[error("{} may not be read, so nobody could tell when it changes", text::word(.0.as_os_str()))]
    UnknownProgram(PathBuf),
    /// A file that would be executed has no content to compare.
    #[error("{} is {what}, so nobody could tell when it changes", text::word(path.as_os_str()))]
    UnknownFile {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        what: &'static str,
    },
    /// A file that would be executed cannot be digested.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The place cannot be looked at.
    #[error("{} cannot be a place for commands: {source}", text::word(path.as_os_str()))]
    Place {
        /// The directory.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// No process that could be a session is above us.
    #[error("no process above this one tells a session apart")]
    NoSession,
    /// A kept grant cannot be read or written.
    #[error(transparent)]
    Private(#[from] PrivateError),
    /// The pairings cannot be read.
    #[error(transparent)]
    Pairing(#[from] PairingError),
    /// The journal cannot take the revocation.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// There is no such grant.
    #[error("there is no grant whose id ends in {0}")]
    Unknown(String),
    /// Several grants end so.
    #[error("several grants end in {0}")]
    Ambiguous(String),
}

impl GrantError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Pattern(error) => error.hint(),
            Self::Objection(objection) => objection.hint(),
            Self::TooLong { .. } => "ask for less with --for".to_owned(),
            Self::TooManyUses { .. } => "ask for less with --uses".to_owned(),
            Self::NotText(_) => "use a path of plain characters".to_owned(),
            Self::NeedsSeveral { .. } | Self::UnknownProgram(_) | Self::UnknownFile { .. } => {
                "ask for each command with airlock-exec -- COMMAND".to_owned()
            }
            Self::Bind(error) => error.hint(),
            Self::Place { .. } => "name a directory with --repository or --directory".to_owned(),
            Self::NoSession => "leave --session out, and use --for and --uses".to_owned(),
            Self::Private(error) => error.hint(),
            Self::Pairing(error) => error.hint(),
            Self::Journal(error) => error.hint(),
            Self::Unknown(_) | Self::Ambiguous(_) => {
                "see the ids with airlock-exec grant list".to_owned()
            }
        }
    }
}

/// Why a kept grant does not let a command run; a person is asked instead.
#[derive(Debug, Error)]
pub enum Unusable {
    /// Its file does not hold a grant.
    #[error("its file is damaged: {0}")]
    Damaged(String),
    /// The kept bytes or the decision are not what was signed.
    #[error("it is not what was signed: {0}")]
    NotSigned(#[from] DecisionError),
    /// Its approval took the touch of a passkey, and does not show it.
    #[error("its approval is not believed: {0}")]
    Touch(#[from] Untouched),
    /// By a key that is not paired.
    #[error("it is signed by a key that is not paired")]
    UnknownKey,
    /// By a key that was revoked.
    #[error("it is signed by a key that was revoked")]
    RevokedKey,
    /// Its time is over.
    #[error("its time is over")]
    Expired,
    /// The wall clock says it is before it was asked for.
    #[error("the clock was turned back behind the moment it was asked for")]
    ClockTurnedBack,
    /// As many commands ran by it as may.
    #[error("{} used up", runs(*.0))]
    UsedUp(u32),
    /// Somebody took it back.
    #[error("it was revoked")]
    Revoked,
    /// It is for another machine, installation or user.
    #[error("it is for another {0}")]
    Elsewhere(&'static str),
    /// It is for other commands.
    #[error("it is for other commands")]
    OtherCommand,
    /// It is for another place.
    #[error("it is for another place")]
    OtherPlace,
    /// It is for the descendants of another process.
    #[error("it is for another session")]
    OtherSession,
    /// The same word leads to another program.
    #[error("the program is {found}, and it is for {granted}")]
    OtherProgram {
        /// The path it is for.
        granted: String,
        /// The path that was found.
        found: String,
    },
    /// A variable that changes what runs is not as it was.
    #[error("{0} changed, which changes what runs")]
    OtherEnvironment(String),
    /// A file that is executed is not what it was.
    #[error("{0} changed since it was granted")]
    ChangedFile(String),
    /// A file would be executed, or may be, that the grant does not name.
    #[error("{0} would be executed, or may be, which it does not name")]
    OtherFile(String),
    /// The program would come through standard input.
    #[error("the program would come through standard input")]
    ProgramFromInput,
    /// A file cannot be digested.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The use cannot be recorded.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The use cannot be recorded beside the grant.
    #[error(transparent)]
    Private(#[from] PrivateError),
}

impl Unusable {
    /// Tells whether the grant speaks of other commands, places or sessions: then
    /// nobody has to hear of it.
    #[must_use]
    pub fn is_about_something_else(&self) -> bool {
        matches!(self, Self::OtherCommand | Self::OtherPlace | Self::OtherSession)
    }
}

fn runs(number: u32) -> String {
    match number {
        1 => "its one run is".to_owned(),
        _ => format!("all of its {number} runs are"),
    }
}
