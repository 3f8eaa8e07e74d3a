//! Payments of the native face: a stored payment method is charged, and what came of it can be read.

use serde_json::{Value, json};

use crate::support::{Vault, account, card, fresh_key, visa};

async fn stored(vault: &Vault, instrument: instrument::Instrument) -> String {
    let body = json!({"token": vault.token(instrument).await});
    let method = vault.call("POST", "/v1/payment-methods", body).await.expect(201);
    method["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_stored_method_is_charged_and_the_payment_can_be_read() {
    let vault = Vault::start().await;
    for instrument in [visa(), account()] {
        let method = stored(&vault, instrument).await;
        let body = json!({
            "payment_method": method, "amount": 1299, "currency": "usd", "capture": "manual",
            "reference": "order 7",
        });
        let payment = vault.call("POST", "/v1/payments", body).await.expect(201);
        assert!(payment["id"].as_str().unwrap().starts_with("pay_"));
        let told = ["object", "status", "code", "message", "amount", "currency", "capture", "reference"];
        assert_eq!(
            told.map(|member| payment[member].clone()).to_vec(),
            [
                json!("payment"),
                json!("approved"),
                json!("approved"),
                Value::Null,
                json!(1299),
                json!("USD"),
                json!("manual"),
                json!("order 7"),
            ]
        );
        assert_eq!((&payment["payment_method"], &payment["customer_id"]), (&json!(method), &Value::Null));
        let path = format!("/v1/payments/{}", payment["id"].as_str().unwrap());
        assert_eq!(vault.call("GET", &path, Value::Null).await.expect(200), payment);
        let (_, other) = vault.another_merchant().await;
        vault.call_with(&other, "GET", &path, Value::Null).await.expect_error(404, "not_found");
    }
}

#[tokio::test]
async fn a_decline_is_a_payment_that_says_why() {
    let vault = Vault::start().await;
    let method = stored(&vault, card("4000000000009995", None)).await;
    let body = json!({"payment_method": method, "amount": 1, "currency": "USD"});
    let payment = vault.call("POST", "/v1/payments", body).await.expect(201);
    assert_eq!((&payment["status"], &payment["code"]), (&json!("declined"), &json!("insufficient_funds")));
    assert!(payment["message"].as_str().unwrap().contains("not enough money"));
}

#[tokio::test]
async fn the_same_key_charges_once() {
    let vault = Vault::start().await;
    let method = stored(&vault, visa()).await;
    let pay = |amount: i64, key: String| {
        let body = json!({"payment_method": method, "amount": amount, "currency": "USD"});
        let request = axum::http::Request::post("/v1/payments")
            .header("authorization", format!("Bearer {}", vault.sk))
            .header("content-type", "application/json")
            .header("idempotency-key", key)
            .body(body.to_string().into())
            .unwrap();
        vault.send(request)
    };
    let key = fresh_key();
    let first = pay(500, key.clone()).await.expect(201);
    assert_eq!(pay(500, key.clone()).await.expect(201), first);
    pay(501, key.clone()).await.expect_error(422, "idempotency_conflict");
    pay(500, "short".to_owned()).await.expect_error(400, "idempotency_key_invalid");
    assert_ne!(pay(500, fresh_key()).await.expect(201)["id"], first["id"]);
    // For a day, as docs/api.md says.
    vault.clock.advance_ms(24 * 60 * 60 * 1000 - 1);
    assert_eq!(pay(500, key.clone()).await.expect(201), first);
    vault.clock.advance_ms(1);
    assert_ne!(pay(500, key).await.expect(201)["id"], first["id"]);
}

#[tokio::test]
async fn what_cannot_be_charged_is_told_by_its_member() {
    let vault = Vault::start().await;
    let method = stored(&vault, visa()).await;
    let good = json!({"payment_method": method, "amount": 500, "currency": "USD"});
    for (member, value, status, code) in [
        ("amount", json!(0), 422, "field_invalid"),
        ("amount", json!(-1), 422, "field_invalid"),
        ("currency", json!("QQQ"), 422, "field_invalid"),
        ("capture", json!("later"), 422, "field_invalid"),
        ("reference", json!("4111 1111 1111 1111"), 422, "contains_card_number"),
        ("payment_method", json!("pm_nothing"), 404, "not_found"),
    ] {
        let mut body = good.clone();
        body[member] = value;
        let error = vault.call("POST", "/v1/payments", body).await.expect_error(status, code);
        assert_eq!(error["field"], member);
    }
}

#[tokio::test]
async fn what_was_paid_is_not_paid_again_because_somebody_ends_what_was_answered() {
    let vault = Vault::start().await;
    let method = stored(&vault, visa()).await;
    let key = fresh_key();
    let pay = || {
        let body = json!({"payment_method": method, "amount": 500, "currency": "USD"});
        let request = axum::http::Request::post("/v1/payments")
            .header("authorization", format!("Bearer {}", vault.sk))
            .header("content-type", "application/json")
            .header("idempotency-key", &key)
            .body(body.to_string().into())
            .unwrap();
        vault.send(request)
    };
    pay().await.expect(201);
    let database = rusqlite::Connection::open(vault.dir.path().join("data/vault.sqlite")).unwrap();
    assert_eq!(database.execute("UPDATE remembered SET expires_at_ms = 1", []).unwrap(), 1);
    vault::housekeeping::sweep(&vault.vaulting).await.unwrap();
    pay().await.expect_error(500, "internal");
    let count = |table: &str| -> i64 {
        database.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    };
    assert_eq!((count("payment"), count("remembered")), (1, 1));
}
