//! Places where a test may end us as a power cut or a `kill -9` would.
//!
//! Only in builds for development, and all it can do is kill: a variable that an agent
//! sets makes nothing run.

/// Names the place, in builds for development.
const PLACE: &str = "AIRLOCK_EXEC_DIE_AT";

/// Tells whether a variable only names such a place, and means nothing to a command.
#[must_use]
pub fn is_kill_point(variable: &[u8]) -> bool {
    cfg!(debug_assertions) && variable == PLACE.as_bytes()
}

/// Ends this process by `SIGKILL` when `AIRLOCK_EXEC_DIE_AT` names this place.
#[cfg(debug_assertions)]
pub fn kill_point(place: &str) {
    use nix::sys::signal::{Signal, kill};
    if super::variable(PLACE).is_some_and(|named| named == place) {
        let _ = kill(nix::unistd::getpid(), Signal::SIGKILL);
        std::process::abort();
    }
}

/// Does nothing: only builds for development have such places.
#[cfg(not(debug_assertions))]
pub fn kill_point(_place: &str) {}
