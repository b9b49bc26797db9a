//! What around a command could make it do something else.
//!
//! An allowed command runs without a person, so what changes its meaning from
//! outside must be looked at too. Asking whenever any such variable is set would
//! make every developer's `git status` a question, so each variable counts where
//! it can do harm:
//!
//! - loader variables, for every program;
//! - `GIT_*` and pagers, for git, where pagers that are `less` and its like are fine;
//! - what a language's tools obey, for tool chains, and for programs that are allowed
//!   by a rule and that no table knows;
//! - whom to ask, for programs that use credentials.
//!
//! So `VIRTUAL_ENV`, `CARGO_HOME`, `NODE_EXTRA_CA_CERTS` or `EDITOR` keep nobody from
//! `git status`, and `LD_PRELOAD`, `GIT_EXTERNAL_DIFF` or `PAGER='sh -c ...'` do. A
//! person says otherwise with `trust.environment = ["NAME=value"]`: exactly that value.
//!
//! `HOME` and `XDG_CONFIG_HOME` are not looked at. They say whose policy this is, so
//! whoever sets them has more than this could protect; only a locked system policy
//! holds against that.

use super::tool::{Effect, Family};
use crate::process::Environment;

/// What sort of command is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Program {
    /// A tool with a table, and what it does in this use.
    Known(Family, Effect),
    /// A program that no table knows, allowed by a rule.
    Unknown,
}

/// Returns the name of the first variable that keeps the command from running unasked.
pub(super) fn disturbing<'e>(
    environment: &'e Environment,
    program: Program,
    name: &[u8],
    trusted: &[Vec<u8>],
) -> Option<&'e str> {
    let entries = environment.entries().map(std::ffi::CStr::to_bytes);
    let mut disturbing = entries.filter(|entry| !trusted.iter().any(|each| each == entry));
    disturbing.find_map(|entry| {
        let end = entry.iter().position(|byte| *byte == b'=')?;
        let (variable, value) = (&entry[..end], &entry[end + 1..]);
        disturbs(variable, value, program, name)
            .then(|| std::str::from_utf8(variable).unwrap_or("a variable with an odd name"))
    })
}

fn disturbs(variable: &[u8], value: &[u8], program: Program, name: &[u8]) -> bool {
    // Most variables begin with none of these: the common case is one comparison.
    let starts =
        |prefixes: &[&str]| prefixes.iter().any(|each| variable.starts_with(each.as_bytes()));
    let is = |names: &[&str]| names.iter().any(|each| each.as_bytes() == variable);
    if starts(LOADER_PREFIXES) || is(LOADER) {
        return true;
    }
    if is(PLAIN_VALUES) || variable.starts_with(b"LC_") {
        // sudo's env_check: a path or a format in these reaches the C library.
        return value.contains(&b'/') && variable != b"TZ" || value.contains(&b'%');
    }
    match program {
        Program::Known(Family::Plain, _) => is_own_setting(variable, name),
        Program::Known(Family::Git, effect) => {
            let is_harmless =
                starts(GIT_HARMLESS) || effect != Effect::Acts && starts(GIT_HARMLESS_TO_READERS);
            starts(&["GIT_"]) && !is_harmless && !is_plain_git_pager(variable, value)
                || variable == b"PAGER" && !is_plain_pager(value)
        }
        Program::Known(Family::GitHost, _)
            if starts(&["GIT_"])
                && !starts(GIT_HARMLESS)
                && !is_plain_git_pager(variable, value) =>
        {
            true
        }
        Program::Known(Family::Shell, _) => is(SHELL) || starts(&["BASH_"]),
        Program::Known(Family::Cloud | Family::GitHost, _) => {
            is(CLOUD) || starts(&["DOCKER_"]) || variable == b"PAGER" && !is_plain_pager(value)
        }
        Program::Known(Family::Build, _) | Program::Unknown => {
            is(SHELL)
                || starts(&["BASH_FUNC_"])
                || crate::request::changes_what_runs(variable)
                    && !is(ORDINARY)
                    && !starts(ORDINARY_PREFIXES)
        }
    }
}

/// Variables from which one program takes options.
fn is_own_setting(variable: &[u8], name: &[u8]) -> bool {
    match name {
        b"rg" => variable == b"RIPGREP_CONFIG_PATH",
        b"file" => variable == b"MAGIC",
        b"grep" => variable == b"GREP_OPTIONS",
        b"awk" | b"gawk" => variable == b"AWKPATH" || variable == b"AWKLIBPATH",
        _ => false,
    }
}

fn is_plain_git_pager(variable: &[u8], value: &[u8]) -> bool {
    variable == b"GIT_PAGER" && is_plain_pager(value)
}

/// Tells whether a pager is one of the usual programs with nothing but flags.
fn is_plain_pager(value: &[u8]) -> bool {
    let mut words = value.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    let Some(program) = words.next() else { return true };
    let usual: [&[u8]; 5] = [b"less", b"more", b"cat", b"/usr/bin/less", b"delta"];
    let is_flags =
        |word: &[u8]| word.starts_with(b"-") && word[1..].iter().all(u8::is_ascii_alphanumeric);
    usual.contains(&program) && words.all(is_flags)
}

const LOADER_PREFIXES: &[&str] = &["LD_", "DYLD_", "_RLD"];
const LOADER: &[&str] =
    // POSIXLY_CORRECT: behind an operand options are operands, such as a script of sed.
    &[
        "LIBPATH",
        "SHLIB_PATH",
        "GLIBC_TUNABLES",
        "GCONV_PATH",
        "LOCPATH",
        "NLSPATH",
        "BASH_ENV",
        "POSIXLY_CORRECT",
    ];
const PLAIN_VALUES: &[&str] = &["LANG", "LANGUAGE", "TERM", "TZ", "COLORTERM"];
const GIT_HARMLESS: &[&str] = &[
    "GIT_AUTHOR_",
    "GIT_COMMITTER_",
    "GIT_EDITOR",
    "GIT_SEQUENCE_EDITOR",
    "GIT_TERMINAL_PROMPT",
    "GIT_OPTIONAL_LOCKS",
    "GIT_ASKPASS",
    "GIT_MERGE_AUTOEDIT",
    "GIT_PS1_",
    "GIT_COMPLETION_",
];
/// Whom to believe on the way to a server, which what only reads has no use for.
const GIT_HARMLESS_TO_READERS: &[&str] =
    &["GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_CURL_VERBOSE", "GIT_HTTP_"];
const SHELL: &[&str] = &["ENV", "SHELLOPTS", "BASHOPTS", "PS4", "IFS", "CDPATH", "GLOBIGNORE"];
const CLOUD: &[&str] =
    &["KUBECONFIG", "GH_HOST", "GH_REPO", "GH_CONFIG_DIR", "GH_FORCE_TTY", "GH_PAGER"];
const ORDINARY: &[&str] = &[
    "PATH",
    "PWD",
    "OLDPWD",
    "HOME",
    "SHELL",
    "TMPDIR",
    "HISTFILE",
    "SSH_AUTH_SOCK",
    "PAGER",
    "MANPAGER",
    "BAT_PAGER",
    "SYSTEMD_PAGER",
    "LESS",
    "LESSOPEN",
    "LESSCLOSE",
    "EDITOR",
    "VISUAL",
    "BROWSER",
    "XDG_CONFIG_HOME",
    "INPUTRC",
    "TERMCAP",
    "NO_PROXY",
    "no_proxy",
];
const ORDINARY_PREFIXES: &[&str] =
    &["TERMINFO", "XDG_DATA_", "GIT_AUTHOR_", "GIT_COMMITTER_", "GIT_EDITOR"];

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsString;

    fn found(program: Program, variables: &[(&str, &str)]) -> Option<String> {
        let environment: Environment =
            variables.iter().map(|(n, v)| (OsString::from(n), OsString::from(v))).collect();
        disturbing(&environment, program, b"git", &[b"RUSTFLAGS=-g".to_vec()]).map(str::to_owned)
    }

    #[test]
    fn an_ordinary_environment_keeps_nobody_from_git() {
        let ordinary = [
            ("PATH", "/usr/bin"),
            ("VIRTUAL_ENV", "/home/me/venv"),
            ("CARGO_HOME", "/home/me/.cargo"),
            ("NODE_EXTRA_CA_CERTS", "/etc/ca.pem"),
            ("EDITOR", "vim"),
            ("PAGER", "less -FRX"),
            ("LANG", "C.UTF-8"),
            ("TZ", "Europe/Berlin"),
            ("GIT_AUTHOR_NAME", "me"),
            ("GIT_SSL_CAINFO", "/etc/ca.pem"),
        ];
        assert_eq!(found(Program::Known(Family::Git, Effect::Reads), &ordinary), None);
        assert_eq!(found(Program::Known(Family::Plain, Effect::Reads), &ordinary), None);
        assert_eq!(found(Program::Unknown, &ordinary).as_deref(), Some("VIRTUAL_ENV"));
    }

    #[test]
    fn what_changes_the_program_disturbs() {
        for (name, value) in [
            ("LD_PRELOAD", "./x.so"),
            ("GIT_EXTERNAL_DIFF", "./x"),
            ("GIT_DIR", "/x"),
            ("GIT_CONFIG_COUNT", "1"),
            ("GIT_PAGER", "sh -c id"),
            ("PAGER", "sh -c id"),
            ("LC_ALL", "../x"),
            ("BASH_ENV", "x"),
            ("POSIXLY_CORRECT", ""),
        ] {
            assert_eq!(
                found(Program::Known(Family::Git, Effect::Reads), &[(name, value)]).as_deref(),
                Some(name)
            );
        }
        for variable in ["BASH_FUNC_git%%", "SHELLOPTS", "CDPATH", "IFS"] {
            let shell = found(Program::Known(Family::Shell, Effect::Reads), &[(variable, "x")]);
            assert_eq!(shell.as_deref(), Some(variable));
        }
        assert_eq!(
            found(Program::Known(Family::Build, Effect::Reads), &[("GOFLAGS", "x")]).as_deref(),
            Some("GOFLAGS")
        );
    }

    #[test]
    fn whom_to_believe_matters_to_what_connects() {
        let believed = [("GIT_SSL_CAINFO", "/tmp/ca.pem")];
        let acts = found(Program::Known(Family::Git, Effect::Acts), &believed);
        assert_eq!(acts.as_deref(), Some("GIT_SSL_CAINFO"));
    }

    #[test]
    fn a_trusted_value_is_trusted_and_no_other() {
        assert_eq!(found(Program::Unknown, &[("RUSTFLAGS", "-g")]), None);
        assert!(found(Program::Unknown, &[("RUSTFLAGS", "-C linker=x")]).is_some());
    }
}
