//! Payment sessions: made by the server, completed by the page, once.

use serde_json::{Value, json};

use crate::shop::{Shop, with};
use crate::support::{account, card, fresh_key, visa};

const PATH: &str = "/v2/payment-sessions";

async fn session(shop: &Shop, body: Value) -> String {
    shop.post(PATH, body).await.id("id")
}

async fn shown(shop: &Shop, id: &str) -> Value {
    shop.get(&format!("{PATH}/{id}")).await.ok().clone()
}

#[tokio::test]
async fn without_a_session_the_token_is_an_orphan() {
    let shop = Shop::open().await;
    let attempt = fresh_key();
    let issued = shop.seal(visa(), &attempt, None).await.expect(201);
    assert_eq!(issued["expires_at"], Value::Null);
    let token = issued["token"].as_str().unwrap();
    let method = shop.get(&format!("/v2/payment-methods/{token}")).await.ok().clone();
    assert_eq!((&method["customerId"], &method["type"]), (&Value::Null, &json!("Card")));
    // It is no one-time token.
    for _ in 0..2 {
        shop.post("/v2/transactions", json!({"baseAmount": 3, "paymentMethodId": token})).await.ok();
    }
    // The same attempt is answered the same; another card under its key is none.
    assert_eq!(shop.seal(visa(), &attempt, None).await.expect(200)["token"], token);
    shop.seal(card("5105105105105100", None), &attempt, None).await.expect_error(422, "idempotency_conflict");
    assert_eq!(shop.get("/v2/payment-methods").await.ok()["pageInfo"]["totalItems"], 1);
    shop.delete(&format!("/v2/payment-methods/{token}")).await.empty();
    shop.seal(visa(), &attempt, None).await.expect_error(409, "attempt_over");
}

#[tokio::test]
async fn a_session_of_each_mode_does_what_it_is_for() {
    let shop = Shop::open().await;
    for (body, customers, paid) in [
        (json!({"amount": 10, "mode": "Payment"}), 0, true),
        (json!({"amount": 10, "mode": "Payment", "customerHandling": "CreateCustomer"}), 1, true),
        (json!({"amount": 0, "mode": "SaveMethod"}), 1, false),
        (json!({"amount": 0, "mode": "SaveMethod", "customerHandling": "TokenOnly"}), 0, false),
        (json!({"amount": 10, "mode": "PaymentAndSave"}), 1, true),
        (json!({"amount": 10, "mode": "PaymentAndSave", "customerHandling": "TokenOnly"}), 0, true),
    ] {
        let shop = shop.other_merchant().await;
        let id = session(&shop, body.clone()).await;
        let before = shown(&shop, &id).await;
        assert_eq!((&before["status"], &before["vaultedPaymentMethodId"]), (&json!("Created"), &Value::Null));
        assert_eq!(before["transactionDetails"], Value::Null);
        let issued = shop.seal(visa(), &fresh_key(), Some(&id)).await.expect(201);
        let after = shown(&shop, &id).await;
        assert_eq!(after["status"], "Completed", "{body}");
        assert_eq!(after["vaultedPaymentMethodId"], issued["token"]);
        let list = shop.get("/v2/customers").await.ok().clone();
        assert_eq!(list["pageInfo"]["totalItems"], customers, "{body}");
        let method = shop.get(&format!("/v2/payment-methods/{}", issued["token"].as_str().unwrap())).await;
        if customers == 1 {
            let customer = &list["items"][0];
            assert_eq!((&customer["firstName"], &customer["lastName"]), (&json!("Ada"), &json!("Lovelace")));
            assert_eq!(
                (&method.ok()["customerId"], &method.body["isDefault"]),
                (&customer["customerId"], &json!(true))
            );
            assert_eq!(after["customerId"], customer["customerId"]);
        } else {
            assert_eq!(method.ok()["customerId"], Value::Null);
        }
        assert_eq!(shop.get("/v2/transactions").await.ok()["pageInfo"]["totalItems"], u64::from(paid));
        if paid {
            let details = &after["transactionDetails"];
            assert_eq!(
                (&details["transactionStatus"], &details["amount"]),
                (&json!("Captured"), &json!(10.0))
            );
            let path = format!("/v2/transactions/{}", details["transactionId"].as_str().unwrap());
            let payment = shop.get(&path).await.ok().clone();
            assert_eq!(payment["source"]["sourceType"], "WebComponent");
            assert_eq!(payment["source"]["sourceId"], json!(id));
            assert_eq!(payment["cardDetails"]["paymentMethodId"], issued["token"]);
            assert_eq!(payment["processorResponse"]["processorName"], "sandbox");
        } else {
            assert_eq!(after["transactionDetails"], Value::Null);
        }
    }
}

#[tokio::test]
async fn the_sessions_customer_gets_the_method() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let id = session(&shop, json!({"amount": 7.5, "mode": "PaymentAndSave", "customerId": customer, "tipAmount": 1, "referenceId": "R-9"})).await;
    let issued = shop.seal(account(), &fresh_key(), Some(&id)).await.expect(201);
    let seen = shop.get(&format!("/v2/customers/{customer}")).await.ok().clone();
    assert_eq!(seen["achAccounts"][0]["paymentMethodId"], issued["token"]);
    assert_eq!((&seen["transactionsCount"], &seen["transactionsVolume"]), (&json!(1), &json!(8.5)));
    let after = shown(&shop, &id).await;
    assert_eq!((&after["achAccountLast2"], &after["achRoutingLast2"]), (&json!("21"), &json!("21")));
    let payment = shop.get("/v2/transactions?referenceId=R-9").await.ok()["items"][0].clone();
    assert_eq!(
        (&payment["customerId"], &payment["amountBreakdown"]["tipAmount"]),
        (&json!(customer), &json!(1.0))
    );
}

#[tokio::test]
async fn the_same_attempt_completes_a_session_once() {
    let shop = Shop::open().await;
    let id = session(&shop, json!({"amount": 10})).await;
    let attempt = fresh_key();
    let first = shop.seal(visa(), &attempt, Some(&id)).await.expect(201);
    let again = shop.seal(visa(), &attempt, Some(&id)).await.expect(200);
    assert_eq!(first["token"], again["token"]);
    assert_eq!(shop.get("/v2/transactions").await.ok()["pageInfo"]["totalItems"], 1);
    assert_eq!(shop.get("/v2/payment-methods").await.ok()["pageInfo"]["totalItems"], 1);
    shop.seal(visa(), &fresh_key(), Some(&id)).await.expect_error(409, "session_over");
    let other = session(&shop, json!({"amount": 10})).await;
    shop.seal(visa(), &attempt, Some(&other)).await.expect_error(422, "idempotency_conflict");
}

#[tokio::test]
async fn two_pages_at_once_complete_a_session_once() {
    let shop = Shop::open().await;
    let id = session(&shop, json!({"amount": 10, "mode": "PaymentAndSave"})).await;
    let attempt = fresh_key();
    let other = fresh_key();
    let (same, again, another) = tokio::join!(
        shop.seal(visa(), &attempt, Some(&id)),
        shop.seal(visa(), &attempt, Some(&id)),
        shop.seal(visa(), &other, Some(&id)),
    );
    let tokens: Vec<Value> = [&same, &again, &another]
        .into_iter()
        .filter(|answer| answer.status.is_success())
        .map(|answer| answer.json()["token"].clone())
        .collect();
    assert!(!tokens.is_empty() && tokens.iter().all(|token| *token == tokens[0]), "{tokens:?}");
    for path in ["/v2/transactions", "/v2/payment-methods", "/v2/customers"] {
        assert_eq!(shop.get(path).await.ok()["pageInfo"]["totalItems"], 1, "{path}");
    }
}

#[tokio::test]
async fn a_declined_payment_fails_the_session() {
    let shop = Shop::open().await;
    for (number, code, reason) in [
        ("4000000010510008", "payment_declined", "insufficient_funds"),
        ("4000000020910008", "payment_failed", "issuer_timeout"),
    ] {
        let id = session(&shop, json!({"amount": 10, "mode": "PaymentAndSave"})).await;
        let attempt = fresh_key();
        for attempt in [&attempt, &attempt, &fresh_key()] {
            let error = shop.seal(card(number, None), attempt, Some(&id)).await.expect_error(402, code);
            assert_eq!(error["reason"], reason);
        }
        let after = shown(&shop, &id).await;
        assert_eq!((&after["status"], &after["vaultedPaymentMethodId"]), (&json!("Failed"), &Value::Null));
        assert_ne!(after["transactionDetails"]["transactionStatus"], "Captured");
    }
    assert_eq!(shop.get("/v2/transactions").await.ok()["pageInfo"]["totalItems"], 2);
    assert_eq!(shop.get("/v2/payment-methods").await.ok()["pageInfo"]["totalItems"], 0);
    assert_eq!(shop.get("/v2/customers").await.ok()["pageInfo"]["totalItems"], 0);
}

#[tokio::test]
async fn only_a_waiting_session_can_be_cancelled_or_completed() {
    let shop = Shop::open().await;
    let cancelled = session(&shop, json!({"amount": 1})).await;
    shop.post(&format!("{PATH}/{cancelled}/cancel"), Value::Null).await.empty();
    assert_eq!(shown(&shop, &cancelled).await["status"], "Cancelled");
    shop.post(&format!("{PATH}/{cancelled}/cancel"), Value::Null).await.invalid("session_over", "Status");
    shop.seal(visa(), &fresh_key(), Some(&cancelled)).await.expect_error(409, "session_over");

    let expired = session(&shop, json!({"amount": 1, "expiresAt": "2026-11-23T02:03:00Z"})).await;
    shop.advance_ms(60_000);
    assert_eq!(shown(&shop, &expired).await["status"], "Cancelled");
    shop.seal(visa(), &fresh_key(), Some(&expired)).await.expect_error(409, "session_over");
    shop.post(&format!("{PATH}/{expired}/cancel"), Value::Null).await.invalid("session_over", "Status");

    let completed = session(&shop, json!({"amount": 1})).await;
    shop.seal(visa(), &fresh_key(), Some(&completed)).await.expect(201);
    shop.post(&format!("{PATH}/{completed}/cancel"), Value::Null).await.invalid("session_over", "Status");

    let open = session(&shop, json!({"amount": null})).await;
    assert_eq!(shown(&shop, &open).await["amount"], Value::Null);
    shop.seal(visa(), &fresh_key(), Some(&open)).await.expect_error(409, "session_amount_open");

    let card_only =
        session(&shop, json!({"amount": 1, "paymentMethods": {"card": {}, "ach": {"enabled": false}}})).await;
    shop.seal(account(), &fresh_key(), Some(&card_only)).await.expect_error(409, "session_kind_refused");
    shop.seal(visa(), &fresh_key(), Some(&card_only)).await.expect(201);
    shop.seal(visa(), &fresh_key(), Some("8a06469f-25da-4763-990d-11a4bbc74ecb"))
        .await
        .expect_error(404, "session_unknown");
}

#[tokio::test]
async fn every_member_has_its_rule() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    for (body, code, field) in [
        (json!({"amount": 0}), "out_of_range", "Amount"),
        (json!({"amount": 0, "mode": "PaymentAndSave"}), "out_of_range", "Amount"),
        (json!({"amount": 1, "mode": "SaveMethod"}), "out_of_range", "Amount"),
        (json!({"amount": -1}), "out_of_range", "Amount"),
        (json!({"amount": 1.005}), "out_of_range", "Amount"),
        (json!({"amount": 1, "mode": "Later"}), "unknown_value", "Mode"),
        (json!({"amount": 1, "mode": 4}), "unknown_value", "Mode"),
        (json!({"amount": 1, "tipAmount": 0}), "out_of_range", "TipAmount"),
        (json!({"mode": "SaveMethod", "tipAmount": 1}), "out_of_range", "TipAmount"),
        (json!({"amount": 1, "customerHandling": "Keep"}), "unknown_value", "CustomerHandling"),
        (
            json!({"amount": 1, "customerId": customer, "customerHandling": "TokenOnly"}),
            "one_of",
            "CustomerHandling",
        ),
        (json!({"amount": 1, "expiresAt": "2026-11-23T02:02:03Z"}), "invalid_date", "ExpiresAt"),
        (json!({"amount": 1, "expiresAt": "soon"}), "invalid_date", "ExpiresAt"),
        (json!({"amount": 1, "returnUrl": "javascript:alert(1)"}), "bad_format", "ReturnUrl"),
        (json!({"amount": 1, "paymentMethods": {"card": {"enabled": false}}}), "one_of", "PaymentMethods"),
        (json!({"amount": 1, "paymentMethods": {"cash": {}}}), "unknown_field", "PaymentMethods.Cash"),
        (
            json!({"amount": 1, "paymentMethods": {"card": {"processorId": "x"}}}),
            "invalid_id",
            "PaymentMethods.Card.ProcessorId",
        ),
        (json!({"amount": 1, "metadata": {"a": 1}}), "wrong_type", "Metadata"),
        (json!({"amount": 1, "metadata": {"a": "4111111111111111"}}), "contains_card_number", "Metadata"),
        (json!({"amount": 1, "metadata": []}), "wrong_type", "Metadata"),
        (json!({"amount": 1, "pageName": "4111111111111111"}), "contains_card_number", "PageName"),
        (json!({"amount": 1, "referenceId": "x".repeat(37)}), "too_long", "ReferenceId"),
        (json!({"amount": 1, "currency": "USD"}), "unknown_field", "Currency"),
    ] {
        shop.post(PATH, body).await.invalid(code, field);
    }
    let body = json!({
        "amount": 64.99, "mode": "Payment", "skipAddressVerification": true, "referenceId": "10001",
        "tipAmount": 1.5, "customerId": customer, "customerHandling": "CreateCustomer",
        "returnUrl": "https://shop.example/done", "paymentMethods": {"card": {"enabled": true}},
        "metadata": {"orderId": "9921"}, "afterCompletionMessage": "Thanks", "expiresAt": "2027-02-19T20:24:52.934Z",
        "pageName": "Cafe", "paymentNotes": "Two coffees",
    });
    let answer = shop.post(PATH, body.clone()).await;
    assert_eq!(answer.ok()["paymentMethods"]["card"]["enabled"], true);
    let seen = shown(&shop, &answer.id("id")).await;
    for name in [
        "amount",
        "mode",
        "skipAddressVerification",
        "referenceId",
        "tipAmount",
        "customerId",
        "customerHandling",
        "returnUrl",
        "metadata",
        "afterCompletionMessage",
        "expiresAt",
        "pageName",
        "paymentNotes",
    ] {
        assert_eq!(seen[name], body[name], "{name}");
    }
    assert_eq!((&seen["status"], &seen["currencyCode"]), (&json!("Created"), &json!("USD")));
}

#[tokio::test]
async fn v1_numbers_modes_and_statuses() {
    let shop = Shop::open().await;
    let base = "/pay-int-api/payment-sessions";
    let created = shop.post(base, json!({"amount": 0, "mode": 2})).await;
    assert_eq!(created.ok().as_object().unwrap().len(), 1);
    let id = created.id("id");
    let path = format!("{base}/{id}");
    let seen = shop.get(&path).await.ok().clone();
    assert_eq!(
        (&seen["statusId"], &seen["status"], &seen["mode"]),
        (&json!(1), &json!("Created"), &json!(2))
    );
    let issued = shop.seal(visa(), &fresh_key(), Some(&id)).await.expect(201);
    let seen = shop.get(&path).await.ok().clone();
    assert_eq!((&seen["statusId"], &seen["vaultedPaymentMethodId"]), (&json!(3), &issued["token"]));
    shop.post(&format!("{path}/cancel"), Value::Null).await.invalid("session_over", "Status");
    let id = shop.post(base, json!({"amount": 5})).await.id("id");
    shop.post(&format!("{base}/{id}/cancel"), Value::Null).await.empty();
    assert_eq!(shop.get(&format!("{base}/{id}")).await.ok()["statusId"], 2);
    assert_eq!(shown(&shop, &id).await["status"], "Cancelled");
}

#[tokio::test]
async fn another_merchant_cannot_see_cancel_or_complete_it() {
    let shop = Shop::open().await;
    let id = session(&shop, json!({"amount": 1})).await;
    let other = shop.other_merchant().await;
    other.get(&format!("{PATH}/{id}")).await.missing();
    other.post(&format!("{PATH}/{id}/cancel"), Value::Null).await.missing();
    other.seal(visa(), &fresh_key(), Some(&id)).await.expect_error(404, "session_unknown");
    shop.seal(visa(), &fresh_key(), Some(&id)).await.expect(201);
}

#[tokio::test]
async fn a_session_whose_customer_is_gone_is_over() {
    let shop = Shop::open().await;
    let customer = shop.customer().await;
    let id = session(&shop, json!({"amount": 1, "customerId": customer})).await;
    shop.delete(&format!("/v2/customers/{customer}")).await.empty();
    shop.seal(visa(), &fresh_key(), Some(&id)).await.expect_error(409, "session_over");
    assert_eq!(shop.get("/v2/transactions").await.ok()["pageInfo"]["totalItems"], 0);
}

#[tokio::test]
async fn one_time_tokens_complete_no_session() {
    let shop = Shop::open().await;
    let id = session(&shop, json!({"amount": 1})).await;
    let attempt = fresh_key();
    let envelope = shop.vault.seal(&shop.publishable_key, visa(), &attempt).await;
    let body = json!({"envelope": envelope, "kind": "card", "page_origin": crate::support::SHOP_ORIGIN});
    let body = with(body, json!({"session": id}));
    shop.vault
        .post_token(&shop.publishable_key, &attempt, body)
        .await
        .expect_error(400, "session_unsupported");
}
