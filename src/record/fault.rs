//! What can be wrong with the log, in words.

use std::fmt;

/// Something wrong with the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The name of the file.
    pub file: String,
    /// Number of the line in it, from 1; zero where there is none.
    pub line: usize,
    /// What is wrong with it.
    pub kind: FaultKind,
}

/// What is wrong with a line, or with what should be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// It is not a record.
    Unreadable,
    /// It is a record of a later release.
    Newer,
    /// It does not follow the line before it: one of the two was changed, or
    /// lines between them are missing, or they were put in another order.
    Broken {
        /// The number it should have.
        expected: u64,
        /// The number it has.
        found: u64,
    },
    /// Its seal is not one that our key makes.
    BadSeal,
    /// It and what follows carry no seal.
    Unsealed,
    /// It was never finished: a crash, and nothing was written since.
    Torn,
    /// Records that were written are not there.
    CutOff {
        /// The last that is there.
        last: u64,
        /// The last that was written.
        written: u64,
    },
    /// The record that was written last is another one.
    Replaced {
        /// Its number.
        seq: u64,
    },
    /// How far it was written is not known any more.
    HeadGone,
    /// Somebody else said how far it was written.
    HeadForged,
    /// There is no key to check the seals with.
    KeyGone,
    /// The decision in it is by a key that was never paired with this machine.
    UnknownKey(String),
    /// The decision in it is not what its key signed.
    BadSignature(String),
    /// The approval in it does not show the touch of a passkey that it takes.
    NoTouch(String),
    /// A command began with fewer approvals than its request says it needs.
    TooFewApprovals {
        /// How many it needs.
        needed: usize,
        /// How many there are, by different keys.
        found: usize,
    },
}

impl FaultKind {
    /// Returns one word for it, for programs.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Newer => "newer",
            Self::Broken { .. } => "broken-chain",
            Self::BadSeal => "bad-seal",
            Self::Unsealed => "unsealed",
            Self::Torn => "torn",
            Self::CutOff { .. } => "cut-off",
            Self::Replaced { .. } => "replaced",
            Self::HeadGone => "head-gone",
            Self::HeadForged => "head-forged",
            Self::KeyGone => "key-gone",
            Self::UnknownKey(_) => "unknown-key",
            Self::BadSignature(_) => "bad-signature",
            Self::NoTouch(_) => "no-touch",
            Self::TooFewApprovals { .. } => "too-few-approvals",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} line {}: {}", self.file, self.line, self.kind)
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable => formatter.write_str("it is no record of ours"),
            Self::Newer => formatter.write_str("it was written by a newer airlock-exec"),
            Self::Broken { expected, found } if expected == found => formatter.write_str(
                "the line before it is not the one that stood there when this was written",
            ),
            Self::Broken { expected, found } => {
                write!(formatter, "it is record {found}, and record {expected} should stand here")
            }
            Self::BadSeal => formatter.write_str("its seal was not made with our key"),
            Self::Unsealed => formatter
                .write_str("from here on nothing is sealed: it was added, or never finished"),
            Self::Torn => formatter.write_str("it was never finished"),
            Self::CutOff { last, written } => write!(
                formatter,
                "the log ends with record {last}, and record {written} was written: its end was \
                 cut off, or an older copy was put in its place"
            ),
            Self::Replaced { seq } => write!(
                formatter,
                "record {seq} is not the one that was written: another log was put in its place"
            ),
            Self::HeadGone => formatter.write_str(
                "what says how far it was written (seal.head) is gone, so nobody can tell \
                 whether its end is",
            ),
            Self::HeadForged => formatter.write_str(
                "what says how far it was written (seal.head) was not made with our key",
            ),
            Self::KeyGone => formatter
                .write_str("its key (seal.key) is gone, so nobody can tell whether it was changed"),
            Self::UnknownKey(key) => {
                write!(formatter, "a decision by {key}, a key that is not paired with this machine")
            }
            Self::BadSignature(what) => formatter.write_str(what),
            Self::NoTouch(why) => {
                write!(formatter, "its approval takes the touch of a passkey: {why}")
            }
            Self::TooFewApprovals { needed, found } => {
                write!(formatter, "a command that needs {needed} approvals began with {found}")
            }
        }
    }
}
