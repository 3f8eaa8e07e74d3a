//! Who may call: three headers, a query parameter, and the origins of pages.

use serde_json::json;

use crate::shop::{Shop, card, is_uuid};
use crate::support::SHOP_ORIGIN;

const TOKENS: &str = "/v1/payment_sources/tokens";

#[tokio::test]
async fn a_token_is_made_with_either_key_in_any_documented_place() {
    let shop = Shop::open().await;
    let (pk, sk) = (shop.publishable_key.as_str(), shop.secret_key.as_str());
    let body = card("4111111111111111").to_string();
    for headers in [
        [("x-user-public-key", pk)],
        [("x-access-token", pk)],
        [("x-access-token", sk)],
        [("x-user-secret-key", sk)],
    ] {
        is_uuid(&shop.send("POST", TOKENS, &headers, &body).await.data(201, "token"));
    }
    let path = format!("{TOKENS}?public_key={pk}");
    is_uuid(&shop.send("POST", &path, &[], &body).await.data(201, "token"));
}

#[tokio::test]
async fn a_page_needs_an_origin_that_the_key_allows() {
    let shop = Shop::open().await;
    let body = card("4111111111111111").to_string();
    let call = async |origin: &str| {
        let headers = [("x-user-public-key", shop.publishable_key.as_str()), ("origin", origin)];
        shop.send("POST", TOKENS, &headers, &body).await
    };
    let answer = call(SHOP_ORIGIN).await;
    assert_eq!(answer.headers["access-control-allow-origin"], SHOP_ORIGIN);
    is_uuid(&answer.data(201, "token"));
    let answer = call("https://evil.example").await;
    answer.refused(403, "permission_denied", "origin_not_allowed", None);
    assert!(!answer.headers.contains_key("access-control-allow-origin"));

    let asks = [("origin", SHOP_ORIGIN), ("access-control-request-method", "POST")];
    let answer = shop.send("OPTIONS", TOKENS, &asks, "").await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.headers["access-control-allow-origin"], SHOP_ORIGIN);
    assert!(answer.headers["access-control-allow-headers"].to_str().unwrap().contains("x-user-public-key"));
}

#[tokio::test]
async fn everything_else_needs_the_secret_key() {
    let shop = Shop::open().await;
    let (pk, sk) = (shop.publishable_key.as_str(), shop.secret_key.as_str());
    let wrong = format!("{}x", &sk[..sk.len() - 1]);
    for (method, path) in [
        ("POST", "/v1/vault/payment_sources"),
        ("GET", "/v1/vault/payment_sources"),
        ("GET", "/v1/vault-tokens/x"),
        ("POST", "/v1/customers"),
        ("GET", "/v1/customers"),
        ("GET", "/v1/customers/x"),
        ("POST", "/v1/customers/x"),
        ("DELETE", "/v1/customers/x"),
        ("DELETE", "/v1/customers/x/payment_sources/y"),
        ("POST", "/v1/charges"),
        ("GET", "/v1/charges"),
        ("GET", "/v1/charges/x"),
        ("GET", "/v1/gateways"),
    ] {
        for (headers, reason) in [
            (vec![], "key_missing"),
            (vec![("x-user-secret-key", wrong.as_str())], "key_invalid"),
            (vec![("x-user-secret-key", "4111111111111111")], "key_invalid"),
            (vec![("x-user-public-key", pk)], "wrong_key_kind"),
            (vec![("x-user-secret-key", pk)], "wrong_key_kind"),
            (vec![("x-access-token", pk)], "wrong_key_kind"),
        ] {
            let answer = shop.send(method, path, &headers, "{}").await;
            answer.refused(403, "permission_denied", reason, None);
        }
        let twice = [("x-user-secret-key", sk), ("x-user-secret-key", sk)];
        let answer = shop.send(method, path, &twice, "{}").await;
        answer.refused(400, "validation_error", "header_repeated", None);
    }
    let answer = shop.send("GET", "/v1/customers", &[("x-access-token", sk)], "").await;
    assert_eq!(answer.list("customer").0, Vec::<serde_json::Value>::new());
    let answer = shop.send("POST", TOKENS, &[], &json!({}).to_string()).await;
    answer.refused(403, "permission_denied", "key_missing", None);
}
