//! The request as the system takes it.

use super::RunError;
use crate::request::{Care, Request};
use crate::sys::Program;
use std::ffi::CString;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;

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
    let path = request.script_path();
    Ok(Program::new(
        request.executable().as_fd(),
        CString::new(path.as_bytes())?,
        request.directory().as_fd(),
        arguments?,
        request.environment().entries(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intercept::{Interception, Invocation};
    use crate::process::Environment;
    use crate::request::Bound;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn refuses_what_is_not_as_it_was_reviewed() {
        let place = tempfile::tempdir().unwrap();
        let script = place.path().join("tool");
        std::fs::write(&script, "#!/bin/sh\n").unwrap();
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
        let invocation =
            Invocation::new(Interception::Prefix, vec![script.clone().into()]).unwrap();
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
