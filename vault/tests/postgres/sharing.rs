//! Writes that share a transaction: each has its own answer, and none has another one's.

use std::sync::Arc;

use vault::{
    domain::PaymentMethodId,
    store::{Change, Store as _, StoreError},
};

use crate::{
    ledger::{spend, tenant, token},
    private_postgres::{open, server},
};

const TOKENS: u8 = 120;

/// Two for each token, and each token is spent again by somebody who comes with the others.
#[tokio::test]
async fn what_one_is_refused_keeps_nobody_else_from_being_kept() {
    let database = server().database().await;
    let store = Arc::new(open(&server().url(&database)).await);
    let mut issued = Vec::new();
    for number in 0..TOKENS {
        // A third of them twice: the second is refused.
        for _ in 0..if number % 3 == 0 { 2 } else { 1 } {
            let store = Arc::clone(&store);
            let change = vec![Change::InsertToken(token([number; 32]))];
            issued.push(tokio::spawn(async move { store.apply(&tenant(), change).await }));
        }
    }
    let mut refused = 0;
    for outcome in issued {
        match outcome.await.unwrap() {
            Ok(rows) => assert_eq!(rows, 1),
            Err(refusal) => {
                assert_eq!(refusal, StoreError::TokenExists);
                refused += 1;
            }
        }
    }
    assert_eq!(refused, usize::from(TOKENS) / 3);

    let mut spends = Vec::new();
    for number in 0..TOKENS {
        for rival in 0..2 {
            let store = Arc::clone(&store);
            let method = PaymentMethodId::new(format!("pm_{number}_{rival}"));
            let changes = spend([number; 32], &method);
            spends.push((number, tokio::spawn(async move { store.apply(&tenant(), changes).await })));
        }
    }
    let mut winners = vec![0; usize::from(TOKENS)];
    for (number, outcome) in spends {
        match outcome.await.unwrap() {
            Ok(rows) => {
                assert_eq!(rows, 2);
                winners[usize::from(number)] += 1;
            }
            Err(refusal) => assert_eq!(refusal, StoreError::TokenSpent),
        }
    }
    assert!(winners.iter().all(|winners| *winners == 1), "{winners:?}");

    let client = server().client(&database).await;
    let counted = client
        .query_one("SELECT count(*), count(DISTINCT xmin::text) FROM payment_method", &[])
        .await
        .unwrap();
    let (methods, transactions): (i64, i64) = (counted.get(0), counted.get(1));
    assert_eq!(methods, i64::from(TOKENS));
    assert!(transactions < methods, "no two of {methods} shared a transaction");
}
