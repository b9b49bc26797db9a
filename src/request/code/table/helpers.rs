//! Programs that run another command by one of their options.

use super::super::tool::{Operand, Order, Takes, Tool};
use Takes::{Command, Commands, Directory, File, Named, Word};

pub(super) const TOOLS: &[Tool] = &[
    Tool {
        names: &["find", "gfind"],
        options: &[
            ("-exec", Commands),
            ("-execdir", Commands),
            ("-ok", Commands),
            ("-okdir", Commands),
        ],
        order: Order::Mixed,
        ..Tool::PLAIN
    },
    Tool {
        names: &["fd", "fdfind"],
        options: &[
            ("-x", Commands),
            ("-X", Commands),
            ("--exec", Commands),
            ("--exec-batch", Commands),
        ],
        order: Order::Mixed,
        ..Tool::PLAIN
    },
    Tool {
        names: &["tar", "gtar", "bsdtar"],
        options: &[
            ("-I", Command),
            ("--use-compress-program", Command),
            ("--to-command", Command),
            ("--checkpoint-action", Named),
            ("-F", Command),
            ("--info-script", Command),
            ("--new-volume-script", Command),
            ("--rsh-command", Command),
            ("--rmt-command", Word),
            ("-f", Word),
            ("--file", Word),
            ("-C", Word),
            ("--directory", Word),
            ("-T", Word),
            ("-X", Word),
            ("-b", Word),
            ("-g", Word),
            ("-H", Word),
            ("-K", Word),
            ("-L", Word),
            ("-N", Word),
            ("-V", Word),
        ],
        order: Order::Mixed,
        ..Tool::PLAIN
    },
    Tool {
        names: &["rsync"],
        options: &[
            ("-e", Command),
            ("--rsh", Command),
            ("--rsync-path", Word),
            ("-f", Word),
            ("-T", Word),
            ("-B", Word),
            ("-M", Word),
        ],
        order: Order::Mixed,
        ..Tool::PLAIN
    },
    Tool {
        names: &["ssh", "rsh", "slogin"],
        options: &[
            ("-o", Named),
            ("-F", Named),
            ("-I", Named),
            ("-p", Word),
            ("-i", Word),
            ("-l", Word),
            ("-J", Word),
        ],
        order: Order::Mixed,
        note: REMOTE,
        ..Tool::PLAIN
    },
    Tool {
        names: &["mosh"],
        options: &[("--ssh", Command), ("--client", Command)],
        note: REMOTE,
        ..Tool::PLAIN
    },
    Tool {
        names: &["scp", "sftp"],
        options: &[
            ("-S", Command),
            ("-o", Named),
            ("-F", Named),
            ("-b", File),
            ("-P", Word),
            ("-i", Word),
            ("-l", Word),
            ("-J", Word),
        ],
        order: Order::Mixed,
        ..Tool::PLAIN
    },
    Tool {
        names: &["sort", "gsort"],
        options: &[("--compress-program", Command)],
        order: Order::Mixed,
        ..Tool::PLAIN
    },
    Tool {
        names: &["split", "gsplit"],
        options: &[("--filter", Command)],
        order: Order::Mixed,
        ..Tool::PLAIN
    },
    Tool {
        names: &["install", "ginstall"],
        options: &[("--strip-program", Command)],
        order: Order::Mixed,
        ..Tool::PLAIN
    },
    Tool {
        names: &["git"],
        options: &[
            ("-c", Named),
            ("-C", Directory),
            ("--git-dir", Word),
            ("--work-tree", Word),
            ("--namespace", Word),
            ("--config-env", Word),
        ],
        operand: Operand::Verb(&[
            (
                &[
                    "archive",
                    "clone",
                    "difftool",
                    "fetch",
                    "fetch-pack",
                    "filter-branch",
                    "ls-remote",
                    "pull",
                    "push",
                    "rebase",
                    "send-pack",
                ],
                &GIT_VERB,
            ),
            (&["bisect"], &GIT_BISECT),
            (&["submodule"], &GIT_SUBMODULE),
        ]),
        ..Tool::PLAIN
    },
];

const REMOTE: Option<&str> = Some("what runs on the other machine is not part of this");

static GIT_VERB: Tool = Tool {
    options: &[
        ("-x", Command),
        ("--exec", Command),
        ("--extcmd", Command),
        ("--upload-pack", Command),
        ("--receive-pack", Command),
        ("--setup", Named),
        ("--env-filter", Named),
        ("--tree-filter", Named),
        ("--index-filter", Named),
        ("--parent-filter", Named),
        ("--msg-filter", Named),
        ("--commit-filter", Named),
        ("--tag-name-filter", Named),
        ("-c", Named),
        ("--config", Named),
    ],
    order: Order::Mixed,
    ..Tool::PLAIN
};

static GIT_BISECT: Tool = Tool { operand: Operand::Verb(&[(&["run"], &INNER)]), ..Tool::PLAIN };

static GIT_SUBMODULE: Tool =
    Tool { operand: Operand::Verb(&[(&["foreach"], &INNER)]), ..Tool::PLAIN };

static INNER: Tool = Tool { operand: Operand::Command { after: 0 }, ..Tool::PLAIN };
