//! Who may call what, from where.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use vault::clock::Clock as _;

use crate::support::{SHOP_ORIGIN, VAULT_ORIGIN, Vault, fresh_key, visa};

const SECRET_ROUTES: [(&str, &str); 9] = [
    ("POST", "/v1/customers"),
    ("GET", "/v1/customers"),
    ("GET", "/v1/customers/cus_1"),
    ("PATCH", "/v1/customers/cus_1"),
    ("DELETE", "/v1/customers/cus_1"),
    ("POST", "/v1/payment-methods"),
    ("GET", "/v1/payment-methods"),
    ("DELETE", "/v1/payment-methods/pm_1"),
    ("POST", "/v1/payment-methods/pm_1/attach"),
];

const PUBLISHABLE_ROUTES: [(&str, &str); 2] = [("GET", "/v1/keys"), ("POST", "/v1/tokens")];

#[tokio::test]
async fn every_route_asks_for_its_kind_of_key_before_anything_else() {
    let vault = Vault::start().await;
    for (routes, wrong_kind) in [(&SECRET_ROUTES[..], &vault.pk), (&PUBLISHABLE_ROUTES[..], &vault.sk)] {
        for (method, path) in routes {
            let without = Request::builder().method(*method).uri(*path).body(Body::empty()).unwrap();
            let answer = vault.send(without).await;
            answer.expect_error(401, "key_missing");
            assert_eq!(answer.headers["www-authenticate"], "Bearer");
            let answer = vault.call_with(wrong_kind, method, path, Value::Null).await;
            answer.expect_error(403, "wrong_key_kind");
        }
    }
}

#[tokio::test]
async fn a_key_that_is_not_exactly_right_is_invalid() {
    let vault = Vault::start().await;
    let (_, other) = vault.another_merchant().await;
    let own_id_with_other_secret =
        format!("{}_{}", vault.sk.rsplit_once('_').unwrap().0, other.rsplit_once('_').unwrap().1);
    let secret_as_publishable = vault.sk.replace("sk_", "pk_");
    let shorter = &vault.sk[..vault.sk.len() - 1];
    let longer = format!("{}1", vault.sk);
    for key in [
        "",
        "x",
        "sk_test_",
        shorter,
        &longer,
        &own_id_with_other_secret,
        "sk_test_111111111111_11111111111111111111111111111111",
    ] {
        let answer = vault.call_with(key, "GET", "/v1/customers", Value::Null).await;
        answer.expect_error(401, "key_invalid");
    }
    let answer = vault.call_with(&secret_as_publishable, "GET", "/v1/keys", Value::Null).await;
    answer.expect_error(401, "key_invalid");
}

#[tokio::test]
async fn a_key_may_come_without_bearer() {
    let vault = Vault::start().await;
    for form in [vault.sk.clone(), format!("bearer {}", vault.sk), format!("BEARER  {}", vault.sk)] {
        let request = Request::get("/v1/customers").header("authorization", form);
        vault.send(request.body(Body::empty()).unwrap()).await.expect(200);
    }
    let basic = Request::get("/v1/customers").header("authorization", format!("Basic {}", vault.sk));
    vault.send(basic.body(Body::empty()).unwrap()).await.expect_error(401, "key_invalid");
}

#[tokio::test]
async fn only_allowed_origins_may_use_a_publishable_key() {
    let vault = Vault::start().await;
    let keys = async |origin: Option<&str>| {
        let mut request = Request::get("/v1/keys").header("authorization", format!("Bearer {}", vault.pk));
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        vault.send(request.body(Body::empty()).unwrap()).await
    };
    for good in [None, Some(VAULT_ORIGIN), Some(SHOP_ORIGIN)] {
        keys(good).await.expect(200);
    }
    for bad in [
        "null",
        "https://evil.example",
        "http://localhost:8801",
        "http://LOCALHOST:8800",
        "http://localhost:8800/",
    ] {
        keys(Some(bad)).await.expect_error(403, "origin_not_allowed");
    }
}

#[tokio::test]
async fn a_page_of_another_origin_gets_no_token() {
    let vault = Vault::start().await;
    let key = fresh_key();
    let envelope = vault.seal(&vault.pk, visa(), &key).await;
    for origin in ["https://evil.example", "null", "", VAULT_ORIGIN] {
        let body = json!({"envelope": envelope, "kind": "card", "page_origin": origin});
        vault.post_token(&vault.pk, &key, body).await.expect_error(403, "origin_not_allowed");
    }
}

#[tokio::test]
async fn the_key_list_is_what_browsers_need() {
    let vault = Vault::start().await;
    let answer = vault.call_with(&vault.pk, "GET", "/v1/keys", Value::Null).await.expect(200);
    let keys = answer["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 1);
    assert_eq!(keys[0]["suite"], "hpke-x25519-hkdf-sha256-chacha20poly1305");
    assert_eq!(keys[0]["id"].as_str().unwrap().len(), 11);
    assert_eq!(keys[0]["public_key"].as_str().unwrap().len(), 43);
    // What the root of development has signed of it, for this vault and now.
    let statement = seal::Signed::from_text(keys[0]["statement"].as_str().unwrap()).unwrap();
    let statement = statement.checked(&seal::root::DEVELOPMENT).unwrap();
    let now_ms = u64::try_from(vault.clock.now_ms()).unwrap();
    assert_eq!(statement.not_before_ms, now_ms);
    assert_eq!(statement.key_for(VAULT_ORIGIN, now_ms), Ok(vault.sealing_key().await));
    vault.clock.advance_ms(25 * 60 * 60 * 1000);
    vault::housekeeping::rotate(&vault.vaulting).await.unwrap();
    let later = vault.call_with(&vault.pk, "GET", "/v1/keys", Value::Null).await.expect(200);
    assert_eq!(later["keys"].as_array().unwrap().len(), 2);
    assert_eq!(later["keys"][1], keys[0], "the newest comes first");
}
