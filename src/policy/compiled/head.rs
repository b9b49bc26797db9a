//! The head of a compiled policy: what it was made from, and what it says besides rules.

use super::bytes::{Reader, Writer};
use super::mix::{BUILD, Mix};
use super::rule::{approvals, path};
use crate::policy::danger::{Dangerous, Marks};
use crate::policy::file::PolicyFile;
use crate::policy::log_allowed::LogAllowed;
use crate::policy::source::{Source, State};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// The numbers the file begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Front {
    /// How long the file is.
    pub(super) length: u64,
    /// Where the table begins, which is where the head ends.
    pub(super) table: u64,
    /// How many places the table has: none, or a power of two.
    pub(super) places: u64,
    /// What entries and rules of this file are bound to.
    pub(super) file: u64,
}

/// The bytes of the front: the build, its numbers, the checksum of the head.
pub(super) const FRONT: usize = 48;

impl Front {
    fn numbers(self) -> [u64; 5] {
        let Self { length, table, places, file } = self;
        [BUILD, length, table, places, file]
    }

    fn checksum(self, body: &[u8]) -> u64 {
        self.numbers().into_iter().fold(Mix::new(0), Mix::word).bytes(body).finish()
    }

    /// Writes the front of a head with that body.
    pub(super) fn write(self, writer: &mut Writer, body: &[u8]) {
        writer.numbers(self.numbers());
        writer.number(self.checksum(body));
    }

    /// Reads the front back; `None` when another build wrote it.
    pub(super) fn read(bytes: &[u8]) -> Option<(Self, u64)> {
        let mut reader = Reader(bytes);
        if reader.number()? != BUILD {
            return None;
        }
        let front = Self {
            length: reader.number()?,
            table: reader.number()?,
            places: reader.number()?,
            file: reader.number()?,
        };
        Some((front, reader.number()?))
    }

    /// Tells whether a body is the one that was written with this front.
    pub(super) fn owns(self, body: &[u8], checksum: u64) -> bool {
        self.checksum(body) == checksum
    }
}

/// What `~` stands for in a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::policy) enum Home<'a> {
    /// No path in it begins with `~`.
    Any,
    /// This directory, where there is one.
    Only(Option<&'a Path>),
}

/// Writes what a policy was made from, and what it says besides its rules.
///
/// Takes the file apart by name, so that a field that is new cannot be forgotten.
pub(super) fn write(
    writer: &mut Writer,
    home: Home<'_>,
    sources: &[(Source, State)],
    said: &PolicyFile,
) {
    let PolicyFile {
        rules: _,
        examples: _,
        includes: _,
        asks_for_reading,
        dangerous,
        marks,
        most_approvals,
        log_allowed,
        locked,
        directories,
        repositories,
        environment,
    } = said;
    match home {
        Home::Any => writer.number(0),
        Home::Only(home) => {
            writer.number(1);
            writer.maybe(home, |writer, path| writer.text(path.as_os_str().as_bytes()));
        }
    }
    writer.list(sources, |writer, (source, state)| {
        writer.numbers(state.numbers());
        writer.text(source.path.as_os_str().as_bytes());
    });
    writer.number((*asks_for_reading).into());
    writer.number(match dangerous {
        None => 0,
        Some(Dangerous::Ask) => 1,
        Some(Dangerous::Deny) => 2,
    });
    for number in marks.numbers() {
        writer.number(number.number().into());
    }
    writer.number(most_approvals.number().into());
    writer.number(LogAllowed::number(*log_allowed));
    writer.number((*locked).into());
    for paths in [directories, repositories] {
        writer.list(paths, |writer, path| writer.text(path.as_os_str().as_bytes()));
    }
    writer.list(environment, |writer, entry| writer.text(entry));
}

/// Reads it back, unless it was made from something else than what is there now.
pub(super) fn read(
    reader: &mut Reader<'_>,
    root: &Source,
    state: &State,
    home: Option<&Path>,
) -> Option<PolicyFile> {
    if reader.number()? == 1 {
        let compiled = reader.maybe(Reader::text)?;
        if compiled != home.map(|home| home.as_os_str().as_bytes()) {
            return None;
        }
    }
    for at in 0..reader.count()? {
        let compiled = source(reader)?;
        let is_same = if at == 0 {
            compiled.1 == root.path.as_os_str().as_bytes() && compiled.0 == *state
        } else {
            let path = Path::new(OsStr::from_bytes(compiled.1)).to_owned();
            let included = Source { path, ..root.clone() };
            included.state().ok()? == Some(compiled.0)
        };
        if !is_same {
            return None;
        }
    }
    let said = PolicyFile {
        asks_for_reading: reader.number()? != 0,
        dangerous: match reader.number()? {
            0 => None,
            1 => Some(Dangerous::Ask),
            2 => Some(Dangerous::Deny),
            _ => return None,
        },
        marks: {
            let mut numbers = Marks::default().numbers();
            for number in &mut numbers {
                *number = approvals(reader)?;
            }
            Marks::of_numbers(numbers)
        },
        most_approvals: approvals(reader)?,
        log_allowed: LogAllowed::of_number(reader.number()?).ok()?,
        locked: reader.number()? != 0,
        directories: reader.list(path)?,
        repositories: reader.list(path)?,
        environment: reader.list(|reader| reader.text().map(<[u8]>::to_vec))?,
        ..PolicyFile::default()
    };
    reader.0.is_empty().then_some(said)
}

/// Returns the path of a source by its number, as it is shown.
pub(super) fn name(mut reader: Reader<'_>, number: usize) -> Option<String> {
    if reader.number()? == 1 {
        reader.maybe(Reader::text)?;
    }
    let count = reader.count()?;
    let mut sources = (0..count).map(|_| source(&mut reader));
    let (_, path) = sources.nth(number)??;
    Some(Path::new(OsStr::from_bytes(path)).display().to_string())
}

fn source<'a>(reader: &mut Reader<'a>) -> Option<(State, &'a [u8])> {
    let mut numbers = [0; State::NUMBERS];
    for number in &mut numbers {
        *number = reader.number()?;
    }
    Some((State::from_numbers(numbers), reader.text()?))
}
