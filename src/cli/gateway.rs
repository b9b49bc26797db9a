//! `airlock-exec gateway`: serves the embedded gateway, makes tokens for it.

use crate::config::{Paths, PathsError};
use crate::gateway::{self, Gateway, GatewayOptions, OpenError, Role, ServeError};
use crate::process::{self, Environment, PrivateDir, PrivateError};
use clap::{Args, Subcommand, ValueEnum};
use secrecy::{ExposeSecret as _, SecretString};
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

const EXAMPLES: &str = "\
Examples:
  airlock-exec gateway --listen 127.0.0.1:8750 --data ~/gateway
  airlock-exec gateway token create --role enforcer --data ~/gateway --label laptop

The first line on stdout is the URL of the gateway; it runs until Ctrl-C. Clients
send a token as X-PAT or Authorization: Bearer. The gateway cannot read what it
carries, and no decision it could invent would be accepted.";

/// What `airlock-exec gateway` was asked to do.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct GatewayArguments {
    #[command(subcommand)]
    action: Option<GatewayAction>,
    #[command(flatten)]
    serve: ServeArguments,
}

#[derive(Debug, Subcommand)]
enum GatewayAction {
    /// Make tokens for clients
    Token {
        #[command(subcommand)]
        action: TokenAction,
    },
}

#[derive(Debug, Subcommand)]
enum TokenAction {
    /// Print a new token, also while a gateway runs; it is not shown again
    Create(CreateArguments),
}

#[derive(Debug, Args)]
struct ServeArguments {
    /// Where to listen: a loopback address and a port, 0 for any free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8750")]
    listen: SocketAddr,
    #[command(flatten)]
    data: DataArgument,
}

#[derive(Debug, Args)]
struct CreateArguments {
    /// What the holder may do
    #[arg(long, value_enum)]
    role: TokenRole,
    /// A name to tell this token from others
    #[arg(long, value_name = "TEXT")]
    label: Option<String>,
    #[command(flatten)]
    data: DataArgument,
}

#[derive(Debug, Args)]
struct DataArgument {
    /// The directory of the gateway's database, for you alone (mode 0700); without
    /// it that of local mode
    #[arg(long = "data", value_name = "DIR")]
    directory: Option<PathBuf>,
}

/// What the holder of a token may do.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum TokenRole {
    /// Submit artifacts and wait for decisions
    Enforcer,
    /// Read an inbox and decide
    Approver,
}

impl From<TokenRole> for Role {
    fn from(role: TokenRole) -> Self {
        match role {
            TokenRole::Enforcer => Self::Enforcer,
            TokenRole::Approver => Self::Approver,
        }
    }
}

/// Why the gateway does not run, or no token was made.
#[derive(Debug, Error)]
pub enum GatewayCommandError {
    /// Others than this machine could reach it, and it has no TLS.
    #[error("cannot listen on {address}: it is not a loopback address, and that needs TLS")]
    NotLoopback {
        /// The address asked for.
        address: SocketAddr,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// The answer of the operating system.
        source: io::Error,
    },
    /// We do not know where our files lie.
    #[error(transparent)]
    Paths(#[from] PathsError),
    /// The data directory is not private or cannot be made.
    #[error("cannot use the data directory: {0}")]
    Directory(#[from] PrivateError),
    /// The database cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Serving ended with an error.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// The runtime or its signals cannot be set up.
    #[error("cannot start: {0}")]
    Start(io::Error),
    /// The URL or the token cannot be written.
    #[error("cannot write to stdout: {0}")]
    Output(io::Error),
}

impl GatewayCommandError {
    /// Returns the user's next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::NotLoopback { address } => format!(
                "listen on 127.0.0.1:{port} and forward to it: ssh -L {port}:127.0.0.1:{port} HOST",
                port = address.port()
            ),
            Self::Listen { address, source } => match source.kind() {
                io::ErrorKind::AddrInUse => format!(
                    "see what has the port with: ss -ltnp 'sport = :{}', or listen on {}:0",
                    address.port(),
                    address.ip()
                ),
                io::ErrorKind::PermissionDenied => "choose a port above 1023".to_owned(),
                _ => "choose another address with --listen".to_owned(),
            },
            Self::Paths(error) => error.hint(),
            Self::Directory(error) => error.hint(),
            Self::Open(error) => error.hint(),
            Self::Serve(_) | Self::Start(_) => "close some programs and try again".to_owned(),
            Self::Output(_) => "give it a stdout that can be written to".to_owned(),
        }
    }
}

/// Runs `airlock-exec gateway`: serves until it is told to stop, or makes a token.
///
/// # Errors
///
/// [`GatewayCommandError`] by what is in the way.
pub fn run(
    arguments: GatewayArguments,
    environment: &Environment,
) -> Result<(), GatewayCommandError> {
    log_to_stderr(environment);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(GatewayCommandError::Start)?;
    match arguments.action {
        None => runtime.block_on(serve(arguments.serve, environment)),
        Some(GatewayAction::Token { action: TokenAction::Create(create) }) => {
            let token = runtime.block_on(create_token(create, environment))?;
            print_line(token.expose_secret())
        }
    }
}

async fn serve(
    arguments: ServeArguments,
    environment: &Environment,
) -> Result<(), GatewayCommandError> {
    let address = arguments.listen;
    if !address.ip().is_loopback() {
        return Err(GatewayCommandError::NotLoopback { address });
    }
    let gateway = Gateway::open(options(arguments.data, environment)?).await?;
    let refused = |source| GatewayCommandError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(refused)?;
    let bound = listener.local_addr().map_err(refused)?;
    let mut interrupted = signal(SignalKind::interrupt()).map_err(GatewayCommandError::Start)?;
    let mut terminated = signal(SignalKind::terminate()).map_err(GatewayCommandError::Start)?;
    print_line(&format!("http://{bound}"))?;
    let shutdown = async {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
    };
    gateway.serve(listener, shutdown, None).await?;
    Ok(())
}

async fn create_token(
    arguments: CreateArguments,
    environment: &Environment,
) -> Result<SecretString, GatewayCommandError> {
    let label = arguments.label.as_deref();
    let options = options(arguments.data, environment)?;
    Ok(gateway::create_token(&options, arguments.role.into(), label).await?)
}

fn options(
    data: DataArgument,
    environment: &Environment,
) -> Result<GatewayOptions, GatewayCommandError> {
    let path = match data.directory {
        Some(path) => path,
        None => Paths::from_environment(environment)?.gateway(),
    };
    let directory = PrivateDir::open(&path)?;
    Ok(GatewayOptions { data_dir: directory.path().to_owned(), clock: process::now })
}

fn print_line(line: &str) -> Result<(), GatewayCommandError> {
    let mut output = io::stdout().lock();
    writeln!(output, "{line}").and_then(|()| output.flush()).map_err(GatewayCommandError::Output)
}

/// Logs to stderr as `AIRLOCK_EXEC_LOG` says, in the notation of tracing's `EnvFilter`.
fn log_to_stderr(environment: &Environment) {
    let filter = environment.text("AIRLOCK_EXEC_LOG").unwrap_or("info,sqlx=warn");
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    // Somebody who embeds us may have set a subscriber already; then that one counts.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).try_init();
}
