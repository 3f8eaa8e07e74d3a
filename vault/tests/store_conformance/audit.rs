//! What is changed is recorded, in chains that hold.

use std::sync::Arc;

use vault::{
    audit::{self, Author, Requester, asked_by, identify},
    domain::{CustomerId, TenantId},
    keyring::AuditKey,
    random::SystemRandom,
    store::{Change, Store, StoreError},
};

use crate::samples::{NOW_MS, customer, other_tenant, payment_method, tenant, token};

fn key(store: &dyn Store) -> AuditKey {
    let key = AuditKey::generate(&SystemRandom).unwrap();
    store.record_with(key.clone());
    key
}

pub(crate) async fn a_write_is_recorded_with_its_author(store: Arc<dyn Store>) {
    let key = key(&*store);
    let changes = vec![Change::InsertCustomer(customer("c\u{0}1")), Change::InsertToken(token(1))];
    store.apply(&tenant(), changes).await.unwrap();
    let requester = Requester::unknown();
    let request = requester.id().to_owned();
    asked_by(requester, async {
        identify("the-key");
        let delete = vec![Change::DeleteCustomer(CustomerId::new("c\u{0}1"))];
        store.apply(&tenant(), delete).await.unwrap();
    })
    .await;
    let rows = store.audit_rows(None, 1000).await.unwrap();
    // Each store has chains in its own way: a write is in one of them, and whole.
    let at = |action: &str| rows.iter().position(|row| row.action == action).unwrap();
    let (made, deleted) = (at("customer.create"), at("customer.delete"));
    assert_eq!((rows.len(), at("token.create")), (3, made + 1));
    assert_eq!((rows[made].actor.as_str(), rows[made].object.as_str()), ("vault", "c\u{0}1"));
    assert_eq!((rows[deleted].actor.as_str(), rows[deleted].object.as_str()), ("the-key", "c\u{0}1"));
    assert_eq!(rows[made + 1].actor, "vault");
    assert_eq!((&rows[made].request, &rows[deleted].request), (&Author::vault().request, &request));
    assert_eq!((rows[made].place.seq, rows[made + 1].place.seq), (1, 2));
    let is_behind = rows[deleted].place.chain == rows[made].place.chain;
    assert_eq!(rows[deleted].place.seq, if is_behind { 3 } else { 1 });
    // In parts, from any place on.
    let part = store.audit_rows(Some(&rows[0].place), 1).await.unwrap();
    assert_eq!(part, rows[1..2]);
    assert_eq!(store.audit_rows(Some(&rows[2].place), 1).await.unwrap(), []);
    assert_eq!(audit::verify(&*store, key, Vec::new()).await.unwrap().findings, []);
}

pub(crate) async fn what_changes_nothing_leaves_no_row(store: Arc<dyn Store>) {
    let key = key(&*store);
    store.apply(&tenant(), vec![Change::InsertCustomer(customer("c1"))]).await.unwrap();
    let again = vec![Change::InsertCustomer(customer("c2")), Change::InsertCustomer(customer("c1"))];
    assert_eq!(store.apply(&tenant(), again).await, Err(StoreError::CustomerExists));
    let sweep = vec![Change::SweepExpired { now_ms: NOW_MS, limit: 10 }];
    assert_eq!(store.apply(&TenantId::vault(), sweep).await, Ok(0));
    store.apply(&tenant(), vec![Change::InsertCustomer(customer("c3"))]).await.unwrap();
    store
        .apply(&other_tenant(), vec![Change::InsertPaymentMethod(payment_method("p1", None))])
        .await
        .unwrap();
    let report = audit::verify(&*store, key, Vec::new()).await.unwrap();
    assert_eq!((report.findings.len(), report.rows), (0, 3));
}

pub(crate) async fn chains_hold_with_many_writers(store: Arc<dyn Store>) {
    let key = key(&*store);
    let writers: Vec<_> = (0..200)
        .map(|index| {
            let store = Arc::clone(&store);
            let tenant = if index % 3 == 0 { other_tenant() } else { tenant() };
            tokio::spawn(async move {
                let changes = vec![Change::InsertCustomer(customer(&format!("c{index}")))];
                store.apply(&tenant, changes).await.unwrap();
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let report = audit::verify(&*store, key, Vec::new()).await.unwrap();
    assert_eq!((report.findings.len(), report.rows), (0, 200));
}
