//! The connection is cut between COMMIT and its answer: the outcome is found out, and it is the true one.

use std::sync::Arc;

use vault::store::Store;

use crate::{
    ledger::Ledger,
    private_postgres::{open, server},
    proof::{figure, row::Row},
    proxy::{Cut, Proxy},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_outcome_of_a_lost_commit_is_found_out() {
    let mut row = Row::begin("PostgreSQL: cut between COMMIT and its answer");
    let database = server().database().await;
    let direct: Arc<dyn Store> = Arc::new(open(&server().url(&database)).await);
    let proxy = Proxy::start(server().socket()).await;
    let url = format!("postgres://vault@{}/{database}", proxy.address);
    let cut: Arc<dyn Store> = Arc::new(open(&url).await);
    let ledger = Ledger::default();
    let cuts = figure(100, 5000);
    let mut tokens = 0;
    for kind in Cut::ALL.into_iter().cycle() {
        if proxy.cuts() >= cuts {
            break;
        }
        proxy.arm(kind);
        tokens += 1;
        // Alone, and against somebody who may win in the meantime.
        if tokens % 2 == 0 {
            ledger.one_token(&direct, &[Arc::clone(&cut)]).await;
        } else {
            ledger.one_token(&direct, &[Arc::clone(&cut), Arc::clone(&direct)]).await;
        }
    }
    let verdict = ledger.judge(&*direct).await;
    row.count("cuts", proxy.cuts());
    row.end(&verdict);
    assert_eq!((verdict.won, verdict.unknown), (tokens, 0), "each was found out");
}
