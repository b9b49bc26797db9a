//! `airlock-exec shim`: links to us that stand before programs on `PATH`.

mod arguments;
mod list;

pub use arguments::ShimArguments;

use crate::cli::output::say;
use crate::config::{Paths, PathsError};
use crate::display::Displayable;
use crate::intercept::shim::{
    DEFAULT_SET, Leads, Placed, Removal, ShellKind, Shim, ShimError, ShimName, Shims, path_line,
};
use crate::process::{Environment, WorkingDirectory, lasting_path};
use crate::request::{RequestError, program_behind};
use arguments::{Action, Install, Remove, Shell};
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use thiserror::Error;

/// Why the shims were not changed or shown.
#[derive(Debug, Error)]
pub enum ShimCommandError {
    /// We do not know where our files lie.
    #[error(transparent)]
    Paths(#[from] PathsError),
    /// The shims themselves.
    #[error(transparent)]
    Shims(#[from] ShimError),
    /// There is nothing that the shim would stand before.
    #[error("no shim was made: {0}")]
    NoProgram(RequestError),
    /// The working directory cannot be held.
    #[error("the working directory cannot be opened: {0}")]
    Directory(io::Error),
    /// It is not known which file we are.
    #[error("it cannot be told which file airlock-exec is: {0}")]
    Unknown(io::Error),
    /// The answer cannot be written.
    #[error("standard output cannot be written: {0}")]
    Output(#[from] io::Error),
}

impl ShimCommandError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Paths(error) => error.hint(),
            Self::Shims(error) => error.hint(),
            Self::NoProgram(_) => {
                "install the program first: whoever looks for it must not find a shim alone"
                    .to_owned()
            }
            Self::Directory(_) => "go to a directory that exists: cd".to_owned(),
            Self::Unknown(_) => "mount /proc".to_owned(),
            Self::Output(_) => "see where standard output leads".to_owned(),
        }
    }
}

/// Runs `airlock-exec shim`.
///
/// # Errors
///
/// [`ShimCommandError`].
pub fn run(arguments: ShimArguments, environment: &Environment) -> Result<(), ShimCommandError> {
    let place = Place::here(environment)?;
    match arguments.action {
        Action::Install(arguments) => place.install(&arguments),
        Action::Remove(arguments) => place.remove(&arguments),
        Action::List { json } => list::run(&place, json),
        Action::Env { shell } => place.say_line(shell),
    }
}

/// The shims, and where programs are looked up.
struct Place<'a> {
    shims: Shims,
    paths: Paths,
    environment: &'a Environment,
    directory: WorkingDirectory,
}

impl<'a> Place<'a> {
    fn here(environment: &'a Environment) -> Result<Self, ShimCommandError> {
        let paths = Paths::from_environment(environment)?;
        let directory = WorkingDirectory::capture().map_err(ShimCommandError::Directory)?;
        Ok(Self { shims: Shims::at(paths.shims()), paths, environment, directory })
    }

    /// Returns the program that a shim of that name stands before.
    fn program(&self, name: &OsStr) -> Result<std::path::PathBuf, RequestError> {
        let shim = Shim::new(name, self.paths.shims(), self.environment);
        program_behind(&shim, self.environment, &self.directory)
    }

    fn install(&self, arguments: &Install) -> Result<(), ShimCommandError> {
        let mut names = names(&arguments.names)?;
        for name in &names {
            self.program(name.as_os_str()).map_err(ShimCommandError::NoProgram)?;
        }
        if arguments.set.is_some() {
            let set = DEFAULT_SET.iter().map(OsStr::new);
            for name in set.filter(|name| self.program(name).is_ok()) {
                names.push(ShimName::new(name)?);
            }
        }
        names.sort();
        names.dedup();
        let target = lasting_path(self.environment).map_err(ShimCommandError::Unknown)?;
        let done = |name: &ShimName| -> Result<&str, ShimError> {
            Ok(match self.shims.look(name.as_os_str())? {
                Placed::Link { leads: Leads::Here, target: found } if found == target => "is there",
                Placed::Link { .. } if arguments.dry_run => "would be mended",
                Placed::Link { .. } => "mended",
                _ if arguments.dry_run => "would be made",
                _ => "made",
            })
        };
        let done: Vec<&str> = names.iter().map(done).collect::<Result<_, _>>()?;
        if arguments.dry_run {
            self.shims.check(&names)?;
        } else {
            self.shims.install(&names, &target)?;
        }
        for (name, done) in names.iter().zip(done) {
            say(&format!("{}  {done}", shown(name.as_os_str())))?;
        }
        if !list::is_in_front(self) {
            say("\nYour PATH does not begin with them yet. To have them in this shell:")?;
            say(&format!("  {}", self.line_to_evaluate()))?;
            say("and the same in its startup file, at the end.")?;
        }
        if !arguments.dry_run {
            say("\nA shell that is open remembers where programs were: hash -r (zsh: rehash)")?;
        }
        Ok(())
    }

    fn remove(&self, arguments: &Remove) -> Result<(), ShimCommandError> {
        let word = if arguments.dry_run { "would be removed" } else { "removed" };
        if arguments.all {
            let removals =
                if arguments.dry_run { self.shims.removals() } else { self.shims.remove_all() }?;
            for (name, removal) in removals {
                let word = match removal {
                    Removal::Removed => word,
                    Removal::Stays => "stays: it leads to another airlock-exec",
                };
                say(&format!("{}  {word}", shown(&name)))?;
            }
            return Ok(());
        }
        let names = names(&arguments.names)?;
        if arguments.dry_run {
            self.shims.check(&names)?;
        } else {
            self.shims.remove(&names)?;
        }
        for name in &names {
            say(&format!("{}  {word}", shown(name.as_os_str())))?;
        }
        Ok(())
    }

    fn say_line(&self, shell: Option<Shell>) -> Result<(), ShimCommandError> {
        let kind = match shell {
            Some(Shell::Fish) => ShellKind::Fish,
            Some(Shell::Pwsh) => ShellKind::PowerShell,
            Some(Shell::Bash | Shell::Zsh | Shell::Sh) => ShellKind::Posix,
            None => self.shell(),
        };
        Ok(say(&path_line(&self.shims, kind)?)?)
    }

    /// Returns the kind of the shell that the user has, by `SHELL`.
    fn shell(&self) -> ShellKind {
        let shell = self.environment.value("SHELL").unwrap_or_default();
        ShellKind::of_path(Path::new(shell))
    }

    /// Returns what to type to have the line at work.
    fn line_to_evaluate(&self) -> &'static str {
        match self.shell() {
            ShellKind::Posix => "eval \"$(airlock-exec shim env sh)\"",
            ShellKind::Fish => "airlock-exec shim env fish | source",
            ShellKind::PowerShell => "airlock-exec shim env powershell | Invoke-Expression",
        }
    }
}

fn names(words: &[OsString]) -> Result<Vec<ShimName>, ShimError> {
    words.iter().map(|word| ShimName::new(word)).collect()
}

fn shown(name: &OsStr) -> String {
    Displayable::from(name).to_string()
}
