//! Which lives are shown.

use super::LogError;
use crate::process;
use crate::record::Life;
use clap::{Args, ValueEnum};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::path::{Path, PathBuf};

/// Which lives are shown.
#[derive(Debug, Args)]
pub(super) struct Filter {
    /// Only what began at that time or later: 2h, 3d, 2026-11-28, 2026-11-28T17:00
    #[arg(long, value_name = "TIME", value_parser = moment)]
    since: Option<Timestamp>,
    /// Only what began before that time
    #[arg(long, value_name = "TIME", value_parser = moment)]
    until: Option<Timestamp>,
    /// Only what was decided so; may be given several times
    #[arg(long, value_name = "WORD", value_enum)]
    decision: Vec<Verdict>,
    /// Only this program: its name or its path
    #[arg(long, value_name = "PROGRAM")]
    program: Option<String>,
    /// Only what started in this repository or directory, or below
    #[arg(long, value_name = "DIRECTORY")]
    repository: Option<PathBuf>,
    /// Only this agent's
    #[arg(long, value_name = "AGENT")]
    agent: Option<String>,
}

/// What may be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Verdict {
    /// A person said yes
    Approved,
    /// A person said no
    Rejected,
    /// A rule said yes
    Allowed,
    /// A rule said no
    Forbidden,
    /// A grant said yes
    Granted,
    /// The approval of the command around it
    Nested,
    /// A do-not-disturb policy said yes
    Standing,
    /// Nobody did: time, gateway, an answer that was not believed
    Refused,
    /// Nobody has yet
    Pending,
}

impl Verdict {
    fn word(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

impl Filter {
    /// Tells whether everything is shown.
    pub(super) fn is_open(&self) -> bool {
        let Self { since, until, decision, program, repository, agent } = self;
        since.is_none()
            && until.is_none()
            && decision.is_empty()
            && program.is_none()
            && repository.is_none()
            && agent.is_none()
    }

    /// Returns those that are shown.
    ///
    /// # Errors
    ///
    /// The directory that is named is none.
    pub(super) fn of(&self, lives: Vec<Life>) -> Result<Vec<Life>, LogError> {
        let place = self.repository.as_deref().map(directory).transpose()?;
        let words: Vec<String> = self.decision.iter().map(|each| each.word()).collect();
        let shown = |life: &Life| {
            self.since.is_none_or(|since| life.time >= since)
                && self.until.is_none_or(|until| life.time < until)
                && (words.is_empty() || words.iter().any(|word| word == life.verdict()))
                && self.program.as_deref().is_none_or(|program| is_of_program(life, program))
                && place.as_deref().is_none_or(|place| is_in(life, place))
                && self.agent.as_deref().is_none_or(|agent| {
                    life.command().is_some_and(|command| command.agent.as_deref() == Some(agent))
                })
        };
        Ok(lives.into_iter().filter(shown).collect())
    }
}

fn directory(given: &Path) -> Result<PathBuf, LogError> {
    given.canonicalize().map_err(|source| LogError::Directory { path: given.to_owned(), source })
}

fn is_of_program(life: &Life, program: &str) -> bool {
    life.command().is_some_and(|command| {
        let path = Path::new(&command.program);
        command.program == program
            || path.file_name().is_some_and(|name| name == program)
            || command.argv.first().is_some_and(|word| word == program)
    })
}

fn is_in(life: &Life, place: &Path) -> bool {
    life.command().is_some_and(|command| Path::new(&command.cwd).starts_with(place))
}

/// Reads a time: a span back from now, a day, or a day and a time here.
fn moment(text: &str) -> Result<Timestamp, String> {
    let wrong =
        || format!("{text:?} is no time: write 90m, 2h, 3d, 2026-11-28 or 2026-11-28T17:00");
    if let Some(span) = span(text) {
        return process::now().checked_sub(span).map_err(|_| wrong());
    }
    if let Ok(exact) = text.parse::<Timestamp>() {
        return Ok(exact);
    }
    let local = text
        .parse::<DateTime>()
        .or_else(|_| text.parse::<Date>().map(|day| day.at(0, 0, 0, 0)))
        .map_err(|_| wrong())?;
    TimeZone::system().to_timestamp(local).map_err(|_| wrong())
}

fn span(text: &str) -> Option<SignedDuration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let number: i64 = number.parse().ok().filter(|number| (0..=100_000).contains(number))?;
    Some(match unit {
        "s" => SignedDuration::from_secs(number),
        "m" => SignedDuration::from_mins(number),
        "h" => SignedDuration::from_hours(number),
        "d" => SignedDuration::from_hours(24 * number),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_spans_days_and_times() {
        for good in
            ["90m", "2h", "3d", "10s", "2026-11-28", "2026-11-28T17:00", "2026-11-28T17:00:00Z"]
        {
            assert!(moment(good).is_ok(), "{good}");
        }
        for bad in ["", "d", "-1d", "2026-13-01", "yesterday", "99999999999999d"] {
            assert!(moment(bad).is_err(), "{bad}");
        }
        assert!(moment("1h").expect("a time") > moment("2h").expect("a time"));
    }
}
