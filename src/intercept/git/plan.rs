//! What installing or removing would do, found out before anything is done.

use super::chained::{self, system};
use super::{Hook, HookError, Keeper, Place, husky, settings};
use std::fmt;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// What is to be done, hook by hook.
#[derive(Debug)]
pub struct Plan {
    steps: Vec<Step>,
}

/// One thing that is done; `Display` says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// It is as it should be.
    Nothing {
        /// The hook.
        hook: Hook,
    },
    /// A file is written, over one of ours or none.
    Write {
        /// The file.
        path: PathBuf,
        /// What it will hold.
        bytes: Vec<u8>,
    },
    /// A hook that is there is put aside and runs first.
    Chain {
        /// The file.
        path: PathBuf,
        /// Where the other one goes.
        aside: PathBuf,
        /// What the file will hold.
        bytes: Vec<u8>,
    },
    /// A file of the project gets or loses a line.
    Edit {
        /// The file.
        path: PathBuf,
        /// What it will hold; nothing removes it.
        bytes: Vec<u8>,
    },
    /// A setting of the repository names the program.
    Set {
        /// The hook.
        hook: Hook,
        /// The program.
        program: PathBuf,
    },
    /// The setting is taken out.
    Unset {
        /// The hook.
        hook: Hook,
    },
    /// What was put aside is put back.
    Restore {
        /// The file.
        path: PathBuf,
        /// Where the other one is.
        aside: PathBuf,
    },
    /// Our file is removed.
    Remove {
        /// The file.
        path: PathBuf,
    },
}

impl Plan {
    /// Finds out how hooks get there that call a program.
    ///
    /// # Errors
    ///
    /// [`HookError`] when one of them must not be installed: then none is.
    pub fn install(place: &Place, hooks: &[Hook], program: &Path) -> Result<Self, HookError> {
        let step = |hook: &Hook| match &place.keeper {
            Keeper::Settings => match settings::command(&place.git, *hook)? {
                Some(named) if named == settings::calling(*hook, program) => {
                    Ok(Step::Nothing { hook: *hook })
                }
                // One that names another program, which may be gone, is set anew.
                Some(_) | None => Ok(Step::Set { hook: *hook, program: program.to_owned() }),
            },
            Keeper::Husky(directory) => {
                if !husky::knows(*hook) {
                    return Err(HookError::NotOfHusky { hook: *hook });
                }
                edit(directory, *hook, husky::added)
            }
            Keeper::Lefthook(path) => {
                Err(HookError::Lefthook { path: path.clone(), hooks: hooks.to_owned() })
            }
            Keeper::Directory => chained::install(place, *hook, program),
        };
        Ok(Self { steps: hooks.iter().map(step).collect::<Result<_, _>>()? })
    }

    /// Finds out how hooks go, wherever they were installed.
    ///
    /// # Errors
    ///
    /// [`HookError`] when one is not as we made it: then none is removed.
    pub fn uninstall(place: &Place, hooks: &[Hook]) -> Result<Self, HookError> {
        let mut steps = Vec::new();
        for hook in hooks {
            if settings::command(&place.git, *hook)?.is_some() {
                steps.push(Step::Unset { hook: *hook });
            }
            if let Keeper::Husky(directory) = &place.keeper {
                steps.push(edit(directory, *hook, husky::removed)?);
            }
            for directory in place.directories() {
                steps.push(chained::uninstall(&directory, *hook)?);
            }
        }
        let is_something = |step: &Step| !matches!(step, Step::Nothing { .. });
        if steps.iter().any(is_something) {
            steps.retain(is_something);
        }
        Ok(Self { steps })
    }

    /// Tells whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.iter().all(|step| matches!(step, Step::Nothing { .. }))
    }

    /// Returns what is to be done.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Does it.
    ///
    /// # Errors
    ///
    /// [`HookError`] of the first step that failed; those before it are done.
    pub fn carry_out(&self, place: &Place) -> Result<(), HookError> {
        self.steps.iter().try_for_each(|step| match step {
            Step::Nothing { .. } => Ok(()),
            Step::Write { path, bytes } => chained::write(path, bytes, 0o755),
            Step::Chain { path, aside, bytes } => {
                chained::put_aside(path, aside)?;
                let written = chained::write(path, bytes, 0o755);
                if written.is_err() {
                    // What was there still is: the second name goes again.
                    let _ = chained::remove(aside);
                }
                written
            }
            Step::Edit { path, bytes } if bytes.is_empty() => chained::remove(path),
            Step::Edit { path, bytes } => {
                let mode = fs::metadata(path).map_or(0o644, |found| found.permissions().mode());
                chained::write(path, bytes, mode & 0o777)
            }
            Step::Set { hook, program } => settings::add(&place.git, *hook, program),
            Step::Unset { hook } => settings::remove(&place.git, *hook),
            Step::Restore { path, aside } => chained::put_back(path, aside),
            Step::Remove { path } => chained::remove(path),
        })
    }
}

fn edit(
    directory: &Path,
    hook: Hook,
    change: fn(&[u8], Hook) -> Option<Vec<u8>>,
) -> Result<Step, HookError> {
    let path = directory.join(hook.name());
    let now = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(system("read", &path, error)),
    };
    Ok(change(&now, hook).map_or(Step::Nothing { hook }, |bytes| Step::Edit { path, bytes }))
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing { hook } => write!(formatter, "{hook}: nothing to do"),
            Self::Write { path, .. } => write!(formatter, "write {}", path.display()),
            Self::Chain { path, aside, .. } => write!(
                formatter,
                "write {}; the hook that is there moves to {} and runs first",
                path.display(),
                aside.display()
            ),
            Self::Edit { path, bytes } if bytes.is_empty() => {
                write!(formatter, "remove {}", path.display())
            }
            Self::Edit { path, .. } => {
                write!(formatter, "change a line of {}, which is the project's", path.display())
            }
            Self::Set { hook, program } => write!(
                formatter,
                "git config --local hook.airlock-{hook}.command \"'{}' git-hook {hook}\"",
                program.display()
            ),
            Self::Unset { hook } => {
                write!(formatter, "git config --local --remove-section hook.airlock-{hook}")
            }
            Self::Restore { path, .. } => {
                write!(formatter, "put back the hook that was {}", path.display())
            }
            Self::Remove { path } => write!(formatter, "remove {}", path.display()),
        }
    }
}
