//! Accepting connections and talking HTTP/1.1 on them, so that nobody who is slow keeps the others out.

use std::{convert::Infallible, net::IpAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, response::Response};
use hyper::{Request, body::Incoming, server::conn::http1, service::Service};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
};
use tower::ServiceExt as _;

use crate::{config::ConnectionLimits, limits::Peer};

/// The longest header of a request, in bytes, its first line included.
const HEADER_LIMIT_BYTES: usize = 16 * 1024;

/// What is read ahead of a connection, in bytes: a header and a body of the longest kind.
const BUFFER_BYTES: usize = 64 * 1024;

/// How long to wait when the system has no more file descriptors.
const BREATH: Duration = Duration::from_millis(200);

/// Serves until `end` resolves; then lets open requests end, for a bounded time.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    end: impl Future<Output = ()>,
) {
    let places = Arc::new(Semaphore::new(limits.at_once));
    let (closing, closed) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut end = pin!(end);
    loop {
        let (stream, peer, place) = tokio::select! {
            () = &mut end => break,
            Some(accepted) = accept(&listener, &places) => accepted,
            else => break,
        };
        let service =
            TowerToHyperService::new(router.clone().map_request(move |mut request: Request<Incoming>| {
                request.extensions_mut().insert(Peer(peer));
                request
            }));
        connections.spawn(talk(stream, service, limits, closed.clone(), place));
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    drop(closing);
    let all_ended = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(limits.drain, all_ended).await.is_err() {
        tracing::warn!("some requests did not end in time");
        connections.shutdown().await;
    }
}

/// The next connection, once there is a place for it; `None` if there will never be one.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, IpAddr, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return Some((stream, peer.ip(), place)),
            // Either that one connection is gone already, or the system is short of something.
            Err(error) => {
                tracing::warn!(kind = %error.kind(), "a connection could not be accepted");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
}

async fn talk<S>(
    stream: TcpStream,
    service: S,
    limits: ConnectionLimits,
    mut closing: watch::Receiver<()>,
    _place: OwnedSemaphorePermit,
) where
    S: Service<Request<Incoming>, Response = Response, Error = Infallible>,
{
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(kind = %error.kind(), "a connection without TCP_NODELAY");
    }
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header)
        .max_header_size(HEADER_LIMIT_BYTES)
        .max_buf_size(BUFFER_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let outcome = tokio::select! {
        outcome = connection.as_mut() => Some(outcome),
        // Never sent: it resolves when the sender is gone.
        _ = closing.changed() => None,
        () = tokio::time::sleep(limits.lifetime) => None,
    };
    let outcome = match outcome {
        Some(outcome) => Ok(outcome),
        None => {
            connection.as_mut().graceful_shutdown();
            tokio::time::timeout(limits.drain, connection).await
        }
    };
    match outcome {
        Ok(Ok(())) => {}
        // The text of an error may quote what was sent.
        Ok(Err(error)) => {
            tracing::debug!(timeout = error.is_timeout(), parse = error.is_parse(), "a connection broke off");
        }
        Err(_) => tracing::debug!("a connection was cut off"),
    }
}
