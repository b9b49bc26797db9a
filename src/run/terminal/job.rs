//! The command, and the process group that it started in.

use crate::sys::{self, Target};
use nix::unistd::{Pid, getpgid};

/// Which process the command is, and which group it was put into.
#[derive(Debug, Clone, Copy)]
pub(super) struct Job {
    pub(super) command: Pid,
    pub(super) group: Pid,
}

impl Job {
    /// Returns the group of the command, which may have made one of its own.
    pub(super) fn group_now(self) -> Pid {
        getpgid(Some(self.command)).unwrap_or(self.group)
    }

    /// Sends it to the command's group, and to the one that it started in.
    pub(super) fn send(self, signal: i32) {
        let group = self.group_now();
        let _ = sys::send(Target::Group(group), signal);
        if group != self.group {
            let _ = sys::send(Target::Group(self.group), signal);
        }
    }
}
