//! What /metrics tells: how much of what, never of whom. A program of its own, because its metrics are the whole
//! program's.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

#[path = "support/vault.rs"]
mod support;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use support::{SHOP_ORIGIN, Vault, card, fresh_key};
use vault::{housekeeping, metrics::metrics};

const NUMBER: &str = "4000056655665556";
const CODE: &str = "9137";
const ACCOUNT: &str = "0008675309";

/// The labels there are.
const LABELS: [&str; 9] = ["code", "event", "face", "le", "method", "pool", "route", "status", "version"];

/// Everything that is counted, by its name and labels.
fn counted() -> BTreeMap<String, f64> {
    let text = metrics().text().unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').unwrap();
            (name.to_owned(), value.parse().unwrap())
        })
        .collect()
}

/// Refusals of every face and of none, with canaries wherever something can be typed.
async fn refusals(vault: &Vault) {
    let bodies = [json!({"token": NUMBER}), json!({NUMBER: CODE}), json!({"email": ACCOUNT}), Value::Null];
    let paths = [
        "/v1/customers".to_owned(),
        "/v1/tokens".to_owned(),
        format!("/v1/customers/{NUMBER}"),
        format!("/{NUMBER}"),
        format!("/v1/payment-methods?customer_id={NUMBER}"),
        format!("/fluidpay/api/vault/{NUMBER}"),
        format!("/paydock/v1/customers/{NUMBER}"),
        format!("/flute/v2/customers/{NUMBER}"),
        format!("/flute/oauth2/token?client_secret={ACCOUNT}"),
        format!("/paymentsai/v1/public-api/organizations/{NUMBER}/customers/{ACCOUNT}"),
        format!("/paymentsai/{NUMBER}"),
    ];
    for key in [vault.sk.as_str(), vault.pk.as_str(), NUMBER] {
        for method in ["GET", "POST", "DELETE", NUMBER] {
            for (path, body) in paths.iter().flat_map(|path| bodies.iter().map(move |body| (path, body))) {
                vault.call_with(key, method, path, body.clone()).await;
            }
        }
    }
}

#[tokio::test]
async fn everything_is_counted_and_nothing_that_anybody_sent_is_told() {
    let vault = Vault::start().await;
    let key = fresh_key();
    let issued = vault.tokenize_as(&vault.pk, card(NUMBER, Some("913")), &key, "tessera").await.expect(201);
    let token = issued["token"].as_str().unwrap().to_owned();
    let customer = vault.call("POST", "/v1/customers", json!({"token": token})).await.expect(201);
    vault
        .call("POST", "/v1/customers", json!({"token": token}))
        .await
        .expect_error(409, "token_already_used");
    // One that nobody spends in time.
    vault.token(card(NUMBER, None)).await;
    vault.clock.advance_ms(60 * 60 * 1000);
    housekeeping::sweep(&vault.vaulting).await.unwrap();
    housekeeping::refresh(&vault.vaulting).await.unwrap();

    let before = counted();
    for (name, expected) in [
        ("tessera_tokens_total{event=\"issued\"}", 2.0),
        ("tessera_tokens_total{event=\"spent\"}", 1.0),
        ("tessera_tokens_total{event=\"expired\"}", 1.0),
        ("tessera_refusals_total{face=\"native\",code=\"token_already_used\"}", 1.0),
        (
            "tessera_http_requests_total{face=\"native\",method=\"POST\",route=\"/v1/customers\",status=\"201\"}",
            1.0,
        ),
        ("tessera_http_request_duration_seconds_count{face=\"native\",route=\"/v1/customers\"}", 2.0),
        ("tessera_sealing_keys", 1.0),
        ("tessera_store_waiting{pool=\"write\"}", 0.0),
        ("tessera_store_used{pool=\"spend\"}", 0.0),
    ] {
        assert_eq!(before.get(name), Some(&expected), "{name} in {before:#?}");
    }
    assert!(before.keys().any(|name| name.starts_with("tessera_build_info{version=\"")));
    // As many as the audit log has.
    let rows = vault.vaulting.store().audit_rows(None, 10_000).await.unwrap().len();
    assert_eq!(before["tessera_audit_rows_total"], f64::from(u32::try_from(rows).unwrap()));

    refusals(&vault).await;
    let after = counted();
    let secret = |key: &str| key.rsplit('_').next().unwrap().to_owned();
    let canaries = [
        NUMBER,
        CODE,
        ACCOUNT,
        &token,
        &key,
        &secret(&vault.sk),
        &secret(&vault.pk),
        customer["id"].as_str().unwrap(),
        SHOP_ORIGIN,
    ]
    .map(str::to_owned);
    let known: Value = serde_json::from_str(include_str!("../../docs/errors.json")).unwrap();
    let mut codes: BTreeSet<&str> = known["groups"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|group| group["errors"].as_array().unwrap())
        .map(|error| error["code"].as_str().unwrap())
        .collect();
    // Those of RFC 6749.
    codes.extend([
        "invalid_client",
        "invalid_grant",
        "invalid_request",
        "unsupported_grant_type",
        "invalid_scope",
    ]);
    let mut faces = BTreeSet::new();
    for name in after.keys() {
        for canary in &canaries {
            assert!(!name.contains(canary.as_str()), "a canary in {name}");
        }
        let Some((_, labels)) = name.split_once('{') else { continue };
        for label in labels.trim_end_matches('}').split("\",") {
            let (label, value) = label.split_once("=\"").unwrap();
            assert!(LABELS.contains(&label), "{label} in {name}");
            let value = value.trim_end_matches('"');
            match label {
                "code" => assert!(codes.contains(value), "{value} is no code that is explained"),
                "face" => drop(faces.insert(value.to_owned())),
                _ => {}
            }
        }
    }
    let expected = ["flute", "fluidpay", "native", "paydock", "payments_ai", "vault"];
    assert_eq!(faces, expected.map(str::to_owned).into());
    assert!(after.keys().any(|name| name.contains("method=\"other\"")));
    assert!(after.keys().any(|name| name.contains("route=\"none\"")));
}
