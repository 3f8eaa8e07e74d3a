//! Vaults that share a database and nothing else: what one of them makes, the others know.

use std::sync::Arc;

use serde_json::{Value, json};
use vault::{
    clock::{Clock as _, ManualClock, SystemClock},
    config::{Config, KekSource, StoreChoice},
    housekeeping,
    vaulting::SecurityCodes,
};

use crate::{
    private_postgres::{address, server},
    support::{self, Vault, visa},
};

const KEK: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

/// More than two clocks of this test differ by.
const A_MINUTE_MS: i64 = 60 * 1000;

/// Longer than a sealing key is the newest.
const A_DAY_MS: i64 = 25 * 60 * 60 * 1000;

/// A further vault on a database, with a data directory and a merchant of its own.
async fn replica(database: &str) -> Vault {
    let dir = tempfile::tempdir().unwrap();
    let store = StoreChoice::Postgres(address(&server().url(database)));
    let kek = KekSource::Text(KEK.to_owned().into());
    let config = Config { store, kek, security_codes: SecurityCodes::Carried, ..support::config(dir.path()) };
    Vault::start_with(config, dir, Arc::new(ManualClock::new(SystemClock.now_ms()))).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merchant_made_by_another_vault_is_served_at_once() {
    let database = server().database().await;
    let first = replica(&database).await;
    // Made after the first has started and read everything.
    let second = replica(&database).await;
    let (pk, sk) = second.another_merchant().await;
    for (pk, sk) in [(&second.pk, &second.sk), (&pk, &sk)] {
        let answer = first.tokenize_as(pk, visa(), &support::fresh_key(), "tessera").await.expect(201);
        let body = json!({"token": answer["token"]});
        first.call_with(sk, "POST", "/v1/customers", body.clone()).await.expect(201);
        second.call_with(sk, "POST", "/v1/customers", body).await.expect_error(409, "token_already_used");
    }
    // Without a request, at the latest by the next round of its own work.
    let (_, later) = first.another_merchant().await;
    housekeeping::refresh(&second.vaulting).await.unwrap();
    second.call_with(&later, "GET", "/v1/customers", Value::Null).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_envelope_for_a_key_that_another_vault_made_is_opened() {
    let database = server().database().await;
    let (first, second) = (replica(&database).await, replica(&database).await);
    let old = first.sealing_key().await;
    assert_eq!(second.sealing_key().await, old, "one key for both");
    for vault in [&first, &second] {
        vault.clock.advance_ms(A_DAY_MS);
    }
    housekeeping::rotate(&second.vaulting).await.unwrap();
    assert_ne!(second.sealing_key().await, old);
    // Sealed for the new key, sent to the vault that has not heard of it.
    let key = support::fresh_key();
    let envelope = second.seal(&first.pk, visa(), &key).await;
    let body = json!({"envelope": envelope, "kind": "card", "page_origin": support::SHOP_ORIGIN});
    first.post_token(&first.pk, &key, body).await.expect(201);
    // Each goes by its own clock, and publishes no key whose time has not come.
    first.clock.advance_ms(A_MINUTE_MS);
    assert_eq!(first.sealing_key().await, second.sealing_key().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_that_a_token_carries_pays_at_a_vault_that_did_not_make_it() {
    let database = server().database().await;
    let (first, second) = (replica(&database).await, replica(&database).await);
    for vault in [&first, &second] {
        vault.clock.advance_ms(A_DAY_MS);
    }
    // The first vault seals what is carried with a key that the second has not heard of.
    housekeeping::rotate(&first.vaulting).await.unwrap();
    let token = first.token(visa()).await;
    let code = first.token(support::code("737")).await;
    let (token, code_token) = (json!({"token": token}), json!(code));
    let method = second.call_with(&first.sk, "POST", "/v1/payment-methods", token).await.expect(201);
    let pays = |code_token: &Value| json!({"payment_method": method["id"], "code_token": code_token, "amount": 1299, "currency": "USD"});
    let bare = json!(code.split_once('.').unwrap().0);
    let refused = second.call_with(&first.sk, "POST", "/v1/payments", pays(&bare)).await;
    refused.expect_error(409, "code_unavailable");
    let paid = second.call_with(&first.sk, "POST", "/v1/payments", pays(&code_token)).await.expect(201);
    assert_eq!(paid["status"], "approved");
    let again = first.call_with(&first.sk, "POST", "/v1/payments", pays(&code_token)).await;
    again.expect_error(409, "token_already_used");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_nobody_made_is_unknown_to_all() {
    let database = server().database().await;
    let (first, second) = (replica(&database).await, replica(&server().database().await).await);
    // Of a vault on another database.
    let key = support::fresh_key();
    let envelope = second.seal(&first.pk, visa(), &key).await;
    let body = json!({"envelope": envelope, "kind": "card", "page_origin": support::SHOP_ORIGIN});
    for _ in 0..3 {
        first.post_token(&first.pk, &key, body.clone()).await.expect_error(409, "sealing_key_unknown");
    }
}
