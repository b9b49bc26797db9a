//! `airlock-exec session status`: what of the session holds where it is asked.

use super::SessionError;
use crate::cli::output::say;
use crate::config::Paths;
use crate::display::Displayable;
use crate::display::json::over_lines;
use crate::error::Error;
use crate::intercept::gates;
use crate::process::Environment;
use serde_json::{Map, json};
use std::os::unix::ffi::OsStrExt;

/// Shows it to a person.
pub(super) fn words(seen: &Environment) -> Result<(), Error> {
    let mut lines = vec![format!("session {}", Displayable::from(id(seen)?))];
    for (name, holds) in parts(seen)? {
        let state = if holds { "comes by us" } else { "does not come by us" };
        lines.push(format!("  {name:<36} {state}"));
    }
    // A reader that went away needs no answer.
    let _ = say(&lines.join("\n"));
    Ok(())
}

/// Shows it to a program.
pub(super) fn json(seen: &Environment) -> Result<(), Error> {
    let parts: Map<_, _> =
        parts(seen)?.into_iter().map(|(name, holds)| (name, holds.into())).collect();
    let _ = say(&over_lines(&json!({ "version": 1, "session": id(seen)?, "caught": parts })));
    Ok(())
}

fn id(seen: &Environment) -> Result<&str, SessionError> {
    gates::session(seen).ok_or(SessionError::None)
}

/// Returns each way by which a command comes to us, and whether it does from here.
fn parts(seen: &Environment) -> Result<Vec<(String, bool)>, Error> {
    id(seen)?;
    let shims = Paths::from_environment(seen)?.shims();
    let path = seen.value("PATH").unwrap_or_default().as_bytes();
    let first = path.split(|byte| *byte == b':').next();
    let shims = ("PATH (shims)".to_owned(), first == Some(shims.as_os_str().as_bytes()));
    let leads = gates::leads(seen)
        .map(|(lead, is_on)| (format!("{} ({})", lead.name, lead.followed_by), is_on));
    Ok(leads.chain([shims]).collect())
}
