//! Tokens for cards that the merchant's server sends: the stage's contract and the production's.

use serde_json::{Value, json};

use crate::shop::{APPROVED, Shop, jane};

fn stage_body() -> Value {
    json!({
        "primaryAccountNumber": APPROVED, "cardVerificationValue": "123", "expirationMonth": 12,
        "expirationYear": 2030,
    })
}

fn production_body() -> Value {
    json!({
        "method": "payment-card",
        "paymentInstrument": {"pan": APPROVED, "expMonth": 12, "expYear": 2030, "cvv": "123"},
        "billingAddress": {
            "firstName": "Joe", "lastName": "Doe", "address": "123 Main St", "city": "Springfield",
            "region": "NY", "postalCode": "10009", "country": "US",
        },
    })
}

#[tokio::test]
async fn the_stage_answers_with_a_type_and_data() {
    let shop = Shop::open().await;
    let made = shop.post("/payment-instruments/tokens", stage_body()).await.ok(201);
    let id = made["data"]["id"].as_str().unwrap();
    assert_eq!(
        made,
        json!({
            "type": "payment-card",
            "data": {
                "id": id,
                "createdAt": "2026-11-23T02:02:03+00:00",
                "expiratedAt": "2026-11-23T02:32:03+00:00",
            },
        })
    );
    let customer = shop.customer(jane()).await;
    let path = format!("/customers/{customer}/payment-instruments");
    let attached = shop.post(&path, json!({"token": id})).await.ok(201);
    assert_eq!(attached["creditCard"]["creditCardLastFourDigits"], "1111");
    assert_eq!(attached["billingAddress"], Value::Null);
}

#[tokio::test]
async fn the_production_answers_with_the_token_and_keeps_its_billing_address() {
    let shop = Shop::open().await;
    let made = shop.tokenization("POST", "/tokens", production_body()).await.ok(201);
    let id = made["id"].as_str().unwrap().to_owned();
    assert_eq!(
        made,
        json!({
            "id": id,
            "createdTime": "2026-11-23T02:02:03+00:00",
            "expirationTime": "2026-11-23T02:32:03+00:00",
            "status": "created",
        })
    );
    let customer = shop.customer(jane()).await;
    let path = format!("/customers/{customer}/payment-instruments");
    let attached = shop.post(&path, json!({"token": id})).await.ok(201);
    assert_eq!(attached["billingAddress"], production_body()["billingAddress"]);
    let shown = shop.get(&format!("{path}/{}", attached["id"].as_str().unwrap())).await.ok(200);
    assert_eq!(shown["billingAddress"], production_body()["billingAddress"]);
}

#[tokio::test]
async fn a_token_is_found_by_its_id_in_every_state() {
    let shop = Shop::open().await;
    let status = async |id: &str| {
        let answer = shop.tokenization("GET", &format!("/tokens/{id}"), Value::Null).await.ok(200);
        assert_eq!(answer["id"], id);
        answer["status"].as_str().unwrap().to_owned()
    };
    let made = shop.tokenization("POST", "/tokens", production_body()).await.ok(201);
    let first = made["id"].as_str().unwrap();
    let second = shop.card_token(APPROVED).await;
    assert_eq!((status(first).await, status(&second).await), ("created".to_owned(), "created".to_owned()));
    assert_eq!(shop.tokenization("GET", &format!("/tokens/{first}"), Value::Null).await.ok(200), made);
    let customer = shop.customer(jane()).await;
    shop.post(&format!("/customers/{customer}/payment-instruments"), json!({"token": first})).await.ok(201);
    shop.advance_ms(30 * 60 * 1_000);
    assert_eq!((status(first).await, status(&second).await), ("consumed".to_owned(), "expired".to_owned()));
    shop.tokenization("GET", "/tokens/nothing", Value::Null).await.refused(404, "not_found", None);
    let other = shop.other_merchant().await;
    other.tokenization("GET", &format!("/tokens/{second}"), Value::Null).await.refused(
        404,
        "not_found",
        None,
    );
}

#[tokio::test]
async fn what_the_vault_does_not_keep_it_cannot_tell() {
    let shop = Shop::open().await;
    shop.tokenization("GET", "/tokens", Value::Null).await.refused(422, "tokens_not_listed", None);
    let path = format!("/v1/organizations/{}/public-keys/publishable", shop.organization());
    shop.call("GET", &path, Value::Null).await.refused(422, "publishable_key_not_kept", None);
}

#[tokio::test]
async fn each_contract_takes_its_own_body_only() {
    let shop = Shop::open().await;
    let stage = "/payment-instruments/tokens";
    shop.post(stage, production_body()).await.refused(400, "required", Some("primaryAccountNumber"));
    shop.tokenization("POST", "/tokens", stage_body()).await.refused(400, "required", Some("method"));
    let mut body = stage_body();
    body["riskMetadata"] = json!({});
    shop.post(stage, body).await.refused(400, "unknown_field", Some("riskMetadata"));
    let mut body = production_body();
    body["riskMetadata"] = json!({"fingerprint": "abc", "browserData": {"colorDepth": 24}});
    shop.tokenization("POST", "/tokens", body.clone()).await.ok(201);
    body["riskMetadata"] = json!({"fingerprint": APPROVED});
    shop.tokenization("POST", "/tokens", body).await.refused(
        400,
        "contains_card_number",
        Some("riskMetadata"),
    );
    for method in ["ach", "paypal"] {
        let mut body = production_body();
        body["method"] = json!(method);
        shop.tokenization("POST", "/tokens", body).await.refused(
            422,
            "token_method_unsupported",
            Some("method"),
        );
    }
}

#[tokio::test]
async fn every_member_of_both_bodies_is_checked() {
    let shop = Shop::open().await;
    // Member on the stage, in the production, a wrong value, and what it is refused with.
    let cases = [
        ("primaryAccountNumber", "pan", json!("4111111111111112"), 422, "card_invalid"),
        ("primaryAccountNumber", "pan", json!("4111"), 422, "card_invalid"),
        ("primaryAccountNumber", "pan", json!(4_111_111_111_111_111_u64), 400, "wrong_type"),
        ("primaryAccountNumber", "pan", Value::Null, 400, "required"),
        ("expirationMonth", "expMonth", json!(13), 400, "out_of_range"),
        ("expirationMonth", "expMonth", json!(0), 400, "out_of_range"),
        ("expirationMonth", "expMonth", json!("December"), 400, "wrong_type"),
        ("expirationMonth", "expMonth", Value::Null, 400, "required"),
        ("expirationYear", "expYear", json!(30), 400, "out_of_range"),
        ("expirationYear", "expYear", json!(2030.5), 400, "wrong_type"),
        ("expirationYear", "expYear", Value::Null, 400, "required"),
        ("cardVerificationValue", "cvv", json!("12"), 422, "card_invalid"),
        ("cardVerificationValue", "cvv", json!(123), 400, "wrong_type"),
    ];
    for (on_stage, in_production, wrong, status, code) in cases {
        let mut body = stage_body();
        body[on_stage] = wrong.clone();
        shop.post("/payment-instruments/tokens", body).await.refused(status, code, Some(on_stage));
        let mut body = production_body();
        body["paymentInstrument"][in_production] = wrong;
        let field = format!("paymentInstrument.{in_production}");
        shop.tokenization("POST", "/tokens", body).await.refused(status, code, Some(&field));
    }
    let mut body = stage_body();
    body["expirationYear"] = json!(2025);
    shop.post("/payment-instruments/tokens", body).await.refused(
        422,
        "card_invalid",
        Some("expirationMonth"),
    );
    let mut body = production_body();
    body["billingAddress"]["address1"] = json!("x");
    let refused = shop.tokenization("POST", "/tokens", body).await;
    refused.refused(400, "unknown_field", Some("billingAddress.address1"));
    let mut body = production_body();
    body["paymentInstrument"] = Value::Null;
    shop.tokenization("POST", "/tokens", body).await.refused(400, "required", Some("paymentInstrument"));
}

#[tokio::test]
async fn the_optional_members_may_be_left_out_and_numbers_may_be_texts() {
    let shop = Shop::open().await;
    let body = json!({"primaryAccountNumber": APPROVED, "expirationMonth": "12", "expirationYear": "2030"});
    shop.post("/payment-instruments/tokens", body).await.ok(201);
    let mut body = production_body();
    body["billingAddress"] = Value::Null;
    body["paymentInstrument"]["cvv"] = Value::Null;
    shop.tokenization("POST", "/tokens", body).await.ok(201);
}

#[tokio::test]
async fn the_production_needs_the_organization_in_its_header() {
    let shop = Shop::open().await;
    let field = Some("X-Organization-Id");
    shop.call("POST", "/tokens", production_body()).await.refused(400, "required", field);
    shop.call("GET", "/tokens/x", Value::Null).await.refused(400, "required", field);
    let other = shop.other_merchant().await;
    let request = axum::http::Request::post("/paymentsai/tokens")
        .header("authorization", format!("ApiKey {}", shop.secret_key()))
        .header("x-organization-id", other.organization())
        .body(production_body().to_string().into())
        .unwrap();
    shop.send(request).await.refused(404, "not_found", None);
}
