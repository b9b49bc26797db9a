//! The rules of all layers together.

use super::PolicyError;
use super::approvals::Approvals;
use super::danger::{Dangerous, Marks};
use super::engine::{Defaults, Rules};
use super::file::PolicyFile;
use super::log_allowed::LogAllowed;
use super::rule::Rule;
use super::source::{Loaded, Source, Stamp, load};
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
    pub(super) dangerous: Dangerous,
    /// How many must approve what is dangerous; every layer can raise it.
    pub(super) marks: Marks,
    /// The highest number of approvals that anything needs.
    pub(super) most_approvals: Approvals,
    pub(super) log_allowed: LogAllowed,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            defaults: Defaults::ReadOnly,
            directories: Vec::new(),
            environment: Vec::new(),
            repositories: Vec::new(),
            dangerous: Dangerous::Deny,
            marks: Marks::default(),
            most_approvals: Approvals::ONE,
            log_allowed: LogAllowed::default(),
        }
    }
}

impl Settings {
    /// Takes what a file says besides rules, as far as it reaches.
    pub(super) fn take(&mut self, file: PolicyFile, reach: Reach) {
        if file.asks_for_reading {
            self.defaults = Defaults::Nothing;
        }
        match file.dangerous {
            Some(Dangerous::Ask) if reach == Reach::OnlyTightens => {}
            Some(dangerous) => self.dangerous = dangerous,
            None => {}
        }
        self.marks.join(file.marks);
        self.most_approvals = self.most_approvals.max(file.most_approvals);
        match file.log_allowed {
            Some(word) if reach == Reach::OnlyTightens => {
                self.log_allowed = self.log_allowed.max(word);
            }
            Some(word) => self.log_allowed = word,
            None => {}
        }
        if reach == Reach::Whole {
            self.directories.extend(file.directories);
            self.environment.extend(file.environment);
            self.repositories.extend(file.repositories);
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
    pub(super) sources: Vec<(PathBuf, Stamp)>,
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
        let mut lock = Lock::default();
        for source in places {
            if source.state()?.is_none() {
                set.sources.push((source.path, Stamp::default()));
                continue;
            }
            for Loaded { source, stamp, file } in load(&source, home)? {
                set.sources.push((source.path, stamp));
                let reach = lock.reach(source.layer);
                lock.note(&file);
                set.take(file, reach);
            }
        }
        Ok(set)
    }

    fn take(&mut self, mut file: PolicyFile, reach: Reach) {
        let rules = std::mem::take(&mut file.rules);
        let (held, ignored): (Vec<_>, _) = rules.into_iter().partition(|rule| reach.holds(rule));
        self.rules.extend(held);
        self.ignored.extend(ignored);
        self.settings.take(file, reach);
    }
}

/// How far the word of a file reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// All it says holds.
    Whole,
    /// What it allows or trusts does not.
    OnlyTightens,
}

impl Reach {
    /// Tells whether a rule of the file holds.
    pub(super) fn holds(self, rule: &Rule) -> bool {
        self == Self::Whole || rule.decision != Decision::Allow
    }
}

/// Whether the administrator's file locked the layers behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Lock {
    #[default]
    Open,
    Locked,
}

impl Lock {
    /// Returns how far a file of that layer reaches.
    pub(super) fn reach(self, layer: Layer) -> Reach {
        match (layer, self) {
            (Layer::Project, _) | (Layer::User, Self::Locked) => Reach::OnlyTightens,
            (Layer::System, _) | (Layer::User, Self::Open) => Reach::Whole,
        }
    }

    /// Takes note of what a file says.
    pub(super) fn note(&mut self, file: &PolicyFile) {
        if file.locked {
            *self = Self::Locked;
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
        for Loaded { source, stamp, file } in load(&Source::named(path.to_owned()), home)? {
            set.sources.push((source.path, stamp));
            set.take(file, Reach::Whole);
        }
        set.settings.defaults = Defaults::Nothing;
        set.settings.dangerous = Dangerous::Ask;
        Ok(set)
    }
}

impl Rules for RuleSet {
    fn candidates(&self, words: &[Word<'_>]) -> Result<Vec<Rule>, PolicyError> {
        self.rules.candidates(words)
    }
}
