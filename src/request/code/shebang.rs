//! The first line of a script.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStringExt;

/// What the kernel reads of a file before it decides how to execute it
/// (Linux `BINPRM_BUF_SIZE`).
const START: u64 = 256;

/// The interpreter that a script names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Its path.
    pub(super) interpreter: OsString,
    /// The one argument the line may hold, blanks inside included.
    pub(super) argument: Option<OsString>,
}

/// Reads the first line of a file that the kernel would execute.
///
/// # Errors
///
/// The system's.
pub(super) fn read(file: File) -> io::Result<Option<Line>> {
    if !file.metadata()?.is_file() {
        return Ok(None);
    }
    let mut start = Vec::new();
    file.take(START).read_to_end(&mut start)?;
    Ok(parse(&start))
}

/// Parses it as the kernel does: one interpreter, at most one argument.
fn parse(start: &[u8]) -> Option<Line> {
    let line = start.strip_prefix(b"#!")?;
    let line = line.split(|byte| *byte == b'\n').next()?;
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let line = trim(line, is_blank);
    let end = line.iter().position(is_blank).unwrap_or(line.len());
    let (interpreter, rest) = line.split_at(end);
    if interpreter.is_empty() {
        return None;
    }
    let argument = trim(rest, is_blank);
    let word = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
    let argument = (!argument.is_empty()).then(|| word(argument));
    Some(Line { interpreter: word(interpreter), argument })
}

fn trim(bytes: &[u8], is_blank: impl Fn(&u8) -> bool) -> &[u8] {
    let start = bytes.iter().position(|byte| !is_blank(byte)).unwrap_or(bytes.len());
    let end = bytes.iter().rposition(|byte| !is_blank(byte)).map_or(start, |last| last + 1);
    &bytes[start..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(start: &str) -> Option<(String, Option<String>)> {
        let text = |word: OsString| word.into_string().unwrap();
        parse(start.as_bytes()).map(|line| (text(line.interpreter), line.argument.map(text)))
    }

    #[test]
    fn splits_as_the_kernel_does() {
        assert_eq!(line("#!/bin/sh\necho"), Some(("/bin/sh".into(), None)));
        assert_eq!(line("#! \t/bin/sh -e \n"), Some(("/bin/sh".into(), Some("-e".into()))));
        assert_eq!(
            line("#!/usr/bin/env -S python3 -u\n"),
            Some(("/usr/bin/env".into(), Some("-S python3 -u".into())))
        );
    }

    #[test]
    fn finds_none_in_other_files() {
        for start in ["", "#", "#!", "#! \n/bin/sh", "\x7fELF", "echo x\n#!/bin/sh"] {
            assert_eq!(line(start), None, "{start:?}");
        }
    }
}
