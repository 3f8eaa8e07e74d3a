//! Connections: so many and no more, with a bounded queue before them.

use std::time::Duration;

use deadpool_postgres::{
    ClientWrapper, Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime,
};
use tokio_postgres::{Client, SimpleQueryMessage, error::SqlState};

use super::{
    address::PostgresAddress,
    failure::Failure,
    tls::{self, Tls},
};
use crate::{
    metrics::Pool as Purpose,
    store::{
        StoreError,
        turns::{Turn, Turns},
    },
};

/// How long a connection is waited for by those who have a turn: one is free, or being made.
const WAIT: Duration = Duration::from_secs(5);

/// How long a connection may take to be made, with TLS, password and settings, on all hosts together.
const CREATE: Duration = Duration::from_secs(5);

/// Settings of each connection, in milliseconds. A server that has not one of them goes without: the vault
/// keeps time itself as well.
const SETTINGS: [&str; 2] =
    ["SET statement_timeout = 5000", "SET idle_in_transaction_session_timeout = 10000"];

/// How long one statement may take: a little longer than the server is told, so that its answer comes first.
pub(super) const STATEMENT: Duration = Duration::from_secs(6);

/// Some connections for one purpose.
pub(super) struct Connections {
    pool: Pool,
    turns: Turns,
}

impl Connections {
    /// Connects to nothing yet.
    pub(super) fn new(
        address: &PostgresAddress,
        tls: &Tls,
        purpose: Purpose,
        at_once: usize,
    ) -> Result<Self, deadpool_postgres::BuildError> {
        let manager = Manager::from_config(
            address.config().clone(),
            tls.clone(),
            ManagerConfig { recycling_method: RecyclingMethod::Fast },
        );
        let pool = Pool::builder(manager)
            .max_size(at_once)
            .runtime(Runtime::Tokio1)
            .create_timeout(Some(CREATE))
            .wait_timeout(Some(WAIT))
            .post_create(Hook::async_fn(|client: &mut ClientWrapper, _| {
                Box::pin(async move { prepare(client).await.map_err(HookError::Backend) })
            }))
            .build()?;
        Ok(Self { pool, turns: Turns::new(purpose, at_once) })
    }

    /// Waits for one's turn: whoever has it will find a connection free.
    ///
    /// # Errors
    ///
    /// [`StoreError::Overloaded`] if too many wait already, or the wait takes too long.
    pub(super) async fn turn(&self) -> Result<Turn, StoreError> {
        self.turns.turn().await
    }

    /// The first connection of all, of which whoever runs the vault is told in words why there is none.
    ///
    /// Nothing has been asked on it, so the words can quote no data.
    pub(super) async fn first_session(&self) -> Result<Session, NoConnection> {
        match self.pool.get().await {
            Ok(connection) => Ok(Session { connection: Some(connection) }),
            Err(PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error))) => {
                let reason = std::error::Error::source(&error).map_or(error.to_string(), ToString::to_string);
                // A wrong password, database or certificate stays wrong; others are of servers that start.
                let is_refusal = error.code().is_some_and(|code| {
                    ["28", "3D", "42"].iter().any(|class| code.code().starts_with(class))
                });
                let is_final = is_refusal || tls::is_distrust(&error);
                Err(NoConnection { reason, is_final })
            }
            Err(error) => Err(NoConnection { reason: error.to_string(), is_final: false }),
        }
    }

    /// A connection, made if there is none; to be asked for by those whose turn it is.
    pub(super) async fn session(&self) -> Result<Session, Failure> {
        Ok(Session { connection: Some(self.pool.get().await?) })
    }
}

/// Why the first connection was not made.
pub(super) struct NoConnection {
    /// What the server or the operating system says.
    pub(super) reason: String,
    /// Whether waiting is of no use.
    pub(super) is_final: bool,
}

/// A connection in use. Dropped without being given back, it is closed: nobody can tell in the middle of
/// which transaction it is, and the server rolls that one back.
pub(super) struct Session {
    connection: Option<Object>,
}

impl Session {
    pub(super) fn client(&self) -> Result<&ClientWrapper, Failure> {
        self.connection.as_deref().ok_or(Failure::Lost)
    }

    /// For the next one; only outside of any transaction.
    pub(super) fn give_back(mut self) {
        self.connection = None;
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            drop(Object::take(connection));
        }
    }
}

/// Settles what one statement may take, and that a commit is durable.
async fn prepare(client: &Client) -> Result<(), tokio_postgres::Error> {
    for setting in SETTINGS {
        optional(client.batch_execute(setting).await)?;
    }
    // Where the server's own operators are not looked for first, `=` is whatever somebody says it is.
    if let Some(path) = show(client, "search_path").await?
        && path.contains(CATALOGUE)
    {
        let set = "SELECT pg_catalog.set_config('search_path', $1, false)";
        client.execute(set, &[&behind_catalogue(&path)]).await?;
    }
    // Weaker than what whoever runs the server chose is never asked for, stronger than nothing always is.
    if show(client, "synchronous_commit").await?.as_deref() == Some("off") {
        client.batch_execute("SET synchronous_commit = on").await?;
    }
    Ok(())
}

/// Where the server keeps its own operators and functions. It is looked at first where no path names it.
const CATALOGUE: &str = "pg_catalog";

/// A path that does not name the server's own schema.
fn behind_catalogue(path: &str) -> String {
    let named = path.split(',').map(str::trim).filter(|name| name.trim_matches('"') != CATALOGUE);
    named.collect::<Vec<_>>().join(", ")
}

/// A setting of the server; none if it has no such setting, as other engines than PostgreSQL.
pub(super) async fn show(client: &Client, setting: &str) -> Result<Option<String>, tokio_postgres::Error> {
    let Some(messages) = optional(client.simple_query(&format!("SHOW {setting}")).await)? else {
        return Ok(None);
    };
    Ok(messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    }))
}

/// What a statement answered; none if the engine does not know what it is about.
fn optional<T>(answer: Result<T, tokio_postgres::Error>) -> Result<Option<T>, tokio_postgres::Error> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) => match error.code() {
            Some(
                &SqlState::UNDEFINED_OBJECT | &SqlState::FEATURE_NOT_SUPPORTED | &SqlState::SYNTAX_ERROR,
            ) => Ok(None),
            Some(_) | None => Err(error),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_names_the_servers_own_schema() {
        for (path, expected) in [
            ("public, pg_catalog", "public"),
            ("\"$user\", public,\"pg_catalog\" , vault", "\"$user\", public, vault"),
            ("pg_catalog", ""),
        ] {
            assert_eq!(behind_catalogue(path), expected);
        }
    }
}
