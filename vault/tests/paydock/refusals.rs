//! Requests that are none of this face, and that every code is explained.

use serde_json::json;

use crate::shop::{EXPLAINED, Shop};

/// What explains every code.
const ERRORS: &str = include_str!("../../../docs/errors.md");

#[test]
fn every_code_has_its_heading() {
    let missing: Vec<_> =
        EXPLAINED.iter().filter(|code| !ERRORS.contains(&format!("\n### `{code}`\n"))).collect();
    assert!(missing.is_empty(), "docs/errors.md does not explain {missing:?}");
}

#[tokio::test]
async fn paths_methods_and_bodies_that_do_not_exist_are_refused_in_this_faces_form() {
    let shop = Shop::open().await;
    shop.get("/v1/subscriptions").await.refused(404, "not_found", "not_found", None);
    shop.get("/v2").await.refused(404, "not_found", "not_found", None);
    let answer = shop.delete("/v1/customers").await;
    answer.refused(405, "request_refused", "method_not_allowed", None);
    assert!(answer.headers["allow"].to_str().unwrap().contains("POST"), "{answer:?}");
    assert_eq!(answer.body["resource"], json!({"type": "customer"}));

    let key = ("x-user-secret-key", shop.secret_key.as_str());
    for (path, resource) in [
        ("/v1/customers", "customer"),
        ("/v1/charges", "charge"),
        ("/v1/vault-tokens", "payment_source"),
        ("/v1/payment_sources/tokens", "token"),
    ] {
        for (body, reason) in [
            ("", "malformed_json"),
            ("[]", "malformed_json"),
            ("{\"a\":1,\"a\":2}", "malformed_json"),
            ("{", "malformed_json"),
        ] {
            let answer = shop.send("POST", path, &[key], body).await;
            answer.refused(400, "validation_error", reason, None);
            assert_eq!(answer.body["resource"], json!({"type": resource}));
        }
        let answer = shop.send("POST", path, &[key, ("content-type", "text/plain")], "{}").await;
        answer.refused(415, "request_refused", "media_type_unsupported", None);
        let long = format!("{{\"reference\": \"{}\"}}", "x".repeat(17 * 1024));
        let answer = shop.send("POST", path, &[key], &long).await;
        answer.refused(413, "request_refused", "body_too_large", None);
    }
}

#[tokio::test]
async fn a_long_mandatory_text_is_refused_and_a_long_optional_one_disregarded() {
    let shop = Shop::open().await;
    let long = "x".repeat(256);
    let answer = shop.post("/v1/customers", json!({"token": long})).await;
    answer.refused(400, "validation_error", "too_long", Some("token"));
    let customer = shop.customer().await;
    let path = format!("/v1/customers/{}", customer["_id"].as_str().unwrap());
    let same = shop.post(&path, json!({"first_name": long})).await.data(200, "customer");
    assert_eq!(same["first_name"], "Ada");
    let fits = shop.post(&path, json!({"first_name": "x".repeat(255)})).await.data(200, "customer");
    assert_eq!(fits["first_name"].as_str().unwrap().len(), 255);
}
