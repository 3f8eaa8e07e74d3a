//! What PostgreSQL does with a statement when it knows nothing of a table yet.

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
