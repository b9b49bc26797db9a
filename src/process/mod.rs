//! Reads the outside: arguments, environment, directory, clock, stdio, files.
//!
//! No other room calls `std::env`, the clock, or opens a file of ours. What is
//! read here is read once and handed on as a value, so that nothing can change
//! between review and execution, and so that tests can inject it.

mod caller;
mod clock;
mod daemon;
mod descendants;
mod directory;
#[cfg(target_os = "linux")]
mod door;
#[cfg(not(target_os = "linux"))]
#[path = "no_door.rs"]
mod door;
mod environment;
mod file_identity;
mod foreign;
mod git;
mod handed;
mod holder;
mod identity;
mod input;
mod kill_point;
mod lock;
mod network_files;
mod origin;
mod ourselves;
mod private;
mod private_names;
mod stdio;
mod whole_input;

pub use caller::Caller;
pub use clock::{Deadline, SteadyClock, minute_of_day, now, since_boot};
pub use daemon::leave_caller;
pub use descendants::with_descendants;
pub use directory::{Naming, WorkingDirectory, path_of};
pub use door::{Door, Word, knock};
pub use environment::Environment;
pub use file_identity::{FileIdentity, FileState};
pub use foreign::{ForeignError, ForeignFile};
pub use git::{Git, GitError};
pub use handed::{Handed, handed_streams};
pub use identity::{Identity, Umask};
pub use input::InputKind;
pub use kill_point::{is_kill_point, kill_point};
pub use lock::{Company, FileLock, SharedLock};
pub use network_files::network_of;
pub use origin::{
    Ancestor, Process, ancestors, boot_id, directory_of, environment_of, is_shell, lineage,
    machine_id, session_process, started_at, words_of,
};
pub use ourselves::{has_one_thread, is_own_binary, lasting_path};
pub use private::{PrivateDir, PrivateError, open_private_file, read_private_file};
pub use stdio::{Stdio, Stream};
pub use whole_input::{InputError, forget_input, read_secret_input, read_whole_input};

use std::ffi::OsString;
use std::path::PathBuf;

/// Tells whether an error says that there is no such file.
#[must_use]
pub fn is_absence(error: &std::io::Error) -> bool {
    use std::io::ErrorKind;
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// Makes that directory the one this process is in.
///
/// # Errors
///
/// The system's.
pub fn enter(directory: &std::path::Path) -> std::io::Result<()> {
    std::env::set_current_dir(directory)
}

/// Returns the arguments of this process, `argv[0]` first, as bytes the caller gave.
#[must_use]
pub fn arguments() -> Vec<OsString> {
    std::env::args_os().collect()
}

/// Returns a variable of this process.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this room reads the outside")]
pub fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// Returns the path of the running binary, as the system reports it.
///
/// # Errors
///
/// Any error of the operating system, for example an unmounted `/proc`.
pub fn own_binary() -> std::io::Result<PathBuf> {
    std::env::current_exe()
}
