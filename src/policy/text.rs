//! Judges the text of a shell command: every simple command in it.
//!
//! The text is parsed as it is, with one grammar, and never changed before. Allowed
//! is only what lies in lists and pipelines of simple commands whose words are
//! literal; everything else is asked about. What a rule forbids is looked for in
//! every simple command that is found anywhere.

use super::PolicyError;
use super::approvals::Approvals;
use super::basis::Basis;
use super::engine::{Budget, Engine};
use super::rule::{Circumstances, Place};
use super::verdict::{Decision, Finder, Judgement};
use super::words::{Word, base_name};

impl Engine<'_> {
    /// Judges shell text.
    ///
    /// # Errors
    ///
    /// As [`Engine::judge`].
    pub(super) fn judge_text(&self, text: &str) -> Result<Judgement, PolicyError> {
        self.judge_text_within(text, &Budget::new())
    }

    pub(super) fn judge_text_within(
        &self,
        text: &str,
        budget: &Budget,
    ) -> Result<Judgement, PolicyError> {
        if text.contains('\0') {
            let why = "the text holds a NUL byte, which no shell runs".to_owned();
            return Ok(Judgement::new(Decision::Deny, Basis::Text { why }));
        }
        let parsed = budget.parsed(text);
        let (commands, unread) = (&parsed.commands, parsed.unread);
        let obscure = parsed.obscure.clone();
        let named = |name: &str| {
            let is = |word: &Word<'_>| word.known().map(base_name) == Some(name.as_bytes());
            commands.iter().any(|command| command.first().is_some_and(is))
        };
        // Where the commands behind it run is not known.
        let place = if named("cd") { Place::Moves } else { self.circumstances.place };
        let circumstances = Circumstances { place, ..self.circumstances };
        let engine = Engine { circumstances, ..*self };
        let mut strictest: Option<Judgement> = None;
        for command in commands {
            let mut judgement = engine.judge_within(command, budget)?;
            judgement.runs.iter_mut().for_each(|run| run.finder = Finder::Shell);
            if judgement.decision() == Decision::Deny {
                return Ok(judgement);
            }
            strictest = Some(match strictest {
                Some(found) => found.stricter(judgement),
                None => judgement,
            });
        }
        // What could not be read may be anything.
        let mut approvals = if unread { self.most_approvals } else { Approvals::ONE };
        approvals = strictest.as_ref().map_or(approvals, |found| approvals.max(found.approvals()));
        let asked = |why| Ok(Judgement::ask(Basis::Text { why }).needing(approvals));
        let Some(judgement) = strictest else {
            return asked(obscure.unwrap_or_else(|| "there is no command".to_owned()));
        };
        if judgement.decision() == Decision::Ask && judgement.basis.is_said() {
            return Ok(judgement.needing(approvals));
        }
        if let Some(why) = obscure {
            return asked(why);
        }
        if named("cd") && named("git") {
            return asked("git after cd reads the configuration of another repository".to_owned());
        }
        Ok(judgement.needing(approvals))
    }
}
