//! Payment methods.

use std::sync::Arc;

use vault::{
    domain::{CustomerId, Holding, PaymentMethodId},
    store::{Change, Page, Store, StoreError},
};

use crate::samples::{NOW_MS, bank_display, customer, mandate, payment_method, tenant};

pub(crate) async fn a_payment_method_reads_back_whole(store: Arc<dyn Store>) {
    let mut kept = payment_method("p1", None);
    kept.display = bank_display();
    kept.flags = vec!["contact".to_owned()];
    kept.mandate = Some(Box::new(mandate()));
    kept.from_token_mac = Some([3; 32]);
    store.apply(&tenant(), vec![Change::InsertPaymentMethod(kept.clone())]).await.unwrap();
    assert_eq!(store.payment_method(&tenant(), &kept.id).await.unwrap(), Some(kept));
    for (new, refusal) in [
        (payment_method("p1", None), StoreError::PaymentMethodExists),
        (payment_method("p2", Some("nobody")), StoreError::CustomerMissing),
    ] {
        let outcome = store.apply(&tenant(), vec![Change::InsertPaymentMethod(new)]).await;
        assert_eq!(outcome, Err(refusal));
    }
    assert_eq!(store.payment_method(&tenant(), &PaymentMethodId::new("p2")).await.unwrap(), None);
}

pub(crate) async fn an_orphan_is_attached_once(store: Arc<dyn Store>) {
    let changes = vec![
        Change::InsertCustomer(customer("c1")),
        Change::InsertCustomer(customer("c2")),
        Change::InsertPaymentMethod(payment_method("p1", None)),
    ];
    store.apply(&tenant(), changes).await.unwrap();
    let attach = |id: &str, customer: &str| {
        let (id, customer) = (PaymentMethodId::new(id), CustomerId::new(customer));
        vec![Change::AttachPaymentMethod { id, customer, now_ms: NOW_MS + 1 }]
    };
    let outcome = store.apply(&tenant(), attach("p1", "nobody")).await;
    assert_eq!(outcome, Err(StoreError::CustomerMissing));
    let outcome = store.apply(&tenant(), attach("p9", "c1")).await;
    assert_eq!(outcome, Err(StoreError::PaymentMethodMissing));
    store.apply(&tenant(), attach("p1", "c1")).await.unwrap();
    for customer in ["c1", "c2"] {
        let outcome = store.apply(&tenant(), attach("p1", customer)).await;
        assert_eq!(outcome, Err(StoreError::AlreadyAttached));
    }
    let method = store.payment_method(&tenant(), &PaymentMethodId::new("p1")).await.unwrap().unwrap();
    assert_eq!((method.customer_id, method.version), (Some(CustomerId::new("c1")), 2));
    assert_eq!(method.updated_at_ms, NOW_MS + 1);
}

pub(crate) async fn an_update_keeps_owner_and_origin(store: Arc<dyn Store>) {
    let mut first = payment_method("p1", Some("c1"));
    first.from_token_mac = Some([5; 32]);
    let changes = vec![Change::InsertCustomer(customer("c1")), Change::InsertPaymentMethod(first.clone())];
    store.apply(&tenant(), changes).await.unwrap();
    let mut second = payment_method("p1", None);
    second.display = bank_display();
    second.sealed = vec![7];
    second.fingerprint = "another".to_owned();
    second.flags = vec!["applepay".to_owned()];
    second.mandate = Some(Box::new(mandate()));
    second.created_at_ms = 0;
    second.sealed_at_ms = NOW_MS + 3;
    second.updated_at_ms = NOW_MS + 4;
    store.apply(&tenant(), vec![Change::UpdatePaymentMethod(second.clone())]).await.unwrap();
    second.customer_id = first.customer_id.clone();
    second.from_token_mac = first.from_token_mac;
    second.created_at_ms = first.created_at_ms;
    second.version = 2;
    assert_eq!(store.payment_method(&tenant(), &first.id).await.unwrap(), Some(second));
    let mut third = store.payment_method(&tenant(), &first.id).await.unwrap().unwrap();
    third.mandate = None;
    store.apply(&tenant(), vec![Change::UpdatePaymentMethod(third)]).await.unwrap();
    let kept = store.payment_method(&tenant(), &first.id).await.unwrap().unwrap();
    assert_eq!((kept.mandate, kept.version), (None, 3), "an account that nobody agreed for");
    let late = store.apply(&tenant(), vec![Change::UpdatePaymentMethod(first)]).await;
    assert_eq!(late, Err(StoreError::PaymentMethodChanged));
    let missing = vec![Change::UpdatePaymentMethod(payment_method("p9", None))];
    assert_eq!(store.apply(&tenant(), missing).await, Err(StoreError::PaymentMethodMissing));
}

pub(crate) async fn a_deleted_one_is_no_default_any_more(store: Arc<dyn Store>) {
    let (c1, p1, p2) = (CustomerId::new("c1"), PaymentMethodId::new("p1"), PaymentMethodId::new("p2"));
    let default = |id: &PaymentMethodId| Change::DefaultPaymentMethodIfNone {
        customer: c1.clone(),
        id: id.clone(),
        now_ms: NOW_MS,
    };
    let changes = vec![
        Change::InsertCustomer(customer("c1")),
        Change::InsertPaymentMethod(payment_method("p1", Some("c1"))),
        Change::InsertPaymentMethod(payment_method("p2", Some("c1"))),
        default(&p1),
        default(&p2),
    ];
    store.apply(&tenant(), changes).await.unwrap();
    let read = async || store.customer(&tenant(), &c1).await.unwrap().unwrap().default_payment_method_id;
    assert_eq!(read().await, Some(p1.clone()), "the first stays");
    let delete = |id: &PaymentMethodId| vec![Change::DeletePaymentMethod { id: id.clone(), now_ms: NOW_MS }];
    store.apply(&tenant(), delete(&p2)).await.unwrap();
    assert_eq!(read().await, Some(p1.clone()), "another one's end changes nothing");
    store.apply(&tenant(), delete(&p1)).await.unwrap();
    assert_eq!(read().await, None);
    assert_eq!(store.apply(&tenant(), delete(&p1)).await, Err(StoreError::PaymentMethodMissing));
}

pub(crate) async fn lists_tell_owners_apart(store: Arc<dyn Store>) {
    let mut changes = vec![Change::InsertCustomer(customer("c1")), Change::InsertCustomer(customer("c2"))];
    for (at_ms, (id, owner)) in
        (1..).zip([("a", Some("c1")), ("b", None), ("c", Some("c2")), ("d", Some("c1")), ("e", None)])
    {
        let mut method = payment_method(id, owner);
        method.created_at_ms = at_ms;
        changes.push(Change::InsertPaymentMethod(method));
    }
    store.apply(&tenant(), changes).await.unwrap();
    let list = async |holding: Holding, limit, after: Option<&str>| {
        let page = Page { limit, after: after.map(str::to_owned) };
        let listed = store.payment_methods(&tenant(), &holding, &page).await.unwrap();
        let ids: Vec<_> = listed.items.iter().map(|method| method.id.as_str().to_owned()).collect();
        (ids.concat(), listed.next.is_some())
    };
    let c1 = Holding::Customer(CustomerId::new("c1"));
    assert_eq!(list(c1.clone(), 9, None).await, ("da".to_owned(), false));
    assert_eq!(list(c1.clone(), 1, None).await, ("d".to_owned(), true));
    assert_eq!(list(c1, 1, Some("d")).await, ("a".to_owned(), false));
    assert_eq!(list(Holding::Orphans, 9, None).await, ("eb".to_owned(), false));
    assert_eq!(list(Holding::Any, 4, None).await, ("edcb".to_owned(), true));
    assert_eq!(list(Holding::Customer(CustomerId::new("c9")), 4, None).await, (String::new(), false));
}

pub(crate) async fn a_page_of_methods_goes_on_behind_what_was_deleted(store: Arc<dyn Store>) {
    let changes = ["a", "b", "c", "d"].map(|id| Change::InsertPaymentMethod(payment_method(id, None)));
    store.apply(&tenant(), changes.into()).await.unwrap();
    let first = store.payment_methods(&tenant(), &Holding::Orphans, &Page { limit: 2, after: None }).await;
    let first = first.unwrap();
    for item in &first.items {
        let delete = Change::DeletePaymentMethod { id: item.id.clone(), now_ms: NOW_MS };
        store.apply(&tenant(), vec![delete]).await.unwrap();
    }
    let page = Page { limit: 2, after: Some(first.next.unwrap()) };
    let rest = store.payment_methods(&tenant(), &Holding::Orphans, &page).await.unwrap();
    let ids: Vec<_> = rest.items.iter().map(|method| method.id.as_str()).collect();
    assert_eq!((ids, rest.next), (vec!["b", "a"], None));
}
