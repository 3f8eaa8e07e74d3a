//! What is refused before any operation looks at it.

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};

use crate::shop::Shop;

#[tokio::test]
async fn every_operation_asks_for_an_access_token() {
    let shop = Shop::open().await;
    let id = "8a06469f-25da-4763-990d-11a4bbc74ecb";
    for (method, path) in [
        ("GET", "/v2/customers".to_owned()),
        ("POST", "/v2/customers".to_owned()),
        ("PATCH", format!("/v2/customers/{id}")),
        ("DELETE", format!("/v2/payment-methods/{id}")),
        ("POST", format!("/v2/payment-methods/{id}/set-default")),
        ("POST", "/v2/payment-sessions".to_owned()),
        ("GET", format!("/v2/transactions/{id}")),
        ("PUT", format!("/pay-api/v1/customers/{id}")),
        ("GET", format!("/pay-int-api/payment-sessions/{id}")),
    ] {
        let request = Request::builder().method(method).uri(format!("/flute{path}"));
        let answer = shop.send(request.body(Body::empty()).unwrap()).await;
        answer.refused(401, "V0000", "key_missing", Some("BearerTokenError"));
        assert_eq!(answer.headers[header::WWW_AUTHENTICATE], "Bearer");
    }
}

#[tokio::test]
async fn bodies_must_be_json_objects_of_a_bearable_size() {
    let shop = Shop::open().await;
    let send = async |media_type: Option<&str>, body: &str| {
        let mut request = Request::post("/flute/v2/customers")
            .header(header::AUTHORIZATION, format!("Bearer {}", shop.access_token));
        if let Some(media_type) = media_type {
            request = request.header(header::CONTENT_TYPE, media_type);
        }
        shop.send(request.body(Body::from(body.to_owned())).unwrap()).await
    };
    let good = r#"{"firstName":"A","lastName":"B"}"#;
    send(None, good).await.ok();
    send(Some("application/json; charset=utf-8"), good).await.ok();
    send(Some("text/plain"), good).await.refused(415, "V0000", "media_type_unsupported", None);
    for body in ["", "[]", "null", "{", r#"{"firstName":"A","firstName":"B"}"#] {
        send(Some("application/json"), body).await.invalid("malformed_json", "Body");
    }
    let long = format!(r#"{{"firstName":"{}"}}"#, "x".repeat(20_000));
    send(Some("application/json"), &long).await.refused(413, "V0000", "body_too_large", None);
}

#[tokio::test]
async fn unknown_paths_methods_and_ids_are_refused_in_the_same_form() {
    let shop = Shop::open().await;
    shop.get("/v2/invoices").await.missing();
    let answer = shop.call("PUT", "/v2/transactions", &json!({}), &[]).await;
    answer.refused(405, "V0000", "method_not_allowed", None);
    let answer = shop.get("/v2/customers/8a06469f-25da-4763-990d-11a4bbc74ecb").await;
    answer.missing();
    assert_eq!(answer.body["entityId"], "8a06469f-25da-4763-990d-11a4bbc74ecb");
    for id in ["4111111111111111", "%20", "a%2Fb", &"a".repeat(65)] {
        let answer = shop.get(&format!("/v2/customers/{id}")).await;
        answer.missing();
        assert_eq!(answer.body["entityId"], Value::Null, "what is no id is not repeated");
    }
}
