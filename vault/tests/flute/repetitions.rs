//! Idempotency keys: the same request again is answered the same, another one is a conflict.

use serde_json::{Value, json};

use crate::shop::{Shop, card, with};

#[tokio::test]
async fn the_same_request_is_done_once() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let method = shop.card("4111111111111111", Some(&customer)).await;
    for (index, (path, body)) in [
        ("/v2/customers".to_owned(), json!({"firstName": "A", "lastName": "B"})),
        ("/pay-api/v1/customers".to_owned(), json!({})),
        ("/v2/payment-methods/cards".to_owned(), card("4111111111111111")),
        ("/v2/payment-sessions".to_owned(), json!({"amount": 1})),
        ("/v2/transactions".to_owned(), json!({"baseAmount": 1, "paymentMethodId": method})),
    ]
    .into_iter()
    .enumerate()
    {
        let key = format!("flute_{index}");
        let key = [("idempotency-key", key.as_str())];
        let first = shop.call("POST", &path, &body, &key).await.ok().clone();
        assert_eq!(shop.call("POST", &path, &body, &key).await.ok(), &first, "{path}");
        let other =
            if body.get("amount").is_some() { json!({"amount": 2}) } else { with(body, json!({"x": 1})) };
        shop.call("POST", &path, &other, &key).await.refused(409, "C0000", "idempotency_conflict", None);
    }
    assert_eq!(shop.get("/v2/customers").await.ok()["pageInfo"]["totalItems"], 3);
    assert_eq!(shop.get("/v2/payment-methods").await.ok()["pageInfo"]["totalItems"], 2);
    assert_eq!(shop.get("/v2/transactions").await.ok()["pageInfo"]["totalItems"], 1);
}

#[tokio::test]
async fn changes_and_deletions_are_answered_again_too() {
    let shop = Shop::open().await;
    let path = format!("/v2/customers/{}", shop.customer().await);
    let key = [("idempotency-key", "patch-1")];
    let patch = json!({"email": "a@example.com"});
    shop.call("PATCH", &path, &patch, &key).await.empty();
    shop.patch(&path, json!({"email": "b@example.com"})).await.empty();
    shop.call("PATCH", &path, &patch, &key).await.empty();
    assert_eq!(shop.get(&path).await.ok()["email"], "b@example.com", "a repetition changes nothing");
    // The same key for another thing is a conflict, whatever the method.
    shop.call("DELETE", &path, &Value::Null, &key).await.refused(409, "C0000", "idempotency_conflict", None);
    let key = [("idempotency-key", "delete-1")];
    shop.call("DELETE", &path, &Value::Null, &key).await.empty();
    shop.call("DELETE", &path, &Value::Null, &key).await.empty();
    shop.delete(&path).await.missing();
}

#[tokio::test]
async fn a_refusal_is_not_kept() {
    let shop = Shop::open().await;
    let key = [("idempotency-key", "retry")];
    let body = json!({"firstName": "A", "lastName": ""});
    shop.call("POST", "/v2/customers", &body, &key).await.invalid("required", "LastName");
    shop.call("POST", "/v2/customers", &json!({"firstName": "A", "lastName": "B"}), &key).await.ok();
}

#[tokio::test]
async fn a_key_is_good_for_a_day_and_never_charges_twice() {
    let mut shop = Shop::open().await;
    let method = shop.card("4111111111111111", None).await;
    let body = json!({"baseAmount": 1, "paymentMethodId": method});
    let key = [("idempotency-key", "order-17")];
    let first = shop.call("POST", "/v2/transactions", &body, &key).await.id("transactionId");
    shop.advance_ms(24 * 60 * 60 * 1_000 - 1);
    shop.renew().await;
    assert_eq!(shop.call("POST", "/v2/transactions", &body, &key).await.id("transactionId"), first);
    shop.advance_ms(1);
    shop.renew().await;
    let late = shop.call("POST", "/v2/transactions", &body, &key).await;
    late.refused(409, "C0000", "idempotency_conflict", None);
    assert_eq!(shop.get("/v2/transactions").await.ok()["pageInfo"]["totalItems"], 1);
}

#[tokio::test]
async fn many_at_once_charge_once() {
    let shop = Shop::open().await;
    let method = shop.card("4111111111111111", None).await;
    let body = json!({"baseAmount": 1, "paymentMethodId": method});
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (shop, body) = (shop.clone(), body.clone());
        calls.spawn(async move {
            shop.call("POST", "/v2/transactions", &body, &[("idempotency-key", "once")])
                .await
                .id("transactionId")
        });
    }
    let ids = calls.join_all().await;
    assert!(ids.iter().all(|id| *id == ids[0]));
    assert_eq!(shop.get("/v2/transactions").await.ok()["pageInfo"]["totalItems"], 1);
}

#[tokio::test]
async fn merchants_keys_do_not_meet_and_keys_have_a_form() {
    let shop = Shop::open().await;
    let other = shop.other_merchant().await;
    let key = [("idempotency-key", "same")];
    let body = json!({"firstName": "A", "lastName": "B"});
    let first = shop.call("POST", "/v2/customers", &body, &key).await.id("customerId");
    assert_ne!(other.call("POST", "/v2/customers", &body, &key).await.id("customerId"), first);
    let long = "x".repeat(256);
    for key in ["", long.as_str()] {
        let answer = shop.call("POST", "/v2/customers", &body, &[("idempotency-key", key)]).await;
        answer.invalid("idempotency_key_invalid", "IdempotencyKey");
    }
}
