//! Has somebody told that a command waits, by a process of its own.
//!
//! The side that asks cannot tell: it has no keys of an approver's. It starts
//! `airlock-exec approver notify`, which has, and which nobody waits for.

use super::approver::notices;
use crate::config::{Destination, Settings};
use crate::process::{Environment, own_binary};
use crate::review::{Doubt, Inquiry, Notice, Pending, Watcher};
use std::io;
use std::process::{Command, Stdio};
use std::time::Duration;

/// A watcher that has somebody told, once.
struct Heralded {
    inner: Box<dyn Watcher>,
    is_told: bool,
}

/// Wraps a watcher where the settings want somebody told, and the approver is here.
pub(super) fn wrap(
    watcher: Box<dyn Watcher>,
    settings: &Settings,
    environment: &Environment,
) -> Box<dyn Watcher> {
    let is_here = settings.destination() == Destination::Local;
    if is_here && notices::are_wanted(settings, environment) {
        Box::new(Heralded { inner: watcher, is_told: false })
    } else {
        watcher
    }
}

impl Watcher for Heralded {
    fn submitted(&mut self, pending: &Pending) {
        self.inner.submitted(pending);
        if !std::mem::replace(&mut self.is_told, true)
            && let Err(error) = start()
        {
            tracing::warn!(%error, "nobody is told of this request");
        }
    }

    fn waiting(&mut self, waited: Duration, left: Duration) {
        self.inner.waiting(waited, left);
    }

    fn noticed(&mut self, notice: &Notice) {
        self.inner.noticed(notice);
    }

    fn trouble(&mut self, what: &str) {
        self.inner.trouble(what);
    }

    fn asked_anew(&mut self, inquiry: &Inquiry) {
        self.inner.asked_anew(inquiry);
    }

    fn doubted(&mut self, doubt: &Doubt) {
        self.inner.doubted(doubt);
    }

    fn approved(&mut self) {
        self.inner.approved();
    }

    fn ended(&mut self) {
        self.inner.ended();
    }
}

/// Starts what starts it: it must be nobody's child, since a command that takes our
/// place must not find one it never had.
#[expect(clippy::disallowed_methods, reason = "starts our own binary, not a user's command")]
fn start() -> io::Result<()> {
    let mut starter = Command::new(own_binary()?)
        .args(["approver", "notify", "--start"])
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    starter.wait().map(drop)
}
