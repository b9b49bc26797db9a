//! The rules that hold in one place: of each layer compiled, or as they were just read.

use super::PolicyError;
use super::compiled::{Image, Store};
use super::engine::Rules;
use super::rule::Rule;
use super::set::{Lock, Reach, Settings};
use super::source::{Source, State};
use super::words::Word;
use crate::config::Complaint;
use std::path::Path;

/// The rules that hold, and what the files say besides rules.
#[derive(Debug)]
pub(super) struct Standing<'a> {
    parts: Vec<Part>,
    pub(super) settings: Settings,
    store: &'a Store,
    home: Option<&'a Path>,
}

/// The rules of one policy and what it includes.
#[derive(Debug)]
struct Part {
    form: Form,
    reach: Reach,
}

#[derive(Debug)]
enum Form {
    Read(Vec<Rule>),
    Compiled { image: Image, source: Source, state: State },
}

impl<'a> Standing<'a> {
    /// Takes every policy there is at these places, compiled where that is possible.
    ///
    /// Says exactly what [`super::set::RuleSet::load`] says.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] when one of them cannot be used.
    pub(super) fn load(
        places: impl Iterator<Item = Source>,
        store: &'a Store,
        home: Option<&'a Path>,
    ) -> Result<Self, PolicyError> {
        let mut standing = Self { parts: Vec::new(), settings: Settings::default(), store, home };
        let mut lock = Lock::default();
        for source in places {
            let Some(state) = source.state()? else { continue };
            let layer = source.layer;
            let (form, said) = if let Some((image, said)) = store.image(&source, &state, home) {
                (Form::Compiled { image, source, state }, said)
            } else {
                let mut said = store.read(&source, home)?;
                (Form::Read(std::mem::take(&mut said.rules)), said)
            };
            let reach = lock.reach(layer);
            lock.note(&said);
            standing.settings.take(said, reach);
            standing.parts.push(Part { form, reach });
        }
        Ok(standing)
    }
}

impl Rules for Standing<'_> {
    fn candidates(&self, words: &[Word<'_>]) -> Result<Vec<Rule>, PolicyError> {
        let mut found = Vec::new();
        for part in &self.parts {
            let rules = match &part.form {
                Form::Read(rules) => rules.candidates(words)?,
                Form::Compiled { image, source, state } => match image.candidates(words) {
                    Ok(rules) => rules,
                    Err(_) => self.read_again(source, *state)?.candidates(words)?,
                },
            };
            found.extend(rules.into_iter().filter(|rule| part.reach.holds(rule)));
        }
        Ok(found)
    }
}

impl Standing<'_> {
    /// Reads the rules of a policy whose compiled form is damaged behind its head, and
    /// compiles it again.
    fn read_again(&self, source: &Source, state: State) -> Result<Vec<Rule>, PolicyError> {
        let said = self.store.read(source, self.home)?;
        // What the head says was taken already: it must be of the same state.
        if source.state()? != Some(state) {
            let complaint = Complaint::whole("changed while it was being read");
            return Err(PolicyError::unusable(&source.path, complaint));
        }
        Ok(said.rules)
    }
}
