//! Paths and modes that a reviewer should look at first.

use super::change::{Change, Lines};
use crate::request::text;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// The most paths that one sentence names.
const NAMED: usize = 5;

/// What a path could be, by its lower-case name or the directories it lies in.
const KINDS: &[(&str, &[&str], &[&str])] = &[
    (
        "what the CI runs is changed",
        &[
            ".gitlab-ci.yml",
            "jenkinsfile",
            ".travis.yml",
            "azure-pipelines.yml",
            "bitbucket-pipelines.yml",
            ".drone.yml",
            "appveyor.yml",
            "cloudbuild.yaml",
        ],
        &[
            ".github/workflows/",
            ".github/actions/",
            ".circleci/",
            ".buildkite/",
            ".woodpecker/",
            ".ci/",
        ],
    ),
    (
        "hooks are changed",
        &[
            ".pre-commit-config.yaml",
            ".pre-commit-hooks.yaml",
            "lefthook.yml",
            "lefthook.yaml",
            ".lefthook.yml",
            "lefthook.toml",
        ],
        &[".husky/", ".githooks/", "hooks/"],
    ),
    (
        "settings of git are changed",
        &[".gitattributes", ".gitmodules", ".gitconfig", ".mailmap"],
        &[],
    ),
    (
        "what agents and editors obey is changed",
        &["claude.md", "agents.md", ".cursorrules", ".mcp.json", ".envrc"],
        &[".claude/", ".cursor/", ".codex/", ".vscode/", ".airlock/", ".devcontainer/"],
    ),
    (
        "dependencies are locked anew",
        &[
            "cargo.lock",
            "package-lock.json",
            "npm-shrinkwrap.json",
            "yarn.lock",
            "pnpm-lock.yaml",
            "bun.lock",
            "bun.lockb",
            "poetry.lock",
            "uv.lock",
            "pipfile.lock",
            "gemfile.lock",
            "composer.lock",
            "go.sum",
            "flake.lock",
            "mix.lock",
        ],
        &[],
    ),
];

/// Beginnings, ends and parts of names under which secrets are kept.
const SECRET_STARTS: &[&str] =
    &["id_rsa", "id_ed25519", "id_ecdsa", ".env.", "credentials", "service-account"];
const SECRET_ENDS: &[&str] =
    &[".pem", ".key", ".p12", ".pfx", ".jks", ".keystore", ".kdbx", ".tfstate", ".ovpn", ".asc"];
const SECRET_NAMES: &[&str] = &[
    ".env",
    ".npmrc",
    ".pypirc",
    ".netrc",
    ".htpasswd",
    "kubeconfig",
    ".git-credentials",
    ".pgpass",
];
/// Names that look so and are templates.
const TEMPLATES: &[&str] = &["example", "sample", "template", "dist", ".pub"];

/// Says in words which of the changes deserve a look.
pub(super) fn notes(changes: &[Change]) -> Vec<String> {
    let mut found: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for change in changes {
        for what in of(change) {
            found.entry(what).or_default().push(text::word(OsStr::from_bytes(&change.path)));
        }
    }
    found.into_iter().map(|(what, paths)| format!("{what}: {}", named(&paths))).collect()
}

fn of(change: &Change) -> Vec<&'static str> {
    let mut found = Vec::new();
    let is_new = |mode: &str| change.new_mode == mode && change.old_mode != mode;
    match &*change.new_mode {
        "120000" => found.push("symbolic links"),
        "160000" => found.push("submodules point elsewhere"),
        "100755" if is_new("100755") => found.push("files become executable"),
        _ => {}
    }
    if change.is_large {
        found.push("files are larger than 1 MiB");
    }
    if change.lines == Some(Lines::Binary) {
        found.push("files are binary, or are said to be");
    }
    let path = String::from_utf8_lossy(&change.path).to_lowercase();
    let name = path.rsplit('/').next().unwrap_or(&path);
    let is_below =
        |directory: &&str| path.starts_with(*directory) || path.contains(&format!("/{directory}"));
    found.extend(KINDS.iter().filter_map(|(what, names, directories)| {
        (names.contains(&name) || directories.iter().any(is_below)).then_some(*what)
    }));
    if change.new_mode != "000000" && looks_secret(name) {
        found.push("files that look like secrets");
    }
    found
}

fn looks_secret(name: &str) -> bool {
    let is_template = TEMPLATES.iter().any(|each| name.ends_with(each));
    !is_template
        && (SECRET_NAMES.contains(&name)
            || SECRET_STARTS.iter().any(|start| name.starts_with(start))
            || SECRET_ENDS.iter().any(|end| name.ends_with(end))
            || name.contains("secret"))
}

fn named(paths: &[String]) -> String {
    let first = paths[..paths.len().min(NAMED)].join(", ");
    match paths.len().saturating_sub(NAMED) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noted(path: &str, modes: [&str; 2]) -> String {
        let [old_mode, new_mode] = modes.map(str::to_owned);
        let change = Change { old_mode, new_mode, path: path.into(), ..Change::default() };
        notes(&[change]).join("; ")
    }

    #[test]
    fn what_deserves_a_look_is_named() {
        let plain = ["100644", "100644"];
        for (path, word) in [
            (".github/workflows/ci.yml", "CI"),
            ("sub/.husky/pre-push", "hooks"),
            ("Cargo.lock", "locked"),
            ("deploy/.env", "secrets"),
            ("keys/server.pem", "secrets"),
            (".claude/settings.json", "agents"),
        ] {
            assert!(noted(path, plain).contains(word), "{path}: {}", noted(path, plain));
        }
        assert!(noted("x", ["100644", "100755"]).contains("executable"));
        assert!(noted("x", ["000000", "120000"]).contains("symbolic links: x"));
        assert!(noted("x", ["000000", "160000"]).contains("submodules"));
    }

    #[test]
    fn the_ordinary_is_not() {
        for path in ["src/main.rs", ".env.example", "id_rsa.pub", "docs/keys.md", "webhooks.rs"] {
            assert_eq!(noted(path, ["100644", "100644"]), "", "{path}");
        }
    }

    #[test]
    fn many_paths_are_counted() {
        let change = |number: usize| Change {
            path: format!("{number}.pem").into(),
            new_mode: "100644".to_owned(),
            ..Change::default()
        };
        let changes: Vec<Change> = (0..8).map(change).collect();
        assert!(notes(&changes)[0].ends_with("4.pem and 3 more"), "{:?}", notes(&changes));
    }
}
