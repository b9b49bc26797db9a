//! Takes the hook of an agent out.

use super::agent::Scene;
use super::change::{FileChange, forget_copy, shown};
use super::git::Doing;
use super::{HookCommandError, Removal, placed};
use crate::cli::output::say;
use crate::intercept::agent::Kind;
use crate::process::{Environment, ForeignFile};

/// Takes an agent's hook out.
pub(super) fn uninstall(
    removal: &Removal,
    environment: &Environment,
) -> Result<(), HookCommandError> {
    let agent = removal.agent.as_deref().unwrap_or_default();
    let scene = Scene::named(agent, removal.project.as_deref(), environment)?;
    let changes = scene.uninstalled()?;
    let title = scene.host.title;
    if changes.iter().all(FileChange::is_done) {
        say(&format!("{title} has no hook of ours; nothing to change"))?;
    } else {
        scene.take_out(&changes, removal.dry_run.into())?;
        if removal.dry_run {
            return Ok(say("nothing was changed (--dry-run)")?);
        }
        say(&format!("{title} runs commands without asking, from its next start"))?;
    }
    if removal.dry_run {
        return Ok(());
    }
    Ok(placed::forget(scene.host.name, &scene.directory, environment)?)
}

/// Takes a hook out that is ours; one of somebody else in its place stays, and is no fault.
pub(super) fn take_out_ours(scene: &Scene<'_>, doing: Doing) -> Result<(), HookCommandError> {
    match scene.uninstalled() {
        Ok(changes) => scene.take_out(&changes, doing),
        Err(HookCommandError::Occupied(_)) => Ok(()),
        Err(HookCommandError::Document { .. }) if !scene.names_us() => Ok(()),
        Err(error) => Err(error),
    }
}

impl Scene<'_> {
    /// Takes the hook out of each file that still has it.
    fn take_out(&self, changes: &[FileChange], doing: Doing) -> Result<(), HookCommandError> {
        for each in changes.iter().filter(|each| !each.is_done()) {
            if doing == Doing::OnlySaid {
                each.show()?;
                continue;
            }
            match &each.becomes {
                Some(text) => each.file.replace(text, each.mode)?,
                None => each.file.remove()?,
            }
            forget_copy(&self.copies, each.file.path())?;
            say(&format!("took the hook out of {}", shown(each.file.path())))?;
        }
        Ok(())
    }

    /// Tells whether a file of the agent that cannot be read as what it is names us.
    fn names_us(&self) -> bool {
        let Kind::Entry { file, .. } = &self.site.kind else { return true };
        let file = ForeignFile::open(&self.directory.join(file));
        file.is_ok_and(|file| file.text().is_some_and(|text| text.contains("agent-hook")))
    }
}
