//! Checkout sessions: what the merchant's server has said of a checkout holds for the token that is made in it, and for
//! what is paid with that.

use axum::{body::Body, http::Request};
use instrument::Entry;
use serde_json::{Value, json};
use vault::{
    domain::{ApiKey, CheckoutSession, KeyKind, KeyText, KeyUse, Origin, Scope},
    random::SystemRandom,
    store::Change,
};

use crate::support::{Answer, SHOP_ORIGIN, Vault, account, card, code, fresh_key, visa};

const MASTERCARD: &str = "5555555555554444";

/// What the merchant's server asks for, besides the origin.
fn asked(more: Value) -> Value {
    let mut body = json!({"origin": SHOP_ORIGIN});
    body.as_object_mut().unwrap().append(&mut more.as_object().unwrap().clone());
    body
}

async fn session(vault: &Vault, more: Value) -> String {
    let answer = vault.call("POST", "/v1/sessions", asked(more)).await.expect(201);
    answer["session"].as_str().unwrap().to_owned()
}

/// The body of a request for a token in a session.
async fn body(vault: &Vault, session: &str, entry: impl Into<Entry>, attempt: &str) -> Value {
    let entry = entry.into();
    let kind = entry.kind().as_str();
    let envelope = vault.seal(&vault.pk, entry, attempt).await;
    json!({"envelope": envelope, "kind": kind, "page_origin": SHOP_ORIGIN, "session": session})
}

async fn ask(vault: &Vault, session: &str, entry: impl Into<Entry>) -> Answer {
    let attempt = fresh_key();
    let body = body(vault, session, entry, &attempt).await;
    vault.post_token(&vault.pk, &attempt, body).await
}

async fn token(vault: &Vault, session: &str, entry: impl Into<Entry>) -> String {
    ask(vault, session, entry).await.expect(201)["token"].as_str().unwrap().to_owned()
}

async fn stored(vault: &Vault, token: &str) -> Value {
    vault.call("POST", "/v1/payment-methods", json!({"token": token})).await.expect(201)
}

async fn pay(vault: &Vault, method: &Value, amount: i64, currency: &str) -> Answer {
    let body = json!({"payment_method": method["id"], "amount": amount, "currency": currency});
    vault.call("POST", "/v1/payments", body).await
}

/// Has the vault's publishable key replaced by one that requires a session.
async fn require_sessions(vault: &mut Vault) {
    let id = KeyText::parse(&vault.pk).unwrap().id().to_owned();
    let like = vault.vaulting.store().api_key(&id).await.unwrap().unwrap();
    let text = KeyText::generate(KeyKind::Publishable, KeyUse::Live, &SystemRandom).unwrap();
    let keys = vault.vaulting.keyring().merchant(&like.tenant).unwrap();
    let key = ApiKey {
        id: text.id().to_owned(),
        mac: keys.lookup().api_key_mac(text.expose()),
        lookup_version: 1,
        scopes: vec![Scope::Tokenize, Scope::SessionRequired],
        ..like
    };
    let tenant = key.tenant.clone();
    vault.vaulting.store().apply(&tenant, vec![Change::InsertKey(key)]).await.unwrap();
    text.expose().clone_into(&mut vault.pk);
}

#[tokio::test]
async fn a_session_names_its_end_and_each_has_another_id() {
    let vault = Vault::start().await;
    let full = json!({
        "amount": 1299, "currency": "usd", "expires_in": 60, "attempts": 3, "schemes": ["visa", "amex"],
        "bins": {"allow": ["411111"], "deny": ["41111199"]},
    });
    let first = vault.call("POST", "/v1/sessions", asked(full.clone())).await.expect(201);
    let second = vault.call("POST", "/v1/sessions", asked(full)).await.expect(201);
    assert!(first["session"].as_str().unwrap().starts_with("ses_"));
    assert_ne!(first["id"], second["id"]);
    assert_ne!(first["session"], second["session"]);
    let end = vault::clock::rfc3339(vault::clock::Clock::now_ms(&*vault.clock) + 60_000);
    assert_eq!(first["expires_at"], json!(end));
}

#[tokio::test]
async fn what_no_session_can_say_is_refused_by_its_name() {
    let vault = Vault::start().await;
    for (more, field) in [
        (json!({"origin": "https://shop.example/pay"}), "origin"),
        (json!({"amount": 0, "currency": "USD"}), "amount"),
        (json!({"amount": 1}), "currency"),
        (json!({"currency": "XXX"}), "currency"),
        (json!({"expires_in": 0}), "expires_in"),
        (json!({"expires_in": 86_401}), "expires_in"),
        (json!({"attempts": 0}), "attempts"),
        (json!({"attempts": 101}), "attempts"),
        (json!({"schemes": ["Visa"]}), "schemes"),
        (json!({"schemes": []}), "schemes"),
        (json!({"bins": {"allow": ["41111"]}}), "bins.allow"),
        (json!({"bins": {"deny": ["411111111"]}}), "bins.deny"),
        (json!({"bins": {"deny": ["41111x"]}}), "bins.deny"),
        (
            json!({"bins": {"allow": (0..101).map(|bin| (400_000 + bin).to_string()).collect::<Vec<_>>()}}),
            "bins.allow",
        ),
    ] {
        let error = vault.call("POST", "/v1/sessions", asked(more)).await.expect_error(422, "field_invalid");
        assert_eq!(error["field"], field);
    }
    let unknown = vault.call("POST", "/v1/sessions", asked(json!({"bins": {"block": []}}))).await;
    assert_eq!(unknown.expect_error(400, "unknown_field")["field"], "block");
    let publishable = vault.call_with(&vault.pk, "POST", "/v1/sessions", asked(json!({}))).await;
    publishable.expect_error(403, "wrong_key_kind");
}

#[tokio::test]
async fn the_longest_session_fits_into_a_request() {
    let vault = Vault::start().await;
    let bins = |first: u32| (0..100).map(|bin| (first + bin).to_string()).collect::<Vec<_>>();
    let mut allow = bins(55_555_000);
    allow.pop();
    allow.push("41111111".to_owned());
    let long = session(&vault, json!({"bins": {"allow": allow, "deny": bins(41_111_200)}})).await;
    assert!(long.len() > 2_000);
    ask(&vault, &long, visa()).await.expect(201);
}

#[tokio::test]
async fn the_merchants_server_reads_the_session_of_what_it_spends() {
    let vault = Vault::start().await;
    let priced = vault.call("POST", "/v1/sessions", asked(json!({"amount": 1299, "currency": "USD"}))).await;
    let priced = priced.expect(201);
    for instrument in [visa(), account()] {
        let token = token(&vault, priced["session"].as_str().unwrap(), instrument).await;
        let method = stored(&vault, &token).await;
        assert_eq!(method["session"], json!({"id": priced["id"], "amount": 1299, "currency": "USD"}));
        let path = format!("/v1/payment-methods/{}", method["id"].as_str().unwrap());
        assert_eq!(vault.call("GET", &path, Value::Null).await.expect(200), method);
    }
    let open = session(&vault, json!({})).await;
    let method = stored(&vault, &token(&vault, &open, visa()).await).await;
    assert_eq!((&method["session"]["amount"], &method["session"]["currency"]), (&Value::Null, &Value::Null));
    // The page is told nothing that it has not typed or handed over.
    let answer = ask(&vault, &open, visa()).await.expect(201);
    assert!(answer.get("session").is_none() && answer["card"].get("session").is_none(), "{answer}");
    let without = stored(&vault, &vault.token(visa()).await).await;
    assert!(without.get("session").is_none());
}

#[tokio::test]
async fn a_key_that_requires_a_session_makes_no_token_without() {
    let mut vault = Vault::start().await;
    require_sessions(&mut vault).await;
    let refused = vault.tokenize_as(&vault.pk, visa(), &fresh_key(), "tessera").await;
    let error = refused.expect_error(403, "session_required");
    assert_eq!((&error["classification"], &error["field"]), (&json!("merchant"), &json!("session")));
    // A gateway's payment session is none, and neither is a card that comes in clear.
    let refused = vault.tokenize_as(&vault.pk, visa(), &fresh_key(), "flute").await;
    refused.expect_error(403, "session_required");
    ask(&vault, "0b0d4b46-2f4c-4bd5-9a0e-4c8f4f0b8a11", visa()).await.expect_error(403, "session_required");
    let clear = Request::post("/paydock/v1/payment_sources/tokens")
        .header("x-user-public-key", &vault.pk)
        .header("origin", SHOP_ORIGIN)
        .header("content-type", "application/json");
    let clear = vault.send(clear.body(Body::from("{}")).unwrap()).await;
    assert_eq!(clear.status.as_u16(), 403);
    assert!(String::from_utf8_lossy(&clear.bytes).contains("session_required"));

    let session = session(&vault, json!({})).await;
    ask(&vault, &session, visa()).await.expect(201);
    // What the form needs before is there.
    vault.call_with(&vault.pk, "GET", "/v1/keys", Value::Null).await.expect(200);
}

#[tokio::test]
async fn permanent_tokens_are_made_in_no_checkout_session() {
    let vault = Vault::start().await;
    let session = session(&vault, json!({})).await;
    let attempt = fresh_key();
    let mut body = body(&vault, &session, visa(), &attempt).await;
    body["dialect"] = json!("flute");
    vault.post_token(&vault.pk, &attempt, body).await.expect_error(400, "session_unsupported");
}

#[tokio::test]
async fn only_what_this_merchants_server_signed_is_a_session() {
    let vault = Vault::start().await;
    let good = session(&vault, json!({"amount": 1299, "currency": "USD"})).await;
    // The characters behind the sign of the last byte carry nothing: a change of them alone is none.
    for at in (4..good.len() - 1).step_by(7) {
        let mut altered = good.clone().into_bytes();
        altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
        let altered = String::from_utf8(altered).unwrap();
        let error = ask(&vault, &altered, visa()).await.expect_error(422, "session_invalid");
        assert_eq!((&error["classification"], &error["field"]), (&json!("merchant"), &json!("session")));
    }
    let (bytes, mac) = good.split_once('.').unwrap();
    for text in
        ["ses_", "ses_.", bytes, &format!("{bytes}."), &format!("ses_.{mac}"), &format!("{good}.{mac}")]
    {
        ask(&vault, text, visa()).await.expect_error(422, "session_invalid");
    }
    let (_, other) = vault.another_merchant().await;
    let others = vault.call_with(&other, "POST", "/v1/sessions", asked(json!({}))).await.expect(201);
    ask(&vault, others["session"].as_str().unwrap(), visa()).await.expect_error(422, "session_invalid");
    ask(&vault, &good, visa()).await.expect(201);
}

#[tokio::test]
async fn a_session_is_for_one_origin_and_for_its_time() {
    let vault = Vault::start().await;
    let elsewhere = session(&vault, json!({"origin": "https://other.example"})).await;
    ask(&vault, &elsewhere, visa()).await.expect_error(403, "session_origin_mismatch");
    let short = session(&vault, json!({"expires_in": 60})).await;
    ask(&vault, &short, visa()).await.expect(201);
    vault.clock.advance_ms(59_999);
    ask(&vault, &short, visa()).await.expect(201);
    vault.clock.advance_ms(1);
    ask(&vault, &short, visa()).await.expect_error(410, "session_expired");
}

#[tokio::test]
async fn a_session_has_as_many_attempts_as_was_said() {
    let vault = Vault::start().await;
    let session_of_two = session(&vault, json!({"attempts": 2})).await;
    let attempt = fresh_key();
    let first = body(&vault, &session_of_two, visa(), &attempt).await;
    let token = vault.post_token(&vault.pk, &attempt, first.clone()).await.expect(201);
    // A repetition is the same attempt.
    for _ in 0..5 {
        let again = vault.post_token(&vault.pk, &attempt, first.clone()).await.expect(200);
        assert_eq!(again["token"], token["token"]);
    }
    ask(&vault, &session_of_two, code("737")).await.expect(201);
    for entry in [visa(), account()] {
        let refused = ask(&vault, &session_of_two, entry).await;
        refused.expect_error(409, "session_attempts_exceeded");
    }
    // Still the same attempt, and another session has its own.
    vault.post_token(&vault.pk, &attempt, first).await.expect(200);
    let another = session(&vault, json!({"attempts": 1})).await;
    ask(&vault, &another, visa()).await.expect(201);
}

#[tokio::test]
async fn schemes_and_bins_are_judged_by_what_was_typed_and_every_refusal_counts() {
    let vault = Vault::start().await;
    for policy in [
        json!({"schemes": ["visa"], "attempts": 3}),
        json!({"bins": {"allow": ["411111"]}, "attempts": 3}),
        json!({"bins": {"deny": ["555555"]}, "attempts": 3}),
    ] {
        let picky = session(&vault, policy).await;
        let mut told = Vec::new();
        for _ in 0..2 {
            let error = ask(&vault, &picky, card(MASTERCARD, None)).await.expect_error(422, "card_invalid");
            let about = (&error["classification"], &error["field"], &error["reason"]);
            assert_eq!(about, (&json!("shopper"), &json!("number"), &json!("not_accepted")));
            told.push(error);
        }
        // One answer, whichever rule it was.
        assert_eq!(told[0], told[1]);
        ask(&vault, &picky, visa()).await.expect(201);
        ask(&vault, &picky, visa()).await.expect_error(409, "session_attempts_exceeded");
    }
    // Accounts have neither scheme nor BIN.
    let picky = session(&vault, json!({"schemes": ["visa"]})).await;
    ask(&vault, &picky, account()).await.expect(201);
}

#[tokio::test]
async fn a_captured_request_makes_no_second_token_and_goes_with_no_other_session() {
    let vault = Vault::start().await;
    let (one, other) = (session(&vault, json!({})).await, session(&vault, json!({})).await);
    let attempt = fresh_key();
    let mut captured = body(&vault, &one, visa(), &attempt).await;
    let token = vault.post_token(&vault.pk, &attempt, captured.clone()).await.expect(201)["token"].clone();
    for _ in 0..100 {
        let again = vault.post_token(&vault.pk, &attempt, captured.clone()).await.expect(200);
        assert_eq!(again["token"], token);
    }
    for swapped in [json!(other), Value::Null] {
        captured["session"] = swapped;
        let refused = vault.post_token(&vault.pk, &attempt, captured.clone()).await;
        refused.expect_error(422, "idempotency_conflict");
    }
    captured["session"] = json!(one);
    stored(&vault, token.as_str().unwrap()).await;
    vault.post_token(&vault.pk, &attempt, captured.clone()).await.expect_error(409, "attempt_over");
    vault.clock.advance_ms(30 * 60 * 1000);
    vault.post_token(&vault.pk, &attempt, captured).await.expect_error(410, "session_expired");
}

#[tokio::test]
async fn a_first_payment_is_the_one_of_the_session() {
    let vault = Vault::start().await;
    let priced = session(&vault, json!({"amount": 1299, "currency": "USD"})).await;
    let method = stored(&vault, &token(&vault, &priced, visa()).await).await;
    for (amount, currency) in [(1300, "USD"), (1299, "EUR")] {
        let error = pay(&vault, &method, amount, currency).await.expect_error(422, "session_amount_mismatch");
        assert_eq!((&error["classification"], &error["field"]), (&json!("merchant"), &json!("amount")));
    }
    pay(&vault, &method, 1299, "usd").await.expect(201);
    // From then on it is a stored payment method like any other.
    pay(&vault, &method, 500, "EUR").await.expect(201);

    // A decline pays nothing.
    let declined = stored(&vault, &token(&vault, &priced, card("4000000000009995", None)).await).await;
    assert_eq!(pay(&vault, &declined, 1299, "USD").await.expect(201)["status"], "declined");
    pay(&vault, &declined, 1, "USD").await.expect_error(422, "session_amount_mismatch");

    // Neither does the session last for ever.
    let later = stored(&vault, &token(&vault, &priced, visa()).await).await;
    vault.clock.advance_ms(30 * 60 * 1000);
    pay(&vault, &later, 500, "EUR").await.expect(201);
}

#[tokio::test]
async fn the_code_of_a_stored_card_pays_what_its_session_says() {
    let vault = Vault::start().await;
    let method = stored(&vault, &vault.token(visa()).await).await;
    let priced = session(&vault, json!({"amount": 1299, "currency": "USD"})).await;
    let code_token = token(&vault, &priced, code("737")).await;
    let pay = |amount: i64| {
        let body = json!({
            "payment_method": method["id"], "code_token": code_token, "amount": amount, "currency": "USD",
        });
        vault.call("POST", "/v1/payments", body)
    };
    pay(1300).await.expect_error(422, "session_amount_mismatch");
    // Nothing was spent by that.
    pay(1299).await.expect(201);
    pay(1299).await.expect_error(409, "token_already_used");
}

#[tokio::test]
async fn a_token_pays_what_its_session_says_on_a_gateways_face_too() {
    let vault = Vault::start().await;
    let priced = session(&vault, json!({"amount": 1299, "currency": "USD"})).await;
    let token = token(&vault, &priced, visa()).await;
    let pay = |amount: i64| {
        let body = json!({
            "type": "sale", "amount": amount, "currency": "USD", "payment_method": {"token": token},
        });
        vault.call("POST", "/fluidpay/api/transaction", body)
    };
    let refused = pay(1300).await;
    assert_eq!(refused.status.as_u16(), 422, "{}", String::from_utf8_lossy(&refused.bytes));
    assert_eq!(pay(1299).await.expect(200)["data"]["status"], "pending_settlement");
}

#[tokio::test]
async fn a_session_that_the_interface_would_not_make_is_none_whoever_signed_it() {
    let vault = Vault::start().await;
    let now_ms = vault.vaulting.now_ms();
    let tenant = vault.vaulting.keyring().merchants().first().unwrap().tenant().clone();
    let most = CheckoutSession {
        id: "3xRkPq7mT2nWvB8cYdFh".to_owned(),
        origin: Origin::parse(SHOP_ORIGIN).unwrap(),
        amount_minor: None,
        currency: None,
        expires_at_ms: now_ms + 24 * 60 * 60 * 1000,
        attempts: 100,
        schemes: Vec::new(),
        allowed_bins: Vec::new(),
        denied_bins: Vec::new(),
    };
    let signed = |session: &CheckoutSession| vault.vaulting.sign_session(&tenant, session).unwrap();
    ask(&vault, &signed(&most), visa()).await.expect(201);
    for other in [
        CheckoutSession { expires_at_ms: now_ms + 365 * 24 * 60 * 60 * 1000, ..most.clone() },
        CheckoutSession { attempts: 101, ..most.clone() },
        CheckoutSession { attempts: 4_000_000_000, ..most.clone() },
        CheckoutSession { attempts: 0, ..most.clone() },
    ] {
        ask(&vault, &signed(&other), visa()).await.expect_error(422, "session_invalid");
    }
}
