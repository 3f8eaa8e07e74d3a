//! What was stored is answered with success, whatever happens afterwards: a caller who is told of a failure
//! sends the same again.

use serde_json::{Value, json};

use crate::shop::{Shop, address, card, with};

#[tokio::test]
async fn every_change_is_answered_with_what_it_made_even_if_nothing_can_be_read_back() {
    let (shop, store) = Shop::on_failing_store().await;
    let tokens = [
        shop.token(with(card("4111111111111111"), address())).await,
        shop.token(card("5555555555554444")).await,
        shop.token(card("378282246310005")).await,
    ];
    store.arm();
    let made = shop.post("/v1/customers", json!({"token": tokens[0]})).await.data(201, "customer");
    assert!(store.mend());
    let customer = format!("/v1/customers/{}", made["_id"].as_str().unwrap());
    assert_eq!(shop.get(&customer).await.data(200, "customer"), made);

    store.arm();
    let vaulted = shop.post("/v1/vault/payment_sources", json!({"token": tokens[1]})).await;
    let vaulted = vaulted.data(201, "payment_source");
    assert!(store.mend());
    let vault_token = vaulted["vault_token"].as_str().unwrap();
    let vault = format!("/v1/vault/payment_sources/{vault_token}");
    assert_eq!(shop.get(&vault).await.data(200, "payment_source"), vaulted);

    let source = json!({"type": "card", "vault_token": vault_token});
    for (path, resource, body) in [
        (&customer, "customer", json!({"first_name": "Ada", "meta": {"a": 1}})),
        (&customer, "customer", json!({"token": tokens[2]})),
        (&customer, "customer", json!({"payment_source": source, "default_source": made["default_source"]})),
        (&vault, "payment_source", json!({"card_name": "Ada King", "expire_year": "2031"})),
    ] {
        shop.advance_ms(5);
        store.arm();
        let answer = shop.post(path, body).await.data(200, resource);
        assert!(store.mend(), "{path}: nothing was written");
        assert_eq!(shop.get(path).await.data(200, resource), answer, "{path}");
    }
    store.arm();
    let body = json!({"customer_id": made["_id"], "amount": 5, "currency": "AUD"});
    let charge = shop.post("/v1/charges", body).await.data(201, "charge");
    assert!(store.mend());
    let path = format!("/v1/charges/{}", charge["_id"].as_str().unwrap());
    assert_eq!(shop.get(&path).await.data(200, "charge"), charge);

    let source = format!("{customer}/payment_sources/{}", made["default_source"].as_str().unwrap());
    for (path, read, resource) in [
        (&source, &customer, "customer"),
        (&customer, &customer, "customer"),
        (&vault, &vault, "payment_source"),
    ] {
        shop.advance_ms(5);
        store.arm();
        let answer = shop.delete(path).await.data(200, resource);
        assert!(store.mend());
        assert_eq!(shop.get(read).await.data(200, resource), answer, "{path}");
    }
}

#[tokio::test]
async fn what_fails_before_the_commit_is_a_failure_that_may_be_tried_again() {
    let (shop, store) = Shop::on_failing_store().await;
    let customer = shop.customer().await;
    let path = format!("/v1/customers/{}", customer["_id"].as_str().unwrap());
    let charge = json!({"customer_id": customer["_id"], "amount": 5, "currency": "AUD"});
    store.arm();
    shop.post(&path, json!({"reference": "kept"})).await.data(200, "customer");
    let refused = shop.post(&path, json!({"reference": "lost"})).await;
    refused.refused(503, "system_error", "unavailable", None);
    assert!(refused.headers.contains_key("retry-after"));
    assert_eq!(refused.body["resource"], json!({"type": "customer"}));
    shop.post("/v1/charges", charge.clone()).await.refused(503, "system_error", "unavailable", None);
    assert!(store.mend());
    assert_eq!(shop.get(&path).await.data(200, "customer")["reference"], "kept");
    assert_eq!(shop.get("/v1/charges").await.list("charge").0, Vec::<Value>::new());
    shop.post("/v1/charges", charge).await.data(201, "charge");
}

#[tokio::test]
async fn a_change_is_given_up_when_others_are_always_faster() {
    let (shop, store) = Shop::on_failing_store().await;
    let customer = shop.customer().await;
    let path = format!("/v1/customers/{}", customer["_id"].as_str().unwrap());
    store.contend();
    // From here on, time is only what the waits between the tries take.
    tokio::time::pause();
    let refused = shop.post(&path, json!({"reference": "late"})).await;
    refused.refused(409, "unfulfilled_condition", "changed_meanwhile", None);
    assert!(store.refused() > 10, "{}", store.refused());
}
