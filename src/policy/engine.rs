//! Judges simple commands by rules and tables: the strictest word counts.

use super::approvals::Approvals;
use super::basis::Basis;
use super::danger::{self, Dangerous, Marks};
use super::rule::{Circumstances, Rule};
use super::shell::{self, Parsed};
use super::tool::{self, Carrier, Effect, Tool, Uncovered};
use super::verdict::{Decision, Finder, Judgement, Run};
use super::words::{Certainty, Command, Word, base_name, is_plain};
use super::{PolicyError, payload};
use std::cell::{Cell, RefCell};
use std::path::Path;
use std::rc::Rc;

/// Where rules come from: a file just read, or the compiled form.
pub(super) trait Rules {
    /// Returns at least every rule whose words could match or reach the command.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] when the compiled form is damaged and the file cannot be used.
    fn candidates(&self, words: &[Word<'_>]) -> Result<Vec<Rule>, PolicyError>;
}

impl Rules for [Rule] {
    fn candidates(&self, words: &[Word<'_>]) -> Result<Vec<Rule>, PolicyError> {
        let Some(name) = words.first().and_then(Word::known).map(base_name) else {
            return Ok(Vec::new());
        };
        let named = |rule: &&Rule| rule.argv[0].iter().any(|each| each == name);
        Ok(self.iter().filter(named).cloned().collect())
    }
}

/// Whether the tables of read-only uses count besides the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Defaults {
    /// What ships: read-only uses are allowed.
    ReadOnly,
    /// Nothing: the rules alone decide.
    Nothing,
}

/// Rules and circumstances, ready to judge.
#[derive(Clone, Copy)]
pub(super) struct Engine<'a> {
    pub(super) rules: &'a dyn Rules,
    pub(super) circumstances: Circumstances<'a>,
    pub(super) defaults: Defaults,
    pub(super) dangerous: Dangerous,
    pub(super) marks: Marks,
    /// What is needed of what cannot be looked through: as much as of anything.
    pub(super) most_approvals: Approvals,
}

/// How many commands are looked through, and how deep they may be wrapped.
pub(super) struct Budget {
    commands: Cell<u32>,
    depth: Cell<u32>,
    /// The text that was parsed last: a shell's text is looked at as what the shell runs,
    /// and as what it carries.
    parsed: RefCell<Option<(String, Rc<Parsed>)>>,
}

/// One level of wrapping, as long as it is looked into.
pub(super) struct Level<'b>(&'b Budget);

impl Budget {
    const COMMANDS: u32 = 4096;
    const DEEPEST: u32 = 32;

    pub(super) fn new() -> Self {
        Self { commands: Cell::new(0), depth: Cell::new(0), parsed: RefCell::new(None) }
    }

    /// Parses a text, unless it was the last that was.
    pub(super) fn parsed(&self, text: &str) -> Rc<Parsed> {
        if let Some((last, parsed)) = &*self.parsed.borrow()
            && last == text
        {
            return Rc::clone(parsed);
        }
        let parsed = Rc::new(shell::parse(text));
        *self.parsed.borrow_mut() = Some((text.to_owned(), Rc::clone(&parsed)));
        parsed
    }

    /// Counts a command; `None` when it is one too many.
    fn enter(&self) -> Option<Level<'_>> {
        self.commands.set(self.commands.get() + 1);
        self.depth.set(self.depth.get() + 1);
        let level = Level(self);
        (self.commands.get() <= Self::COMMANDS && self.depth.get() <= Self::DEEPEST)
            .then_some(level)
    }
}

impl Drop for Level<'_> {
    fn drop(&mut self) {
        self.0.depth.set(self.0.depth.get() - 1);
    }
}

/// A rule that would allow, and why it does not.
struct Attempt {
    rule: Option<Box<Rule>>,
    uncovered: Uncovered,
}

impl Engine<'_> {
    /// Judges one simple command and everything it carries.
    ///
    /// # Errors
    ///
    /// As [`Rules::candidates`].
    pub(super) fn judge(&self, words: &[Word<'_>]) -> Result<Judgement, PolicyError> {
        self.judge_within(words, &Budget::new())
    }

    pub(super) fn judge_within(
        &self,
        words: &[Word<'_>],
        budget: &Budget,
    ) -> Result<Judgement, PolicyError> {
        let Some(_level) = budget.enter() else {
            let why = "it carries more commands than can be looked through".to_owned();
            return Ok(Judgement::ask(Basis::Text { why }).needing(self.most_approvals));
        };
        let own = self.judge_itself(words, budget)?;
        if own.decision() == Decision::Deny {
            return Ok(own);
        }
        // What it carries can only make it stricter.
        let mut found = own;
        for carried in payload::carried(words) {
            let inner = self.judge_carried(&carried, budget)?;
            if inner.decision() == Decision::Deny {
                return Ok(inner);
            }
            let is_marked = inner.basis.is_said() || inner.approvals().are_several();
            if inner.decision() == Decision::Ask && is_marked {
                found = found.stricter(inner);
            }
        }
        Ok(found)
    }

    fn judge_carried(
        &self,
        carried: &payload::Carried<'_>,
        budget: &Budget,
    ) -> Result<Judgement, PolicyError> {
        match carried {
            payload::Carried::Command(words) => self.judge_within(words, budget),
            payload::Carried::Composed(words) => self.judge_within(words, budget),
            payload::Carried::Text(text) => self.judge_text_within(text, budget),
        }
    }

    fn judge_itself(&self, words: &[Word<'_>], budget: &Budget) -> Result<Judgement, PolicyError> {
        let Some(first) = words.first() else {
            return Ok(Judgement::ask(Basis::Text { why: "there is no command".to_owned() }));
        };
        let candidates = self.rules.candidates(words)?;
        let mut allowing = Vec::new();
        let mut strictest: Option<Rule> = None;
        let mut approvals = Approvals::ONE;
        for rule in candidates {
            let matches = match rule.decision {
                Decision::Allow => rule.starts(words),
                Decision::Ask | Decision::Deny => rule.reaches(words),
            };
            if !matches || !self.circumstances.meet(&rule) {
                continue;
            }
            approvals = approvals.max(rule.approvals);
            let rank = |rule: &Rule| (rule.decision, rule.approvals);
            if rule.decision == Decision::Allow {
                allowing.push(rule);
            } else if strictest.as_ref().is_none_or(|found| rank(&rule) > rank(found)) {
                strictest = Some(rule);
            }
        }
        let command = || Command::of(words);
        if strictest.as_ref().is_none_or(|rule| rule.decision != Decision::Deny)
            && self.dangerous == Dangerous::Deny
            && let Some(danger) = danger::ruinous(words, self.around())
        {
            let basis = Basis::Ruin { command: command(), note: danger.note };
            return Ok(Judgement::new(Decision::Deny, basis));
        }
        let several = self.most_approvals.are_several();
        let marked = if several { self.marks.find(words, self.around()) } else { None };
        if let Some(marked) = marked.filter(|marked| marked.approvals > approvals)
            && strictest.as_ref().is_none_or(|rule| rule.decision != Decision::Deny)
        {
            let basis = Basis::Marked { command: command(), marked };
            return Ok(Judgement::ask(basis).needing(marked.approvals));
        }
        if let Some(rule) = strictest {
            let decision = rule.decision;
            let basis = Basis::Rule { rule: Box::new(rule), command: command() };
            return Ok(Judgement::new(decision, basis).needing(approvals));
        }
        if let Some(odd) = words.iter().find(|word| !word.known().is_none_or(is_plain)) {
            let why = "characters that a person would not see as they are";
            let uncovered = Uncovered { word: odd.shown(), why };
            return Ok(Judgement::ask(Basis::NotCovered { rule: None, uncovered }));
        }
        if first.certainty() != Certainty::Literal {
            let uncovered = Uncovered { word: first.shown(), why: "not known before it runs" };
            return Ok(Judgement::ask(Basis::NotCovered { rule: None, uncovered }));
        }
        if !first.known().is_some_and(is_in_system_directory) {
            let why = "a program is allowed by its name, or where the system keeps it";
            let uncovered = Uncovered { word: first.shown(), why };
            return Ok(Judgement::ask(Basis::NotCovered { rule: None, uncovered }));
        }
        let mut failed: Option<Attempt> = None;
        for rule in allowing {
            match covers(&rule, words) {
                Ok(()) => {
                    let basis = Basis::Rule { rule: Box::new(rule), command: command() };
                    return Ok(Judgement::new(Decision::Allow, basis).starting([run(words)]));
                }
                Err(uncovered) => {
                    failed.get_or_insert(Attempt { rule: Some(Box::new(rule)), uncovered });
                }
            }
        }
        if let Some(text) = tool::inline_text(words) {
            // What a shell runs is all in its text.
            return Ok(self.judge_text_within(text, budget)?.starting([run_of_shell(words)]));
        }
        if self.defaults == Defaults::ReadOnly {
            match read_only(words) {
                Some(Ok(run)) => {
                    let basis = Basis::BuiltIn { command: command() };
                    return Ok(Judgement::new(Decision::Allow, basis).starting([run]));
                }
                Some(Err(uncovered)) => {
                    failed.get_or_insert(Attempt { rule: None, uncovered });
                }
                None => {}
            }
        }
        Ok(Judgement::ask(match failed {
            Some(Attempt { rule, uncovered }) => Basis::NotCovered { rule, uncovered },
            None => Basis::NoRule { command: command() },
        }))
    }
}

impl Engine<'_> {
    fn around(&self) -> danger::Surroundings<'_> {
        let Circumstances { directory, environment, .. } = self.circumstances;
        danger::Surroundings { directory, home: environment.value("HOME").map(Path::new) }
    }
}

/// Says what a command that is allowed starts.
///
/// What no table covers, a rule allows by its very words: it may do anything.
fn run(words: &[Word<'_>]) -> Run {
    let word = words[0].known().unwrap_or_default();
    let tool = tool::tool_named(word);
    let effect = tool.and_then(|tool| tool.effect(words).ok()).unwrap_or(Effect::Anything);
    let remote = tool.filter(|_| effect == Effect::Connects).and_then(|tool| tool.operand(words));
    Run { word: word.to_vec(), obeys: tool.map(Tool::obeys), effect, remote, finder: Finder::Ours }
}

fn run_of_shell(words: &[Word<'_>]) -> Run {
    Run { obeys: Some(tool::Family::Shell), ..run(words) }
}

/// Tells whether an allow rule that matches covers every word of the command.
///
/// Exactly the rule's words are covered: a person wrote them. What stands behind
/// them is covered where the tool's table knows it, or where nothing is known of
/// the tool and the words are literal text. A shell's own builtins that change it
/// and an interpreter that reads its program from standard input never are.
fn covers(rule: &Rule, words: &[Word<'_>]) -> Result<(), Uncovered> {
    let name = words[0].known().unwrap_or_default();
    let uncovered = |word: &Word<'_>, why| Err(Uncovered { word: word.shown(), why });
    let carrier = tool::carrier(name);
    let tool = tool::tool_named(name);
    let exact = words.len() == rule.argv.len();
    match carrier {
        Some(Carrier::Builtin) => {
            return uncovered(&words[0], "changes what the commands after it mean");
        }
        Some(Carrier::Interpreter) if words.len() == 1 => {
            return uncovered(&words[0], "reads its program from standard input");
        }
        _ => {}
    }
    if exact {
        return Ok(());
    }
    if let Some(tool) = tool {
        return match tool.effect(words) {
            Ok(effect) if effect.acts() => tool.within_use(words, rule.argv.len()),
            Ok(_) => Ok(()),
            Err(uncovered) => Err(uncovered),
        };
    }
    if carrier.is_some() {
        return uncovered(&words[rule.argv.len()], "decides what this program runs or writes");
    }
    match words.iter().find(|word| word.certainty() != Certainty::Literal) {
        Some(word) => uncovered(word, "not literal text"),
        None => Ok(()),
    }
}

/// Says what a command starts that the tables allow without a rule; `None` when no
/// table knows it.
fn read_only(words: &[Word<'_>]) -> Option<Result<Run, Uncovered>> {
    let word = words[0].known()?;
    let tool = tool::tool_named(word)?;
    Some(tool.effect(words).and_then(|effect| {
        let uncovered = |word: &Word<'_>, why| Err(Uncovered { word: word.shown(), why });
        if effect.acts() {
            return uncovered(
                words.get(1).unwrap_or(&words[0]),
                "more than reading: it needs a rule",
            );
        }
        match words[1..].iter().find(|word| super::secret::names_secret(word)) {
            Some(word) => uncovered(word, "a place where secrets are kept"),
            None => Ok(Run {
                word: word.to_vec(),
                obeys: Some(tool.obeys()),
                effect,
                remote: None,
                finder: Finder::Ours,
            }),
        }
    }))
}

/// Tells whether a command word is a name, or a path below the system's directories.
fn is_in_system_directory(word: &[u8]) -> bool {
    const DIRECTORIES: [&[u8]; 6] =
        [b"/bin", b"/usr/bin", b"/usr/local/bin", b"/sbin", b"/usr/sbin", b"/opt/homebrew/bin"];
    match word.iter().rposition(|byte| *byte == b'/') {
        Some(end) => DIRECTORIES.contains(&&word[..end]),
        None => true,
    }
}
