//! Customers and addresses.

use std::sync::Arc;

use vault::{
    domain::{AddressId, CustomerId, PaymentMethodId},
    store::{Change, Page, Store, StoreError},
};

use crate::samples::{
    NOW_MS, address, customer, full_address, full_customer, other_tenant, payment_method, tenant,
};

pub(crate) async fn a_customer_reads_back_whole(store: Arc<dyn Store>) {
    let kept = full_customer("c1");
    store.apply(&tenant(), vec![Change::InsertCustomer(kept.clone())]).await.unwrap();
    assert_eq!(store.customer(&tenant(), &kept.id).await.unwrap(), Some(kept.clone()));
    let bare = customer("c2");
    store.apply(&tenant(), vec![Change::InsertCustomer(bare.clone())]).await.unwrap();
    assert_eq!(store.customer(&tenant(), &bare.id).await.unwrap(), Some(bare));
    let again = store.apply(&tenant(), vec![Change::InsertCustomer(customer("c1"))]).await;
    assert_eq!(again, Err(StoreError::CustomerExists));
    assert_eq!(store.customer(&tenant(), &kept.id).await.unwrap(), Some(kept));
    assert_eq!(store.customer(&tenant(), &CustomerId::new("c3")).await.unwrap(), None);
}

pub(crate) async fn an_update_needs_the_version_it_was_made_from(store: Arc<dyn Store>) {
    let first = customer("c1");
    store.apply(&tenant(), vec![Change::InsertCustomer(first.clone())]).await.unwrap();
    let mut second = full_customer("c1");
    second.updated_at_ms = NOW_MS + 5;
    second.created_at_ms = 0;
    store.apply(&tenant(), vec![Change::UpdateCustomer(second.clone())]).await.unwrap();
    let read = store.customer(&tenant(), &first.id).await.unwrap().unwrap();
    second.created_at_ms = NOW_MS;
    second.version = 2;
    assert_eq!(read, second);
    // Made from the first version, which is gone.
    let late = store.apply(&tenant(), vec![Change::UpdateCustomer(first)]).await;
    assert_eq!(late, Err(StoreError::CustomerChanged));
    assert_eq!(store.customer(&tenant(), &read.id).await.unwrap(), Some(read));
    let missing = store.apply(&tenant(), vec![Change::UpdateCustomer(customer("c9"))]).await;
    assert_eq!(missing, Err(StoreError::CustomerMissing));
}

pub(crate) async fn a_default_must_be_its_own(store: Arc<dyn Store>) {
    let changes = vec![
        Change::InsertCustomer(customer("c1")),
        Change::InsertCustomer(customer("c2")),
        Change::InsertPaymentMethod(payment_method("p2", Some("c2"))),
        Change::InsertAddress(address("a2", "c2")),
    ];
    store.apply(&tenant(), changes).await.unwrap();
    let mut changed = customer("c1");
    changed.default_payment_method_id = Some(PaymentMethodId::new("p2"));
    let outcome = store.apply(&tenant(), vec![Change::UpdateCustomer(changed.clone())]).await;
    assert_eq!(outcome, Err(StoreError::PaymentMethodMissing));
    changed.default_payment_method_id = None;
    changed.default_shipping_address_id = Some(AddressId::new("a2"));
    let outcome = store.apply(&tenant(), vec![Change::UpdateCustomer(changed)]).await;
    assert_eq!(outcome, Err(StoreError::AddressMissing));
    assert_eq!(store.customer(&tenant(), &CustomerId::new("c1")).await.unwrap(), Some(customer("c1")));
    let mut own = customer("c2");
    own.default_payment_method_id = Some(PaymentMethodId::new("p2"));
    own.default_billing_address_id = Some(AddressId::new("a2"));
    store.apply(&tenant(), vec![Change::UpdateCustomer(own)]).await.unwrap();
}

pub(crate) async fn deleting_a_customer_deletes_what_it_has(store: Arc<dyn Store>) {
    let changes = vec![
        Change::InsertCustomer(customer("c1")),
        Change::InsertCustomer(customer("c2")),
        Change::InsertAddress(address("a1", "c1")),
        Change::InsertAddress(address("a2", "c2")),
        Change::InsertPaymentMethod(payment_method("p1", Some("c1"))),
        Change::InsertPaymentMethod(payment_method("p2", Some("c2"))),
        Change::InsertPaymentMethod(payment_method("p3", None)),
    ];
    store.apply(&tenant(), changes).await.unwrap();
    let delete = vec![Change::DeleteCustomer(CustomerId::new("c1"))];
    assert_eq!(store.apply(&tenant(), delete.clone()).await, Ok(3));
    assert_eq!(store.apply(&tenant(), delete).await, Err(StoreError::CustomerMissing));
    for (id, is_there) in [("p1", false), ("p2", true), ("p3", true)] {
        let method = store.payment_method(&tenant(), &PaymentMethodId::new(id)).await.unwrap();
        assert_eq!(method.is_some(), is_there, "{id}");
    }
    assert_eq!(store.addresses(&tenant(), &CustomerId::new("c1")).await.unwrap(), []);
    assert_eq!(store.addresses(&tenant(), &CustomerId::new("c2")).await.unwrap().len(), 1);
}

pub(crate) async fn addresses_belong_to_one_customer(store: Arc<dyn Store>) {
    let (c1, c2, a1) = (CustomerId::new("c1"), CustomerId::new("c2"), AddressId::new("a1"));
    let mut owner = customer("c1");
    owner.default_billing_address_id = Some(a1.clone());
    owner.default_shipping_address_id = Some(AddressId::new("a2"));
    let kept = full_address("a1", "c1");
    let changes = vec![
        Change::InsertCustomer(owner),
        Change::InsertCustomer(customer("c2")),
        Change::InsertAddress(kept.clone()),
        Change::InsertAddress(address("a2", "c1")),
    ];
    store.apply(&tenant(), changes).await.unwrap();
    assert_eq!(store.address(&tenant(), &c1, &a1).await.unwrap(), Some(kept.clone()));
    assert_eq!(store.address(&tenant(), &c2, &a1).await.unwrap(), None);
    assert_eq!(store.addresses(&tenant(), &c1).await.unwrap(), [kept, address("a2", "c1")]);

    for (change, refusal) in [
        (Change::InsertAddress(address("a1", "c2")), StoreError::AddressExists),
        (Change::InsertAddress(address("a9", "c9")), StoreError::CustomerMissing),
        (Change::UpdateAddress(address("a1", "c2")), StoreError::AddressMissing),
        (
            Change::DeleteAddress { customer: c2.clone(), id: a1.clone(), now_ms: NOW_MS },
            StoreError::AddressMissing,
        ),
    ] {
        assert_eq!(store.apply(&tenant(), vec![change]).await, Err(refusal));
    }
    let mut changed = address("a1", "c1");
    changed.city = Some("Paris".to_owned());
    changed.updated_at_ms = NOW_MS + 1;
    store.apply(&tenant(), vec![Change::UpdateAddress(changed.clone())]).await.unwrap();
    assert_eq!(store.address(&tenant(), &c1, &a1).await.unwrap(), Some(changed));

    // A deleted address is no default any more; the other one still is.
    let delete = Change::DeleteAddress { customer: c1.clone(), id: a1.clone(), now_ms: NOW_MS + 2 };
    store.apply(&tenant(), vec![delete]).await.unwrap();
    let owner = store.customer(&tenant(), &c1).await.unwrap().unwrap();
    assert_eq!(owner.default_billing_address_id, None);
    assert_eq!(owner.default_shipping_address_id, Some(AddressId::new("a2")));
    assert_eq!((owner.version, owner.updated_at_ms), (2, NOW_MS + 2));
}

pub(crate) async fn customers_are_paged_newest_first(store: Arc<dyn Store>) {
    for (id, at_ms) in [("a", 1), ("b", 3), ("c", 2), ("d", 3)] {
        let mut new = customer(id);
        new.created_at_ms = at_ms;
        store.apply(&tenant(), vec![Change::InsertCustomer(new)]).await.unwrap();
    }
    let page = async |limit, after: Option<&str>| {
        let page = Page { limit, after: after.map(str::to_owned) };
        let listed = store.customers(&tenant(), &page).await.unwrap();
        let ids: Vec<_> = listed.items.iter().map(|customer| customer.id.as_str().to_owned()).collect();
        (ids.concat(), listed.next.is_some())
    };
    assert_eq!(page(4, None).await, ("dbca".to_owned(), false));
    assert_eq!(page(3, None).await, ("dbc".to_owned(), true));
    assert_eq!(page(2, Some("d")).await, ("bc".to_owned(), true));
    assert_eq!(page(2, Some("b")).await, ("ca".to_owned(), false));
    assert_eq!(page(2, Some("a")).await, (String::new(), false));
    let unknown = store.customers(&tenant(), &Page { limit: 1, after: Some("x".to_owned()) }).await;
    assert_eq!(unknown, Err(StoreError::CursorUnknown));
}

pub(crate) async fn a_page_goes_on_behind_what_was_deleted(store: Arc<dyn Store>) {
    for (id, at_ms) in [("a", 1), ("b", 2), ("c", 2), ("d", 3)] {
        let mut new = customer(id);
        new.created_at_ms = at_ms;
        store.apply(&tenant(), vec![Change::InsertCustomer(new)]).await.unwrap();
    }
    let first = store.customers(&tenant(), &Page { limit: 2, after: None }).await.unwrap();
    for item in &first.items {
        store.apply(&tenant(), vec![Change::DeleteCustomer(item.id.clone())]).await.unwrap();
    }
    let rest = Page { limit: 2, after: Some(first.next.unwrap()) };
    let rest = store.customers(&tenant(), &rest).await.unwrap();
    let ids: Vec<_> = rest.items.iter().map(|customer| customer.id.as_str()).collect();
    assert_eq!((ids, rest.next), (vec!["b", "a"], None));
}

pub(crate) async fn a_record_is_read_whole_and_at_one_moment(store: Arc<dyn Store>) {
    let id = CustomerId::new("c1");
    assert_eq!(store.customer_record(&tenant(), &id).await.unwrap(), None);
    let (a1, a2) = (full_address("a1", "c1"), address("a2", "c1"));
    let methods: Vec<_> = (0..250).map(|n| payment_method(&format!("p{n:03}"), Some("c1"))).collect();
    let changes = [Change::InsertCustomer(full_customer("c1")), Change::InsertCustomer(customer("c2"))]
        .into_iter()
        .chain([Change::InsertAddress(a1.clone()), Change::InsertAddress(a2.clone())])
        .chain([Change::InsertPaymentMethod(payment_method("other", Some("c2")))])
        .chain(methods.iter().cloned().map(Change::InsertPaymentMethod));
    store.apply(&tenant(), changes.collect()).await.unwrap();
    let record = store.customer_record(&tenant(), &id).await.unwrap().unwrap();
    assert_eq!(record.customer, full_customer("c1"));
    assert_eq!(record.addresses, [a1, a2]);
    assert_eq!(record.payment_methods, methods);
    assert_eq!(store.customer_record(&other_tenant(), &id).await.unwrap(), None);

    // Somebody adds a payment method and makes it the default, again and again: whoever reads sees a
    // default that is there, and as many methods as the version tells.
    let writer = {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            for n in 0..100 {
                let mut new = store.customer(&tenant(), &CustomerId::new("c2")).await.unwrap().unwrap();
                let method = payment_method(&format!("x{n:03}"), Some("c2"));
                new.default_payment_method_id = Some(method.id.clone());
                let changes = vec![Change::InsertPaymentMethod(method), Change::UpdateCustomer(new)];
                store.apply(&tenant(), changes).await.unwrap();
            }
        })
    };
    let id = CustomerId::new("c2");
    while !writer.is_finished() {
        let record = store.customer_record(&tenant(), &id).await.unwrap().unwrap();
        assert_eq!(i64::try_from(record.payment_methods.len()).unwrap(), record.customer.version);
        let default = record.customer.default_payment_method_id;
        let newest = record.payment_methods.iter().map(|method| &method.id).max();
        assert!(default.is_none() || default.as_ref() == newest, "{default:?} {newest:?}");
    }
    writer.await.unwrap();
}
