//! Who wants to know how the wait goes.

use super::{Doubt, Inquiry, Number, Refusal};
use crate::policy::Why;
use crate::protocol::Stage;
use crate::protocol::decision::SettledDecision;
use std::time::Duration;

/// A request that waits for a decision.
#[derive(Debug)]
pub struct Pending {
    /// The command, quoted for a shell.
    pub command: String,
    /// Why a person is asked, when the policy was.
    pub why: Option<Why>,
    /// The end of the request id, enough to name it.
    pub short_id: String,
    /// What whoever approves elsewhere may be asked for, when it is hard to undo.
    pub number: Option<Number>,
    /// How long a decision may take.
    pub limit: Duration,
}

/// What an approver did with the request, as the gateway says: nobody signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What the pairing with that approver is called.
    pub approver: String,
    /// How far it came.
    pub stage: Stage,
    /// How long ago that was.
    pub ago: Duration,
}

/// Is told how the wait goes; nothing it does changes the outcome.
pub trait Watcher {
    /// The gateway has accepted the request.
    fn submitted(&mut self, pending: &Pending);
    /// Time passes; called about once a second.
    fn waiting(&mut self, waited: Duration, left: Duration);
    /// An approver has fetched the request, or says that a person was shown it.
    fn noticed(&mut self, _notice: &Notice) {}
    /// Something went wrong that does not end the wait.
    fn trouble(&mut self, what: &str);
    /// Whoever waited for the same decision used it: a person is asked anew.
    fn asked_anew(&mut self, _inquiry: &Inquiry) {}
    /// An answer was not believed; the wait goes on.
    fn doubted(&mut self, _doubt: &Doubt) {}
    /// Enough have approved: what is asked about can start once that is written down.
    fn approved(&mut self) {}
    /// Enough had approved, their approvals are used up, and nothing runs by them.
    fn approved_in_vain(&mut self, _decisions: &[SettledDecision], _why: &Refusal) {}
    /// The wait is over, however it ended.
    fn ended(&mut self);
}
