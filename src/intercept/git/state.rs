//! Which hooks are installed, and whether they would run.

use super::chained::{Found, aside, look};
use super::{Hook, HookError, Keeper, Place, husky, script, settings};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// How one hook stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It asks.
    Installed {
        /// What names it: a file, or `git config`.
        by: String,
        /// The hook that runs before it.
        after: Option<PathBuf>,
        /// The program of ours that it calls: a path, or a name to look up.
        program: PathBuf,
    },
    /// It is there and does not work.
    Broken {
        /// What is wrong with it.
        why: String,
    },
    /// It is not ours, or there is none.
    Absent,
}

/// Looks how a hook stands.
///
/// # Errors
///
/// [`HookError`] when it cannot be found out.
pub fn state(place: &Place, hook: Hook) -> Result<State, HookError> {
    if let Some(command) = settings::command(&place.git, hook)? {
        let by = format!("git config hook.airlock-{hook}.command");
        return Ok(match &place.keeper {
            Keeper::Settings => {
                let command = command.to_string_lossy();
                let program = command.split('\'').nth(1).unwrap_or_default();
                of_program(Path::new(program), by, None)
            }
            _ => {
                State::Broken { why: "this git is older than 2.54 and does not read it".to_owned() }
            }
        });
    }
    if let Keeper::Husky(directory) = &place.keeper {
        let path = directory.join(hook.name());
        let is_there = fs::read(&path).is_ok_and(|script| husky::removed(&script, hook).is_some());
        let by = path.display().to_string();
        let program = PathBuf::from("airlock-exec");
        let installed = State::Installed { by, after: None, program };
        return Ok(if is_there { installed } else { State::Absent });
    }
    let path = place.directory.join(hook.name());
    Ok(match look(&path, hook)? {
        Found::Nothing | Found::Theirs => State::Absent,
        Found::Changed => State::Broken { why: "it was changed since it was installed".to_owned() },
        Found::Ours => {
            let bytes = fs::read(&path).unwrap_or_default();
            let after = Some(aside(&path)).filter(|aside| aside.exists());
            if !is_executable(&path) {
                return Ok(State::Broken { why: format!("{} is not executable", path.display()) });
            }
            let program = script::program_in(&bytes).unwrap_or(Path::new(""));
            of_program(program, path.display().to_string(), after)
        }
    })
}

fn of_program(program: &Path, by: String, after: Option<PathBuf>) -> State {
    if is_executable(program) {
        return State::Installed { by, after, program: program.to_owned() };
    }
    State::Broken { why: format!("it calls {}, which is gone", program.display()) }
}

fn is_executable(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}
