//! What around a command could make it do something else.
//!
//! An allowed command runs without a person, so what changes its meaning from
//! outside must be looked at too. Asking whenever any such variable is set would
//! make every developer's `git status` a question, so each variable counts where
//! it can do harm:
//!
//! - loader variables, for every program;
//! - `GIT_*` and pagers, for git, where pagers that are `less` and its like are fine as long
//!   as nothing has them start a program or write a file, and editors and whoever asks for
//!   passwords where git may start them;
//! - what a language's tools obey, for tool chains, and for programs that are allowed
//!   by a rule and that no table knows;
//! - whom to ask and whom to believe, for programs that use credentials.
//!
//! So `VIRTUAL_ENV`, `CARGO_HOME`, `NODE_EXTRA_CA_CERTS` or `EDITOR` keep nobody from
//! `git status`, and `LD_PRELOAD`, `GIT_EXTERNAL_DIFF` or `PAGER='sh -c ...'` do. A
//! person says otherwise with `trust.environment = ["NAME=value"]`: exactly that value.
//!
//! `HOME` and `XDG_CONFIG_HOME` are not looked at. They say whose policy this is, so
//! whoever sets them has more than this could protect; only a locked system policy
//! holds against that.

use super::started::{is_plain_asker, is_plain_editor};
use super::tool::{Effect, Family};
use super::{hosts, pager};
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

/// Every variable of every allowed command is asked about, so each question is one
/// comparison of its first bytes, and lists are gone through only behind it.
fn disturbs(variable: &[u8], value: &[u8], program: Program, name: &[u8]) -> bool {
    if is_of_loader(variable) {
        return true;
    }
    if is_plain_value(variable) {
        // sudo's env_check: a path or a format in these reaches the C library.
        return value.contains(&b'/') && variable != b"TZ" || value.contains(&b'%');
    }
    match program {
        Program::Known(Family::Plain, _) => is_own_setting(variable, name),
        Program::Known(Family::Git, effect) => {
            disturbs_git(variable, value, effect)
                || pager::disturbs(variable, value)
                || effect.acts() && pager::disturbs_itself(variable, value)
        }
        Program::Known(Family::GitHost, effect) if disturbs_host(variable, value, effect) => true,
        Program::Known(Family::Shell, _) => is_of_shell(variable) || variable.starts_with(b"BASH_"),
        Program::Known(Family::Cloud | Family::GitHost, _) => {
            hosts::disturbs(variable, value, name)
                || pager::disturbs(variable, value)
                || pager::disturbs_itself(variable, value)
        }
        Program::Known(Family::Build, _) | Program::Unknown => {
            is_of_shell(variable)
                || variable.starts_with(b"BASH_FUNC_")
                || matches!(variable, b"PYTEST_ADDOPTS" | b"PYTEST_PLUGINS")
                || crate::request::changes_what_runs(variable)
                    && !is_ordinary(variable)
                    && !only_forbids(variable, value)
        }
    }
}

/// Variables that change what any program is.
fn is_of_loader(variable: &[u8]) -> bool {
    variable.starts_with(b"LD_")
        || variable.starts_with(b"DYLD_")
        || variable.starts_with(b"_RLD")
        || matches!(
            variable,
            b"LIBPATH"
                | b"SHLIB_PATH"
                | b"GLIBC_TUNABLES"
                | b"GCONV_PATH"
                | b"LOCPATH"
                | b"NLSPATH"
                | b"BASH_ENV"
                // Behind an operand options are operands, such as a script of sed.
                | b"POSIXLY_CORRECT"
        )
}

fn is_plain_value(variable: &[u8]) -> bool {
    variable.starts_with(b"LC_")
        || matches!(variable, b"LANG" | b"LANGUAGE" | b"TERM" | b"TZ" | b"COLORTERM")
}

fn disturbs_git(variable: &[u8], value: &[u8], effect: Effect) -> bool {
    let starts = |prefixes: &[&[u8]]| prefixes.iter().any(|each| variable.starts_with(each));
    match variable {
        b"GIT_EDITOR" | b"GIT_SEQUENCE_EDITOR" | b"EDITOR" | b"VISUAL" => {
            return matches!(effect, Effect::Edits | Effect::Anything) && !is_plain_editor(value);
        }
        b"GIT_ASKPASS" | b"SSH_ASKPASS" => {
            return matches!(effect, Effect::Connects | Effect::Anything) && !is_plain_asker(value);
        }
        _ => {}
    }
    if !variable.starts_with(b"GIT_") || starts(GIT_HARMLESS) || only_forbids(variable, value) {
        return false;
    }
    let is_harmless = match variable {
        b"GIT_PAGER" => pager::is_plain(value),
        _ => !effect.acts() && starts(GIT_HARMLESS_TO_READERS),
    };
    !is_harmless
}

/// What a host's program starts by way of git, and what it starts itself where it may do
/// all that it can.
fn disturbs_host(variable: &[u8], value: &[u8], effect: Effect) -> bool {
    if effect != Effect::Anything {
        return disturbs_git(variable, value, Effect::Acts);
    }
    let starts = matches!(variable, b"GH_EDITOR" | b"GH_BROWSER" | b"BROWSER");
    starts && !is_plain_editor(value) || disturbs_git(variable, value, effect)
}

/// Tells whether it is part of the one setting that Copilot CLI gives to all it starts:
/// bare repositories inside of others are not entered.
fn only_forbids(variable: &[u8], value: &[u8]) -> bool {
    match variable {
        b"GIT_CONFIG_COUNT" => value == b"1",
        b"GIT_CONFIG_KEY_0" => value == b"safe.bareRepository",
        b"GIT_CONFIG_VALUE_0" => value == b"explicit",
        _ => false,
    }
}

fn is_of_shell(variable: &[u8]) -> bool {
    matches!(
        variable,
        b"ENV" | b"SHELLOPTS" | b"BASHOPTS" | b"PS4" | b"IFS" | b"CDPATH" | b"GLOBIGNORE"
    )
}

/// Variables from which one program takes options.
fn is_own_setting(variable: &[u8], name: &[u8]) -> bool {
    match name {
        b"rg" => variable == b"RIPGREP_CONFIG_PATH",
        b"file" => variable == b"MAGIC",
        b"grep" => variable == b"GREP_OPTIONS",
        // Among them a file of functions, and whether long options are known.
        b"awk" | b"gawk" | b"mawk" | b"nawk" => {
            variable.starts_with(b"GAWK_")
                || variable.starts_with(b"AWK")
                || variable.starts_with(b"MAWK")
        }
        b"ps" => matches!(
            variable,
            b"PS_FORMAT" | b"PS_PERSONALITY" | b"CMD_ENV" | b"I_WANT_A_BROKEN_PS"
        ),
        _ => false,
    }
}

const GIT_HARMLESS: &[&[u8]] = &[
    b"GIT_AUTHOR_",
    b"GIT_COMMITTER_",
    b"GIT_TERMINAL_PROMPT",
    b"GIT_OPTIONAL_LOCKS",
    b"GIT_MERGE_AUTOEDIT",
    b"GIT_PS1_",
    b"GIT_COMPLETION_",
];
/// Whom to believe on the way to a server, which what only reads has no use for.
const GIT_HARMLESS_TO_READERS: &[&[u8]] =
    &[b"GIT_SSL_CAINFO", b"GIT_SSL_CAPATH", b"GIT_CURL_VERBOSE", b"GIT_HTTP_"];

/// Variables that change what runs, and that are usual where people build things.
fn is_ordinary(variable: &[u8]) -> bool {
    let prefixes: [&[u8]; 5] =
        [b"TERMINFO", b"XDG_DATA_", b"GIT_AUTHOR_", b"GIT_COMMITTER_", b"GIT_EDITOR"];
    prefixes.iter().any(|each| variable.starts_with(each))
        || matches!(
            variable,
            b"PATH"
                | b"PWD"
                | b"OLDPWD"
                | b"HOME"
                | b"SHELL"
                | b"TMPDIR"
                | b"HISTFILE"
                | b"SSH_AUTH_SOCK"
                | b"PAGER"
                | b"MANPAGER"
                | b"BAT_PAGER"
                | b"SYSTEMD_PAGER"
                | b"LESS"
                | b"LESSOPEN"
                | b"LESSCLOSE"
                | b"EDITOR"
                | b"VISUAL"
                | b"BROWSER"
                | b"XDG_CONFIG_HOME"
                // Sockets of the session are found in it, and no program is.
                | b"XDG_RUNTIME_DIR"
                | b"INPUTRC"
                | b"TERMCAP"
                // Says who calls, and opencode gives it to all it starts.
                | b"npm_config_user_agent"
                | b"NO_PROXY"
                | b"no_proxy"
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsString;

    fn found(program: Program, variables: &[(&str, &str)]) -> Option<String> {
        found_for("git", program, variables)
    }

    fn found_for(name: &str, program: Program, variables: &[(&str, &str)]) -> Option<String> {
        let environment: Environment =
            variables.iter().map(|(n, v)| (OsString::from(n), OsString::from(v))).collect();
        let trusted = [b"RUSTFLAGS=-g".to_vec()];
        disturbing(&environment, program, name.as_bytes(), &trusted).map(str::to_owned)
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
            ("GIT_CONFIG_COUNT", "2"),
            ("GIT_CONFIG_KEY_0", "core.fsmonitor"),
            ("GIT_CONFIG_VALUE_0", "./x"),
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
    fn what_agents_give_to_all_they_start_keeps_nobody_from_anything() {
        let given = [
            ("GIT_CONFIG_COUNT", "1"),
            ("GIT_CONFIG_KEY_0", "safe.bareRepository"),
            ("GIT_CONFIG_VALUE_0", "explicit"),
            ("npm_config_user_agent", "opencode/1.18"),
        ];
        for program in [Program::Known(Family::Git, Effect::Acts), Program::Unknown] {
            assert_eq!(found(program, &given), None);
        }
    }

    #[test]
    fn whom_to_believe_matters_to_what_connects() {
        let believed = [("GIT_SSL_CAINFO", "/tmp/ca.pem")];
        let acts = found(Program::Known(Family::Git, Effect::Acts), &believed);
        assert_eq!(acts.as_deref(), Some("GIT_SSL_CAINFO"));
    }

    #[test]
    fn an_editor_matters_to_what_opens_one_and_an_asker_to_what_connects() {
        let (git, [read, act, edit, connect, all]) = (
            |effect| Program::Known(Family::Git, effect),
            [Effect::Reads, Effect::Acts, Effect::Edits, Effect::Connects, Effect::Anything],
        );
        for name in ["GIT_EDITOR", "EDITOR", "VISUAL", "GIT_SEQUENCE_EDITOR"] {
            for value in ["./evil", "vim -S", "vim -c !./evil", "/tmp/vim", "sh -c id"] {
                for effect in [edit, all] {
                    let found = found(git(effect), &[(name, value)]);
                    assert_eq!(found.as_deref(), Some(name), "{value}");
                }
                for effect in [read, act, connect] {
                    assert_eq!(found(git(effect), &[(name, value)]), None, "{value}");
                }
            }
            for value in ["vim", "code --wait", "/usr/bin/nano", "true", ""] {
                assert_eq!(found(git(edit), &[(name, value)]), None, "{value}");
            }
        }
        for name in ["GIT_ASKPASS", "SSH_ASKPASS"] {
            for effect in [connect, all] {
                let ours = found(git(effect), &[(name, "./evil")]);
                assert_eq!(ours.as_deref(), Some(name));
                assert_eq!(found(git(effect), &[(name, "/usr/lib/ssh/askpass")]), None);
                assert!(found(git(effect), &[(name, "/usr/../tmp/x")]).is_some());
            }
            assert_eq!(found(git(act), &[(name, "./evil")]), None);
        }
        for name in ["GH_EDITOR", "EDITOR", "BROWSER"] {
            let host = |effect| found(Program::Known(Family::GitHost, effect), &[(name, "./evil")]);
            assert_eq!((host(read), host(all).as_deref()), (None, Some(name)));
        }
    }

    #[test]
    fn a_trusted_value_is_trusted_and_no_other() {
        assert_eq!(found(Program::Unknown, &[("RUSTFLAGS", "-g")]), None);
        assert!(found(Program::Unknown, &[("RUSTFLAGS", "-C linker=x")]).is_some());
    }

    #[test]
    fn what_a_program_alone_obeys_disturbs_it_and_no_other() {
        let plain = Program::Known(Family::Plain, Effect::Reads);
        for (name, variable) in [
            ("gawk", "GAWK_PERSIST_FILE"),
            ("awk", "GAWK_PERSIST_FILE"),
            ("awk", "AWKPATH"),
            ("mawk", "MAWK_LONG_OPTIONS"),
            ("ps", "PS_FORMAT"),
            ("ps", "PS_PERSONALITY"),
        ] {
            let set = [(variable, "x")];
            assert_eq!(found_for(name, plain, &set).as_deref(), Some(variable), "{name}");
            assert_eq!(found_for("ls", plain, &set), None);
        }
        for variable in ["PYTEST_ADDOPTS", "PYTEST_PLUGINS"] {
            let build = Program::Known(Family::Build, Effect::Acts);
            let found = found_for("pytest", build, &[(variable, "-p evil")]);
            assert_eq!(found.as_deref(), Some(variable));
        }
    }

    #[test]
    fn hosts_and_pagers_disturb_whom_they_concern() {
        let host = Program::Known(Family::GitHost, Effect::Reads);
        for (variable, value) in [
            ("SSL_CERT_FILE", "./c.pem"),
            ("GH_HOST", "evil.example"),
            ("GH_ENTERPRISE_TOKEN", "x"),
            ("PAGER", "less -Olessfile"),
            ("GH_PAGER", "./evil"),
        ] {
            assert_eq!(found_for("gh", host, &[(variable, value)]).as_deref(), Some(variable));
        }
        // It runs without a pager.
        let reads = Program::Known(Family::Git, Effect::Reads);
        assert_eq!(found(reads, &[("LESSOPEN", "./evil")]), None);
        let acts = Program::Known(Family::Git, Effect::Acts);
        assert_eq!(found(acts, &[("LESSOPEN", "./evil")]).as_deref(), Some("LESSOPEN"));
    }
}
