//! What was used to ask a person: hung up once the command runs.
//!
//! To hang up tells the gateway, and is told to whatever waits there: a command need not
//! wait for that.

use crate::process;
use std::cell::RefCell;
use tokio::runtime::Runtime;

/// A connection to a gateway that nobody needs any more.
#[derive(Debug, Default)]
pub(super) struct Call(RefCell<Option<Runtime>>);

impl Call {
    /// Hangs up later, if nothing but us is at work here: fork must see one thread.
    pub(super) fn over(runtime: Runtime) -> Self {
        Self(RefCell::new(Some(runtime).filter(|_| process::has_one_thread())))
    }

    /// Hangs up.
    pub(super) fn hang_up(&self) {
        drop(self.0.take());
    }
}
