//! Reads the words of one command by what is known about its program.

use super::tool::{Operand, Order, Takes, Tool};
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
    /// The directory in which they are looked up, from the working directory.
    pub(super) directory: PathBuf,
    /// The words of another command that it runs.
    pub(super) command: Vec<OsString>,
    /// The first operand of a program that takes its file from there.
    pub(super) place: Option<PathBuf>,
    /// What the verb says besides.
    pub(super) verb: Option<&'static Tool>,
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
            if ends {
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
            return Next::Left;
        }
        self.cluster(word, next)
    }

    /// Takes letters that stand behind one sign, the last perhaps with its value.
    fn cluster(&mut self, word: &[u8], next: Option<&OsString>) -> Next {
        let sign = word[0];
        let mut at = 1;
        while at < word.len() {
            let rest = &word[at + 1..];
            match self.tool.takes(&[sign, word[at]]) {
                Some(Takes::Digits) => {
                    at += rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
                }
                Some(Takes::Joined) => return Next::Left,
                Some(takes @ (Takes::TextOperand | Takes::Input | Takes::Query)) => {
                    self.take(takes, None, None);
                }
                Some(takes) => {
                    return self.take(takes, (!rest.is_empty()).then_some(rest), next);
                }
                None => {}
            }
            at += 1;
        }
        Next::Left
    }

    fn take(&mut self, takes: Takes, joined: Option<&[u8]>, next: Option<&OsString>) -> Next {
        match takes {
            Takes::Joined | Takes::Digits => return Next::Left,
            Takes::TextOperand | Takes::Input | Takes::Query => {
                self.decide(takes);
                return Next::Left;
            }
            Takes::Word
            | Takes::File
            | Takes::Text
            | Takes::Directory
            | Takes::Module
            | Takes::Words => {}
        }
        let Some(value) = joined.map(OsStr::from_bytes).or(next.map(OsString::as_os_str)) else {
            return Next::Left;
        };
        match takes {
            Takes::File => self.file(value),
            Takes::Directory => self.reading.directory.push(value),
            Takes::Text | Takes::Module => self.decide(takes),
            Takes::Words => {
                let words = value.to_str().and_then(|text| shell_words::split(text).ok());
                self.found.inserted.extend(words.unwrap_or_default().into_iter().map(Into::into));
            }
            _ => {}
        }
        if joined.is_some() { Next::Left } else { Next::Taken }
    }

    /// Notes where the program comes from; what was said first counts, but a
    /// question about the program itself gives way to anything else.
    fn decide(&mut self, takes: Takes) {
        if matches!(self.found.source, None | Some(Takes::Query)) {
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

    fn operands(&mut self, operands: &[&OsString]) {
        match self.found.source {
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
        let first = operands.first().map(|word| word.as_os_str());
        match self.tool.operand {
            Operand::Program | Operand::Script => match first {
                Some(path) => self.file(path),
                // An option named the file, or nothing will run at all.
                None if self.found.source.is_some() || !self.reading.files.is_empty() => {}
                None => self.reading.source = Source::Input,
            },
            Operand::File => first.into_iter().for_each(|path| self.file(path)),
            Operand::Data => self.reading.place = first.map(|word| Path::new(word).to_owned()),
            Operand::Command { after } => self.command(operands, after),
            Operand::Verb(verbs) => self.verb(operands, verbs),
        }
    }

    fn command(&mut self, operands: &[&OsString], after: usize) {
        let words = operands.iter().map(|word| (*word).clone());
        self.reading.command = self
            .found
            .inserted
            .drain(..)
            .chain(words)
            .skip(after)
            .skip_while(|word| is_assignment(word))
            .collect();
    }

    fn verb(&mut self, operands: &[&OsString], verbs: &[(&[&str], &'static Tool)]) {
        let Some((word, rest)) = operands.split_first() else { return };
        let known = verbs.iter().find(|(names, _)| names.iter().any(|name| **word == **name));
        let Some((_, tool)) = known else { return };
        let rest: Vec<OsString> = rest.iter().map(|word| (*word).clone()).collect();
        let mut inner = read(tool, &rest);
        inner.verb = inner.verb.or(Some(tool));
        inner.directory = self.reading.directory.join(&inner.directory);
        inner.files.splice(0..0, self.reading.files.drain(..));
        self.reading = inner;
    }
}

/// Whether the word behind an option belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Taken,
    Left,
}

fn is_assignment(word: &OsStr) -> bool {
    word.as_bytes().contains(&b'=')
}

#[cfg(test)]
mod tests {
    use super::super::table;
    use super::*;

    fn reading(command: &str) -> Reading {
        let words: Vec<OsString> =
            shell_words::split(command).unwrap().into_iter().map(OsString::from).collect();
        read(table::tool(words[0].to_str().unwrap()).unwrap(), &words[1..])
    }

    fn files(command: &str) -> Vec<String> {
        let found = reading(command);
        assert_eq!(found.source, Source::Files, "{command}");
        found.files.iter().map(|path| path.to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn finds_the_script_behind_the_options() {
        for command in [
            "bash x.py a b",
            "sh -e x.py",
            "sh -- x.py",
            "bash - x.py",
            "bash -euo pipefail x.py -c",
            "bash +o posix -O extglob x.py",
            "python x.py -c 1",
            "python3.11 -u x.py",
            "python3 -W ignore -Xdev -- x.py",
            "node --max-old-space-size=4096 x.py",
            "node -C dev x.py",
            "perl -w -I lib x.py",
            "perl -Ilib -MData::Dumper x.py",
            "ruby -I lib -W0 x.py",
            "php -d a=b x.py",
            "php -f x.py",
            "awk -F: -f x.py data",
            "sed -n -fx.py data",
            "deno run --allow-net x.py",
            "go run x.py",
            "ansible-playbook -i hosts x.py",
            "pwsh -File x.py",
            "java -cp lib -jar x.py",
            "make -fx.py all",
            "make all --file=x.py",
            "kubectl -n prod apply -f x.py",
            "docker build . -t name -f x.py",
            "docker buildx build -f x.py .",
        ] {
            assert_eq!(files(command), ["x.py"], "{command}");
        }
    }

    #[test]
    fn finds_each_file_that_options_name() {
        assert_eq!(files("bash --rcfile rc x.sh"), ["rc", "x.sh"]);
        assert_eq!(files("node -r ./a.js --require=./b.js c.js"), ["./a.js", "./b.js", "c.js"]);
        assert_eq!(files("docker compose -f a.yml -f b.yml up"), ["a.yml", "b.yml"]);
    }

    #[test]
    fn finds_no_file_where_the_program_is_text_or_a_module() {
        for command in [
            "sh -c 'echo x' name",
            "bash -ec 'echo x'",
            "python -c 'print(1)' x.py",
            "python -Ic 'print(1)'",
            "perl -lne 'print' x.py",
            "perl -0777 -pi.bak -e 's/a/b/' x.py",
            "ruby -ne 'puts 1' x.py",
            "node -e '1' x.py",
            "node -pe '1'",
            "php -r 'echo 1;'",
        ] {
            let found = reading(command);
            assert_eq!((found.source, found.files.len()), (Source::Text, 0), "{command}");
        }
        assert_eq!(reading("python3 -m http.server 80").source, Source::Module);
    }

    #[test]
    fn tells_when_the_program_comes_through_standard_input() {
        for command in [
            "sh",
            "bash -s a b",
            "bash -es a",
            "bash -",
            "bash --",
            "bash --login",
            "bash /dev/stdin",
            "python",
            "python -",
            "python3 -u - a b",
            "node -",
            "node",
            "perl",
            "perl - a",
            "ruby -W0",
            "php",
            "make -f -",
            "sed -f - data",
            "kubectl apply -f -",
        ] {
            assert_eq!(reading(command).source, Source::Input, "{command}");
        }
    }

    #[test]
    fn leaves_standard_input_alone_where_it_is_data() {
        for command in [
            "bash --version",
            "python -V",
            "python3 --help",
            "node -v",
            "perl -v",
            "awk '{print}'",
            "sed s/a/b/",
            "jq .",
            "psql db",
            "make",
            "npm test",
            "docker run -i image sh",
            "kubectl get pods",
        ] {
            assert_eq!(reading(command).source, Source::Files, "{command}");
        }
    }

    #[test]
    fn finds_the_command_inside() {
        for command in [
            "env A=1 B=2 sh x",
            "env -i -u HOME sh x",
            "env -S 'sh x'",
            "timeout -k 5 10 sh x",
            "nice -n 5 sh x",
            "sudo -u root A=1 sh x",
            "stdbuf -oL sh x",
            "nohup sh x",
            "uv run --with requests sh x",
        ] {
            assert_eq!(reading(command).command, ["sh", "x"], "{command}");
        }
    }

    #[test]
    fn follows_the_directory_it_is_sent_to() {
        let found = reading("make -C a -f x --directory=b");
        assert_eq!((found.directory, found.files), ("a/b".into(), vec!["x".into()]));
        assert_eq!(reading("env -C a make").directory, PathBuf::from("a"));
        assert_eq!(reading("docker build -t x ctx").place, Some("ctx".into()));
    }
}
