//! How we were called as a shell.

use super::super::{EmptyInvocation, Interception, Invocation};
use super::ShellError;
use super::program;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// The subcommand that is a shell.
const SUBCOMMAND: &str = "sh";
/// The word that asks what that subcommand is, where it comes first.
const HELP: &str = "--help";
/// The subcommand of the startup gates: `gated-shell PROGRAM ARGV0 [ARGUMENT]...`.
const GATED: &str = "gated-shell";
/// What our own names begin with.
const PREFIX: &[u8] = b"airlock-";
/// Shells that have a name of ours: `airlock-bash` is bash.
const NAMED: &[&str] = &["bash", "zsh", "fish", "dash", "ksh"];

/// A call of us as a shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellCall {
    wanted: Wanted,
    arguments: Vec<OsString>,
}

/// Which shell is to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The one of the settings.
    Configured,
    /// One that our name says.
    Named(&'static str),
    /// The one that a startup gate stopped.
    Stopped(PathBuf),
}

impl ShellCall {
    /// Reads the arguments of this process; `None` when we were not called as a shell.
    ///
    /// A login shell is called by a name that begins with a dash. `airlock-exec sh --help`
    /// asks us, and no shell; one of our names with it is that shell.
    #[must_use]
    pub fn read(arguments: &[OsString]) -> Option<Self> {
        let name = arguments.first()?;
        if let Some(wanted) = Wanted::of_name(name) {
            return Some(Self { wanted, arguments: arguments.to_vec() });
        }
        let subcommand = arguments.get(1)?;
        if subcommand == SUBCOMMAND && arguments.get(2).is_none_or(|word| word != HELP) {
            return Some(Self::of_subcommand(arguments[2..].to_vec()));
        }
        if subcommand == GATED {
            let program = arguments.get(2)?;
            let arguments = arguments[3..].to_vec();
            return Some(Self { wanted: Wanted::Stopped(program.into()), arguments });
        }
        None
    }

    /// Takes the words behind `airlock-exec sh`: the real shell is called `sh`.
    #[must_use]
    pub fn of_subcommand(words: Vec<OsString>) -> Self {
        let name = OsString::from(SUBCOMMAND);
        Self { wanted: Wanted::Configured, arguments: std::iter::once(name).chain(words).collect() }
    }

    /// Returns which shell is to run.
    #[must_use]
    pub fn wanted(&self) -> &Wanted {
        &self.wanted
    }

    /// Makes it a call of the real shell; the shell of the settings is asked for when
    /// it matters.
    ///
    /// The real shell gets the name that we were called by. Only a program of many
    /// names, such as busybox, must be called `sh`: it goes by its name.
    ///
    /// # Errors
    ///
    /// [`ShellError`] when there is no such shell, or it is us.
    pub fn into_invocation<E: From<ShellError> + From<EmptyInvocation>>(
        self,
        configured: impl FnOnce() -> Result<PathBuf, E>,
    ) -> Result<Invocation, E> {
        let program = match self.wanted {
            Wanted::Configured => configured()?,
            Wanted::Named(name) => match program::of_name(name) {
                Some(found) => found,
                // The person's own, when it is that shell.
                None => program::if_named(configured()?, name)?,
            },
            Wanted::Stopped(program) => program,
        };
        let program = program::check(program)?;
        let mut arguments = self.arguments;
        if let Some(name) = arguments.first_mut()
            && program::goes_by_its_name(&program)
        {
            *name = called_sh(name);
        }
        Ok(Invocation::of_program(Interception::Shell, program, arguments)?)
    }
}

impl Wanted {
    fn of_name(name: &OsStr) -> Option<Self> {
        let name = Path::new(name).file_name()?.as_bytes();
        let name = name.strip_prefix(b"-").unwrap_or(name).strip_prefix(PREFIX)?;
        if name == SUBCOMMAND.as_bytes() {
            return Some(Self::Configured);
        }
        NAMED.iter().find(|known| known.as_bytes() == name).map(|known| Self::Named(known))
    }
}

/// Keeps the dash of a login shell.
fn called_sh(name: &OsStr) -> OsString {
    let is_login = name.as_bytes().first() == Some(&b'-');
    OsString::from_vec([if is_login { &b"-"[..] } else { b"" }, SUBCOMMAND.as_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Option<ShellCall> {
        ShellCall::read(&words.iter().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn our_name_says_which_shell() {
        for (name, wanted) in [
            ("airlock-sh", Wanted::Configured),
            ("-airlock-sh", Wanted::Configured),
            ("/usr/local/bin/airlock-bash", Wanted::Named("bash")),
            ("-airlock-zsh", Wanted::Named("zsh")),
        ] {
            let call = read(&[name, "-c", "x"]).expect("a shell");
            assert_eq!(call.wanted, wanted);
            assert_eq!(call.arguments, [name, "-c", "x"]);
        }
    }

    #[test]
    fn subcommands_say_it_too() {
        let call = read(&["airlock-exec", "sh", "-c", "x"]).expect("a shell");
        assert_eq!(call, ShellCall::of_subcommand(vec!["-c".into(), "x".into()]));
        for words in [&["script", "--help"][..], &["-c", "x", "--help"], &["-h"], &[]] {
            let call = read(&[&["airlock-exec", "sh"], words].concat()).expect("a shell");
            assert_eq!(call.arguments[1..], words.iter().map(OsString::from).collect::<Vec<_>>());
        }
        let call = read(&["airlock-exec", "gated-shell", "/bin/bash", "-bash", "-c", "x"]);
        let call = call.expect("a shell");
        assert_eq!(call.wanted, Wanted::Stopped("/bin/bash".into()));
        assert_eq!(call.arguments, ["-bash", "-c", "x"]);
    }

    #[test]
    fn other_names_and_words_are_no_shell() {
        for words in [
            &["airlock-exec"][..],
            &["airlock-exec", "--", "sh"],
            &["airlock-exec", "gated-shell"],
            &["airlock-exec", "sh", "--help"],
            &["airlock-exec", "sh", "--help", "-c", "x"],
            &["airlock-python", "-c"],
            &["sh", "-c", "x"],
            &[],
        ] {
            assert_eq!(read(words), None, "{words:?}");
        }
    }

    #[test]
    fn a_program_of_many_names_is_called_sh() {
        assert_eq!(called_sh(OsStr::new("/x/airlock-sh")), "sh");
        assert_eq!(called_sh(OsStr::new("-airlock-sh")), "-sh");
    }
}
