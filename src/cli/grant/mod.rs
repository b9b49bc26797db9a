//! `airlock-exec grant`: permission for longer than once.

mod arguments;
mod ask;
mod error;
mod list;
mod preview;

pub use arguments::GrantArguments;
pub use error::GrantCommandError;

use super::output::say;
use crate::cli::gate;
use crate::config::Paths;
use crate::process::Environment;
use crate::review::grant::Grants;
use arguments::Action;

/// Runs `airlock-exec grant`.
///
/// # Errors
///
/// [`GrantCommandError`].
pub fn run(arguments: GrantArguments, environment: Environment) -> Result<(), GrantCommandError> {
    let paths = Paths::from_environment(&environment)?;
    let grants = Grants::new(paths.grants(), paths.enforcer());
    match arguments.action {
        Action::Request(wanted) => ask::ask(wanted, &paths, &grants, environment),
        Action::List { json } => list::list(&grants, json),
        Action::Show { id, json } => list::show(&grants, &id, json),
        Action::Revoke { ids, all } => {
            let ids = if all { grants.names()? } else { ids };
            revoke(&grants, &paths, &ids)
        }
    }
}

fn revoke(grants: &Grants, paths: &Paths, ids: &[String]) -> Result<(), GrantCommandError> {
    // All ids are found before anything is taken back.
    let names = ids.iter().map(|id| grants.find(id)).collect::<Result<Vec<_>, _>>()?;
    if names.is_empty() {
        say("there is no grant to revoke")?;
    }
    for name in names {
        grants.revoke(&name)?;
        // Recorded before it is said: whoever stopped reading changes nothing about it.
        gate::trail(paths)?.revoked(&name)?;
        say(&format!("revoked {name}"))?;
    }
    Ok(())
}
