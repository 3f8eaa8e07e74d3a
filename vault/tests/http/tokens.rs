//! Tokens: what they look like, what they are spent on, and that they work once.

use gateway::Lifetime;
use instrument::{CardDraft, Draft, Secret, YearMonth};
use serde_json::{Value, json};
use vault::domain::TokenState;

use crate::support::{SHOP_ORIGIN, Vault, account, both_kinds, card, fresh_key, visa};

#[tokio::test]
async fn a_card_becomes_a_token() {
    let vault = Vault::start().await;
    let answer = vault.tokenize_as(&vault.pk, visa(), &fresh_key(), "tessera").await.expect(201);
    let token = answer["token"].as_str().unwrap();
    assert!(token.starts_with("tok_") && token.len() > 40, "{token}");
    assert_eq!(answer["kind"], "card");
    assert_eq!(
        answer["card"],
        json!({"scheme": "visa", "bin": "41111111", "last4": "1111", "exp_month": 12, "exp_year": 2030})
    );
    assert!(answer["expires_at"].as_str().unwrap().ends_with('Z'));
}

#[tokio::test]
async fn a_bank_account_becomes_a_token() {
    let vault = Vault::start().await;
    let answer = vault.tokenize_as(&vault.pk, account(), &fresh_key(), "tessera").await.expect(201);
    assert_eq!(answer["kind"], "ach");
    assert_eq!(
        answer["ach"],
        json!({
            "routing_number_last4": "0021", "last4": "4321", "account_type": "checking",
            "account_holder_type": "personal", "sec_code": "web",
        })
    );
}

#[tokio::test]
async fn what_is_kept_of_a_token_says_its_state() {
    let vault = Vault::start().await;
    let text = vault.token(visa()).await;
    let tenant = vault.vaulting.keyring().merchants().first().unwrap().tenant().clone();
    let state = async |text: &str| {
        let found = vault.vaulting.token(&tenant, text).await.unwrap();
        found.map(|token| token.state)
    };
    assert_eq!(state(&text).await, Some(TokenState::Issued));
    vault.call("POST", "/v1/payment-methods", json!({"token": text})).await.expect(201);
    assert_eq!(state(&text).await, Some(TokenState::Spent));
    assert_eq!(state("tok_never").await, None);
}

#[tokio::test]
async fn each_dialect_has_its_own_form_and_any_face_spends_it() {
    let vault = Vault::start().await;
    for facts in gateway::dialects::FACTS {
        let token = vault.token_as(visa(), facts.id).await;
        assert!(facts.token.shape.fits(&token), "{} {token}", facts.id);
        match facts.token.lifetime {
            Lifetime::Secs(_) => {
                vault.call("POST", "/v1/payment-methods", json!({"token": token})).await.expect(201);
            }
            // It is the id of an orphan already, which can be read and attached.
            Lifetime::Permanent => {
                let orphan = vault.call("GET", &format!("/v1/payment-methods/{token}"), Value::Null).await;
                assert_eq!(orphan.expect(200)["orphan"], true);
            }
        }
    }
}

#[tokio::test]
async fn a_token_is_spent_once_whatever_it_is_spent_on() {
    let vault = Vault::start().await;
    for (_, instrument) in both_kinds() {
        let token = vault.token(instrument).await;
        vault.call("POST", "/v1/customers", json!({"token": token})).await.expect(201);
        for path in ["/v1/customers", "/v1/payment-methods"] {
            let again = vault.call("POST", path, json!({"token": token})).await;
            again.expect_error(409, "token_already_used");
        }
    }
    let customers = vault.call("GET", "/v1/customers", Value::Null).await.expect(200);
    assert_eq!(customers["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn an_expired_token_buys_nothing_with_or_without_the_sweep() {
    let vault = Vault::start().await;
    let first = vault.token(visa()).await;
    let second = vault.token_as(visa(), "fluidpay").await;
    vault.clock.advance_ms(120_000);
    vault.call("POST", "/v1/customers", json!({"token": second})).await.expect_error(410, "token_expired");
    vault.clock.advance_ms(780_000 - 1);
    let last_moment = vault.call("POST", "/v1/payment-methods", json!({"token": first})).await;
    last_moment.expect(201);
    let third = vault.token(visa()).await;
    vault.clock.advance_ms(900_000);
    vault.call("POST", "/v1/customers", json!({"token": third})).await.expect_error(410, "token_expired");
    vault::housekeeping::sweep(&vault.vaulting).await.unwrap();
    vault.call("POST", "/v1/customers", json!({"token": third})).await.expect_error(410, "token_expired");
    vault
        .call("POST", "/v1/customers", json!({"token": first}))
        .await
        .expect_error(409, "token_already_used");
    let listed = vault.call("GET", "/v1/customers", Value::Null).await.expect(200);
    assert_eq!(listed["data"], json!([]));
}

#[tokio::test]
async fn another_merchants_token_is_as_unknown_as_one_never_issued() {
    let vault = Vault::start().await;
    let (_, other_sk) = vault.another_merchant().await;
    let token = vault.token(visa()).await;
    let foreign = vault.call_with(&other_sk, "POST", "/v1/customers", json!({"token": token})).await;
    let never = vault.call_with(&other_sk, "POST", "/v1/customers", json!({"token": "tok_never"})).await;
    foreign.expect_error(404, "token_unknown");
    assert_eq!(foreign.bytes, never.bytes);
    // It still works for its owner.
    vault.call("POST", "/v1/customers", json!({"token": token})).await.expect(201);
}

#[tokio::test]
async fn what_cannot_be_created_does_not_spend_the_token() {
    let vault = Vault::start().await;
    let token = vault.token(visa()).await;
    let body = json!({"token": token, "customer_id": "cus_nobody"});
    let refused = vault.call("POST", "/v1/payment-methods", body).await.expect_error(404, "not_found");
    assert_eq!(refused["field"], "customer_id");
    let body = json!({"token": token, "email": "not an address"});
    vault.call("POST", "/v1/customers", body).await.expect_error(422, "field_invalid");
    vault.call("POST", "/v1/payment-methods", json!({"token": token})).await.expect(201);
}

#[tokio::test]
async fn a_card_that_fails_on_the_server_is_refused_though_a_browser_sent_it() {
    let vault = Vault::start().await;
    // Valid when the browser sealed it, expired by the vault's clock.
    vault.clock.advance_ms(6 * 365 * 24 * 60 * 60 * 1000);
    vault::housekeeping::rotate(&vault.vaulting).await.unwrap();
    let refused = vault.tokenize_as(&vault.pk, visa(), &fresh_key(), "tessera").await;
    let error = refused.expect_error(422, "card_invalid");
    assert_eq!((&error["field"], &error["reason"]), (&json!("expiry"), &json!("expired")));
    assert_eq!(error["classification"], "shopper");
}

#[tokio::test]
async fn an_envelope_opens_only_for_what_it_was_sealed_for() {
    let vault = Vault::start().await;
    let (other_pk, _) = vault.another_merchant().await;
    let key = fresh_key();
    let envelope = vault.seal(&vault.pk, visa(), &key).await;
    let body = |kind: &str| json!({"envelope": envelope, "kind": kind, "page_origin": SHOP_ORIGIN});
    vault.post_token(&other_pk, &key, body("card")).await.expect_error(400, "envelope_unopenable");
    vault.post_token(&vault.pk, &fresh_key(), body("card")).await.expect_error(400, "envelope_unopenable");
    vault.post_token(&vault.pk, &key, body("ach")).await.expect_error(400, "envelope_unopenable");
    vault.post_token(&vault.pk, &key, body("cheque")).await.expect_error(400, "kind_unknown");
    let broken = json!({"envelope": "AAAA", "kind": "card", "page_origin": SHOP_ORIGIN});
    vault.post_token(&vault.pk, &key, broken).await.expect_error(400, "envelope_malformed");
    vault.post_token(&vault.pk, &key, body("card")).await.expect(201);
}

#[tokio::test]
async fn a_sealing_key_opens_for_an_hour_after_its_end_and_is_then_destroyed() {
    const HOUR_MS: i64 = 60 * 60 * 1000;
    let vault = Vault::start().await;
    let (on_time, too_late) = (fresh_key(), fresh_key());
    let first = vault.seal(&vault.pk, card("5555555555554444", None), &on_time).await;
    let second = vault.seal(&vault.pk, card("5555555555554444", None), &too_late).await;
    let body = |envelope: &str| json!({"envelope": envelope, "kind": "card", "page_origin": SHOP_ORIGIN});
    let old = vault.sealing_key().await;
    vault.clock.advance_ms(25 * HOUR_MS);
    vault::housekeeping::rotate(&vault.vaulting).await.unwrap();
    assert_ne!(vault.sealing_key().await, old, "a day later there is a new key");
    vault.clock.advance_ms(23 * HOUR_MS + HOUR_MS / 2);
    vault::housekeeping::rotate(&vault.vaulting).await.unwrap();
    vault.post_token(&vault.pk, &on_time, body(&first)).await.expect(201);
    vault.clock.advance_ms(HOUR_MS);
    vault.post_token(&vault.pk, &too_late, body(&second)).await.expect_error(409, "sealing_key_unknown");
    vault::housekeeping::rotate(&vault.vaulting).await.unwrap();
    let stored = vault.vaulting.store().sealing_keys().await.unwrap();
    assert!(stored.iter().all(|key| key.id != *old.id().bytes()));
}

#[tokio::test]
async fn a_card_that_ends_between_typing_and_paying_can_still_be_read_back() {
    let vault = Vault::start().await;
    // It is still November somewhere until noon of 1 December, UTC.
    let noon_ms = 1_796_126_400_000;
    vault.clock.advance_ms(noon_ms - 300_000 - vault.vaulting.now_ms());
    vault::housekeeping::rotate(&vault.vaulting).await.unwrap();
    let ending = CardDraft {
        number: Secret::new("4111111111111111".to_owned()),
        expiry: Secret::new("11/26".to_owned()),
        code: None,
        holder: Some(Secret::new("Ada Lovelace".to_owned())),
        preferred_scheme: None,
    };
    let ending = Draft::Card(ending).finish(YearMonth::new(2026, 11).unwrap()).unwrap();
    let token = vault.token(ending).await;
    vault.clock.advance_ms(600_000);
    let method = vault.call("POST", "/v1/payment-methods", json!({"token": token})).await.expect(201);
    let path = format!("/v1/payment-methods/{}", method["id"].as_str().unwrap());
    let read = vault.call("GET", &path, Value::Null).await.expect(200);
    assert_eq!(read["card"]["holder"], "Ada Lovelace");
}
