//! Writes that share a transaction: each has its own answer, and none has another one's.

use std::{sync::Arc, time::Duration};

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

/// What is wrong before or behind all writes of a transaction is nobody's fault, and is not tried for ever.
#[tokio::test]
async fn a_log_that_cannot_be_read_is_told_to_everybody() {
    let database = server().database().await;
    let store = open(&server().url(&database)).await;
    store.apply(&tenant(), vec![Change::InsertToken(token([1; 32]))]).await.unwrap();
    drop(store);
    let store = open(&server().url(&database)).await;
    let client = server().client(&database).await;
    client.batch_execute("ALTER TABLE audit ALTER COLUMN seq TYPE text").await.unwrap();
    let mut refused = 0;
    // Whichever worker takes it: each has to find the end of its chain.
    for number in 2..6 {
        let tenant = tenant();
        let issued = store.apply(&tenant, vec![Change::InsertToken(token([number; 32]))]);
        let outcome = tokio::time::timeout(Duration::from_secs(20), issued).await.expect("it is answered");
        refused += usize::from(outcome.is_err());
    }
    assert!(refused > 0, "nobody looked at the log");
}
