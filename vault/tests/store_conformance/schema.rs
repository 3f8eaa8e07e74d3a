//! Somebody who changes the schema of the database, where SQLite would do for him inside the vault what he cannot do alone.

use std::sync::Arc;

use rusqlite::Connection;
use tempfile::TempDir;
use vault::{
    data_dir::DataDir,
    domain::{Customer, CustomerId, TenantId},
    keyring::{AuditKey, RowKey},
    random::SystemRandom,
    store::{
        Change, Store, StoreError,
        postgres::{self, PostgresStore},
        sqlite::{DATABASE_FILE, OpenError, SqliteStore},
    },
};

use crate::{
    hands::{Hand, altered, fill, findings},
    private_postgres,
    samples::{NOW_MS, tenant},
};

/// The key that is revoked, and stays so.
const REVOKED: &str =
    "SELECT scopes || ' ' || revoked_at_ms || ' ' || hex(row_mac) FROM api_key WHERE id = 'b'";

/// What the schema says of a table, with a part of it exchanged.
fn rewrite(table: &str, from: &str, to: &str) -> String {
    format!(
        "PRAGMA writable_schema = ON;
         UPDATE sqlite_master SET sql = replace(sql, '{from}', '{to}') WHERE name = '{table}';"
    )
}

/// What somebody does to the schema, each by a name.
fn edits() -> Vec<(&'static str, String)> {
    let revived = "UPDATE api_key SET revoked_at_ms = NULL, scopes = 'tokenize read' WHERE id = 'b'";
    let id = "id                          TEXT    NOT NULL";
    vec![
        ("a trigger", format!("CREATE TRIGGER zz AFTER INSERT ON customer BEGIN {revived}; END")),
        ("a trigger before", format!("CREATE TRIGGER zz BEFORE INSERT ON audit BEGIN {revived}; END")),
        (
            "the action of a foreign key",
            format!(
                "CREATE UNIQUE INDEX zz ON attempt (expires_at_ms); {}",
                rewrite(
                    "api_key",
                    "revoked_at_ms INTEGER",
                    "revoked_at_ms INTEGER REFERENCES attempt (expires_at_ms) ON DELETE SET NULL"
                )
            ),
        ),
        (
            "a view in place of a table",
            "ALTER TABLE api_key RENAME TO zz; CREATE VIEW api_key AS SELECT * FROM zz".to_owned(),
        ),
        ("a default", rewrite("customer", "DEFAULT ''{}''", "DEFAULT ''{\"a\":1}''")),
        ("a collation", rewrite("customer", id, &format!("{id} COLLATE NOCASE"))),
        ("what a conflict does", rewrite("customer", id, &format!("{id} ON CONFLICT REPLACE"))),
        ("a table that is not strict", rewrite("customer", "STRICT", "")),
        ("a unique index more", "CREATE UNIQUE INDEX zz ON customer (tenant_id, phone, id)".to_owned()),
        ("an index over what it computes", "CREATE INDEX zz ON customer (lower(notes))".to_owned()),
        ("an index less", "DROP INDEX token_unswept".to_owned()),
        ("a table more", "CREATE TABLE zz (n INTEGER)".to_owned()),
        ("statistics", "ANALYZE".to_owned()),
    ]
}

struct Database {
    dir: TempDir,
    keys: (AuditKey, RowKey),
}

impl Database {
    fn hand(&self) -> Connection {
        let connection = Connection::open(self.dir.path().join(DATABASE_FILE)).unwrap();
        connection.pragma_update(None, "foreign_keys", false).unwrap();
        connection
    }

    fn open(&self) -> Result<Arc<SqliteStore>, OpenError> {
        let store = SqliteStore::open(&Arc::new(DataDir::open(self.dir.path()).unwrap()))?;
        store.record_with(self.keys.0.clone());
        store.guard_with(self.keys.1.clone());
        Ok(Arc::new(store))
    }

    fn schema(&self) -> Vec<(String, Option<String>)> {
        let hand = self.hand();
        let mut statement = hand.prepare("SELECT name, sql FROM main.sqlite_master").unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.map(Result::unwrap).collect()
    }

    /// Changes the schema, and has every connection notice that, whatever way it was changed in.
    fn edit(&self, sql: &str) {
        let (hand, before) = (self.hand(), self.schema());
        hand.execute_batch(sql).unwrap();
        assert_ne!(self.schema(), before, "{sql}");
        let number: i64 = hand.query_row("PRAGMA schema_version", [], |row| row.get(0)).unwrap();
        hand.execute_batch(&format!("PRAGMA schema_version = {}", number + 1)).unwrap();
    }

    fn revoked(&self) -> Option<String> {
        self.hand().query_row(REVOKED, [], |row| row.get(0)).ok()
    }
}

async fn database() -> (Database, Arc<SqliteStore>) {
    let keys = (AuditKey::generate(&SystemRandom).unwrap(), RowKey::generate(&SystemRandom).unwrap());
    let database = Database { dir: TempDir::new().unwrap(), keys };
    let store = database.open().unwrap();
    fill(&*store).await;
    (database, store)
}

/// What the vault does that could start what somebody put there: the sweep also deletes an attempt that ended when the key was
/// revoked.
async fn work(store: &dyn Store) -> [Result<u64, StoreError>; 2] {
    let customer = Customer::new(CustomerId::new("c"), NOW_MS);
    let made = store.apply(&tenant(), vec![Change::InsertCustomer(customer)]).await;
    let sweep = vec![Change::SweepExpired { now_ms: NOW_MS + 5000, limit: 10 }];
    [made, store.apply(&TenantId::vault(), sweep).await]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_schema_that_changes_under_an_open_store_is_refused() {
    for (what, sql) in edits() {
        let (database, store) = database().await;
        let before = database.revoked().unwrap();
        database.edit(&sql);
        assert_eq!(work(&*store).await, [const { Err(StoreError::OtherSchema) }; 2], "{what}");
        assert_eq!(store.api_key("b").await.unwrap_err(), StoreError::OtherSchema, "{what}");
        assert_eq!(store.check().await, Err(StoreError::OtherSchema), "{what}");
        if let Some(after) = database.revoked() {
            assert_eq!(after, before, "{what}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_with_another_schema_is_not_opened() {
    for (what, sql) in edits() {
        let (database, store) = database().await;
        drop(store);
        database.edit(&sql);
        let refused = database.open().err().unwrap_or_else(|| panic!("{what}"));
        assert!(matches!(refused, OpenError::OtherSchema(_)), "{what}: {refused}");
        let said = refused.to_string();
        assert!(!said.contains("zz") && !said.contains("CREATE"), "{what}: {said}");
        let beside = SqliteStore::beside(&Arc::new(DataDir::beside(database.dir.path()).unwrap()));
        assert!(matches!(beside.err(), Some(OpenError::OtherSchema(_))), "{what}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_works_again_when_the_schema_is_the_vaults_again() {
    let (database, store) = database().await;
    database.edit("CREATE TRIGGER zz AFTER INSERT ON customer BEGIN DELETE FROM api_key; END");
    assert_eq!(work(&*store).await, [const { Err(StoreError::OtherSchema) }; 2]);
    database.edit("DROP TRIGGER zz");
    assert!(work(&*store).await.iter().all(Result::is_ok));
    database.hand().execute_batch("VACUUM").unwrap();
    assert_eq!(store.check().await, Ok(()));
    assert_eq!(altered(&*store).await, []);
    assert_eq!(findings(&*store, &database.keys.0).await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_that_changes_without_its_number_is_not_obeyed() {
    let (database, store) = database().await;
    let before = database.revoked();
    // An open connection has parsed the schema, and does so again when its number is another.
    let hand = database.hand();
    let number: i64 = hand.query_row("PRAGMA schema_version", [], |row| row.get(0)).unwrap();
    let trigger =
        "CREATE TRIGGER zz AFTER INSERT ON customer BEGIN UPDATE api_key SET revoked_at_ms = NULL; END";
    hand.execute_batch(&format!("{trigger}; PRAGMA schema_version = {number}")).unwrap();
    let [made, _] = work(&*store).await;
    assert!(made.is_ok() || made == Err(StoreError::OtherSchema));
    assert_eq!(database.revoked(), before);
    drop(store);
    assert!(matches!(database.open().err(), Some(OpenError::OtherSchema(_))));
}

/// Puts another tree of rows or of an index in a place, under the same number.
fn exchange(hand: &Connection, name: &str, with: &str) {
    let number: i64 = hand.query_row("PRAGMA schema_version", [], |row| row.get(0)).unwrap();
    let root = |name: &str| -> i64 {
        let sql = "SELECT rootpage FROM sqlite_schema WHERE name = ?1";
        hand.query_row(sql, [name], |row| row.get(0)).unwrap()
    };
    let (one, other) = (root(name), root(with));
    hand.execute_batch(&format!(
        "BEGIN IMMEDIATE; PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET rootpage = {other} WHERE name = '{name}';
         UPDATE sqlite_schema SET rootpage = {one} WHERE name = '{with}';
         PRAGMA schema_version = {number}; COMMIT; PRAGMA writable_schema = RESET"
    ))
    .unwrap();
}

/// An open connection reads a table where it was when it parsed the schema, and a new one where the file says that it is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_that_lies_elsewhere_under_the_same_number_is_refused() {
    let (database, store) = database().await;
    assert!(work(&*store).await.iter().all(Result::is_ok));
    let hand = database.hand();
    for (one, other) in [("customer", "document"), ("token_by_expiry", "token_unswept")] {
        let indexes = "SELECT count(*) FROM sqlite_schema WHERE name IN (?1, ?2)";
        let there: i64 = hand.query_row(indexes, [one, other], |row| row.get(0)).unwrap();
        assert_eq!(there, 2, "{one} and {other}");
        assert_eq!(store.check().await, Ok(()));
        exchange(&hand, one, other);
        assert_eq!(work(&*store).await, [const { Err(StoreError::OtherSchema) }; 2], "{one}");
        assert_eq!(store.api_key("a").await.unwrap_err(), StoreError::OtherSchema, "{one}");
        assert_eq!(store.check().await, Err(StoreError::OtherSchema), "{one}");
        exchange(&hand, other, one);
        assert!(store.api_key("a").await.unwrap().is_some(), "{one}");
    }
    // What only moves, with another number, is where the file says.
    hand.execute_batch("VACUUM").unwrap();
    assert_eq!(store.check().await, Ok(()));
    assert_eq!(findings(&*store, &database.keys.0).await, []);
}

/// PostgreSQL runs what stands in its schema in its own process, which has no key: the vault made the hash over what it sent.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_trigger_in_postgres_edits_is_not_believed() {
    let (store, hand, ()) = crate::postgres_in_hand().await;
    let key = AuditKey::generate(&SystemRandom).unwrap();
    store.record_with(key.clone());
    fill(&*store).await;
    assert!(store.api_key("b").await.unwrap().is_some());
    hand.run(
        "CREATE FUNCTION theirs() RETURNS trigger AS $$ BEGIN
            UPDATE api_key SET revoked_at_ms = NULL, scopes = 'tokenize read' WHERE id = 'b';
            NEW.email := 'theirs@example.com';
            RETURN NEW;
         END $$ LANGUAGE plpgsql;
         CREATE TRIGGER theirs BEFORE INSERT ON customer FOR EACH ROW EXECUTE FUNCTION theirs();
         CREATE UNIQUE INDEX theirs ON attempt (expires_at_ms);
         ALTER TABLE api_key ADD FOREIGN KEY (expires_at_ms) REFERENCES attempt (expires_at_ms) ON DELETE SET NULL",
    )
    .await
    .unwrap();
    let [made, swept] = work(&*store).await;
    assert!(made.is_ok() && swept == Err(StoreError::OtherSchema), "{made:?} {swept:?}");
    assert_eq!(store.api_key("b").await.unwrap_err(), StoreError::OtherSchema);
    hand.run(
        "DROP TRIGGER theirs ON customer; ALTER TABLE api_key DROP CONSTRAINT api_key_expires_at_ms_fkey;
         DROP INDEX theirs",
    )
    .await
    .unwrap();
    let found = findings(&*store, &key).await;
    assert!(store.api_key("b").await.unwrap().is_none(), "the key has its life back, and no hash for it");
    let made = store.customer(&tenant(), &CustomerId::new("c")).await;
    assert!(matches!(made, Err(StoreError::Corrupt(_))), "{made:?}");
    let named = |row: &str| found.iter().any(|(code, what)| *code == "row_altered" && what == row);
    assert!(named("api_key b") && named("customer mer_one c"), "{found:?}");
}

/// What somebody makes of PostgreSQL's tables, each by a name, and what takes it back.
const EDITS_OF_POSTGRES: [(&str, &str, &str); 13] = [
    (
        "a view in place of a table",
        "ALTER TABLE api_key RENAME TO zz; CREATE VIEW api_key AS SELECT * FROM zz",
        "DROP VIEW api_key; ALTER TABLE zz RENAME TO api_key",
    ),
    ("a rule", "CREATE RULE zz AS ON DELETE TO token DO INSTEAD NOTHING", "DROP RULE zz ON token"),
    (
        "a policy",
        "ALTER TABLE epoch ENABLE ROW LEVEL SECURITY; CREATE POLICY zz ON epoch USING (number < 1)",
        "DROP POLICY zz ON epoch; ALTER TABLE epoch DISABLE ROW LEVEL SECURITY",
    ),
    (
        "no primary key",
        "ALTER TABLE api_key DROP CONSTRAINT api_key_pkey",
        "ALTER TABLE api_key ADD PRIMARY KEY (id)",
    ),
    (
        "another primary key",
        "ALTER TABLE audit DROP CONSTRAINT audit_pkey, ADD PRIMARY KEY (tenant_id, seq, chain)",
        "ALTER TABLE audit DROP CONSTRAINT audit_pkey, ADD PRIMARY KEY (tenant_id, chain, seq)",
    ),
    ("a table that inherits", "CREATE TABLE zz () INHERITS (token)", "DROP TABLE zz"),
    ("a table that a crash empties", "ALTER TABLE token SET UNLOGGED", "ALTER TABLE token SET LOGGED"),
    (
        "a collation",
        "ALTER TABLE customer ALTER phone TYPE text COLLATE \"POSIX\"",
        "ALTER TABLE customer ALTER phone TYPE text COLLATE \"C\"",
    ),
    (
        "another type",
        "ALTER TABLE payment ALTER created_at_ms TYPE numeric",
        "ALTER TABLE payment ALTER created_at_ms TYPE bigint",
    ),
    ("a default", "ALTER TABLE customer ADD zz text DEFAULT lower('A')", "ALTER TABLE customer DROP zz"),
    ("an index over what it computes", "CREATE INDEX zz ON customer (lower(notes))", "DROP INDEX zz"),
    (
        "a condition",
        "ALTER TABLE customer ADD CONSTRAINT zz CHECK (lower(id) <> '')",
        "ALTER TABLE customer DROP CONSTRAINT zz",
    ),
    (
        "the action of a foreign key",
        "CREATE UNIQUE INDEX zz ON attempt (expires_at_ms);
         ALTER TABLE api_key ADD CONSTRAINT zz FOREIGN KEY (expires_at_ms) REFERENCES attempt (expires_at_ms)
            ON DELETE SET NULL",
        "ALTER TABLE api_key DROP CONSTRAINT zz; DROP INDEX zz",
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_of_postgres_that_is_another_is_not_believed_until_it_is_ours_again() {
    let server = private_postgres::server();
    let url = server.url(&server.database().await);
    let store = private_postgres::open(&url).await;
    fill(&store).await;
    let hand = Hand::Postgres(server.client(url.rsplit('/').next().unwrap()).await);
    for (what, edit, undo) in EDITS_OF_POSTGRES {
        hand.run(edit).await.unwrap();
        assert_eq!(store.live_rows(None, 1).await.unwrap_err(), StoreError::OtherSchema, "{what}");
        assert_eq!(store.api_key("b").await.unwrap_err(), StoreError::OtherSchema, "{what}");
        assert_eq!(work(&store).await, [const { Err(StoreError::OtherSchema) }; 2], "{what}");
        assert_eq!(store.check().await, Err(StoreError::OtherSchema), "{what}");
        let refused = PostgresStore::open(&private_postgres::address(&url)).await.err();
        assert!(matches!(refused, Some(postgres::OpenError::OtherSchema(_))), "{what}: {refused:?}");
        hand.run(undo).await.unwrap();
        assert_eq!(altered(&store).await, [], "{what}");
        assert_eq!(store.check().await, Ok(()), "{what}");
        assert!(store.api_key("b").await.unwrap().is_some(), "{what}");
    }
}

/// What the vault asks for, PostgreSQL looks up with functions and operators that somebody else may make.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_was_not_asked_for_is_not_believed() {
    let server = private_postgres::server();
    let database = server.database().await;
    let store = private_postgres::open(&server.url(&database)).await;
    fill(&store).await;
    let customer = Customer::new(CustomerId::new("other"), NOW_MS);
    store.apply(&tenant(), vec![Change::InsertCustomer(customer)]).await.unwrap();
    let hand = Hand::Postgres(server.client(&database).await);
    hand.run(&format!(
        "CREATE FUNCTION public.theirs(text, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS
            $$ SELECT $1 OPERATOR(pg_catalog.=) replace($2, 'zz', 'other') $$;
         CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = text, FUNCTION = public.theirs);
         CREATE FUNCTION public.unnest(text[]) RETURNS SETOF text LANGUAGE sql IMMUTABLE AS
            $$ SELECT pg_catalog.unnest(pg_catalog.array_replace($1, 'zz', 'a')) $$;
         ALTER DATABASE {database} SET search_path = public, pg_catalog;
         SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()"
    ))
    .await
    .unwrap();
    assert_eq!(store.customer(&tenant(), &CustomerId::new("zz")).await, Ok(None));
    assert_eq!(
        store.customer(&tenant(), &CustomerId::new("other")).await.unwrap().unwrap().id.as_str(),
        "other"
    );
    assert!(store.api_key("a").await.unwrap().is_some());
    assert_eq!(store.api_key("zz").await, Ok(None));
}
