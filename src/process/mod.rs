//! Reads the outside: arguments, environment, directory, clock, stdio, files.
//!
//! No other room calls `std::env`, the clock, or opens a file of ours. What is
//! read here is read once and handed on as a value, so that nothing can change
//! between review and execution, and so that tests can inject it.

mod clock;
mod daemon;
mod directory;
mod environment;
mod identity;
mod input;
mod lock;
mod origin;
mod private;
mod stdio;

pub use clock::{Deadline, minute_of_day, now, since_boot};
pub use daemon::leave_caller;
pub use directory::{Naming, WorkingDirectory};
pub use environment::Environment;
pub use identity::{Identity, Umask};
pub use input::InputKind;
pub use lock::{Company, FileLock, SharedLock};
pub use origin::{Ancestor, ancestors, boot_id, machine_id, session_process};
pub use private::{PrivateDir, PrivateError, open_private_file, read_private_file};
pub use stdio::{Stdio, Stream};

use std::ffi::OsString;
use std::path::PathBuf;

/// Returns the arguments of this process, `argv[0]` first, as bytes the caller gave.
#[must_use]
pub fn arguments() -> Vec<OsString> {
    std::env::args_os().collect()
}

/// Returns the path of the running binary, as the system reports it.
///
/// # Errors
///
/// Any error of the operating system, for example an unmounted `/proc`.
pub fn own_binary() -> std::io::Result<PathBuf> {
    std::env::current_exe()
}
