//! Starting: several vaults at once, a database that is too new, a server that is not durable, another database
//! than before.

use std::sync::Arc;

use tokio::task::JoinSet;
use vault::{
    clock::SystemClock,
    config::{Config, StoreChoice},
    random::SystemRandom,
    startup::{self, StartError},
    store::{
        Store as _,
        postgres::{MigrationError, OpenError, PostgresStore},
    },
};

use crate::{
    private_postgres::{Server, address, server},
    support,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_vaults_can_start_on_an_empty_database_at_once() {
    let database = server().database().await;
    let address = address(&server().url(&database));
    let starting: JoinSet<_> = (0..8)
        .map(|_| {
            let address = address.clone();
            async move { PostgresStore::open(&address).await.map(drop) }
        })
        .collect();
    for started in starting.join_all().await {
        started.unwrap();
    }
    let client = server().client(&database).await;
    // Each step was taken by one of them.
    let rows = client.query("SELECT number FROM schema_version ORDER BY number", &[]).await.unwrap();
    let numbers: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7, 8, 9]);

    // One that died in the middle keeps nobody waiting for ever.
    let died = "DROP TABLE claim; DELETE FROM schema_version;
                UPDATE schema_lock SET owner = 'dead', until_ms = 1";
    client.batch_execute(died).await.unwrap();
    PostgresStore::open(&address).await.unwrap().check().await.unwrap();

    client.batch_execute("INSERT INTO schema_version (number, applied_at_ms) VALUES (99, 0)").await.unwrap();
    let refusal = PostgresStore::open(&address).await.err().unwrap();
    assert!(matches!(refusal, OpenError::Migration(MigrationError::NewerSchema { found: 99, .. })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_may_forget_is_refused() {
    let careless = Server::start_with("-c fsync=off");
    let refusal = PostgresStore::open(&address(&careless.url("postgres"))).await.err().unwrap();
    assert!(matches!(refusal, OpenError::NotDurable("fsync")), "{refusal}");
    // What whoever runs the vault is told when there is no such database.
    let refusal = PostgresStore::open(&address(&careless.url("nowhere"))).await.err().unwrap().to_string();
    assert!(refusal.contains("nowhere"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_data_directory_goes_with_its_database() {
    let choice = async || StoreChoice::Postgres(address(&server().url(&server().database().await)));
    let dir = tempfile::tempdir().unwrap();
    let start = async |store: &StoreChoice| {
        let config = Config { store: store.clone(), ..support::config(dir.path()) };
        startup::start(&config, Arc::new(SystemClock), Arc::new(SystemRandom)).await
    };
    let (one, other) = (choice().await, choice().await);
    let first = start(&one).await.unwrap().dev_keys.unwrap();
    let again = start(&one).await.unwrap().dev_keys.unwrap();
    assert_eq!(again.secret.expose(), first.secret.expose(), "the same keys");
    assert!(matches!(start(&other).await.err(), Some(StartError::ServerEmpty)));
    start(&one).await.unwrap();
}
