//! Agents' own hooks, which ask before the agent runs a command itself.
//!
//! A [`Host`] is data: what its tools are called, how it is answered, how long it
//! waits. [`intent()`] reads what a host hands us, which may have been written by
//! whoever misleads the agent, and [`Answer`] is what it is told. What is not
//! understood is never passed over in silence.

mod answer;
mod command;
mod document;
mod host;
mod intent;
mod site;
mod table;

pub use answer::{Answer, Reply};
pub use command::HookCommand;
pub use document::{
    DocumentError, command_in, has_entry, is_switched_on, place_of, with_entry, without_entry,
};
pub use host::{Allowing, Evidence, Form, Host, Silence};
pub use intent::{Intent, LARGEST_PAYLOAD, Unreadable, intent};
pub use site::{Kind, Missing, OnFailure, Own, SITES, Shape, Site};
pub use table::{HOSTS, host};
