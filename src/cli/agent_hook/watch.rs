//! Waits in silence: what a host reads is one answer.

use super::once;
use crate::intercept::agent::Host;
use crate::review::{Pending, Watcher};
use std::thread;
use std::time::Duration;

/// What the way of an answer may take beyond a person's time.
const GRACE: Duration = Duration::from_secs(5);

/// Tells nobody how the wait goes; a host shows its own line.
pub(super) struct Quiet;

impl Quiet {
    /// Begins to wait, and has a thread answer should we be stuck at the end.
    ///
    /// A lock or a file system that hangs must not reach the host's limit: the host
    /// would run the command.
    pub(super) fn answering_by(host: &'static Host) -> Box<dyn Watcher> {
        let limit = host.patience() + GRACE.min(host.reserve() / 2);
        thread::spawn(move || {
            thread::sleep(limit);
            once::refuse_and_end(host, "no decision in time: run the same command again");
        });
        Box::new(Self)
    }
}

impl Watcher for Quiet {
    fn submitted(&mut self, _: &Pending) {}
    fn waiting(&mut self, _: Duration, _: Duration) {}
    fn trouble(&mut self, what: &str) {
        tracing::warn!(what, "while waiting");
    }
    fn ended(&mut self) {}
}
