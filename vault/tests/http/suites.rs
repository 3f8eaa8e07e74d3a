//! Sealing keys of one suite or the other: what is published, what opens, and what becomes of the keys of the other suite.

use std::sync::Arc;

use seal::{Signed, Statement, Suite, root};
use serde_json::{Value, json};
use tempfile::TempDir;
use vault::{
    clock::{Clock as _, ManualClock, SystemClock},
    config::Config,
    housekeeping,
    keyring::SealingSuites,
};

use crate::support::{SHOP_ORIGIN, VAULT_ORIGIN, Vault, both_kinds, config, fresh_key, visa};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A vault that makes keys of this choice, on a directory that may have been used before.
async fn vault(sealing_suites: SealingSuites, dir: TempDir, clock: &Arc<ManualClock>) -> Vault {
    let config = Config { sealing_suites, ..config(dir.path()) };
    Vault::start_with(config, dir, Arc::clone(clock)).await
}

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(SystemClock.now_ms()))
}

/// The statements that browsers get.
async fn statements(vault: &Vault) -> Vec<Statement> {
    let answer = vault.call_with(&vault.pk, "GET", "/v1/keys", Value::Null).await.expect(200);
    let keys = answer["keys"].as_array().unwrap().iter().map(|key| {
        let statement = Signed::from_text(key["statement"].as_str().unwrap()).unwrap();
        let statement = statement.checked(&root::DEVELOPMENT).unwrap();
        assert_eq!(key["suite"], statement.key.suite().name());
        assert_eq!(key["public_key"].as_str().unwrap(), statement.key.to_text());
        statement
    });
    keys.collect()
}

fn body(envelope: &str, kind: &str) -> Value {
    json!({"envelope": envelope, "kind": kind, "page_origin": SHOP_ORIGIN})
}

#[tokio::test]
async fn what_is_sealed_to_a_key_of_x_wing_becomes_a_token_that_is_spent() {
    let vault = vault(SealingSuites::XWing, TempDir::new().unwrap(), &clock()).await;
    let published = statements(&vault).await;
    assert_eq!(published.iter().map(|one| one.key.suite()).collect::<Vec<_>>(), [Suite::XWing]);
    for (kind, instrument) in both_kinds() {
        let key = fresh_key();
        let envelope = vault.seal(&vault.pk, instrument, &key).await;
        assert_eq!(envelope.len(), 2210);
        let issued = vault.post_token(&vault.pk, &key, body(&envelope, kind.as_str())).await.expect(201);
        let spend = json!({"token": issued["token"]});
        vault.call("POST", "/v1/payment-methods", spend).await.expect(201);
    }
    // One changed character in the part of ML-KEM, and one in that of X25519.
    for at in [100, 1490] {
        let key = fresh_key();
        let mut changed = vault.seal(&vault.pk, visa(), &key).await;
        let other = if changed.as_bytes()[at] == b'A' { "B" } else { "A" };
        changed.replace_range(at..=at, other);
        let answer = vault.post_token(&vault.pk, &key, body(&changed, "card")).await;
        answer.expect_error(400, "envelope_unopenable");
    }
}

#[tokio::test]
async fn from_one_suite_to_the_other_and_back_what_was_sealed_before_opens_until_its_key_ends() {
    for (before, after) in [
        (SealingSuites::X25519, SealingSuites::XWing),
        (SealingSuites::XWing, SealingSuites::X25519),
        (SealingSuites::XWingOnly, SealingSuites::X25519),
    ] {
        let clock = clock();
        let old = vault(before, TempDir::new().unwrap(), &clock).await;
        let (in_time, too_late) = (fresh_key(), fresh_key());
        let first = old.seal(&old.pk, visa(), &in_time).await;
        let second = old.seal(&old.pk, visa(), &too_late).await;
        let dir = old.dir;
        drop((old.router, old.vaulting));

        let new = vault(after, dir, &clock).await;
        // At once, and nobody is told of the old one any more.
        let published = statements(&new).await;
        assert_eq!(published.iter().map(|one| one.key.suite()).collect::<Vec<_>>(), [after.made()]);
        clock.advance_ms(2 * DAY_MS);
        new.post_token(&new.pk, &in_time, body(&first, "card")).await.expect(201);
        clock.advance_ms(DAY_MS / 12);
        let late = new.post_token(&new.pk, &too_late, body(&second, "card")).await;
        late.expect_error(409, "sealing_key_unknown");
        housekeeping::rotate(&new.vaulting).await.unwrap();
        let stored = new.vaulting.store().sealing_keys().await.unwrap();
        assert!(stored.iter().all(|key| key.suite == after.made().number()), "what is over is destroyed");
    }
}

#[tokio::test]
async fn a_retired_suite_is_refused_by_its_code_and_stands_in_no_statement() {
    let clock = clock();
    let old = vault(SealingSuites::X25519, TempDir::new().unwrap(), &clock).await;
    let key = fresh_key();
    let sealed = old.seal(&old.pk, visa(), &key).await;
    assert!(statements(&old).await[0].suites.has(Suite::X25519.number()));
    let dir = old.dir;
    drop((old.router, old.vaulting));

    let new = vault(SealingSuites::XWingOnly, dir, &clock).await;
    let statement = statements(&new).await.remove(0);
    assert!(!statement.suites.has(Suite::X25519.number()));
    let now_ms = u64::try_from(clock.now_ms()).unwrap();
    assert!(statement.key_for(VAULT_ORIGIN, now_ms).is_ok());
    let refused = new.post_token(&new.pk, &key, body(&sealed, "card")).await;
    let error = refused.expect_error(409, "suite_retired");
    assert_eq!(error["classification"], "gateway");
    // Whoever loads the keys again seals the same attempt anew.
    let again = new.seal(&new.pk, visa(), &key).await;
    new.post_token(&new.pk, &key, body(&again, "card")).await.expect(201);
}

#[tokio::test]
async fn of_x_wing_the_newest_key_alone_is_published() {
    let clock = clock();
    let vault = vault(SealingSuites::XWing, TempDir::new().unwrap(), &clock).await;
    let old = statements(&vault).await.remove(0);
    clock.advance_ms(25 * DAY_MS / 24);
    housekeeping::rotate(&vault.vaulting).await.unwrap();
    let new = statements(&vault).await;
    assert_eq!(new.len(), 1);
    assert_ne!(new[0].key, old.key);
    // The day's tolerance of a shopper's clock needs no other.
    let a_day_ago_ms = u64::try_from(clock.now_ms() - DAY_MS).unwrap();
    assert!(new[0].clone().key_for(VAULT_ORIGIN, a_day_ago_ms).is_ok());
}
