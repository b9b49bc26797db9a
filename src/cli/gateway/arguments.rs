//! What the subcommands have in common that look after a store.

use super::place::PlaceArguments;
use super::{GatewayCommandError, say, say_json};
use crate::gateway::{Administration, Revoked};
use crate::process::Environment;
use clap::Args;
use serde::Serialize;

/// Which store, and who reads the answer.
#[derive(Debug, Args)]
pub(super) struct StoreArguments {
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) place: PlaceArguments,
}

impl StoreArguments {
    /// Opens the store to look after it.
    pub(super) async fn open(
        &self,
        environment: &Environment,
    ) -> Result<Administration, GatewayCommandError> {
        Ok(Administration::open(&self.place.options(environment)?).await?)
    }

    /// Says what was done, to a program or to a person.
    pub(super) fn answer(
        &self,
        for_program: &impl Serialize,
        for_person: &str,
    ) -> Result<(), GatewayCommandError> {
        if self.json { say_json(for_program) } else { say(for_person) }
    }
}

/// What of a store is listed.
#[derive(Debug, Args)]
pub(super) struct ListArguments {
    /// List those that were revoked as well
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    pub(super) store: StoreArguments,
}

impl ListArguments {
    /// Says whether the list has what was revoked.
    pub(super) fn revoked(&self) -> Revoked {
        if self.all { Revoked::Shown } else { Revoked::Hidden }
    }
}
