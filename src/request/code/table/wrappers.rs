//! Programs that run another command of their arguments.

use super::super::tool::{Operand, Order, Takes, Tool};
use Takes::{Clear, Command, Directory, Named, Nothing, Text, Variable, Word, Words};

const COMMAND: Operand = Operand::Command { after: 0 };
const OTHER_RULES: Option<&str> =
    Some("the command runs as another user, with a PATH and environment of that program's making");

pub(super) const TOOLS: &[Tool] = &[
    Tool {
        names: &["env"],
        options: &[
            ("-i", Clear),
            ("--ignore-environment", Clear),
            ("-", Clear),
            ("-u", Variable),
            ("--unset", Variable),
            ("-C", Directory),
            ("--chdir", Directory),
            ("-S", Words),
            ("--split-string", Words),
            ("-a", Word),
            ("--argv0", Word),
        ],
        operand: COMMAND,
        ..Tool::PLAIN
    },
    Tool {
        names: &["sudo"],
        options: &[
            ("-u", Word),
            ("--user", Word),
            ("-g", Word),
            ("--group", Word),
            ("-p", Word),
            ("-C", Word),
            ("-r", Word),
            ("-t", Word),
            ("-T", Word),
            ("-U", Word),
            ("-h", Word),
            ("-R", Word),
            ("-D", Directory),
            ("--chdir", Directory),
        ],
        operand: COMMAND,
        note: OTHER_RULES,
        ..Tool::PLAIN
    },
    Tool {
        names: &["doas"],
        options: &[("-u", Word), ("-C", Word)],
        operand: COMMAND,
        note: OTHER_RULES,
        ..Tool::PLAIN
    },
    Tool {
        names: &["nice"],
        options: &[("-n", Word), ("--adjustment", Word)],
        operand: COMMAND,
        ..Tool::PLAIN
    },
    Tool {
        names: &["timeout", "gtimeout"],
        options: &[("-k", Word), ("--kill-after", Word), ("-s", Word), ("--signal", Word)],
        operand: Operand::Command { after: 1 },
        ..Tool::PLAIN
    },
    Tool {
        names: &["stdbuf"],
        options: &[
            ("-i", Word),
            ("-o", Word),
            ("-e", Word),
            ("--input", Word),
            ("--output", Word),
            ("--error", Word),
        ],
        operand: COMMAND,
        ..Tool::PLAIN
    },
    Tool {
        names: &["ionice"],
        options: &[("-c", Word), ("--class", Word), ("-n", Word), ("--classdata", Word)],
        operand: COMMAND,
        ..Tool::PLAIN
    },
    Tool {
        names: &["taskset", "chrt", "faketime", "chroot", "setuidgid", "gosu", "su-exec"],
        options: &[("--userspec", Word), ("--groups", Word)],
        operand: Operand::Command { after: 1 },
        ..Tool::PLAIN
    },
    Tool {
        names: &["time", "gtime"],
        options: &[("-f", Word), ("--format", Word), ("-o", Word), ("--output", Word)],
        operand: COMMAND,
        ..Tool::PLAIN
    },
    Tool {
        names: &["strace", "ltrace"],
        options: &[
            ("-o", Word),
            ("-e", Word),
            ("-s", Word),
            ("-E", Word),
            ("-u", Word),
            ("-P", Word),
        ],
        operand: COMMAND,
        ..Tool::PLAIN
    },
    Tool {
        names: &[
            "nohup",
            "setsid",
            "busybox",
            "toybox",
            "xvfb-run",
            "dbus-run-session",
            "caffeinate",
            "catchsegv",
            "rlwrap",
            "torsocks",
            "eatmydata",
            "pkexec",
            "unbuffer",
            "fakeroot",
            "fakechroot",
            "tini",
            "dumb-init",
            "chronic",
            "ifne",
            "tsocks",
            "proxychains",
            "entr",
            "valgrind",
            "perf",
        ],
        operand: COMMAND,
        ..Tool::PLAIN
    },
    Tool {
        names: &["flock"],
        options: &[
            ("-w", Word),
            ("--wait", Word),
            ("--timeout", Word),
            ("-E", Word),
            ("--conflict-exit-code", Word),
        ],
        operand: Operand::Command { after: 1 },
        ..Tool::PLAIN
    },
    Tool {
        names: &["xargs", "parallel", "sem"],
        options: &[
            ("-a", Word),
            ("--arg-file", Word),
            ("-d", Word),
            ("--delimiter", Word),
            ("-E", Word),
            ("-I", Word),
            ("-J", Word),
            ("-L", Word),
            ("-n", Word),
            ("--max-args", Word),
            ("-P", Word),
            ("--max-procs", Word),
            ("-R", Word),
            ("-s", Word),
            ("--max-chars", Word),
            ("-S", Word),
            ("-j", Word),
            ("--jobs", Word),
            ("--process-slot-var", Word),
        ],
        operand: COMMAND,
        note: Some("what it reads becomes arguments and is not part of this"),
        ..Tool::PLAIN
    },
    Tool {
        names: &["watch", "hyperfine"],
        options: &[("-n", Word), ("--interval", Word), ("-q", Word), ("--equexit", Word)],
        operand: COMMAND,
        ..Tool::PLAIN
    },
    Tool {
        names: &["setpriv", "unshare", "prlimit", "numactl"],
        options: &[
            ("--reuid", Word),
            ("--regid", Word),
            ("--groups", Word),
            ("--securebits", Word),
            ("--pdeathsig", Word),
            ("--selinux-label", Word),
            ("--apparmor-profile", Word),
            ("-S", Word),
            ("--setuid", Word),
            ("-G", Word),
            ("--setgid", Word),
            ("-R", Word),
            ("--root", Word),
            ("-w", Word),
            ("--wd", Word),
        ],
        operand: COMMAND,
        ..Tool::PLAIN
    },
    Tool {
        // The first word may name an architecture, which is one of these names then.
        names: &["setarch", "linux32", "linux64", "i386", "x86_64", "uname26"],
        options: &[("--uname-2.6", Nothing)],
        operand: COMMAND,
        ..Tool::PLAIN
    },
    Tool {
        names: &["script", "su", "runuser", "sg", "newgrp"],
        options: &[("-c", Text), ("--command", Text)],
        order: Order::Mixed,
        note: Some("what the shell that it starts runs is not part of this"),
        ..Tool::PLAIN
    },
    Tool {
        names: &[
            "nsenter",
            "systemd-run",
            "bwrap",
            "firejail",
            "proot",
            "capsh",
            "cgexec",
            "aa-exec",
        ],
        note: Some("the command that it runs is not part of this"),
        ..Tool::PLAIN
    },
    Tool {
        names: &["choom", "uclampset", "softlimit", "cpulimit", "trickle", "daemonize"],
        options: &[
            ("-n", Word),
            ("-p", Word),
            ("-m", Word),
            ("-M", Word),
            ("-c", Word),
            ("-l", Word),
            ("-d", Word),
            ("-u", Word),
        ],
        operand: COMMAND,
        ..Tool::PLAIN
    },
    Tool {
        names: &["ssh-agent", "dbus-launch", "systemd-inhibit", "systemd-cat"],
        options: &[
            ("-a", Word),
            ("-t", Word),
            ("-E", Word),
            ("-P", Word),
            ("-p", Word),
            ("--what", Word),
            ("--who", Word),
            ("--why", Word),
            ("--mode", Word),
            ("--identifier", Word),
        ],
        operand: COMMAND,
        ..Tool::PLAIN
    },
    Tool {
        names: &["run-parts"],
        options: &[("-a", Word), ("--arg", Word), ("--regex", Word), ("-u", Word)],
        operand: Operand::Directory,
        ..Tool::PLAIN
    },
    Tool {
        names: &["start-stop-daemon"],
        options: &[
            ("-x", Command),
            ("--exec", Command),
            ("-a", Command),
            ("--startas", Command),
            ("-n", Word),
            ("--name", Word),
            ("-p", Word),
            ("--pidfile", Word),
            ("-u", Word),
            ("--user", Word),
            ("-c", Word),
            ("--chuid", Word),
            ("-d", Directory),
            ("--chdir", Directory),
        ],
        order: Order::Mixed,
        ..Tool::PLAIN
    },
    Tool {
        // The loader of the system, which runs the program that it is told.
        names: &[
            "ld.so",
            "ld-linux.so",
            "ld-linux-x86-64.so",
            "ld-linux-aarch64.so",
            "ld-linux-armhf.so",
            "ld-musl-x86_64.so",
            "ld-musl-aarch64.so",
        ],
        options: &[
            ("--library-path", Word),
            ("--inhibit-rpath", Word),
            ("--preload", Named),
            ("--audit", Named),
            ("--argv0", Word),
            ("--glibc-hwcaps-prepend", Word),
            ("--glibc-hwcaps-mask", Word),
        ],
        operand: COMMAND,
        note: Some("libraries are not part of this"),
        ..Tool::PLAIN
    },
    Tool {
        names: &["uv", "poetry", "pipenv", "hatch", "rye", "pdm", "bundle", "direnv", "mise"],
        operand: Operand::Verb(&[(&["run", "exec"], &INNER)]),
        ..Tool::PLAIN
    },
];

static INNER: Tool = Tool {
    options: &[("--with", Word), ("--python", Word), ("-p", Word), ("--group", Word)],
    operand: COMMAND,
    note: Some("the command is looked up in an environment of that program's making"),
    ..Tool::PLAIN
};
