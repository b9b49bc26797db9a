//! Hooks in places that the list does not name: it is younger than the first hooks.
//!
//! They are looked for wherever something on this machine says that they may be. A project
//! that nothing names is not found.

use super::agent::Scene;
use super::placed::{GIT, Placed};
use super::{change, git, place};
use crate::config::Paths;
use crate::intercept::agent::{Kind, SITES, Site};
use crate::process::{Environment, ForeignFile, WorkingDirectory};
use crate::record::{Log, lives};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use toml_edit::{DocumentMut, Item};

/// What nobody can find, and what helps.
pub(super) const NOT_FOUND: &str = "\
hooks in projects and repositories that no list, no log and no agent here names are not
found; there: airlock-exec hook uninstall --git, and --agent NAME --project .";

/// How the projects are read that a text lists.
type Read = fn(&str) -> Vec<PathBuf>;

/// Files, below the home directory, in which agents list the projects they know.
const PROJECTS: &[(&str, Read)] = &[
    (".claude.json", |text| keys_of(text, Some("projects"))),
    (".codex/config.toml", trusted_by_codex),
    (".gemini/projects.json", |text| keys_of(text, Some("projects"))),
    (".gemini/trustedFolders.json", |text| keys_of(text, None)),
    (".qwen/trustedFolders.json", |text| keys_of(text, None)),
];

/// Returns the places where hooks of ours are, as far as they can be found.
pub(super) fn everywhere(environment: &Environment) -> Vec<Placed> {
    let mut found = Vec::new();
    for site in SITES {
        for directory in place::of_the_user(site, environment) {
            note(site.host, &directory, environment, &mut found);
        }
    }
    for (host, directory) in copied(environment) {
        note(host, &directory, environment, &mut found);
    }
    let projects = projects(environment);
    for project in &projects {
        for site in SITES {
            if let Some(below) = site.project {
                note(site.host, &project.join(below), environment, &mut found);
            }
        }
    }
    let repositories = projects.iter().filter(|project| project.join(".git").exists());
    let shared = git::shared_directory(environment);
    let with_hooks = repositories
        .map(PathBuf::as_path)
        .chain(shared.as_deref())
        .filter_map(|directory| git::with_hooks(directory, environment));
    for directory in with_hooks.collect::<BTreeSet<PathBuf>>() {
        found.push(Placed { whose: GIT.to_owned(), directory });
    }
    found
}

/// Adds a place, if a hook of ours is there.
fn note(host: &str, directory: &Path, environment: &Environment, found: &mut Vec<Placed>) {
    let scene = Scene::in_directory(host, directory, environment);
    if scene.is_ok_and(|scene| scene.asks().unwrap_or(false)) {
        found.push(Placed { whose: host.to_owned(), directory: directory.to_owned() });
    }
}

/// Returns where settings were when a copy of them was kept, for each agent with such a file.
fn copied(environment: &Environment) -> Vec<(&'static str, PathBuf)> {
    let Ok(paths) = Paths::from_environment(environment) else { return Vec::new() };
    let copies = fs::read_dir(paths.state().join("hooks"));
    let names = copies.into_iter().flatten().flatten().map(|entry| entry.file_name());
    let paths = names.filter_map(|name| change::path_of_copy(name.to_str()?));
    let of_sites = |path: PathBuf| SITES.iter().filter_map(move |site| directory_of(site, &path));
    paths.flat_map(of_sites).collect()
}

/// Returns the directory of an agent whose file that would be.
fn directory_of(site: &Site, path: &Path) -> Option<(&'static str, PathBuf)> {
    let Kind::Entry { file, .. } = &site.kind else { return None };
    let levels = Path::new(file).components().count();
    let directory = path.ends_with(file).then(|| path.ancestors().nth(levels))??;
    Some((site.host, directory.to_owned()))
}

/// Returns the directories that may be projects: around us, in the log, and those that
/// agents know.
fn projects(environment: &Environment) -> BTreeSet<PathBuf> {
    let around = WorkingDirectory::capture().ok();
    let around = around.iter().flat_map(|directory| directory.path().ancestors());
    let mut found: BTreeSet<PathBuf> = around.map(Path::to_owned).collect();
    found.extend(logged(environment));
    if let Some(home) = environment.value("HOME").map(Path::new) {
        for (file, read) in PROJECTS {
            let file = ForeignFile::open(&home.join(file)).ok();
            let text = file.as_ref().and_then(ForeignFile::text);
            found.extend(text.map(read).into_iter().flatten());
        }
    }
    found.into_iter().filter_map(|directory| fs::canonicalize(directory).ok()).collect()
}

/// Returns where commands were asked for, and the repositories around them.
fn logged(environment: &Environment) -> Vec<PathBuf> {
    let Ok(paths) = Paths::from_environment(environment) else { return Vec::new() };
    if !paths.audit().exists() || !paths.enforcer().exists() {
        return Vec::new();
    }
    let log = Log::open(&paths.audit(), &paths.enforcer()).and_then(|log| log.read());
    let records = log.map(|findings| findings.records).unwrap_or_default();
    let lives = lives(&records);
    let commands = lives.iter().filter_map(|life| life.command());
    let places = commands.flat_map(|command| [Some(&command.cwd), command.repository.as_ref()]);
    let places = places.flatten().map(PathBuf::from);
    places.filter(|path| path.is_absolute()).collect()
}

/// Returns the absolute paths that are keys of a JSON object.
fn keys_of(text: &str, below: Option<&str>) -> Vec<PathBuf> {
    let Ok(document) = serde_json::from_str::<Value>(text) else { return Vec::new() };
    let object = below.map_or(Some(&document), |key| document.get(key)).and_then(Value::as_object);
    let keys = object.into_iter().flat_map(|object| object.keys()).map(PathBuf::from);
    keys.filter(|path| path.is_absolute()).collect()
}

fn trusted_by_codex(text: &str) -> Vec<PathBuf> {
    let Ok(document) = text.parse::<DocumentMut>() else { return Vec::new() };
    let projects = document.get("projects").and_then(Item::as_table_like);
    let keys = projects.into_iter().flat_map(|table| table.iter()).map(|(key, _)| key.into());
    keys.filter(|path: &PathBuf| path.is_absolute()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agents_own_list_of_projects_is_read_for_its_paths() {
        let there = |paths: &[&str]| paths.iter().map(PathBuf::from).collect::<Vec<_>>();
        let claude = r#"{"projects": {"/a b": {}, "c": {}}, "/d": 1}"#;
        assert_eq!(keys_of(claude, Some("projects")), there(&["/a b"]));
        assert_eq!(keys_of(r#"{"/e": "TRUST_FOLDER"}"#, None), there(&["/e"]));
        let codex = "model = \"x\"\n[projects.\"/a b\"]\ntrust_level = \"trusted\"\n";
        assert_eq!(trusted_by_codex(codex), there(&["/a b"]));
        for odd in ["", "[]", "{", "projects = 1", r#"{"projects": []}"#] {
            assert_eq!((keys_of(odd, Some("projects")), trusted_by_codex(odd)), (vec![], vec![]));
        }
    }

    #[test]
    fn an_agents_directory_is_told_by_the_file_of_its_settings() {
        let site = |host| SITES.iter().find(|site| site.host == host).expect("a host");
        let claude = Path::new("/p/.claude/settings.json");
        let wanted = Some(("claude-code", PathBuf::from("/p/.claude")));
        assert_eq!(directory_of(site("claude-code"), claude), wanted);
        assert_eq!(directory_of(site("codex"), claude), None);
        assert_eq!(directory_of(site("pi"), claude), None);
    }
}
