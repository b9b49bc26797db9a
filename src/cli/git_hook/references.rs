//! The hook `reference-transaction`: no branch gets a commit that nobody approved.

use super::{Asker, GitHookError, commit};
use crate::process::Environment;
use crate::request::git::{BranchUpdate, Commit, branch_updates};
use std::ffi::OsString;

/// Compares the commits that branches are about to get with what was approved, and asks
/// about the others.
///
/// git calls it for every reference that moves, so what does not concern it ends here
/// before anything is read.
pub(super) fn ask(
    words: &[OsString],
    input: &[u8],
    environment: Environment,
) -> Result<(), GitHookError> {
    let state = words.first().and_then(|word| word.to_str()).ok_or(GitHookError::Arguments)?;
    if !matches!(state, "prepared" | "committed") {
        return Ok(());
    }
    let updates = branch_updates(input).ok_or(GitHookError::Arguments)?;
    if updates.is_empty() {
        return Ok(());
    }
    let asker = Asker::new(environment)?;
    if state == "committed" {
        // It has happened: what cannot be forgotten now expires.
        return spend(&asker, &updates).or(Ok(()));
    }
    updates.iter().try_for_each(|update| check(&asker, update))
}

fn check(asker: &Asker, update: &BranchUpdate) -> Result<(), GitHookError> {
    let commits = update.new_commits(&asker.site)?;
    if commits.is_empty() || are_approved(asker, &commits)? {
        return Ok(());
    }
    // Looking at many commits takes a while: what follows has all the time there is.
    let site = asker.anew()?;
    let (words, evidence) = match update.single(&site, &commits)? {
        Some(single) => (commit::words(&single), single.evidence(&site)?),
        None => (update.words(), update.evidence(&site)?),
    };
    let permit = asker.permit(words, evidence)?;
    asker.release(permit)
}

fn are_approved(asker: &Asker, commits: &[String]) -> Result<bool, GitHookError> {
    if BranchUpdate::are_too_many(commits) {
        return Ok(false);
    }
    let approvals = asker.approvals()?;
    for id in commits {
        if !approvals.cover(&Commit::read(asker.site.git(), id)?)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn spend(asker: &Asker, updates: &[BranchUpdate]) -> Result<(), GitHookError> {
    let approvals = asker.approvals()?;
    for update in updates {
        approvals.spend(&Commit::read(asker.site.git(), &update.new)?)?;
    }
    Ok(())
}
