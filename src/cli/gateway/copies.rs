//! Copies of the database.

use super::arguments::StoreArguments;
use super::{GatewayCommandError, say, say_json};
use crate::cli::busy::Busy;
use crate::display::counted;
use crate::gateway;
use crate::process::{self, Environment};
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct BackupArguments {
    /// The file to write, which must not be there yet
    file: PathBuf,
    #[command(flatten)]
    store: StoreArguments,
}

#[derive(Debug, Args)]
pub(super) struct RestoreArguments {
    /// The file that `gateway backup` wrote
    file: PathBuf,
    #[command(flatten)]
    store: StoreArguments,
}

pub(super) async fn backup(
    arguments: BackupArguments,
    environment: &Environment,
) -> Result<(), GatewayCommandError> {
    let directory = arguments.store.place.only_directory(environment)?;
    let busy = Busy::with("copying the database");
    gateway::backup(&directory, &arguments.file).await?;
    drop(busy);
    let file = arguments.file.display();
    let written = json!({"file": file.to_string(), "status": "written"});
    arguments.store.answer(&written, &format!("{file} is a whole copy, for you alone"))
}

pub(super) async fn restore(
    arguments: RestoreArguments,
    environment: &Environment,
) -> Result<(), GatewayCommandError> {
    let directory = arguments.store.place.only_directory(environment)?;
    let busy = Busy::with("bringing the database back");
    let restored = gateway::restore(&directory, &arguments.file, process::now).await?;
    drop(busy);
    let kept = restored.kept.map(|path| path.display().to_string());
    if arguments.store.json {
        let said = json!({"status": "restored", "kept": kept, "cancelled": restored.cancelled});
        return say_json(&said);
    }
    say(&format!("restored {}", arguments.file.display()))?;
    if let Some(kept) = kept {
        say(&format!("what was there before is {kept}"))?;
    }
    if restored.cancelled > 0 {
        let cancelled = counted(restored.cancelled, "request");
        say(&format!("cancelled, since it may be decided: {cancelled} that waited then"))?;
    }
    say("next: see that no token or pairing is back that was revoked since:")?;
    say("  airlock-exec gateway token list; airlock-exec gateway pairings list")
}
