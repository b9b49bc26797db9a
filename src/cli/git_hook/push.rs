//! The hook `pre-push`.

use super::{Asker, GitHookError};
use crate::process::Environment;
use crate::request::git::Push;
use std::ffi::OsString;

/// Asks about a push. git has fixed what it pushes before: the ids it told are those.
pub(super) fn ask(
    words: &[OsString],
    input: &[u8],
    environment: Environment,
) -> Result<(), GitHookError> {
    let push = Push::read(words, input, &environment).ok_or(GitHookError::Arguments)?;
    if push.is_empty() {
        return Ok(());
    }
    let asker = Asker::new(environment)?;
    let push = push.resolved(&asker.site)?;
    let (words, evidence) = push.evidence(&asker.site, &asker.marker()?)?;
    let permit = asker.permit(words, evidence)?;
    asker.release(permit)
}
