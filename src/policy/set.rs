//! The rules of all layers together.

use super::PolicyError;
use super::engine::{Defaults, Rules};
use super::file::PolicyFile;
use super::rule::Rule;
use super::source::{FileIdentity, Loaded, Source, load};
use super::verdict::Decision;
use super::words::Word;
use crate::config::Layer;
use std::path::{Path, PathBuf};

/// What the files say besides rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) defaults: Defaults,
    pub(super) directories: Vec<PathBuf>,
    pub(super) environment: Vec<Vec<u8>>,
    pub(super) repositories: Vec<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            defaults: Defaults::ReadOnly,
            directories: Vec::new(),
            environment: Vec::new(),
            repositories: Vec::new(),
        }
    }
}

/// The rules that hold, those that do not, and what they came from.
#[derive(Debug, Default)]
pub(super) struct RuleSet {
    pub(super) rules: Vec<Rule>,
    /// Allow rules of a layer that may only tighten.
    pub(super) ignored: Vec<Rule>,
    pub(super) settings: Settings,
    /// Every file that was looked for, and the state it was in.
    pub(super) sources: Vec<(PathBuf, FileIdentity)>,
}

impl RuleSet {
    /// Reads every policy there is at these places.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] when one of them cannot be used.
    pub(super) fn load(
        places: impl Iterator<Item = Source>,
        home: Option<&Path>,
    ) -> Result<Self, PolicyError> {
        let mut set = Self::default();
        let mut locked = false;
        for source in places {
            let identity = FileIdentity::of(&source.path).map_err(|error| PolicyError::System {
                path: source.path.clone(),
                source: error,
            })?;
            if identity == FileIdentity::default() {
                set.sources.push((source.path, identity));
                continue;
            }
            for Loaded { source, identity, file } in load(&source, home)? {
                set.sources.push((source.path, identity));
                let only_tightens =
                    source.layer == Layer::Project || locked && source.layer != Layer::System;
                locked |= file.locked;
                set.take(file, only_tightens);
            }
        }
        Ok(set)
    }

    fn take(&mut self, file: PolicyFile, only_tightens: bool) {
        for rule in file.rules {
            if only_tightens && rule.decision == Decision::Allow {
                self.ignored.push(rule);
            } else {
                self.rules.push(rule);
            }
        }
        if file.asks_for_reading {
            self.settings.defaults = Defaults::Nothing;
        }
        if !only_tightens {
            self.settings.directories.extend(file.directories);
            self.settings.environment.extend(file.environment);
            self.settings.repositories.extend(file.repositories);
        }
    }
}

impl RuleSet {
    /// Reads one policy that stands alone: without a rule everything is asked.
    ///
    /// # Errors
    ///
    /// As [`RuleSet::load`].
    pub(super) fn alone(path: &Path, home: Option<&Path>) -> Result<Self, PolicyError> {
        let mut set = Self::default();
        for Loaded { source, identity, file } in load(&Source::named(path.to_owned()), home)? {
            set.sources.push((source.path, identity));
            set.take(file, false);
        }
        set.settings.defaults = Defaults::Nothing;
        Ok(set)
    }
}

impl Rules for RuleSet {
    fn candidates(&self, words: &[Word<'_>]) -> Result<Vec<Rule>, PolicyError> {
        self.rules.candidates(words)
    }
}
