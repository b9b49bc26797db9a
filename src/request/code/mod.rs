//! Finds the code a command executes besides its program.
//!
//! A table says of shells, languages, builders and wrappers which words name files
//! that are executed, and when the program comes through standard input. What is
//! not in the table is not known: this room promises to find what it lists, not
//! everything a program may load.

mod shebang;
mod table;
mod tool;
mod words;

use super::parts::parts;
use super::resolve;
use crate::process::{Environment, WorkingDirectory};
use nix::sys::stat::{FileStat, Mode, SFlag};
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
#[cfg(test)]
pub(crate) use table::{is_known_to_run_files, wrappers};
use tool::{Defaults, Operand, Tool};
use words::{SearchPath, Source};

/// The rights to execute a file.
const EXECUTABLE: Mode = Mode::S_IXUSR.union(Mode::S_IXGRP).union(Mode::S_IXOTH);

/// How deep commands may be wrapped in others before we stop to look.
const DEEPEST: usize = 16;

/// The most files of one directory that are taken.
const MOST_PARTS: usize = 64;

/// Everything found, in the order in which it would be executed.
#[derive(Debug, Default)]
pub(super) struct Code {
    /// Files, as they are looked up from the working directory.
    pub(super) files: Vec<PathBuf>,
    /// Files that would be taken in the place of others if they came to be.
    pub(super) absent: Vec<PathBuf>,
    /// Whether the program comes through standard input.
    pub(super) input: ReadsInput,
    /// What the approver should know.
    pub(super) notes: Vec<String>,
}

/// What a command does with its standard input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum ReadsInput {
    /// It is data, or nobody knows.
    #[default]
    AsData,
    /// It is the program.
    AsProgram,
}

/// Where a command is looked up.
#[derive(Clone, Copy)]
pub(super) struct Surroundings<'a> {
    /// The directory it starts in.
    pub(super) directory: &'a WorkingDirectory,
    /// Its environment.
    pub(super) environment: &'a Environment,
}

/// Looks for the code of a command whose program is that file.
pub(super) fn find(arguments: &[OsString], program: &Path, around: Surroundings<'_>) -> Code {
    let (code, base) = (Code::default(), PathBuf::new());
    let mut search = Search { around, code, base, path: None, depth: 0 };
    search.command(arguments, program);
    search.code
}

/// Tells whether the program of a command, whose file is that one, comes through standard
/// input; also when it cannot be found out.
#[must_use]
pub fn reads_its_program(
    arguments: &[OsString],
    program: &Path,
    environment: &Environment,
) -> bool {
    let Ok(directory) = WorkingDirectory::capture() else { return true };
    let around = Surroundings { directory: &directory, environment };
    find(arguments, program, around).input == ReadsInput::AsProgram
}

struct Search<'a> {
    around: Surroundings<'a>,
    code: Code,
    /// The directory of the command at hand, from the working directory.
    base: PathBuf,
    /// Where the command at hand looks for programs, where not as the whole does.
    path: Option<SearchPath>,
    depth: usize,
}

impl Search<'_> {
    fn command(&mut self, arguments: &[OsString], program: &Path) {
        self.depth += 1;
        if self.depth > DEEPEST {
            self.note("it is wrapped so deeply that we stopped to look for its files");
            return;
        }
        let name = program.file_name().unwrap_or_default();
        // A script runs under its interpreter, and may be known by its name too.
        if let Some(tool) = name.to_str().and_then(table::tool) {
            self.tool(tool, name, &arguments[1..]);
        }
        let start = self.around.directory.open(program).and_then(shebang::read);
        if let Ok(Some(line)) = start {
            self.script(&line, arguments, program);
        }
    }

    /// Follows a script to its interpreter, as the kernel does.
    fn script(&mut self, line: &shebang::Line, arguments: &[OsString], script: &Path) {
        push_new(&mut self.code.files, script.to_owned());
        let before = std::mem::take(&mut self.base);
        let interpreter = before.join(&line.interpreter);
        push_new(&mut self.code.files, interpreter.clone());
        let mut words = vec![line.interpreter.clone()];
        words.extend(line.argument.clone());
        words.push(script.as_os_str().to_owned());
        words.extend_from_slice(&arguments[1..]);
        // Its path leads from the working directory already.
        self.command(&words, &interpreter);
        self.base = before;
    }

    fn tool(&mut self, tool: &'static Tool, name: &OsStr, words: &[OsString]) {
        let reading = words::read(tool, words);
        let described = reading.verb.unwrap_or(tool);
        let base = self.base.join(&reading.directory);
        for note in [tool.note, described.note].into_iter().flatten() {
            self.note(&format!("{}: {note}", name.display()));
        }
        match reading.source {
            Source::Input => self.code.input = ReadsInput::AsProgram,
            Source::Text => self.note("files that the program text names are not part of this"),
            Source::Module => {
                self.note("the module is looked up by its name and is not part of this");
            }
            Source::Files if reading.files.is_empty() => {
                self.defaults(described.defaults, &base, reading.place.as_deref());
            }
            Source::Files => {}
        }
        for file in reading.files {
            let path = base.join(&file);
            // A shell looks for a script in PATH when its directory has none.
            let is_elsewhere = matches!(described.operand, Operand::Script)
                && !file.as_os_str().as_bytes().contains(&b'/')
                && self.around.directory.state_of(&path).is_err();
            push_new(&mut self.code.files, path);
            if is_elsewhere && let Some(found) = self.program(file.as_os_str(), &base) {
                push_new(&mut self.code.files, found);
            }
        }
        for file in reading.candidates {
            self.candidate(base.join(file));
        }
        if let Some(directory) = reading.parts {
            self.files_in(&base.join(directory));
        }
        for command in reading.further.iter().filter(|command| !command.is_empty()) {
            self.inner(command, base.clone());
        }
        if !reading.command.is_empty() {
            let before = self.path.clone();
            self.path = reading.path.or(self.path.take());
            self.inner(&reading.command, base);
            self.path = before;
        }
    }

    /// Looks for the files of a command that another runs.
    fn inner(&mut self, words: &[OsString], base: PathBuf) {
        let Some(program) = self.program(&words[0], &base) else {
            let word = super::text::word(&words[0]);
            self.note(&format!("{word} is not found: what would run is not known"));
            for part in words.iter().filter_map(|word| word.to_str()).flat_map(parts) {
                self.candidate(base.join(part));
            }
            return;
        };
        push_new(&mut self.code.files, program.clone());
        let before = std::mem::replace(&mut self.base, base);
        self.command(words, &program);
        self.base = before;
    }

    /// Takes a file that may be executed, if it is there.
    fn candidate(&mut self, path: PathBuf) {
        if self.around.directory.state_of(&path).is_ok_and(|state| is_file(&state)) {
            push_new(&mut self.code.files, path);
        }
    }

    /// Takes the files in a directory, all of which may be executed.
    fn files_in(&mut self, path: &Path) {
        let word = super::text::word(path.as_os_str());
        let directory = self.around.directory;
        let names = directory.names_in(path).unwrap_or_default();
        self.note(&format!("what comes to be in {word} is not part of this"));
        if names.len() > MOST_PARTS {
            self.note(&format!("only the first {MOST_PARTS} files in {word} are part of this"));
        }
        for name in names.into_iter().take(MOST_PARTS) {
            self.candidate(path.join(name));
        }
    }

    /// Finds the file of a program as `execvp` does; what it would take instead, if it came
    /// to be, must not.
    fn program(&mut self, word: &OsStr, base: &Path) -> Option<PathBuf> {
        if word.as_bytes().contains(&b'/') {
            let path = Path::new(word);
            return Some(base.join(path.strip_prefix(".").unwrap_or(path)));
        }
        let Surroundings { environment, directory } = self.around;
        // Ours looks behind a shim, and passes over entries from the working directory.
        let (found, path) = match &self.path {
            None => {
                let found = resolve::program(word, environment, directory).ok();
                (found, environment.value("PATH").map(OsStr::to_owned))
            }
            Some(SearchPath::Unset) => (None, None),
            Some(SearchPath::Set(path)) => (None, Some(path.clone())),
        };
        let path = path.unwrap_or_else(|| OsString::from(resolve::DEFAULT_PATH));
        for entry in path.as_bytes().split(|byte| *byte == b':') {
            let candidate = base.join(OsStr::from_bytes(entry)).join(word);
            if found.as_ref() == Some(&candidate) {
                break;
            }
            let is_passed_over = entry.first() != Some(&b'/') || self.path.is_some();
            match directory.state_of(&candidate) {
                Ok(state) if is_passed_over && may_be_executed(&state) => return Some(candidate),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    push_new(&mut self.code.absent, candidate);
                }
                _ => {}
            }
        }
        found
    }

    /// Finds the file a program reads when none is named.
    fn defaults(&mut self, defaults: Defaults, base: &Path, place: Option<&Path>) {
        match defaults {
            Defaults::None => {}
            Defaults::Here(names) => {
                self.first_of(names, base);
            }
            Defaults::Above(names) => {
                let mut directory = base.to_owned();
                while !self.first_of(names, &directory) && !self.is_root(&directory) {
                    directory.push("..");
                }
            }
            Defaults::InOperand(name) => {
                self.first_of(&[name], &base.join(place.unwrap_or(Path::new(""))));
            }
        }
    }

    /// Takes the first that is there; those before it must not come to be.
    fn first_of(&mut self, names: &[&str], directory: &Path) -> bool {
        for name in names {
            let path = directory.join(name);
            match self.around.directory.state_of(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    self.code.absent.push(path);
                }
                _ => {
                    push_new(&mut self.code.files, path);
                    return true;
                }
            }
        }
        false
    }

    fn is_root(&self, directory: &Path) -> bool {
        let state = |path: &Path| {
            let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
            self.around.directory.state_of(path).map(|found| (found.st_dev, found.st_ino))
        };
        match (state(directory), state(&directory.join(".."))) {
            (Ok(here), Ok(above)) => here == above,
            _ => true,
        }
    }

    fn note(&mut self, note: &str) {
        if !self.code.notes.iter().any(|known| known == note) {
            self.code.notes.push(note.to_owned());
        }
    }
}

fn is_file(found: &FileStat) -> bool {
    SFlag::from_bits_truncate(found.st_mode) & SFlag::S_IFMT == SFlag::S_IFREG
}

fn may_be_executed(found: &FileStat) -> bool {
    is_file(found) && Mode::from_bits_truncate(found.st_mode).intersects(EXECUTABLE)
}

fn push_new(files: &mut Vec<PathBuf>, path: PathBuf) {
    if !files.contains(&path) {
        files.push(path);
    }
}
