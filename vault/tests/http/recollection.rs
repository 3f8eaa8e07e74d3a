//! The security code of a stored card, asked for again: it makes nothing, goes with one payment, and is gone.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use instrument::Instrument;
use serde_json::{Value, json};
use vault::{
    app::{self, AppState},
    domain::{Charge, Origin, Outcome, Processor, Source},
    vaulting::SecurityCodes,
};

use crate::support::{SHOP_ORIGIN, VAULT_ORIGIN, Vault, account, card, code, fresh_key, visa};

/// Approves everything, and remembers the code of each card that it was shown.
#[derive(Default)]
struct Watching(Mutex<Vec<Option<String>>>);

#[async_trait]
impl Processor for Watching {
    fn name(&self) -> &'static str {
        "watching"
    }

    async fn charge(&self, charge: &Charge<'_>) -> Outcome {
        let Source::Instrument(Instrument::Card(card)) = charge.source else { return Outcome::Approved };
        // EXPOSE: whether the code arrives is what is tested.
        self.0.lock().unwrap().push(card.code().map(|code| code.expose().to_owned()));
        Outcome::Approved
    }
}

/// A vault whose processor can be asked what it saw.
async fn watched() -> (Vault, Arc<Watching>) {
    let mut vault = Vault::start().await;
    let processor = Arc::new(Watching::default());
    vault.vaulting = vault.vaulting.with_processor(Arc::clone(&processor) as _);
    let origin = Origin::parse(VAULT_ORIGIN).unwrap();
    vault.router = app::router(AppState::new(vault.vaulting.clone(), origin));
    (vault, processor)
}

async fn stored(vault: &Vault, instrument: Instrument) -> String {
    let body = json!({"token": vault.token(instrument).await});
    let method = vault.call("POST", "/v1/payment-methods", body).await.expect(201);
    method["id"].as_str().unwrap().to_owned()
}

fn payment(method: &str, code_token: &str) -> Value {
    json!({"payment_method": method, "code_token": code_token, "amount": 1299, "currency": "USD"})
}

#[tokio::test]
async fn a_code_becomes_a_token_that_shows_nothing() {
    let vault = Vault::start().await;
    let answer = vault.tokenize_as(&vault.pk, code("737"), &fresh_key(), "tessera").await.expect(201);
    assert_eq!(answer["kind"], "code");
    let members: Vec<_> = answer.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, ["expires_at", "kind", "token"]);
    // The same attempt, whose page has its envelope still, gets the same token.
    let key = fresh_key();
    let envelope = vault.seal(&vault.pk, code("737"), &key).await;
    let body = json!({"envelope": envelope, "kind": "code", "page_origin": SHOP_ORIGIN});
    let first = vault.post_token(&vault.pk, &key, body.clone()).await.expect(201);
    assert_eq!(vault.post_token(&vault.pk, &key, body).await.expect(200), first);
}

#[tokio::test]
async fn whoever_knows_an_attempt_cannot_try_the_thousand_codes() {
    let mut vault = Vault::start().await;
    for choice in [SecurityCodes::Memory, SecurityCodes::Carried] {
        vault.vaulting = vault.vaulting.clone().with_security_codes(choice);
        let origin = Origin::parse(VAULT_ORIGIN).unwrap();
        vault.router = app::router(AppState::new(vault.vaulting.clone(), origin));
        let key = fresh_key();
        vault.tokenize_as(&vault.pk, code("737"), &key, "tessera").await.expect(201);
        let answer = async |tried| {
            let answer = vault.tokenize_as(&vault.pk, code(tried), &key, "tessera").await;
            answer.expect_error(422, "idempotency_conflict");
            answer.bytes
        };
        assert_eq!(answer("737").await, answer("738").await);
    }
}

#[tokio::test]
async fn the_processor_sees_the_code_with_the_stored_card_once() {
    let (vault, processor) = watched().await;
    let method = stored(&vault, visa()).await;
    let token = vault.token(code("737")).await;
    let paid = vault.call("POST", "/v1/payments", payment(&method, &token)).await.expect(201);
    assert_eq!((&paid["status"], &paid["payment_method"]), (&json!("approved"), &json!(method)));
    let again = vault.call("POST", "/v1/payments", payment(&method, &token)).await;
    assert_eq!(again.expect_error(409, "token_already_used")["field"], "code_token");
    // Without a code the card is charged as it is kept: it has none.
    let body = json!({"payment_method": method, "amount": 1, "currency": "USD"});
    vault.call("POST", "/v1/payments", body).await.expect(201);
    assert_eq!(*processor.0.lock().unwrap(), [Some("737".to_owned()), None]);
}

#[tokio::test]
async fn a_code_makes_no_customer_and_no_payment_method_and_stays_unspent() {
    let vault = Vault::start().await;
    let method = stored(&vault, visa()).await;
    let token = vault.token(code("737")).await;
    for path in ["/v1/customers", "/v1/payment-methods"] {
        let error = vault.call("POST", path, json!({"token": token})).await.expect_error(422, "code_alone");
        assert_eq!((&error["classification"], &error["field"]), (&json!("merchant"), &json!("token")));
    }
    let fluidpay = json!({"default_payment": {"token": token}});
    let fluidpay = vault.call("POST", "/fluidpay/api/vault/customer", fluidpay).await;
    assert_eq!(fluidpay.expect(422)["code"], "code_alone");
    let transaction = json!({"type": "sale", "amount": 1, "payment_method": {"token": token}});
    let transaction = vault.call("POST", "/fluidpay/api/transaction", transaction).await;
    assert_eq!(transaction.expect(422)["code"], "code_alone");
    // A permanent token would be a payment method.
    let permanent = vault.tokenize_as(&vault.pk, code("737"), &fresh_key(), "flute").await;
    permanent.expect_error(422, "code_alone");
    let customers = vault.call("GET", "/v1/customers", Value::Null).await.expect(200);
    assert_eq!(customers["data"], json!([]));
    // None of that has spent it.
    vault.call("POST", "/v1/payments", payment(&method, &token)).await.expect(201);
}

#[tokio::test]
async fn only_a_code_of_a_cards_own_size_goes_with_it() {
    let (vault, processor) = watched().await;
    let amex = stored(&vault, card("378282246310005", None)).await;
    let visa_card = stored(&vault, visa()).await;
    let bank = stored(&vault, account()).await;
    let (three, four) = (vault.token(code("737")).await, vault.token(code("1234")).await);
    let error = vault.call("POST", "/v1/payments", payment(&visa_card, &four)).await;
    let error = error.expect_error(422, "card_invalid");
    assert_eq!(
        [&error["field"], &error["reason"], &error["classification"]],
        ["code", "too_long", "shopper"]
    );
    let error = vault.call("POST", "/v1/payments", payment(&bank, &three)).await;
    assert_eq!(error.expect_error(422, "method_without_code")["field"], "payment_method");
    let whole = vault.token(visa()).await;
    let error = vault.call("POST", "/v1/payments", payment(&visa_card, &whole)).await;
    assert_eq!(error.expect_error(422, "not_a_code")["field"], "code_token");
    // Nothing was charged or spent.
    assert!(processor.0.lock().unwrap().is_empty());
    vault.call("POST", "/v1/payments", payment(&visa_card, &three)).await.expect(201);
    vault.call("POST", "/v1/payment-methods", json!({"token": whole})).await.expect(201);
    vault.call("POST", "/v1/payments", payment(&amex, &four)).await.expect(201);
    assert_eq!(*processor.0.lock().unwrap(), [Some("737".to_owned()), Some("1234".to_owned())]);
}

#[tokio::test]
async fn a_code_lives_fifteen_minutes_at_most_and_leaves_nothing() {
    let vault = Vault::start().await;
    let method = stored(&vault, visa()).await;
    let (spent, native, paydock) = (
        vault.token(code("737")).await,
        vault.token(code("737")).await,
        // Whose tokens of cards live three hours.
        vault.token_as(code("737"), "paydock").await,
    );
    let sealed = |table: &str| -> Vec<Vec<u8>> {
        let path = vault.dir.path().join("data/vault.sqlite");
        let connection = rusqlite::Connection::open(path).unwrap();
        let sql = format!("SELECT sealed FROM {table} WHERE sealed IS NOT NULL");
        let mut statement = connection.prepare(&sql).unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let records = sealed("token");
    assert_eq!(records.len(), 3);
    // In clear a record is version, kind, tag, length and the digits.
    let clear = b"\x01\x03\x03\x03737";
    assert!(records.iter().all(|record| !record.windows(clear.len()).any(|window| window == clear)));
    vault.call("POST", "/v1/payments", payment(&method, &spent)).await.expect(201);
    assert_eq!((sealed("token").len(), sealed("attempt").len()), (2, 2));
    let last = vault.token(code("737")).await;
    vault.clock.advance_ms(899_999);
    vault.call("POST", "/v1/payments", payment(&method, &last)).await.expect(201);
    vault.clock.advance_ms(1);
    for token in [&native, &paydock] {
        let late = vault.call("POST", "/v1/payments", payment(&method, token)).await;
        late.expect_error(410, "token_expired");
    }
    vault::housekeeping::sweep(&vault.vaulting).await.unwrap();
    assert_eq!((sealed("token").len(), sealed("attempt").len()), (0, 0));
}

#[tokio::test]
async fn a_code_sealed_as_something_else_does_not_open() {
    let vault = Vault::start().await;
    let key = fresh_key();
    let envelope = vault.seal(&vault.pk, code("737"), &key).await;
    for kind in ["card", "ach"] {
        let body = json!({"envelope": envelope, "kind": kind, "page_origin": crate::support::SHOP_ORIGIN});
        vault.post_token(&vault.pk, &key, body).await.expect_error(400, "envelope_unopenable");
    }
    let envelope = vault.seal(&vault.pk, visa(), &key).await;
    let body = json!({"envelope": envelope, "kind": "code", "page_origin": crate::support::SHOP_ORIGIN});
    vault.post_token(&vault.pk, &key, body).await.expect_error(400, "envelope_unopenable");
}
