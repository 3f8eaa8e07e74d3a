//! What the log notes as taken away: what the vault itself took away, and nothing on behalf of a row that somebody has made,
//! edited or brought back.

use std::sync::Arc;

use vault::{
    domain::{AddressId, CustomerId, PaymentMethodId, TenantId},
    keyring::{AuditKey, RowKey},
    random::SystemRandom,
    store::{Change, DataKey, DataKeyPurpose, Remembered, Store, StoreError},
};

use crate::{
    hands::{Hand, altered, condition, document, fill, findings, is_believed},
    row_keys::{older, rehash},
    samples::{NOW_MS, address, payment_method, tenant},
};

/// When everything that can be over is.
const LATE_MS: i64 = NOW_MS + 90 * 86_400_000;

/// What the sweep takes away when its time is over.
const EXPIRING: [&str; 3] = ["attempt", "remembered", "token"];

async fn sweep(store: &dyn Store, now_ms: i64) -> u64 {
    let sweep = Change::SweepExpired { now_ms, limit: 2 };
    store.apply(&TenantId::vault(), vec![sweep]).await.unwrap()
}

async fn count(hand: &Hand, table: &str) -> usize {
    hand.texts(&format!("SELECT 'one' FROM {table}")).await.len()
}

fn codes(found: &[(&'static str, String)]) -> Vec<&'static str> {
    found.iter().map(|(code, _)| *code).collect()
}

fn of(code: &str, found: &[(&'static str, String)]) -> usize {
    found.iter().filter(|(found, _)| *found == code).count()
}

pub(crate) async fn what_is_not_believed_is_not_swept(store: Arc<dyn Store>, hand: Hand) {
    let key = AuditKey::generate(&SystemRandom).unwrap();
    store.record_with(key.clone());
    fill(&*store).await;
    for table in EXPIRING {
        let first = condition(&hand, table, 0);
        hand.run(&format!("UPDATE {table} SET expires_at_ms = 1 WHERE {first}")).await.unwrap();
    }
    assert_eq!(sweep(&*store, NOW_MS).await, 0);
    assert_eq!(sweep(&*store, NOW_MS).await, 0);
    for table in EXPIRING {
        assert_eq!(count(&hand, table).await, 2, "{table}");
        assert!(!is_believed(&*store, table).await, "{table}");
    }
    let kept = "SELECT state FROM token WHERE sealed IS NOT NULL";
    assert_eq!(hand.texts(kept).await, ["issued", "issued"]);
    let found = findings(&*store, &key).await;
    assert_eq!(
        codes(&found),
        ["row_altered", "row_altered", "row_altered", "row_gone", "row_gone", "row_gone"]
    );
    // What was asked once is not done again: the answer is kept, and neither given nor replaced.
    let again = Change::Remember {
        answer: Remembered {
            mac: [1; 32],
            lookup_version: 1,
            digest: [9; 32],
            sealed: vec![9],
            expires_at_ms: NOW_MS + 9,
        },
        now_ms: NOW_MS,
    };
    let refused = store.apply(&tenant(), vec![again]).await;
    assert!(matches!(refused, Err(StoreError::Corrupt(_))), "{refused:?}");

    // However many stand before them, the good ones go.
    for table in ["attempt", "remembered"] {
        hand.keep(table).await;
    }
    for byte in 10..20 {
        for table in ["attempt", "remembered"] {
            let mac = bytes(&hand, &format!("{byte}").repeat(32));
            let planted = format!(
                "UPDATE kept_{table} SET mac = {mac}; INSERT INTO {table} SELECT * FROM kept_{table} WHERE expires_at_ms = 1"
            );
            hand.run(&planted).await.unwrap();
        }
    }
    while sweep(&*store, LATE_MS).await > 0 {}
    assert_eq!(count(&hand, "attempt").await, 11);
    assert_eq!(count(&hand, "remembered").await, 11);
    assert_eq!(count(&hand, "token").await, 1);
    assert_eq!(altered(&*store).await.len(), 23);
    let found = findings(&*store, &key).await;
    assert_eq!((of("row_altered", &found), of("row_gone", &found), found.len()), (23, 3, 26));
}

/// Bytes, as they are written in a statement.
fn bytes(hand: &Hand, hex: &str) -> String {
    match hand {
        Hand::Sqlite(_) => format!("X'{hex}'"),
        Hand::Postgres(_) => format!("'\\x{hex}'::bytea"),
    }
}

pub(crate) async fn a_row_with_anothers_hash_hides_nothing(store: Arc<dyn Store>, hand: Hand) {
    let key = AuditKey::generate(&SystemRandom).unwrap();
    store.record_with(key.clone());
    fill(&*store).await;
    let victim = "(SELECT row_mac FROM document WHERE id = 'b')";
    // A row that is over and that the vault has never made, one that it is asked to delete, and one that it is asked to change.
    let planted = format!(
        "INSERT INTO attempt (tenant_id, mac, expires_at_ms, row_mac) VALUES ('mer_one', {}, 1, {victim});
         UPDATE address SET row_mac = {victim} WHERE id = 'b';
         UPDATE customer SET row_mac = {victim} WHERE id = 'a'",
        bytes(&hand, &"77".repeat(32))
    );
    hand.run(&planted).await.unwrap();
    assert_eq!(sweep(&*store, 2).await, 0);
    let change = Change::ArchiveCustomer { id: CustomerId::new("a"), now_ms: NOW_MS };
    assert!(matches!(store.apply(&tenant(), vec![change]).await, Err(StoreError::Corrupt(_))));
    let (customer, id) = (CustomerId::new("b"), AddressId::new("b"));
    let delete = Change::DeleteAddress { customer, id, now_ms: NOW_MS };
    assert_eq!(store.apply(&tenant(), vec![delete]).await, Ok(1), "who asks for it is rid of it");
    assert_eq!(altered(&*store).await.len(), 2);
    let before = findings(&*store, &key).await;
    // What the log has of the customer and the address is there no more.
    assert_eq!(codes(&before), ["row_altered", "row_altered", "row_gone", "row_gone"]);
    hand.run("DELETE FROM document WHERE id = 'b'").await.unwrap();
    let found = findings(&*store, &key).await;
    assert_eq!(codes(&found), ["row_altered", "row_altered", "row_gone", "row_gone", "row_gone"]);
    // Nor does one that the hand has made deletable.
    hand.run(&format!("DELETE FROM attempt WHERE mac = {}", bytes(&hand, &"77".repeat(32)))).await.unwrap();
    let found = findings(&*store, &key).await;
    assert_eq!(codes(&found), ["row_altered", "row_gone", "row_gone", "row_gone"]);
}

/// Takes rows away as the vault does, and brings all of them back: two of each table whose rows are ever deleted, and a key
/// of before it was revoked.
async fn brought_back(store: &dyn Store, hand: &Hand, key: &AuditKey) {
    const BROUGHT_BACK: [&str; 8] = [
        "customer",
        "address",
        "payment_method",
        "document",
        "sealing_key",
        "token",
        "attempt",
        "remembered",
    ];
    fill(store).await;
    for table in BROUGHT_BACK {
        hand.keep(table).await;
    }
    hand.keep("api_key").await;
    let mut changes = vec![
        Change::RevokeKey { key_id: "a".to_owned(), now_ms: NOW_MS },
        Change::DeleteSealingKeys { expired_before_ms: 9 },
    ];
    for name in ["a", "b"] {
        changes.push(Change::DeleteCustomer(CustomerId::new(name)));
        changes.push(Change::DeleteDocument { collection: "things".to_owned(), id: name.to_owned() });
    }
    store.apply(&tenant(), changes).await.unwrap();
    while sweep(store, LATE_MS).await > 0 {}
    assert_eq!(findings(store, key).await, []);
    hand.put_back("api_key").await;
    for table in BROUGHT_BACK {
        assert_eq!(count(hand, table).await, 0, "{table}");
        hand.put_back(table).await;
    }
    assert_eq!(altered(store).await, [], "they are the vault's own");
    let found = findings(store, key).await;
    assert_eq!((of("row_rolled_back", &found), of("row_gone", &found), found.len()), (17, 1, 18));
}

pub(crate) async fn what_was_brought_back_is_named_after_it_was_changed_or_deleted(
    store: Arc<dyn Store>,
    hand: Hand,
) {
    let key = AuditKey::generate(&SystemRandom).unwrap();
    store.record_with(key.clone());
    brought_back(&*store, &hand, &key).await;
    let customer = store.customer(&tenant(), &CustomerId::new("a")).await.unwrap().unwrap();
    let method = store.payment_method(&tenant(), &PaymentMethodId::new("a")).await.unwrap().unwrap();
    let replaced = payment_method("a", Some("a"));
    let changed = vec![
        Change::UpdateAddress(address("a", "a")),
        Change::UpdatePaymentMethod(vault::domain::PaymentMethod { version: method.version, ..replaced }),
        Change::UpdateCustomer(customer),
        Change::ReplaceDocument(document("a")),
        Change::ExpireKey { key_id: "a".to_owned(), expires_at_ms: LATE_MS },
        Change::SpendToken { mac: [1; 32], now_ms: NOW_MS },
    ];
    store.apply(&tenant(), changed).await.unwrap();
    let signed = Change::SignSealingKey { id: [1; 8], statement: "anew".to_owned() };
    store.apply(&TenantId::vault(), vec![signed]).await.unwrap();
    let found = findings(&*store, &key).await;
    // Of the first of each: an answer is not changed.
    assert_eq!((of("row_unrecorded", &found), of("row_rolled_back", &found)), (8, 9), "{found:?}");

    let deleted = vec![
        Change::DeleteCustomer(CustomerId::new("b")),
        Change::DeleteDocument { collection: "things".to_owned(), id: "b".to_owned() },
        Change::DeleteSealingKeys { expired_before_ms: 9 },
    ];
    store.apply(&tenant(), deleted).await.unwrap();
    while sweep(&*store, LATE_MS).await > 0 {}
    let found = findings(&*store, &key).await;
    assert_eq!((of("row_unrecorded", &found), of("row_gone", &found), found.len()), (17, 1, 18), "{found:?}");
}

pub(crate) async fn what_was_brought_back_is_named_after_it_got_a_newer_hash(
    store: Arc<dyn Store>,
    hand: Hand,
) {
    let (key, first) = (AuditKey::generate(&SystemRandom).unwrap(), RowKey::generate(&SystemRandom).unwrap());
    store.record_with(key.clone());
    store.guard_with(first.clone());
    brought_back(&*store, &hand, &key).await;
    store.guard_with(first.and_newer(&SystemRandom).unwrap());
    rehash(&*store, &older(&*store).await).await;
    assert_eq!((altered(&*store).await, older(&*store).await), (vec![], vec![]));
    let found = findings(&*store, &key).await;
    assert_eq!((of("row_unrecorded", &found), of("row_gone", &found), found.len()), (17, 1, 18), "{found:?}");
}

pub(crate) async fn a_destroyed_version_that_comes_back_is_named_before_and_after_it_is_renewed_away(
    store: Arc<dyn Store>,
    hand: Hand,
) {
    let (key, first) = (AuditKey::generate(&SystemRandom).unwrap(), RowKey::generate(&SystemRandom).unwrap());
    store.record_with(key.clone());
    store.guard_with(first.clone());
    fill(&*store).await;
    let vault = TenantId::vault();
    let versions = [0, 1, 2].map(|version| {
        let (purpose, wrapped) = (DataKeyPurpose::Rows, vec![1]);
        Change::InsertDataKey(DataKey { purpose, version, wrapped, created_at_ms: NOW_MS })
    });
    store.apply(&vault, versions.to_vec()).await.unwrap();
    for table in ["data_key", "customer"] {
        hand.keep(table).await;
    }
    store.apply(&tenant(), vec![Change::DeleteCustomer(CustomerId::new("b"))]).await.unwrap();
    let both = first.and_newer(&SystemRandom).unwrap();
    store.guard_with(both.clone());
    rehash(&*store, &older(&*store).await).await;
    store.apply(&vault, vec![Change::DestroyRowKey { version: 1 }]).await.unwrap();
    store.guard_with(both.newest_alone());
    assert_eq!(findings(&*store, &key).await, []);

    let back = "INSERT INTO data_key SELECT * FROM kept_data_key WHERE purpose = 'rows' AND version < 2;
                INSERT INTO customer SELECT * FROM kept_customer WHERE id = 'b'";
    hand.run(back).await.unwrap();
    assert_eq!(codes(&findings(&*store, &key).await), ["row_altered"; 3], "for a vault that runs");
    // As one that starts, which takes up what opens.
    store.guard_with(both);
    assert_eq!(codes(&findings(&*store, &key).await), ["row_rolled_back"; 3]);
    assert_eq!(rehash(&*store, &older(&*store).await).await, 3);
    assert_eq!(codes(&findings(&*store, &key).await), ["row_unrecorded"; 3]);
    store.apply(&vault, vec![Change::DestroyRowKey { version: 1 }]).await.unwrap();
    assert_eq!(
        codes(&findings(&*store, &key).await),
        ["row_unrecorded"; 3],
        "nor when it is destroyed again"
    );
}
