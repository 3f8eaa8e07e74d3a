//! Many requests at once: one winner for each token, no lost update.

use std::collections::HashSet;

use serde_json::json;
use tokio::task::JoinSet;

use crate::shop::{Shop, card};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_sixteen_spenders_wins() {
    let shop = Shop::open().await;
    let customer = shop.customer().await["_id"].as_str().unwrap().to_owned();
    for round in 0..6 {
        let token = shop.token(card("4111111111111111")).await;
        let mut tasks = JoinSet::new();
        for spender in 0..16 {
            let (shop, token, customer) = (shop.clone(), token.clone(), customer.clone());
            tasks.spawn(async move {
                match spender % 4 {
                    0 => shop.post("/v1/customers", json!({"token": token})).await,
                    1 => shop.post("/v1/vault/payment_sources", json!({"token": token})).await,
                    2 => shop.post(&format!("/v1/customers/{customer}"), json!({"token": token})).await,
                    _ => {
                        let body = json!({"token": token, "amount": 5, "currency": "AUD"});
                        shop.post("/v1/charges", body).await
                    }
                }
            });
        }
        let answers = tasks.join_all().await;
        let winners = answers.iter().filter(|answer| matches!(answer.status, 200 | 201)).count();
        assert_eq!(winners, 1, "round {round}");
        for answer in answers.iter().filter(|answer| answer.status >= 300) {
            answer.refused(400, "unfulfilled_condition", "token_already_used", Some("token"));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_update_is_lost() {
    let shop = Shop::open().await;
    let path = format!("/v1/customers/{}", shop.customer().await["_id"].as_str().unwrap());
    let mut tasks = JoinSet::new();
    for number in 0..12 {
        let (shop, path) = (shop.clone(), path.clone());
        tasks.spawn(async move {
            match number % 3 {
                0 => {
                    let token = shop.token(card("5555555555554444")).await;
                    shop.post(&path, json!({"token": token})).await
                }
                1 => shop.post(&path, json!({"description": "described"})).await,
                _ => shop.post(&path, json!({"reference": "referred"})).await,
            }
        });
    }
    for answer in tasks.join_all().await {
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    let customer = shop.get(&path).await.data(200, "customer");
    assert_eq!((&customer["description"], &customer["reference"]), (&json!("described"), &json!("referred")));
    let sources = customer["payment_sources"].as_array().unwrap();
    let ids: HashSet<&str> = sources.iter().map(|one| one["_id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 5);
    assert!(ids.contains(customer["default_source"].as_str().unwrap()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_order_sent_sixteen_times_is_one_payment() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let mut tasks = JoinSet::new();
    for _ in 0..16 {
        let (shop, id) = (shop.clone(), customer["_id"].clone());
        tasks.spawn(async move {
            let body = json!({"customer_id": id, "amount": 5, "currency": "AUD"});
            shop.post_once("order-1", "/v1/charges", body).await.data(201, "charge")["_id"].clone()
        });
    }
    let ids: HashSet<String> = tasks.join_all().await.into_iter().map(|id| id.to_string()).collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(shop.get("/v1/charges").await.list("charge").1[0], 1);
}
