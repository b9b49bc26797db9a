//! The request as the system takes it.

use super::RunError;
use crate::request::{Care, Request};
use crate::sys::Program;
use std::ffi::{CString, OsStr};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Makes the request into what `execve` takes, byte for byte.
///
/// This is the last moment at which files can be read and compared: what is not
/// as it was reviewed does not get further.
///
/// # Errors
///
/// [`RunError::NotAsReviewed`], [`RunError::NulByte`], [`RunError::System`].
pub(super) fn prepare(request: &Request) -> Result<Program<'_>, RunError> {
    request.verify_unchanged(Care::Content)?;
    request
        .replay_input()
        .map_err(|errno| RunError::System { action: "replay standard input", errno })?;
    convert(request)
        .map_err(|_| RunError::NulByte { program: request.executable().path().to_owned() })
}

fn convert(request: &Request) -> Result<Program<'_>, std::ffi::NulError> {
    let arguments: Result<_, _> =
        request.arguments().iter().map(|argument| CString::new(argument.as_bytes())).collect();
    let path = script_path(request.arguments().first(), request.executable().path());
    Ok(Program::new(
        request.executable().as_fd(),
        CString::new(path.as_bytes())?,
        request.directory().as_fd(),
        arguments?,
        request.environment().entries(),
    ))
}

/// Returns the path a script sees as its own name.
///
/// A word with a slash is what `execve` would have got, relative or not; a name
/// that was looked up is what was found.
fn script_path<'a>(word: Option<&'a std::ffi::OsString>, found: &'a Path) -> &'a OsStr {
    match word {
        Some(word) if word.as_bytes().contains(&b'/') => word,
        _ => found.as_os_str(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intercept::Invocation;
    use crate::process::Environment;
    use crate::request::Bound;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_script_called_by_a_relative_path_keeps_it() {
        let found = Path::new("/home/me/tool");
        assert_eq!(script_path(Some(&"./tool".into()), found), "./tool");
        assert_eq!(script_path(Some(&"tool".into()), found), "/home/me/tool");
    }

    #[test]
    fn refuses_what_is_not_as_it_was_reviewed() {
        let place = tempfile::tempdir().unwrap();
        let script = place.path().join("tool");
        std::fs::write(&script, "#!/bin/sh\n").unwrap();
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
        let invocation = Invocation::from_prefix(vec![script.clone().into()]).unwrap();
        let request = Request::capture(invocation, Environment::default()).unwrap();
        std::fs::write(&script, "#!/bin/sh\ntrue\n").unwrap();
        assert!(prepare(&request).is_ok(), "nobody reviewed its content");
        let bound = Bound::of(&request).unwrap();
        let request = request.bound_to(bound);
        assert!(prepare(&request).is_ok());
        std::fs::write(&script, "#!/bin/sh\nfalse\n").unwrap();
        assert!(matches!(prepare(&request), Err(RunError::NotAsReviewed(_))));
    }
}
