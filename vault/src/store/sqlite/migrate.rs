//! Brings the schema up to date: numbered SQL files, embedded, applied in order.

use rusqlite::{Connection, TransactionBehavior};

use crate::data_dir::DataDirError;

/// The files of `migrations/`, in order; the number applied is kept in `PRAGMA user_version`.
const MIGRATIONS: &[&str] = &[
    include_str!("../../../migrations/0001_initial.sql"),
    include_str!("../../../migrations/0002_payments.sql"),
    include_str!("../../../migrations/0003_mandates.sql"),
    include_str!("../../../migrations/0004_audit.sql"),
    include_str!("../../../migrations/0005_key_scopes.sql"),
    include_str!("../../../migrations/0006_epochs.sql"),
    include_str!("../../../migrations/0007_signed_sealing_keys.sql"),
    include_str!("../../../migrations/0008_row_hashes.sql"),
    include_str!("../../../migrations/0009_lookup_versions.sql"),
    include_str!("../../../migrations/0010_sealing_suites.sql"),
];

/// The database cannot be used; the environment is at fault.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The SQLite library has a bug that corrupts databases.
    #[error("SQLite {0} may corrupt a database when its log is reset; 3.51.3 or newer is needed")]
    OldSqlite(&'static str),
    /// The file system does not allow what durability needs.
    #[error(
        "the database does not accept WAL, synchronous=FULL and secure_delete; is it on a network file system?"
    )]
    Settings,
    /// A newer vault has written the file.
    #[error("the database has schema {found}, this vault knows up to {known}; use a newer vault")]
    NewerSchema {
        /// What the file has.
        found: u32,
        /// What this program knows.
        known: usize,
    },
    /// An older vault has written the file, and only a vault that starts changes it.
    #[error(
        "the database has schema {found}, this program needs {known}; run `tessera-vault migrate` of this version first"
    )]
    OlderSchema {
        /// What the file has.
        found: u32,
        /// What this program knows.
        known: usize,
    },
    /// Somebody changed the schema.
    #[error(
        "the schema of the database is not the one that this vault makes, and could change its rows in the vault's name; \
         {0} differs: compare it with a new database's, mend it or restore a backup"
    )]
    OtherSchema(String),
    /// A copy is not sound.
    #[error(
        "SQLite finds the copy damaged, and so may be the database: check it with `PRAGMA integrity_check`"
    )]
    Damaged,
    /// The writer could not be started.
    #[error("the writer thread cannot be started: {0}")]
    Thread(std::io::Error),
    /// The file cannot be made private.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// Anything SQLite says.
    #[error("the database cannot be opened: {0}")]
    Sqlite(#[from] rusqlite::Error),
}

pub(super) fn run(connection: &mut Connection) -> Result<(), OpenError> {
    let applied = applied(connection)?;
    for (number, sql) in (1_u32..).zip(MIGRATIONS).filter(|(number, _)| *number > applied) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "user_version", number)?;
        transaction.commit()?;
    }
    Ok(())
}

/// Whether the schema is the one of this program.
pub(super) fn check(connection: &Connection) -> Result<(), OpenError> {
    let (found, known) = (applied(connection)?, MIGRATIONS.len());
    if usize::try_from(found) == Ok(known) { Ok(()) } else { Err(OpenError::OlderSchema { found, known }) }
}

/// How many files were applied; not more than there are.
pub(super) fn applied(connection: &Connection) -> Result<u32, OpenError> {
    let applied: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if usize::try_from(applied).is_ok_and(|applied| applied > MIGRATIONS.len()) {
        return Err(OpenError::NewerSchema { found: applied, known: MIGRATIONS.len() });
    }
    Ok(applied)
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;

    #[test]
    fn a_second_run_changes_nothing_and_a_newer_schema_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        run(&mut connection).unwrap();
        run(&mut connection).unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(run(&mut connection), Err(OpenError::NewerSchema { found: 99, .. })));
    }

    /// A database whose schema is not word for word what they make is refused: an edited comment would shut everybody out.
    #[test]
    fn a_migration_that_has_landed_is_not_edited() {
        let landed = [
            "060ce67e91d17fc9",
            "2fab74bf03ad034e",
            "6bf54a9f45134cc6",
            "1d8d11da84fde105",
            "9ebbf0b0335f8ffc",
            "eeeee4b1e2210dfc",
            "711e4fefd448c6b8",
            "4003ed35f8354922",
            "caa7ebb391808ae7",
            "dc86c9c20c3017f2",
        ];
        let digest = |sql: &&str| {
            let digest: [u8; 32] = Sha256::digest(sql).into();
            digest[..8].iter().map(|byte| format!("{byte:02x}")).collect::<String>()
        };
        assert_eq!(MIGRATIONS.iter().map(digest).collect::<Vec<_>>(), landed);
    }

    #[test]
    fn every_table_is_strict_and_led_by_its_tenant() {
        let mut connection = Connection::open_in_memory().unwrap();
        run(&mut connection).unwrap();
        let mut statement = connection
            .prepare("SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%'")
            .unwrap();
        let tables: Vec<(String, i64)> = statement
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert!(tables.len() >= 12);
        for (table, strict) in tables {
            assert_eq!(strict, 1, "{table}");
            let first_key: String = connection
                .query_row("SELECT name FROM pragma_table_info(?1) WHERE pk = 1", [&table], |row| row.get(0))
                .unwrap();
            // An API key is what the tenant becomes known by.
            assert_eq!(first_key, if table == "api_key" { "id" } else { "tenant_id" }, "{table}");
        }
    }
}
