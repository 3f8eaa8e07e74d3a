//! Changing keys while the vault works: one body, run for each back end.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use serde_json::{Value, json};
use tokio::sync::RwLock;
use vault::{
    clock::Clock as _,
    domain::TenantId,
    housekeeping::{self, Renewals},
    keyring::{self, Kek, KekRing, Keyring, MerchantKeys, Supply, WrappedBy},
    random::SystemRandom,
    store::{Change, DataKeyPurpose},
};

use crate::support::{Vault, visa};

const MINUTE_MS: i64 = 60 * 1000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// Tokenizes, spends and reads until it is told to stop; every request must succeed.
async fn work(
    vault: Arc<Vault>,
    stop: Arc<AtomicBool>,
    done: Arc<AtomicU64>,
    day: Arc<RwLock<()>>,
) -> Vec<String> {
    let mut made = Vec::new();
    while !stop.load(Ordering::SeqCst) {
        // A token that waits for a day to pass would expire.
        let _same_day = day.read().await;
        let token = vault.token(visa()).await;
        let method = vault.call("POST", "/v1/payment-methods", json!({"token": token})).await.expect(201);
        made.push(method["id"].as_str().unwrap().to_owned());
        read(&vault, &made[made.len() / 2]).await;
        done.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
    }
    made
}

/// Reads a payment method, whose number must have been opened for it.
async fn read(vault: &Vault, id: &str) {
    let method = vault.call("GET", &format!("/v1/payment-methods/{id}"), Value::Null).await.expect(200);
    assert_eq!(method["status"].as_str().unwrap_or("readable"), "readable", "{method}");
    let tenant = tenant(vault);
    let stored =
        vault.vaulting.store().payment_method(&tenant, &vault::domain::PaymentMethodId::new(id)).await;
    vault.vaulting.instrument(&tenant, &stored.unwrap().unwrap()).unwrap();
}

fn tenant(vault: &Vault) -> TenantId {
    vault.vaulting.keyring().merchants().first().unwrap().tenant().clone()
}

/// Waits until the workers have done some more.
async fn some_more(done: &AtomicU64) {
    let before = done.load(Ordering::SeqCst);
    while done.load(Ordering::SeqCst) < before + 12 {
        tokio::task::yield_now().await;
    }
}

async fn encryption_versions(vault: &Vault) -> Vec<u32> {
    let keys = vault.vaulting.store().data_keys(&tenant(vault)).await.unwrap();
    keys.iter().filter(|key| key.purpose == DataKeyPurpose::Encryption).map(|key| key.version).collect()
}

/// Every kind of key is changed under load, and the old ones are gone in the end.
pub(crate) async fn keys_change_under_load(vault: Vault) {
    let vault = Arc::new(vault);
    let (store, keyring) = (vault.vaulting.store(), vault.vaulting.keyring());
    let tenant = tenant(&vault);
    let unspent = vault.token(visa()).await;
    let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let day = Arc::new(RwLock::new(()));
    let workers: Vec<_> = (0..4)
        .map(|_| {
            tokio::spawn(work(Arc::clone(&vault), Arc::clone(&stop), Arc::clone(&done), Arc::clone(&day)))
        })
        .collect();
    some_more(&done).await;

    // The merchant's encryption key. A new version is taken up at once and used when its time has come.
    let used_from_ms = vault.clock.now_ms() + 2 * MINUTE_MS;
    let purpose = DataKeyPurpose::Encryption;
    let key = keyring.new_version(&tenant, purpose, used_from_ms, store, &SystemRandom).await.unwrap();
    store.apply(&tenant, vec![Change::InsertDataKey(key)]).await.unwrap();
    keyring.refresh(store, &*vault.clock, &SystemRandom).await.unwrap();
    assert_eq!(keyring.merchant(&tenant).unwrap().encryption_version().0, 1);
    some_more(&done).await;
    vault.clock.advance_ms(2 * MINUTE_MS);
    keyring.refresh(store, &*vault.clock, &SystemRandom).await.unwrap();
    assert_eq!(keyring.merchant(&tenant).unwrap().encryption_version().0, 2);
    some_more(&done).await;
    let mut renewals = Renewals::default();
    for _ in 0..3 {
        housekeeping::renew(&vault.vaulting, &mut renewals).await.unwrap();
        some_more(&done).await;
    }
    assert_eq!(encryption_versions(&vault).await, [1, 2], "tokens are still under the old one");

    // The key-encryption key, twice.
    let mut keks = KekRing::from(Kek::from_file(&vault.dir.path().join("data/kek")).unwrap());
    for _ in 0..2 {
        let ring = KekRing::from(Kek::generate(&SystemRandom).unwrap()).and(&keks);
        let rewrapped = keyring::rewrap(&ring, store, &SystemRandom).await.unwrap();
        // Two encryption keys, one for look-ups, one of the audit log, that of the rows as made and in force, one
        // sealing key.
        assert_eq!((rewrapped.rewrapped, rewrapped.keys), (7, 7));
        assert_eq!(keyring::rewrap(&ring, store, &SystemRandom).await.unwrap().rewrapped, 0);
        for key in store.data_keys(&tenant).await.unwrap() {
            assert_eq!(KekRing::wrapped_by(&key.wrapped), WrappedBy::Id(ring.current().id()));
        }
        some_more(&done).await;
        keks = ring;
    }

    // The sealing key: the vault makes one under the key-encryption key that it was started with.
    let between = day.write().await;
    vault.clock.advance_ms(25 * 60 * MINUTE_MS);
    drop(between);
    keyring.rotate_sealing_keys(store, &*vault.clock, &SystemRandom).await.unwrap();
    some_more(&done).await;
    assert_eq!(keyring::rewrap(&keks, store, &SystemRandom).await.unwrap().rewrapped, 1);

    stop.store(true, Ordering::SeqCst);
    let mut made = Vec::new();
    for worker in workers {
        made.extend(worker.await.unwrap());
    }
    // It was issued before all that, and was good for a quarter of an hour.
    vault
        .call("POST", "/v1/payment-methods", json!({"token": unspent}))
        .await
        .expect_error(410, "token_expired");

    // When nothing is under the old version any more, it is destroyed.
    vault.clock.advance_ms(3 * DAY_MS);
    housekeeping::sweep(&vault.vaulting).await.unwrap();
    keyring.rotate_sealing_keys(store, &*vault.clock, &SystemRandom).await.unwrap();
    for _ in 0..3 {
        housekeeping::renew(&vault.vaulting, &mut renewals).await.unwrap();
        vault.clock.advance_ms(3 * MINUTE_MS);
    }
    assert_eq!(encryption_versions(&vault).await, [2]);
    keyring.refresh(store, &*vault.clock, &SystemRandom).await.unwrap();
    assert!(keyring.merchant(&tenant).unwrap().older_encryption_versions().is_empty());
    for id in &made {
        read(&vault, id).await;
    }
    let token = vault.token(visa()).await;
    vault.call("POST", "/v1/payment-methods", json!({"token": token})).await.expect(201);

    // A vault that has the newest key-encryption key only reads all of it.
    keyring::rewrap(&keks, store, &SystemRandom).await.unwrap();
    let newest = KekRing::new(keks.share_current());
    let keyring = Keyring::load(newest, store, &*vault.clock, &SystemRandom, Supply::Daily).await.unwrap();
    let keys = keyring.merchant(&tenant).unwrap();
    let mut after = None;
    let mut count = 0;
    loop {
        let methods = store.every_payment_method(&tenant, after.as_ref(), 100).await.unwrap();
        let Some(last) = methods.last() else { break };
        after = Some(last.id.clone());
        for method in &methods {
            assert_eq!(MerchantKeys::encryption_version_of(&method.sealed), Some(2));
            keys.open_payment_method(&method.id, method.kind(), &method.sealed).unwrap();
            count += 1;
        }
    }
    assert_eq!(count, made.len() + 1);
    let old = Kek::from_file(&vault.dir.path().join("data/kek")).unwrap();
    assert!(Keyring::load(old, store, &*vault.clock, &SystemRandom, Supply::Daily).await.is_err());
}

/// An older version stays as long as one record does not open, or came back under it.
pub(crate) async fn a_needed_key_stays(vault: Vault) {
    let (store, keyring) = (vault.vaulting.store(), vault.vaulting.keyring());
    let tenant = tenant(&vault);
    let token = vault.token(visa()).await;
    let method = vault.call("POST", "/v1/payment-methods", json!({"token": token})).await.expect(201);
    let id = vault::domain::PaymentMethodId::new(method["id"].as_str().unwrap());
    let first = store.payment_method(&tenant, &id).await.unwrap().unwrap();
    let purpose = DataKeyPurpose::Encryption;
    let key =
        keyring.new_version(&tenant, purpose, vault.clock.now_ms(), store, &SystemRandom).await.unwrap();
    store.apply(&tenant, vec![Change::InsertDataKey(key)]).await.unwrap();
    keyring.refresh(store, &*vault.clock, &SystemRandom).await.unwrap();
    vault.clock.advance_ms(3 * DAY_MS);
    housekeeping::sweep(&vault.vaulting).await.unwrap();

    let done = vault.vaulting.destroy_older_keys(&tenant, DAY_MS).await.unwrap();
    assert_eq!((done.destroyed, done.waiting), (vec![], vec![1]), "a payment method needs it");
    assert_eq!(vault.vaulting.reseal(&tenant).await.unwrap().resealed, 1);
    // Whoever read it before and writes it after brings the old ciphertext back.
    let now = store.payment_method(&tenant, &id).await.unwrap().unwrap();
    assert_eq!(
        (now.version, now.updated_at_ms),
        (first.version, first.updated_at_ms),
        "nobody is shown a change"
    );
    store.apply(&tenant, vec![Change::UpdatePaymentMethod(first.clone())]).await.unwrap();
    let done = vault.vaulting.destroy_older_keys(&tenant, DAY_MS).await.unwrap();
    assert_eq!(done.waiting, [1]);
    assert_eq!(vault.vaulting.reseal(&tenant).await.unwrap().resealed, 1);
    // Its time has not come.
    let done = vault.vaulting.destroy_older_keys(&tenant, 30 * DAY_MS).await.unwrap();
    assert_eq!((done.destroyed, done.waiting), (vec![], vec![1]));
    let done = vault.vaulting.destroy_older_keys(&tenant, DAY_MS).await.unwrap();
    assert_eq!((done.destroyed, done.waiting), (vec![1], vec![]));
    read(&vault, id.as_str()).await;
}
