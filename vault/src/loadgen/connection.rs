//! One connection, kept open, with one request on it at a time.

use std::net::SocketAddr;

use axum::body::{Body, Bytes, to_bytes};
use hyper::{Method, Request, StatusCode, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use zeroize::Zeroizing;

use crate::domain::KeyText;

/// More than any answer that is asked for here.
const ANSWER_LIMIT_BYTES: usize = 64 * 1024;

/// The connection, or another one in its place, gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the connection was refused or cut")]
pub struct Broken;

/// A request that can be sent more than once.
pub(super) struct Call {
    method: Method,
    path: &'static str,
    authorization: Zeroizing<String>,
    attempt: Option<String>,
    body: Bytes,
}

impl Call {
    pub(super) fn get(path: &'static str, key: &KeyText) -> Self {
        Self { method: Method::GET, ..Self::post(path, key, None, String::new()) }
    }

    /// A change, with an idempotency key if it needs one.
    pub(super) fn post(path: &'static str, key: &KeyText, attempt: Option<&str>, body: String) -> Self {
        Self {
            method: Method::POST,
            path,
            // EXPOSE: the key is what the request is authenticated with.
            authorization: Zeroizing::new(format!("Bearer {}", key.expose())),
            attempt: attempt.map(str::to_owned),
            body: body.into(),
        }
    }
}

/// What came back.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Bytes,
}

/// A connection to one vault.
pub(super) struct Connection {
    address: SocketAddr,
    host: String,
    sender: http1::SendRequest<Body>,
}

impl Connection {
    pub(super) async fn open(address: SocketAddr, host: &str) -> Result<Self, Broken> {
        Ok(Self { address, host: host.to_owned(), sender: connect(address).await? })
    }

    /// Sends a request and reads its answer to the end. Where the vault has ended the connection, as it does with
    /// each after a while, the request goes over a new one.
    pub(super) async fn call(&mut self, call: &Call) -> Result<Answer, Broken> {
        if self.sender.ready().await.is_err() {
            self.sender = connect(self.address).await?;
        }
        let mut request = Request::builder()
            .method(&call.method)
            .uri(call.path)
            .header(header::HOST, &self.host)
            .header(header::AUTHORIZATION, call.authorization.as_str())
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(attempt) = &call.attempt {
            request = request.header("idempotency-key", attempt);
        }
        let request = request.body(Body::from(call.body.clone())).map_err(|_| Broken)?;
        let answer = self.sender.send_request(request).await.map_err(|_| Broken)?;
        let (head, body) = answer.into_parts();
        let body = to_bytes(Body::new(body), ANSWER_LIMIT_BYTES).await.map_err(|_| Broken)?;
        Ok(Answer { status: head.status, body })
    }
}

async fn connect(address: SocketAddr) -> Result<http1::SendRequest<Body>, Broken> {
    let stream = TcpStream::connect(address).await.map_err(|_| Broken)?;
    stream.set_nodelay(true).map_err(|_| Broken)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|_| Broken)?;
    // It ends with its sender, or with the vault; whoever sends then is told.
    tokio::spawn(async move { drop(connection.await) });
    Ok(sender)
}
