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

async fn actions(store: &dyn Store, of: &TenantId) -> Vec<(String, String, String)> {
    let rows = store.audit_rows(None, 1000).await.unwrap();
    let rows = rows.into_iter().filter(|row| row.place.tenant == *of);
    rows.map(|row| (row.actor, row.action, row.object)).collect()
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
    let row =
        |actor: &str, action: &str, object: &str| (actor.to_owned(), action.to_owned(), object.to_owned());
    let token_mac = actions(&*store, &tenant()).await[1].2.clone();
    assert_eq!(
        actions(&*store, &tenant()).await,
        [
            row("vault", "customer.create", "c\u{0}1"),
            row("vault", "token.create", &token_mac),
            row("the-key", "customer.delete", "c\u{0}1"),
        ]
    );
    let rows = store.audit_rows(None, 1000).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.place.seq).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(rows[2].request, request);
    assert_eq!(rows[0].request, Author::vault().request);
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
