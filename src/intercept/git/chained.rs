//! Files where git looks for hooks: ours in front of whatever was there.

use super::script::{Whose, script, whose};
use super::{Hook, HookError, Place, Step};
use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// What stands where git looks for a hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    Ours,
    Changed,
    /// A file, or a link that can be put aside.
    Theirs,
}

/// Looks what is there.
pub(super) fn look(path: &Path, hook: Hook) -> Result<Found, HookError> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(system("look at", path, error)),
    };
    if found.is_symlink() {
        return Ok(Found::Theirs);
    }
    if !found.is_file() {
        return Err(HookError::Odd { path: path.to_owned() });
    }
    let bytes = fs::read(path).map_err(|error| system("read", path, error))?;
    Ok(match whose(hook, &bytes) {
        Whose::Ours => Found::Ours,
        Whose::Changed => Found::Changed,
        Whose::Theirs => Found::Theirs,
    })
}

/// Returns where a hook is put aside: in the same directory, which hooks look into.
pub(super) fn aside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".airlock-chained");
    name.into()
}

/// Finds out how ours gets there.
pub(super) fn install(place: &Place, hook: Hook, program: &Path) -> Result<Step, HookError> {
    place.check_own()?;
    let path = place.directory.join(hook.name());
    let bytes = script(hook, program);
    match look(&path, hook)? {
        Found::Ours if fs::read(&path).is_ok_and(|now| now == bytes) => Ok(Step::Nothing { hook }),
        Found::Ours | Found::Nothing => Ok(Step::Write { path, bytes }),
        Found::Changed => Err(HookError::Changed { path }),
        Found::Theirs => {
            if let Ok(target) = fs::read_link(&path)
                && !place.owns(&path)
            {
                let target = place.directory.join(target);
                return Err(HookError::Linked { path, target });
            }
            let aside = aside(&path);
            if aside.symlink_metadata().is_ok() {
                return Err(HookError::ChainedTwice { path: aside });
            }
            Ok(Step::Chain { path, aside, bytes })
        }
    }
}

/// Finds out how ours goes.
pub(super) fn uninstall(directory: &Path, hook: Hook) -> Result<Step, HookError> {
    let path = directory.join(hook.name());
    match look(&path, hook)? {
        Found::Nothing | Found::Theirs => Ok(Step::Nothing { hook }),
        Found::Changed => Err(HookError::Changed { path }),
        Found::Ours => {
            let aside = aside(&path);
            Ok(match aside.symlink_metadata() {
                Ok(_) => Step::Restore { path, aside },
                Err(_) => Step::Remove { path },
            })
        }
    }
}

/// Puts a script in the place of whatever is there, in one step.
pub(super) fn write(path: &Path, bytes: &[u8], mode: u32) -> Result<(), HookError> {
    let failed = |error| system("write", path, error);
    let directory = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(directory).map_err(failed)?;
    let mut name = OsString::from(".airlock-");
    name.push(std::process::id().to_string());
    let temporary = directory.join(name);
    let mut options = OpenOptions::new();
    let written =
        options.write(true).create_new(true).mode(mode).open(&temporary).and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&temporary, path)
        });
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written.map_err(failed)
}

/// Gives what is there a second name, so that no moment is without it.
pub(super) fn put_aside(path: &Path, aside: &Path) -> Result<(), HookError> {
    fs::hard_link(path, aside).map_err(|error| system("put aside", path, error))
}

/// Puts back what was there, in the place of ours.
pub(super) fn put_back(path: &Path, aside: &Path) -> Result<(), HookError> {
    fs::rename(aside, path).map_err(|error| system("put back", path, error))
}

pub(super) fn remove(path: &Path) -> Result<(), HookError> {
    fs::remove_file(path).map_err(|error| system("remove", path, error))
}

pub(super) fn system(action: &'static str, path: &Path, source: io::Error) -> HookError {
    HookError::System { action, path: path.to_owned(), source }
}
