//! Programs that run another command of their arguments.

use super::super::tool::{Operand, Takes, Tool};
use Takes::{Directory, Word, Words};

const COMMAND: Operand = Operand::Command { after: 0 };
const OTHER_RULES: Option<&str> =
    Some("the command runs as another user, with a PATH and environment of that program's making");

pub(super) const TOOLS: &[Tool] = &[
    Tool {
        names: &["env"],
        options: &[
            ("-u", Word),
            ("--unset", Word),
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
        names: &["taskset", "chrt", "faketime", "chroot"],
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
        ],
        operand: COMMAND,
        ..Tool::PLAIN
    },
    Tool {
        names: &["ssh", "mosh", "rsh", "slogin"],
        note: Some("what runs on the other machine is not part of this"),
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
