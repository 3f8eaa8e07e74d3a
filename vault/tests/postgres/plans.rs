//! What PostgreSQL does with a statement when it knows nothing of a table yet.

use std::sync::Arc;

use vault::store::Store as _;

use crate::{
    ledger::{spend, tenant, token},
    private_postgres::{open, server},
};

const TOKENS: u8 = 50;

/// Connections keep the plan of a statement: one that was made for an empty table stays while the table fills.
#[tokio::test]
async fn a_spend_looks_at_its_own_token_only() {
    let database = server().database().await;
    let store = open(&server().url(&database)).await;
    for number in 0..TOKENS {
        store.apply(&tenant(), vec![vault::store::Change::InsertToken(token([number; 32]))]).await.unwrap();
    }
    for number in 0..TOKENS {
        let method = vault::domain::PaymentMethodId::new(format!("pm_{number}"));
        store.apply(&tenant(), spend([number; 32], &method)).await.unwrap();
    }
    // The server counts for good when a connection ends.
    drop(store);
    let client = server().client(&database).await;
    let scans = "SELECT coalesce(sum(idx_scan) FILTER (WHERE indexrelname = 'token_pkey'), 0)::bigint,
                    coalesce(sum(idx_scan) FILTER (WHERE indexrelname <> 'token_pkey'), 0)::bigint
                 FROM pg_stat_user_indexes WHERE relname = 'token'";
    loop {
        let counted = client.query_one(scans, &[]).await.unwrap();
        let (by_key, otherwise): (i64, i64) = (counted.get(0), counted.get(1));
        assert_eq!(otherwise, 0, "a spend went through the index of the sweep");
        if by_key >= i64::from(TOKENS) {
            break;
        }
        // The server has no event for it.
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// Statements that ask for many tokens at once are planned for tables of which nothing is known, too.
#[tokio::test]
async fn gathered_reads_go_by_the_primary_keys() {
    let database = server().database().await;
    let store = Arc::new(open(&server().url(&database)).await);
    let client = server().client(&database).await;
    for table in ["token", "attempt"] {
        let no_statistics = format!("ALTER TABLE {table} SET (autovacuum_enabled = off)");
        client.batch_execute(&no_statistics).await.unwrap();
    }
    // The plan that is kept is made while there is nothing.
    for _ in 0..20 {
        assert_eq!(store.token(&tenant(), &[0; 32]).await.unwrap(), None);
    }
    for number in 0..TOKENS {
        let change = vault::store::Change::InsertToken(token([number; 32]));
        store.apply(&tenant(), vec![change]).await.unwrap();
    }
    let mut reads = tokio::task::JoinSet::new();
    for number in 0..TOKENS {
        store.token(&tenant(), &[number; 32]).await.unwrap().unwrap();
        let store = Arc::clone(&store);
        reads.spawn(async move { store.token(&tenant(), &[number; 32]).await.unwrap().unwrap() });
    }
    let read = 2 * i64::from(TOKENS);
    assert_eq!(reads.join_all().await.len(), usize::from(TOKENS));
    drop(store);
    // Of the rows that were looked at: one for each read, and none in the whole tables.
    let looked_at = "SELECT coalesce(sum(seq_tup_read), 0)::bigint, coalesce(sum(idx_tup_fetch), 0)::bigint
                     FROM pg_stat_user_tables WHERE relname IN ('token', 'attempt')";
    loop {
        let counted = client.query_one(looked_at, &[]).await.unwrap();
        let (otherwise, by_key): (i64, i64) = (counted.get(0), counted.get(1));
        assert_eq!(otherwise, 0, "a whole table was read");
        assert!(by_key <= read, "{by_key} rows for {read} reads");
        if by_key == read {
            break;
        }
        // The server has no event for it.
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}
