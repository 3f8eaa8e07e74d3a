//! Transactions: by token, by payment instrument, by default; results; reading and listing.

use serde_json::{Value, json};

use crate::shop::{APPROVED, DECLINED, Shop, jane, sale};

#[tokio::test]
async fn an_instrument_is_charged() {
    let shop = Shop::open().await;
    let customer = shop.customer(jane()).await;
    let instrument = shop.attached(&customer, APPROVED).await;
    let mut body = sale(&customer, json!({"paymentInstrumentId": instrument}));
    body["isMerchantInitiated"] = json!(true);
    body["websiteId"] = json!("site-1");
    body["metadata"] = json!({"product": "ritual", "app": "shop", "items": [1, 2]});
    let paid = shop.post("/transactions", body).await.ok(201);
    let id = paid["id"].as_str().unwrap();
    assert_eq!(
        paid,
        json!({
            "id": id,
            "type": "sale",
            "status": "completed",
            "result": "approved",
            "combinedStatus": "approved",
            "amount": 47.77,
            "currency": "USD",
            "customerId": customer,
            "customer": {"id": customer, "email": "jane@example.com"},
            "paymentInstrumentId": instrument,
            "paymentInstrument": {"id": instrument, "method": "payment-card"},
            "isMerchantInitiated": true,
            // The customer's address is the fallback.
            "billingAddress": {
                "firstName": "Jane", "lastName": "Doe", "address": "123 Main St", "city": "Springfield",
                "region": "IL", "postalCode": "62701", "country": "US",
            },
            "metadata": {"product": "ritual", "app": "shop", "items": [1, 2]},
            "websiteId": "site-1",
            "gatewayName": "sandbox",
            "gatewaySlug": "sandbox",
            "parentTransactionId": null,
            "createdTime": "2026-11-23T02:02:03+00:00",
            "updatedTime": "2026-11-23T02:02:03+00:00",
        })
    );
    assert_eq!(shop.get(&format!("/transactions/{id}")).await.ok(200), paid);
}

#[tokio::test]
async fn a_token_is_charged_consumed_and_leaves_an_instrument_behind() {
    let shop = Shop::open().await;
    let customer = shop.customer(json!({"email": "guest@example.com"})).await;
    let token = shop.card_token(APPROVED).await;
    let mut body = sale(&customer, json!({"token": token}));
    body["billingAddress"] = json!({"address": "1 Elm St", "zip": "10009", "country": "us"});
    let paid = shop.post("/transactions", body).await.ok(201);
    assert_eq!(paid["result"], "approved");
    assert_eq!(paid["billingAddress"]["postalCode"], "10009");
    let instrument = paid["paymentInstrument"]["id"].as_str().unwrap();
    assert_eq!(paid["paymentInstrumentId"], instrument);

    let field = Some("paymentInstruction.token");
    shop.charge(&customer, json!({"token": token})).await.refused(409, "token_already_used", field);

    // What an integrator does next: charge the same card again, without the shopper.
    let shown = shop.get(&format!("/customers/{customer}/payment-instruments/{instrument}")).await.ok(200);
    assert_eq!((&shown["status"], &shown["isDefault"]), (&json!("active"), &json!(false)));
    let again = shop.charge(&customer, json!({"paymentInstrumentId": instrument})).await.ok(201);
    assert_eq!(again["result"], "approved");
}

#[tokio::test]
async fn a_declined_token_is_consumed_and_leaves_nothing() {
    let shop = Shop::open().await;
    let customer = shop.customer(jane()).await;
    let token = shop.card_token(DECLINED).await;
    let paid = shop.charge(&customer, json!({"token": token})).await.ok(201);
    assert_eq!(
        (&paid["status"], &paid["result"], &paid["combinedStatus"]),
        (&json!("completed"), &json!("declined"), &json!("declined"))
    );
    assert_eq!(paid["paymentInstrument"], json!({"id": null, "method": "payment-card"}));
    assert_eq!(shop.get(&format!("/customers/{customer}/payment-instruments")).await.total(), 0);
    let field = Some("paymentInstruction.token");
    shop.charge(&customer, json!({"token": token})).await.refused(409, "token_already_used", field);
    // A decline is a transaction, and can be read.
    assert_eq!(shop.get(&format!("/transactions/{}", paid["id"].as_str().unwrap())).await.ok(200), paid);
}

#[tokio::test]
async fn the_default_instrument_pays_when_nothing_is_named() {
    let shop = Shop::open().await;
    let customer = shop.customer(jane()).await;
    let refused = shop.charge(&customer, Value::Null).await;
    refused.refused(422, "default_payment_instrument_missing", Some("paymentInstruction"));
    let instrument = shop.attached(&customer, APPROVED).await;
    for instruction in [Value::Null, json!({})] {
        let paid = shop.charge(&customer, instruction).await.ok(201);
        assert_eq!(paid["paymentInstrumentId"], instrument.as_str());
    }
}

#[tokio::test]
async fn why_an_issuer_declined_is_not_told() {
    let shop = Shop::open().await;
    let customer = shop.customer(jane()).await;
    for number in ["4000000000009995", "4000000010510008", "4000000000009979"] {
        let token = shop.card_token(number).await;
        let paid = shop.charge(&customer, json!({"token": token})).await.ok(201);
        assert_eq!(paid["result"], "declined");
        let text = paid.to_string();
        assert!(!text.contains("insufficient") && !text.contains("stolen"), "{text}");
    }
}

#[tokio::test]
async fn a_fault_is_a_transaction_whose_result_is_unknown() {
    let shop = Shop::open().await;
    let customer = shop.customer(jane()).await;
    for (number, status) in
        [("4000000020910008", "timeout"), ("4000000020960003", "not-sent"), ("4000000020190007", "not-sent")]
    {
        let token = shop.card_token(number).await;
        let paid = shop.charge(&customer, json!({"token": token})).await.ok(201);
        assert_eq!((&paid["status"], &paid["result"]), (&json!(status), &json!("unknown")), "{number}");
    }
}

#[tokio::test]
async fn transactions_are_listed_newest_first_and_by_customer() {
    let shop = Shop::open().await;
    let (jane, bob) = (shop.customer(jane()).await, shop.customer(json!({})).await);
    let mut ids = Vec::new();
    for customer in [&jane, &bob] {
        shop.attached(customer, APPROVED).await;
    }
    for number in 0..5 {
        let customer = if number % 2 == 0 { &jane } else { &bob };
        let paid = shop.charge(customer, Value::Null).await.ok(201);
        ids.push(paid["id"].as_str().unwrap().to_owned());
        shop.advance_ms(1_000);
    }
    ids.reverse();
    let all = shop.get("/transactions").await;
    assert_eq!((all.ids(), all.total()), (ids.iter().map(String::as_str).collect(), 5));
    assert_eq!(all.body[0]["customer"]["id"], jane.as_str());
    assert_eq!(shop.get("/transactions?limit=2&offset=1").await.ids(), [&ids[1], &ids[2]]);
    assert_eq!(shop.get("/transactions?limit=0").await.ids().len(), 0);
    let bobs = shop.get(&format!("/transactions?customerId={bob}")).await;
    assert_eq!((bobs.ids(), bobs.total()), (vec![&*ids[1], &*ids[3]], 2));
    assert_eq!(shop.get("/transactions?customerId=nobody").await.total(), 0);
    shop.get("/transactions?result=approved").await.refused(400, "unknown_parameter", None);
}

#[tokio::test]
async fn a_transaction_that_cannot_be_done_is_refused_and_not_kept() {
    let shop = Shop::open().await;
    let customer = shop.customer(jane()).await;
    let instrument = shop.attached(&customer, APPROVED).await;
    let whole = sale(&customer, json!({"paymentInstrumentId": instrument}));
    for (member, value, status, code) in [
        ("type", Value::Null, 400, "required"),
        ("type", json!("authorize"), 422, "transaction_type_unsupported"),
        ("customerId", Value::Null, 400, "required"),
        ("customerId", json!("nobody"), 404, "not_found"),
        ("currency", Value::Null, 400, "required"),
        ("currency", json!("dollars"), 400, "invalid_currency"),
        ("amount", Value::Null, 400, "required"),
        ("amount", json!(0), 400, "invalid_amount"),
        ("amount", json!(-1), 400, "invalid_amount"),
        ("amount", json!(1.005), 400, "invalid_amount"),
        ("amount", json!([1]), 400, "wrong_type"),
        ("paymentInstruction", json!("card"), 400, "wrong_type"),
        ("isMerchantInitiated", json!("no"), 400, "wrong_type"),
        ("metadata", json!({"card": APPROVED}), 400, "contains_card_number"),
        ("idempotencyKey", json!("k".repeat(101)), 400, "too_long"),
        ("parentTransactionId", json!("x"), 400, "unknown_field"),
    ] {
        let mut body = whole.clone();
        body[member] = value;
        shop.post("/transactions", body).await.refused(status, code, Some(member));
    }
    let both = json!({"token": "a", "paymentInstrumentId": instrument});
    shop.charge(&customer, both).await.refused(400, "one_of", Some("paymentInstruction"));
    let unknown = json!({"token": "nothing"});
    let field = Some("paymentInstruction.token");
    shop.charge(&customer, unknown).await.refused(404, "token_unknown", field);
    let token = shop.card_token(APPROVED).await;
    shop.advance_ms(30 * 60 * 1_000);
    shop.charge(&customer, json!({"token": token})).await.refused(422, "token_expired", field);
    assert_eq!(shop.get("/transactions").await.total(), 0);
    shop.get("/transactions/nothing").await.refused(404, "not_found", None);
}

#[tokio::test]
async fn currencies_have_their_own_decimal_places() {
    let shop = Shop::open().await;
    let customer = shop.customer(jane()).await;
    shop.attached(&customer, APPROVED).await;
    for (currency, amount, shown) in [
        ("JPY", json!(500), json!(500.0)),
        ("kwd", json!(1.234), json!(1.234)),
        ("EUR", json!("12.50"), json!(12.5)),
    ] {
        let mut body = sale(&customer, Value::Null);
        body["currency"] = json!(currency);
        body["amount"] = amount;
        let paid = shop.post("/transactions", body).await.ok(201);
        assert_eq!((&paid["amount"], &paid["currency"]), (&shown, &json!(currency.to_uppercase())));
    }
    let mut body = sale(&customer, Value::Null);
    body["currency"] = json!("JPY");
    shop.post("/transactions", body).await.refused(400, "invalid_amount", Some("amount"));
}
