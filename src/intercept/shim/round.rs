//! Two shim managers that lead to each other, and how that ends.
//!
//! A shim of pyenv whose version is the system's looks along `PATH` for the program,
//! without its own directory, and finds us; we would find the shim of pyenv again. So
//! what may be such a manager starts with one more variable, which says where we were:
//! `AIRLOCK_EXEC_SHIM=PROCESS:COUNT:PATH`. Called again by the same name from the very
//! process it names, or from processes that are nothing but ourselves and that manager,
//! we go on behind `PATH` instead of beginning anew. Anybody else's call begins at the
//! beginning, whatever it inherited.
//!
//! Nothing is safer or less safe by it: who can set it can set `PATH`.

use crate::process::{self, Environment, FileIdentity};
use std::borrow::Cow;
use std::ffi::{CStr, CString, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The one variable a program may find added.
const VARIABLE: &str = "AIRLOCK_EXEC_SHIM";

/// A program that was started through so many shims of its own name goes round.
const MOST: u32 = 32;

/// Programs and shims lead to each other.
#[derive(Debug, Error)]
#[error("{} leads back to its own shim, {MOST} times over", .0.display())]
pub struct RoundError(PathBuf);

/// Where we were before.
#[derive(Debug, Clone)]
pub(super) struct Round {
    path: PathBuf,
    count: u32,
    /// It is the same command that came back, and not a new one.
    same: bool,
}

impl Round {
    /// Reads where a call of that name was before; `None` when it was nowhere.
    pub(super) fn of(
        environment: &Environment,
        name: &OsStr,
        this_program: Option<FileIdentity>,
    ) -> Option<Self> {
        let value = environment.value(VARIABLE)?.as_bytes();
        let mut parts = value.splitn(3, |byte| *byte == b':');
        let mut number = || std::str::from_utf8(parts.next()?).ok();
        let process: i32 = number()?.parse().ok()?;
        let count: u32 = number()?.parse().ok()?;
        let path = PathBuf::from(OsStr::from_bytes(parts.next()?));
        if path.file_name() != Some(name) {
            return None;
        }
        let same = leads_here(process, this_program, FileIdentity::of_path(&path));
        Some(Self { path, count, same })
    }

    /// Returns the program that led back.
    pub(super) fn passed(&self) -> Option<&Path> {
        self.same.then_some(&self.path)
    }

    /// Returns the variable of a program that may lead back.
    pub(super) fn next(
        before: Option<&Self>,
        path: &Path,
    ) -> Result<Cow<'static, CStr>, RoundError> {
        let count = before.map_or(1, |round| round.count + 1);
        if count > MOST {
            return Err(RoundError(path.to_owned()));
        }
        let mut entry = format!("{VARIABLE}={}:{count}:", std::process::id()).into_bytes();
        entry.extend_from_slice(path.as_os_str().as_bytes());
        CString::new(entry).map(Cow::Owned).map_err(|_| RoundError(path.to_owned()))
    }
}

/// Tells whether nothing but us and that manager stands between a process and this one.
fn leads_here(
    process: i32,
    this_program: Option<FileIdentity>,
    manager: Option<FileIdentity>,
) -> bool {
    if u32::try_from(process) == Ok(std::process::id()) {
        return true;
    }
    for ancestor in process::ancestors() {
        let program = FileIdentity::of_program_of(ancestor.process);
        if program.is_none() || program != this_program && program != manager {
            return false;
        }
        if ancestor.process == process {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsString;

    fn environment(value: &str) -> Environment {
        [(OsString::from(VARIABLE), OsString::from(value))].into_iter().collect()
    }

    fn passed(value: &str) -> Option<PathBuf> {
        let round = Round::of(&environment(value), OsStr::new("node"), None);
        round.as_ref().and_then(Round::passed).map(Path::to_owned)
    }

    #[test]
    fn goes_on_where_the_same_process_was() {
        let here = std::process::id();
        assert_eq!(passed(&format!("{here}:1:/a/node")), Some("/a/node".into()));
        assert_eq!(passed(&format!("{here}:1:/a/npm")), None, "another program");
        assert_eq!(passed("1:1:/a/node"), None, "another process");
        for odd in ["", "x", ":", "1:1", &format!("{here}:-1:/a/node"), "1:1:"] {
            assert_eq!(passed(odd), None, "{odd:?}");
        }
    }

    #[test]
    fn ends_after_many_rounds() {
        let mut round: Option<Round> = None;
        for count in 1..=MOST {
            let entry = Round::next(round.as_ref(), Path::new("/a/node")).expect("not too often");
            assert!(entry.to_bytes().starts_with(b"AIRLOCK_EXEC_SHIM="));
            round = Some(Round { path: "/a/node".into(), count, same: false });
        }
        assert!(Round::next(round.as_ref(), Path::new("/a/node")).is_err());
    }
}
