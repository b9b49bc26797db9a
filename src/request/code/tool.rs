//! What is known about a program that executes files it is told to.

/// A program that takes code from its arguments, its directory or its input.
#[derive(Debug)]
pub(super) struct Tool {
    /// File names it goes by, without a version at the end.
    pub(super) names: &'static [&'static str],
    /// Options that take something; all others are taken as flags.
    pub(super) options: &'static [(&'static str, Takes)],
    /// What the words are that are no options.
    pub(super) operand: Operand,
    /// Where options may stand.
    pub(super) order: Order,
    /// What it reads when no option names a file.
    pub(super) defaults: Defaults,
    /// What the approver should know in any case.
    pub(super) note: Option<&'static str>,
}

/// What an option takes, and what that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    /// A word that is no code.
    Word,
    /// The next word, which is no code, whatever letters are joined to it: `bash -oe pipefail`.
    NextWord,
    /// The name of a variable that the command inside does not get: `env -u PATH`.
    Variable,
    /// Nothing, and the command inside gets no variables: `env -i`.
    Clear,
    /// What is joined to it and never the next word: perl's `-i.bak`.
    Joined,
    /// Digits joined to it, after which other letters go on: perl's `-0777ne`.
    Digits,
    /// A file that is executed.
    File,
    /// The program itself.
    Text,
    /// Nothing, and the first operand is the program itself: `sh -c TEXT`.
    TextOperand,
    /// Nothing, and the program comes through standard input: `sh -s`.
    Input,
    /// The directory in which everything is looked up.
    Directory,
    /// The name of a module that is looked up elsewhere.
    Module,
    /// Words of the command in one: `env -S`.
    Words,
    /// Another command that it runs, in one word: `tar -I 'zstd -9'`.
    Command,
    /// Another command that it runs, up to a `;` or `+`: `find -exec`.
    Commands,
    /// Text whose files may be executed, for all we know: `git -c NAME=VALUE`.
    Named,
    /// Nothing, and it only tells something about itself: `--version`.
    Query,
    /// Nothing, and it changes nothing here: `--no-warnings`.
    Nothing,
}

/// What the words are that are no options.
#[derive(Debug)]
pub(super) enum Operand {
    /// The program's file; without one the program comes through standard input.
    Program,
    /// Like that, and `-` only ends the options, as shells have it.
    Script,
    /// The program's file, which runs besides what options say: lua's.
    Besides,
    /// The first is a file that is executed.
    File,
    /// Like that, and those right behind it whose names end so.
    Files(&'static str),
    /// The first is a file that is executed, if its name ends so.
    Source(&'static str),
    /// No code.
    Data,
    /// No code, but values that are assigned may name files that are executed: make's.
    Assignments,
    /// The first is a directory whose files are executed.
    Directory,
    /// After so many others: another command, or a file that is executed.
    Command {
        /// How many operands come before it.
        after: usize,
    },
    /// The first says what the others are; any other word than these means nothing, or is a
    /// file that is executed.
    Verb(&'static [(&'static [&'static str], &'static Tool)]),
}

/// Where options may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Only before the first operand.
    OptionsFirst,
    /// Anywhere before `--`.
    Mixed,
}

/// What a program reads when no option names a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Defaults {
    /// Nothing.
    None,
    /// The first of these in its directory.
    Here(&'static [&'static str]),
    /// The first of these in its directory or the nearest one above.
    Above(&'static [&'static str]),
    /// This file in the directory that the first operand names.
    InOperand(&'static str),
}

impl Tool {
    /// A program of which nothing is known but its name: the table says the rest.
    pub(super) const PLAIN: Self = Self {
        names: &[],
        options: &[],
        operand: Operand::Data,
        order: Order::OptionsFirst,
        defaults: Defaults::None,
        note: None,
    };

    /// Finds what an option takes.
    pub(super) fn takes(&self, option: &[u8]) -> Option<Takes> {
        let exact = self.options.iter().find(|(name, _)| name.as_bytes() == option);
        exact.or_else(|| self.abbreviated(option)).map(|(_, takes)| *takes)
    }

    /// Finds the long option that GNU's programs take these letters for.
    fn abbreviated(&self, option: &[u8]) -> Option<&(&'static str, Takes)> {
        let is_gnu = self.order == Order::Mixed || matches!(self.operand, Operand::Command { .. });
        let is_long = option.len() > 2 && option.starts_with(b"--");
        let mut fit = self.options.iter().filter(|(name, _)| name.as_bytes().starts_with(option));
        let first = fit.next().filter(|_| is_gnu && is_long)?;
        fit.all(|(_, takes)| *takes == first.1).then_some(first)
    }

    /// Tells whether it goes by that file name: `python3.11` is a python.
    pub(super) fn has_name(&self, name: &str) -> bool {
        let plain = name.trim_end_matches(|last: char| last.is_ascii_digit() || last == '.');
        let plain = plain.strip_suffix('-').unwrap_or(plain);
        self.names.iter().any(|known| *known == name || *known == plain)
    }
}
