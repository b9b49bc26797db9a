//! What a server does to outlive whoever started it.

use nix::sys::signal::SigSet;
#[cfg(target_os = "linux")]
use nix::sys::signal::Signal;
#[cfg(target_os = "linux")]
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::unistd::{close, setsid};
use std::os::fd::RawFd;

/// Leaves the caller's session, closes every descriptor above standard error, and lets
/// every signal in.
///
/// Without it a pipe the caller waits on would stay open for as long as we run; and where
/// the caller had signals blocked, as we have while a command runs, nobody could end us
/// but by force. What the caller's terminal sent its group before we left, as it does when
/// it hangs up, is dropped; whoever wants us to end is heard. Call it before anything of
/// ours is open, and while there is one thread.
pub fn leave_caller() {
    // None of these fails on a correct system, but for a leader of a group, who has left.
    let _ = setsid();
    #[cfg(target_os = "linux")]
    drop_what_a_terminal_sent();
    let _ = SigSet::empty().thread_set_mask();
    for descriptor in inherited() {
        // It may be the listing's own, closed by now.
        let _ = close(descriptor);
    }
}

#[cfg(target_os = "linux")]
fn drop_what_a_terminal_sent() {
    let sent = [Signal::SIGHUP, Signal::SIGINT, Signal::SIGQUIT, Signal::SIGTSTP];
    let flags = SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC;
    let Ok(blocked) = SignalFd::with_flags(&sent.into_iter().collect(), flags) else { return };
    while let Ok(Some(_)) = blocked.read_signal() {}
}

fn inherited() -> Vec<RawFd> {
    let listing = if cfg!(target_os = "linux") { "/proc/self/fd" } else { "/dev/fd" };
    let Ok(entries) = std::fs::read_dir(listing) else { return (3..256).collect() };
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|descriptor| *descriptor > 2)
        .collect()
}
