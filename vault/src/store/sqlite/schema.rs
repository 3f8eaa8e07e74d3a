//! The schema in a database file is code that runs in this process: a trigger, the action of a foreign key, a default, a
//! collation or a view of somebody's would act with what the vault alone can do, and have its edits hashed.
//!
//! So every connection is closed to the parts that are not needed, and nothing is read or written while the schema is
//! another than the one that the migrations make.

use std::{
    cell::RefCell,
    collections::BTreeSet,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use rusqlite::{Connection, ErrorCode, config::DbConfig};

use super::migrate::{self, OpenError};
use crate::store::StoreError;

/// No schema has this number: SQLite's has 32 bits.
const NONE: i64 = i64::MAX;

/// The question where everything begins.
const ROOTS: &str = "SELECT name, rootpage FROM main.sqlite_schema";

/// A table or an index, as it stands in the file: type, name, table and text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Object {
    sort: String,
    name: String,
    table: String,
    sql: Option<String>,
}

/// The schema that the migrations of this program make.
#[derive(Debug)]
pub(super) struct Expected {
    objects: BTreeSet<Object>,
    /// What it was when one of the connections last found it in the file.
    found: Mutex<Option<Good>>,
    /// The number of the last foreign schema that the log tells of.
    told: AtomicI64,
}

impl Expected {
    /// Makes it, in memory.
    pub(super) fn new() -> Result<Arc<Self>, OpenError> {
        let mut connection = Connection::open_in_memory()?;
        migrate::run(&mut connection)?;
        let (objects, found, told) = (objects(&connection)?, Mutex::default(), AtomicI64::new(NONE));
        Ok(Arc::new(Self { objects, found, told }))
    }

    /// Whether it lies where another connection found it, if that one found it under the same number.
    fn lies_as_found(&self, good: &Good) -> bool {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        match &*found {
            Some(found) if found.number == good.number => found.roots == good.roots,
            Some(_) | None => {
                *found = Some(good.clone());
                true
            }
        }
    }
}

/// Closes a connection to what a file's schema could have it do.
pub(super) fn defend(connection: &Connection) -> rusqlite::Result<()> {
    for (setting, on) in [
        // Those of the connection itself still work: the hashes of rows are made in them.
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
        // There are none in the vault's schema, and the bundled library would obey those of others.
        (DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, false),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
    ] {
        connection.set_db_config(setting, on)?;
    }
    Ok(())
}

/// Knows of one connection whether the schema that it works with is the vault's.
#[derive(Debug)]
pub(super) struct Schema {
    expected: Arc<Expected>,
    /// What it was when it was found to be the vault's.
    good: RefCell<Option<Good>>,
}

/// A schema that is the vault's, as the connection has parsed it.
#[derive(Clone, Debug)]
struct Good {
    number: i64,
    roots: Roots,
}

/// Where in the file each table and index begins, by its name.
type Roots = Vec<(String, i64)>;

impl Good {
    /// Whether everything begins where it did. It is asked in every transaction: nothing is copied.
    fn lies_there(&self, connection: &Connection) -> rusqlite::Result<bool> {
        let mut statement = connection.prepare_cached(ROOTS)?;
        let mut found = statement.query([])?;
        for (name, root) in &self.roots {
            let Some(row) = found.next()? else { return Ok(false) };
            let (found_name, found_root) = (row.get_ref(0)?.as_bytes(), row.get_ref(1)?.as_i64());
            if found_name != Ok(name.as_bytes()) || found_root != Ok(*root) {
                return Ok(false);
            }
        }
        Ok(found.next()?.is_none())
    }
}

impl Schema {
    pub(super) const fn new(expected: Arc<Expected>) -> Self {
        Self { expected, good: RefCell::new(None) }
    }

    /// Looks whether the schema is the vault's, inside the transaction that is going to rely on it.
    ///
    /// SQLite parses a schema again when its number is another, and so it is compared again then. Whoever changes the schema
    /// and not the number changes nothing for a connection that is open. But where a table begins is another place then for
    /// whoever opens the file later, such as `audit verify`: SQLite itself never moves one without another number, so that
    /// is refused.
    ///
    /// # Errors
    ///
    /// [`StoreError::OtherSchema`] if it is not.
    pub(super) fn check(&self, connection: &Connection) -> Result<(), StoreError> {
        let number: i64 =
            connection.prepare_cached("PRAGMA main.schema_version")?.query_row([], |row| row.get(0))?;
        let is_good = match self.is_as_it_was(connection, number)? {
            Some(is_as_it_was) => is_as_it_was,
            None => self.is_good_anew(connection, number)?,
        };
        if is_good {
            return Ok(());
        }
        if self.expected.told.swap(number, Ordering::Relaxed) != number {
            tracing::error!(
                "the schema of the database is not the one that the vault made: nothing is read or written until it is"
            );
        }
        Err(StoreError::OtherSchema)
    }

    /// Whether everything is where it was, if the number is that of the last schema that was good.
    fn is_as_it_was(&self, connection: &Connection, number: i64) -> rusqlite::Result<Option<bool>> {
        match &*self.good.borrow() {
            Some(good) if good.number == number => Ok(Some(good.lies_there(connection)?)),
            Some(_) | None => Ok(None),
        }
    }

    /// Whether a schema with another number is the vault's.
    fn is_good_anew(&self, connection: &Connection, number: i64) -> rusqlite::Result<bool> {
        self.good.replace(None);
        match self.differing(connection) {
            Ok(None) => {
                let good = Good { number, roots: roots(connection)? };
                let is_good = self.expected.lies_as_found(&good);
                self.good.replace(is_good.then_some(good));
                Ok(is_good)
            }
            // One that SQLite cannot read is no more the vault's.
            Err(error) if error.sqlite_error_code() != Some(ErrorCode::DatabaseCorrupt) => Err(error),
            Ok(Some(_)) | Err(_) => Ok(false),
        }
    }

    /// What is not as the vault made it, if anything is: the name of what is the vault's, and nothing of what is not.
    pub(super) fn differing(&self, connection: &Connection) -> rusqlite::Result<Option<String>> {
        // What was parsed earlier may have been another text with the same number.
        connection.execute_batch("PRAGMA writable_schema = RESET")?;
        let (expected, found) = (&self.expected.objects, objects(connection)?);
        Ok(expected.symmetric_difference(&found).next().map(|object| {
            let is_ours = expected.iter().any(|ours| ours.name == object.name);
            if is_ours { object.name.clone() } else { "something that the vault did not make".to_owned() }
        }))
    }
}

/// All that the schema holds.
fn objects(connection: &Connection) -> rusqlite::Result<BTreeSet<Object>> {
    let mut statement = connection.prepare("SELECT type, name, tbl_name, sql FROM main.sqlite_schema")?;
    let objects = statement.query_map([], |row| {
        Ok(Object { sort: row.get(0)?, name: row.get(1)?, table: row.get(2)?, sql: row.get(3)? })
    })?;
    objects.collect()
}

/// Where everything begins.
fn roots(connection: &Connection) -> rusqlite::Result<Roots> {
    let mut statement = connection.prepare_cached(ROOTS)?;
    let roots = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    roots.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(connection: &Connection, sql: &str) -> Vec<i64> {
        let mut statement = connection.prepare(sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn what_stands_in_the_file_does_nothing_and_what_the_connection_has_works() {
        let connection = Connection::open_in_memory().unwrap();
        defend(&connection).unwrap();
        super::super::hashes::only_here(&connection, "twice", 1, |args| Ok(args.get::<i64>(0)? * 2)).unwrap();
        connection
            .execute_batch(
                "CREATE TABLE a (n INTEGER PRIMARY KEY); CREATE TABLE b (n INTEGER);
                 CREATE TABLE c (n INTEGER REFERENCES a (n) ON DELETE SET NULL);
                 CREATE VIEW v AS SELECT n FROM a;
                 CREATE TRIGGER theirs AFTER INSERT ON a BEGIN INSERT INTO b VALUES (NEW.n); END;
                 CREATE TEMP TRIGGER ours AFTER INSERT ON main.a BEGIN INSERT INTO b VALUES (twice(NEW.n)); END;
                 INSERT INTO a VALUES (7); INSERT INTO c VALUES (7); DELETE FROM a;",
            )
            .unwrap();
        assert_eq!(numbers(&connection, "SELECT n FROM b"), [14]);
        assert_eq!(numbers(&connection, "SELECT n FROM c"), [7]);
        assert!(connection.prepare("SELECT n FROM v").is_err());
        for table in ["d (n INTEGER DEFAULT (twice(1)))", "d (n INTEGER CHECK (twice(n) > 1))"] {
            connection.execute_batch(&format!("CREATE TABLE {table}")).ok();
            let called = connection.execute_batch("INSERT INTO d DEFAULT VALUES");
            assert!(called.is_err(), "{table}");
            connection.execute_batch("DROP TABLE IF EXISTS d").unwrap();
        }
        let written = connection.execute_batch("PRAGMA writable_schema = ON; DELETE FROM sqlite_master");
        assert!(written.is_err());
    }

    #[test]
    fn another_text_under_a_number_that_was_good_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vault.sqlite");
        let mut connection = super::super::connect(&path).unwrap();
        migrate::run(&mut connection).unwrap();
        let schema = Schema::new(Expected::new().unwrap());
        let check = || {
            let moment = connection.unchecked_transaction().unwrap();
            let checked = schema.check(&connection);
            moment.finish().unwrap();
            checked
        };
        assert_eq!(check(), Ok(()));
        let hand = Connection::open(&path).unwrap();
        let good = numbers(&hand, "PRAGMA schema_version")[0];
        hand.execute_batch("CREATE INDEX theirs ON customer (email)").unwrap();
        assert_eq!(check(), Err(StoreError::OtherSchema));
        assert_eq!(check(), Err(StoreError::OtherSchema));
        hand.execute_batch(&format!("PRAGMA schema_version = {good}")).unwrap();
        assert_eq!(check(), Err(StoreError::OtherSchema), "the number is the good one, the text is not");
        hand.execute_batch("DROP INDEX theirs").unwrap();
        assert_eq!(check(), Ok(()));
        hand.execute_batch("VACUUM").unwrap();
        assert_eq!(check(), Ok(()), "only the number changed");
        hand.execute_batch(
            "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE TABLE customer (' WHERE name = 'customer';
             PRAGMA schema_version = 7777",
        )
        .unwrap();
        assert_eq!(check(), Err(StoreError::OtherSchema), "nobody can read it");
    }
}
