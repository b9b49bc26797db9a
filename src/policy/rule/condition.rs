//! When a rule holds.

use super::Rule;
use crate::policy::verdict::Decision;
use crate::process::{Environment, Stdio, Stream};
use crate::request;
use std::path::{Path, PathBuf};

/// The conditions of a rule; all that are given must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::policy) struct When {
    /// The working directory is this or lies below it.
    pub(in crate::policy) cwd: Option<PathBuf>,
    /// The top of the repository around it is this or lies below it.
    pub(in crate::policy) repository: Option<PathBuf>,
    /// The agent that seems to call.
    pub(in crate::policy) agent: Option<String>,
    /// Whether standard input and error are terminals.
    pub(in crate::policy) interactive: Option<bool>,
    /// The time of day where the machine is.
    pub(in crate::policy) hours: Option<Hours>,
}

/// A span of the day in minutes after midnight, the end not in it; it may wrap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::policy) struct Hours {
    /// First minute.
    pub(in crate::policy) from: u16,
    /// Minute behind the last.
    pub(in crate::policy) to: u16,
}

impl std::fmt::Display for Hours {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { from, to } = self;
        write!(formatter, "{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)
    }
}

impl Hours {
    fn contain(self, minute: u16) -> bool {
        if self.from <= self.to {
            (self.from..self.to).contains(&minute)
        } else {
            minute >= self.from || minute < self.to
        }
    }
}

/// What conditions are held against.
#[derive(Debug, Clone, Copy)]
pub(in crate::policy) struct Circumstances<'a> {
    /// The working directory.
    pub(in crate::policy) directory: &'a Path,
    /// The environment.
    pub(in crate::policy) environment: &'a Environment,
    /// Which standard streams are terminals.
    pub(in crate::policy) stdio: Stdio,
    /// Minutes after midnight.
    pub(in crate::policy) minute: fn() -> Option<u16>,
    /// Whether the command starts there.
    pub(in crate::policy) place: Place,
}

/// Whether a command starts in the directory that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::policy) enum Place {
    /// It does.
    Stays,
    /// Something before it may go elsewhere.
    Moves,
}

impl Circumstances<'_> {
    /// Tells whether all conditions of a rule hold.
    ///
    /// Where the place or the time is not known, one that allows does not and any other
    /// does.
    pub(in crate::policy) fn meet(&self, rule: &Rule) -> bool {
        let when = &rule.when;
        let moves = self.place == Place::Moves;
        let tightens = rule.decision != Decision::Allow;
        let below = |path: &Path| self.directory.starts_with(path);
        let in_repository = |path: &Path| {
            self.directory
                .ancestors()
                .find(|each| each.join(".git").exists())
                .is_some_and(|top| top.starts_with(path))
        };
        let is_agent = |name: &str| request::agent(self.environment) == Some(name);
        let interactive =
            || self.stdio.is_terminal(Stream::Input) && self.stdio.is_terminal(Stream::Error);
        let here = |holds: bool| if moves { tightens } else { holds };
        when.cwd.as_deref().is_none_or(|path| here(below(path)))
            && when.repository.as_deref().is_none_or(|path| here(in_repository(path)))
            && when.agent.as_deref().is_none_or(is_agent)
            && when.interactive.is_none_or(|wanted| wanted == interactive())
            && when
                .hours
                .is_none_or(|hours| (self.minute)().map_or(tightens, |now| hours.contain(now)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_may_wrap_around_midnight() {
        let day = Hours { from: 540, to: 1080 };
        assert!(day.contain(540) && !day.contain(1080) && !day.contain(0));
        let night = Hours { from: 1320, to: 360 };
        assert!(night.contain(1320) && night.contain(0) && !night.contain(360));
    }

    #[test]
    fn where_the_time_is_not_known_a_rule_allows_nothing_and_forbids() {
        let environment = Environment::default();
        let circumstances = Circumstances {
            directory: Path::new("/"),
            environment: &environment,
            stdio: Stdio::capture(),
            minute: || None,
            place: Place::Stays,
        };
        let hours = Some(Hours { from: 0, to: 1 });
        for (decision, holds) in
            [(Decision::Allow, false), (Decision::Ask, true), (Decision::Deny, true)]
        {
            let when = When { hours, ..When::default() };
            let rule = Rule { decision, when, ..Rule::default() };
            assert_eq!(circumstances.meet(&rule), holds);
        }
    }
}
