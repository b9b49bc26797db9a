//! Programs that run what a file in their directory describes.

use super::super::tool::{Defaults, Operand, Order, Takes, Tool};
use Takes::{Directory, File, Joined, Named, Query, Word};

/// Files that a build describes in files of its own.
const INCLUDES: Option<&str> =
    Some("what its file includes or calls is not part of this and is not compared");

pub(super) const TOOLS: &[Tool] = &[
    Tool {
        names: &["make", "gmake"],
        options: &[
            ("-f", File),
            ("--file", File),
            ("--makefile", File),
            ("-C", Directory),
            ("--directory", Directory),
            ("-I", Word),
            ("--include-dir", Word),
            ("-o", Word),
            ("-W", Word),
            ("-E", Named),
            ("--eval", Named),
            ("-j", Joined),
            ("-l", Joined),
            ("-O", Joined),
            ("-v", Query),
            ("--version", Query),
            ("-h", Query),
            ("--help", Query),
        ],
        operand: Operand::Assignments,
        order: Order::Mixed,
        defaults: Defaults::Here(&["GNUmakefile", "makefile", "Makefile"]),
        note: INCLUDES,
    },
    Tool {
        names: &["ninja", "samu"],
        options: &[("-f", File), ("-C", Directory), ("-j", Word), ("-k", Word), ("-l", Word)],
        order: Order::Mixed,
        defaults: Defaults::Here(&["build.ninja"]),
        note: INCLUDES,
        ..Tool::PLAIN
    },
    Tool {
        names: &["just"],
        options: &[
            ("-f", File),
            ("--justfile", File),
            ("-d", Word),
            ("--working-directory", Word),
            ("--set", Word),
            ("--version", Query),
        ],
        order: Order::Mixed,
        defaults: Defaults::Above(&["justfile", "Justfile", ".justfile"]),
        note: INCLUDES,
        ..Tool::PLAIN
    },
    Tool {
        names: &["task", "go-task"],
        options: &[("-t", File), ("--taskfile", File), ("-d", Directory), ("--dir", Directory)],
        order: Order::Mixed,
        defaults: Defaults::Above(&[
            "Taskfile.yml",
            "taskfile.yml",
            "Taskfile.yaml",
            "taskfile.yaml",
        ]),
        note: INCLUDES,
        ..Tool::PLAIN
    },
    Tool {
        names: &["rake"],
        options: &[("-f", File), ("--rakefile", File), ("-I", Word), ("-r", Word)],
        order: Order::Mixed,
        defaults: Defaults::Above(&["rakefile", "Rakefile", "rakefile.rb", "Rakefile.rb"]),
        note: INCLUDES,
        ..Tool::PLAIN
    },
    Tool {
        names: &["npm", "pnpm", "yarn"],
        options: &[
            ("--prefix", Directory),
            ("-C", Directory),
            ("--dir", Directory),
            ("--cwd", Directory),
            ("-w", Word),
            ("--workspace", Word),
        ],
        order: Order::Mixed,
        defaults: Defaults::Above(&["package.json"]),
        note: Some("files that its scripts call and packages are not part of this"),
        ..Tool::PLAIN
    },
    Tool {
        names: &["npx", "pnpx", "bunx", "uvx", "pipx"],
        note: Some("the package that runs may be fetched from the network"),
        ..Tool::PLAIN
    },
    Tool {
        names: &["cargo"],
        options: &[("--manifest-path", File), ("-C", Directory)],
        order: Order::Mixed,
        defaults: Defaults::Above(&["Cargo.toml"]),
        note: Some("sources, build scripts and dependencies are not part of this"),
        ..Tool::PLAIN
    },
    Tool {
        names: &["go"],
        options: &[("-C", Directory)],
        operand: Operand::Verb(&[(&["run"], &GO_RUN)]),
        note: Some("files and modules it is not told by name are not part of this"),
        ..Tool::PLAIN
    },
    Tool {
        names: &["cmake"],
        options: &[("-P", File), ("-C", File)],
        order: Order::Mixed,
        note: INCLUDES,
        ..Tool::PLAIN
    },
    Tool {
        names: &["mvn", "gradle", "ant"],
        options: &[
            ("-f", File),
            ("--file", File),
            ("-b", File),
            ("--build-file", File),
            ("-c", File),
            ("-s", File),
        ],
        order: Order::Mixed,
        note: INCLUDES,
        ..Tool::PLAIN
    },
    Tool {
        names: &["docker", "podman", "nerdctl"],
        options: &[
            ("-H", Word),
            ("--host", Word),
            ("-c", Word),
            ("--context", Word),
            ("--config", Word),
            ("-l", Word),
            ("--log-level", Word),
        ],
        operand: Operand::Verb(&[
            (&["build"], &IMAGE),
            (&["buildx", "image", "builder"], &IMAGE_GROUP),
            (&["compose"], &COMPOSE),
        ]),
        ..Tool::PLAIN
    },
    Tool { names: &["docker-compose", "podman-compose"], ..COMPOSE },
    Tool {
        names: &["kubectl", "oc"],
        options: &[
            ("-n", Word),
            ("--namespace", Word),
            ("--context", Word),
            ("--kubeconfig", File),
        ],
        operand: Operand::Verb(&[(&["apply", "create", "replace", "delete"], &MANIFEST)]),
        ..Tool::PLAIN
    },
    Tool {
        names: &["ansible-playbook"],
        options: &[
            ("-i", Word),
            ("-e", Word),
            ("-l", Word),
            ("-t", Word),
            ("-u", Word),
            ("-M", Word),
            ("-c", Word),
            ("--inventory", Word),
            ("--extra-vars", Word),
            ("--limit", Word),
            ("--tags", Word),
            ("--skip-tags", Word),
        ],
        operand: Operand::Files(""),
        order: Order::Mixed,
        note: INCLUDES,
        ..Tool::PLAIN
    },
    Tool {
        names: &["pytest", "py.test", "tox", "pre-commit", "gunicorn", "supervisord", "nginx"],
        options: &[("-c", File), ("--config", File), ("--config-file", File)],
        order: Order::Mixed,
        note: Some("files that it finds by itself, as tests and conftest.py, are not part of this"),
        ..Tool::PLAIN
    },
    Tool {
        names: &["eslint", "jest", "vitest", "vite", "webpack", "rollup", "prettier", "tsc"],
        options: &[("-c", File), ("--config", File), ("-p", File), ("--project", File)],
        order: Order::Mixed,
        note: INCLUDES,
        ..Tool::PLAIN
    },
    Tool {
        names: &["curl"],
        options: &[("-K", File), ("--config", File)],
        order: Order::Mixed,
        ..Tool::PLAIN
    },
    Tool { names: &["wget"], options: &[("--config", File)], order: Order::Mixed, ..Tool::PLAIN },
];

static GO_RUN: Tool = Tool {
    options: &[("-exec", Word), ("-mod", Word)],
    operand: Operand::Files(".go"),
    ..Tool::PLAIN
};

static IMAGE: Tool = Tool {
    options: &[
        ("-f", File),
        ("--file", File),
        ("-t", Word),
        ("--tag", Word),
        ("-o", Word),
        ("--output", Word),
        ("--build-arg", Word),
        ("--build-context", Word),
        ("--cache-from", Word),
        ("--cache-to", Word),
        ("--iidfile", Word),
        ("--label", Word),
        ("--network", Word),
        ("--platform", Word),
        ("--progress", Word),
        ("--secret", Word),
        ("--ssh", Word),
        ("--target", Word),
    ],
    order: Order::Mixed,
    defaults: Defaults::InOperand("Dockerfile"),
    note: Some("the files of the build's context are not part of this"),
    ..Tool::PLAIN
};

static IMAGE_GROUP: Tool = Tool { operand: Operand::Verb(&[(&["build"], &IMAGE)]), ..Tool::PLAIN };

const COMPOSE: Tool = Tool {
    options: &[
        ("-f", File),
        ("--file", File),
        ("-p", Word),
        ("--project-name", Word),
        ("--profile", Word),
        ("--env-file", Word),
        ("--project-directory", Word),
    ],
    defaults: Defaults::Above(&[
        "compose.yaml",
        "compose.yml",
        "docker-compose.yml",
        "docker-compose.yaml",
    ]),
    note: INCLUDES,
    ..Tool::PLAIN
};

static MANIFEST: Tool = Tool {
    options: &[("-f", File), ("--filename", File), ("-n", Word), ("-l", Word), ("-o", Word)],
    order: Order::Mixed,
    ..Tool::PLAIN
};
