//! A vault without `--dev`: it makes no sealing keys, publishes what was signed elsewhere, and says when that runs out.

use std::sync::Arc;

use seal::root;
use serde_json::json;
use tempfile::TempDir;
use vault::{
    clock::{Clock as _, ManualClock, SystemClock},
    config::{Config, KekSource, Mode},
    domain::{Origin, TenantId},
    housekeeping::{self, Warnings},
    keyring::{RootSigner, SealingSuites, Standing},
    random::SystemRandom,
    startup,
    store::Change,
    vaulting::Vaulting,
};
use zeroize::Zeroizing;

use crate::support::{Answer, SHOP_ORIGIN, VAULT_ORIGIN, Vault, config, fresh_key, seal_to, visa};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

struct Production {
    vaulting: Vaulting,
    clock: Arc<ManualClock>,
    origin: Origin,
    _dir: TempDir,
}

impl Production {
    async fn start() -> Self {
        Self::start_with(SealingSuites::X25519).await
    }

    async fn start_with(sealing_suites: SealingSuites) -> Self {
        let dir = TempDir::new().unwrap();
        let kek = KekSource::Text(Zeroizing::new("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8".to_owned()));
        let config = Config { mode: Mode::Production, kek, sealing_suites, ..config(dir.path()) };
        let clock = Arc::new(ManualClock::new(SystemClock.now_ms()));
        let started = startup::start(&config, Arc::clone(&clock) as _, Arc::new(SystemRandom)).await.unwrap();
        assert!(started.dev_keys.is_none());
        Self { vaulting: started.vaulting, clock, origin: Origin::parse(VAULT_ORIGIN).unwrap(), _dir: dir }
    }

    /// Makes pairs for so many days, and has them signed, or not.
    async fn request(&self, days: u16, signer: Option<&RootSigner>) -> usize {
        self.request_of(SealingSuites::X25519, days, signer).await
    }

    async fn request_of(&self, suites: SealingSuites, days: u16, signer: Option<&RootSigner>) -> usize {
        let (keyring, store, now_ms) = (self.vaulting.keyring(), self.vaulting.store(), self.clock.now_ms());
        let stored = store.sealing_keys().await.unwrap();
        let random = &SystemRandom;
        let requests = keyring.sealing_requests(&stored, &self.origin, suites, now_ms, days, random);
        let requests = requests.await.unwrap();
        let mut changes = Vec::new();
        for (request, standing) in &requests {
            if *standing == Standing::New {
                changes.push(Change::InsertSealingKey(request.pair.clone()));
            }
            if let Some(signer) = signer {
                let statement = signer.sign(&request.statement);
                changes.push(Change::SignSealingKey { id: request.pair.id, statement });
            }
        }
        if !changes.is_empty() {
            store.apply(&TenantId::vault(), changes).await.unwrap();
        }
        housekeeping::rotate(&self.vaulting).await.unwrap();
        requests.len()
    }

    fn published(&self) -> usize {
        self.vaulting.keyring().sealing().published(&self.origin, self.clock.now_ms()).len()
    }
}

#[tokio::test]
async fn only_what_was_signed_is_published_and_pairs_are_made_once() {
    let vault = Production::start().await;
    assert_eq!(vault.published(), 0, "it makes none by itself");
    assert_eq!(vault.request(3, None).await, 3);
    assert_eq!(vault.published(), 0);
    let before = vault.vaulting.store().sealing_keys().await.unwrap();
    assert_eq!(vault.request(3, Some(&RootSigner::development())).await, 3, "the same again");
    assert_eq!(vault.published(), 1);
    let after = vault.vaulting.store().sealing_keys().await.unwrap();
    let ids = |keys: &[vault::store::SealingKey]| keys.iter().map(|key| key.id).collect::<Vec<_>>();
    assert_eq!(ids(&before), ids(&after));
    assert_eq!(vault.request(3, None).await, 0, "nothing is left to be signed");
    let published =
        vault.vaulting.keyring().sealing().published(&vault.origin, vault.clock.now_ms()).remove(0);
    let statement =
        seal::Signed::from_text(&published.statement).unwrap().checked(&root::DEVELOPMENT).unwrap();
    let now_ms = u64::try_from(vault.clock.now_ms()).unwrap();
    assert_eq!(statement.key_for(VAULT_ORIGIN, now_ms), Ok(published.key));
    // A day later there are two, and after the third day none; what is over is destroyed.
    vault.clock.advance_ms(DAY_MS);
    housekeeping::rotate(&vault.vaulting).await.unwrap();
    assert_eq!(vault.published(), 2);
    vault.clock.advance_ms(5 * DAY_MS);
    housekeeping::rotate(&vault.vaulting).await.unwrap();
    assert_eq!(vault.published(), 0);
    assert!(vault.vaulting.store().sealing_keys().await.unwrap().is_empty());
}

/// Whoever changes the suite has the coming days signed once more, and nothing of the other suite fills in for them.
#[tokio::test]
async fn each_suite_has_pairs_and_signatures_of_its_own() {
    let vault = Production::start_with(SealingSuites::XWing).await;
    let signer = RootSigner::development();
    assert_eq!(vault.request_of(SealingSuites::X25519, 3, Some(&signer)).await, 3);
    assert_eq!(vault.published(), 0);
    let sealing = || vault.vaulting.keyring().sealing();
    assert_eq!(sealing().good(vault.clock.now_ms()), 0, "it is not ready");
    assert_eq!(sealing().last_for_ms(vault.clock.now_ms()), Some(0));
    assert_eq!(
        vault.request_of(SealingSuites::XWing, 2, None).await,
        2,
        "those days have none of this suite"
    );
    assert_eq!(vault.published(), 0);
    assert_eq!(vault.request_of(SealingSuites::XWing, 2, Some(&signer)).await, 2, "the same again");
    assert_eq!((vault.published(), sealing().good(vault.clock.now_ms())), (1, 1));
    let last_for_ms = sealing().last_for_ms(vault.clock.now_ms()).unwrap();
    assert!((2 * DAY_MS..=3 * DAY_MS).contains(&last_for_ms), "{last_for_ms}");
    let published = sealing().published(&vault.origin, vault.clock.now_ms()).remove(0);
    assert_eq!(published.key.suite(), seal::Suite::XWing);
    assert_eq!(vault.request_of(SealingSuites::X25519, 3, Some(&signer)).await, 0);
}

#[tokio::test]
async fn it_warns_once_a_day_when_less_than_a_fortnight_is_left() {
    let vault = Production::start().await;
    let mut warnings = Warnings::default();
    assert!(warnings.give(&vault.vaulting), "there is none at all");
    assert!(!warnings.give(&vault.vaulting), "that was said already");
    vault.clock.advance_ms(DAY_MS);
    assert!(warnings.give(&vault.vaulting));
    vault.request(20, Some(&RootSigner::development())).await;
    vault.clock.advance_ms(DAY_MS);
    assert!(!warnings.give(&vault.vaulting), "nineteen days and more are left");
    vault.clock.advance_ms(7 * DAY_MS);
    assert!(warnings.give(&vault.vaulting));
}

/// Makes a pair as another vault on the same store does; this one is not told.
async fn key_of_another_vault(vault: &Vault) -> seal::PublicKey {
    let (keyring, store) = (vault.vaulting.keyring(), vault.vaulting.store());
    let (origin, now_ms) = (Origin::parse(VAULT_ORIGIN).unwrap(), vault.clock.now_ms());
    let requests = keyring
        .sealing_requests(&[], &origin, SealingSuites::X25519, now_ms, 1, &SystemRandom)
        .await
        .unwrap();
    let pair = requests[0].0.pair.clone();
    let public = keyring.sealing_public(&pair).await.unwrap();
    store.apply(&TenantId::vault(), vec![Change::InsertSealingKey(pair)]).await.unwrap();
    public
}

async fn sealed_to(vault: &Vault, key: &seal::PublicKey) -> Answer {
    let attempt = fresh_key();
    let envelope = seal_to(key, &vault.pk, visa(), &attempt);
    let body = json!({"envelope": envelope, "kind": "card", "page_origin": SHOP_ORIGIN});
    vault.post_token(&vault.pk, &attempt, body).await
}

#[tokio::test]
async fn a_key_of_another_vault_is_taken_up_when_somebody_seals_to_it() {
    let vault = Vault::start().await;
    let first = key_of_another_vault(&vault).await;
    sealed_to(&vault, &first).await.expect(201);
    // Whoever names keys that nobody has made has the store asked once a second, no more.
    let second = key_of_another_vault(&vault).await;
    vault.clock.advance_ms(999);
    sealed_to(&vault, &second).await.expect_error(409, "sealing_key_unknown");
    vault.clock.advance_ms(1);
    sealed_to(&vault, &second).await.expect(201);
    // A clock that is set back is no reason to wait until it has come as far again.
    let third = key_of_another_vault(&vault).await;
    vault.clock.advance_ms(-1);
    sealed_to(&vault, &third).await.expect(201);
}
