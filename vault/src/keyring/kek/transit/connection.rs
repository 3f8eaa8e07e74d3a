//! One request, one connection: keys are asked for seldom.

use std::sync::Arc;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{Method, Request, StatusCode, body::Bytes, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, rustls::pki_types::ServerName};
use zeroize::Zeroizing;

use super::address::{Encryption, TransitAddress};
use crate::{keyring::KekFailure, trust};

/// The longest answer; an engine's are far below.
const ANSWER_LIMIT_BYTES: usize = 64 * 1024;

/// Makes connections to one engine.
pub(super) struct Connector {
    host: String,
    port: u16,
    namespace: Option<String>,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

impl Connector {
    pub(super) fn new(address: &TransitAddress) -> Result<Self, KekFailure> {
        let tls = match &address.encryption {
            Encryption::Clear => None,
            Encryption::Tls(certificates) => {
                let config = trust::client_config(certificates)
                    .map_err(|error| KekFailure::Denied(format!("{error} (ca-file)")))?;
                let name = ServerName::try_from(address.host.clone())
                    .map_err(|_| KekFailure::Denied("its host is no name".to_owned()))?;
                Some((TlsConnector::from(Arc::new(config)), name))
            }
        };
        let (host, port, namespace) = (address.host.clone(), address.port, address.namespace.clone());
        Ok(Self { host, port, namespace, tls })
    }

    /// Sends a request and reads the answer whole.
    pub(super) async fn ask(
        &self,
        method: &Method,
        path: &str,
        token: &str,
        body: &str,
    ) -> Result<(StatusCode, Zeroizing<Vec<u8>>), KekFailure> {
        let unreachable = |_| KekFailure::Unavailable("no connection to it can be made".to_owned());
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await.map_err(unreachable)?;
        let request = self.request(method, path, token, body)?;
        match &self.tls {
            None => exchange(stream, request).await,
            Some((connector, name)) => {
                let stream = connector.connect(name.clone(), stream).await.map_err(|error| {
                    if error.get_ref().is_some_and(|cause| cause.is::<tokio_rustls::rustls::Error>()) {
                        KekFailure::Denied(
                            "its certificate is not that of its host, or of no authority that is trusted (ca-file)"
                                .to_owned(),
                        )
                    } else {
                        KekFailure::Unavailable("the connection to it broke off".to_owned())
                    }
                })?;
                exchange(stream, request).await
            }
        }
    }

    fn request(
        &self,
        method: &Method,
        path: &str,
        token: &str,
        body: &str,
    ) -> Result<Request<Full<Bytes>>, KekFailure> {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        let mut token = header::HeaderValue::from_str(token)
            .map_err(|_| KekFailure::Denied("the token is no token".to_owned()))?;
        token.set_sensitive(true);
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, format!("{host}:{}", self.port))
            .header(header::CONTENT_TYPE, "application/json")
            .header("x-vault-request", "true")
            .header("x-vault-token", token);
        if let Some(namespace) = &self.namespace {
            request = request.header("x-vault-namespace", namespace);
        }
        let body =
            if *method == Method::GET { Bytes::new() } else { Bytes::copy_from_slice(body.as_bytes()) };
        request
            .body(Full::new(body))
            .map_err(|_| KekFailure::Denied("no request can be made of its address".to_owned()))
    }
}

async fn exchange<S>(
    stream: S,
    request: Request<Full<Bytes>>,
) -> Result<(StatusCode, Zeroizing<Vec<u8>>), KekFailure>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let broken = |_| KekFailure::Unavailable("the connection to it broke off".to_owned());
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    // Ends with the sender, or with the server.
    let driver = tokio::spawn(async move { drop(connection.await) });
    let work = async {
        let answer = sender.send_request(request).await.map_err(broken)?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), ANSWER_LIMIT_BYTES).collect().await;
        let body =
            body.map_err(|_| KekFailure::Unavailable("its answer broke off, or is far too long".to_owned()))?;
        Ok((status, Zeroizing::new(body.to_bytes().to_vec())))
    };
    let outcome = work.await;
    driver.abort();
    outcome
}
