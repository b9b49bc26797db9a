//! The process that is the gateway of local mode.

use super::endpoint::Claim;
use super::first_word::FirstWord;
use super::{Endpoint, LocalError, Role, access};
use crate::cli::page::page;
use crate::config::Paths;
use crate::error::Error;
use crate::exit::SUCCESS;
use crate::gateway::{Gateway, GatewayOptions, Listening, StoreAddress};
use crate::process::{self, Environment, PrivateDir, own_binary};
use crate::run::Exit;
use std::net::Ipv4Addr;
use std::process::Command;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// How long nobody may ask anything before the gateway ends.
const IDLE: Duration = Duration::from_mins(30);

/// Which half of `local-gateway` this process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Half {
    /// Starts the server and ends.
    Starter,
    /// Is the server.
    Server,
}

/// Runs either half of `local-gateway`.
pub(in crate::cli) fn serve(half: Half, environment: &Environment) -> Result<Exit, Error> {
    match half {
        Half::Starter => start_server()?,
        Half::Server => {
            process::leave_caller();
            let served = serve_until_idle(&Paths::from_environment(environment)?);
            served.inspect_err(say_why_not)?;
        }
    }
    Ok(SUCCESS)
}

/// Tells whoever started us, in the place of the address, why there is none.
fn say_why_not(error: &LocalError) {
    let word = FirstWord::GaveUp { what: error.to_string(), next: error.hint() };
    word.say();
}

#[expect(clippy::disallowed_methods, reason = "starts our own binary, not a user's command")]
fn start_server() -> Result<(), LocalError> {
    let binary = own_binary().map_err(LocalError::Start)?;
    let server = Command::new(binary).args(["local-gateway", "--serve"]).spawn();
    server.map(drop).map_err(LocalError::Start)
}

fn serve_until_idle(paths: &Paths) -> Result<(), LocalError> {
    let Some(claim) = Endpoint::claim(paths)? else { return Ok(()) };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(LocalError::Start)?;
    runtime.block_on(serve_claimed(paths, &claim))
}

async fn serve_claimed(paths: &Paths, claim: &Claim) -> Result<(), LocalError> {
    let directory = PrivateDir::open(&paths.gateway())?;
    let options = GatewayOptions {
        store: StoreAddress::Directory(directory.path().to_owned()),
        clock: process::now,
    };
    let gateway = Gateway::open(options).await?.with_page(page());
    for role in Role::ALL {
        access::ensure(paths, role, &gateway).await?;
    }
    let listener = listener(&directory).await?;
    let address = listener.local_addr().map_err(LocalError::Start)?;
    let endpoint = Endpoint {
        url: format!("http://{address}"),
        gateway_id: gateway.id().to_owned(),
        pid: std::process::id(),
    };
    claim.publish(&endpoint, directory)?;
    FirstWord::Serving { url: endpoint.url }.say();
    let stopped = gateway.serve(listener, terminated()?, Some(IDLE)).await?;
    tracing::info!(?stopped, "the local gateway ended");
    Ok(())
}

/// Where the port of the last time is kept: beside the database.
const PORT: &str = "port";

/// Listens where it did the last time if it can: a browser keeps the keys of its page by
/// address.
async fn listener(directory: &PrivateDir) -> Result<Listening, LocalError> {
    let last = directory.read(PORT)?.and_then(|bytes| String::from_utf8(bytes).ok());
    if let Some(port) = last.and_then(|text| text.trim().parse::<u16>().ok())
        && let Ok(listener) = Listening::at((Ipv4Addr::LOCALHOST, port).into()).await
    {
        return Ok(listener);
    }
    let listener =
        Listening::at((Ipv4Addr::LOCALHOST, 0).into()).await.map_err(LocalError::Start)?;
    let port = listener.local_addr().map_err(LocalError::Start)?.port();
    directory.write(PORT, port.to_string().as_bytes())?;
    Ok(listener)
}

/// Ends when somebody asks this process to.
fn terminated() -> Result<impl Future<Output = ()>, LocalError> {
    let mut terminate = signal(SignalKind::terminate()).map_err(LocalError::Start)?;
    Ok(async move {
        terminate.recv().await;
    })
}
