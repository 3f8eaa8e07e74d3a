//! Guards that look at one row and write another hold when others write both at the same time; and texts that
//! PostgreSQL cannot hold.

use std::sync::Arc;

use vault::{
    domain::{
        Address, AddressId, Comparison, Criterion, Customer, CustomerId, PaymentMethodId, Search, SearchField,
    },
    store::{Change, Store, StoreError},
};

use crate::{
    ledger::{Ledger, NOW_MS, payment_method, tenant},
    private_postgres::{fresh_store, fresh_store_at},
};

const ROUNDS: usize = 100;

/// PostgreSQL's own, and those that other engines have instead.
const ISOLATIONS: [&str; 3] = ["read committed", "repeatable read", "serializable"];

async fn both(store: &Arc<dyn Store>, one: Vec<Change>, other: Vec<Change>) -> [Result<u64, StoreError>; 2] {
    let run = |changes| {
        let store = Arc::clone(store);
        tokio::spawn(async move { store.apply(&tenant(), changes).await })
    };
    let (one, other) = (run(one), run(other));
    [one.await.unwrap(), other.await.unwrap()]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_left_of_a_customer_that_is_deleted_meanwhile() {
    for isolation in ISOLATIONS {
        delete_meanwhile(Arc::new(fresh_store_at(isolation).await)).await;
    }
}

async fn delete_meanwhile(store: Arc<dyn Store>) {
    let mut refused = 0;
    for round in 0..ROUNDS {
        let id = CustomerId::new(format!("c{round}"));
        let new = vec![Change::InsertCustomer(Customer::new(id.clone(), NOW_MS))];
        store.apply(&tenant(), new).await.unwrap();
        let mut method = payment_method(&format!("p{round}"));
        method.customer_id = Some(id.clone());
        let method_id = method.id.clone();
        let gift = vec![
            Change::InsertAddress(Address::new(AddressId::new(format!("a{round}")), id.clone(), NOW_MS)),
            Change::InsertPaymentMethod(method),
        ];
        let [given, deleted] = both(&store, gift, vec![Change::DeleteCustomer(id.clone())]).await;
        match given {
            Ok(_) => {}
            Err(StoreError::CustomerMissing) => refused += 1,
            Err(other) => panic!("{other}"),
        }
        assert!(deleted.is_ok());
        assert_eq!(store.any_payment_method(&tenant(), &method_id).await.unwrap(), None);
        assert!(store.addresses(&tenant(), &id).await.unwrap().is_empty());
    }
    assert!(refused > 0, "the deletion was never first: this proves nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_default_points_to_what_is_deleted_meanwhile() {
    for isolation in ISOLATIONS {
        choose_meanwhile(Arc::new(fresh_store_at(isolation).await)).await;
    }
}

async fn choose_meanwhile(store: Arc<dyn Store>) {
    for round in 0..ROUNDS {
        let mut customer = Customer::new(CustomerId::new(format!("c{round}")), NOW_MS);
        let (method, address) =
            (PaymentMethodId::new(format!("p{round}")), AddressId::new(format!("a{round}")));
        let mut owned = payment_method(method.as_str());
        // An orphan in every second round: it becomes the customer's while it is deleted.
        let is_orphan = round % 2 == 0;
        owned.customer_id = (!is_orphan).then(|| customer.id.clone());
        let changes = vec![
            Change::InsertCustomer(customer.clone()),
            Change::InsertAddress(Address::new(address.clone(), customer.id.clone(), NOW_MS)),
            Change::InsertPaymentMethod(owned),
        ];
        store.apply(&tenant(), changes).await.unwrap();
        customer.default_payment_method_id = Some(method.clone());
        customer.default_billing_address_id = Some(address.clone());
        let mut choose = Vec::new();
        if is_orphan {
            let customer = customer.id.clone();
            choose.push(Change::AttachPaymentMethod { id: method.clone(), customer, now_ms: NOW_MS });
        }
        choose.push(Change::UpdateCustomer(customer.clone()));
        let delete = vec![
            Change::DeletePaymentMethod { id: method.clone(), now_ms: NOW_MS },
            Change::DeleteAddress { customer: customer.id.clone(), id: address.clone(), now_ms: NOW_MS },
        ];
        let [chosen, deleted] = both(&store, choose, delete).await;
        let chosen_error = chosen.err();
        assert!(
            matches!(
                chosen_error,
                None | Some(StoreError::PaymentMethodMissing | StoreError::AddressMissing)
            ),
            "{chosen_error:?}"
        );
        assert!(deleted.is_ok(), "{deleted:?}");
        let kept = store.customer(&tenant(), &customer.id).await.unwrap().unwrap();
        assert_eq!((kept.default_payment_method_id, kept.default_billing_address_id), (None, None));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_token_has_one_winner_at_every_isolation() {
    for isolation in ISOLATIONS {
        let store: Arc<dyn Store> = Arc::new(fresh_store_at(isolation).await);
        let ledger = Ledger::default();
        let spenders = vec![Arc::clone(&store); 16];
        for _ in 0..50 {
            ledger.one_token(&store, &spenders).await;
        }
        let verdict = ledger.judge(&*store).await;
        verdict.assert_holds();
        assert_eq!((verdict.won, verdict.unknown), (50, 0), "{isolation}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_character_is_kept_and_asked_for() {
    let store = fresh_store().await;
    let mut customer = Customer::new(CustomerId::new("c\0"), NOW_MS);
    customer.first_name = Some("A\0da \u{10FFFF}".to_owned());
    customer.metadata.insert("a\0".to_owned(), "b\0".into());
    store.apply(&tenant(), vec![Change::InsertCustomer(customer.clone())]).await.unwrap();
    assert_eq!(store.customer(&tenant(), &customer.id).await.unwrap().as_ref(), Some(&customer));
    assert_eq!(store.customer(&tenant(), &CustomerId::new("c")).await.unwrap(), None);
    assert_eq!(store.api_key("\0").await.unwrap(), None);
    for (value, comparison, total) in [
        ("A\0da \u{10FFFF}", Comparison::Equals, 1),
        ("\0DA", Comparison::Contains, 1),
        ("\0b", Comparison::Contains, 0),
    ] {
        let field = SearchField::FirstName;
        let criteria = vec![Criterion { field, comparison, value: value.to_owned() }];
        let search = Search { criteria, limit: 10, ..Search::default() };
        assert_eq!(store.search_customers(&tenant(), &search).await.unwrap().total, total, "{value:?}");
    }
}
