//! Keys with fewer scopes, replaced keys, revoked keys.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use vault::{
    api::scope::of_route,
    domain::{ApiKey, KeyKind, KeyText, KeyUse, Scope, TenantId},
    random::SystemRandom,
    store::Change,
};

use crate::support::{Answer, Vault, fresh_key, visa};

/// The key of the vault's merchant that a text belongs to.
async fn stored(vault: &Vault, text: &str) -> ApiKey {
    let id = KeyText::parse(text).unwrap().id().to_owned();
    vault.vaulting.store().api_key(&id).await.unwrap().unwrap()
}

/// Another key of the same merchant, with these scopes.
async fn key_with(vault: &Vault, kind: KeyKind, scopes: &[Scope]) -> String {
    let like = stored(vault, if kind == KeyKind::Secret { &vault.sk } else { &vault.pk }).await;
    let text = KeyText::generate(kind, KeyUse::Test, &SystemRandom).unwrap();
    let keys = vault.vaulting.keyring().merchant(&like.tenant).unwrap();
    let key = ApiKey {
        id: text.id().to_owned(),
        mac: keys.lookup().api_key_mac(text.expose()),
        lookup_version: 1,
        scopes: scopes.to_vec(),
        ..like
    };
    apply(vault, &key.tenant.clone(), Change::InsertKey(key)).await;
    text.expose().to_owned()
}

async fn apply(vault: &Vault, tenant: &TenantId, change: Change) {
    vault.vaulting.store().apply(tenant, vec![change]).await.unwrap();
}

async fn revoke(vault: &Vault, text: &str) {
    let key = stored(vault, text).await;
    apply(vault, &key.tenant, Change::RevokeKey { key_id: key.id, now_ms: vault.vaulting.now_ms() }).await;
}

/// One operation of each face for each scope that a secret key can have there, with what it is answered when the
/// scope is there: anything but a refusal of the key.
fn operations(organization: &str) -> Vec<(Scope, &'static str, String)> {
    let organization = format!("/paymentsai/v1/public-api/organizations/{organization}");
    let row = |scope, method, path: &str| (scope, method, path.to_owned());
    vec![
        row(Scope::Read, "GET", "/v1/customers"),
        row(Scope::Write, "POST", "/v1/customers"),
        row(Scope::Write, "DELETE", "/v1/customers/cus_1"),
        row(Scope::Write, "POST", "/v1/payment-methods"),
        row(Scope::Payments, "POST", "/v1/payments"),
        row(Scope::Read, "GET", "/v1/payments/pay_1"),
        row(Scope::Sessions, "POST", "/v1/sessions"),
        row(Scope::Read, "POST", "/fluidpay/api/vault/customer/search"),
        row(Scope::Write, "POST", "/fluidpay/api/vault/customer"),
        row(Scope::Payments, "POST", "/fluidpay/api/transaction"),
        row(Scope::Read, "POST", "/fluidpay/api/transaction/search"),
        row(Scope::Read, "GET", "/paydock/v1/customers"),
        row(Scope::Write, "POST", "/paydock/v1/customers"),
        row(Scope::Payments, "POST", "/paydock/v1/charges"),
        row(Scope::Tokenize, "POST", "/paydock/v1/payment_sources/tokens"),
        row(Scope::Read, "GET", "/flute/v2/customers"),
        row(Scope::Write, "POST", "/flute/v2/customers"),
        row(Scope::Payments, "POST", "/flute/v2/transactions"),
        row(Scope::Payments, "POST", "/flute/v2/payment-sessions"),
        row(Scope::Read, "GET", &format!("{organization}/customers")),
        row(Scope::Write, "POST", &format!("{organization}/customers")),
        row(Scope::Payments, "POST", &format!("{organization}/transactions")),
        row(Scope::Tokenize, "POST", &format!("{organization}/payment-instruments/tokens")),
    ]
}

/// Sends an empty object with a secret key in the manner of the face.
async fn ask(vault: &Vault, key: &str, method: &str, path: &str) -> Answer {
    let (header, value) = match path.split('/').nth(1) {
        Some("paydock") => ("x-user-secret-key", key.to_owned()),
        Some("paymentsai") => ("authorization", format!("ApiKey {key}")),
        Some("flute") => ("authorization", format!("Bearer {}", flute_token(vault, key).await)),
        _ => ("authorization", format!("Bearer {key}")),
    };
    let request = Request::builder().method(method).uri(path).header(header, value);
    let request = request.header("content-type", "application/json");
    let body = if method == "POST" { Body::from("{}") } else { Body::empty() };
    vault.send(request.body(body).unwrap()).await
}

async fn flute_token(vault: &Vault, key: &str) -> String {
    let id = KeyText::parse(key).unwrap().id().to_owned();
    let form = format!("grant_type=client_credentials&client_id={id}&client_secret={key}");
    let request = Request::post("/flute/oauth2/token");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let answer = vault.send(request.body(Body::from(form)).unwrap()).await.expect(200);
    answer["access_token"].as_str().unwrap().to_owned()
}

fn says_scope_missing(answer: &Answer) -> bool {
    answer.status == 403 && String::from_utf8_lossy(&answer.bytes).contains("scope_missing")
}

#[tokio::test]
async fn a_key_does_what_its_scopes_say_on_every_face() {
    let vault = Vault::start().await;
    let organization = stored(&vault, &vault.sk).await.tenant;
    for scope in Scope::ALL {
        let with = key_with(&vault, KeyKind::Secret, &[scope]).await;
        for (needed, method, path) in operations(organization.as_str()) {
            let answer = ask(&vault, &with, method, &path).await;
            let text = String::from_utf8_lossy(&answer.bytes);
            assert_eq!(says_scope_missing(&answer), needed != scope, "{scope:?} {method} {path}: {text}");
            assert!(![401].contains(&answer.status.as_u16()), "{method} {path}: {text}");
        }
    }
}

#[tokio::test]
async fn the_native_answer_to_a_missing_scope_names_it() {
    let vault = Vault::start().await;
    let reader = key_with(&vault, KeyKind::Secret, &[Scope::Read]).await;
    vault.call_with(&reader, "GET", "/v1/customers", Value::Null).await.expect(200);
    let refused = vault.call_with(&reader, "POST", "/v1/customers", json!({"first_name": "Ada"})).await;
    let error = refused.expect_error(403, "scope_missing");
    assert!(error["message"].as_str().unwrap().contains("`customers:write`"));
    let nothing = key_with(&vault, KeyKind::Publishable, &[]).await;
    for (method, path) in [("GET", "/v1/keys"), ("POST", "/v1/tokens"), ("POST", "/v1/mandates")] {
        vault.call_with(&nothing, method, path, Value::Null).await.expect_error(403, "scope_missing");
    }
}

#[tokio::test]
async fn a_revoked_key_is_answered_like_one_that_never_was() {
    let vault = Vault::start().await;
    let organization = stored(&vault, &vault.sk).await.tenant;
    let unknown = KeyText::generate(KeyKind::Secret, KeyUse::Test, &SystemRandom).unwrap();
    let revoked = key_with(&vault, KeyKind::Secret, &Scope::ALL).await;
    let token = flute_token(&vault, &revoked).await;
    vault.call_with(&revoked, "GET", "/v1/customers", Value::Null).await.expect(200);
    revoke(&vault, &revoked).await;
    let paths: Vec<_> =
        operations(organization.as_str()).into_iter().map(|(_, method, path)| (method, path)).collect();
    for (method, path) in paths.iter().filter(|(_, path)| !path.starts_with("/flute")) {
        let answer = ask(&vault, &revoked, method, path).await;
        let other = ask(&vault, unknown.expose(), method, path).await;
        assert!([401, 403].contains(&answer.status.as_u16()), "{path}");
        assert_eq!(
            (answer.status, &answer.headers, &answer.bytes),
            (other.status, &other.headers, &other.bytes)
        );
    }
    // What was made of it goes with it.
    let with_token = Request::get("/flute/v2/customers").header("authorization", format!("Bearer {token}"));
    assert_eq!(vault.send(with_token.body(Body::empty()).unwrap()).await.status, 401);
    vault.call("GET", "/v1/customers", Value::Null).await.expect(200);
}

#[tokio::test]
async fn a_revoked_publishable_key_shows_no_form_and_makes_no_token() {
    let vault = Vault::start().await;
    let key = fresh_key();
    let envelope = vault.seal(&vault.pk, visa(), &key).await;
    let id = stored(&vault, &vault.pk).await.id;
    revoke(&vault, &vault.pk).await;
    let body = json!({"envelope": envelope, "kind": "card", "page_origin": crate::support::SHOP_ORIGIN});
    vault.post_token(&vault.pk, &key, body).await.expect_error(401, "key_invalid");
    let frame = async |id: &str| {
        let request = Request::get(format!("/frame/{id}")).body(Body::empty()).unwrap();
        vault.send(request).await
    };
    let (revoked, unknown) = (frame(&id).await, frame("111111111111").await);
    assert_eq!((revoked.status, &revoked.bytes), (unknown.status, &unknown.bytes));
    assert_eq!(unknown.status, 404);
}

#[tokio::test]
async fn a_replaced_key_is_good_until_its_time_is_over() {
    let vault = Vault::start().await;
    let old = stored(&vault, &vault.sk).await;
    let expires_at_ms = vault.vaulting.now_ms() + 1000;
    let expire = Change::ExpireKey { key_id: old.id.clone(), expires_at_ms };
    apply(&vault, &old.tenant, expire).await;
    vault.clock.advance_ms(999);
    vault.call("GET", "/v1/customers", Value::Null).await.expect(200);
    vault.clock.advance_ms(1);
    vault.call("GET", "/v1/customers", Value::Null).await.expect_error(401, "key_invalid");
}

#[test]
fn every_documented_operation_needs_the_scope_that_its_name_says() {
    let paths = [
        ("GET", "/v1/customers/{id}", Scope::Read),
        ("PATCH", "/v1/customers/{id}", Scope::Write),
        ("POST", "/v1/payment-methods/{id}/attach", Scope::Write),
        ("POST", "/v1/tokens", Scope::Tokenize),
        ("POST", "/v1/sessions", Scope::Sessions),
        ("POST", "/paydock/v1/charges/", Scope::Payments),
        ("POST", "/paydock/v1/vault/payment_sources", Scope::Write),
        ("POST", "/paydock/v1/vault-tokens", Scope::Write),
        ("POST", "/flute/pay-int-api/payment-sessions/{id}/cancel", Scope::Payments),
        ("PUT", "/flute/v2/customers/{id}/payment-methods/{method}/set-default", Scope::Write),
        ("POST", "/fluidpay/api/vault/customer/{customer}/token", Scope::Write),
        ("POST", "/paymentsai/tokens", Scope::Tokenize),
        ("DELETE", "/a/route/that/is/new", Scope::Write),
    ];
    for (method, path, scope) in paths {
        assert_eq!(of_route(&method.parse().unwrap(), path), scope, "{method} {path}");
    }
}
