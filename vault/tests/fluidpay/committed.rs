//! What was stored is answered with success, whatever happens afterwards: a caller who is told of a failure
//! sends the same again.

use serde_json::{Value, json};

use crate::shop::{Shop, ach, address, card};

#[tokio::test]
async fn every_change_is_answered_with_what_it_made_even_if_nothing_can_be_read_back() {
    let (shop, store) = Shop::on_failing_store().await;
    let token = shop.card_token("4111111111111111").await;
    let replacement = shop.card_token("5555555555554444").await;
    let added = shop.card_token("378282246310005").await;

    store.arm();
    let made = shop
        .create(json!({
            "id": "kept", "notes": "noted", "default_payment": {"token": token},
            "default_billing_address": address("Here"), "default_shipping_address": address("There"),
        }))
        .await;
    assert!(store.mend());
    assert_eq!(shop.get("/api/vault/kept").await.record(), made);

    let base = "/api/vault/customer/kept";
    let card_id = made["data"]["customer"]["payments"]["cards"][0]["id"].as_str().unwrap().to_owned();
    let address_id = made["data"]["customer"]["addresses"][0]["id"].as_str().unwrap().to_owned();
    for (path, body) in [
        (base.to_owned(), json!({"description": "described", "flags": ["surcharge_exempt"]})),
        (format!("{base}/address"), address("Elsewhere")),
        (format!("{base}/address/{address_id}"), json!({"city": "Moved"})),
        (format!("{base}/card"), card()),
        (format!("{base}/ach"), ach()),
        (format!("{base}/token"), json!({"token": added})),
        (format!("{base}/card/{card_id}"), json!({"expiration_date": "0131", "flags": ["contact"]})),
        (format!("{base}/token/{card_id}"), json!({"token": replacement})),
    ] {
        shop.advance_ms(5);
        store.arm();
        let answer = shop.post(&path, body).await.record();
        assert!(store.mend(), "{path}: nothing was written");
        assert_eq!(shop.get("/api/vault/kept").await.record(), answer, "{path}");
    }
    let ids = |record: &Value, path: &str| -> Vec<String> {
        let list = record["data"]["customer"].pointer(path).unwrap().as_array().unwrap().clone();
        list.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    };
    let record = shop.get("/api/vault/kept").await.record();
    assert_eq!((ids(&record, "/payments/cards").len(), ids(&record, "/payments/ach").len()), (3, 1));
    assert_eq!(ids(&record, "/addresses").len(), 3);

    for path in [format!("{base}/card/{card_id}"), format!("{base}/address/{address_id}"), base.to_owned()] {
        store.arm();
        let answer = shop.delete(&path).await;
        assert_eq!(
            (answer.status, &answer.body),
            (200, &json!({"status": "success", "msg": "success"})),
            "{path}"
        );
        assert!(store.mend());
        shop.delete(&path).await.refused(404, "not_found", None);
    }
}

#[tokio::test]
async fn what_fails_before_the_commit_is_still_a_failure() {
    let (shop, store) = Shop::on_failing_store().await;
    let id = shop.customer(json!({})).await;
    store.arm();
    shop.post(&format!("/api/vault/customer/{id}"), json!({"notes": "x"})).await.record();
    let failed = shop.post(&format!("/api/vault/customer/{id}"), json!({"notes": "y"})).await;
    failed.refused(503, "unavailable", None);
    assert!(store.mend());
    assert_eq!(shop.get(&format!("/api/vault/{id}")).await.record()["data"]["customer"]["notes"], "x");
}
