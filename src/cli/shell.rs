//! We were called as a shell: the real one runs, if it may.

use super::exec;
use super::gate::Patience;
use crate::config::{Paths, Places, Settings};
use crate::error::Error;
use crate::intercept::Invocation;
use crate::intercept::agent::HookCommand;
use crate::intercept::shell::{ShellCall, ShellError};
use crate::process::{Environment, WorkingDirectory, is_own_binary};
use crate::request::RequestError;
use crate::run::{Exit, Options};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;

/// Runs the real shell as we were called, if it may, and ends as it ends.
pub(super) fn execute(call: ShellCall, environment: Environment) -> Result<Exit, Error> {
    let paths = Paths::from_environment(&environment)?;
    let configured = || -> Result<_, Error> {
        let directory = WorkingDirectory::capture().map_err(RequestError::Directory)?;
        Ok(Settings::load(&Places::of(&paths, directory.path()), &environment)?.shell())
    };
    let invocation = call.into_invocation(configured)?;
    if let Some(hook) = own_hook(&invocation) {
        return become_hook(&hook, &environment);
    }
    exec::run_if_it_may(invocation, environment, &paths, Patience::default(), Options::default())
}

/// Returns the command of our own hook, when that is the whole text.
///
/// An agent in a session may start its hooks by its shell, which is ours: a person who is
/// asked about the command must not be asked about the question as well.
fn own_hook(invocation: &Invocation) -> Option<HookCommand> {
    let words = invocation.words();
    let [.., option, text] = &words[..] else { return None };
    let is_text = option.to_str().is_some_and(|word| word.starts_with('-') && word.ends_with('c'));
    let hook = HookCommand::read(text.to_str().filter(|_| is_text)?)?;
    is_own_binary(&hook.binary).unwrap_or(false).then_some(hook)
}

/// Becomes the hook, whose answer is the answer: it needs no permit, and runs nothing else.
#[expect(clippy::disallowed_methods, reason = "starts ourselves")]
fn become_hook(hook: &HookCommand, environment: &Environment) -> Result<Exit, Error> {
    let mut command = Command::new(&hook.words[0]);
    command.args(&hook.words[1..]).env_clear().envs(environment.iter());
    let (path, source) = (PathBuf::from(&hook.words[0]), command.exec());
    Err(ShellError::Missing { path, source }.into())
}
