//! The same attempt gets the same token.

use serde_json::json;

use crate::support::{SHOP_ORIGIN, Vault, account, card, fresh_key, visa};

#[tokio::test]
async fn a_repetition_gets_the_same_token() {
    let vault = Vault::start().await;
    let key = fresh_key();
    let first = vault.tokenize_as(&vault.pk, visa(), &key, "tessera").await.expect(201);
    // Sealed anew, as after a reload; and sent again as it was.
    let second = vault.tokenize_as(&vault.pk, visa(), &key, "tessera").await.expect(200);
    assert_eq!(first, second);
    let envelope = vault.seal(&vault.pk, visa(), &key).await;
    let body = json!({"envelope": envelope, "kind": "card", "page_origin": SHOP_ORIGIN});
    for _ in 0..3 {
        assert_eq!(vault.post_token(&vault.pk, &key, body.clone()).await.expect(200), first);
    }
}

#[tokio::test]
async fn the_same_key_for_something_else_is_a_conflict() {
    let vault = Vault::start().await;
    let key = fresh_key();
    vault.tokenize_as(&vault.pk, visa(), &key, "tessera").await.expect(201);
    let other_code = card("4111111111111111", Some("738"));
    for (instrument, dialect) in [
        (card("5555555555554444", Some("737")), "tessera"),
        (other_code, "tessera"),
        (account(), "tessera"),
        (visa(), "fluidpay"),
    ] {
        let refused = vault.tokenize_as(&vault.pk, instrument, &key, dialect).await;
        refused.expect_error(422, "idempotency_conflict");
    }
    // Another key may use the same text: attempts belong to a key.
    let (other_pk, _) = vault.another_merchant().await;
    vault.tokenize_as(&other_pk, account(), &key, "tessera").await.expect(201);
}

#[tokio::test]
async fn an_attempt_is_over_when_its_token_is_spent_or_expired() {
    let vault = Vault::start().await;
    let (spent, expired) = (fresh_key(), fresh_key());
    let answer = vault.tokenize_as(&vault.pk, visa(), &spent, "tessera").await.expect(201);
    vault.tokenize_as(&vault.pk, visa(), &expired, "tessera").await.expect(201);
    vault.call("POST", "/v1/payment-methods", json!({"token": answer["token"]})).await.expect(201);
    vault.tokenize_as(&vault.pk, visa(), &spent, "tessera").await.expect_error(409, "attempt_over");
    vault.clock.advance_ms(900_000);
    vault.tokenize_as(&vault.pk, visa(), &expired, "tessera").await.expect_error(409, "attempt_over");
}

#[tokio::test]
async fn a_captured_body_never_makes_a_second_token() {
    const HOUR_MS: i64 = 60 * 60 * 1000;
    let vault = Vault::start().await;
    let (spent, expired) = (fresh_key(), fresh_key());
    let mut bodies = Vec::new();
    for key in [&spent, &expired] {
        let envelope = vault.seal(&vault.pk, visa(), key).await;
        let body = json!({"envelope": envelope, "kind": "card", "page_origin": SHOP_ORIGIN});
        let token = vault.post_token(&vault.pk, key, body.clone()).await.expect(201)["token"].clone();
        bodies.push((key, body, token));
    }
    let body = json!({"token": bodies[0].2});
    vault.call("POST", "/v1/payment-methods", body).await.expect(201);
    // For as long as the envelope opens: two days, and the hour of grace.
    for hour in 1..=49 {
        vault.clock.advance_ms(if hour == 49 { HOUR_MS - 1 } else { HOUR_MS });
        vault::housekeeping::sweep(&vault.vaulting).await.unwrap();
        vault::housekeeping::rotate(&vault.vaulting).await.unwrap();
        for (key, body, _) in &bodies {
            let replayed = vault.post_token(&vault.pk, key, body.clone()).await;
            replayed.expect_error(409, "attempt_over");
        }
    }
    vault.clock.advance_ms(1);
    for (key, body, _) in &bodies {
        let replayed = vault.post_token(&vault.pk, key, body.clone()).await;
        replayed.expect_error(409, "sealing_key_unknown");
    }
    // And then nothing is left of it.
    vault::housekeeping::sweep(&vault.vaulting).await.unwrap();
    let connection = rusqlite::Connection::open(vault.dir.path().join("data/vault.sqlite")).unwrap();
    let attempts: i64 = connection.query_row("SELECT count(*) FROM attempt", [], |row| row.get(0)).unwrap();
    assert_eq!(attempts, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn simultaneous_attempts_make_one_token() {
    let vault = std::sync::Arc::new(Vault::start().await);
    for _ in 0..20 {
        let key = fresh_key();
        let attempts: Vec<_> = (0..16)
            .map(|_| {
                let (vault, key) = (std::sync::Arc::clone(&vault), key.clone());
                tokio::spawn(async move { vault.tokenize_as(&vault.pk, visa(), &key, "tessera").await })
            })
            .collect();
        let mut tokens = Vec::new();
        let mut created = 0;
        for attempt in attempts {
            let answer = attempt.await.unwrap();
            created += usize::from(answer.status == 201);
            tokens.push(answer.json()["token"].as_str().unwrap().to_owned());
        }
        tokens.dedup();
        assert_eq!((tokens.len(), created), (1, 1));
    }
}

#[tokio::test]
async fn a_key_of_another_form_is_refused() {
    let vault = Vault::start().await;
    let too_long = "a".repeat(65);
    for key in ["", "short", "fifteen-letters", "with space with space", too_long.as_str()] {
        let refused = vault.tokenize_as(&vault.pk, visa(), key, "tessera").await;
        refused.expect_error(400, "idempotency_key_invalid");
    }
    let refused = vault.tokenize_as(&vault.pk, visa(), &fresh_key(), "stripe").await;
    refused.expect_error(400, "dialect_unknown");
}
