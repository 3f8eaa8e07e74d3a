//! Brings the schema up to date: numbered SQL files, embedded, applied in order.
//!
//! One vault does it at a time: the one whose name stands in the row of `schema_lock`, until it says that it is
//! done or its time is over. A lock of the server's own kind would be simpler, and the distributed engines do
//! not have it. Each statement stands alone and may run twice, so that a vault that dies in the middle, or
//! is slower than its time, does no harm.

use std::time::Duration;

use deadpool_postgres::ClientWrapper;
use tokio::time;
use tokio_postgres::error::SqlState;

use crate::clock::{Clock as _, SystemClock};

/// The files of `migrations/postgres/`, in order; which were applied is kept in `schema_version`.
const MIGRATIONS: &[&str] = &[
    include_str!("../../../migrations/postgres/0001_initial.sql"),
    include_str!("../../../migrations/postgres/0002_mandates.sql"),
    include_str!("../../../migrations/postgres/0003_audit.sql"),
    include_str!("../../../migrations/postgres/0004_key_scopes.sql"),
    include_str!("../../../migrations/postgres/0005_epochs.sql"),
    include_str!("../../../migrations/postgres/0006_signed_sealing_keys.sql"),
    include_str!("../../../migrations/postgres/0007_row_hashes.sql"),
    include_str!("../../../migrations/postgres/0008_lookup_versions.sql"),
    include_str!("../../../migrations/postgres/0009_sealing_suites.sql"),
];

/// What the vault needs before the first file.
const FIRST: &str = "CREATE TABLE IF NOT EXISTS schema_version (
    number        bigint NOT NULL PRIMARY KEY,
    applied_at_ms bigint NOT NULL
);
CREATE TABLE IF NOT EXISTS schema_lock (
    name     text NOT NULL PRIMARY KEY,
    owner    text NOT NULL,
    until_ms bigint NOT NULL
);";

/// For how long one statement may keep the others waiting; it is granted anew before each.
const LEASE_MS: i64 = 30_000;

/// How often the others look.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How often a statement is repeated that another vault ran at the same moment.
const TRIES: u32 = 20;

/// Why the schema is not the one that is needed.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// A newer vault has written the database.
    #[error("the database has schema {found}, this vault knows up to {known}; use a newer vault")]
    NewerSchema {
        /// What the database has.
        found: u64,
        /// What this program knows.
        known: usize,
    },
    /// An older vault has written the database, and this one shall not change it.
    #[error("the database has schema {found}, this program needs {known}; run `tessera-vault migrate` first")]
    OlderSchema {
        /// What the database has.
        found: usize,
        /// What this program knows.
        known: usize,
    },
    /// The server said no.
    #[error("the schema cannot be brought up to date: {0}")]
    Refused(#[from] tokio_postgres::Error),
}

/// Whether the schema is the one of this program. Nothing is made.
pub(super) async fn check(client: &ClientWrapper) -> Result<(), MigrationError> {
    let sql = "SELECT count(*) FROM information_schema.tables
               WHERE table_name = 'schema_version' AND table_schema = ANY (current_schemas(false))";
    let tables: i64 = client.query_one(sql, &[]).await?.try_get(0)?;
    let found = if tables == 0 { 0 } else { applied(client).await? };
    let known = MIGRATIONS.len();
    if found == known { Ok(()) } else { Err(MigrationError::OlderSchema { found, known }) }
}

/// Applies what is missing; `owner` is a name that no other process has.
pub(super) async fn run(client: &ClientWrapper, owner: &str) -> Result<(), MigrationError> {
    // The settings of the connection are made for requests.
    client.batch_execute("SET statement_timeout = 0").await?;
    for statement in statements(FIRST) {
        apply(client, &statement).await?;
    }
    if applied(client).await? == MIGRATIONS.len() {
        return Ok(());
    }
    while !take_lock(client, owner).await? {
        time::sleep(LOOK_EVERY).await;
    }
    let migrated = migrate(client, owner).await;
    let release = "UPDATE schema_lock SET until_ms = 0 WHERE name = 'migration' AND owner = $1";
    client.execute(release, &[&owner]).await?;
    migrated
}

async fn migrate(client: &ClientWrapper, owner: &str) -> Result<(), MigrationError> {
    let done = applied(client).await?;
    for (number, sql) in (1_i64..).zip(MIGRATIONS).skip(done) {
        for statement in statements(sql) {
            take_lock(client, owner).await?;
            apply(client, &statement).await?;
        }
        client
            .execute(
                "INSERT INTO schema_version (number, applied_at_ms) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                &[&number, &SystemClock.now_ms()],
            )
            .await?;
        tracing::info!(number, "the schema was brought up to date");
    }
    Ok(())
}

/// How many files were applied.
async fn applied(client: &ClientWrapper) -> Result<usize, MigrationError> {
    let sql = "SELECT coalesce(max(number), 0) FROM schema_version";
    let found: i64 = client.query_one(sql, &[]).await?.try_get(0)?;
    let found = u64::try_from(found).unwrap_or(0);
    match usize::try_from(found) {
        Ok(applied) if applied <= MIGRATIONS.len() => Ok(applied),
        Ok(_) | Err(_) => Err(MigrationError::NewerSchema { found, known: MIGRATIONS.len() }),
    }
}

/// Takes the lock, or keeps it for longer; false while somebody else has it.
async fn take_lock(client: &ClientWrapper, owner: &str) -> Result<bool, MigrationError> {
    let now_ms = SystemClock.now_ms();
    let sql = "INSERT INTO schema_lock (name, owner, until_ms) VALUES ('migration', $1, $2)
               ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until_ms = excluded.until_ms
                  WHERE schema_lock.owner = excluded.owner OR schema_lock.until_ms <= $3";
    for _ in 0..TRIES {
        match client.execute(sql, &[&owner, &(now_ms + LEASE_MS), &now_ms]).await {
            Ok(rows) => return Ok(rows == 1),
            Err(error) if is_of_another(&error) => time::sleep(LOOK_EVERY).await,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(false)
}

/// Runs one statement, again if another vault ran it at the same moment.
async fn apply(client: &ClientWrapper, statement: &str) -> Result<(), MigrationError> {
    let mut tries = 1;
    let mut statement = statement.to_owned();
    loop {
        let Err(error) = client.batch_execute(&statement).await else { return Ok(()) };
        if error.code() == Some(&SqlState::FEATURE_NOT_SUPPORTED)
            && let Some(other) = in_background(&statement)
        {
            statement = other;
        } else if is_of_another(&error) && tries < TRIES {
            tries += 1;
            time::sleep(LOOK_EVERY).await;
        } else {
            return Err(error.into());
        }
    }
}

/// How Aurora DSQL, which does not make them otherwise, is asked to make an index.
fn in_background(statement: &str) -> Option<String> {
    let rest = statement.strip_prefix("CREATE INDEX ")?;
    (!rest.starts_with("ASYNC ")).then(|| format!("CREATE INDEX ASYNC {rest}"))
}

/// `IF NOT EXISTS` looks first and makes then: two at the same moment can both see nothing.
fn is_of_another(error: &tokio_postgres::Error) -> bool {
    error.code().is_some_and(|code| {
        [
            SqlState::UNIQUE_VIOLATION,
            SqlState::DUPLICATE_TABLE,
            SqlState::DUPLICATE_OBJECT,
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::T_R_DEADLOCK_DETECTED,
        ]
        .contains(code)
    })
}

/// The statements of a file, without its comments. A semicolon ends one only at the end of a line.
fn statements(sql: &str) -> Vec<String> {
    let lines: Vec<_> = sql.lines().filter(|line| !line.starts_with("--")).collect();
    lines
        .join("\n")
        .split(";\n")
        .map(|statement| statement.trim().trim_end_matches(';').to_owned())
        .filter(|statement| !statement.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_statement_may_run_again_and_every_key_is_led_by_its_tenant() {
        for statement in MIGRATIONS.iter().flat_map(|sql| statements(sql)) {
            let makes = ["CREATE TABLE IF NOT EXISTS ", "CREATE INDEX IF NOT EXISTS "];
            let adds =
                statement.starts_with("ALTER TABLE ") && statement.contains(" ADD COLUMN IF NOT EXISTS ");
            // What it has changed it does not find again.
            let mends = statement.starts_with("UPDATE ") && statement.contains(" WHERE ");
            assert!(adds || mends || makes.iter().any(|make| statement.starts_with(make)), "{statement}");
            assert!(!statement.contains("REFERENCES"), "no engine is relied on for it: {statement}");
            assert!(!statement.contains("serial") && !statement.contains("IDENTITY"), "{statement}");
            if let Some((_, key)) = statement.split_once("PRIMARY KEY (") {
                // An API key is what the tenant becomes known by.
                let leads = if statement.contains(" api_key (") { "id" } else { "tenant_id" };
                assert!(key.starts_with(leads), "{statement}");
            }
            for unique in statement.split("UNIQUE (").skip(1) {
                assert!(unique.starts_with("tenant_id"), "{statement}");
            }
            for column in statement.lines().filter(|line| line.contains(" text ")) {
                assert!(column.contains("COLLATE \"C\""), "{column}");
            }
        }
    }

    #[test]
    fn an_index_can_be_asked_for_in_the_background() {
        let plain = "CREATE INDEX IF NOT EXISTS i ON t (a)";
        let background = in_background(plain).unwrap();
        assert_eq!(background, "CREATE INDEX ASYNC IF NOT EXISTS i ON t (a)");
        assert_eq!(in_background(&background), None);
        assert_eq!(in_background("CREATE TABLE t (a text)"), None);
    }
}
