//! Serves until it is told to stop.

use super::place::PlaceArguments;
use super::tls::TlsArguments;
use super::{GatewayCommandError, say};
use crate::cli::page::page;
use crate::gateway::{CallLimits, Gateway, Listening};
use crate::process::Environment;
use clap::Args;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use std::net::SocketAddr;
use std::num::NonZeroU32;
use tokio::signal::unix::{SignalKind, signal};

#[derive(Debug, Args)]
pub(super) struct ServeArguments {
    /// Where to listen: an address and a port, 0 for any free one; with TLS unless the
    /// address is a loopback one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8750")]
    listen: SocketAddr,
    /// Let each token make no more calls a minute than that
    #[arg(long, value_name = "N")]
    calls_per_minute: Option<NonZeroU32>,
    /// Let each address make no more calls a minute than that
    #[arg(long, value_name = "N")]
    calls_per_address: Option<NonZeroU32>,
    /// Take no more requests a minute than that in each pairing
    #[arg(long, value_name = "N")]
    requests_per_pairing: Option<NonZeroU32>,
    #[command(flatten)]
    tls: TlsArguments,
    #[command(flatten)]
    place: PlaceArguments,
}

pub(super) async fn serve(
    arguments: ServeArguments,
    environment: &Environment,
) -> Result<(), GatewayCommandError> {
    let address = arguments.listen;
    let directory = || arguments.place.directory(environment);
    let secured = arguments.tls.secured(directory, address)?;
    if secured.is_none() && !address.ip().is_loopback() {
        return Err(GatewayCommandError::NotLoopback { address });
    }
    allow_many_connections();
    let limits = CallLimits {
        per_token: arguments.calls_per_minute,
        per_address: arguments.calls_per_address,
        per_pairing: arguments.requests_per_pairing,
        ..CallLimits::default()
    };
    let options = arguments.place.options(environment)?;
    let mut gateway = Gateway::open_limited(options, limits).await?.with_page(page());
    gateway = match &secured {
        Some(secured) => gateway.secured(secured.tls.clone(), arguments.tls.hosts()),
        None => gateway.named(arguments.tls.names()),
    };
    let refused = |source| GatewayCommandError::Listen { address, source };
    let listener = Listening::at(address).await.map_err(refused)?;
    let bound = listener.local_addr().map_err(refused)?;
    let mut interrupted = signal(SignalKind::interrupt()).map_err(GatewayCommandError::Start)?;
    let mut terminated = signal(SignalKind::terminate()).map_err(GatewayCommandError::Start)?;
    let mut hung_up = signal(SignalKind::hangup()).map_err(GatewayCommandError::Start)?;
    match &secured {
        None => say(&format!("http://{bound}"))?,
        Some(secured) => {
            let host = match arguments.tls.first_name() {
                Some(name) if bound.ip().is_unspecified() => format!("{name}:{}", bound.port()),
                _ => bound.to_string(),
            };
            say(&format!("https://{host}"))?;
            say(&format!("certificate: {}", secured.tls.fingerprint()))?;
        }
    }
    let reloading = async {
        while hung_up.recv().await.is_some() {
            match &secured {
                Some(secured) => secured.reload(),
                // Without a certificate it ends what a terminal started, as usual.
                None => return,
            }
        }
    };
    let shutdown = async {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
            () = reloading => {}
        }
    };
    gateway.serve(listener, shutdown, None).await?;
    Ok(())
}

/// Everybody who waits is a connection, and a connection is a descriptor.
fn allow_many_connections() {
    let raised = getrlimit(Resource::RLIMIT_NOFILE)
        .and_then(|(_, hard)| setrlimit(Resource::RLIMIT_NOFILE, hard, hard));
    if let Err(error) = raised {
        tracing::debug!(%error, "fewer connections than there could be");
    }
}
