//! Access tokens and refresh tokens.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde_json::json;
use vault::{clock::Clock as _, random::SystemRandom, store::DataKeyPurpose};

use crate::shop::{Answer, Shop};

/// The refusal of this endpoint has OAuth's form.
#[track_caller]
fn refused(answer: &Answer, status: u16, error: &str) {
    assert_eq!((answer.status, &answer.body["error"]), (status, &json!(error)), "{}", answer.body);
    assert!(answer.body["error_description"].as_str().is_some_and(|text| !text.is_empty()));
    assert_eq!(answer.body.as_object().unwrap().len(), 2);
    assert_eq!(answer.headers.contains_key("www-authenticate"), status == 401);
}

#[tokio::test]
async fn the_client_gets_tokens_by_basic_and_by_form() {
    let shop = Shop::open().await;
    let basic = shop.token(&[("grant_type", "client_credentials"), ("scope", "offline_access")]).await;
    let (id, secret) = (shop.client_id(), shop.secret_key.as_str());
    let form = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
    let form = shop.token_with(None, &form).await;
    for answer in [&basic, &form] {
        let body = answer.ok();
        assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(900)));
        assert_eq!(answer.headers["cache-control"], "no-store");
        let mut shop = shop.clone();
        shop.access_token = answer.id("access_token");
        shop.get("/v2/customers").await.ok();
    }
}

#[tokio::test]
async fn an_access_token_lives_for_a_quarter_of_an_hour_and_is_renewed() {
    let mut shop = Shop::open().await;
    let tokens = shop.token(&[("grant_type", "client_credentials")]).await;
    shop.access_token = tokens.id("access_token");
    shop.advance_ms(899_999);
    shop.get("/v2/customers").await.ok();
    shop.advance_ms(1);
    let late = shop.get("/v2/customers").await;
    late.refused(401, "V0000", "access_token_expired", Some("BearerTokenError"));
    assert_eq!(late.headers["www-authenticate"], "Bearer error=\"invalid_token\"");

    let refresh = tokens.id("refresh_token");
    let renewed = shop.token(&[("grant_type", "refresh_token"), ("refresh_token", &refresh)]).await;
    shop.access_token = renewed.id("access_token");
    shop.get("/v2/customers").await.ok();

    shop.advance_ms(30 * 24 * 60 * 60 * 1_000);
    refused(
        &shop.token(&[("grant_type", "refresh_token"), ("refresh_token", &refresh)]).await,
        400,
        "invalid_grant",
    );
}

#[tokio::test]
async fn a_token_is_good_for_its_use_and_its_client_only() {
    let shop = Shop::open().await;
    let other = shop.other_merchant().await;
    let tokens = shop.token(&[("grant_type", "client_credentials")]).await;
    let refresh = tokens.id("refresh_token");
    refused(
        &other.token(&[("grant_type", "refresh_token"), ("refresh_token", &refresh)]).await,
        400,
        "invalid_grant",
    );
    let access = tokens.id("access_token");
    refused(
        &shop.token(&[("grant_type", "refresh_token"), ("refresh_token", &access)]).await,
        400,
        "invalid_grant",
    );
    let mut shop = shop;
    shop.access_token = refresh;
    shop.get("/v2/customers").await.refused(401, "V0000", "access_token_invalid", Some("BearerTokenError"));
    // A token with another end of its life is not the one that was signed.
    let mut parts: Vec<String> = access.split('.').map(str::to_owned).collect();
    parts[2] = "9999999999999".to_owned();
    shop.access_token = parts.join(".");
    shop.get("/v2/customers").await.refused(401, "V0000", "access_token_invalid", Some("BearerTokenError"));
}

#[tokio::test]
async fn keys_are_no_access_tokens() {
    let mut shop = Shop::open().await;
    for (credential, status, error_code, code) in [
        (shop.secret_key.clone(), 401, "V0000", "access_token_invalid"),
        (shop.publishable_key.clone(), 403, "F0000", "wrong_key_kind"),
        ("nonsense".to_owned(), 401, "V0000", "access_token_invalid"),
    ] {
        shop.access_token = credential;
        let field = (status == 401).then_some("BearerTokenError");
        let answer = shop.get("/v2/customers").await;
        answer.refused(status, error_code, code, field);
        assert_eq!(answer.headers.contains_key("www-authenticate"), status == 401);
    }
}

#[tokio::test]
async fn every_refusal_of_the_endpoint_has_oauths_form() {
    let shop = Shop::open().await;
    let (id, secret) = (shop.client_id().to_owned(), shop.secret_key.clone());
    let other = shop.other_merchant().await;
    refused(&shop.token(&[]).await, 400, "invalid_request");
    refused(&shop.token(&[("grant_type", "password")]).await, 400, "unsupported_grant_type");
    let grant = ("grant_type", "client_credentials");
    refused(&shop.token(&[grant, ("scope", "everything")]).await, 400, "invalid_scope");
    refused(&shop.token(&[grant, grant]).await, 400, "invalid_request");
    refused(&shop.token(&[("grant_type", "refresh_token")]).await, 400, "invalid_request");
    refused(&shop.token_with(None, &[grant]).await, 400, "invalid_request");
    refused(&shop.token_with(None, &[grant, ("client_id", &id)]).await, 400, "invalid_request");
    for (id, secret) in [
        (id.as_str(), other.secret_key.as_str()),
        (other.client_id(), secret.as_str()),
        (id.as_str(), "sk_test_nobody"),
    ] {
        let answer = shop.token_with(None, &[grant, ("client_id", id), ("client_secret", secret)]).await;
        refused(&answer, 401, "invalid_client");
    }
    refused(&shop.token_with(Some("Basic !!!"), &[grant]).await, 401, "invalid_client");
    refused(&shop.token_with(Some("Bearer x"), &[grant]).await, 401, "invalid_client");
    let publishable = shop.publishable_key.clone();
    let publishable_id = publishable.split('_').nth(2).unwrap();
    let form = [grant, ("client_id", publishable_id), ("client_secret", publishable.as_str())];
    refused(&shop.token_with(None, &form).await, 400, "unauthorized_client");
}

#[tokio::test]
async fn tokens_outlive_a_change_of_the_lookup_key_and_those_of_the_first_form_are_good() {
    let mut shop = Shop::open().await;
    let (store, keyring) = (shop.vault.vaulting.store(), shop.vault.vaulting.keyring());
    let key = store.api_key(shop.client_id()).await.unwrap().unwrap();
    // As vaults signed before there was a second form: over the stored hash of the key.
    let keys = keyring.merchant(&key.tenant).unwrap();
    let ends = (shop.vault.clock.now_ms() + 60_000).to_string();
    let parts: [&[u8]; 3] = [key.id.as_bytes(), ends.as_bytes(), &key.mac];
    let signature = keys.lookup().purpose_mac("flute/access-token/v1", &parts);
    let signature = Base64UrlUnpadded::encode_string(&signature);
    let now = std::mem::replace(&mut shop.access_token, format!("fla.{}.{ends}.{signature}", key.id));
    shop.get("/v2/customers").await.ok();
    shop.access_token = format!("fla.{}.{ends}0.{signature}", key.id);
    shop.get("/v2/customers").await.refused(401, "V0000", "access_token_invalid", Some("BearerTokenError"));

    let (store, keyring, clock) =
        (shop.vault.vaulting.store(), shop.vault.vaulting.keyring(), &shop.vault.clock);
    let purpose = DataKeyPurpose::Lookup;
    let made = keyring.new_version(&key.tenant, purpose, clock.now_ms(), store, &SystemRandom).await;
    store.apply(&key.tenant, made.unwrap().1).await.unwrap();
    keyring.refresh(store, &**clock, &SystemRandom).await.unwrap();
    // Whoever has learned the older version signs nothing with it that is good for longer than what was signed before.
    let keys = shop.vault.vaulting.keyring().merchant(&key.tenant).unwrap();
    let forged = |version: u32, after_ms: i64| {
        let ends = (shop.vault.clock.now_ms() + after_ms).to_string();
        let made_at = key.created_at_ms.to_be_bytes();
        let parts: [&[u8]; 3] = [key.id.as_bytes(), ends.as_bytes(), &made_at];
        let signature = keys.lookup_of(version).unwrap().purpose_mac("flute/access-token/v2", &parts);
        format!("fla.{}.{ends}.{}", key.id, Base64UrlUnpadded::encode_string(&signature))
    };
    let month_ms = 30 * 24 * 60 * 60 * 1000;
    let forged = [forged(1, 3 * month_ms), forged(2, 3 * month_ms)];
    let newer = shop.token(&[("grant_type", "client_credentials")]).await.id("access_token");
    let rehashed = shop.vault.vaulting.store().api_key(&key.id).await.unwrap().unwrap();
    assert_eq!((key.lookup_version, rehashed.lookup_version), (1, 2));
    for token in [now, newer] {
        shop.access_token = token;
        shop.get("/v2/customers").await.ok();
    }
    for token in forged {
        shop.access_token = token;
        let refused = shop.get("/v2/customers").await;
        refused.refused(401, "V0000", "access_token_invalid", Some("BearerTokenError"));
    }
}
