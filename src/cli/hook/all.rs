//! Takes every hook of ours out, wherever it was installed.

use super::agent::Scene;
use super::git::{self, Doing};
use super::placed::{self, GIT, Placed};
use super::{HookCommandError, found, taken_out};
use crate::cli::output::say;
use crate::process::Environment;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// Takes them out of the user's own settings, and wherever else they were installed.
///
/// What cannot be taken out is said by its file, and the others go all the same.
///
/// # Errors
///
/// [`HookCommandError::SomeStay`].
pub(super) fn uninstall(doing: Doing, environment: &Environment) -> Result<(), HookCommandError> {
    // Each repository is its own: none is the one that git names to its hooks.
    let of_git = |name: &OsStr| name.as_bytes().starts_with(b"GIT_");
    let kept = environment.iter().filter(|(name, _)| !of_git(name));
    let environment = &kept.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let mut stay = 0_usize;
    let mut said = |done: Result<(), HookCommandError>| match done {
        Err(HookCommandError::Output(error)) => Err(HookCommandError::Output(error)),
        Err(error) => {
            stay += 1;
            Ok(say(&format!("it stays: {error}\n  next: {}", error.hint()))?)
        }
        Ok(()) => Ok(()),
    };
    let own = Scene::all(environment);
    for scene in &own {
        said(taken_out::take_out_ours(scene, doing))?;
    }
    let mut places = placed::all(environment)?;
    for found in found::everywhere(environment) {
        if !places.contains(&found) {
            places.push(found);
        }
    }
    for placed in places {
        let is_it = |scene: &&Scene<'_>| {
            scene.host.name == placed.whose && scene.directory == placed.directory
        };
        match own.iter().find(is_it) {
            // Whether it could be taken out was said.
            Some(scene) if scene.asks().unwrap_or(true) => {}
            _ => said(take_out(&placed, doing, environment))?,
        }
    }
    match stay {
        0 if doing == Doing::OnlySaid => Ok(say("nothing was changed (--dry-run)")?),
        0 => {
            say("no hook of airlock-exec is left that it knows of")?;
            Ok(say(found::NOT_FOUND)?)
        }
        count => Err(HookCommandError::SomeStay { count }),
    }
}

fn take_out(
    placed: &Placed,
    doing: Doing,
    environment: &Environment,
) -> Result<(), HookCommandError> {
    let Placed { whose, directory } = placed;
    let is_git = whose == GIT;
    let is_there = if is_git { directory.join(".git").exists() } else { directory.exists() };
    if is_there {
        if is_git {
            git::uninstall_at(directory, doing, environment)?;
        } else {
            taken_out::take_out_ours(&Scene::in_directory(whose, directory, environment)?, doing)?;
        }
    }
    if doing == Doing::Now {
        placed::forget(whose, directory, environment)?;
    }
    Ok(())
}
