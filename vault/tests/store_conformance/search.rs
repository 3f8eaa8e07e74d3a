//! The search among customers.

use std::sync::Arc;

use vault::{
    domain::{AddressId, Comparison, Criterion, CustomerId, PaymentMethodId, Search, SearchField, TimeRange},
    store::{Change, Store},
};

use crate::samples::{
    NOW_MS, bank_display, customer, full_address, full_customer, other_tenant, payment_method, tenant,
};

async fn found(store: &Arc<dyn Store>, search: Search) -> (String, u64) {
    let found = store.search_customers(&tenant(), &search).await.unwrap();
    let ids: Vec<_> = found.items.iter().map(|customer| customer.id.as_str().to_owned()).collect();
    (ids.concat(), found.total)
}

fn by(criteria: &[(SearchField, Comparison, &str)]) -> Search {
    let criteria = criteria
        .iter()
        .map(|(field, comparison, value)| Criterion {
            field: *field,
            comparison: *comparison,
            value: (*value).to_owned(),
        })
        .collect();
    Search { criteria, limit: 10, ..Search::default() }
}

pub(crate) async fn every_field_is_found_and_excluded(store: Arc<dyn Store>) {
    let mut one = full_customer("A");
    one.created_at_ms = NOW_MS + 1;
    one.default_billing_address_id = Some(AddressId::new("a1"));
    one.default_shipping_address_id = Some(AddressId::new("a2"));
    one.default_payment_method_id = Some(PaymentMethodId::new("p1"));
    let mut account = payment_method("p1", Some("A"));
    account.display = bank_display();
    let changes = vec![
        Change::InsertCustomer(one.clone()),
        Change::InsertAddress(full_address("a1", "A")),
        Change::InsertAddress(full_address("a2", "A")),
        Change::InsertPaymentMethod(account),
        Change::InsertCustomer(customer("B")),
        Change::InsertPaymentMethod(payment_method("p2", Some("B"))),
    ];
    store.apply(&tenant(), changes).await.unwrap();
    for field in SearchField::ALL {
        let value = match field {
            SearchField::Id => "A",
            SearchField::AddressId => "a2",
            SearchField::FirstName => "first name of a1",
            SearchField::LastName => "last name of a2",
            SearchField::FullName => {
                "first name of A, with 'quotes' and \u{1F600} last name of A, with 'quotes' and \u{1F600}"
            }
            SearchField::Reference => "reference of A, with 'quotes' and \u{1F600}",
            SearchField::PaymentMethodId => "p1",
            SearchField::Company => "company of a1",
            SearchField::AddressLine1 => "line 1 of a1",
            SearchField::AddressLine2 => "line 2 of a2",
            SearchField::City => "city of a2",
            SearchField::State => "state of a1",
            SearchField::PostalCode => "postal code of a2",
            SearchField::Country => "country of a1",
            SearchField::Email => "email of a2",
            SearchField::Phone => "phone of a1",
            SearchField::Fax => "fax of a2",
            SearchField::PaymentMethodType => "ach",
            SearchField::BillingAddressId => "a1",
            SearchField::ShippingAddressId => "a2",
        };
        let (equals, differs) = (Comparison::Equals, Comparison::Differs);
        assert_eq!(found(&store, by(&[(field, equals, value)])).await, ("A".to_owned(), 1), "{field:?}");
        assert_eq!(found(&store, by(&[(field, differs, value)])).await, ("B".to_owned(), 1), "{field:?}");
        for other in ["%", "a", "' OR 1=1 --", &value.to_uppercase()] {
            if other != value {
                assert_eq!(found(&store, by(&[(field, equals, other)])).await.1, 0, "{field:?} {other}");
                assert_eq!(found(&store, by(&[(field, differs, other)])).await.1, 2, "{field:?} {other}");
            }
        }
    }
    // The customer's own names count like those of its addresses, and all criteria must hold.
    let own = one.first_name.as_deref().unwrap();
    let both = [
        (SearchField::FirstName, Comparison::Equals, own),
        (SearchField::City, Comparison::Equals, "city of a1"),
    ];
    assert_eq!(found(&store, by(&both)).await, ("A".to_owned(), 1));
    let neither =
        [(SearchField::FirstName, Comparison::Equals, own), (SearchField::Id, Comparison::Differs, "A")];
    assert_eq!(found(&store, by(&neither)).await, (String::new(), 0));
    assert_eq!(
        found(&store, by(&[(SearchField::PaymentMethodType, Comparison::Equals, "card")])).await.0,
        "B"
    );
}

pub(crate) async fn ranges_limit_offset_and_total(store: Arc<dyn Store>) {
    for (index, id) in (0..).zip(["a", "b", "c", "d", "e"]) {
        let mut new = customer(id);
        new.created_at_ms = index * 10;
        new.updated_at_ms = 1000 - index * 10;
        store.apply(&tenant(), vec![Change::InsertCustomer(new)]).await.unwrap();
    }
    let range = |from_ms, until_ms| TimeRange { from_ms, until_ms };
    let all = Search { limit: 10, ..Search::default() };
    assert_eq!(found(&store, all.clone()).await, ("edcba".to_owned(), 5));
    let page = Search { limit: 2, offset: 1, ..all.clone() };
    assert_eq!(found(&store, page).await, ("dc".to_owned(), 5));
    let beyond = Search { offset: 9, ..all.clone() };
    assert_eq!(found(&store, beyond).await, (String::new(), 5));
    let created = Search { created: range(Some(10), Some(30)), ..all.clone() };
    assert_eq!(found(&store, created.clone()).await, ("dcb".to_owned(), 3));
    let updated = Search { updated: range(Some(980), None), ..created };
    assert_eq!(found(&store, updated).await, ("cb".to_owned(), 2));
    let until = Search { created: range(None, Some(0)), ..all };
    assert_eq!(found(&store, until).await, ("a".to_owned(), 1));
}

pub(crate) async fn addresses_count_for_their_owner_only(store: Arc<dyn Store>) {
    let changes = |id: &str| {
        vec![Change::InsertCustomer(customer(id)), Change::InsertAddress(full_address(&format!("{id}1"), id))]
    };
    store.apply(&tenant(), changes("A")).await.unwrap();
    // Another merchant may have the same ids.
    store.apply(&other_tenant(), changes("A")).await.unwrap();
    store.apply(&other_tenant(), changes("B")).await.unwrap();
    let city = by(&[(SearchField::City, Comparison::Equals, "city of B1")]);
    assert_eq!(found(&store, city).await, (String::new(), 0));
    let delete = vec![Change::DeleteCustomer(CustomerId::new("A"))];
    store.apply(&tenant(), delete).await.unwrap();
    assert_eq!(found(&store, by(&[])).await.1, 0);
    let theirs = store.search_customers(&other_tenant(), &by(&[])).await.unwrap();
    assert_eq!(theirs.total, 2);
}
