//! Many requests at once: one winner for each token, no lost update.

use std::collections::HashSet;

use serde_json::json;
use tokio::task::JoinSet;

use crate::shop::{Shop, address};

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
