//! Changing the key of the rows' hashes: every row gets a newer one, unless somebody has had a hand in it.

use std::sync::Arc;

use vault::{
    domain::{CustomerId, PaymentMethodId, TenantId},
    keyring::{AuditKey, RowKey},
    random::SystemRandom,
    store::{Change, DataKey, DataKeyPurpose, Intact, LiveRow, Store, StoreError},
};

use crate::{
    hands::{Hand, altered, condition, document, fill, findings, is_believed, live},
    samples::{NOW_MS, address, other_tenant, tenant},
};

fn row_key() -> RowKey {
    RowKey::generate(&SystemRandom).unwrap()
}

/// The rows whose hash is of an older version.
pub(crate) async fn older(store: &dyn Store) -> Vec<LiveRow> {
    let (mut older, mut after) = (Vec::new(), None);
    loop {
        let rows = store.older_rows(after.as_ref(), 3).await.unwrap();
        let Some(last) = rows.last() else { return older };
        after = Some(last.place.clone());
        older.extend(rows);
    }
}

/// Renews the hashes of rows; returns how many that were.
pub(crate) async fn rehash(store: &dyn Store, rows: &[LiveRow]) -> u64 {
    let places = rows.iter().map(|row| row.place.clone()).collect();
    store.apply(&TenantId::vault(), vec![Change::RehashRows(places)]).await.unwrap()
}

/// How many rows have a hash of the first version, and of the second.
async fn needs(store: &dyn Store) -> (u64, u64) {
    (store.row_needs(1).await.unwrap(), store.row_needs(2).await.unwrap())
}

pub(crate) async fn the_key_of_the_hashes_is_renewed_row_by_row(store: Arc<dyn Store>, hand: Hand) {
    let (audit_key, first) = (AuditKey::generate(&SystemRandom).unwrap(), row_key());
    store.record_with(audit_key.clone());
    store.guard_with(first.clone());
    fill(&*store).await;
    assert_eq!(older(&*store).await, [], "there is no newer version");
    assert_eq!(rehash(&*store, &live(&*store).await).await, 0);
    // Whoever spends a token has read it before, when its time had not come.
    assert!(is_believed(&*store, "token").await);
    let both = first.and_newer(&SystemRandom).unwrap();
    store.guard_with(both.clone());
    // All are believed as they are, and what is written from now on is of the second version, changed or new.
    assert_eq!((altered(&*store).await, needs(&*store).await), (vec![], (26, 0)));
    store.apply(&tenant(), vec![Change::UpdateAddress(address("a", "a"))]).await.unwrap();
    store.apply(&tenant(), vec![Change::InsertDocument(document("c"))]).await.unwrap();
    store.apply(&tenant(), vec![Change::SpendToken { mac: [1; 32], now_ms: NOW_MS }]).await.unwrap();
    assert_eq!(needs(&*store).await, (23, 4), "an address, a document, a token and its attempt");
    for table in hand.tables().await {
        assert!(is_believed(&*store, &table).await, "{table}");
    }
    // Each is renewed once, and the log has it.
    let rows = older(&*store).await;
    assert_eq!(rows.len(), 23);
    assert_eq!(rehash(&*store, &rows).await, 23);
    assert_eq!(rehash(&*store, &rows).await, 0);
    assert_eq!((older(&*store).await, needs(&*store).await), (vec![], (0, 27)));
    assert_eq!(findings(&*store, &audit_key).await, []);
    for table in hand.tables().await {
        assert!(is_believed(&*store, &table).await, "{table}");
    }
    let method = store.payment_method(&tenant(), &PaymentMethodId::new("a")).await.unwrap().unwrap();
    assert_eq!(method.version, 1, "nobody is shown a change");
    store.apply(&tenant(), vec![Change::SpendToken { mac: [2; 32], now_ms: NOW_MS }]).await.unwrap();
    assert_eq!(findings(&*store, &audit_key).await, []);
    // Whoever has only the one version believes what is of that one.
    store.guard_with(first);
    assert_eq!(altered(&*store).await.len(), 27, "a version that is not there");
    let change = vec![Change::SetOrigins { key_id: "a".to_owned(), origins: Vec::new() }];
    assert!(matches!(store.apply(&tenant(), change).await, Err(StoreError::Corrupt(_))));
    store.guard_with(both.newest_alone());
    assert_eq!(altered(&*store).await, []);
}

pub(crate) async fn a_row_with_a_wrong_hash_is_never_renewed(store: Arc<dyn Store>, hand: Hand) {
    let (audit_key, first) = (AuditKey::generate(&SystemRandom).unwrap(), row_key());
    store.record_with(audit_key.clone());
    store.guard_with(first.clone());
    fill(&*store).await;
    store.guard_with(first.and_newer(&SystemRandom).unwrap());
    let edits = [
        ("customer", "notes = 'x'"),
        ("api_key", "scopes = 'tokenize'"),
        ("token", "expires_at_ms = expires_at_ms + 1"),
        ("data_key", "created_at_ms = 9"),
    ];
    for (table, edit) in edits {
        hand.run(&format!("UPDATE {table} SET {edit} WHERE {}", condition(&hand, table, 0))).await.unwrap();
    }
    let rows = older(&*store).await;
    assert_eq!(rows.iter().filter(|row| row.intact == Intact::No).count(), edits.len());
    // Asked for all the same, and again.
    assert_eq!(rehash(&*store, &rows).await, 22);
    assert_eq!(rehash(&*store, &rows).await, 0);
    assert_eq!(needs(&*store).await, (4, 22));
    for (table, _) in edits {
        assert!(!is_believed(&*store, table).await, "{table}");
    }
    let found = findings(&*store, &audit_key).await;
    assert_eq!(found.iter().filter(|(code, _)| *code == "row_altered").count(), edits.len());

    // Nor is one that names another version than it is of, or has no hash at all.
    let bytes = |hex: &str| match hand {
        Hand::Sqlite(_) => format!("X'{hex}'"),
        Hand::Postgres(_) => format!("'\\x{hex}'::bytea"),
    };
    let cut = |from: u32| match hand {
        Hand::Sqlite(_) => format!("substr(row_mac, {from})"),
        Hand::Postgres(_) => format!("substring(row_mac FROM {from})"),
    };
    for (name, new) in [
        ("bare", cut(5)),
        ("by the name of the first", format!("{} || {}", bytes("00000001"), cut(5))),
        ("by the name of a third", format!("{} || {}", bytes("00000003"), cut(5))),
        ("twice named", format!("{} || row_mac", bytes("00000002"))),
        ("cut off", "NULL".to_owned()),
    ] {
        hand.keep("payment").await;
        let new = match hand {
            Hand::Sqlite(_) => format!("CAST({new} AS BLOB)"),
            Hand::Postgres(_) => new,
        };
        let first = condition(&hand, "payment", 0);
        hand.run(&format!("UPDATE payment SET row_mac = {new} WHERE {first}")).await.unwrap();
        assert!(!is_believed(&*store, "payment").await, "{name}");
        let all = live(&*store).await;
        assert_eq!(rehash(&*store, &all).await, 0, "{name}");
        assert!(!is_believed(&*store, "payment").await, "{name}");
        hand.put_back("payment").await;
        assert!(is_believed(&*store, "payment").await, "{name}: it was put back");
    }
}

pub(crate) async fn what_changes_while_it_is_renewed_is_not_overwritten(store: Arc<dyn Store>, _: Hand) {
    const ROUNDS: usize = 20;
    let (audit_key, mut key) = (AuditKey::generate(&SystemRandom).unwrap(), row_key());
    store.record_with(audit_key.clone());
    store.guard_with(key.clone());
    fill(&*store).await;
    for round in 0..ROUNDS {
        key = key.and_newer(&SystemRandom).unwrap();
        store.guard_with(key.clone());
        let rows = older(&*store).await;
        let mut customer = store.customer(&tenant(), &CustomerId::new("a")).await.unwrap().unwrap();
        customer.notes = Some(format!("of round {round}"));
        let change = |change| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.apply(&tenant(), vec![change]).await })
        };
        let gone = document("gone");
        store.apply(&tenant(), vec![Change::InsertDocument(gone.clone())]).await.unwrap();
        let of_gone = live(&*store).await;
        let deleted = Change::DeleteDocument { collection: gone.collection, id: gone.id };
        let others = [
            change(Change::UpdateCustomer(customer)),
            change(Change::UpdateAddress(address("b", "b"))),
            change(deleted),
        ];
        let (one, two) = tokio::join!(rehash(&*store, &rows), rehash(&*store, &of_gone));
        for other in others {
            other.await.unwrap().unwrap();
        }
        assert!(one + two <= 26, "{one} {two}: each is renewed once at most");
        let customer = store.customer(&tenant(), &CustomerId::new("a")).await.unwrap().unwrap();
        assert_eq!(customer.notes, Some(format!("of round {round}")));
        rehash(&*store, &older(&*store).await).await;
        assert_eq!(older(&*store).await, []);
    }
    store.guard_with(key.newest_alone());
    assert_eq!(findings(&*store, &audit_key).await, []);
}

pub(crate) async fn a_row_of_whoever_knows_the_key_is_named_when_it_is_renewed(
    store: Arc<dyn Store>,
    hand: Hand,
) {
    let (audit_key, key) = (AuditKey::generate(&SystemRandom).unwrap(), row_key());
    store.record_with(audit_key.clone());
    store.guard_with(key.clone());
    fill(&*store).await;
    // Who knows the key makes a row as the vault would: here the vault does, and the log never had it.
    let of = other_tenant();
    store.apply(&of, vec![Change::InsertDocument(document("forged"))]).await.unwrap();
    hand.run(&format!("DELETE FROM audit WHERE tenant_id = '{of}'")).await.unwrap();
    let forged = format!("document {of} things forged");
    assert_eq!(findings(&*store, &audit_key).await, [("row_rolled_back", forged)]);
    store.guard_with(key.and_newer(&SystemRandom).unwrap());
    assert_eq!(rehash(&*store, &older(&*store).await).await, 27);
    assert_eq!(findings(&*store, &audit_key).await, [("row_unrecorded", String::new())]);
}

pub(crate) async fn a_version_is_destroyed_when_no_hash_is_of_it(store: Arc<dyn Store>, hand: Hand) {
    let first = row_key();
    store.guard_with(first.clone());
    fill(&*store).await;
    let vault = TenantId::vault();
    let insert = |version| {
        Change::InsertDataKey(DataKey {
            purpose: DataKeyPurpose::Rows,
            version,
            wrapped: vec![1],
            created_at_ms: NOW_MS,
        })
    };
    store.apply(&vault, vec![insert(0), insert(1)]).await.unwrap();
    let destroy = |version| vec![Change::DestroyRowKey { version }];
    assert_eq!(store.apply(&vault, destroy(1)).await, Err(StoreError::KeyMissing), "there is no newer one");
    store.apply(&vault, vec![insert(2)]).await.unwrap();
    let second = first.and_newer(&SystemRandom).unwrap();
    store.guard_with(second.clone());
    let rows = older(&*store).await;
    for table in rows.chunk_by(|a, b| a.label.split(' ').next() == b.label.split(' ').next()) {
        assert_eq!(store.apply(&vault, destroy(1)).await, Err(StoreError::KeyNeeded), "{}", table[0].label);
        rehash(&*store, table).await;
    }
    // As it was made, and as it came into force.
    assert_eq!(store.apply(&vault, destroy(1)).await, Ok(2));
    assert_eq!(store.apply(&vault, destroy(1)).await, Err(StoreError::KeyMissing));
    assert_eq!(store.apply(&vault, destroy(2)).await, Err(StoreError::KeyMissing), "the newest stays");
    let left: Vec<_> = store.data_keys(&vault).await.unwrap().iter().map(|key| key.version).collect();
    assert_eq!(left, [2]);
    // What somebody has altered keeps it, because nobody can tell from its hash that it is of none.
    store.apply(&vault, vec![insert(3)]).await.unwrap();
    store.guard_with(second.and_newer(&SystemRandom).unwrap());
    let altered = condition(&hand, "payment", 1);
    hand.run(&format!("UPDATE payment SET description = 'x' WHERE {altered}")).await.unwrap();
    rehash(&*store, &older(&*store).await).await;
    assert_eq!(store.row_needs(2).await, Ok(1));
    assert_eq!(store.apply(&vault, destroy(2)).await, Err(StoreError::KeyNeeded));
    hand.run(&format!("DELETE FROM payment WHERE {altered}")).await.unwrap();
    assert_eq!(store.apply(&vault, destroy(2)).await, Ok(1));
}
