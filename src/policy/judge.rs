//! Judges a captured request: words, file, surroundings.

use super::asked::Asked;
use super::basis::Basis;
use super::compiled::Store;
use super::engine::{Engine, Rules};
use super::neutral::{Keep, Remote, Work};
use super::rule::{Circumstances, Place};
use super::set::{RuleSet, Settings};
use super::standing::Standing;
use super::started::has_still_editor;
use super::surroundings::{self, Program};
use super::tool::{self, Effect, Family};
use super::trust::Trust;
use super::verdict::{Allowed, Decision, Denial, Finder, Judgement, Run, Verdict};
use super::words::{Word, base_name};
use super::{PolicyError, neutral, source};
use crate::config::Paths;
use crate::process::Stream;
use crate::request::Request;
use std::borrow::Cow;
use std::ffi::{CStr, CString, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Judges a request by the rules that hold where it starts, and keeps it in the verdict.
///
/// # Errors
///
/// [`PolicyError`] when a policy file cannot be used.
pub fn judge(request: Request, paths: &Paths) -> Result<Verdict, PolicyError> {
    let home = request.environment().value("HOME").map(Path::new);
    let places = source::places(paths, request.directory().path());
    let store = Store::of(paths);
    let standing = Standing::load(places, &store, home)?;
    let scene = Scene::new(&request, paths, &standing.settings);
    let judgement = scene.decide(&standing)?;
    let log_allowed = standing.settings.log_allowed;
    Ok(match judgement.decision() {
        Decision::Allow => {
            let additions = scene.additions(&judgement.runs);
            let request = request.recorded_as(judgement.basis.recording());
            Verdict::Allow(Allowed::new(request, additions, log_allowed))
        }
        Decision::Ask => {
            let request = request.recorded_as(judgement.basis.recording());
            Verdict::Ask(Asked::new(request, judgement))
        }
        Decision::Deny => {
            let denial = Denial {
                rule: judgement.rule().unwrap_or_default(),
                reason: judgement.reason().map(str::to_owned),
                because: judgement.because(),
            };
            Verdict::Deny(denial, request)
        }
    })
}

/// Judges a request as [`judge`] does, and keeps what the decision rests on.
///
/// # Errors
///
/// As [`judge`].
pub fn assess(request: &Request, paths: &Paths) -> Result<Judgement, PolicyError> {
    let home = request.environment().value("HOME").map(Path::new);
    let set = RuleSet::load(source::places(paths, request.directory().path()), home)?;
    Scene::new(request, paths, &set.settings).decide(&set)
}

/// A request, and what is trusted around it.
struct Scene<'a> {
    request: &'a Request,
    settings: &'a Settings,
    trust: Trust<'a>,
    paths: &'a Paths,
}

impl<'a> Scene<'a> {
    fn new(request: &'a Request, paths: &'a Paths, settings: &'a Settings) -> Self {
        let trust = Trust::new(request, &settings.directories);
        Self { request, settings, trust, paths }
    }

    /// Judges words first, then what they are in this place.
    fn decide(&self, rules: &dyn Rules) -> Result<Judgement, PolicyError> {
        let words = self.request.words();
        let words: Vec<Word<'_>> =
            words.iter().map(|word| Word::literal(word.as_bytes())).collect();
        let circumstances = Circumstances {
            directory: self.request.directory().path(),
            environment: self.request.environment(),
            stdio: self.request.stdio(),
            minute: crate::process::minute_of_day,
            place: Place::Stays,
        };
        let Settings { defaults, dangerous, marks, most_approvals, .. } = *self.settings;
        let engine = Engine { rules, circumstances, defaults, dangerous, marks, most_approvals };
        let judgement = engine.judge(&words)?;
        // git runs already when its hook asks: what surrounds it is no part of the question.
        if judgement.decision() != Decision::Allow || self.request.has_begun() {
            return Ok(judgement);
        }
        Ok(match self.obstacle(&judgement.runs) {
            Some(why) => {
                let rule = match judgement.basis {
                    Basis::Rule { rule, .. } => Some(rule),
                    _ => None,
                };
                Judgement::ask(Basis::Surroundings { rule, why })
            }
            None => judgement,
        })
    }

    /// Says what around an allowed command keeps it from running unasked, if anything.
    fn obstacle(&self, runs: &[Run]) -> Option<String> {
        if let Some(why) = runs.iter().find_map(|run| self.obstacle_of(run)) {
            return Some(why);
        }
        let looks = runs.iter().any(|run| tool::is_lookup(base_name(&run.word)));
        if looks && self.path(runs).is_some() {
            return Some("it would see a search path without your own directories".to_owned());
        }
        let work = work(runs);
        let work = if self.request.invocation().interception().is_run_elsewhere() {
            if let Some(why) = self.obstacle_elsewhere(runs) {
                return Some(why);
            }
            // What reads runs with its repository's settings there.
            work.map(|_| Work::Acts)
        } else {
            work
        };
        let directory = self.request.directory().path();
        let remotes: Vec<Remote<'_>> = runs.iter().filter_map(remote).collect();
        neutral::disturbing(directory, work?, &remotes, &self.settings.repositories)
    }

    /// Says what we would keep a command from, if we started it.
    fn obstacle_elsewhere(&self, runs: &[Run]) -> Option<String> {
        if let Some(why) = runs.iter().find_map(|run| self.obstacle_of_host(run)) {
            return Some(why);
        }
        if !runs.iter().any(is_of_git) {
            return None;
        }
        if self.request.stdio().is_terminal(Stream::Output) {
            return Some("git may start a pager, which runs what is typed into it".to_owned());
        }
        let keep = Keep::OutOf(self.request.directory().path());
        let path = self.request.environment().value("PATH")?;
        let inside = neutral::cleaned(path, &keep).is_some();
        inside.then(|| "git may start programs of the directory it works in".to_owned())
    }

    /// Says what a program that starts others could find in the search path.
    fn obstacle_of_host(&self, run: &Run) -> Option<String> {
        let started: &[u8] = match base_name(&run.word) {
            _ if !is_of_host(run) => return None,
            b"gh" => b"git",
            b"docker" => b"ssh",
            // Its configuration names what signs in.
            name => {
                let inside = self.path(std::slice::from_ref(run)).is_some();
                let name = crate::request::text::word(OsStr::from_bytes(name));
                return inside.then(|| format!("{name} may start programs of directories in PATH"));
            }
        };
        let path = self.request.environment().value("PATH")?;
        let found = neutral::found(path, OsStr::from_bytes(started), &self.paths.shims())?;
        self.trust.distrusts_path(&found)
    }

    fn obstacle_of(&self, run: &Run) -> Option<String> {
        let distrusted = match run.finder {
            Finder::Ours => self.trust.distrusts_request(self.request),
            Finder::Shell if tool::is_built_in(&run.word) => None,
            Finder::Shell => self.distrusts_word(&run.word),
        };
        if distrusted.is_some() {
            return distrusted;
        }
        // In a shell's text it may be another's output.
        let is_typed =
            run.finder == Finder::Ours && self.request.stdio().is_terminal(Stream::Input);
        if run.effect == Effect::Edits && !is_typed && !has_still_editor(self.request.environment())
        {
            return Some("its editor would do what comes through standard input".to_owned());
        }
        if let Some(why) = started(run).iter().find_map(|name| self.distrusts_started(name)) {
            return Some(why);
        }
        let name = base_name(&run.word);
        let known = |family| Program::Known(family, run.effect);
        let program = run.obeys.map_or(Program::Unknown, known);
        let trusted = &self.settings.environment;
        let environment = self.request.environment();
        let variable = surroundings::disturbing(environment, program, name, trusted)?;
        Some(format!("{variable} is set, which changes what runs"))
    }

    /// Looks a command word up as the shell will, in the directories it will see.
    fn distrusts_word(&self, word: &[u8]) -> Option<String> {
        let name = OsStr::from_bytes(word);
        if word.contains(&b'/') {
            return self.trust.distrusts_path(Path::new(name));
        }
        let shown = crate::request::text::word(name);
        let Some(path) = self.request.environment().value("PATH") else {
            return Some(format!("PATH is not set: where the shell finds {shown} is not known"));
        };
        // Links to ourselves, which a shell must not find again: it was judged here.
        let shims = self.paths.shims();
        match neutral::found(path, name, &shims) {
            Some(found) => self.trust.distrusts_path(&found),
            None => Some(format!("{shown} is not found in PATH")),
        }
    }

    /// Looks up what git starts as git will.
    fn distrusts_started(&self, name: &str) -> Option<String> {
        let path = self.request.environment().value("PATH")?;
        if std::env::split_paths(path).any(|directory| !directory.is_absolute()) {
            return Some(format!("git looks for {name} in a directory that is not absolute"));
        }
        let found = neutral::found(path, OsStr::new(name), &self.paths.shims())?;
        self.trust.distrusts_path(&found)
    }

    /// Returns the entries that an allowed request runs with in addition.
    fn additions(&self, runs: &[Run]) -> Vec<Cow<'static, CStr>> {
        let mut additions = match work(runs) {
            Some(Work::Reads) => neutral::additions(),
            None if runs.iter().any(is_of_git) => neutral::additions_for_telling(),
            Some(Work::Acts) | None => Vec::new(),
        };
        if runs.iter().any(|run| run.obeys == Some(Family::GitHost)) {
            additions.extend(neutral::additions_for_hosts());
        }
        additions.extend(self.path(runs).map(Cow::Owned));
        additions
    }

    /// Returns the search path that what is allowed gets, when it is another.
    fn path(&self, runs: &[Run]) -> Option<CString> {
        let path = self.request.environment().value("PATH")?;
        let is_trusted = |directory: &Path| self.trust.trusts_directory(directory);
        let keep = kept(runs, &is_trusted, self.request.directory().path())?;
        neutral::cleaned(path, &keep)
    }
}

/// Says what stays in the search path of what is allowed; `None` when all of it does.
fn kept<'k>(
    runs: &[Run],
    is_trusted: &'k dyn Fn(&Path) -> bool,
    directory: &'k Path,
) -> Option<Keep<'k>> {
    if runs.iter().any(|run| is_looked_up(run) || is_of_host(run)) {
        Some(Keep::Trusted(is_trusted))
    } else if work(runs) == Some(Work::Reads) {
        Some(Keep::OutOf(directory))
    } else {
        None
    }
}

/// Tells whether a shell looks for the program in its search path.
fn is_looked_up(run: &Run) -> bool {
    run.finder == Finder::Shell && !run.word.contains(&b'/') && !tool::is_built_in(&run.word)
}

/// Tells whether a program starts others by their names: git, ssh, what signs in.
fn is_of_host(run: &Run) -> bool {
    matches!(run.obeys, Some(Family::Cloud | Family::GitHost))
}

fn is_of_git(run: &Run) -> bool {
    matches!(run.obeys, Some(Family::Git | Family::GitHost))
}

/// Returns what git may look for in the search path for a command that does more than
/// reading.
fn started(run: &Run) -> &'static [&'static str] {
    match (run.obeys, run.effect) {
        (Some(Family::Git), Effect::Connects) => &["ssh"],
        (Some(Family::Git), Effect::Acts) => &["gpg", "ssh-keygen"],
        (Some(Family::Git), Effect::Edits) => &["gpg", "ssh-keygen", "vi"],
        (Some(Family::Git), Effect::Anything) => &["ssh", "gpg", "ssh-keygen", "vi"],
        _ => &[],
    }
}

/// Returns the other repository that a command reaches.
fn remote(run: &Run) -> Option<Remote<'_>> {
    (run.effect == Effect::Connects)
        .then(|| run.remote.as_deref().map_or(Remote::Usual, Remote::Named))
}

/// Says what is done in repositories; `None` when what they configure is only told.
fn work(runs: &[Run]) -> Option<Work> {
    let mut effects = runs.iter().filter(|run| is_of_git(run)).map(|run| run.effect);
    if effects.clone().any(Effect::acts) {
        return Some(Work::Acts);
    }
    effects.any(|effect| effect == Effect::Reads).then_some(Work::Reads)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(word: &str, finder: Finder, effect: Effect) -> Run {
        let obeys = tool::tool_named(word.as_bytes()).map(tool::Tool::obeys);
        Run { word: word.as_bytes().to_vec(), obeys, effect, remote: None, finder }
    }

    #[test]
    fn what_starts_programs_by_their_names_finds_them_in_trusted_directories_alone() {
        let kept = |word, finder, effect| match kept(
            &[run(word, finder, effect)],
            &|_| true,
            Path::new("/home/me/src"),
        ) {
            Some(Keep::Trusted(_)) => "trusted",
            Some(Keep::OutOf(_)) => "outside",
            None => "all",
        };
        for name in ["gh", "kubectl", "docker"] {
            for effect in [Effect::Reads, Effect::Acts] {
                assert_eq!(kept(name, Finder::Ours, effect), "trusted", "{name}");
            }
        }
        assert_eq!(kept("ls", Finder::Shell, Effect::Reads), "trusted");
        assert_eq!(kept("git", Finder::Ours, Effect::Reads), "outside");
        assert_eq!(kept("git", Finder::Ours, Effect::Acts), "all");
        assert_eq!(kept("ls", Finder::Ours, Effect::Reads), "all");
    }
}
