//! Which keys of a git configuration could run a program.

use super::Work;
use super::index::Hash;
use super::remotes;

/// Keys that name a program or another configuration, in lower case.
const KEYS: &[&str] = &[
    "command",
    "textconv",
    "external",
    "attributesfile",
    "ignore",
    "ignoresubmodules",
    "promisor",
    "partialclonefilter",
    "partialclone",
    "clean",
    "smudge",
    "process",
    "pretty",
];
const SECTIONS: &[&str] = &["filter", "include", "includeif", "pretty", "trace2"];

/// Keys and sections that reading never obeys, or that are switched off for it.
const KEYS_OF_ACTING: &[&str] = &[
    "fsmonitor",
    "pager",
    "hookspath",
    "sshcommand",
    "gitproxy",
    "askpass",
    "alternaterefscommand",
    "showsignature",
    "driver",
    "program",
    "helper",
    "editor",
    "path",
    "vcs",
    "uploadpack",
    "receivepack",
    "difffilter",
    "cmd",
    "allow",
    "recurse",
    "recursesubmodules",
    "submodule",
    "update",
    "recentobjectshook",
    // What stands behind them leads to the place that their section names.
    "insteadof",
    "pushinsteadof",
];
const SECTIONS_OF_ACTING: &[&str] =
    &["gpg", "alias", "pager", "credential", "protocol", "submodule", "remotes"];

/// Keys whose value says where another repository is.
const PLACES: &[&str] = &["url", "pushurl"];

/// Keys whose value names another repository, or says where it is.
const NAMES: &[&str] = &["remote", "pushremote", "pushdefault"];

/// Returns the first section or key of a configuration that could run a program.
///
/// Every line that could be a key is taken for one, also where git would see the
/// rest of a value: this finds too much and not too little. Every allowed git command
/// reads through this, so it compares bytes where they lie.
pub(super) fn named(text: &[u8], work: Work) -> Option<String> {
    lines(text).find_map(|Line { section, key, value, .. }| {
        let Some(key) = key else {
            let runs = is_listed(section, work, SECTIONS, SECTIONS_OF_ACTING);
            return runs.then(|| shown(section));
        };
        let runs = is_listed(key, work, KEYS, KEYS_OF_ACTING) && !is_builtin_monitor(key, value);
        let leads = || is_one_of(key, PLACES) && !is_elsewhere(value);
        let names = || is_one_of(key, NAMES) && !is_known(value, text);
        let disturbs = runs || work == Work::Acts && (leads() || names());
        disturbs.then(|| format!("{}.{}", shown(section), shown(key)))
    })
}

/// A header, or a line below one.
pub(super) struct Line<'t> {
    /// The name of the section.
    pub(super) section: &'t [u8],
    /// What stands in the header behind the name, up to its end.
    pub(super) rest: &'t [u8],
    /// The key; none of a header.
    pub(super) key: Option<&'t [u8]>,
    /// What stands behind the first `=`.
    pub(super) value: &'t [u8],
}

/// Goes through the headers and keys of a configuration.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = Line<'_>> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut section = &b""[..];
    let mut rest = &b""[..];
    let mut left = text.split(|byte| *byte == b'\n');
    let mut line = None;
    std::iter::from_fn(move || {
        let current = match line.take() {
            Some(current) => current,
            None => left.next()?.trim_ascii(),
        };
        if let Some(header) = current.strip_prefix(b"[") {
            section = beginning(header, |byte| !b" \t\"].".contains(&byte));
            let behind = behind_header(header);
            rest = &header[section.len()..header.len() - behind.len()];
            line = Some(behind.trim_ascii());
            return Some(Line { section, rest, key: None, value: b"" });
        }
        let key = beginning(current, |byte| byte.is_ascii_alphanumeric() || byte == b'-');
        Some(Line { section, rest, key: Some(key), value: value(current) })
    })
}

/// Returns the hash that a configuration says objects have.
pub(super) fn hash(text: &[u8]) -> Hash {
    let is_format =
        |key: Option<&[u8]>| key.is_some_and(|key| key.eq_ignore_ascii_case(b"objectformat"));
    let mut values = lines(text).filter(|line| is_format(line.key)).map(|line| line.value);
    let is_longer = values.any(|value| value.windows(6).any(|part| part == b"sha256"));
    if is_longer { Hash::Sha256 } else { Hash::Sha1 }
}

/// Tells whether a value names a remote of this configuration, this repository, or a place
/// elsewhere.
fn is_known(value: &[u8], text: &[u8]) -> bool {
    let name = value.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
    let name = name.unwrap_or(value);
    name == b"." || is_elsewhere(name) || remotes::of(text).contains(&name)
}

fn is_listed(name: &[u8], work: Work, always: &[&str], acting: &[&str]) -> bool {
    is_one_of(name, always) || work == Work::Acts && is_one_of(name, acting)
}

fn is_one_of(name: &[u8], names: &[&str]) -> bool {
    names.iter().any(|each| name.eq_ignore_ascii_case(each.as_bytes()))
}

/// `core.fsmonitor` may also say that git is its own monitor.
fn is_builtin_monitor(key: &[u8], value: &[u8]) -> bool {
    key.eq_ignore_ascii_case(b"fsmonitor") && matches!(value, b"true" | b"false")
}

/// Returns what stands behind the first `=` of a line.
fn value(line: &[u8]) -> &[u8] {
    let equals = line.iter().position(|byte| *byte == b'=');
    equals.map_or(b"", |at| line[at + 1..].trim_ascii())
}

/// Returns the bytes before the first that is no part of a name.
fn beginning(text: &[u8], is_part: impl Fn(u8) -> bool) -> &[u8] {
    let end = text.iter().position(|byte| !is_part(*byte));
    &text[..end.unwrap_or(text.len())]
}

fn shown(name: &[u8]) -> String {
    String::from_utf8_lossy(name).to_ascii_lowercase()
}

/// Tells whether a place is another machine, reached by a protocol that runs nothing
/// here.
///
/// A directory of this machine has hooks of its own, `ext::` and its like are programs.
pub(super) fn is_elsewhere(value: &[u8]) -> bool {
    // Nothing of what is known to be elsewhere is other than text.
    let Ok(value) = std::str::from_utf8(value) else { return false };
    let value = value.trim_matches('"');
    if let Some((scheme, _)) = value.split_once("://") {
        return matches!(scheme, "https" | "http" | "ssh" | "git" | "git+ssh" | "ssh+git");
    }
    // `host:path`, and neither `./a:b` nor `helper::address`.
    value.split_once(':').is_some_and(|(host, path)| {
        !host.is_empty() && !host.starts_with('-') && !host.contains('/') && !path.starts_with(':')
    })
}

/// Returns what stands behind the `]` of a header whose name may be quoted.
fn behind_header(header: &[u8]) -> &[u8] {
    let mut quoted = false;
    let mut escaped = false;
    for (at, each) in header.iter().enumerate() {
        match each {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b']' if !quoted => return &header[at + 1..],
            _ => {}
        }
    }
    b""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinary_repository_names_nothing() {
        let ordinary = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n\
            [remote \"origin\"]\n\turl = https://example.com/filter.git\n\tfetch = +refs/*:refs/*\n\
            [branch \"feature/pager\"]\n\tremote = origin\n\tmerge = refs/heads/x\n[user]\n name = x\n";
        for work in [Work::Reads, Work::Acts] {
            assert_eq!(named(ordinary.as_bytes(), work), None);
            assert_eq!(named(b"[core] fsmonitor = true", work), None);
            assert_eq!(named(b"[branch \"x\"]\nremote = .\nremote = git@a.b:c/d", work), None);
            assert_eq!(named(b"[remote \"o\"]\n\turl = git@example.com:a/b.git", work), None);
        }
        assert_eq!(named(b"[submodule \"x\"]\n\tpath = x\n\turl = y", Work::Reads), None);
    }

    #[test]
    fn what_runs_while_reading_is_found() {
        for bad in [
            "[filter \"x\"]\n\tclean = ./x",
            "[filter.x]\nclean=./x",
            "[diff \"x\"]\ncommand=./x",
            "[diff \"a]b\"] textconv = x",
            "[diff]\n external=x",
            "[include]\npath=x",
            "[includeIf \"gitdir:/\"]\npath=x",
            "[user]\nname=a\\\n[diff]\nexternal=x",
            "[a \"x\\\"]\"] [diff] EXTERNAL=x",
            "[submodule \"x\"]\nignore=none",
            "\u{feff}[FILTER \"x\"]\nrequired",
            "[format]\npretty = %G?",
        ] {
            assert!(named(bad.as_bytes(), Work::Reads).is_some(), "{bad}");
            assert!(named(bad.as_bytes(), Work::Acts).is_some(), "{bad}");
        }
    }

    #[test]
    fn what_runs_while_acting_is_found() {
        for bad in [
            "[core]\nfsmonitor = ./x",
            "[CORE] FSMonitor=./x",
            "[user]\nname=a\\\n[core]\npager=x",
            "[a \"x\\\"]\"] [core] hooksPath=x",
            "[log]\nshowSignature",
            "\u{feff}[gpg]\nprogram=x",
            "[alias]\nci = !x",
            "[core]\nsshCommand=x",
            "[protocol \"ext\"]\nallow=always",
            "[credential]\nhelper=!x",
            "[remote \"o\"]\nurl = ext::sh -c id",
            "[remote \"o\"]\nurl = ../evil",
            "[remote \"o\"]\nurl = file:///evil",
            "[url \"/evil\"]\ninsteadOf = /x",
            "[submodule \"x\"]\nurl=https://example.com/x",
            "[url \"/evil/\"]\ninsteadOf = https://example.com/",
            "[gc]\nrecentObjectsHook=./x",
            "[branch \"main\"]\nremote=/evil",
            "[branch \"main\"]\nremote=evil",
            "[branch \"main\"]\npushRemote=./evil",
            "[remote]\npushDefault=evil",
            "[remote \"evil\"]\nfetch=x\n[branch \"main\"]\nremote=evil",
            "[user]\nname=a\\\n[remote \"evil\"]\nurl=https://a/b\n[remote]\npushDefault=evil",
            "[remotes]\nall=../evil",
        ] {
            assert!(named(bad.as_bytes(), Work::Acts).is_some(), "{bad}");
        }
    }
}
