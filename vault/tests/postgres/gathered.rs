//! Reads that share a statement: each has its own answer, and none an older one than if it had been alone.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{task::JoinSet, time::timeout};
use vault::{
    domain::{ApiKey, KeyKind, Scope},
    store::{Change, Store as _, StoreError, postgres::PostgresStore},
};

use crate::{
    ledger::{NOW_MS, tenant, token},
    private_postgres::{open, server},
};

const ROUNDS: usize = 40;
const READERS: usize = 24;

fn key(id: &str) -> ApiKey {
    ApiKey {
        id: id.to_owned(),
        tenant: tenant(),
        kind: KeyKind::Secret,
        mac: [4; 32],
        lookup_version: 1,
        origins: Vec::new(),
        created_at_ms: NOW_MS,
        scopes: vec![Scope::Read],
        expires_at_ms: None,
        revoked_at_ms: None,
    }
}

async fn a_store() -> (Arc<PostgresStore>, String) {
    let database = server().database().await;
    (Arc::new(open(&server().url(&database)).await), database)
}

/// Readers never stop asking while the key is revoked: whoever asks after the revocation was acknowledged is told of it,
/// whatever is under way.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_revoked_key_is_seen_by_whoever_asks_next() {
    let (store, _) = a_store().await;
    for round in 0..ROUNDS {
        let id = format!("key_{round}");
        store.apply(&tenant(), vec![Change::InsertKey(key(&id))]).await.unwrap();
        let is_revoked = Arc::new(AtomicBool::new(false));
        let mut readers = JoinSet::new();
        for _ in 0..READERS {
            let (store, id, is_revoked) = (Arc::clone(&store), id.clone(), Arc::clone(&is_revoked));
            readers.spawn(async move {
                loop {
                    let must_see = is_revoked.load(Ordering::SeqCst);
                    let found = store.api_key(&id).await.unwrap().unwrap();
                    if must_see {
                        assert_eq!(found.revoked_at_ms, Some(NOW_MS), "a revoked key lived on");
                        return;
                    }
                    tokio::task::yield_now().await;
                }
            });
        }
        let revoke = Change::RevokeKey { key_id: id, now_ms: NOW_MS };
        store.apply(&tenant(), vec![revoke]).await.unwrap();
        is_revoked.store(true, Ordering::SeqCst);
        readers.join_all().await;
    }
}

/// Keys and tokens that are there once, twice or not at all, and one whose row somebody has changed by hand.
#[tokio::test]
async fn each_is_told_of_its_own_row() {
    let (store, database) = a_store().await;
    for number in 0..20 {
        store.apply(&tenant(), vec![Change::InsertToken(token([number; 32]))]).await.unwrap();
        store.apply(&tenant(), vec![Change::InsertKey(key(&format!("key_{number}")))]).await.unwrap();
    }
    let client = server().client(&database).await;
    let by_hand = "UPDATE token SET expires_at_ms = expires_at_ms + 1 WHERE mac = $1";
    client.execute(by_hand, &[&[7_u8; 32].as_slice()]).await.unwrap();
    client.batch_execute("UPDATE api_key SET created_at_ms = 1 WHERE id = 'key_7'").await.unwrap();

    let mut reads = JoinSet::new();
    for number in (0..25).chain(0..25) {
        let store = Arc::clone(&store);
        reads.spawn(async move {
            let id = format!("key_{number}");
            (number, store.token(&tenant(), &[number; 32]).await, store.api_key(&id).await)
        });
    }
    for (number, found_token, found_key) in reads.join_all().await {
        let mac = found_token.map(|found| found.map(|token| token.mac));
        let id = found_key.map(|found| found.map(|key| key.id));
        match number {
            7 => {
                assert!(matches!(mac, Err(StoreError::Corrupt(_))), "{mac:?}");
                assert_eq!(id, Ok(None));
            }
            0..20 => assert_eq!((mac, id), (Ok(Some([number; 32])), Ok(Some(format!("key_{number}"))))),
            20.. => assert_eq!((mac, id), (Ok(None), Ok(None))),
        }
    }
}

#[tokio::test]
async fn what_cannot_be_asked_is_told_to_all_who_wait_and_asked_again_for_the_next() {
    let (store, database) = a_store().await;
    store.apply(&tenant(), vec![Change::InsertKey(key("key"))]).await.unwrap();
    let client = server().client(&database).await;
    client.batch_execute("ALTER TABLE api_key RENAME TO elsewhere").await.unwrap();
    let mut reads = JoinSet::new();
    for _ in 0..READERS {
        let store = Arc::clone(&store);
        reads.spawn(async move { timeout(Duration::from_secs(20), store.api_key("key")).await });
    }
    for answer in reads.join_all().await {
        assert_eq!(answer.expect("it is answered"), Err(StoreError::Unavailable));
    }
    client.batch_execute("ALTER TABLE elsewhere RENAME TO api_key").await.unwrap();
    assert_eq!(store.api_key("key").await.unwrap(), Some(key("key")));
}
