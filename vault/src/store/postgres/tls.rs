//! TLS to the server, by rustls.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_rustls::{TlsConnector, client, rustls::pki_types::ServerName};

use crate::trust::{self, Certificates, TrustError};

/// Makes connections of which the certificate and the host's name are checked; or none, where the address
/// asks for clear text.
#[derive(Clone)]
pub(super) struct Tls {
    connector: Option<TlsConnector>,
}

/// Nobody can be trusted; whoever runs the vault can mend it.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file of certificates.
    #[error("the file of --store-ca (TESSERA_STORE_CA) holds no certificates that can be read (PEM)")]
    File,
    /// The machine's own.
    #[error("this machine names no certificate authorities: install ca-certificates, or set --store-ca")]
    System,
    /// The library.
    #[error("TLS cannot be set up: {0}")]
    Setup(#[from] tokio_rustls::rustls::Error),
}

impl From<TrustError> for TlsError {
    fn from(error: TrustError) -> Self {
        match error {
            TrustError::File => Self::File,
            TrustError::System => Self::System,
            TrustError::Setup(error) => Self::Setup(error),
        }
    }
}

impl Tls {
    pub(super) fn new(certificates: Option<&Certificates>) -> Result<Self, TlsError> {
        let Some(certificates) = certificates else { return Ok(Self { connector: None }) };
        let config = trust::client_config(certificates)?;
        Ok(Self { connector: Some(TlsConnector::from(Arc::new(config))) })
    }
}

/// Whether a connection was given up because the server is not what it must be.
pub(super) fn is_distrust(error: &tokio_postgres::Error) -> bool {
    std::error::Error::source(error)
        .and_then(|source| source.downcast_ref::<io::Error>())
        .and_then(io::Error::get_ref)
        .is_some_and(|cause| cause.is::<tokio_rustls::rustls::Error>())
}

impl<S> MakeTlsConnect<S> for Tls
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Stream = Encrypted<S>;
    type TlsConnect = Handshake;
    type Error = io::Error;

    fn make_tls_connect(&mut self, domain: &str) -> io::Result<Handshake> {
        // Asked for every connection, also of those that are in clear and have no name.
        Ok(Handshake { connector: self.connector.clone(), domain: domain.to_owned() })
    }
}

/// What is to be done once the server agrees to TLS.
pub(super) struct Handshake {
    connector: Option<TlsConnector>,
    domain: String,
}

impl<S> TlsConnect<S> for Handshake
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Stream = Encrypted<S>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Encrypted<S>>> + Send>>;

    fn connect(self, stream: S) -> Self::Future {
        Box::pin(async move {
            let connector = self.connector.ok_or(io::ErrorKind::Unsupported)?;
            let name = ServerName::try_from(self.domain).map_err(io::Error::other)?;
            Ok(Encrypted(connector.connect(name, stream).await?))
        })
    }
}

/// A connection inside TLS.
pub(super) struct Encrypted<S>(client::TlsStream<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Encrypted<S> {
    /// None: the certificate and the name are checked, which is what binding would add to a TLS without.
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Encrypted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Encrypted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
