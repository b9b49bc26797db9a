//! Goes through a parsed text and collects its simple commands.

use super::{Parsed, program};
use crate::policy::words::Word;
use brush_parser::ParserOptions;
use brush_parser::ast::{
    AndOr, AssignmentValue, Command, CommandPrefixOrSuffixItem as Item, CompoundCommand,
    CompoundList, ExtendedTestExpr, IoFileRedirectKind, IoFileRedirectTarget, IoRedirect, Pipeline,
    SeparatorOperator, SimpleCommand, SourceLocation,
};

/// How deep substitutions are followed.
const DEEPEST: usize = 24;

/// What has been found so far.
pub(super) struct Collector {
    options: ParserOptions,
    parsed: Parsed,
    depth: usize,
}

impl Collector {
    pub(super) fn new(options: ParserOptions) -> Self {
        Self { options, parsed: Parsed::default(), depth: 0 }
    }

    pub(super) fn options(&self) -> &ParserOptions {
        &self.options
    }

    pub(super) fn finish(self) -> Parsed {
        self.parsed
    }

    /// Notes the first thing that is not understood well enough to allow.
    fn obscure(&mut self, why: &str) {
        self.parsed.obscure.get_or_insert_with(|| why.to_owned());
    }

    /// Collects from a text.
    pub(super) fn text(&mut self, text: &str) {
        let Some(program) = program(text, &self.options) else {
            self.parsed.unread = true;
            return self.obscure("the text is not a command that can be parsed");
        };
        // A last backslash joins a line that is not there.
        if text.trim_end_matches('\n').ends_with('\\') {
            self.obscure("the text is not complete");
        }
        for list in &program.complete_commands {
            self.list(list);
        }
    }

    /// Collects from the text of a substitution, which is never allowed.
    pub(super) fn nested(&mut self, text: &str) {
        self.obscure("a substitution runs another command");
        if self.depth < DEEPEST {
            self.depth += 1;
            self.text(text);
            self.depth -= 1;
        } else {
            self.parsed.unread = true;
        }
    }

    /// Collects from the word of an expansion, which is never allowed.
    pub(super) fn nested_word(&mut self, text: &str) {
        self.obscure("an expansion is not known before it runs");
        if self.depth < DEEPEST {
            self.depth += 1;
            self.expansions(text);
            self.depth -= 1;
        } else {
            self.parsed.unread = true;
        }
    }

    fn list(&mut self, list: &CompoundList) {
        for item in &list.0 {
            if matches!(item.1, SeparatorOperator::Async) {
                self.obscure("a command goes on in the background");
            }
            self.pipeline(&item.0.first);
            for next in &item.0.additional {
                let (AndOr::And(pipeline) | AndOr::Or(pipeline)) = next;
                self.pipeline(pipeline);
            }
        }
    }

    fn pipeline(&mut self, pipeline: &Pipeline) {
        if pipeline.timed.is_some() {
            self.obscure("`time` is asked about");
        }
        for command in &pipeline.seq {
            self.command(command);
        }
    }

    fn command(&mut self, command: &Command) {
        match command {
            Command::Simple(simple) => self.simple(simple),
            Command::Compound(compound, redirects) => {
                self.obscure("only lists and pipelines of simple commands are understood");
                self.compound(compound);
                for redirect in redirects.iter().flat_map(|list| &list.0) {
                    self.redirect(redirect);
                }
            }
            Command::Function(function) => {
                self.obscure("a function changes what its name means");
                self.compound(&function.body.0);
            }
            Command::ExtendedTest(test, _) => {
                self.obscure("`[[` evaluates its words");
                self.test(&test.expr);
            }
        }
    }

    fn compound(&mut self, compound: &CompoundCommand) {
        match compound {
            CompoundCommand::BraceGroup(group) => self.list(&group.list),
            CompoundCommand::Subshell(shell) => self.list(&shell.list),
            CompoundCommand::ForClause(clause) => {
                for value in clause.values.iter().flatten() {
                    self.expansions(&value.value);
                }
                self.list(&clause.body.list);
            }
            CompoundCommand::ArithmeticForClause(clause) => self.list(&clause.body.list),
            CompoundCommand::CaseClause(clause) => {
                self.expansions(&clause.value.value);
                for case in &clause.cases {
                    for pattern in &case.patterns {
                        self.expansions(&pattern.value);
                    }
                    case.cmd.iter().for_each(|list| self.list(list));
                }
            }
            CompoundCommand::IfClause(clause) => {
                self.list(&clause.condition);
                self.list(&clause.then);
                for other in clause.elses.iter().flatten() {
                    other.condition.iter().for_each(|list| self.list(list));
                    self.list(&other.body);
                }
            }
            CompoundCommand::WhileClause(clause) | CompoundCommand::UntilClause(clause) => {
                self.list(&clause.0);
                self.list(&clause.1.list);
            }
            CompoundCommand::Coprocess(process) => self.command(&process.body),
            CompoundCommand::Arithmetic(arithmetic) => self.nested_word(&arithmetic.expr.value),
        }
    }

    fn test(&mut self, test: &ExtendedTestExpr) {
        match test {
            ExtendedTestExpr::And(one, other) | ExtendedTestExpr::Or(one, other) => {
                self.test(one);
                self.test(other);
            }
            ExtendedTestExpr::Not(inner) | ExtendedTestExpr::Parenthesized(inner) => {
                self.test(inner);
            }
            ExtendedTestExpr::UnaryTest(_, word) => self.expansions(&word.value),
            ExtendedTestExpr::BinaryTest(_, one, other) => {
                self.expansions(&one.value);
                self.expansions(&other.value);
            }
        }
    }

    fn simple(&mut self, simple: &SimpleCommand) {
        let mut words: Vec<Word<'static>> = Vec::new();
        for item in simple.prefix.iter().flat_map(|prefix| &prefix.0) {
            self.item(item, Place::Before, &mut words);
        }
        let Some(name) = &simple.word_or_name else {
            return self.obscure("an assignment or a redirection without a command");
        };
        words.push(self.word(&name.value));
        for item in simple.suffix.iter().flat_map(|suffix| &suffix.0) {
            self.item(item, Place::Behind, &mut words);
        }
        let span = simple.location().filter(|_| self.depth == 0);
        self.parsed.spans.push(span.map(|span| span.start.index..span.end.index));
        self.parsed.commands.push(words);
    }

    fn item(&mut self, item: &Item, place: Place, words: &mut Vec<Word<'static>>) {
        match item {
            Item::Word(word) => {
                let word = self.word(&word.value);
                words.push(word);
            }
            Item::IoRedirect(redirect) => self.redirect(redirect),
            Item::ProcessSubstitution(_, shell) => {
                self.obscure("a process substitution runs another command");
                self.list(&shell.list);
            }
            Item::AssignmentWord(assignment, raw) => {
                match &assignment.value {
                    AssignmentValue::Scalar(value) => self.expansions(&value.value),
                    AssignmentValue::Array(values) => {
                        for (_, value) in values {
                            self.expansions(&value.value);
                        }
                    }
                }
                match place {
                    Place::Before if is_display_setting(&raw.value) => {}
                    Place::Before => self.obscure("an assignment can change what the command does"),
                    // `make X=y`: an operand like any other.
                    Place::Behind => {
                        let word = self.word(&raw.value);
                        words.push(word);
                    }
                }
            }
        }
    }

    fn redirect(&mut self, redirect: &IoRedirect) {
        if matches!(redirect, IoRedirect::File(Some(10..), ..)) {
            self.obscure("some shells take a number of two digits for a word");
        }
        let harmless = match redirect {
            IoRedirect::File(_, kind, IoFileRedirectTarget::Filename(word)) => {
                self.expansions(&word.value);
                if !matches!(kind, IoFileRedirectKind::Read) {
                    self.parsed.written.push(word.value.clone());
                }
                matches!(
                    kind,
                    IoFileRedirectKind::Write
                        | IoFileRedirectKind::Append
                        | IoFileRedirectKind::Read
                ) && word.value == "/dev/null"
            }
            IoRedirect::File(_, IoFileRedirectKind::DuplicateOutput, target) => match target {
                IoFileRedirectTarget::Fd(_) => true,
                IoFileRedirectTarget::Duplicate(word) => matches!(&*word.value, "1" | "2"),
                _ => false,
            },
            IoRedirect::File(_, _, IoFileRedirectTarget::ProcessSubstitution(_, shell)) => {
                self.list(&shell.list);
                false
            }
            IoRedirect::File(..) => false,
            IoRedirect::HereDocument(_, document) => {
                if document.requires_expansion {
                    self.expansions(&document.doc.value);
                }
                false
            }
            IoRedirect::HereString(_, word) | IoRedirect::OutputAndError(word, _) => {
                self.expansions(&word.value);
                if matches!(redirect, IoRedirect::OutputAndError(..)) {
                    self.parsed.written.push(word.value.clone());
                }
                word.value == "/dev/null" && matches!(redirect, IoRedirect::OutputAndError(..))
            }
        };
        if !harmless {
            self.obscure("a redirection to something else than /dev/null or another stream");
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Before,
    Behind,
}

/// Tells whether an assignment only says how output is to look.
fn is_display_setting(raw: &str) -> bool {
    let Some((name, value)) = raw.split_once('=') else { return false };
    let known = matches!(name, "NO_COLOR" | "FORCE_COLOR" | "LANG" | "CLICOLOR")
        || name
            .strip_prefix("LC_")
            .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_uppercase()));
    known && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-@".contains(&byte))
}
