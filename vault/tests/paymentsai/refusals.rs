//! Who may call, and what every operation answers to keys, organizations and bodies that are not right.

use serde_json::{Value, json};

use crate::shop::{APPROVED, Shop, jane};

/// Every operation of the face: method, path, and whether it takes a body. `{org}` and the ids are filled in.
const OPERATIONS: [(&str, &str, bool); 22] = [
    ("POST", "/v1/public-api/organizations/{org}/customers", true),
    ("GET", "/v1/public-api/organizations/{org}/customers", false),
    ("GET", "/v1/public-api/organizations/{org}/customers/{customer}", false),
    ("PUT", "/v1/public-api/organizations/{org}/customers/{customer}", true),
    ("PATCH", "/v1/public-api/organizations/{org}/customers/{customer}", true),
    ("DELETE", "/v1/public-api/organizations/{org}/customers/{customer}", false),
    ("POST", "/v1/public-api/organizations/{org}/customers/{customer}/payment-instruments", true),
    ("GET", "/v1/public-api/organizations/{org}/customers/{customer}/payment-instruments", false),
    (
        "GET",
        "/v1/public-api/organizations/{org}/customers/{customer}/payment-instruments/{instrument}",
        false,
    ),
    (
        "DELETE",
        "/v1/public-api/organizations/{org}/customers/{customer}/payment-instruments/{instrument}",
        false,
    ),
    (
        "POST",
        "/v1/public-api/organizations/{org}/customers/{customer}/payment-instruments/{instrument}/default",
        false,
    ),
    (
        "POST",
        "/v1/public-api/organizations/{org}/customers/{customer}/payment-instruments/{instrument}/deactivation",
        false,
    ),
    ("POST", "/v1/public-api/organizations/{org}/payment-instruments/tokens", true),
    ("POST", "/v1/public-api/organizations/{org}/transactions", true),
    ("GET", "/v1/public-api/organizations/{org}/transactions", false),
    ("GET", "/v1/public-api/organizations/{org}/transactions/{transaction}", false),
    ("POST", "/v1/public-api/organizations/{org}/custom-fields", true),
    ("GET", "/v1/public-api/organizations/{org}/custom-fields", false),
    ("GET", "/v1/organizations/{org}/public-keys/publishable", false),
    ("POST", "/tokens", true),
    ("GET", "/tokens", false),
    ("GET", "/tokens/{token}", false),
];

/// The path of an operation with real ids of the shop's.
async fn filled(shop: &Shop) -> Vec<(&'static str, String, bool)> {
    let customer = shop.customer(jane()).await;
    let instrument = shop.attached(&customer, APPROVED).await;
    let paid = shop.charge(&customer, Value::Null).await.ok(201);
    let token = shop.card_token(APPROVED).await;
    OPERATIONS
        .iter()
        .map(|(method, path, takes_body)| {
            let path = path
                .replace("{org}", shop.organization())
                .replace("{customer}", &customer)
                .replace("{instrument}", &instrument)
                .replace("{transaction}", paid["id"].as_str().unwrap())
                .replace("{token}", &token);
            (*method, path, *takes_body)
        })
        .collect()
}

#[tokio::test]
async fn every_operation_wants_the_secret_key_behind_its_own_scheme() {
    let shop = Shop::open().await;
    for (method, path, _) in filled(&shop).await {
        let sk = shop.secret_key();
        for missing in [None, Some(sk.to_owned()), Some(format!("Bearer {sk}")), Some("ApiKey".to_owned())] {
            let answer = shop.raw(method, &path, missing.as_deref(), "{}").await;
            assert_eq!(answer.headers["www-authenticate"], "ApiKey");
            answer.refused(401, "key_missing", None);
        }
        for wrong in ["ApiKey nonsense".to_owned(), format!("ApiKey {sk}x")] {
            shop.raw(method, &path, Some(&wrong), "{}").await.refused(401, "key_invalid", None);
        }
        let publishable = format!("ApiKey {}", shop.publishable_key());
        shop.raw(method, &path, Some(&publishable), "{}").await.refused(403, "wrong_key_kind", None);
    }
}

#[tokio::test]
async fn another_organization_is_answered_like_none() {
    let shop = Shop::open().await;
    let other = shop.other_merchant().await;
    let theirs = format!("ApiKey {}", other.secret_key());
    for (method, path, _) in filled(&shop).await {
        if path.starts_with("/tokens") {
            continue;
        }
        // Their key in our organization, and in one that does not exist.
        let in_ours = shop.raw(method, &path, Some(&theirs), "{}").await;
        let in_none = path.replace(shop.organization(), "mer_doesnotexist");
        let in_none = shop.raw(method, &in_none, Some(&theirs), "{}").await;
        assert_eq!(in_ours.body, in_none.body, "{method} {path}");
        in_ours.refused(404, "not_found", None);
        // Our ids in their organization.
        let in_theirs = path.replace(shop.organization(), other.organization());
        let has_id = OPERATIONS.iter().any(|(_, pattern, _)| {
            pattern.contains("{customer}") && pattern.split('/').count() == path.split('/').count()
        }) && path.contains("/customers/");
        if has_id && (method != "PUT" && method != "PATCH") {
            let body = if path.ends_with("payment-instruments") { r#"{"token":"x"}"# } else { "{}" };
            shop.raw(method, &in_theirs, Some(&theirs), body).await.refused(404, "not_found", None);
        }
    }
}

#[tokio::test]
async fn another_merchants_records_do_not_exist() {
    let shop = Shop::open().await;
    let other = shop.other_merchant().await;
    let customer = shop.customer(jane()).await;
    let instrument = shop.attached(&customer, APPROVED).await;
    let paid = shop.charge(&customer, Value::Null).await.ok(201);
    let path = format!("/customers/{customer}");
    other.get(&path).await.refused(404, "not_found", None);
    other.put(&path, json!({"firstName": "Eve"})).await.refused(404, "not_found", None);
    other.delete(&path).await.refused(404, "not_found", None);
    let theirs = other.customer(json!({})).await;
    let token = shop.card_token(APPROVED).await;
    let attach = format!("/customers/{theirs}/payment-instruments");
    other.post(&attach, json!({"token": token})).await.refused(404, "token_unknown", Some("token"));
    other.get(&format!("{attach}/{instrument}")).await.refused(404, "not_found", None);
    other.get(&format!("/transactions/{}", paid["id"].as_str().unwrap())).await.refused(
        404,
        "not_found",
        None,
    );
    for list in ["/customers", "/transactions"] {
        assert!(!other.get(list).await.ok(200).to_string().contains(&customer));
    }
    let field = Some("paymentInstruction.token");
    other.charge(&theirs, json!({"token": token})).await.refused(404, "token_unknown", field);
    other.charge(&customer, Value::Null).await.refused(404, "not_found", Some("customerId"));
    assert_eq!(shop.get(&path).await.ok(200)["firstName"], "Jane");
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused_by_every_operation_that_takes_one() {
    let shop = Shop::open().await;
    let key = format!("ApiKey {}", shop.secret_key());
    let organization = shop.organization();
    for (method, path, _) in filled(&shop).await.into_iter().filter(|(_, _, takes_body)| *takes_body) {
        let request = |media_type: Option<&str>, body: String| {
            let mut request = axum::http::Request::builder()
                .method(method)
                .uri(format!("/paymentsai{path}"))
                .header("authorization", &key)
                .header("x-organization-id", organization);
            if let Some(media_type) = media_type {
                request = request.header("content-type", media_type);
            }
            request.body(axum::body::Body::from(body)).unwrap()
        };
        for malformed in ["", "{", "[]", "null", "\"x\"", r#"{"a":1,"a":2}"#, "{\"token\":\"\u{0}\"}"] {
            let sent = request(Some("application/json"), malformed.to_owned());
            shop.send(sent).await.refused(400, "malformed_json", None);
        }
        let sent = request(Some("application/x-www-form-urlencoded"), "a=b".to_owned());
        shop.send(sent).await.refused(415, "media_type_unsupported", None);
        let sent = request(None, r#"{"no such member":1}"#.to_owned());
        assert_eq!(shop.send(sent).await.status, 400, "{method} {path}");
        let sent = request(Some("application/json"), format!(r#"{{"a":"{}"}}"#, "x".repeat(16 * 1024)));
        shop.send(sent).await.refused(413, "body_too_large", None);
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_are_answered_in_the_faces_own_form() {
    let shop = Shop::open().await;
    shop.get("/invoices").await.refused(404, "route_unknown", None);
    shop.call("GET", "/nothing", Value::Null).await.refused(404, "route_unknown", None);
    shop.call("PUT", &shop.path("/customers"), json!({})).await.refused(405, "method_not_allowed", None);
    shop.call("PATCH", &shop.path("/transactions/x"), json!({})).await.refused(
        405,
        "method_not_allowed",
        None,
    );
    shop.get("/customers/%ff").await.refused(404, "not_found", None);
    shop.get(&format!("/customers/{}", "x".repeat(2_000))).await.refused(404, "not_found", None);
    shop.get("/customers?limit=%ff").await.refused(400, "out_of_range", Some("limit"));
}

#[tokio::test]
async fn a_header_that_stands_twice_is_refused() {
    let shop = Shop::open().await;
    let key = format!("ApiKey {}", shop.secret_key());
    let request = axum::http::Request::get(format!("/paymentsai{}", shop.path("/customers")))
        .header("authorization", &key)
        .header("authorization", &key)
        .body(axum::body::Body::empty())
        .unwrap();
    shop.send(request).await.refused(400, "header_repeated", None);
}
