//! Turns this process into the agent, in an environment that leads its commands to us.

use super::SessionError;
use super::presence;
use crate::config::Paths;
use crate::error::Error;
use crate::intercept::gates;
use crate::intercept::{Interception, Invocation};
use crate::process::{self, Environment, own_binary};
use crate::protocol::SessionId;
use crate::request::Request;
use crate::run::Exit;
use crate::sys::{Program, Replace};
use nix::errno::Errno;
use std::borrow::Cow;
use std::ffi::{CString, OsStr, OsString};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Whether the search path begins with our shims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shims {
    /// It does, when some are installed.
    First,
    /// It is left as it is.
    Left,
}

/// Starts the agent; comes back only to say why not.
pub(super) fn start(
    command: Vec<OsString>,
    mut environment: Environment,
    shims: Shims,
) -> Result<Exit, Error> {
    if let Some(id) = gates::session(&environment) {
        return Err(SessionError::Nested { id: id.to_owned() }.into());
    }
    gates::lift(&mut environment);
    let paths = Paths::from_environment(&environment)?;
    let invocation = Invocation::new(Interception::Prefix, command)?;
    // Found as the person would: the agent itself is no command to be reviewed.
    let request = Request::capture(invocation, environment.clone())?;
    let id = SessionId::generate(process::now()).map_err(SessionError::from)?;
    let directory = paths.data().join("session");
    let binary = own_binary().map_err(SessionError::OwnBinary)?;
    gates::install(&directory, &binary).map_err(SessionError::from)?;
    gates::lead(&mut environment, id.as_str(), &directory);
    if shims == Shims::First {
        put_first(&mut environment, &paths.shims());
    }
    presence::begin(&paths, &environment, &binary);
    let errno = replace(&request, &environment);
    let path = request.executable().path().to_owned();
    Err(SessionError::Agent { path, errno }.into())
}

/// Puts a directory of links to us before all others, if there is one.
fn put_first(environment: &mut Environment, shims: &Path) {
    let path = environment.value("PATH").unwrap_or_default();
    let is_there =
        path.as_bytes().split(|byte| *byte == b':').next() == Some(shims.as_os_str().as_bytes());
    if is_there || !shims.is_dir() {
        return;
    }
    let entry = [b"PATH=", shims.as_os_str().as_bytes(), b":", path.as_bytes()].concat();
    let entry = CString::new(entry).expect("neither a path nor an entry has a NUL");
    environment.add(vec![Cow::Owned(entry)]);
}

/// Turns this process into the agent; returns why that failed.
fn replace(request: &Request, environment: &Environment) -> Errno {
    let text = |text: &OsStr| CString::new(text.as_bytes()).expect("the caller handed it to us");
    let program = Program::new(
        request.executable().as_fd(),
        text(request.script_path()),
        request.directory().as_fd(),
        request.arguments().iter().map(|argument| text(argument)).collect(),
        environment.entries(),
    );
    let Replace(failure) = program.replace();
    failure.errno
}
