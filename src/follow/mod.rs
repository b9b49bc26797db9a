//! Tells the approver of a running command what becomes of it, and obeys what that one
//! signs: watch, stop.
//!
//! It runs in the *teller*, a process of its own that is started beside a reviewed
//! command, and speaks with the one that watches the command over a [`Line`]. What it is
//! told goes to the gateway, sealed for the one approver who decided; what comes from
//! there counts only with that approver's signature, about this command, once.
//!
//! Nothing here makes a command run, and nothing that fails here changes how one ends.
//!
//! Spec: docs/harp.md, extensions.

mod controls;
mod lines;
mod reports;
mod teller;

pub use teller::{Brief, Teller};

use crate::onlooker::Line;
