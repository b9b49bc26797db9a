//! Places where a test may end us as a power cut or a `kill -9` would.
//!
//! Only in builds for development, and all it can do is kill: a variable that an agent
//! sets makes nothing run.

/// Ends this process by `SIGKILL` when `AIRLOCK_EXEC_DIE_AT` names this place.
#[cfg(debug_assertions)]
pub fn kill_point(place: &str) {
    use nix::sys::signal::{Signal, kill};
    if super::variable("AIRLOCK_EXEC_DIE_AT").is_some_and(|named| named == place) {
        let _ = kill(nix::unistd::getpid(), Signal::SIGKILL);
        std::process::abort();
    }
}

/// Does nothing: only builds for development have such places.
#[cfg(not(debug_assertions))]
pub fn kill_point(_place: &str) {}
