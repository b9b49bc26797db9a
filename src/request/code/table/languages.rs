//! Shells and languages: programs whose operand is a program.

use super::super::tool::{Operand, Order, Takes, Tool};
use Takes::{
    Digits, Directory, File, Input, Joined, Module, Named, NextWord, Nothing, Query, Text,
    TextOperand, Word,
};

pub(super) const TOOLS: &[Tool] = &[
    Tool {
        names: &["sh", "dash", "ash", "bash", "rbash"],
        options: &[
            ("-c", TextOperand),
            ("-s", Input),
            ("-o", NextWord),
            ("-O", NextWord),
            ("+o", NextWord),
            ("+O", NextWord),
            ("--rcfile", File),
            ("--init-file", File),
            ("--norc", Nothing),
            ("--noprofile", Nothing),
            ("--posix", Nothing),
            ("--login", Nothing),
            ("--verbose", Nothing),
            ("--version", Query),
            ("--help", Query),
        ],
        operand: Operand::Script,
        ..Tool::PLAIN
    },
    Tool {
        names: &["csh", "tcsh"],
        options: &[("-c", Text), ("-s", Input), ("--version", Query), ("--help", Query)],
        operand: Operand::Script,
        ..Tool::PLAIN
    },
    Tool {
        names: &["zsh", "ksh", "ksh93", "mksh", "yash"],
        options: &[
            ("-c", TextOperand),
            ("-s", Input),
            ("-o", Word),
            ("-O", Word),
            ("+o", Word),
            ("+O", Word),
            ("--rcfile", File),
            ("--init-file", File),
            ("--version", Query),
            ("--help", Query),
        ],
        operand: Operand::Script,
        ..Tool::PLAIN
    },
    Tool {
        names: &["fish"],
        options: &[
            ("-c", Text),
            ("--command", Text),
            ("-C", Word),
            ("--init-command", Word),
            ("-d", Word),
            ("-o", Word),
            ("-v", Query),
            ("--version", Query),
            ("-h", Query),
            ("--help", Query),
        ],
        operand: Operand::Program,
        ..Tool::PLAIN
    },
    Tool {
        names: &["python", "pypy", "ipython", "micropython"],
        options: &[
            ("-c", Text),
            ("-m", Module),
            ("-W", Word),
            ("-X", Word),
            ("--check-hash-based-pycs", Word),
            ("-V", Query),
            ("--version", Query),
            ("-h", Query),
            ("--help", Query),
        ],
        operand: Operand::Program,
        ..Tool::PLAIN
    },
    Tool {
        names: &["node", "nodejs"],
        options: &[
            ("-e", Text),
            ("--eval", Text),
            ("-p", Text),
            ("-pe", Text),
            ("--print", Text),
            ("-r", File),
            ("--require", File),
            ("--import", File),
            ("--loader", File),
            ("--experimental-loader", File),
            ("-C", Word),
            ("--conditions", Word),
            ("--title", Word),
            ("--env-file", Word),
            ("--input-type", Word),
            ("--no-warnings", Nothing),
            ("--no-deprecation", Nothing),
            ("--trace-warnings", Nothing),
            ("--trace-uncaught", Nothing),
            ("--enable-source-maps", Nothing),
            ("--experimental-strip-types", Nothing),
            ("--inspect", Nothing),
            ("--inspect-brk", Nothing),
            ("--watch", Nothing),
            ("--test", Nothing),
            ("--check", Nothing),
            ("-v", Query),
            ("--version", Query),
            ("-h", Query),
            ("--help", Query),
        ],
        operand: Operand::Program,
        ..Tool::PLAIN
    },
    Tool {
        names: &["tsx", "ts-node", "esr", "coffee"],
        options: &[("-e", Text), ("-r", File), ("--require", File), ("-P", File), ("-v", Query)],
        operand: Operand::Program,
        ..Tool::PLAIN
    },
    Tool {
        names: &["deno", "bun"],
        options: &[("--config", File), ("-c", File), ("--cwd", Directory)],
        operand: Operand::Verb(&[(&["run", "test", "serve", "bench"], &RUN_FILE)]),
        note: Some("scripts it is not told by name are not part of this"),
        ..Tool::PLAIN
    },
    Tool {
        names: &["perl"],
        options: &[
            ("-e", Text),
            ("-E", Text),
            ("-I", Word),
            ("-0", Digits),
            ("-l", Digits),
            ("-M", Joined),
            ("-m", Joined),
            ("-i", Joined),
            ("-F", Joined),
            ("-C", Joined),
            ("-D", Joined),
            ("-d", Joined),
            ("-x", Joined),
            ("-v", Query),
            ("-V", Query),
            ("-h", Query),
        ],
        operand: Operand::Program,
        ..Tool::PLAIN
    },
    Tool {
        names: &["ruby", "jruby", "irb"],
        options: &[
            ("-e", Text),
            ("-I", Word),
            ("-r", Word),
            ("-C", Directory),
            ("-E", Word),
            ("-0", Digits),
            ("-F", Joined),
            ("-i", Joined),
            ("-K", Joined),
            ("-T", Joined),
            ("-W", Joined),
            ("-x", Joined),
            ("-v", Query),
            ("--version", Query),
            ("-h", Query),
            ("--help", Query),
        ],
        operand: Operand::Program,
        ..Tool::PLAIN
    },
    Tool {
        names: &["php"],
        options: &[
            ("-r", Text),
            ("-B", Text),
            ("-R", Text),
            ("-E", Text),
            ("-f", File),
            ("-F", File),
            ("-c", File),
            ("-d", Word),
            ("-z", Word),
            ("-S", Word),
            ("-t", Word),
            ("-i", Query),
            ("-m", Query),
            ("-v", Query),
            ("--version", Query),
            ("-h", Query),
            ("--help", Query),
        ],
        operand: Operand::Program,
        ..Tool::PLAIN
    },
    Tool {
        names: &["lua", "luajit", "texlua"],
        options: &[("-e", Text), ("-l", Word), ("-i", Input), ("-v", Query)],
        operand: Operand::Besides,
        ..Tool::PLAIN
    },
    Tool {
        names: &["tclsh", "wish", "guile", "julia", "elixir", "groovy", "Rscript", "swipl"],
        options: &[
            ("-e", Text),
            ("-c", Text),
            ("-E", Text),
            ("--eval", Text),
            ("-l", File),
            ("-L", Word),
            ("--version", Query),
            ("--help", Query),
        ],
        operand: Operand::Program,
        ..Tool::PLAIN
    },
    Tool {
        names: &["R"],
        options: &[("-f", File), ("--file", File), ("-e", Text), ("--version", Query)],
        operand: Operand::Program,
        ..Tool::PLAIN
    },
    Tool {
        names: &["expect"],
        options: &[("-f", File), ("-b", File), ("-c", Word), ("-v", Query)],
        operand: Operand::Program,
        ..Tool::PLAIN
    },
    Tool {
        names: &["pwsh", "powershell"],
        options: &[
            ("-c", Text),
            ("-Command", Text),
            ("-EncodedCommand", Text),
            ("-File", File),
            ("-f", File),
            ("-WorkingDirectory", Directory),
            ("-Version", Query),
            ("--version", Query),
        ],
        operand: Operand::Program,
        ..Tool::PLAIN
    },
    Tool {
        names: &["osascript"],
        options: &[("-e", Text), ("-l", Word), ("-s", Word)],
        operand: Operand::Program,
        ..Tool::PLAIN
    },
    Tool {
        names: &["java", "javaw"],
        options: &[
            ("-jar", File),
            ("-cp", Word),
            ("-classpath", Word),
            ("--class-path", Word),
            ("-p", Word),
            ("--module-path", Word),
            ("-m", Module),
            ("--module", Module),
            ("--add-modules", Word),
            ("--add-opens", Word),
            ("--add-exports", Word),
            ("--source", Word),
        ],
        operand: Operand::Source(".java"),
        ..Tool::PLAIN
    },
    Tool {
        names: &["awk", "gawk", "mawk", "nawk"],
        options: &[
            ("-f", File),
            ("--file", File),
            ("-i", File),
            ("--include", File),
            ("-E", File),
            ("--exec", File),
            ("-e", Word),
            ("--source", Word),
            ("-F", Word),
            ("-v", Word),
            ("--assign", Word),
        ],
        ..Tool::PLAIN
    },
    Tool {
        names: &["sed", "gsed"],
        options: &[
            ("-f", File),
            ("--file", File),
            ("-e", Word),
            ("--expression", Word),
            ("-i", Joined),
        ],
        order: Order::Mixed,
        ..Tool::PLAIN
    },
    Tool {
        names: &["jq", "yq"],
        options: &[("-f", File), ("--from-file", File), ("-L", Word)],
        order: Order::Mixed,
        ..Tool::PLAIN
    },
    Tool {
        names: &["psql"],
        options: &[
            ("-f", File),
            ("--file", File),
            ("-c", Word),
            ("-d", Word),
            ("-h", Word),
            ("-p", Word),
            ("-U", Word),
            ("-v", Word),
            ("-o", Word),
        ],
        order: Order::Mixed,
        ..Tool::PLAIN
    },
    Tool {
        names: &["gdb", "lldb"],
        options: &[
            ("-x", File),
            ("-ix", File),
            ("--command", File),
            ("-s", File),
            ("--source", File),
        ],
        order: Order::Mixed,
        ..Tool::PLAIN
    },
    Tool {
        names: &["emacs"],
        options: &[
            ("--script", File),
            ("-script", File),
            ("-l", File),
            ("--load", File),
            ("--eval", Word),
            ("-f", Word),
        ],
        order: Order::Mixed,
        ..Tool::PLAIN
    },
    Tool {
        names: &["vim", "nvim", "vi"],
        // In Ex mode -s takes nothing.
        options: &[("-S", File), ("-u", File), ("-s", Named), ("-c", Named), ("--cmd", Named)],
        order: Order::Mixed,
        ..Tool::PLAIN
    },
];

static RUN_FILE: Tool = Tool {
    options: &[
        ("--config", File),
        ("-c", File),
        ("--import-map", File),
        ("--preload", File),
        ("--allow-all", Nothing),
        ("--allow-env", Nothing),
        ("--allow-net", Nothing),
        ("--allow-read", Nothing),
        ("--allow-run", Nothing),
        ("--allow-sys", Nothing),
        ("--allow-write", Nothing),
        ("--no-check", Nothing),
        ("--no-prompt", Nothing),
        ("--quiet", Nothing),
        ("--watch", Nothing),
    ],
    operand: Operand::File,
    ..Tool::PLAIN
};
