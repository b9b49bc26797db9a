//! Runs what is allowed without the programs a repository could make it run.
//!
//! git reads configuration from the repository, where an agent can write it, and
//! runs what it finds there: a file system monitor, filters, diff drivers, hooks.
//! Filters and drivers have names of their own, so no setting of ours switches all
//! of them off. So a repository whose configuration names a program means that a
//! person is asked, and what can be switched off is, as a second net. The user's own
//! configuration stays in force: it is out of the project, and theirs.

use crate::process::{Stdio, Stream};
use std::ffi::CString;
use std::fs;
use std::path::{Path, PathBuf};

/// Returns the entries that an allowed git command runs with in addition.
///
/// `diff.ignoreSubmodules`: a submodule has a configuration of its own.
/// `GIT_OPTIONAL_LOCKS`: reading writes no index, so no index hook runs.
/// A pager is a program; on a terminal it is `cat` instead.
pub(super) fn additions(stdio: Stdio) -> Vec<CString> {
    let mut additions: Vec<CString> = [
        c"GIT_CONFIG_COUNT=4",
        c"GIT_CONFIG_KEY_0=core.fsmonitor",
        c"GIT_CONFIG_VALUE_0=false",
        c"GIT_CONFIG_KEY_1=core.hooksPath",
        c"GIT_CONFIG_VALUE_1=/dev/null",
        c"GIT_CONFIG_KEY_2=diff.ignoreSubmodules",
        c"GIT_CONFIG_VALUE_2=dirty",
        c"GIT_CONFIG_KEY_3=safe.bareRepository",
        c"GIT_CONFIG_VALUE_3=explicit",
        c"GIT_NO_LAZY_FETCH=1",
        c"GIT_OPTIONAL_LOCKS=0",
    ]
    .map(CString::from)
    .into();
    if stdio.is_terminal(Stream::Output) {
        additions.push(CString::from(c"GIT_PAGER=cat"));
    }
    additions
}

/// Says what in the repository around a directory could run a program, if anything.
pub(super) fn disturbing(directory: &Path) -> Option<String> {
    let found = directory.ancestors().find_map(|each| {
        let dot_git = each.join(".git");
        match fs::metadata(&dot_git) {
            Ok(found) if found.is_dir() => Some(Ok((each, dot_git))),
            Ok(_) => Some(linked(each, &dot_git).map(|target| (each, target))),
            Err(_) if is_bare(each) => {
                Some(Err(format!("{} is a bare repository", each.display())))
            }
            Err(_) => None,
        }
    })?;
    let (top, directory) = match found {
        Ok(found) => found,
        Err(why) => return Some(why),
    };
    let common = match fs::read_to_string(directory.join("commondir")) {
        Ok(text) => directory.join(text.trim_end_matches('\n')),
        Err(_) => directory.clone(),
    };
    [common.join("config"), directory.join("config.worktree"), top.join(".gitmodules")]
        .into_iter()
        .find_map(|path| {
            let text = match fs::read(&path) {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
                Err(error) => return Some(format!("{}: {error}", path.display())),
            };
            named(&text)
                .map(|key| format!("{} sets {key}, which can run a program", path.display()))
        })
}

/// Follows `gitdir: PATH`, as work trees and submodules have it.
fn linked(top: &Path, dot_git: &Path) -> Result<PathBuf, String> {
    let text =
        fs::read_to_string(dot_git).map_err(|error| format!("{}: {error}", dot_git.display()))?;
    let target = text.trim_end_matches('\n').strip_prefix("gitdir: ");
    target.map(|path| top.join(path)).ok_or_else(|| format!("{} is odd", dot_git.display()))
}

fn is_bare(directory: &Path) -> bool {
    directory.join("HEAD").exists() && directory.join("objects").exists()
}

/// Keys of git that name a program or another configuration, in lower case.
const KEYS: &[&str] = &[
    "command",
    "textconv",
    "external",
    "fsmonitor",
    "pager",
    "hookspath",
    "sshcommand",
    "gitproxy",
    "askpass",
    "attributesfile",
    "alternaterefscommand",
    "showsignature",
    "ignore",
    "promisor",
    "partialclonefilter",
    "partialclone",
    "clean",
    "smudge",
    "process",
    "driver",
    "program",
    "helper",
    "diffignoresubmodules",
    "ignoresubmodules",
    "editor",
    "path",
    "pretty",
    "vcs",
    "uploadpack",
    "receivepack",
    "difffilter",
    "cmd",
    "excludesfile",
];
const SECTIONS: &[&str] =
    &["filter", "include", "includeif", "gpg", "pretty", "alias", "pager", "trace2"];

/// Returns the first section or key of a configuration that could run a program.
///
/// Every line that could be a key is taken for one, also where git would see the
/// rest of a value: this finds too much and not too little.
fn named(text: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(text).to_ascii_lowercase();
    let mut rest = text.as_str();
    let mut section = "";
    while let Some(line) = rest.split('\n').next().filter(|_| !rest.is_empty()) {
        rest = rest.get(line.len() + 1..).unwrap_or_default();
        let mut line = line.trim();
        while let Some(header) = line.strip_prefix('[') {
            let name = header.split([' ', '\t', '"', ']', '.']).next().unwrap_or_default();
            section = name;
            if SECTIONS.contains(&section) {
                return Some(section.to_owned());
            }
            line = behind_header(header).trim();
        }
        let key = line.split(|each: char| !(each.is_ascii_alphanumeric() || each == '-')).next();
        let key = key.unwrap_or_default();
        let harmless = (section, key) == ("submodule", "path")
            || key == "fsmonitor"
                && matches!(line.rsplit('=').next().map(str::trim), Some("true" | "false"));
        if KEYS.contains(&key) && !harmless {
            return Some(format!("{section}.{key}"));
        }
    }
    None
}

/// Returns what stands behind the `]` of a header whose name may be quoted.
fn behind_header(header: &str) -> &str {
    let mut quoted = false;
    let mut escaped = false;
    for (at, each) in header.char_indices() {
        match each {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ']' if !quoted => return &header[at + 1..],
            _ => {}
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinary_repository_names_nothing() {
        let ordinary = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n\
            [remote \"origin\"]\n\turl = https://example.com/filter.git\n\tfetch = +refs/*:refs/*\n\
            [branch \"feature/pager\"]\n\tremote = origin\n\tmerge = refs/heads/x\n[user]\n name = x\n";
        assert_eq!(named(ordinary.as_bytes()), None);
        assert_eq!(named(b"[core] fsmonitor = true"), None);
        assert_eq!(named(b"[submodule \"x\"]\n\tpath = x\n\turl = y"), None);
    }

    #[test]
    fn every_way_to_name_a_program_is_found() {
        for bad in [
            "[core]\nfsmonitor = ./x",
            "[CORE] FSMonitor=./x",
            "[filter \"x\"]\n\tclean = ./x",
            "[filter.x]\nclean=./x",
            "[diff \"x\"]\ncommand=./x",
            "[diff \"a]b\"] textconv = x",
            "[diff]\n external=x",
            "[include]\npath=x",
            "[includeIf \"gitdir:/\"]\npath=x",
            "[user]\nname=a\\\n[core]\npager=x",
            "[a \"x\\\"]\"] [core] hooksPath=x",
            "[log]\nshowSignature",
            "[submodule \"x\"]\nignore=none",
            "\u{feff}[gpg]\nprogram=x",
        ] {
            assert!(named(bad.as_bytes()).is_some() || bad.starts_with('\u{feff}'), "{bad}");
        }
        assert!(named("\u{feff}[gpg]\nprogram=x".as_bytes()).is_some());
    }
}
