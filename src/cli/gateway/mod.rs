//! `airlock-exec gateway`: serves the embedded gateway, and looks after what it stores.

mod arguments;
mod copies;
mod error;
mod pairings;
mod place;
mod serve;
mod tls;
mod tokens;

pub use error::GatewayCommandError;
pub use tls::CertificateError;

use crate::cli::output;
use crate::process::Environment;
use clap::{Args, Subcommand};
use serde::Serialize;
use std::io;
use tracing_subscriber::EnvFilter;

const EXAMPLES: &str = "\
Examples:
  airlock-exec gateway --listen 127.0.0.1:8750 --data ~/gateway
  airlock-exec gateway --listen 192.0.2.1:8750 --tls --data ~/gateway
  airlock-exec gateway --store postgres://airlock@db.example/airlock
  airlock-exec gateway token create --role enforcer --data ~/gateway --label laptop
  airlock-exec gateway backup --data ~/gateway /backup/gateway-monday.db

The first line on stdout is the URL of the gateway, the second with TLS the SHA-256 of its
certificate, for gateway.certificate_sha256 of its clients; it runs until Ctrl-C. Clients
send a token as X-PAT or Authorization: Bearer. The gateway cannot read what it
carries, and no decision it could invent would be accepted.

The password of a PostgreSQL database is read from PGPASSWORD, ~/.pgpass,
AIRLOCK_EXEC_GATEWAY_STORE or the file of --store-file: everybody can see --store.";

/// What `airlock-exec gateway` was asked to do.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct GatewayArguments {
    #[command(subcommand)]
    action: Option<GatewayAction>,
    #[command(flatten)]
    serve: serve::ServeArguments,
}

#[derive(Debug, Subcommand)]
enum GatewayAction {
    /// Tokens of clients: create, list, revoke; also while a gateway runs
    Token {
        #[command(subcommand)]
        action: tokens::TokenAction,
    },
    /// Who is paired with whom: list, revoke; also while a gateway runs
    Pairings(pairings::PairingsArguments),
    /// Copy the database to a new file, also while a gateway runs
    Backup(copies::BackupArguments),
    /// Put a copy in the place of the database; the old one is kept beside it
    Restore(copies::RestoreArguments),
}

/// Runs `airlock-exec gateway`: serves until it is told to stop, or looks after the
/// database.
///
/// # Errors
///
/// [`GatewayCommandError`] by what is in the way.
pub fn run(
    arguments: GatewayArguments,
    environment: &Environment,
) -> Result<(), GatewayCommandError> {
    let Some(action) = arguments.action else {
        log_to_stderr(environment, "info,sqlx=warn");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(GatewayCommandError::Start)?;
        return runtime.block_on(serve::serve(arguments.serve, environment));
    };
    // What is done is said on stdout; the log is for what goes wrong.
    log_to_stderr(environment, "warn");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(GatewayCommandError::Start)?;
    runtime.block_on(async {
        match action {
            GatewayAction::Token { action } => tokens::run(action, environment).await,
            GatewayAction::Pairings(arguments) => pairings::run(arguments, environment).await,
            GatewayAction::Backup(arguments) => copies::backup(arguments, environment).await,
            GatewayAction::Restore(arguments) => copies::restore(arguments, environment).await,
        }
    })
}

fn say(line: &str) -> Result<(), GatewayCommandError> {
    output::say(line).map_err(GatewayCommandError::Output)
}

fn say_json(value: &impl Serialize) -> Result<(), GatewayCommandError> {
    output::say_json(value).map_err(GatewayCommandError::Output)
}

/// Logs to stderr as `AIRLOCK_EXEC_LOG` says, in the notation of tracing's `EnvFilter`.
fn log_to_stderr(environment: &Environment, usual: &str) {
    let filter = environment.text("AIRLOCK_EXEC_LOG").unwrap_or(usual);
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    // Somebody who embeds us may have set a subscriber already; then that one counts.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).try_init();
}
