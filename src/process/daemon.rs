//! What a server does to outlive whoever started it.

use nix::unistd::{close, setsid};
use std::os::fd::RawFd;

/// Leaves the caller's session and closes every descriptor above standard error.
///
/// Without it a pipe the caller waits on would stay open for as long as we run.
/// Call it before anything of ours is open.
pub fn leave_caller() {
    // It fails only when we lead a process group already, and then we left.
    let _ = setsid();
    for descriptor in inherited() {
        // It may be the listing's own, closed by now.
        let _ = close(descriptor);
    }
}

fn inherited() -> Vec<RawFd> {
    let listing = if cfg!(target_os = "linux") { "/proc/self/fd" } else { "/dev/fd" };
    let Ok(entries) = std::fs::read_dir(listing) else { return (3..256).collect() };
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|descriptor| *descriptor > 2)
        .collect()
}
