//! Accepts connections and serves HTTP/1.1 on them, with TLS or without.

use super::limits::{CONNECTIONS, HEADER_BYTES, HEADER_TIME, OTHER_DESCRIPTORS, SHUTDOWN_TIME};
use super::listening::Listening;
use super::patience::Patience;
use super::tls::Tls;
use axum::Router;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use nix::sys::resource::{Resource, getrlimit};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, BufStream};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, watch};

/// Serves until `end` is ready, then lets open requests finish for a while.
pub(super) async fn serve<E>(
    listener: Listening,
    routes: Router,
    tls: Option<Tls>,
    silence: Duration,
    end: impl Future<Output = E>,
) -> E {
    let (ending, _) = watch::channel(());
    let most = connections();
    let places = Arc::new(Semaphore::new(most));
    let mut end = std::pin::pin!(end);
    let ended = loop {
        tokio::select! {
            ended = &mut end => break ended,
            (stream, address, place) = accept(&listener, &places) => {
                let served = Served { routes: routes.clone(), address, silence };
                let ending = ending.subscribe();
                // Whatever a connection holds it holds as long as somebody waits on it, and
                // thousands may: what most do not need is in a place of its own.
                match tls.clone() {
                    None => drop(tokio::spawn(async move {
                        welcome(stream, served, ending).await;
                        drop(place);
                    })),
                    Some(tls) => drop(tokio::spawn(async move {
                        welcome_by_tls(stream, tls, served, ending).await;
                        drop(place);
                    })),
                }
            }
        }
    };
    drop(listener);
    ending.send_replace(());
    // Every connection has a place as long as it is there.
    let all = u32::try_from(most).unwrap_or(u32::MAX);
    if tokio::time::timeout(SHUTDOWN_TIME, places.acquire_many(all)).await.is_err() {
        tracing::warn!("some requests did not finish in time");
    }
    ended
}

/// Tells whether somebody begins to speak in time. The time of the headers begins with
/// their first byte: whoever sends none would keep the place for ever.
async fn begins(stream: &TcpStream) -> bool {
    tokio::time::timeout(HEADER_TIME, stream.peek(&mut [0])).await.is_ok()
}

/// Serves a connection on which somebody begins to speak in time.
async fn welcome(stream: TcpStream, served: Served, ending: watch::Receiver<()>) {
    if begins(&stream).await {
        talk(stream, served, ending).await;
    }
}

/// Does the same once hands are shaken.
async fn welcome_by_tls(stream: TcpStream, tls: Tls, served: Served, ending: watch::Receiver<()>) {
    if !begins(&stream).await {
        return;
    }
    match Box::pin(tls.accept(stream)).await {
        Ok(stream) => {
            let mut stream = BufStream::new(stream);
            let first = tokio::time::timeout(HEADER_TIME, stream.fill_buf()).await;
            if matches!(first, Ok(Ok(bytes)) if !bytes.is_empty()) {
                talk(stream, served, ending).await;
            }
        }
        Err(error) => tracing::debug!(%error, "no TLS"),
    }
}

/// Speaks HTTP/1.1 until either side ends it.
async fn talk<S>(stream: S, served: Served, mut ending: watch::Receiver<()>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let Served { routes, address, silence } = served;
    let routes = TowerToHyperService::new(routes);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(address));
        routes.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .max_buf_size(HEADER_BYTES)
        .serve_connection(TokioIo::new(Patience::with(stream, silence)), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        // An error means that nobody is there to wait any more, which is the end as well.
        _ = ending.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection ended");
    }
}

/// What one connection is served with.
struct Served {
    routes: Router,
    address: SocketAddr,
    /// How long nothing may be read of what is sent.
    silence: Duration,
}

/// Who is at the other end of a connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) SocketAddr);

/// Returns how many connections there may be: each is a descriptor.
fn connections() -> usize {
    let limit = getrlimit(Resource::RLIMIT_NOFILE).map_or(1024, |(soft, _)| soft);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    limit.saturating_sub(OTHER_DESCRIPTORS).clamp(16, CONNECTIONS)
}

/// Accepts the next connection once there is a place for it.
async fn accept(
    listener: &Listening,
    places: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, Option<tokio::sync::OwnedSemaphorePermit>) {
    // The semaphore is never closed, so there always is a place in the end.
    let place = Arc::clone(places).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, address)) => {
                // Only costs time when it fails.
                let _ = stream.set_nodelay(true);
                return (stream, address, place);
            }
            Err(error) => {
                // Out of descriptors, or the client is gone already: both pass.
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}
