//! The hooks of agents.

use super::change::{FileChange, copy_of, shown};
use super::{Change, HookCommandError, place, placed, version};
use crate::cli::output::say;
use crate::config::Paths;
use crate::intercept::agent::{
    Allowing, Evidence, HOSTS, Host, Kind, Missing, SITES, Shape, Site, command_in, has_entry,
    with_entry, without_entry,
};
use crate::process::{Environment, ForeignError, ForeignFile, lasting_path};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Returns the agents, for help.
pub(super) fn known() -> String {
    let mark = |host: &Host| match host.evidence {
        Evidence::Tried(version) => format!("  (tried with {version})"),
        Evidence::Documented => String::new(),
        Evidence::Experimental => "  (experimental)".to_owned(),
    };
    let line = |host: &Host| format!("  {:12} {}{}", host.name, host.title, mark(host));
    format!("Agents:\n{}", HOSTS.iter().map(line).collect::<Vec<_>>().join("\n"))
}

/// A host, where it keeps its hooks, and where copies of its files are kept.
pub(super) struct Scene<'a> {
    pub(super) host: &'static Host,
    pub(super) site: &'static Site,
    pub(super) directory: PathBuf,
    pub(super) copies: PathBuf,
    pub(super) environment: &'a Environment,
}

impl<'a> Scene<'a> {
    /// Finds where the agent of that name has its hooks, for the user or in a project.
    pub(super) fn named(
        agent: &str,
        project: Option<&Path>,
        environment: &'a Environment,
    ) -> Result<Self, HookCommandError> {
        let (host, site) = pair(agent)?;
        Self::at(host, site, project, environment)
    }

    /// Takes the directory that the hooks of the agent of that name were installed in.
    pub(super) fn in_directory(
        agent: &str,
        directory: &Path,
        environment: &'a Environment,
    ) -> Result<Self, HookCommandError> {
        let (host, site) = pair(agent)?;
        Self::there(host, site, directory.to_owned(), environment)
    }

    /// Returns the agents whose directories are known, in the user's own settings.
    pub(super) fn all(environment: &'a Environment) -> Vec<Self> {
        pairs().filter_map(|(host, site)| Self::at(host, site, None, environment).ok()).collect()
    }

    fn at(
        host: &'static Host,
        site: &'static Site,
        project: Option<&Path>,
        environment: &'a Environment,
    ) -> Result<Self, HookCommandError> {
        Self::there(host, site, place::directory(site, project, environment)?, environment)
    }

    fn there(
        host: &'static Host,
        site: &'static Site,
        directory: PathBuf,
        environment: &'a Environment,
    ) -> Result<Self, HookCommandError> {
        let copies = Paths::from_environment(environment)?.state().join("hooks");
        Ok(Self { host, site, directory, copies, environment })
    }

    /// Tells whether it has a hook of ours, as it should be or not.
    pub(super) fn asks(&self) -> Result<bool, ForeignError> {
        let read = |file: &str| ForeignFile::open(&self.directory.join(file));
        match &self.site.kind {
            Kind::Entry { file, at, .. } => {
                Ok(read(file)?.text().is_some_and(|text| has_entry(text, self.host.name, at)))
            }
            Kind::Own(files) => {
                files.iter().try_fold(true, |all, own| Ok(all && read(own.file)?.text().is_some()))
            }
        }
    }

    /// Returns how it calls its hook, which is installed.
    fn call(&self) -> HookForm {
        let path = |file: &str| self.directory.join(file);
        let name = match &self.site.kind {
            Kind::Entry { file, .. } => Some(*file),
            Kind::Own(files) => {
                if let Some(own) = files.iter().find(|own| own.mode & 0o100 != 0) {
                    return HookForm::Program(path(own.file));
                }
                files.last().map(|own| own.file)
            }
        };
        let file = name.and_then(|name| ForeignFile::open(&path(name)).ok());
        let text = file.as_ref().and_then(ForeignFile::text).unwrap_or_default();
        command_in(text, self.host.name).map_or(HookForm::Loaded, HookForm::Text)
    }

    pub(super) fn shape<'b>(&self, binary: &'b Path, allowing: Allowing) -> Shape<'b> {
        let on_failure = version::on_failure(self.host.name, self.environment);
        Shape { binary, host: self.host.name, on_failure, allowing }
    }

    /// Returns what every file becomes with the hook.
    pub(super) fn installed(&self, shape: &Shape<'_>) -> Result<Vec<FileChange>, HookCommandError> {
        match &self.site.kind {
            Kind::Entry { file, at, entry, missing } => {
                let file = ForeignFile::open(&self.directory.join(file))?;
                if file.text().is_none() && *missing == Missing::Refuse {
                    return Err(HookCommandError::NoFile(file.path().to_owned()));
                }
                let text = file.text().filter(|text| !text.trim().is_empty()).unwrap_or("{}\n");
                let becomes = with_entry(text, self.host.name, at, &entry(shape));
                let becomes = becomes.map_err(|source| document(&file, source))?;
                Ok(vec![FileChange { file, becomes: Some(becomes), mode: 0o600 }])
            }
            Kind::Own(files) => files
                .iter()
                .map(|own| {
                    let file = ForeignFile::open(&self.directory.join(own.file))?;
                    let becomes = (own.text)(shape);
                    self.check_ours(&file)?;
                    Ok(FileChange { file, becomes: Some(becomes), mode: own.mode })
                })
                .collect(),
        }
    }

    /// Returns what every file becomes without the hook.
    pub(super) fn uninstalled(&self) -> Result<Vec<FileChange>, HookCommandError> {
        match &self.site.kind {
            Kind::Entry { file, at, entry, .. } => {
                let file = ForeignFile::open(&self.directory.join(file))?;
                let Some(text) = file.text() else { return Ok(Vec::new()) };
                let before = copy_of(&self.copies, file.path())?;
                let becomes = match self.as_it_was(text, before, at, *entry)? {
                    Some(before) => before,
                    None => Some(
                        without_entry(text, self.host.name, at)
                            .map_err(|source| document(&file, source))?,
                    ),
                };
                Ok(vec![FileChange { file, becomes, mode: 0o600 }])
            }
            Kind::Own(files) => {
                let mut changes = Vec::new();
                for own in *files {
                    let file = ForeignFile::open(&self.directory.join(own.file))?;
                    if file.text().is_some() {
                        self.check_ours(&file)?;
                        changes.push(FileChange { file, becomes: None, mode: own.mode });
                    }
                }
                Ok(changes)
            }
        }
    }

    /// Returns what was there before us, when nobody has changed the file since.
    ///
    /// The outer `None` means that it was changed, the inner that there was no file.
    #[expect(clippy::option_option, reason = "two different nothings")]
    fn as_it_was(
        &self,
        text: &str,
        before: Option<String>,
        at: &[&str],
        entry: fn(&Shape<'_>) -> serde_json::Value,
    ) -> Result<Option<Option<String>>, HookCommandError> {
        let binary = lasting_path(self.environment).map_err(HookCommandError::Binary)?;
        let base = before.as_deref().filter(|text| !text.trim().is_empty()).unwrap_or("{}\n");
        let is_it = |allowing| {
            let entry = entry(&self.shape(&binary, allowing));
            with_entry(base, self.host.name, at, &entry).is_ok_and(|again| again == text)
        };
        Ok([Allowing::Grants, Allowing::Quietly].into_iter().any(is_it).then_some(before))
    }

    fn check_ours(&self, file: &ForeignFile) -> Result<(), HookCommandError> {
        let marks = [format!("agent-hook {}", self.host.name), "\"airlock-exec\"".to_owned()];
        match file.text() {
            Some(text) if !marks.iter().any(|mark| text.contains(mark)) => {
                Err(HookCommandError::Occupied(file.path().to_owned()))
            }
            _ => Ok(()),
        }
    }
}

fn pairs() -> impl Iterator<Item = (&'static Host, &'static Site)> {
    HOSTS.iter().filter_map(|host| Some((host, SITES.iter().find(|site| site.host == host.name)?)))
}

fn pair(agent: &str) -> Result<(&'static Host, &'static Site), HookCommandError> {
    let found = pairs().find(|(host, _)| host.name == agent);
    found.ok_or_else(|| HookCommandError::UnknownAgent(agent.to_owned()))
}

fn document(
    file: &ForeignFile,
    source: crate::intercept::agent::DocumentError,
) -> HookCommandError {
    HookCommandError::Document { path: file.path().to_owned(), source }
}

/// Has an agent ask.
pub(super) fn install(change: &Change, environment: &Environment) -> Result<(), HookCommandError> {
    let agent = change.agent.as_deref().unwrap_or_default();
    let scene = Scene::named(agent, change.project.as_deref(), environment)?;
    let binary = lasting_path(environment).map_err(HookCommandError::Binary)?;
    let allowing = if change.own_questions { Allowing::Quietly } else { Allowing::Grants };
    let changes = scene.installed(&scene.shape(&binary, allowing))?;
    let title = scene.host.title;
    if changes.iter().all(FileChange::is_done) {
        return Ok(say(&format!("{title} asks already; nothing to change"))?);
    }
    if !change.dry_run {
        placed::add(scene.host.name, &scene.directory, environment)?;
    }
    for each in changes.iter().filter(|each| !each.is_done()) {
        if change.dry_run {
            each.show()?;
        } else {
            each.make(&scene.copies)?;
            say(&format!("wrote {}", shown(each.file.path())))?;
        }
    }
    if change.dry_run {
        return Ok(say("nothing was changed (--dry-run)")?);
    }
    say(&format!("{title} asks airlock-exec before it runs a command, from its next start"))?;
    if let Some(remark) = remark(scene.host.name) {
        say(remark)?;
    }
    if scene.host.evidence == Evidence::Experimental {
        say("experimental: try it with a command you would reject, and see that it does not run")?;
    }
    Ok(())
}

/// What only the user can do.
fn remark(host: &str) -> Option<&'static str> {
    match host {
        "codex" => Some("next: start codex and trust the hook in /hooks; until then it is skipped"),
        "cline" => Some("next: switch on \"Enable Hooks\" in the settings of Cline"),
        "antigravity" | "cursor" => Some("its own question, if it has one, comes as well"),
        _ => None,
    }
}

/// Returns each agent and whether it asks, for a program.
pub(super) fn listed(
    project: Option<&Path>,
    environment: &Environment,
) -> Result<Vec<Value>, HookCommandError> {
    let mut listed = Vec::new();
    for (host, site) in pairs() {
        let scene = match Scene::at(host, site, project, environment) {
            Ok(scene) => scene,
            Err(HookCommandError::NoProject(_)) => continue,
            Err(error) => return Err(error),
        };
        let (asks, problem) = match scene.asks() {
            Ok(asks) => (Some(asks), None),
            Err(error) => (None, Some(error.to_string())),
        };
        let here = scene.directory.exists();
        let (name, title) = (host.name, host.title);
        listed.push(json!({
            "name": name, "title": title, "here": here, "asks": asks, "problem": problem,
        }));
    }
    Ok(listed)
}

/// Lists the agents, and which of them ask.
pub(super) fn list(
    project: Option<&Path>,
    environment: &Environment,
) -> Result<(), HookCommandError> {
    for (host, site) in pairs() {
        let state = match Scene::at(host, site, project, environment) {
            Ok(scene) => state(&scene),
            Err(HookCommandError::NoProject(_)) => continue,
            Err(error) => return Err(error),
        };
        say(&format!("{:12} {:22} {state}", host.name, host.title))?;
    }
    Ok(())
}

fn state(scene: &Scene<'_>) -> String {
    match scene.asks() {
        Ok(true) => "asks".to_owned(),
        Ok(false) if scene.directory.exists() => "is here, and does not ask".to_owned(),
        Ok(false) => "not seen here".to_owned(),
        Err(error) => format!("cannot be told: {error}"),
    }
}

/// A hook of ours in an agent's own files.
pub(in crate::cli) struct InstalledHook {
    /// What people call the agent.
    pub(in crate::cli) title: &'static str,
    /// A tool of it that runs commands.
    pub(in crate::cli) tool: &'static str,
    /// How it calls us.
    pub(in crate::cli) call: HookForm,
}

/// How an agent calls its hook.
pub(in crate::cli) enum HookForm {
    /// It hands this text to a shell.
    Text(String),
    /// It starts this program.
    Program(PathBuf),
    /// It loads a file of ours itself.
    Loaded,
}

/// Returns every hook of ours in the user's own settings.
pub(in crate::cli) fn installed(environment: &Environment) -> Vec<InstalledHook> {
    let scenes = Scene::all(environment).into_iter();
    let one = |scene: Scene<'_>| {
        scene.asks().ok().filter(|asks| *asks)?;
        let tool = scene.host.runs.first().copied().unwrap_or("shell");
        Some(InstalledHook { title: scene.host.title, tool, call: scene.call() })
    };
    scenes.filter_map(one).collect()
}
