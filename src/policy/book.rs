//! The rules of a place, to be asked about and shown.

use super::PolicyError;
use super::approvals::Approvals;
use super::basis::Basis;
use super::engine::{Budget, Defaults, Engine};
use super::file::Example;
use super::rule::{Circumstances, Place, Rule};
use super::set::{RuleSet, Settings};
use super::shell::{self, Parsed};
use super::source::{self, Source};
use super::tool::{self, ShownTool};
use super::verdict::{Decision, Judgement};
use super::words::Word;
use crate::config::{Layer, Paths};
use crate::process::{Environment, Stdio};
use std::ffi::OsString;
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Where a policy comes from.
#[derive(Debug, Clone, Copy)]
pub enum Origin<'a> {
    /// The files of all layers for what starts in a directory.
    Layers(&'a Paths),
    /// One file, which alone decides: what it does not speak of is asked about.
    File(&'a Path),
}

/// The rules that hold for what starts in one place.
#[derive(Debug)]
pub struct Policy<'a> {
    set: RuleSet,
    environment: &'a Environment,
    directory: &'a Path,
}

/// One simple command of shell text, where it stands, and what becomes of it.
#[derive(Debug)]
pub struct Part {
    /// Its bytes in the text; none when it is in a substitution.
    pub bytes: Option<Range<usize>>,
    /// Its words as they are shown.
    pub command: String,
    /// What becomes of it.
    pub judgement: Judgement,
}

/// A rule as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedRule {
    /// File and line.
    pub place: String,
    /// The layer of the file.
    pub layer: Layer,
    /// What it says.
    pub decision: Decision,
    /// How many must approve.
    pub approvals: Approvals,
    /// The words it matches.
    pub words: String,
    /// What its author says about it.
    pub reason: Option<String>,
    /// When it holds, if not always.
    pub conditions: Vec<String>,
    /// Why it does not count, if it does not.
    pub ignored: Option<&'static str>,
}

impl<'a> Policy<'a> {
    /// Reads the policy.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] when it cannot be used.
    pub fn read(
        origin: Origin<'_>,
        environment: &'a Environment,
        directory: &'a Path,
    ) -> Result<Self, PolicyError> {
        let home = environment.value("HOME").map(Path::new);
        let set = match origin {
            Origin::Layers(paths) => RuleSet::load(source::places(paths, directory), home)?,
            Origin::File(path) => RuleSet::alone(path, home)?,
        };
        Ok(Self { set, environment, directory })
    }

    /// Returns what holds without any file.
    #[must_use]
    pub fn built_in(environment: &'a Environment, directory: &'a Path) -> Self {
        Self { set: RuleSet::default(), environment, directory }
    }

    /// Judges the words of a command, wherever its program lies and whatever is around it.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] when the rules cannot be used.
    pub fn judge_words(&self, words: &[OsString]) -> Result<Judgement, PolicyError> {
        let words: Vec<Word<'_>> =
            words.iter().map(|word| Word::literal(word.as_bytes())).collect();
        self.engine().judge(&words)
    }

    /// Judges shell text, wherever its programs lie and whatever is around it.
    ///
    /// # Errors
    ///
    /// As [`Policy::judge_words`].
    pub fn judge_text(&self, text: &str) -> Result<Judgement, PolicyError> {
        self.engine().judge_text(text)
    }

    /// Judges each simple command of a text by itself, in order.
    ///
    /// # Errors
    ///
    /// As [`Policy::judge_words`].
    pub fn parts(&self, text: &str) -> Result<Vec<Part>, PolicyError> {
        let Parsed { commands, spans, .. } = shell::parse(text);
        let byte = |character: usize| {
            text.char_indices().nth(character).map_or(text.len(), |(byte, _)| byte)
        };
        let budget = Budget::new();
        let part = |(words, span): (&Vec<Word<'static>>, &Option<Range<usize>>)| {
            Ok(Part {
                bytes: span.as_ref().map(|span| byte(span.start)..byte(span.end)),
                command: words.iter().map(Word::shown).collect::<Vec<_>>().join(" "),
                judgement: self.engine().judge_within(words, &budget)?,
            })
        };
        commands.iter().zip(&spans).map(part).collect()
    }

    /// Returns every rule in the order of the layers.
    #[must_use]
    pub fn rules(&self) -> Vec<ListedRule> {
        let ignored = "a project's or an unlocked layer's rule cannot allow";
        let mut rules: Vec<ListedRule> =
            self.set.rules.iter().map(|rule| listed(rule, None)).collect();
        rules.extend(self.set.ignored.iter().map(|rule| listed(rule, Some(ignored))));
        rules
    }

    /// Returns the files that were read, and those that are not there.
    #[must_use]
    pub fn files(&self) -> Vec<(PathBuf, Presence)> {
        let presence = |stamp: &source::Stamp| {
            if stamp.is_of_none() { Presence::Absent } else { Presence::Read }
        };
        self.set.sources.iter().map(|(path, stamp)| (path.clone(), presence(stamp))).collect()
    }

    /// Tells whether the tables of read-only uses allow anything here.
    #[must_use]
    pub fn allows_reading(&self) -> bool {
        self.set.settings.defaults == Defaults::ReadOnly
    }

    /// Returns the classes of dangerous commands that need more than one approval.
    #[must_use]
    pub fn marks(&self) -> Vec<(&'static str, Approvals)> {
        self.set.settings.marks.named().collect()
    }

    /// Returns the highest number of approvals that anything needs here.
    #[must_use]
    pub fn most_approvals(&self) -> Approvals {
        self.set.settings.most_approvals
    }

    fn engine(&self) -> Engine<'_> {
        let circumstances = Circumstances {
            directory: self.directory,
            environment: self.environment,
            stdio: Stdio::capture(),
            minute: crate::process::minute_of_day,
            place: Place::Stays,
        };
        let Settings { defaults, dangerous, marks, most_approvals, .. } = self.set.settings;
        let rules = &self.set;
        Engine { rules, circumstances, defaults, dangerous, marks, most_approvals }
    }
}

/// Whether a policy file is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It was read.
    Read,
    /// There is none.
    Absent,
}

/// Tries every example of a policy.
///
/// # Errors
///
/// [`PolicyError`] when a file cannot be used for another reason than an example.
pub fn examples(
    origin: Origin<'_>,
    environment: &Environment,
    directory: &Path,
) -> Result<Vec<Example>, PolicyError> {
    let home = environment.value("HOME").map(Path::new);
    let sources: Vec<Source> = match origin {
        Origin::Layers(paths) => source::places(paths, directory).collect(),
        Origin::File(path) => vec![Source::named(path.to_owned())],
    };
    let mut examples = Vec::new();
    for each in sources {
        let stamp = source::Stamp::of(&each.path)
            .map_err(|error| PolicyError::System { path: each.path.clone(), source: error })?;
        if stamp.is_of_none() && matches!(origin, Origin::Layers(_)) {
            continue;
        }
        let loaded = source::load_untried(&each, home)?;
        examples.extend(loaded.into_iter().flat_map(|each| each.file.examples));
    }
    Ok(examples)
}

/// Returns the built-in tables, or those of one program.
#[must_use]
pub fn tools(name: Option<&str>) -> Vec<ShownTool> {
    tool::shown(name)
}

fn listed(rule: &Rule, ignored: Option<&'static str>) -> ListedRule {
    let when = &rule.when;
    let path = |name: &str, path: &PathBuf| format!("{name} = {}", path.display());
    let conditions = [
        when.cwd.as_ref().map(|cwd| path("cwd", cwd)),
        when.repository.as_ref().map(|repository| path("repository", repository)),
        when.agent.as_ref().map(|agent| format!("agent = {agent}")),
        when.interactive.map(|interactive| format!("interactive = {interactive}")),
        when.hours.map(|hours| format!("hours = {hours}")),
    ];
    ListedRule {
        place: rule.place(),
        layer: rule.layer,
        decision: rule.decision,
        approvals: rule.approvals,
        words: rule.words(),
        reason: rule.reason.clone(),
        conditions: conditions.into_iter().flatten().collect(),
        ignored,
    }
}

impl Judgement {
    /// Returns what would have to be different for the command to run unasked.
    #[must_use]
    pub fn remedy(&self) -> Option<String> {
        (self.decision != Decision::Allow).then(|| self.basis.remedy())
    }
}

impl Basis {
    fn remedy(&self) -> String {
        match self {
            Self::Rule { rule, .. } => match rule.decision {
                Decision::Deny => format!("another command: {} forbids this one", rule.place()),
                _ => format!("take the rule away ({}): it wins over any that allows", rule.place()),
            },
            Self::NotCovered { uncovered, .. } => format!(
                "leave out `{}`, or write a rule with exactly the words of this command",
                uncovered.word
            ),
            Self::NoRule { command } => {
                let words: Vec<String> = command.words().map(|word| format!("{word:?}")).collect();
                format!("a rule: argv = [{}], decision = \"allow\"", words.join(", "))
            }
            Self::Surroundings { .. } => "change what is around it, or say in `trust` that it is \
                 yours (directories, environment, repositories)"
                .to_owned(),
            Self::Text { .. } => "write it as simple commands of literal words, joined by `;`, \
                 `&&`, `||` or `|`"
                .to_owned(),
            Self::Ruin { .. } => {
                "nothing in a rule; `dangerous = \"ask\"` in your own policy makes it a question"
                    .to_owned()
            }
            Self::Marked { marked, .. } => format!(
                "take `{}` (or `any`) out of [approvals]: that wins over any rule that allows",
                marked.class
            ),
            Self::BuiltIn { .. } => "nothing: it is allowed".to_owned(),
        }
    }
}
