//! Vaults that share a database and nothing else: what one of them makes, the others know.

use std::sync::Arc;

use serde_json::{Value, json};
use vault::{
    audit,
    clock::{Clock as _, ManualClock, SystemClock},
    config::{Config, KekSource, StoreChoice},
    domain::{CustomerId, TenantId},
    housekeeping,
    keyring::AuditKey,
    random::SystemRandom,
    store::{Change, DataKeyPurpose, StoreError},
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vault_that_was_not_told_of_a_newer_key_of_the_rows_fails_closed_until_it_is() {
    let database = server().database().await;
    let (first, second) = (replica(&database).await, replica(&database).await);
    let (store, keyring) = (first.vaulting.store(), first.vaulting.keyring());
    let used_from_ms = first.clock.now_ms() + 2 * A_MINUTE_MS;
    let vault = TenantId::vault();
    let (version, changes) =
        keyring.new_version(&vault, DataKeyPurpose::Rows, used_from_ms, store, &SystemRandom).await.unwrap();
    assert_eq!(version, 2);
    store.apply(&vault, changes).await.unwrap();
    housekeeping::refresh(&first.vaulting).await.unwrap();
    first.clock.advance_ms(2 * A_MINUTE_MS);
    housekeeping::refresh(&first.vaulting).await.unwrap();
    let made = first.call("POST", "/v1/customers", json!({"first_name": "Ada"})).await.expect(201);
    let path = format!("/v1/customers/{}", made["id"].as_str().unwrap());
    second.call_with(&first.sk, "GET", &path, Value::Null).await.expect_error(500, "internal");
    // Every row is of the newer version by now, that of the key itself too; it is proved by its wrapping.
    assert!(first.vaulting.rehash_rows().await.unwrap().renewed > 0);
    assert_eq!(store.row_needs(1).await, Ok(0));
    second.call_with(&first.sk, "GET", &path, Value::Null).await.expect_error(401, "key_invalid");
    // Its own clock is behind: it writes with the older version, and believes both.
    housekeeping::refresh(&second.vaulting).await.unwrap();
    assert_eq!(second.vaulting.keyring().row_key().version().0, 1);
    second.call_with(&first.sk, "GET", &path, Value::Null).await.expect(200);
    let late = second.call_with(&first.sk, "POST", "/v1/customers", json!({"first_name": "Bob"})).await;
    let late = format!("/v1/customers/{}", late.expect(201)["id"].as_str().unwrap());
    first.call("GET", &late, Value::Null).await.expect(200);
    assert_eq!(store.row_needs(1).await, Ok(1));
    assert_eq!(first.vaulting.rehash_rows().await.unwrap().renewed, 1);
    second.call_with(&first.sk, "GET", &late, Value::Null).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vault_that_was_not_told_of_a_newer_key_of_the_rows_sweeps_nothing_of_it() {
    let database = server().database().await;
    let (first, second) = (replica(&database).await, replica(&database).await);
    let (store, keyring) = (first.vaulting.store(), first.vaulting.keyring());
    let vault = TenantId::vault();
    let now_ms = first.clock.now_ms();
    let newer = keyring.new_version(&vault, DataKeyPurpose::Rows, now_ms, store, &SystemRandom).await;
    store.apply(&vault, newer.unwrap().1).await.unwrap();
    // A token of the older version, and one of the newer.
    let older = first.token(visa()).await;
    housekeeping::refresh(&first.vaulting).await.unwrap();
    assert_eq!(keyring.row_key().version().0, 2);
    let newer = first.token(visa()).await;
    assert_ne!(older, newer);
    second.clock.advance_ms(A_DAY_MS);
    housekeeping::sweep(&second.vaulting).await.unwrap();
    let client = server().client(&database).await;
    let expired = "SELECT length(row_mac) FROM token WHERE sealed IS NULL AND state = 'expired'";
    let lengths: Vec<i32> = client.query(expired, &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(lengths, [32], "the older one alone");
    // The log's own key is looked at elsewhere.
    let key = AuditKey::generate(&SystemRandom).unwrap();
    assert_eq!(audit::verify(store, key, Vec::new()).await.unwrap().row_findings, []);
    // A customer that has something of the newer version stays with all it has.
    let body = json!({"token": newer});
    let made = first.call("POST", "/v1/customers", body).await.expect(201);
    let id = CustomerId::new(made["id"].as_str().unwrap());
    let owner = client.query_one("SELECT tenant_id FROM customer", &[]).await.unwrap();
    let owner = TenantId::new(owner.get::<_, String>(0));
    let deleted = second.vaulting.store().apply(&owner, vec![Change::DeleteCustomer(id.clone())]).await;
    assert!(matches!(deleted, Err(StoreError::Corrupt(_))), "{deleted:?}");
    assert!(store.customer(&owner, &id).await.unwrap().is_some());
    // When it knows that it lacks a version, it sweeps nothing at all.
    let spoilt = "UPDATE data_key SET wrapped = '\\x00' WHERE purpose = 'rows' AND version = 2";
    client.batch_execute(spoilt).await.unwrap();
    housekeeping::refresh(&second.vaulting).await.unwrap_err();
    second.clock.advance_ms(31 * A_DAY_MS);
    housekeeping::sweep(&second.vaulting).await.unwrap();
    assert_eq!(client.query("SELECT 1 FROM token", &[]).await.unwrap().len(), 2);
}
