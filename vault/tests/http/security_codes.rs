//! Security codes are in memory and nowhere else: what is kept on a disk does not have them, whoever opens it.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use instrument::{Draft, Instrument, record};
use seal::KeyId;
use serde_json::json;
use vault::{
    app::{self, AppState},
    domain::{KeyText, MethodKind, Origin, TenantId},
    keyring::MerchantKeys,
    vaulting::{SecurityCodes, VaultingError},
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
    let stored =
        vault.vaulting.store().token(&tenant, &keys.lookup().token_mac(&whole)).await.unwrap().unwrap();
    let kept = keys.open_token(&whole, Some(MethodKind::Card), &stored.sealed.unwrap()).unwrap();
    let Draft::Card(card) = record::decode(&kept).unwrap() else { panic!("a card was tokenized") };
    assert!(card.code.is_none());
    assert_eq!(card.number.expose(), "4111111111111111");
    let stored =
        vault.vaulting.store().token(&tenant, &keys.lookup().token_mac(&alone)).await.unwrap().unwrap();
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

#[tokio::test]
async fn a_carried_code_is_used_by_any_vault_and_kept_by_none() {
    let mut vault = Vault::start().await;
    elsewhere(&mut vault, SecurityCodes::Carried);
    let (keys, tenant) = owner(&vault).await;
    let body = json!({"token": vault.token(visa()).await});
    let method = vault.call("POST", "/v1/payment-methods", body).await.expect(201);
    let key = fresh_key();
    let first = vault.tokenize_as(&vault.pk, visa(), &key, "tessera").await.expect(201);
    let text = first["token"].as_str().unwrap().to_owned();
    let alone = vault.token(code("737")).await;
    let uuid = vault.token_as(visa(), "paydock").await;
    assert_eq!(vault.vaulting.codes_kept(), 0);
    let pk = KeyText::parse(&vault.pk).unwrap();
    let (token, _) = text.split_once('.').unwrap();
    // On the disk are the token's hash, and the attempt's answer, which knows the token alone.
    let kept =
        vault.vaulting.store().attempt(&tenant, &keys.lookup().attempt_mac(pk.id(), &key)).await.unwrap();
    let answer = keys.open_attempt(&key, &kept.unwrap().sealed.unwrap()).unwrap();
    assert!(answer.windows(token.len()).any(|part| part == token.as_bytes()));
    assert!(!answer.windows(token.len() + 1).any(|part| part == &text.as_bytes()[..=token.len()]));

    elsewhere(&mut vault, SecurityCodes::Carried);
    assert_eq!(code_of(&vault, &text).await.as_deref(), Some("737"));
    assert_eq!(code_of(&vault, &uuid).await.as_deref(), Some("737"));
    assert_eq!(code_of(&vault, token).await, None);
    let pays =
        json!({"payment_method": method["id"], "code_token": alone, "amount": 1299, "currency": "USD"});
    vault.call("POST", "/v1/payments", pays).await.expect(201);
    // The same attempt carries the same, and what was typed last.
    let again = vault.tokenize_as(&vault.pk, visa(), &key, "tessera").await.expect(200);
    assert_eq!(again, first);
    let again = vault.tokenize_as(&vault.pk, card("4111111111111111", Some("919")), &key, "tessera").await;
    let again = again.expect(200)["token"].as_str().unwrap().to_owned();
    assert_eq!(again.split_once('.').unwrap().0, token);
    assert_eq!(code_of(&vault, &again).await.as_deref(), Some("919"));
    // It is one token, whatever it carries.
    vault.call("POST", "/v1/payment-methods", json!({"token": again})).await.expect(201);
    for spent in [text.as_str(), token] {
        let refused = vault.call("POST", "/v1/payment-methods", json!({"token": spent})).await;
        refused.expect_error(409, "token_already_used");
    }
    // Where a vault was told otherwise meanwhile, what is under way is still good; and where none is wanted, none is used.
    elsewhere(&mut vault, SecurityCodes::Memory);
    assert_eq!(code_of(&vault, &uuid).await.as_deref(), Some("737"));
    elsewhere(&mut vault, SecurityCodes::Off);
    assert_eq!(code_of(&vault, &uuid).await, None);
}

#[tokio::test]
async fn a_carried_code_is_its_tokens_and_unchanged_or_the_token_is_unknown() {
    let mut vault = Vault::start().await;
    elsewhere(&mut vault, SecurityCodes::Carried);
    let (_, tenant) = owner(&vault).await;
    let [text, other] = [vault.token(visa()).await, vault.token(visa()).await];
    let (token, carried) = text.split_once('.').unwrap();
    let mut wrong = vec![
        format!("{token}."),
        format!("{token}.{}", &carried[..carried.len() - 4]),
        format!("{token}.{carried}AAAA"),
        format!("{token}.{}", other.split_once('.').unwrap().1),
    ];
    // The first eleven characters name the sealing key; one that is unknown is one that is over.
    for index in 11..carried.len() {
        let mut changed = carried.as_bytes().to_vec();
        changed[index] = if changed[index] == b'A' { b'B' } else { b'A' };
        wrong.push(format!("{token}.{}", String::from_utf8(changed).unwrap()));
    }
    for wrong in wrong {
        let refused = vault.vaulting.open_token(&tenant, &wrong).await;
        assert!(matches!(refused, Err(VaultingError::TokenUnknown)), "{wrong}");
    }
    assert_eq!(code_of(&vault, &text).await.as_deref(), Some("737"));
}

#[tokio::test]
async fn a_carried_code_ends_after_fifteen_minutes_and_its_key_after_three_days() {
    let mut vault = Vault::start().await;
    elsewhere(&mut vault, SecurityCodes::Carried);
    let (_, tenant) = owner(&vault).await;
    let text = vault.token_as(visa(), "paydock").await;
    vault.clock.advance_ms(899_999);
    assert_eq!(code_of(&vault, &text).await.as_deref(), Some("737"));
    vault.clock.advance_ms(1);
    assert_eq!(code_of(&vault, &text).await, None);
    let (token, carried) = text.split_once('.').unwrap();
    let bytes = Base64UrlUnpadded::decode_vec(carried).unwrap();
    let (id, sealed) = bytes.split_first_chunk::<8>().unwrap();
    let opened =
        |now_ms| vault.vaulting.keyring().open_carried(&tenant, token, KeyId::new(*id), sealed, now_ms);
    let now_ms = vault.vaulting.now_ms();
    assert_eq!(opened(now_ms).unwrap().unwrap()[..4], *b"737\0");
    assert!(opened(now_ms + 3 * 24 * 60 * 60 * 1000).is_none());
}
