//! Keys, bodies and paths that are refused before anything happens.

use serde_json::json;

use crate::shop::{Shop, card};

#[tokio::test]
async fn a_secret_key_is_needed_raw_or_as_bearer() {
    let shop = Shop::open().await;
    let id = shop.customer(json!({})).await;
    let path = format!("/api/vault/{id}");
    let secret = shop.secret_key().to_owned();
    for header in [secret.clone(), format!("Bearer {secret}")] {
        assert_eq!(shop.with_authorization("GET", &path, Some(&header), "").await.status, 200);
    }
    let stranger = format!("sk_test_{}_{}", "1".repeat(12), "2".repeat(32));
    for (header, status, code) in [
        (None, 401, "key_missing"),
        (Some("api_0123456789".to_owned()), 401, "key_invalid"),
        (Some(stranger), 401, "key_invalid"),
        (Some(shop.publishable_key().to_owned()), 403, "wrong_key_kind"),
    ] {
        for (method, path) in [("GET", path.as_str()), ("DELETE", &path), ("POST", "/api/vault/customer")] {
            let answer = shop.with_authorization(method, path, header.as_deref(), "{}").await;
            answer.refused(status, code, None);
        }
    }
    assert_eq!(shop.search(json!({})).await.body["total_count"], 1);
}

#[tokio::test]
async fn every_operation_needs_a_key_and_a_customer_of_ones_own() {
    let shop = Shop::open().await;
    let other = shop.other_merchant().await;
    let id = shop.customer(json!({})).await;
    let whole = format!("/api/vault/{id}");
    let base = format!("/api/vault/customer/{id}");
    let google = json!({"google_pay_token": {}});
    let apple = json!({"key_id": "m", "pkpaymenttoken": {}});
    let ach = json!({"account_number": "123456789", "routing_number": "021000021", "account_type": "checking", "sec_code": "web"});
    for (method, path, body) in [
        ("GET", whole.clone(), json!(null)),
        ("DELETE", whole, json!(null)),
        ("GET", base.clone(), json!(null)),
        ("DELETE", base.clone(), json!(null)),
        ("POST", base.clone(), json!({"notes": "x"})),
        ("POST", format!("{base}/address"), json!({})),
        ("POST", format!("{base}/address/a"), json!({})),
        ("DELETE", format!("{base}/address/a"), json!(null)),
        ("POST", format!("{base}/card"), card()),
        ("POST", format!("{base}/card/a"), card()),
        ("DELETE", format!("{base}/card/a"), json!(null)),
        ("POST", format!("{base}/ach"), ach.clone()),
        ("POST", format!("{base}/ach/a"), ach),
        ("DELETE", format!("{base}/ach/a"), json!(null)),
        ("POST", format!("{base}/token"), json!({"token": "Z2a87b7wk9PHzwl2RZLvslq1UzjzjHl1"})),
        ("POST", format!("{base}/applepay"), apple),
        ("POST", format!("{base}/googlepay"), google),
    ] {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let without = shop.with_authorization(method, &path, None, &text).await;
        without.refused(401, "key_missing", None);
        let foreign = other.with_authorization(method, &path, Some(other.secret_key()), &text).await;
        foreign.refused(404, "not_found", None);
        // What does not exist gets the very same answer.
        let nowhere = path.replace(&id, "nobody");
        let missing = other.with_authorization(method, &nowhere, Some(other.secret_key()), &text).await;
        assert_eq!((missing.status, missing.body), (foreign.status, foreign.body), "{method} {path}");
    }
    assert_eq!(shop.get(&format!("/api/vault/{id}")).await.status, 200);
}

#[tokio::test]
async fn bodies_that_are_no_json_objects_are_refused() {
    let shop = Shop::open().await;
    for body in ["", "{", "[]", "null", "\"4111111111111111\"", r#"{"id":"a","id":"b"}"#, "\u{feff}{}"] {
        let answer =
            shop.with_authorization("POST", "/api/vault/customer", Some(shop.secret_key()), body).await;
        answer.refused(400, "malformed_json", None);
        assert!(!answer.body.to_string().contains("4111"));
    }
    let long = json!({"description": "x".repeat(16 * 1024)}).to_string();
    let answer = shop.with_authorization("POST", "/api/vault/customer", Some(shop.secret_key()), &long).await;
    answer.refused(413, "body_too_large", None);
    assert_eq!(shop.search(json!({})).await.body["total_count"], 0);
}

#[tokio::test]
async fn members_that_are_null_count_as_not_sent() {
    let shop = Shop::open().await;
    // What the vendor's Dart SDK writes for a card: every member it knows.
    let record = shop
        .create(json!({
            "id": null, "id_format": null, "description": null, "flags": null,
            "default_billing_address": null, "default_shipping_address": null,
            "default_payment": {
                "card": {
                    "id": null, "number": "4111111111111111", "masked_number": null, "encrypted_number": null,
                    "digest": null, "expiration_date": "12/30", "card_type": null, "processor_id": null,
                    "flags": null, "lock_value": null, "cvc": null,
                },
                "ach": null, "token": null,
            },
        }))
        .await;
    assert_eq!(record["data"]["customer"]["payments"]["cards"][0]["masked_number"], "411111******1111");
}

#[tokio::test]
async fn unknown_paths_and_methods_answer_in_this_faces_form() {
    let shop = Shop::open().await;
    shop.get("/api/vault/%FF").await.refused(404, "not_found", None);
    shop.get("/api/transaction/x").await.refused(404, "not_found", None);
    shop.get("/api/vault/customer").await.refused(405, "method_not_allowed", None);
    shop.delete("/api/vault/customer/a/token/b").await.refused(405, "method_not_allowed", None);
    shop.get("/api/vault/customer/a/card/b").await.refused(405, "method_not_allowed", None);
}

#[tokio::test]
async fn a_body_that_is_named_anything_but_json_is_refused() {
    let shop = Shop::open().await;
    let path = "/api/vault/customer";
    for media_type in [None, Some("application/json"), Some("application/json; charset=utf-8")] {
        assert_eq!(shop.post_as(media_type, path, "{}").await.status, 200, "{media_type:?}");
    }
    for media_type in
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
    {
        let refused = shop.post_as(Some(media_type), path, "{}").await;
        refused.refused(415, "media_type_unsupported", None);
    }
    assert_eq!(shop.search(json!({})).await.body["total_count"], 3);
}

#[tokio::test]
async fn card_numbers_are_refused_wherever_they_would_be_shown() {
    let shop = Shop::open().await;
    let id = shop.customer(json!({})).await;
    let base = format!("/api/vault/customer/{id}");
    for separator in [" ", "-", ".", "/", "_", ",", ":", "|", "(", ")", "'", ""] {
        let number = ["4111", "1111", "1111", "1111"].join(separator);
        let refused = shop.post(&base, json!({"notes": format!("pay {number} now")})).await;
        refused.refused(400, "contains_card_number", Some("notes"));
    }
    for (member, value) in [
        ("email", "4111111111111111@mail.com"),
        ("email", "card.4111-1111-1111-1111@mail.com"),
        ("phone", "378282246310005"),
        ("fax", "+3782 822463 10005"),
        ("line_1", "४१११११११११११११११"),
        ("state", "٤١١١ ١١١١ ١١١١ ١١١١"),
    ] {
        let refused = shop.post(&format!("{base}/address"), json!({member: value})).await;
        refused.refused(400, "contains_card_number", Some(member));
    }
    for custom in ["4111111111111111", "a4111111111111111b"] {
        let refused = shop.post("/api/vault/customer", json!({"id": custom})).await;
        refused.refused(400, "contains_card_number", Some("id"));
    }
    // One telephone number in ten passes the Luhn formula; it is no card number for that.
    for phone in ["+1 (415) 555-0123", "490000000000007", "676000000007"] {
        let added = shop.post(&format!("{base}/address"), json!({"phone": phone, "fax": phone})).await;
        assert_eq!(added.status, 200, "{}", added.body);
    }
}
