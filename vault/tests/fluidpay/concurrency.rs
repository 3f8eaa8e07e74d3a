//! Many requests at once: one winner for each token, no lost update.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use tokio::task::JoinSet;
use vault::domain::{CustomerId, PaymentMethodId};
use vault::store::Change;
use vault::vaulting::NewPaymentMethod;

use crate::shop::{Shop, address, card};
use crate::support::fresh_key;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_sixteen_spenders_wins() {
    let shop = Shop::open().await;
    for round in 0..10 {
        let token = shop.card_token("4111111111111111").await;
        let customer = shop.customer(json!({"id": format!("race{round}")})).await;
        let mut tasks = JoinSet::new();
        for spender in 0..16 {
            let (shop, token, customer) = (shop.clone(), token.clone(), customer.clone());
            tasks.spawn(async move {
                if spender % 2 == 0 {
                    shop.post("/api/vault/customer", json!({"default_payment": {"token": token}})).await
                } else {
                    shop.post(&format!("/api/vault/customer/{customer}/token"), json!({"token": token})).await
                }
            });
        }
        let answers = tasks.join_all().await;
        let winners = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(winners, 1, "round {round}");
        for answer in answers.iter().filter(|answer| answer.status != 200) {
            assert_eq!((answer.status, &answer.body["code"]), (409, &json!("token_already_used")));
        }
    }
    let cards: usize = shop.search(json!({"limit": 100})).await.body["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|record| record["data"]["customer"]["payments"]["cards"].as_array().unwrap().len())
        .sum();
    assert_eq!(cards, 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_update_is_lost() {
    let shop = Shop::open().await;
    let id = shop.customer(json!({})).await;
    let mut tasks = JoinSet::new();
    for number in 0..12 {
        let (shop, id) = (shop.clone(), id.clone());
        tasks.spawn(async move {
            let path = format!("/api/vault/customer/{id}");
            match number % 3 {
                0 => shop.post(&format!("{path}/address"), address(&format!("Town {number}"))).await,
                1 => shop.post(&path, json!({"description": "described"})).await,
                _ => shop.post(&path, json!({"notes": "noted"})).await,
            }
        });
    }
    for answer in tasks.join_all().await {
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    let record = shop.get(&format!("/api/vault/{id}")).await.record();
    let customer = &record["data"]["customer"];
    assert_eq!((&customer["description"], &customer["notes"]), (&json!("described"), &json!("noted")));
    let addresses = customer["addresses"].as_array().unwrap();
    let ids: HashSet<&str> = addresses.iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 4);
    assert!(ids.contains(customer["defaults"]["billing_address_id"].as_str().unwrap()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_changes_of_one_customer_all_succeed() {
    let shop = Shop::open().await;
    let id = shop.customer(json!({})).await;
    let mut tasks = JoinSet::new();
    for number in 0..100 {
        let (shop, path) = (shop.clone(), format!("/api/vault/customer/{id}"));
        tasks.spawn(async move {
            if number % 5 < 2 {
                shop.post(&format!("{path}/card"), card()).await
            } else {
                shop.post(&path, json!({"notes": format!("note {number}")})).await
            }
        });
    }
    for answer in tasks.join_all().await {
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    let record = shop.get(&format!("/api/vault/{id}")).await.record();
    assert_eq!(record["data"]["customer"]["payments"]["cards"].as_array().unwrap().len(), 40);
}

#[tokio::test]
async fn a_change_is_given_up_after_ten_seconds_of_ever_longer_waits() {
    let (shop, store) = Shop::on_failing_store().await;
    let id = shop.customer(json!({})).await;
    store.contend();
    // From here on, time is only what the waits between the tries take.
    tokio::time::pause();
    let start = tokio::time::Instant::now();
    let refused = shop.post_configured(&format!("/api/vault/customer/{id}"), json!({"notes": "x"})).await;
    refused.refused(409, "changed_meanwhile", None);
    let waited_ms = start.elapsed().as_millis();
    assert!((10_000..10_600).contains(&waited_ms), "{waited_ms}");
    // On average half of 512 ms from the eighth wait on.
    assert!((25..100).contains(&store.refused()), "{}", store.refused());
}

/// While the look-up key changes an attempt has two rows, the newer with its answer, which are read one after the other.
#[tokio::test]
async fn an_attempt_that_comes_into_being_between_two_looks_is_answered() {
    let (shop, store) = Shop::on_failing_store().await;
    shop.begin_new_lookup_key().await;
    let key = fresh_key();
    let first = shop.attempt(&key).await.expect(201);
    store.hide_attempt();
    assert_eq!(shop.attempt(&key).await.expect(200), first);
}

/// The writer replaces the default and deletes the one before, in one transaction: no reader may see a
/// customer without its default, or none at all.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_customer_with_many_methods_is_read_at_one_moment_while_they_are_deleted() {
    const METHODS: usize = 230;
    let shop = Shop::open().await;
    let id = shop.customer(json!({"id": "many"})).await;
    let (tenant, customer_id) = (shop.tenant().await, CustomerId::new(&*id));
    let ids: Vec<_> = (0..METHODS).map(|number| PaymentMethodId::new(format!("method{number:03}"))).collect();
    let draft = || {
        instrument::Draft::Card(instrument::CardDraft {
            number: instrument::Secret::new("4111111111111111".to_owned()),
            expiry: instrument::Secret::new("12/30".to_owned()),
            code: None,
            holder: None,
            preferred_scheme: None,
        })
    };
    let mut changes = Vec::new();
    for id in &ids {
        let new = NewPaymentMethod::new(id.clone(), Some(customer_id.clone()));
        let checked = shop.vaulting().check(draft()).unwrap();
        let method = shop.vaulting().payment_method(&tenant, checked, new).unwrap();
        changes.push(Change::InsertPaymentMethod(method));
    }
    let store = shop.vaulting().store();
    store.apply(&tenant, changes).await.unwrap();
    let set_default = async |id: &PaymentMethodId, then: Vec<Change>| {
        let mut customer = store.customer(&tenant, &customer_id).await.unwrap().unwrap();
        customer.default_payment_method_id = Some(id.clone());
        let changes = [Change::UpdateCustomer(customer)].into_iter().chain(then).collect();
        store.apply(&tenant, changes).await.unwrap();
    };
    set_default(&ids[0], Vec::new()).await;

    let over = Arc::new(AtomicBool::new(false));
    let mut readers = JoinSet::new();
    for number in 0..3 {
        let (shop, over) = (shop.clone(), Arc::clone(&over));
        readers.spawn(async move {
            let mut before = METHODS;
            while !over.load(Ordering::SeqCst) {
                let record = if number == 0 {
                    shop.search(json!({})).await.body["data"][0].clone()
                } else {
                    shop.get("/api/vault/many").await.record()
                };
                let customer: &Value = &record["data"]["customer"];
                let methods = customer["payments"]["cards"].as_array().unwrap();
                assert!(methods.len() <= before, "a deleted method came back");
                before = methods.len();
                let default = &customer["defaults"]["payment_method_id"];
                assert!(methods.iter().any(|method| method["id"] == *default), "{default}");
            }
        });
    }
    for pair in ids.windows(2) {
        let delete = Change::DeletePaymentMethod { id: pair[0].clone(), now_ms: shop.vaulting().now_ms() };
        set_default(&pair[1], vec![delete]).await;
    }
    over.store(true, Ordering::SeqCst);
    readers.join_all().await;
    let last = shop.get("/api/vault/many").await.record();
    assert_eq!(last["data"]["customer"]["payments"]["cards"].as_array().unwrap().len(), 1);
}
