//! The hooks of a commit: `pre-commit` and `commit-msg`.

use super::{Asker, GitHookError, words_of_git};
use crate::request::git::{Amend, Commit, IndexCopy, as_git_keeps_it};
use std::ffi::OsString;
use std::fs::File;
use std::io::Read;

/// The most bytes of a message.
const LARGEST_MESSAGE: u64 = 16 << 20;

/// Asks about a tree before its message is written.
pub(super) fn before_message(asker: &Asker) -> Result<(), GitHookError> {
    ask(asker, None)
}

/// Asks about a tree and its message.
pub(super) fn with_message(asker: &Asker, file: Option<&OsString>) -> Result<(), GitHookError> {
    let file = file.ok_or(GitHookError::Arguments)?;
    let mut text = Vec::new();
    asker
        .directory
        .open(file.as_ref())
        .and_then(|file: File| file.take(LARGEST_MESSAGE + 1).read_to_end(&mut text))
        .map_err(GitHookError::Message)?;
    if u64::try_from(text.len()).unwrap_or(u64::MAX) > LARGEST_MESSAGE {
        return Err(GitHookError::TooMuchInput);
    }
    ask(asker, Some(as_git_keeps_it(&text)))
}

fn ask(asker: &Asker, message: Option<Vec<u8>>) -> Result<(), GitHookError> {
    if !asker.site.has_work_tree() {
        return Err(GitHookError::NoWorkTree);
    }
    let approvals = asker.approvals()?;
    let tree = tree(asker)?;
    let commit = Commit::of_tree(&asker.site, tree.clone(), amend(), message)?;
    if approvals.cover(&commit)? {
        return Ok(());
    }
    let permit = asker.permit(words(&commit), commit.evidence(&asker.site)?)?;
    // While somebody read, somebody else may have staged something: that is not what
    // was approved. What is staged later still is compared when the branch moves.
    if tree != self::tree(asker)? || asker.anew()?.head() != asker.site.head() {
        return Err(GitHookError::Changed);
    }
    approvals.keep(commit.approval())?;
    asker.release(permit)
}

fn tree(asker: &Asker) -> Result<String, GitHookError> {
    let (place, directory) = (asker.place()?, asker.directory.path());
    let site = asker.anew()?;
    let index = IndexCopy::take(&site, directory, &asker.environment, &place)?;
    Ok(index.tree(directory, &asker.environment)?)
}

/// Returns the words a person would have typed.
pub(super) fn words(commit: &Commit) -> Vec<OsString> {
    let words = ["git", "commit"].into_iter().chain(commit.replaces().map(|_| "--amend"));
    words.map(OsString::from).collect()
}

/// Guesses whether the last commit is replaced.
///
/// git does not tell its hooks. What its command line says decides what is shown; when
/// it was wrong, the commit is another than was approved, and is asked about again.
fn amend() -> Amend {
    let words = words_of_git().unwrap_or_default();
    let amends = words.iter().any(|word| {
        word.to_str().is_some_and(|word| word.len() > 3 && "--amend".starts_with(word))
    });
    if amends { Amend::Last } else { Amend::Nothing }
}
