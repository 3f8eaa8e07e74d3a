//! Security codes are in memory and nowhere else: what is kept on a disk does not have them, whoever opens it.

use instrument::{Draft, Instrument, record};
use serde_json::json;
use vault::{
    app::{self, AppState},
    domain::{MethodKind, Origin, TenantId},
    keyring::MerchantKeys,
    vaulting::SecurityCodes,
};

use crate::support::{VAULT_ORIGIN, Vault, card, code, fresh_key, visa};

/// The one merchant's keys and id.
async fn owner(vault: &Vault) -> (std::sync::Arc<MerchantKeys>, TenantId) {
    let tenant = vault.vaulting.store().merchants().await.unwrap().remove(0).id;
    (vault.vaulting.keyring().merchant(&tenant).unwrap(), tenant)
}

/// The same store, in another vault, or in this one when it was started again.
fn elsewhere(vault: &mut Vault, codes: SecurityCodes) {
    vault.vaulting = vault.vaulting.clone().with_security_codes(codes);
    let origin = Origin::parse(VAULT_ORIGIN).unwrap();
    vault.router = app::router(AppState::new(vault.vaulting.clone(), origin));
}

/// The code that a token's card has.
async fn code_of(vault: &Vault, token: &str) -> Option<String> {
    let (_, tenant) = owner(vault).await;
    let opened = vault.vaulting.open_token(&tenant, token).await.unwrap();
    let Some(Instrument::Card(card)) = opened.checked().instrument() else { panic!("a card was tokenized") };
    // EXPOSE: whether it is there is what is tested.
    card.code().map(|code| code.expose().to_owned())
}

#[tokio::test]
async fn what_is_kept_has_no_code_for_whoever_opens_it() {
    let vault = Vault::start().await;
    let (keys, tenant) = owner(&vault).await;
    let whole = vault.token(visa()).await;
    let alone = vault.token(code("737")).await;
    let stored = vault.vaulting.store().token(&tenant, &keys.token_mac(&whole)).await.unwrap().unwrap();
    let kept = keys.open_token(&whole, Some(MethodKind::Card), &stored.sealed.unwrap()).unwrap();
    let Draft::Card(card) = record::decode(&kept).unwrap() else { panic!("a card was tokenized") };
    assert!(card.code.is_none());
    assert_eq!(card.number.expose(), "4111111111111111");
    let stored = vault.vaulting.store().token(&tenant, &keys.token_mac(&alone)).await.unwrap().unwrap();
    assert!(keys.open_token(&alone, None, &stored.sealed.unwrap()).unwrap().is_empty());
    assert_eq!(code_of(&vault, &whole).await.as_deref(), Some("737"));
}

#[tokio::test]
async fn codes_are_lost_with_the_memory_and_tokens_are_not() {
    let mut vault = Vault::start().await;
    let key = fresh_key();
    let first = vault.tokenize_as(&vault.pk, visa(), &key, "tessera").await.expect(201);
    let token = first["token"].as_str().unwrap().to_owned();
    let body = json!({"token": vault.token(visa()).await});
    let method = vault.call("POST", "/v1/payment-methods", body).await.expect(201);
    let alone = vault.token(code("737")).await;

    elsewhere(&mut vault, SecurityCodes::Memory);
    assert_eq!(code_of(&vault, &token).await, None);
    let pays =
        json!({"payment_method": method["id"], "code_token": alone, "amount": 1299, "currency": "USD"});
    let refused = vault.call("POST", "/v1/payments", pays.clone()).await;
    refused.expect_error(409, "code_unavailable");
    // The same attempt, sent again, brings its code along; and no digest of a code is kept that another would differ from.
    let again = vault.tokenize_as(&vault.pk, card("4111111111111111", Some("919")), &key, "tessera").await;
    assert_eq!(again.expect(200), first);
    assert_eq!(code_of(&vault, &token).await.as_deref(), Some("919"));
    let other = vault.tokenize_as(&vault.pk, visa(), &key, "tessera").await;
    other.expect_error(422, "idempotency_conflict");
    // A token is good without its code.
    vault.call("POST", "/v1/payment-methods", json!({"token": token})).await.expect(201);
}

#[tokio::test]
async fn a_code_is_wiped_when_its_token_is_spent_and_not_before() {
    let vault = Vault::start().await;
    let key = fresh_key();
    let first = vault.tokenize_as(&vault.pk, visa(), &key, "tessera").await.expect(201);
    let other = vault.token(visa()).await;
    assert_eq!(vault.vaulting.codes_kept(), 2);
    // What cannot be committed spends nothing.
    let nobodys = json!({"token": first["token"], "customer_id": "cus_nobody"});
    let refused = vault.call("POST", "/v1/payment-methods", nobodys).await;
    refused.expect_error(404, "not_found");
    assert_eq!(vault.vaulting.codes_kept(), 2);
    vault.call("POST", "/v1/payment-methods", json!({"token": first["token"]})).await.expect(201);
    assert_eq!(vault.vaulting.codes_kept(), 1);
    // A repetition brings no code back to a token that is spent.
    let late = vault.tokenize_as(&vault.pk, visa(), &key, "tessera").await;
    late.expect_error(409, "attempt_over");
    assert_eq!(vault.vaulting.codes_kept(), 1);
    assert_eq!(code_of(&vault, &other).await.as_deref(), Some("737"));
    // And what nobody spends goes with its time.
    vault.clock.advance_ms(900_000);
    vault.vaulting.forget_codes();
    assert_eq!(vault.vaulting.codes_kept(), 0);
}

#[tokio::test]
async fn another_vault_on_the_same_database_has_no_code_of_a_token_that_it_did_not_make() {
    let mut vault = Vault::start().await;
    let made_here = vault.vaulting.clone();
    let token = vault.token(visa()).await;
    elsewhere(&mut vault, SecurityCodes::Memory);
    assert_eq!(code_of(&vault, &token).await, None);
    // The one that made it has it still.
    vault.vaulting = made_here;
    assert_eq!(code_of(&vault, &token).await.as_deref(), Some("737"));
}

#[tokio::test]
async fn codes_end_after_fifteen_minutes_where_tokens_live_longer() {
    let vault = Vault::start().await;
    let token = vault.token_as(visa(), "paydock").await;
    vault.clock.advance_ms(899_999);
    assert_eq!(code_of(&vault, &token).await.as_deref(), Some("737"));
    vault.clock.advance_ms(1);
    assert_eq!(code_of(&vault, &token).await, None);
}

#[tokio::test]
async fn codes_that_are_not_wanted_are_not_kept() {
    let mut vault = Vault::start().await;
    elsewhere(&mut vault, SecurityCodes::Off);
    let token = vault.token(visa()).await;
    assert_eq!(code_of(&vault, &token).await, None);
    let refused = vault.tokenize_as(&vault.pk, code("737"), &fresh_key(), "tessera").await;
    refused.expect_error(409, "code_unavailable");
}
