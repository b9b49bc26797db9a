//! Programs that run other programs, or text, or can write anywhere.
//!
//! An allow rule covers them only in exactly the words it has: what comes behind
//! decides what they do.

use super::wrappers::{WRAPPERS, is_loader};
use crate::policy::words::base_name;

/// What makes a program one that a prefix must never cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::policy) enum Carrier {
    /// It runs the command in its arguments.
    Wrapper,
    /// It runs a script, and without one what comes from standard input.
    Interpreter,
    /// It changes the shell it is built into.
    Builtin,
    /// It can start programs or write files by its options.
    Versatile,
}

const INTERPRETERS: &[&str] = &[
    "sh",
    "bash",
    "dash",
    "zsh",
    "ksh",
    "mksh",
    "fish",
    "ash",
    "csh",
    "tcsh",
    "pwsh",
    "elvish",
    "nu",
    "python",
    "pypy",
    "perl",
    "ruby",
    "node",
    "nodejs",
    "deno",
    "bun",
    "lua",
    "luajit",
    "php",
    "rscript",
    "r",
    "tclsh",
    "wish",
    "expect",
    "osascript",
    "java",
    "groovy",
    "scala",
    "julia",
    "ghci",
    "irb",
    "guile",
    "racket",
    "ocaml",
    "erl",
    "elixir",
    "iex",
    "ts-node",
    "tsx",
    "bc",
    "dc",
    "psql",
    "mysql",
    "sqlite3",
    "jshell",
    "swift",
];

const BUILTINS: &[&str] = &[
    "eval",
    "source",
    ".",
    "set",
    "shopt",
    "export",
    "declare",
    "typeset",
    "local",
    "readonly",
    "unset",
    "alias",
    "unalias",
    "trap",
    "hash",
    "history",
    "fc",
    "enable",
    "bind",
    "complete",
    "compgen",
    "mapfile",
    "readarray",
    "read",
    "let",
    "pushd",
    "popd",
    "umask",
    "ulimit",
    "wait",
    "getopts",
    "shift",
    "fg",
    "bg",
    "disown",
    "suspend",
    "logout",
    "[[",
    "caller",
    "dirs",
    "jobs",
    "kill",
    "return",
    "break",
    "continue",
];

const VERSATILE: &[&str] = &[
    "ssh",
    "scp",
    "sftp",
    "rsync",
    "curl",
    "wget",
    "vi",
    "vim",
    "nvim",
    "view",
    "emacs",
    "nano",
    "ed",
    "ex",
    "less",
    "more",
    "most",
    "man",
    "info",
    "bat",
    "batcat",
    "fzf",
    "tar",
    "bsdtar",
    "zip",
    "unzip",
    "7z",
    "cpio",
    "at",
    "batch",
    "crontab",
    "npx",
    "bunx",
    "pnpm",
    "yarn",
    "pip",
    "pipx",
    "uv",
    "uvx",
    "poetry",
    "pipenv",
    "hatch",
    "rye",
    "pdm",
    "direnv",
    "mise",
    "cmake",
    "ninja",
    "ctest",
    "gradle",
    "mvn",
    "ansible",
    "terraform",
    "helm",
    "aws",
    "gcloud",
    "az",
    "gcc",
    "g++",
    "cc",
    "clang",
    "ld",
    "m4",
    "gpg",
    "openssl",
    "nc",
    "ncat",
    "socat",
    "telnet",
    "ftp",
    "screen",
    "tmux",
    "byobu",
    "dd",
    "install",
    "patch",
    "hg",
    "svn",
    "gem",
    "bundle",
    "rake",
    "rustc",
    "rustup",
    "dotnet",
    "tsc",
    "eslint",
    "prettier",
    "jest",
    "vitest",
    "mocha",
    "tox",
    "nox",
    "pre-commit",
    "yq",
    "ag",
    "ack",
    "exiftool",
    "ffmpeg",
    "convert",
    "split",
    "csplit",
    "shuf",
    "tee",
    "ln",
    "chmod",
    "chown",
    "mount",
    "systemctl",
    "service",
];

/// Returns what makes a program one that a prefix must never cover, if anything.
///
/// A version at the end of its name makes no difference: `python3.12`, `lua5.4`.
pub(in crate::policy) fn carrier(word: &[u8]) -> Option<Carrier> {
    let name = base_name(word).to_ascii_lowercase();
    if is_loader(&name) {
        return Some(Carrier::Wrapper);
    }
    let end = name
        .iter()
        .rposition(|byte| !(byte.is_ascii_digit() || b".-_".contains(byte)))
        .map_or(name.len(), |last| last + 1);
    let unversioned = &name[..end];
    let has_version = end < name.len();
    let initial = name.first();
    let listed = |list: &[&str]| {
        list.iter().any(|known| {
            let known = known.as_bytes();
            known.first() == initial && (known == unversioned || has_version && known == name)
        })
    };
    [
        (WRAPPERS, Carrier::Wrapper),
        (INTERPRETERS, Carrier::Interpreter),
        (BUILTINS, Carrier::Builtin),
        (VERSATILE, Carrier::Versatile),
    ]
    .into_iter()
    .find_map(|(list, kind)| listed(list).then_some(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_makes_no_difference() {
        for name in ["python3.12", "/usr/bin/lua5.4", "php8.2", "ruby3.2", "python3", "perl"] {
            assert_eq!(carrier(name.as_bytes()), Some(Carrier::Interpreter), "{name}");
        }
        for name in
            ["xargs", "setarch", "x86_64", "/lib64/ld-linux-x86-64.so.2", "ld.so", "prlimit"]
        {
            assert_eq!(carrier(name.as_bytes()), Some(Carrier::Wrapper), "{name}");
        }
        for name in ["ld.gold", "ldd", "ldconfig", "x86"] {
            assert_eq!(carrier(name.as_bytes()), None, "{name}");
        }
        assert_eq!(carrier(b"frobnicate"), None);
    }
}
