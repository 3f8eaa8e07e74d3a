//! Listening, the line that says so, and an orderly end.

pub mod connections;

use std::{io, io::Write as _, net::SocketAddr, sync::Arc, time::Duration};

use serde::Serialize;
use tokio::net::TcpListener;

use crate::{
    app::{self, AppState},
    bank_directory::{BankDirectory, DirectoryError},
    config::{Config, ConnectionLimits},
    domain::Origin,
    fonts::{FontError, Fonts},
    housekeeping,
    startup::{MerchantKeyPair, StartError, Started},
    state::Settings,
};

/// One collector of metrics, perhaps two, and somebody who looks.
const OPERATOR_LIMITS: ConnectionLimits = ConnectionLimits {
    at_once: 16,
    header: Duration::from_secs(10),
    lifetime: Duration::from_secs(300),
    drain: Duration::from_secs(1),
};

/// Serves until a signal comes or the store stops.
///
/// # Errors
///
/// [`ServeError`] if the address cannot be had, or the store stopped.
pub async fn serve(config: &Config, started: Started) -> Result<(), ServeError> {
    let banks = config.bank_directory.as_deref().map(BankDirectory::load).transpose()?;
    let fonts = Fonts::load(&config.fonts)?;
    let listener = bind(config.listen).await?;
    let address = listener.local_addr().map_err(ServeError::Io)?;
    let own = || own_origin(address).ok_or(ServeError::NoOrigin);
    let origin = config.public_origin.clone().map_or_else(own, Ok)?;
    let settings = Settings { banks: banks.unwrap_or_default(), fonts, ..config.settings.clone() };
    let state = AppState::with_settings(started.vaulting.clone(), origin.clone(), settings);
    let metrics_listener = match config.metrics_listen {
        Some(address) => Some(bind(address).await?),
        None => None,
    };
    let metrics_address =
        metrics_listener.as_ref().map(TcpListener::local_addr).transpose().map_err(ServeError::Io)?;
    let housekeeping = tokio::spawn(housekeeping::run(started.vaulting.clone(), Arc::clone(state.limits())));
    let router = app::router(state.clone());

    // Before anybody knows that it is ready: whoever does may end it at once, and in good order.
    let mut signals = Signals::listen().map_err(ServeError::Io)?;
    announce(&origin, address, metrics_address, started.dev_keys.as_ref()).map_err(ServeError::Io)?;

    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let limits = config.connections;
    let server = tokio::spawn(async move {
        // An error means that the sender is gone: also a reason to end.
        connections::serve(listener, router, limits, async { drop(ended.await) }).await;
    });
    let (end_metrics, metrics_ended) = tokio::sync::oneshot::channel::<()>();
    if let Some(listener) = metrics_listener {
        let router = app::operator_router(state.clone());
        tokio::spawn(connections::serve(listener, router, OPERATOR_LIMITS, async {
            drop(metrics_ended.await);
        }));
    }
    let outcome = tokio::select! {
        () = signals.next() => {
            take_leave(&state, config.drain_delay, &mut signals, &started).await
        }
        () = started.store.stopped() => Err(ServeError::StoreStopped),
    };
    tracing::info!("ending");
    drop(end);
    housekeeping.abort();
    if server.await.is_err() {
        tracing::error!("the server ended with a panic");
    }
    // What the last requests did can be read until here.
    drop(end_metrics);
    outcome
}

async fn bind(address: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address).await.map_err(|source| ServeError::Listen { address, source })
}

/// Says that the vault is not ready any more, and goes on serving until balancers have heard of it. A second signal
/// cuts it short.
async fn take_leave(
    state: &AppState,
    delay: Duration,
    signals: &mut Signals,
    started: &Started,
) -> Result<(), ServeError> {
    state.draining().begin();
    if delay.is_zero() {
        return Ok(());
    }
    tracing::info!(delay_ms = delay.as_millis(), "not ready any more: requests are still served");
    tokio::select! {
        () = tokio::time::sleep(delay) => Ok(()),
        () = signals.next() => Ok(()),
        () = started.store.stopped() => Err(ServeError::StoreStopped),
    }
}

/// Why serving ended otherwise than by a signal.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The names of banks.
    #[error(transparent)]
    BankDirectory(#[from] DirectoryError),
    /// The fonts.
    #[error(transparent)]
    Fonts(#[from] FontError),
    /// The address cannot be had.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the operating system says.
        source: io::Error,
    },
    /// The address has no origin.
    #[error("the public URL cannot be told from the address: set --public-url")]
    NoOrigin,
    /// A commit failed; what was acknowledged is safe, and the next start goes on with it.
    #[error("the store stopped after a failed commit; what was acknowledged is safe: start the vault again")]
    StoreStopped,
    /// Starting failed.
    #[error(transparent)]
    Start(#[from] StartError),
    /// Input or output.
    #[error("input or output failed: {0}")]
    Io(io::Error),
}

/// The line that says that the vault is ready, in the order people read it.
#[derive(Serialize)]
struct Ready<'a> {
    ready: bool,
    vault: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    publishable_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_key: Option<&'a str>,
    faces: Faces,
    listening: SocketAddr,
    #[serde(skip_serializing_if = "Option::is_none")]
    metrics: Option<SocketAddr>,
}

#[derive(Serialize)]
struct Faces {
    native: String,
    fluidpay: String,
    paydock: String,
    flute: String,
    paymentsai: String,
}

impl Faces {
    /// Where each face begins: what a merchant's code takes for the gateway's base URL.
    fn of(origin: &Origin) -> Self {
        let below = |path: &str| format!("{origin}/{path}");
        Self {
            native: below("v1"),
            fluidpay: below("fluidpay"),
            paydock: below("paydock"),
            flute: below("flute"),
            paymentsai: below("paymentsai"),
        }
    }
}

/// Writes the line; with `--dev`, also the merchant and its keys.
fn announce(
    origin: &Origin,
    listening: SocketAddr,
    metrics: Option<SocketAddr>,
    dev_keys: Option<&MerchantKeyPair>,
) -> io::Result<()> {
    let ready = Ready {
        ready: true,
        vault: origin.as_str(),
        organization_id: dev_keys.map(|keys| keys.merchant.as_str()),
        // EXPOSE: the keys of `--dev` are made to be printed.
        publishable_key: dev_keys.map(|keys| keys.publishable.expose()),
        secret_key: dev_keys.map(|keys| keys.secret.expose()),
        faces: Faces::of(origin),
        listening,
        metrics,
    };
    let mut stdout = io::stdout().lock();
    serde_json::to_writer(&mut stdout, &ready)?;
    writeln!(stdout)?;
    stdout.flush()
}

/// The origin under which an address is reached from the same machine.
fn own_origin(address: SocketAddr) -> Option<Origin> {
    let ip = match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => "127.0.0.1".to_owned(),
        SocketAddr::V4(v4) => v4.ip().to_string(),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => "[::1]".to_owned(),
        SocketAddr::V6(v6) => format!("[{}]", v6.ip()),
    };
    let port = match address.port() {
        80 => String::new(),
        port => format!(":{port}"),
    };
    Origin::parse(&format!("http://{ip}{port}")).ok()
}

/// What asks the vault to end: SIGINT and SIGTERM.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Listens from now on.
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Resolves at the next one.
    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// What asks the vault to end: the console's interrupt.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
