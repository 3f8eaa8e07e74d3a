//! How much room things take: the figures of docs/SCALING.md, and bounds that they keep.
//!
//! `cargo test -p vault --test sizes -- --nocapture` prints them.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

#[path = "support/postgres.rs"]
mod private_postgres;
#[path = "support/vault.rs"]
mod support;

use serde_json::json;
use support::{Vault, visa};
use vault::config::StoreChoice;

/// Of each thing: enough for pages to be full, few enough for a test.
const THINGS: u64 = 300;

/// More than any row takes, with its part of every index.
const ROW_LIMIT_BYTES: u64 = 4096;

const TABLES: [&str; 5] = ["token", "attempt", "customer", "payment_method", "audit"];

/// Unspent tokens, and as many that became payment methods of customers.
async fn fill(vault: &Vault) {
    for _ in 0..THINGS {
        vault.token(visa()).await;
        let body = json!({"token": vault.token(visa()).await, "first_name": "Ada", "last_name": "Lovelace",
            "email": "ada@example.com"});
        vault.call("POST", "/v1/customers", body).await.expect(201);
    }
}

/// Prints a row of the table in the documentation, and checks it.
fn report(store: &str, table: &str, rows: u64, bytes: u64) {
    let each = bytes / rows;
    println!("{store}: {table}: {rows} rows, {each} bytes each with all indexes");
    assert!(rows >= THINGS, "{table} has {rows} rows");
    assert!((16..ROW_LIMIT_BYTES).contains(&each), "{each} bytes for a row of {table}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    let vault = Vault::start().await;
    fill(&vault).await;
    let database = rusqlite::Connection::open(vault.dir.path().join("data/vault.sqlite")).unwrap();
    for table in TABLES {
        let sql = "SELECT sum(pgsize) FROM dbstat WHERE name IN
                   (SELECT name FROM sqlite_schema WHERE tbl_name = ?1)";
        let bytes: i64 = database.query_row(sql, [table], |row| row.get(0)).unwrap();
        let rows: i64 =
            database.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap();
        report("SQLite", table, u64::try_from(rows).unwrap(), u64::try_from(bytes).unwrap());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgresql() {
    let server = private_postgres::server();
    let database = server.database().await;
    let address = private_postgres::address(&server.url(&database));
    let vault = Vault::start_in(StoreChoice::Postgres(address)).await;
    fill(&vault).await;
    let client = server.client(&database).await;
    for table in TABLES {
        let sql = format!("SELECT pg_total_relation_size('{table}'), (SELECT count(*) FROM {table})");
        let row = client.query_one(&sql, &[]).await.unwrap();
        let (bytes, rows): (i64, i64) = (row.get(0), row.get(1));
        report("PostgreSQL", table, u64::try_from(rows).unwrap(), u64::try_from(bytes).unwrap());
    }
}
