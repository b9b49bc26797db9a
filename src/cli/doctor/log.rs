//! The audit log: is it what was written, and what is done when it is not.

use super::Finding;
use crate::cli::log::unchanged;
use crate::cli::output::say;
use crate::config::Paths;
use crate::display::Displayable;
use crate::exit::SUCCESS;
use crate::process::Environment;
use crate::record::{AuditError, Log};
use crate::run::Exit;

/// Looks whether the log is what was written, and can be written to.
pub(super) fn check(paths: &Paths) -> Finding {
    let looked = Log::open(&paths.audit(), &paths.enforcer())
        .and_then(|log| log.fold().and_then(|()| log.read()));
    match looked {
        Ok(found) if found.faults.is_empty() => {
            Finding::good("log", unchanged(found.records.len()))
        }
        Ok(found) => {
            let first = found.faults.first().map(ToString::to_string).unwrap_or_default();
            let mend = "find out who changed it: airlock-exec log verify; then put it aside: \
                        airlock-exec doctor --repair";
            Finding::bad("log", format!("it is not what was written: {first}"), mend)
        }
        Err(error) => Finding::bad("log", error.to_string(), error.hint()),
    }
}

/// Puts it aside when it is not what was written.
pub(super) fn repair(environment: &Environment) -> Exit {
    let paths = match Paths::from_environment(environment) {
        Ok(paths) => paths,
        Err(error) => return told(&[error.to_string(), error.hint()], 1),
    };
    let repaired: Result<_, AuditError> =
        Log::open(&paths.audit(), &paths.enforcer()).and_then(|log| log.repair());
    match repaired {
        Ok(None) => told(&["log: it is what was written, nothing needs mending".to_owned()], 0),
        Ok(Some(repair)) => {
            let mut lines = repair.faults;
            let kept = paths.audit().join(repair.kept);
            lines.push(format!("it is kept in {}, and a new log begins", kept.display()));
            told(&lines, 0)
        }
        Err(error) => told(&[error.to_string(), error.hint()], 1),
    }
}

fn told(lines: &[String], status: u8) -> Exit {
    for line in lines {
        // A reader that went away takes the text with it; the status still tells.
        let _ = say(&Displayable::from(line.as_str()).to_string());
    }
    if status == 0 { SUCCESS } else { Exit::Code(status) }
}
