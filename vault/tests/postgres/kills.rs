//! Connections, servers and whole machines that go away under load.

use std::{sync::Arc, time::Duration};

use tokio::task::JoinSet;
use vault::store::Store;

use crate::{
    ledger::Ledger,
    private_postgres::{self, Server},
    proof::{figure, judge::Verdict, row::Row},
};

const WORKERS: usize = 8;

/// Tokens that are won between two blows.
const BETWEEN: usize = 20;

async fn open(url: &str) -> Arc<dyn Store> {
    Arc::new(private_postgres::open(url).await)
}

fn load(ledger: &Arc<Ledger>, store: &Arc<dyn Store>) -> JoinSet<()> {
    (0..WORKERS)
        .map(|_| {
            let (ledger, store) = (Arc::clone(ledger), Arc::clone(store));
            async move { ledger.work(store).await }
        })
        .collect()
}

/// Does what blocks.
async fn blocking(work: impl FnOnce() + Send + 'static) {
    tokio::task::spawn_blocking(work).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn killed_connections_lose_nothing() {
    let mut row = Row::begin("PostgreSQL: backends killed");
    let server = Server::start();
    let database = server.database().await;
    let url = server.url(&database);
    let store = open(&url).await;
    let ledger = Arc::new(Ledger::default());
    let working = load(&ledger, &store);
    let admin = server.client(&database).await;
    let mut killed = 0;
    while killed < figure(50, 1000) {
        ledger.progress(BETWEEN).await;
        let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE application_name = 'tessera-vault' AND state <> 'idle' LIMIT 5";
        killed += admin.query(kill, &[]).await.unwrap().len();
    }
    ledger.progress(BETWEEN).await;
    ledger.end();
    working.join_all().await;
    let verdict = ledger.judge(&*open(&url).await).await;
    row.count("kills", killed);
    row.end(&verdict);
    assert!(verdict.won > 0, "{verdict:?}");
    assert_eq!(verdict.unknown, 0, "the server was there all the time: {verdict:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_is_killed_loses_nothing() {
    let mut row = Row::begin("PostgreSQL: server killed");
    let kills = figure(6, 100);
    let server = Arc::new(Server::start());
    let url = server.url(&server.database().await);
    let store = open(&url).await;
    let ledger = Arc::new(Ledger::default());
    let working = load(&ledger, &store);
    for kill in 0..kills {
        ledger.progress(BETWEEN).await;
        let server = Arc::clone(&server);
        blocking(move || {
            // In turns: its children are told to go at once, or it is killed and they find out.
            if kill % 2 == 0 {
                server.stop_at_once();
            } else {
                server.kill();
            }
            server.start_again();
        })
        .await;
    }
    ledger.progress(BETWEEN).await;
    ledger.end();
    working.join_all().await;
    store.check().await.unwrap();
    let verdict = ledger.judge(&*open(&url).await).await;
    row.count("kills", kills);
    row.end(&verdict);
    assert!(verdict.won > BETWEEN, "{verdict:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_promoted_standby_has_everything_that_was_acknowledged() {
    let mut row = Row::begin("PostgreSQL: standby promoted");
    let failovers = figure(1, 10);
    let mut verdict = Verdict::default();
    for _ in 0..failovers {
        verdict.add(&fail_over().await);
    }
    row.count("failovers", failovers);
    row.end(&verdict);
}

async fn fail_over() -> Verdict {
    let primary = Arc::new(Server::start());
    let database = primary.database().await;
    let standby = {
        let primary = Arc::clone(&primary);
        Arc::new(tokio::task::spawn_blocking(move || Server::follow(&primary, "")).await.unwrap())
    };
    // From here on nothing is acknowledged that the standby does not have.
    let admin = primary.client(&database).await;
    admin.batch_execute("ALTER SYSTEM SET synchronous_standby_names = '*'").await.unwrap();
    admin.batch_execute("SELECT pg_reload_conf()").await.unwrap();
    let follows = "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'";
    while admin.query_opt(follows, &[]).await.unwrap().is_none() {
        // The server has no event for it.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    drop(admin);

    let url = format!("postgres://vault@{},{}/{database}", primary.host(), standby.host());
    let store = open(&url).await;
    let ledger = Arc::new(Ledger::default());
    let working = load(&ledger, &store);
    ledger.progress(BETWEEN).await;
    {
        let (primary, standby) = (Arc::clone(&primary), Arc::clone(&standby));
        blocking(move || {
            primary.stop_at_once();
            standby.promote();
        })
        .await;
    }
    ledger.progress(BETWEEN).await;
    ledger.end();
    working.join_all().await;
    let verdict = ledger.judge(&*open(&standby.url(&database)).await).await;
    assert!(verdict.won > BETWEEN, "{verdict:?}");
    verdict
}
