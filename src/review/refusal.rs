//! Why a command does not run.

use super::journal::JournalError;
use crate::client::{PairingError, TransportError};
use crate::display::Displayable;
use crate::display::counted;
use crate::policy::Approvals;
use crate::protocol::RequestId;
use crate::protocol::decision::SettledDecision;
use crate::protocol::exchange::ExchangeState;
use crate::request::{BindError, Changed};
use jiff::Timestamp;
use std::time::Duration;
use thiserror::Error;

/// Why a command does not run: nothing was executed.
#[derive(Debug, Error)]
pub enum Refusal {
    /// A person said no; the decision was signed by a paired key.
    #[error("rejected by the approver")]
    Rejected {
        /// The approver's words as the gateway relayed them: not signed.
        reason: Option<String>,
        /// The decision, which can be checked again.
        decision: Box<SettledDecision>,
    },
    /// A person said no to the same a moment ago.
    #[error("rejected by the approver a moment ago")]
    RejectedBefore {
        /// The approver's words as the gateway relayed them: not signed.
        reason: Option<String>,
    },
    /// Nobody answered in time.
    #[error("no decision within {}", words(*limit))]
    TimedOut {
        /// How long we waited.
        limit: Duration,
    },
    /// Somebody decided, and we read that when the time was over: we were stopped, or asleep.
    #[error("a decision was read only after the {} that it had were over", words(*limit))]
    TooLate {
        /// The approval, where that is what it was.
        decision: Option<Box<SettledDecision>>,
        /// How long we waited.
        limit: Duration,
    },
    /// Some approved, and too few of those that are needed.
    #[error("{given} of the {needed} that it needs came within {}", words(*limit))]
    TooFew {
        /// How many approved.
        given: usize,
        /// How many are needed.
        needed: Approvals,
        /// How long we waited.
        limit: Duration,
    },
    /// Whoever asked could not wait any longer; the request is still there.
    #[error("nobody has decided yet, and the request still waits")]
    StillOpen {
        /// The request, as it was made first.
        request_id: RequestId,
    },
    /// The gateway ended the exchange: expired, withdrawn or cancelled.
    #[error("the request {} before anybody decided", ended(*state))]
    Ended {
        /// The gateway's word for it.
        state: ExchangeState,
    },
    /// What came in the place of a decision cannot be trusted.
    #[error("the answer cannot be trusted: {0}")]
    Untrusted(Distrust),
    /// A do-not-disturb policy says no.
    #[error("denied by the do-not-disturb policy {policy}, which holds until {until}")]
    DeniedByPolicy {
        /// The policy.
        policy: RequestId,
        /// When it ends.
        until: Timestamp,
    },
    /// The gateway cannot be reached or refuses us.
    #[error(transparent)]
    Gateway(#[from] TransportError),
    /// The gateway holds the same request with other content.
    #[error("the gateway already has another command under this request id")]
    Conflict,
    /// There is no approver to ask.
    #[error(transparent)]
    Pairing(#[from] PairingError),
    /// The decision cannot be recorded as used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// As many questions of this session wait as may.
    #[error("too many pending: this session has {} open", counted(*limit, "question"))]
    TooMany {
        /// How many may.
        limit: u32,
    },
    /// As many questions of this session were put within a minute as may be.
    #[error("too many questions: this session puts {} a minute at most", counted(*limit, "question"))]
    TooOften {
        /// How many may.
        limit: u32,
    },
    /// How many questions wait cannot be told.
    #[error("cannot tell how many questions wait: {0}")]
    Crowd(std::io::Error),
    /// What would be executed cannot be digested.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// What would be executed is not what was reviewed.
    #[error(transparent)]
    Changed(#[from] Changed),
    /// The command cannot be sealed for the approver.
    #[error("the request cannot be sealed: {0}")]
    Seal(String),
    /// Somebody ended the wait with a signal.
    #[error("interrupted while waiting for a decision")]
    Interrupted {
        /// The signal's number.
        signal: i32,
    },
    /// Whoever asked is gone, and it was to run for nobody else.
    #[error("whoever started this ended before it was decided")]
    CallerGone,
    /// The operating system gave us no event loop.
    #[error("cannot wait for a decision: {0}")]
    Runtime(std::io::Error),
}

/// Which check a decision failed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Distrust {
    /// Not a message of the protocol, five times.
    #[error("the gateway keeps sending what is no decision ({0})")]
    Unreadable(String),
    /// Decisions for other commands, three times.
    #[error("the gateway keeps sending decisions for another command (HARP_ERR_HASH_MISMATCH)")]
    OtherCommand,
    /// Decisions that failed a check, and no other until the time was over.
    #[error("a decision was not believed ({0}), and no other came in time")]
    NotBelieved(String),
}

/// Says how an exchange ended.
fn ended(state: ExchangeState) -> String {
    match state {
        ExchangeState::Expired => "expired".to_owned(),
        other => format!("was {}", other.name()),
    }
}

impl Refusal {
    /// Returns the approver's words, escaped, when there are any.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        match self {
            Self::Rejected { reason: Some(reason), .. }
            | Self::RejectedBefore { reason: Some(reason) } => {
                Some(Displayable::from(reason.as_str()).to_string())
            }
            _ => None,
        }
    }

    /// Returns the next step, written for an agent to read.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::RejectedBefore { .. } => {
                "do not retry the same command; follow the reason or ask the user, who is asked \
                 again a minute after the rejection"
                    .to_owned()
            }
            Self::Rejected { .. } => {
                "do not retry the same command; follow the reason or ask the user".to_owned()
            }
            Self::TimedOut { .. } | Self::Ended { .. } => {
                "nobody said no: ask the user to be ready to decide, then run it again".to_owned()
            }
            Self::TooLate { .. } => {
                "it counts for nothing: run it again, and ask the user to decide once more"
                    .to_owned()
            }
            Self::TooFew { .. } => {
                "nobody said no: ask the user that enough people are ready to decide, then run it \
                 again; each of them is asked anew"
                    .to_owned()
            }
            Self::StillOpen { .. } => {
                "ask the user to decide, then run exactly the same command again: it is answered \
                 by that decision"
                    .to_owned()
            }
            Self::DeniedByPolicy { .. } => {
                "do not retry before then; or ask the user to end do-not-disturb".to_owned()
            }
            Self::Untrusted(_) => {
                "do not retry; tell the user that the gateway or the pairing needs a look"
                    .to_owned()
            }
            Self::Gateway(error) => error.hint(),
            Self::Conflict => "run the command again: it gets a new request id".to_owned(),
            Self::Pairing(error) => error.hint(),
            Self::Journal(error) => error.hint(),
            Self::TooMany { .. } => {
                "nobody was asked about this one: wait until the others are decided, and do not \
                 ask in a loop"
                    .to_owned()
            }
            Self::TooOften { .. } => {
                "nobody was asked about this one: do not ask in a loop; a person can raise it \
                 with airlock-exec config set limits.per_minute NUMBER"
                    .to_owned()
            }
            Self::Crowd(_) => "free some disk space, or see: airlock-exec doctor".to_owned(),
            Self::Bind(error) => error.hint(),
            Self::Changed(changed) => changed.hint(),
            Self::Seal(_) => "shorten the command or put it into a script".to_owned(),
            Self::Interrupted { .. } | Self::CallerGone => {
                "run the command again when you want it".to_owned()
            }
            Self::Runtime(_) => "close some programs and run the command again".to_owned(),
        }
    }
}

fn words(span: Duration) -> String {
    match span.as_secs() {
        1 => "one second".to_owned(),
        seconds if seconds >= 120 && seconds % 60 == 0 => format!("{} minutes", seconds / 60),
        seconds => format!("{seconds} seconds"),
    }
}
