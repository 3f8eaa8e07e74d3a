//! Bad input gets a clear, coded error, and nothing is stored.

use axum::{
    body::Body,
    http::{Request, request},
};
use serde_json::{Value, json};

use crate::support::{Answer, SHOP_ORIGIN, Vault, fresh_key, visa};

async fn send(vault: &Vault, request: request::Builder, body: impl Into<Body>) -> Answer {
    let request = request.header("authorization", format!("Bearer {}", vault.sk));
    vault.send(request.body(body.into()).unwrap()).await
}

fn json_post(path: &str) -> request::Builder {
    Request::post(path).header("content-type", "application/json")
}

async fn assert_nothing_stored(vault: &Vault) {
    for path in ["/v1/customers", "/v1/payment-methods"] {
        let listed = vault.call("GET", path, Value::Null).await.expect(200);
        assert_eq!(listed["data"], json!([]), "{path}");
    }
}

#[tokio::test]
async fn what_is_not_json_is_refused() {
    let vault = Vault::start().await;
    for body in [
        "",
        "{",
        "[]",
        "null",
        "\"text\"",
        "{\"first_name\":1}",
        "{\"first_name\":\"a\",\"first_name\":\"b\"}",
        "{}{}",
    ] {
        let answer = send(&vault, json_post("/v1/customers"), body).await;
        let error = answer.expect_error(400, "malformed_json");
        assert_eq!(error["classification"], "merchant");
    }
    let form = Request::post("/v1/customers").header("content-type", "application/x-www-form-urlencoded");
    send(&vault, form, "first_name=Ada").await.expect_error(415, "media_type_unsupported");
    send(&vault, Request::post("/v1/customers"), "{}").await.expect_error(415, "media_type_unsupported");
    assert_nothing_stored(&vault).await;
}

#[tokio::test]
async fn headers_that_decide_stand_once() {
    let vault = Vault::start().await;
    let twice = json_post("/v1/customers").header("content-type", "text/plain");
    let error = send(&vault, twice, "{}").await.expect_error(400, "header_repeated");
    assert!(error["message"].as_str().unwrap().contains("content-type"), "{error}");
    for other in ["Bearer sk_test_other", &format!("Bearer {}", vault.sk)] {
        let twice = json_post("/v1/customers").header("authorization", other);
        send(&vault, twice, "{}").await.expect_error(400, "header_repeated");
        let twice = Request::post("/fluidpay/api/vault/customer").header("authorization", other);
        assert_eq!(send(&vault, twice, "{}").await.status, 400);
    }
    let twice = json_post("/v1/tokens")
        .header("authorization", format!("Bearer {}", vault.pk))
        .header("idempotency-key", fresh_key())
        .header("idempotency-key", fresh_key());
    let body = json!({"envelope": "e", "kind": "card", "page_origin": SHOP_ORIGIN}).to_string();
    vault.send(twice.body(body.into()).unwrap()).await.expect_error(400, "header_repeated");
    assert_nothing_stored(&vault).await;
}

#[tokio::test]
async fn unknown_members_are_refused_by_name_unless_the_name_is_a_number() {
    let vault = Vault::start().await;
    for path in ["/v1/customers", "/v1/payment-methods"] {
        let answer = send(&vault, json_post(path), r#"{"token":"t","colour":"red"}"#).await;
        assert_eq!(answer.expect_error(400, "unknown_field")["field"], "colour");
        let answer = send(&vault, json_post(path), r#"{"4111111111111111":"red"}"#).await;
        assert_eq!(answer.expect_error(400, "unknown_field")["field"], Value::Null);
        assert!(!String::from_utf8_lossy(&answer.bytes).contains("4111"));
    }
    let missing = send(&vault, json_post("/v1/payment-methods"), "{}").await;
    assert_eq!(missing.expect_error(400, "field_missing")["field"], "token");
    // `sk_` callers cannot set what only the vault sets.
    let answer = send(&vault, json_post("/v1/customers"), r#"{"id":"cus_mine"}"#).await;
    answer.expect_error(400, "unknown_field");
    assert_nothing_stored(&vault).await;
}

#[tokio::test]
async fn a_body_over_16_kib_is_refused() {
    let vault = Vault::start().await;
    let fitting = format!("{{\"token\":\"t\"{}}}", " ".repeat(16 * 1024 - 13));
    assert_eq!(fitting.len(), 16 * 1024);
    send(&vault, json_post("/v1/customers"), fitting.clone()).await.expect_error(404, "token_unknown");
    let too_long = fitting + " ";
    send(&vault, json_post("/v1/customers"), too_long.clone()).await.expect_error(413, "body_too_large");
    let said = json_post("/v1/customers").header("content-length", too_long.len());
    send(&vault, said, too_long.clone()).await.expect_error(413, "body_too_large");
    let answer = vault.post_token(&vault.pk, &fresh_key(), json!({"envelope": too_long})).await;
    answer.expect_error(413, "body_too_large");
    assert_nothing_stored(&vault).await;
}

#[tokio::test]
async fn unknown_paths_and_methods_have_codes() {
    let vault = Vault::start().await;
    for path in [
        "/",
        "/v1",
        "/v2/customers",
        "/v1/customers/",
        "/v1/tokens/tok_1",
        "/.env",
        "/assets/",
        "/v1/customers/a/b",
    ] {
        vault.call("GET", path, Value::Null).await.expect_error(404, "route_unknown");
    }
    for (method, path) in
        [("PUT", "/v1/customers"), ("DELETE", "/v1/tokens"), ("POST", "/v1/keys"), ("GET", "/v1/tokens")]
    {
        let answer = vault.call(method, path, Value::Null).await;
        answer.expect_error(405, "method_not_allowed");
        assert!(answer.headers.contains_key("allow"));
    }
}

#[tokio::test]
async fn odd_ids_are_not_found() {
    let vault = Vault::start().await;
    let long = "a".repeat(5000);
    for id in ["%FF", "%00", "..%2F..%2Fetc", "cus_'--", long.as_str(), "4111111111111111"] {
        for kind in ["customers", "payment-methods"] {
            let answer = vault.call("GET", &format!("/v1/{kind}/{id}"), Value::Null).await;
            answer.expect_error(404, "not_found");
            assert!(!String::from_utf8_lossy(&answer.bytes).contains("4111"));
        }
    }
}

#[tokio::test]
async fn free_text_holds_no_card_number() {
    let vault = Vault::start().await;
    let id = vault.customer().await;
    for (field, text) in [
        ("first_name", "4111111111111111"),
        ("last_name", "Ada 4111 1111 1111 1111"),
        ("company", "378282246310005"),
        ("email", "4111111111111111@example.com"),
        ("phone", "4111111111111111"),
        ("description", "card 5555-5555-5555-4444 exp 12/30"),
    ] {
        let body = json!({field: text});
        for answer in [
            vault.call("POST", "/v1/customers", body.clone()).await,
            vault.call("PATCH", &format!("/v1/customers/{id}"), body).await,
        ] {
            let error = answer.expect_error(422, "contains_card_number");
            assert_eq!(error["field"], field);
            assert!(!error.to_string().contains("11111") && !error.to_string().contains("5555"));
        }
    }
    let body = json!({"metadata": {"note": "4111111111111111"}});
    vault.call("POST", "/v1/customers", body).await.expect_error(422, "contains_card_number");
    let listed = vault.call("GET", "/v1/customers", Value::Null).await.expect(200);
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn wrong_fields_say_which_and_why() {
    let vault = Vault::start().await;
    for (body, field, reason) in [
        (json!({"email": "ada"}), "email", "bad_format"),
        (json!({"phone": "12"}), "phone", "bad_format"),
        (json!({"phone": "+12"}), "phone", "too_short"),
        (json!({"first_name": "x".repeat(101)}), "first_name", "too_long"),
        (json!({"last_name": "a\u{0}b"}), "last_name", "bad_characters"),
        (json!({"description": "x".repeat(501)}), "description", "too_long"),
    ] {
        let error = vault.call("POST", "/v1/customers", body).await.expect_error(422, "field_invalid");
        assert_eq!((&error["field"], &error["reason"]), (&json!(field), &json!(reason)));
        assert_eq!(error["classification"], "shopper");
    }
    assert_nothing_stored(&vault).await;
}

#[tokio::test]
async fn a_token_request_misses_nothing() {
    let vault = Vault::start().await;
    let key = fresh_key();
    let envelope = vault.seal(&vault.pk, visa(), &key).await;
    for member in ["envelope", "kind", "page_origin"] {
        let mut body = json!({"envelope": envelope, "kind": "card", "page_origin": SHOP_ORIGIN});
        body.as_object_mut().unwrap().remove(member);
        let error = vault.post_token(&vault.pk, &key, body).await.expect_error(400, "field_missing");
        assert_eq!(error["field"], member);
    }
    let body = json!({"envelope": envelope, "kind": "card", "page_origin": SHOP_ORIGIN, "number": "x"});
    vault.post_token(&vault.pk, &key, body).await.expect_error(400, "unknown_field");
}
