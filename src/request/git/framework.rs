//! What the pre-commit framework tells of a push, from which it took the lines of git.

use super::push::RefUpdate;
use crate::process::Environment;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// What the pre-commit framework tells of a push.
pub(super) enum Told {
    /// How its first reference moves.
    Update(RefUpdate),
    /// A branch goes to where nothing of it is: it tells no ids then.
    Whole { local: OsString, remote: OsString },
}

/// Reads the variables of the pre-commit framework: without any of a push there is none;
/// `None` at the outside when they make no sense.
#[expect(clippy::option_option, reason = "no push is no mistake")]
pub(super) fn told_by_framework(environment: &Environment) -> Option<Option<Told>> {
    let told = |name: &str| environment.value(name).filter(|value| !value.is_empty());
    let (local, remote) = (told("PRE_COMMIT_LOCAL_BRANCH"), told("PRE_COMMIT_REMOTE_BRANCH"));
    let Some(new) = told("PRE_COMMIT_TO_REF") else {
        let is_a_push = told("PRE_COMMIT_REMOTE_NAME").or(local).or(remote).is_some();
        if !is_a_push {
            return Some(None);
        }
        let local = local?.to_owned();
        let remote = remote.unwrap_or(&local).to_owned();
        return Some(Some(Told::Whole { local, remote }));
    };
    let none = "0".repeat(new.len());
    let old = told("PRE_COMMIT_FROM_REF").unwrap_or(OsStr::new(&none));
    let local = local.unwrap_or(new);
    let remote = remote.unwrap_or(local);
    let line = [local, new, remote, old].map(OsStr::as_bytes).join(&b' ');
    RefUpdate::parse(&line).map(|update| Some(Told::Update(update)))
}

#[cfg(test)]
mod tests {
    use super::super::push::Push;
    use crate::process::Environment;

    #[test]
    fn a_branch_that_the_framework_tells_no_ids_of_is_a_push() {
        let read = |variables: &[(&str, &str)]| {
            let all = variables.iter().chain(&[("PRE_COMMIT", "1")]);
            let environment: Environment = all.map(|(n, v)| (n.into(), v.into())).collect();
            Push::read(&[], b"", &environment)
        };
        let (name, local) =
            (("PRE_COMMIT_REMOTE_NAME", "origin"), ("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/x"));
        assert!(read(&[name, local]).is_some_and(|push| !push.is_empty()));
        assert!(read(&[name]).is_none(), "what is pushed is not known");
        assert!(read(&[]).is_some_and(|push| push.is_empty()), "run by hand");
    }
}
