//! Accepts connections and serves HTTP/1.1 on them, with TLS or without.

use super::limits::{CONNECTIONS, HEADER_BYTES, HEADER_TIME, OTHER_DESCRIPTORS, SHUTDOWN_TIME};
use super::tls::Tls;
use axum::Router;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use nix::sys::resource::{Resource, getrlimit};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// Serves until `end` is ready, then lets open requests finish for a while.
pub(super) async fn serve<E>(
    listener: TcpListener,
    routes: Router,
    tls: Option<Tls>,
    end: impl Future<Output = E>,
) -> E {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(connections()));
    let mut end = std::pin::pin!(end);
    let ended = loop {
        tokio::select! {
            ended = &mut end => break ended,
            (stream, address, place) = accept(&listener, &places) => {
                let (routes, tls, watcher) = (routes.clone(), tls.clone(), graceful.watcher());
                tokio::spawn(async move {
                    welcome(stream, tls, Routes { routes, address }, watcher).await;
                    drop(place);
                });
            }
        }
    };
    drop(listener);
    if tokio::time::timeout(SHUTDOWN_TIME, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not finish in time");
    }
    ended
}

/// Serves a connection on which somebody begins to speak in time.
async fn welcome(stream: TcpStream, tls: Option<Tls>, routes: Routes, watcher: Watcher) {
    // The time of the headers begins with their first byte: whoever sends none would
    // keep the place for ever.
    if tokio::time::timeout(HEADER_TIME, stream.peek(&mut [0])).await.is_err() {
        return;
    }
    let Some(tls) = tls else { return talk(stream, routes, watcher).await };
    match tls.accept(stream).await {
        Ok(stream) => {
            let mut stream = BufStream::new(stream);
            let first = tokio::time::timeout(HEADER_TIME, stream.fill_buf()).await;
            if matches!(first, Ok(Ok(bytes)) if !bytes.is_empty()) {
                talk(stream, routes, watcher).await;
            }
        }
        Err(error) => tracing::debug!(%error, "no TLS"),
    }
}

/// Speaks HTTP/1.1 until either side ends it.
async fn talk<S>(stream: S, routes: Routes, watcher: Watcher)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let Routes { routes, address } = routes;
    let routes = TowerToHyperService::new(routes);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(address));
        routes.call(request)
    });
    let mut builder = auto::Builder::new(TokioExecutor::new()).http1_only();
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .max_buf_size(HEADER_BYTES);
    let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
    if let Err(error) = watcher.watch(connection.into_owned()).await {
        tracing::debug!(%error, "connection ended");
    }
}

/// The routes, for one connection.
struct Routes {
    routes: Router,
    address: SocketAddr,
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
    listener: &TcpListener,
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
