//! Sending what OpenTelemetry's thread hands out, on the runtime of the vault.

use std::time::Duration;

use async_trait::async_trait;
use axum::{
    body::{Body, Bytes, to_bytes},
    http::{Request, Response},
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use opentelemetry_http::{HttpClient, HttpError};
use tokio::{runtime::Handle, time};

/// How long a collector may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The longest answer of a collector that is read, in bytes.
const ANSWER_LIMIT_BYTES: usize = 64 * 1024;

/// Sends requests to a collector.
#[derive(Debug)]
pub(super) struct Sender {
    runtime: Handle,
    client: Client<HttpConnector, Body>,
}

impl Sender {
    pub(super) fn new(runtime: Handle) -> Self {
        Self { runtime, client: Client::builder(TokioExecutor::new()).build_http() }
    }
}

#[async_trait]
impl HttpClient for Sender {
    /// Whoever calls it is on a thread without a runtime, and waits.
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let sending = async move {
            let (parts, body) = client.request(request.map(Body::from)).await?.into_parts();
            let body = to_bytes(Body::new(body), ANSWER_LIMIT_BYTES).await?;
            Ok::<_, HttpError>(Response::from_parts(parts, body))
        };
        self.runtime.spawn(async move { time::timeout(PATIENCE, sending).await }).await??
    }
}
