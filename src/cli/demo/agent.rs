//! The demo's agent: runs `airlock-exec -- COMMAND` with no terminal at all.

use super::error::DemoError;
use crate::process::{leave_caller, own_binary};
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Leaves the demo's terminal, as an agent has none, and becomes `airlock-exec`.
#[expect(clippy::disallowed_methods, reason = "becomes our own binary, not a user's command")]
pub(super) fn run(command: &[OsString]) -> Result<(), DemoError> {
    leave_caller();
    let binary = own_binary()?;
    Err(Command::new(binary).arg("--").args(command).exec().into())
}
