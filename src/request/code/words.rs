//! Reads the words of one command by what is known about its program.

use super::tool::{Operand, Order, Takes, Tool};
use crate::request::parts::parts;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// What the words of a command say about the code it executes.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// Where the program comes from.
    pub(super) source: Source,
    /// Files that options and operands name, as they stand there.
    pub(super) files: Vec<PathBuf>,
    /// Words that may name files that are executed: they do where such a file is.
    pub(super) candidates: Vec<PathBuf>,
    /// The directory in which they are looked up, from the working directory.
    pub(super) directory: PathBuf,
    /// The words of another command that it runs.
    pub(super) command: Vec<OsString>,
    /// Those of further ones that options name.
    pub(super) further: Vec<Vec<OsString>>,
    /// A directory whose files are executed.
    pub(super) parts: Option<PathBuf>,
    /// Where that is looked up, where not as the program itself is.
    pub(super) path: Option<SearchPath>,
    /// The first operand of a program that takes its file from there.
    pub(super) place: Option<PathBuf>,
    /// What the verb says besides.
    pub(super) verb: Option<&'static Tool>,
}

/// The `PATH` that a program gives to the command it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SearchPath {
    /// None: the C library's own counts.
    Unset,
    /// This.
    Set(OsString),
}

/// Where a program comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Source {
    /// A file, or there is none.
    #[default]
    Files,
    /// Standard input.
    Input,
    /// The arguments themselves.
    Text,
    /// A module that is looked up by its name.
    Module,
}

/// Paths that mean standard input.
const INPUTS: [&str; 4] = ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];

/// Reads the words behind the program's name.
pub(super) fn read(tool: &'static Tool, words: &[OsString]) -> Reading {
    let mut reader = Reader { tool, found: Found::default(), reading: Reading::default() };
    let operands = reader.options(words);
    reader.operands(&operands);
    reader.reading
}

/// What the options said, before the operands are looked at.
#[derive(Default)]
struct Found {
    source: Option<Takes>,
    inserted: Vec<OsString>,
    /// Whether the word behind an option may belong to it, for all we know.
    is_unsure: bool,
}

struct Reader {
    tool: &'static Tool,
    found: Found,
    reading: Reading,
}

impl Reader {
    /// Takes the options and returns the operands.
    fn options<'a>(&mut self, words: &'a [OsString]) -> Vec<&'a OsString> {
        let mut operands = Vec::new();
        let mut rest = words.iter();
        while let Some(word) = rest.next() {
            let bytes = word.as_bytes();
            let ends = bytes == b"--" || (bytes == b"-" && self.is_shell());
            if bytes == b"-" && self.tool.takes(bytes) == Some(Takes::Clear) {
                self.take(Takes::Clear, None, None);
            } else if self.tool.takes(bytes) == Some(Takes::Commands) {
                let inner = rest.by_ref().take_while(|word| *word != ";" && *word != "+");
                self.reading.further.push(inner.cloned().collect());
                self.decide(Takes::Text);
            } else if ends {
                operands.extend(rest.by_ref());
            } else if bytes.len() > 1 && self.starts_option(bytes) {
                if self.option(bytes, rest.as_slice().first()) == Next::Taken {
                    rest.next();
                }
            } else {
                operands.push(word);
                if self.tool.order == Order::OptionsFirst {
                    operands.extend(rest.by_ref());
                }
            }
        }
        operands
    }

    fn is_shell(&self) -> bool {
        matches!(self.tool.operand, Operand::Script)
    }

    fn is_besides(&self) -> bool {
        matches!(self.tool.operand, Operand::Besides)
    }

    /// Tells whether operands are files that are executed, once it is known which.
    fn runs_a_file(&self) -> bool {
        let is_program = matches!(self.tool.operand, Operand::Program | Operand::Script);
        let is_file = matches!(self.tool.operand, Operand::File | Operand::Files(_));
        is_program || is_file || self.is_besides()
    }

    fn starts_option(&self, word: &[u8]) -> bool {
        word[0] == b'-' || (word[0] == b'+' && self.is_shell())
    }

    /// Takes one word of options, and the next word where one of them wants it.
    fn option(&mut self, word: &[u8], next: Option<&OsString>) -> Next {
        let (name, joined) = match word.iter().position(|byte| *byte == b'=') {
            Some(end) if word.starts_with(b"--") => (&word[..end], Some(&word[end + 1..])),
            _ => (word, None),
        };
        if let Some(takes) = self.tool.takes(name) {
            return self.take(takes, joined, next);
        }
        if word.starts_with(b"--") {
            self.found.is_unsure |= joined.is_none();
            return Next::Left;
        }
        self.cluster(word, next)
    }

    /// Takes letters that stand behind one sign, the last perhaps with its value.
    fn cluster(&mut self, word: &[u8], next: Option<&OsString>) -> Next {
        let sign = word[0];
        let mut at = 1;
        let mut behind = Next::Left;
        while at < word.len() {
            let rest = &word[at + 1..];
            match self.tool.takes(&[sign, word[at]]) {
                Some(Takes::Digits) => {
                    at += rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
                }
                Some(Takes::Joined) => return behind,
                Some(Takes::NextWord) if next.is_some() => behind = Next::Taken,
                Some(
                    takes @ (Takes::TextOperand
                    | Takes::Input
                    | Takes::Query
                    | Takes::Clear
                    | Takes::Nothing
                    | Takes::NextWord),
                ) => {
                    self.take(takes, None, None);
                }
                Some(takes) => {
                    return self.take(takes, (!rest.is_empty()).then_some(rest), next);
                }
                None => {}
            }
            at += 1;
        }
        behind
    }

    fn take(&mut self, takes: Takes, joined: Option<&[u8]>, next: Option<&OsString>) -> Next {
        match takes {
            Takes::Joined | Takes::Digits | Takes::Nothing => return Next::Left,
            Takes::TextOperand | Takes::Input | Takes::Query => {
                self.decide(takes);
                return Next::Left;
            }
            Takes::Clear => {
                self.reading.path = Some(SearchPath::Unset);
                return Next::Left;
            }
            Takes::Word
            | Takes::NextWord
            | Takes::Variable
            | Takes::File
            | Takes::Text
            | Takes::Directory
            | Takes::Module
            | Takes::Words
            | Takes::Command
            | Takes::Commands
            | Takes::Named => {}
        }
        // `vim -es -c TEXT`: after other letters this one takes nothing.
        let next = next.filter(|next| takes != Takes::Named || !next.as_bytes().starts_with(b"-"));
        let Some(value) = joined.map(OsStr::from_bytes).or(next.map(OsString::as_os_str)) else {
            return Next::Left;
        };
        match takes {
            Takes::File => self.file(value),
            Takes::Variable if value == "PATH" => self.reading.path = Some(SearchPath::Unset),
            Takes::Directory => self.reading.directory.push(value),
            Takes::Text | Takes::Module => self.decide(takes),
            Takes::Words => {
                let words = value.to_str().and_then(|text| shell_words::split(text).ok());
                self.found.inserted.extend(words.unwrap_or_default().into_iter().map(Into::into));
            }
            Takes::Command => {
                let words = value.to_str().and_then(|text| shell_words::split(text).ok());
                let words = words.into_iter().flatten().map(OsString::from);
                self.reading.further.push(words.skip_while(|word| is_assignment(word)).collect());
                self.named(value);
            }
            Takes::Named => self.named(value),
            _ => {}
        }
        if joined.is_some() { Next::Left } else { Next::Taken }
    }

    /// Notes where the program comes from; what was said first counts, but a
    /// question about the program itself gives way to anything else.
    fn decide(&mut self, takes: Takes) {
        let runs_both = self.is_besides() && takes == Takes::Input;
        if runs_both || matches!(self.found.source, None | Some(Takes::Query)) {
            self.found.source = Some(takes);
        }
    }

    fn file(&mut self, path: &OsStr) {
        if INPUTS.iter().any(|input| path == *input) {
            self.reading.source = Source::Input;
        } else {
            self.reading.files.push(PathBuf::from(path));
        }
    }

    /// Takes the parts of a text for files where such files are.
    fn named(&mut self, text: &OsStr) {
        let parts = text.to_str().into_iter().flat_map(parts).map(PathBuf::from);
        self.reading.candidates.extend(parts);
    }

    fn operands(&mut self, operands: &[&OsString]) {
        let first = operands.first().map(|word| word.as_os_str());
        if self.found.is_unsure && self.runs_a_file() {
            self.reading.candidates.extend(operands.iter().map(PathBuf::from));
        }
        if let Some(path) = first.filter(|_| self.is_besides()) {
            self.file(path);
        }
        match self.found.source {
            _ if self.reading.source == Source::Input && self.is_besides() => return,
            Some(Takes::Text | Takes::TextOperand) => {
                self.reading.source = Source::Text;
                return;
            }
            Some(Takes::Module) => {
                self.reading.source = Source::Module;
                return;
            }
            Some(Takes::Input) => {
                self.reading.source = Source::Input;
                return;
            }
            _ => {}
        }
        match self.tool.operand {
            Operand::Besides if first.is_some() => {}
            Operand::Program | Operand::Script | Operand::Besides => match first {
                Some(path) => self.file(path),
                // An option named the file, or nothing will run at all.
                None if self.found.source.is_some() || !self.reading.files.is_empty() => {}
                None => self.reading.source = Source::Input,
            },
            Operand::File => first.into_iter().for_each(|path| self.file(path)),
            Operand::Files(end) => {
                let further = operands.iter().skip(1).take_while(|word| ends_in(word, end));
                for path in operands.iter().take(1).chain(further) {
                    self.file(path);
                }
            }
            Operand::Source(end) => {
                if let Some(path) = first.filter(|path| ends_in(path, end)) {
                    self.file(path);
                }
            }
            Operand::Data => self.reading.place = first.map(|word| Path::new(word).to_owned()),
            Operand::Assignments => {
                for word in operands.iter().filter(|word| is_assignment(word)) {
                    self.named(word);
                }
            }
            Operand::Directory => self.reading.parts = first.map(PathBuf::from),
            Operand::Command { after } => self.command(operands, after),
            Operand::Verb(verbs) => self.verb(operands, verbs),
        }
    }

    fn command(&mut self, operands: &[&OsString], after: usize) {
        let words = operands.iter().map(|word| (*word).clone());
        let mut words = self.found.inserted.drain(..).chain(words).skip(after).peekable();
        while let Some(word) = words.next_if(|word| is_assignment(word)) {
            if let Some(path) = word.as_bytes().strip_prefix(b"PATH=") {
                self.reading.path = Some(SearchPath::Set(OsStr::from_bytes(path).to_owned()));
            }
        }
        self.reading.command = words.collect();
        // Some take a file of Python for its name, wherever it lies.
        let first = self.reading.command.first().filter(|word| ends_in(word, ".py"));
        self.reading.candidates.extend(first.map(PathBuf::from));
    }

    fn verb(&mut self, operands: &[&OsString], verbs: &[(&[&str], &'static Tool)]) {
        let Some((word, rest)) = operands.split_first() else { return };
        let known = verbs.iter().find(|(names, _)| names.iter().any(|name| **word == **name));
        let Some((_, tool)) = known else {
            let is_path = word.as_bytes().iter().any(|byte| matches!(byte, b'.' | b'/'));
            self.reading.candidates.extend(is_path.then(|| PathBuf::from(word)));
            return;
        };
        let rest: Vec<OsString> = rest.iter().map(|word| (*word).clone()).collect();
        let mut inner = read(tool, &rest);
        inner.verb = inner.verb.or(Some(tool));
        inner.directory = self.reading.directory.join(&inner.directory);
        inner.files.splice(0..0, self.reading.files.drain(..));
        inner.candidates.append(&mut self.reading.candidates);
        inner.further.append(&mut self.reading.further);
        self.reading = inner;
    }
}

/// Whether the word behind an option belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Taken,
    Left,
}

fn ends_in(word: &OsStr, end: &str) -> bool {
    word.as_bytes().ends_with(end.as_bytes())
}

fn is_assignment(word: &OsStr) -> bool {
    word.as_bytes().contains(&b'=')
}

#[cfg(test)]
mod tests;
