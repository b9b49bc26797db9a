//! Who wants to know how the wait goes.

use std::time::Duration;

/// A request that waits for a decision.
#[derive(Debug)]
pub struct Pending {
    /// The command, quoted for a shell.
    pub command: String,
    /// The end of the request id, enough to name it.
    pub short_id: String,
    /// How long a decision may take.
    pub limit: Duration,
}

/// Is told how the wait goes; nothing it does changes the outcome.
pub trait Watcher {
    /// The gateway has accepted the request.
    fn submitted(&mut self, pending: &Pending);
    /// Time passes; called about once a second.
    fn waiting(&mut self, waited: Duration, left: Duration);
    /// Something went wrong that does not end the wait.
    fn trouble(&mut self, what: &str);
    /// The wait is over, however it ended.
    fn ended(&mut self);
}
