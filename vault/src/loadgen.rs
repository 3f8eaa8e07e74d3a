//! `tessera-vault loadgen`: asks a vault for tokens and spends them, over many connections at once, and says how
//! fast that was.
//!
//! Everything a browser does is done before the clock runs: cards are drawn and sealed first. What is measured is
//! the vault, from the first byte of a request to the last of its answer, with as many requests under way as there
//! are connections.

mod cards;
mod connection;
mod figures;

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::{
    clock::{Clock as _, SystemClock},
    config::LoadArgs,
    domain::{KeyKind, KeyText, Origin},
};

use cards::{NoCard, Sealer};
use connection::{Call, Connection};
use figures::{Answers, Outcome};

/// Measures a vault and prints what came of it, a line of JSON for each phase.
///
/// # Errors
///
/// [`LoadError`] if the vault cannot be reached or does not take what is sent.
pub async fn run(
    args: &LoadArgs,
    environment: &dyn Fn(&str) -> Option<String>,
    out: &mut dyn io::Write,
) -> Result<(), LoadError> {
    let target = Target::read(args, environment)?;
    let mut connections = Vec::new();
    for _ in 0..args.connections.get() {
        connections.push(Connection::open(target.address, &target.host).await?);
    }
    let sealing_key = target.sealing_key(connections.first_mut()).await?;

    let warm_up = usize::try_from(args.warm_up).unwrap_or(0);
    let total = warm_up.saturating_add(usize::try_from(args.tokens.get()).unwrap_or(usize::MAX));
    let started = Instant::now();
    let mut sealer = Sealer::new(&target, &sealing_key, SystemClock.now_ms())?;
    let mut calls = (0..total).map(|_| sealer.call()).collect::<Result<Vec<_>, _>>()?;
    let sealed = started.elapsed();
    let measured = calls.split_off(warm_up);
    let line = json!({
        "phase": "seal",
        "sealed": total,
        "us_each": sealed.as_secs_f64() * 1e6 / f64::from(u32::try_from(total).unwrap_or(u32::MAX)),
    });
    writeln!(out, "{line}")?;

    // The vault's caches, files and connections to its store are in use before anything is counted.
    let warm = phase(&mut connections, calls).await?;
    let warm = phase(&mut connections, target.spends(&warm.tokens())).await?;
    writeln!(out, "{}", warm.describe("warm_up", connections.len()))?;

    let issued = phase(&mut connections, measured).await?;
    writeln!(out, "{}", issued.describe("tokenize", connections.len()))?;
    let spent = phase(&mut connections, target.spends(&issued.tokens())).await?;
    writeln!(out, "{}", spent.describe("spend", connections.len()))?;
    Ok(())
}

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A key is missing.
    #[error("set TESSERA_{0} in the environment: flags are seen by everybody on the machine")]
    KeyMissing(&'static str),
    /// A key is none, or one of the other kind.
    #[error("TESSERA_{0} is not such a key")]
    KeyMalformed(&'static str),
    /// An address that this cannot speak to.
    #[error(
        "--vault is an https address, and this speaks plain HTTP: name the vault's own listening address with --connect"
    )]
    Encrypted,
    /// An address without a host.
    #[error("--connect, or else --vault, must lead to an address: {0}")]
    Address(io::Error),
    /// No answer.
    #[error("the vault does not answer: {0}")]
    Unreachable(#[from] connection::Broken),
    /// An answer that nothing can be done with.
    #[error(
        "the vault gives no sealing key: it answers `{0}`. The keys must be of one merchant of this vault, and --vault its public address"
    )]
    NoSealingKey(String),
    /// No card.
    #[error(transparent)]
    Card(#[from] NoCard),
    /// Output.
    #[error("output failed: {0}")]
    Io(#[from] io::Error),
}

/// Whom to ask, and in whose name.
struct Target {
    address: SocketAddr,
    host: String,
    vault: Origin,
    page: Origin,
    publishable: KeyText,
    secret: KeyText,
}

impl Target {
    fn read(args: &LoadArgs, environment: &dyn Fn(&str) -> Option<String>) -> Result<Self, LoadError> {
        let key = |name, kind| {
            let variable = format!("TESSERA_{name}");
            let text = environment(&variable).map(Zeroizing::new).ok_or(LoadError::KeyMissing(name))?;
            let key = KeyText::parse(text.trim()).filter(|key| key.kind() == kind);
            key.ok_or(LoadError::KeyMalformed(name))
        };
        let publishable = key("PUBLISHABLE_KEY", KeyKind::Publishable)?;
        let secret = key("SECRET_KEY", KeyKind::Secret)?;
        let host = args.vault.as_str().split_once("://").map_or("", |(_, host)| host).to_owned();
        let address = match (&args.connect, args.vault.as_str().strip_prefix("http://")) {
            (Some(address), _) => *address,
            (None, Some(host)) => resolve(host).map_err(LoadError::Address)?,
            (None, None) => return Err(LoadError::Encrypted),
        };
        let page = args.page_origin.clone().unwrap_or_else(|| args.vault.clone());
        Ok(Self { address, host, vault: args.vault.clone(), page, publishable, secret })
    }

    /// Asks for the key that cards are sealed to.
    async fn sealing_key(&self, connection: Option<&mut Connection>) -> Result<seal::PublicKey, LoadError> {
        let connection = connection.ok_or(connection::Broken)?;
        let answer = connection.call(&Call::get("/v1/keys", &self.publishable)).await?;
        let said =
            |answer: &Value| answer.pointer("/error/code").and_then(Value::as_str).unwrap_or("?").to_owned();
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let member = |name: &str| body.pointer(&format!("/keys/0/{name}")).and_then(Value::as_str);
        let key = member("id").zip(member("public_key"));
        let suite = member("suite").and_then(seal::Suite::from_name);
        key.zip(suite)
            .and_then(|((id, key), suite)| seal::PublicKey::from_text(suite, id, key).ok())
            .ok_or_else(|| LoadError::NoSealingKey(said(&body)))
    }

    /// One spend for each token: a payment method without a customer.
    fn spends(&self, tokens: &[Zeroizing<String>]) -> Vec<Call> {
        let spend = |token: &Zeroizing<String>| {
            let body = json!({"token": token.as_str()}).to_string();
            Call::post("/v1/payment-methods", &self.secret, None, body)
        };
        tokens.iter().map(spend).collect()
    }
}

fn resolve(host: &str) -> io::Result<SocketAddr> {
    use std::net::ToSocketAddrs as _;
    let host = if host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()) {
        host.to_owned()
    } else {
        format!("{host}:80")
    };
    host.to_socket_addrs()?.next().ok_or_else(|| io::ErrorKind::NotFound.into())
}

/// Sends all calls, each connection the next one as soon as it has its answer.
async fn phase(connections: &mut Vec<Connection>, calls: Vec<Call>) -> Result<Answers, LoadError> {
    let (calls, next) = (Arc::new(calls), Arc::new(AtomicUsize::new(0)));
    let gathered = Arc::new(Mutex::new(Answers::default()));
    let started = Instant::now();
    let workers: Vec<_> = connections
        .drain(..)
        .map(|mut connection| {
            let (calls, next, gathered) = (Arc::clone(&calls), Arc::clone(&next), Arc::clone(&gathered));
            tokio::spawn(async move {
                let mut own = Vec::new();
                while let Some(call) = calls.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let sent = Instant::now();
                    let outcome = match connection.call(call).await {
                        Ok(answer) => Outcome::of(&answer),
                        Err(connection::Broken) => Outcome::lost(),
                    };
                    own.push((sent.elapsed(), outcome));
                }
                gathered.lock().unwrap_or_else(PoisonError::into_inner).extend(own);
                connection
            })
        })
        .collect();
    for worker in workers {
        connections.push(worker.await.map_err(|_| connection::Broken)?);
    }
    let mut answers = std::mem::take(&mut *gathered.lock().unwrap_or_else(PoisonError::into_inner));
    answers.took(started.elapsed());
    Ok(answers)
}
