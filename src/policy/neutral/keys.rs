//! Which keys of a git configuration could run a program.

use super::Work;

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
];
const SECTIONS_OF_ACTING: &[&str] =
    &["gpg", "alias", "pager", "credential", "protocol", "submodule"];

/// Keys whose value says where another repository is.
const PLACES: &[&str] = &["url", "pushurl", "insteadof", "pushinsteadof"];

/// Returns the first section or key of a configuration that could run a program.
///
/// Every line that could be a key is taken for one, also where git would see the
/// rest of a value: this finds too much and not too little.
pub(super) fn named(text: &[u8], work: Work) -> Option<String> {
    let text = String::from_utf8_lossy(text);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let listed = |name: &str, always: &[&str], acting: &[&str]| {
        always.contains(&name) || work == Work::Acts && acting.contains(&name)
    };
    let mut section = String::new();
    for line in text.split('\n') {
        let mut line = line.trim();
        while let Some(header) = line.strip_prefix('[') {
            let name = header.split([' ', '\t', '"', ']', '.']).next().unwrap_or_default();
            section = name.to_ascii_lowercase();
            if listed(&section, SECTIONS, SECTIONS_OF_ACTING) {
                return Some(section);
            }
            line = behind_header(header).trim();
        }
        let key = line.split(|each: char| !(each.is_ascii_alphanumeric() || each == '-')).next();
        let key = key.unwrap_or_default().to_ascii_lowercase();
        let value = line.split_once('=').map_or("", |(_, value)| value.trim());
        let builtin_monitor = key == "fsmonitor" && matches!(value, "true" | "false");
        if listed(&key, KEYS, KEYS_OF_ACTING) && !builtin_monitor
            || work == Work::Acts && PLACES.contains(&&*key) && !is_elsewhere(value)
        {
            return Some(format!("{section}.{key}"));
        }
    }
    None
}

/// Tells whether a place is another machine, reached by a protocol that runs nothing
/// here.
///
/// A directory of this machine has hooks of its own, `ext::` and its like are programs.
fn is_elsewhere(value: &str) -> bool {
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
        for work in [Work::Reads, Work::Acts] {
            assert_eq!(named(ordinary.as_bytes(), work), None);
            assert_eq!(named(b"[core] fsmonitor = true", work), None);
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
        ] {
            assert!(named(bad.as_bytes(), Work::Acts).is_some(), "{bad}");
        }
    }
}
