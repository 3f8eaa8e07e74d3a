//! One-time tokens on this face: creating and updating with them, once, in time, all or nothing.

use serde_json::json;

use crate::shop::{Shop, card};

#[tokio::test]
async fn a_token_makes_a_customer_once() {
    let shop = Shop::open().await;
    let token = shop.card_token("5555555555554444").await;
    assert!(token.len() == 32 && token.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let body = json!({"default_payment": {"token": token}});
    let record = shop.create(body.clone()).await;
    let card = &record["data"]["customer"]["payments"]["cards"][0];
    assert_eq!(card["masked_number"], "555555******4444");
    assert_eq!(record["data"]["customer"]["defaults"]["payment_method_id"], card["id"]);
    let again = shop.post("/api/vault/customer", body).await;
    again.refused(409, "token_already_used", Some("default_payment.token"));
    assert_eq!(shop.search(json!({})).await.body["total_count"], 1);
}

#[tokio::test]
async fn a_token_adds_a_method_to_a_customer_once() {
    let shop = Shop::open().await;
    let (first, second) = (shop.customer(json!({})).await, shop.customer(json!({})).await);
    let token = shop.ach_token().await;
    let record =
        shop.post(&format!("/api/vault/customer/{first}/token"), json!({"token": token})).await.record();
    let ach = &record["data"]["customer"]["payments"]["ach"][0];
    assert_eq!(ach["masked_account_number"], "*****6789");
    assert_eq!(record["data"]["customer"]["defaults"]["payment_method_type"], "ach");
    for customer in [&first, &second] {
        let again =
            shop.post(&format!("/api/vault/customer/{customer}/token"), json!({"token": token})).await;
        again.refused(409, "token_already_used", Some("token"));
    }
    let untouched = shop.get(&format!("/api/vault/{second}")).await.record();
    assert_eq!(untouched["data"]["customer"]["payments"], json!({"ach": [], "cards": []}));
}

#[tokio::test]
async fn a_token_replaces_a_methods_data_and_keeps_its_id() {
    let shop = Shop::open().await;
    let record = shop.create(json!({"default_payment": {"card": card()}})).await;
    let id = record["id"].as_str().unwrap();
    let card_id = record["data"]["customer"]["payments"]["cards"][0]["id"].as_str().unwrap();
    let path = format!("/api/vault/customer/{id}/token/{card_id}");
    let wrong = shop.ach_token().await;
    shop.post(&path, json!({"token": wrong})).await.refused(400, "wrong_payment_type", Some("token"));
    assert_eq!(shop.get(&format!("/api/vault/{id}")).await.record(), record);
    // The token of the other type was not spent by that.
    shop.post(&format!("/api/vault/customer/{id}/token"), json!({"token": wrong})).await.record();

    let token = shop.card_token("378282246310005").await;
    let sent = json!({"token": token, "flags": ["locked_security"]});
    let record = shop.post(&path, sent.clone()).await.record();
    assert_eq!(
        record["data"]["customer"]["payments"]["cards"],
        json!([{"card_type": "amex", "expiration_date": "2030-12-31T00:00:00Z", "id": card_id,
                "masked_number": "378282*****0005", "flags": ["locked_security"]}])
    );
    assert_eq!(record["data"]["customer"]["defaults"]["payment_method_id"], card_id);
    shop.post(&path, sent).await.refused(409, "token_already_used", Some("token"));
    // What was stored by token can be changed afterwards: it opens under the same id.
    let card_path = format!("/api/vault/customer/{id}/card/{card_id}");
    let record = shop.post(&card_path, json!({"expiration_date": "0131"})).await.record();
    assert_eq!(record["data"]["customer"]["payments"]["cards"][0]["masked_number"], "378282*****0005");

    let unknown = format!("/api/vault/customer/{id}/token/nothing");
    let fresh = shop.card_token("4111111111111111").await;
    shop.post(&unknown, json!({"token": fresh})).await.refused(404, "not_found", None);
    shop.post(&path, json!({"token": fresh})).await.record();
}

#[tokio::test]
async fn a_token_lives_two_minutes() {
    let shop = Shop::open().await;
    let in_time = shop.card_token("4111111111111111").await;
    shop.advance_ms(119_999);
    shop.create(json!({"default_payment": {"token": in_time}})).await;
    let late = shop.card_token("4111111111111111").await;
    shop.advance_ms(120_000);
    let answer = shop.post("/api/vault/customer", json!({"default_payment": {"token": late}})).await;
    answer.refused(410, "token_expired", Some("default_payment.token"));
    assert_eq!(shop.search(json!({})).await.body["total_count"], 1);
}

#[tokio::test]
async fn unknown_and_foreign_tokens_are_the_same() {
    let shop = Shop::open().await;
    let other = shop.other_merchant().await;
    let foreign = shop.card_token("4111111111111111").await;
    let unknown = "Z2a87b7wk9PHzwl2RZLvslq1UzjzjHl1".to_owned();
    let mut answers = Vec::new();
    for token in [&foreign, &unknown] {
        let answer = other.post("/api/vault/customer", json!({"default_payment": {"token": token}})).await;
        answer.refused(404, "token_unknown", Some("default_payment.token"));
        answers.push(answer.body);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(other.search(json!({})).await.body["total_count"], 0);
    shop.create(json!({"default_payment": {"token": foreign}})).await;
}

#[tokio::test]
async fn a_refused_creation_does_not_spend_the_token() {
    let shop = Shop::open().await;
    shop.create(json!({"id": "taken"})).await;
    let token = shop.card_token("4111111111111111").await;
    let payment = json!({"token": token});
    let taken = shop.post("/api/vault/customer", json!({"id": "taken", "default_payment": payment})).await;
    taken.refused(409, "customer_exists", Some("id"));
    let wrong = json!({"default_payment": payment, "default_billing_address": {"email": "nobody"}});
    shop.post("/api/vault/customer", wrong).await.refused(
        400,
        "invalid_email",
        Some("default_billing_address.email"),
    );
    let missing = shop.post("/api/vault/customer/nobody/token", payment.clone()).await;
    missing.refused(404, "not_found", None);
    for body in [json!({}), json!({"token": ""}), json!({"token": null})] {
        shop.post("/api/vault/customer/taken/token", body).await.refused(400, "required", Some("token"));
    }
    shop.create(json!({"id": "free", "default_payment": payment})).await;
}

#[tokio::test]
async fn a_token_of_the_native_form_works_too() {
    let shop = Shop::open().await;
    let token = shop.native_card_token("4111111111111111").await;
    assert!(token.starts_with("tok_"));
    let record =
        shop.create(json!({"id_format": "xid_type_last4", "default_payment": {"token": token}})).await;
    assert!(record["id"].as_str().unwrap().ends_with("_card_1111"));
}
