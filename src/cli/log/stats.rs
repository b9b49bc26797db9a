//! `log stats`: what is asked most, how long decisions take, what rules would save.

use super::{LogError, table};
use crate::cli::output::{say, say_json};
use crate::display::Displayable;
use crate::display::counted;
use crate::policy;
use crate::record::{Command, Life, Subject};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io;

/// How many commands are listed.
const LISTED: usize = 10;
/// How often the same must have been approved before a rule is suggested.
const OFTEN: usize = 3;
/// How many rules are suggested.
const SUGGESTED: usize = 5;

/// What was found out.
struct Stats {
    verdicts: BTreeMap<&'static str, usize>,
    /// What was asked about, the most often first.
    asked: Vec<Asked>,
    /// How long the decisions took, the shortest first.
    took: Vec<SignedDuration>,
    rules: Vec<Suggestion>,
}

/// One command, in one place as far as it is known, and what was decided about it.
struct Asked {
    line: String,
    times: usize,
    approved: usize,
    rejected: usize,
    took: SignedDuration,
    /// The command, and the repository when it always was the same.
    command: Command,
    repository: Option<String>,
}

/// A rule that would have answered.
struct Suggestion {
    text: String,
    questions: usize,
    waited: SignedDuration,
}

/// Says it.
pub(super) fn run(lives: &[Life], json: bool) -> Result<(), LogError> {
    let stats = Stats::of(lives);
    if json {
        stats.write_json()?;
    } else {
        stats.write()?;
    }
    Ok(())
}

impl Stats {
    fn of(lives: &[Life]) -> Self {
        let mut verdicts = BTreeMap::new();
        for life in lives.iter().filter(|life| life.command().is_some()) {
            *verdicts.entry(life.verdict()).or_default() += 1;
        }
        let mut took: Vec<SignedDuration> = lives.iter().filter_map(Life::decision_took).collect();
        took.sort_unstable();
        let asked = asked(lives);
        let rules = asked.iter().filter_map(Asked::rule).take(SUGGESTED).collect();
        Self { verdicts, asked, took, rules }
    }

    fn write(&self) -> io::Result<()> {
        if self.verdicts.is_empty() {
            return say("nothing was asked yet");
        }
        let counts = self.verdicts.iter().map(|(word, count)| format!("{count} {word}"));
        say(&format!("commands: {}", counts.collect::<Vec<_>>().join(", ")))?;
        if let (Some(median), Some(most)) = (self.percentile(50), self.percentile(90)) {
            let count = self.took.len();
            let (median, most) = (table::span(median), table::span(most));
            say(&format!("decisions: {count}, half within {median}, nine of ten within {most}"))?;
        }
        if !self.asked.is_empty() {
            say("asked most:")?;
        }
        for each in self.asked.iter().take(LISTED) {
            let line = Displayable::from(each.line.as_str());
            say(&format!("  {:>4}×  {line}", each.times))?;
        }
        if self.rules.is_empty() {
            return say(
                "no rule suggests itself: nothing was approved three times and never rejected",
            );
        }
        say("")?;
        say("# Rules that would have answered; read each before it goes into policy.toml.")?;
        for each in &self.rules {
            say("")?;
            let (questions, waited) = (each.questions, table::span(each.waited));
            say(&format!("# Saves {} and {waited} of waiting.", counted(questions, "question")))?;
            say(each.text.trim_end())?;
        }
        Ok(())
    }

    fn write_json(&self) -> io::Result<()> {
        let asked = self.asked.iter().take(LISTED).map(|each| {
            json!({
                "command": each.line, "times": each.times, "approved": each.approved,
                "rejected": each.rejected,
            })
        });
        let rules = self.rules.iter().map(|each| {
            json!({
                "rule": each.text, "questions": each.questions, "waitedMs": ms(each.waited),
            })
        });
        let value = json!({
            "version": 1,
            "verdicts": self.verdicts,
            "asked": asked.collect::<Vec<Value>>(),
            "decisions": {
                "count": self.took.len(),
                "medianMs": self.percentile(50).map(ms),
                "p90Ms": self.percentile(90).map(ms),
            },
            "rules": rules.collect::<Vec<Value>>(),
        });
        say_json(&value)
    }

    /// Returns the shortest time that so many of a hundred decisions did not take longer
    /// than.
    fn percentile(&self, part: usize) -> Option<SignedDuration> {
        let rank = (self.took.len() * part).div_ceil(100).max(1);
        self.took.get(rank - 1).copied()
    }
}

fn ms(span: SignedDuration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

/// Puts what was asked together by its words, the most often asked first.
fn asked(lives: &[Life]) -> Vec<Asked> {
    let mut by_words: BTreeMap<&[String], Asked> = BTreeMap::new();
    for life in lives {
        let (Subject::Command(command), Some(_)) = (&life.subject, &life.request) else { continue };
        let each = by_words.entry(&command.argv).or_insert_with(|| Asked {
            line: command.line(),
            times: 0,
            approved: 0,
            rejected: 0,
            took: SignedDuration::ZERO,
            command: command.clone(),
            repository: command.repository.clone(),
        });
        each.times += 1;
        match life.verdict() {
            "approved" => each.approved += 1,
            "rejected" => each.rejected += 1,
            _ => {}
        }
        each.took = each.took.saturating_add(life.decision_took().unwrap_or_default());
        if each.repository != command.repository {
            each.repository = None;
        }
    }
    let mut asked: Vec<Asked> = by_words.into_values().collect();
    asked.sort_by_key(|each| std::cmp::Reverse(each.times));
    asked
}

impl Asked {
    /// Returns the rule that would have answered, when the policy takes it.
    fn rule(&self) -> Option<Suggestion> {
        let is_hidden = |word: &String| word.contains('‹') || word.contains('…');
        if self.approved < OFTEN
            || self.rejected > 0
            || self.command.left_out.is_some()
            || self.command.argv.iter().any(is_hidden)
        {
            return None;
        }
        let mut words = self.command.argv.clone();
        // A rule names a program without its path.
        let name = words.first()?.rsplit('/').next()?.to_owned();
        words[0] = name;
        let quoted: toml_edit::Array = words.iter().collect();
        let line = crate::request::text::command(
            &words.iter().map(std::ffi::OsString::from).collect::<Vec<_>>(),
        );
        let example: toml_edit::Array = [line].into_iter().collect();
        let when = self.repository.as_ref().map(|repository| {
            let path = toml_edit::Value::from(repository.as_str());
            format!("when = {{ repository = {} }}\n", path.to_string().trim())
        });
        let text = format!(
            "[[rule]]\nargv = {quoted}\ndecision = \"allow\"\n{}match = {example}\n",
            when.unwrap_or_default()
        );
        let (questions, waited) = (self.approved, self.took);
        policy::can_be_used(&text).then_some(Suggestion { text, questions, waited })
    }
}
