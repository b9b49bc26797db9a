//! Programs that run the command in their arguments.

/// Their names; those that `request` looks through for files are among them, by a test.
pub(super) const WRAPPERS: &[&str] = &[
    "env",
    "nice",
    "nohup",
    "timeout",
    "time",
    "stdbuf",
    "setsid",
    "ionice",
    "chrt",
    "flock",
    "xargs",
    "parallel",
    "watch",
    "script",
    "strace",
    "ltrace",
    "sudo",
    "doas",
    "su",
    "runuser",
    "pkexec",
    "busybox",
    "toybox",
    "command",
    "builtin",
    "exec",
    "taskset",
    "unshare",
    "nsenter",
    "chroot",
    "systemd-run",
    "unbuffer",
    "catchsegv",
    "entr",
    "fakeroot",
    "firejail",
    "bwrap",
    "gdb",
    "lldb",
    "valgrind",
    "perf",
    "caffeinate",
    "airlock-exec",
    "coproc",
    "dbus-run-session",
    "setpriv",
    "setarch",
    "linux32",
    "linux64",
    "i386",
    "x86_64",
    "uname26",
    "ssh-agent",
    "prlimit",
    "choom",
    "uclampset",
    "run-parts",
    "start-stop-daemon",
    "sg",
    "newgrp",
    "capsh",
    "numactl",
    "faketime",
    "xvfb-run",
    "rlwrap",
    "torsocks",
    "tsocks",
    "eatmydata",
    "proot",
    "gtimeout",
    "gtime",
    "softlimit",
    "setuidgid",
    "cpulimit",
    "trickle",
    "daemonize",
    "dbus-launch",
    "systemd-inhibit",
    "systemd-cat",
    "gosu",
    "su-exec",
    "tini",
    "dumb-init",
    "chronic",
    "ifne",
    "proxychains",
    "hyperfine",
    "sem",
    "cgexec",
    "aa-exec",
    "fakechroot",
];

/// Tells whether that is the loader of the system, which runs the program that it is told:
/// `ld-linux-x86-64.so.2`, `ld-musl-x86_64.so.1`, `ld.so`.
pub(super) fn is_loader(name: &[u8]) -> bool {
    let rest = name.strip_prefix(b"ld");
    rest.is_some_and(|rest| {
        matches!(rest.first(), Some(b'-' | b'.' | b'6'))
            && rest.windows(3).any(|part| part == b".so")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::tool::carrier;
    use crate::request::{is_known_to_run_files, wrappers};

    #[test]
    fn wrappers_are_those_whose_files_are_looked_for() {
        for name in wrappers() {
            assert!(carrier(name.as_bytes()).is_some(), "{name}");
        }
        let of_shells = ["command", "builtin", "exec", "coproc", "airlock-exec"];
        for name in WRAPPERS.iter().filter(|name| !of_shells.contains(name)) {
            assert!(is_known_to_run_files(name), "{name}");
        }
    }
}
