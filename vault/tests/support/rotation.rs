//! Changing keys while the vault works: one body, run for each back end.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use axum::{
    Router,
    http::{Request, StatusCode},
};
use serde_json::{Value, json};
use tokio::{sync::RwLock, task::JoinHandle};
use vault::{
    app::{self, AppState},
    audit,
    clock::{Clock as _, ManualClock, SystemClock},
    domain::{Origin, PaymentSearch, TenantId},
    housekeeping::{self, Renewals},
    keyring::{self, Fixed, Kek, KekRing, Keyring, MerchantKeys, SealingSuites, Supply, WrappedBy},
    random::SystemRandom,
    store::{Change, DataKeyPurpose},
};

use crate::support::{Answer, SHOP_ORIGIN, VAULT_ORIGIN, Vault, fresh_key, visa};

const MINUTE_MS: i64 = 60 * 1000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// Tokenizes, spends, charges and reads, each twice, until it is told to stop; every request must succeed, and what is asked
/// for again must not be done again.
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
        let attempt = fresh_key();
        let token = vault.tokenize_as(&vault.pk, visa(), &attempt, "tessera").await.expect(201);
        let again = vault.tokenize_as(&vault.pk, visa(), &attempt, "tessera").await.expect(200);
        assert_eq!(token, again);
        let body = json!({"token": token["token"]});
        let method = vault.call("POST", "/v1/payment-methods", body.clone()).await.expect(201);
        vault.call("POST", "/v1/payment-methods", body).await.expect_error(409, "token_already_used");
        let id = method["id"].as_str().unwrap().to_owned();
        let key = fresh_key();
        let paid = pay(&vault, &vault.router, &id, &key).await.expect(201);
        assert_eq!(pay(&vault, &vault.router, &id, &key).await.expect(201), paid);
        made.push(id);
        let other = read(&vault, &made[made.len() / 2]).await;
        assert!(are_of_one_number(&method, &other), "{method} {other}");
        done.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
    }
    made
}

/// Charges a payment method in a request that may be repeated.
async fn pay(vault: &Vault, router: &Router, method: &str, key: &str) -> Answer {
    let body = json!({"payment_method": method, "amount": 500, "currency": "USD"});
    let request = Request::post("/v1/payments")
        .header("authorization", format!("Bearer {}", vault.sk))
        .header("content-type", "application/json")
        .header("idempotency-key", key)
        .body(body.to_string().into())
        .unwrap();
    vault.send_to(router, request).await
}

/// Whether two answers tell that it is the same number: one may be from before a change of the key and one from after.
fn are_of_one_number(first: &Value, second: &Value) -> bool {
    let names = ["fingerprint", "previous_fingerprint"];
    let all = |method: &Value| names.map(|name| method[name].clone());
    all(first).iter().any(|one| one.is_string() && all(second).contains(one))
}

/// Reads a payment method, whose number must have been opened for it.
async fn read(vault: &Vault, id: &str) -> Value {
    let method = vault.call("GET", &format!("/v1/payment-methods/{id}"), Value::Null).await.expect(200);
    assert_eq!(method["status"].as_str().unwrap_or("readable"), "readable", "{method}");
    let tenant = tenant(vault);
    let stored =
        vault.vaulting.store().payment_method(&tenant, &vault::domain::PaymentMethodId::new(id)).await;
    vault.vaulting.instrument(&tenant, &stored.unwrap().unwrap()).unwrap();
    method
}

fn tenant(vault: &Vault) -> TenantId {
    vault.vaulting.keyring().merchants().first().unwrap().tenant().clone()
}

/// Waits until the workers have done some more. One of them that has ended has failed.
async fn some_more(done: &AtomicU64, workers: &[JoinHandle<Vec<String>>]) {
    let before = done.load(Ordering::SeqCst);
    while done.load(Ordering::SeqCst) < before + 12 {
        assert!(!workers.iter().any(JoinHandle::is_finished), "a request failed");
        tokio::task::yield_now().await;
    }
}

/// Whose key it is.
fn owner(vault: &Vault, purpose: DataKeyPurpose) -> TenantId {
    match purpose {
        DataKeyPurpose::Encryption | DataKeyPurpose::Lookup | DataKeyPurpose::Fixed => tenant(vault),
        DataKeyPurpose::Audit | DataKeyPurpose::Rows => TenantId::vault(),
    }
}

async fn versions(vault: &Vault, purpose: DataKeyPurpose) -> Vec<u32> {
    let keys = vault.vaulting.store().data_keys(&owner(vault, purpose)).await.unwrap();
    keys.iter().filter(|key| key.purpose == purpose).map(|key| key.version).collect()
}

/// Makes a new version of a key that is used from some time on.
async fn new_version(vault: &Vault, purpose: DataKeyPurpose, used_from_ms: i64) {
    let (store, keyring) = (vault.vaulting.store(), vault.vaulting.keyring());
    let tenant = owner(vault, purpose);
    let (_, changes) =
        keyring.new_version(&tenant, purpose, used_from_ms, store, &SystemRandom).await.unwrap();
    store.apply(&tenant, changes).await.unwrap();
}

/// What was done while there was one version of the look-up key.
struct MadeBefore {
    attempt: String,
    token: Value,
    method: Value,
    payment_key: String,
    payment: Value,
    session: Value,
}

async fn made_before(vault: &Vault) -> MadeBefore {
    let (attempt, payment_key) = (fresh_key(), fresh_key());
    let body = json!({"token": vault.token(visa()).await});
    let method = vault.call("POST", "/v1/payment-methods", body).await.expect(201);
    assert_eq!(method["previous_fingerprint"], Value::Null);
    let payment = pay(vault, &vault.router, method["id"].as_str().unwrap(), &payment_key).await.expect(201);
    let token = vault.tokenize_as(&vault.pk, visa(), &attempt, "tessera").await.expect(201);
    let session = vault.call("POST", "/v1/sessions", json!({"origin": SHOP_ORIGIN})).await.expect(201);
    MadeBefore { attempt, token, method, payment_key, payment, session }
}

/// The same attempt and the same payment have the same outcome, and the token makes one payment method.
async fn still_known(vault: &Vault, before: &MadeBefore) {
    let MadeBefore { attempt, token, method, payment_key, payment, session } = before;
    let in_session = fresh_key();
    let envelope = vault.seal(&vault.pk, visa(), &in_session).await;
    let body = json!({
        "envelope": envelope, "kind": "card", "page_origin": SHOP_ORIGIN, "session": session["session"],
    });
    vault.post_token(&vault.pk, &in_session, body).await.expect(201);
    let again = vault.tokenize_as(&vault.pk, visa(), attempt, "tessera").await.expect(200);
    assert_eq!(again, *token);
    let id = method["id"].as_str().unwrap();
    assert_eq!(pay(vault, &vault.router, id, payment_key).await.expect(201), *payment);
    let body = json!({"token": token["token"]});
    let made = vault.call("POST", "/v1/payment-methods", body.clone()).await.expect(201);
    vault.call("POST", "/v1/payment-methods", body).await.expect_error(409, "token_already_used");
    vault.tokenize_as(&vault.pk, visa(), attempt, "tessera").await.expect_error(409, "attempt_over");
    // Both have the newer fingerprint, and both tell what the merchant knows the first one by.
    let shown = read(vault, id).await;
    assert_ne!(shown["fingerprint"], method["fingerprint"]);
    assert_eq!(shown["previous_fingerprint"], method["fingerprint"]);
    for name in ["fingerprint", "previous_fingerprint"] {
        assert_eq!(made[name], shown[name]);
    }
}

/// What must never change, because somebody else keeps it.
fn fixed_macs(vault: &Vault) -> [[u8; 32]; 6] {
    let keys = vault.vaulting.keyring().merchant(&tenant(vault)).unwrap();
    Fixed::ALL.map(|fixed| keys.fixed_mac(fixed, &[b"x"]))
}

/// Status and code of each answer, for a message.
fn statuses(answers: &[Answer]) -> Vec<(u16, Value)> {
    answers.iter().map(|answer| (answer.status.as_u16(), answer.json()["error"]["code"].clone())).collect()
}

/// Vaults on one store that are at different points of a change of the look-up key, and are asked the same at the same time,
/// do it once.
pub(crate) async fn nothing_is_done_twice_while_the_lookup_key_changes(vault: Vault) {
    const ROUNDS: usize = 25;
    let (store, tenant) = (vault.vaulting.store(), tenant(&vault));
    let keyring = async |now_ms: i64| {
        let keks = KekRing::from(Kek::from_file(&vault.dir.path().join("data/kek")).unwrap());
        let clock = ManualClock::new(now_ms);
        let (supply, suites) = (Supply::Daily, SealingSuites::X25519);
        let keyring = Keyring::load(keks, store, &clock, &SystemRandom, supply, suites).await.unwrap();
        let version = keyring.merchant(&tenant).unwrap().lookup_version().0;
        let vaulting = vault.vaulting.clone().with_keyring(Arc::new(keyring));
        let origin = Origin::parse(VAULT_ORIGIN).unwrap();
        (app::router(AppState::new(vaulting, origin)), version)
    };
    let now_ms = vault.clock.now_ms();
    let (unaware, _) = keyring(now_ms).await;
    new_version(&vault, DataKeyPurpose::Lookup, now_ms + 2 * MINUTE_MS).await;
    let (waiting, with_first) = keyring(now_ms).await;
    let (ahead, with_second) = keyring(now_ms + 3 * MINUTE_MS).await;
    assert_eq!((with_first, with_second), (1, 2));
    let method = vault.call("POST", "/v1/payment-methods", json!({"token": vault.token(visa()).await})).await;
    let method = method.expect(201)["id"].as_str().unwrap().to_owned();

    let mut by_version = [0; 2];
    for round in 0..ROUNDS {
        // One attempt, six times: one token.
        let (attempt, payment_key) = (fresh_key(), fresh_key());
        let envelope = vault.seal(&vault.pk, visa(), &attempt).await;
        let body = json!({"envelope": envelope, "kind": "card", "page_origin": SHOP_ORIGIN});
        let all = [&ahead, &unaware, &waiting, &ahead, &unaware, &waiting];
        let asked = all.iter().map(|router| {
            let request = Request::post("/v1/tokens")
                .header("authorization", format!("Bearer {}", vault.pk))
                .header("content-type", "application/json")
                .header("origin", VAULT_ORIGIN)
                .header("idempotency-key", &attempt)
                .body(body.to_string().into())
                .unwrap();
            vault.send_to(router, request)
        });
        let answers = futures_util::future::join_all(asked).await;
        let tokens: BTreeSet<_> = answers
            .iter()
            .filter(|answer| answer.status.is_success())
            .map(|answer| answer.json()["token"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(tokens.len(), 1, "round {round}: {:?}", statuses(&answers));
        let token = tokens.first().unwrap();
        // The vault that does not know of the second version cannot find what was written with it, and says so.
        let knowing = answers.iter().zip(all).filter(|(_, router)| !std::ptr::eq(*router, &unaware));
        assert!(
            knowing.map(|(answer, _)| answer).all(|answer| answer.status.is_success()),
            "{:?}",
            statuses(&answers)
        );

        // The token, six times: one payment method.
        let spent = all.iter().map(|router| {
            let request = Request::post("/v1/payment-methods")
                .header("authorization", format!("Bearer {}", vault.sk))
                .header("content-type", "application/json")
                .body(json!({"token": token}).to_string().into())
                .unwrap();
            vault.send_to(router, request)
        });
        let answers = futures_util::future::join_all(spent).await;
        let made = answers.iter().filter(|answer| answer.status == StatusCode::CREATED).count();
        assert_eq!(made, 1, "round {round}: {:?}", statuses(&answers));

        // A payment, six times: charged once.
        let paid = all.iter().map(|router| pay(&vault, router, &method, &payment_key));
        let answers = futures_util::future::join_all(paid).await;
        let paid: BTreeSet<_> = answers
            .iter()
            .filter(|answer| answer.status.is_success())
            .map(|answer| answer.json()["id"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(paid.len(), 1, "round {round}: {:?}", statuses(&answers));
        let search = PaymentSearch::default();
        let stored = store.payments(&tenant, &search).await.unwrap().total;
        assert_eq!(stored, u64::try_from(round + 1).unwrap());
        let (first, second) = (
            store.lookup_needs(&tenant, 1, now_ms).await.unwrap().tokens,
            store.lookup_needs(&tenant, 2, now_ms).await.unwrap().tokens,
        );
        by_version = [first, second];
    }
    assert!(by_version[0] > 1 && by_version[1] > 0, "each of them must win some: {by_version:?}");
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
    some_more(&done, &workers).await;

    // The merchant's encryption key. A new version is taken up at once and used when its time has come.
    let used_from_ms = vault.clock.now_ms() + 2 * MINUTE_MS;
    new_version(&vault, DataKeyPurpose::Encryption, used_from_ms).await;
    keyring.refresh(store, &*vault.clock, &SystemRandom).await.unwrap();
    assert_eq!(keyring.merchant(&tenant).unwrap().encryption_version().0, 1);
    some_more(&done, &workers).await;
    vault.clock.advance_ms(2 * MINUTE_MS);
    keyring.refresh(store, &*vault.clock, &SystemRandom).await.unwrap();
    assert_eq!(keyring.merchant(&tenant).unwrap().encryption_version().0, 2);
    some_more(&done, &workers).await;
    let mut renewals = Renewals::default();
    for _ in 0..3 {
        housekeeping::renew(&vault.vaulting, &mut renewals).await.unwrap();
        some_more(&done, &workers).await;
    }
    assert_eq!(
        versions(&vault, DataKeyPurpose::Encryption).await,
        [1, 2],
        "tokens are still under the old one"
    );

    // The merchant's look-up key. What was found by the old one is found on, and what was done once is not done again.
    let first = made_before(&vault).await;
    let fixed = fixed_macs(&vault);
    new_version(&vault, DataKeyPurpose::Lookup, vault.clock.now_ms() + 2 * MINUTE_MS).await;
    for (advance_ms, version) in [(0, 1), (2 * MINUTE_MS, 2)] {
        vault.clock.advance_ms(advance_ms);
        keyring.refresh(store, &*vault.clock, &SystemRandom).await.unwrap();
        assert_eq!(keyring.merchant(&tenant).unwrap().lookup_version().0, version);
        some_more(&done, &workers).await;
    }
    still_known(&vault, &first).await;
    assert_eq!(fixed_macs(&vault), fixed);
    for _ in 0..3 {
        housekeeping::renew(&vault.vaulting, &mut renewals).await.unwrap();
        some_more(&done, &workers).await;
    }
    let needs = store.lookup_needs(&tenant, 1, vault.clock.now_ms()).await.unwrap();
    assert_eq!((needs.api_keys, needs.payment_methods), (0, 0), "keys are in use, and methods can be opened");
    assert!(needs.tokens > 0 && needs.attempts > 0 && needs.answers > 0, "{needs:?}");

    // The key of the audit log: rows are hashed with the version of their time, which the store's own clock tells.
    let heads = audit::verify(store, vault.audit_key().await, Vec::new()).await.unwrap().heads;
    new_version(&vault, DataKeyPurpose::Audit, SystemClock.now_ms()).await;
    keyring.refresh(store, &*vault.clock, &SystemRandom).await.unwrap();
    some_more(&done, &workers).await;

    let audit_key = vault.audit_key().await;

    // The key of the rows' hashes: what is written is of the newer version from its time on, and the rest is brought along. What
    // was read to be spent before is spent after.
    let read_before = vault.token(visa()).await;
    vault.vaulting.store().token(&tenant, &token_mac(&vault, &read_before)).await.unwrap().unwrap();
    new_version(&vault, DataKeyPurpose::Rows, vault.clock.now_ms() + 2 * MINUTE_MS).await;
    for (advance_ms, version) in [(0, 1), (2 * MINUTE_MS, 2)] {
        vault.clock.advance_ms(advance_ms);
        keyring.refresh(store, &*vault.clock, &SystemRandom).await.unwrap();
        assert_eq!(keyring.row_key().version().0, version);
        some_more(&done, &workers).await;
        assert_eq!(store.row_needs(2).await.unwrap() > 0, version == 2);
    }
    assert!(store.row_needs(1).await.unwrap() > 0);
    vault.call("POST", "/v1/payment-methods", json!({"token": read_before})).await.expect(201);
    for _ in 0..3 {
        housekeeping::renew(&vault.vaulting, &mut renewals).await.unwrap();
        some_more(&done, &workers).await;
    }
    assert_eq!(store.row_needs(1).await.unwrap(), 0);

    // The key-encryption key, twice.
    let mut keks = KekRing::from(Kek::from_file(&vault.dir.path().join("data/kek")).unwrap());
    for _ in 0..2 {
        let ring = KekRing::from(Kek::generate(&SystemRandom).unwrap()).and(&keks);
        let rewrapped = keyring::rewrap(&ring, store, &SystemRandom).await.unwrap();
        // Two encryption keys, two for look-ups and the six that stay when those change, two of the audit log, two of the
        // rows, one sealing key.
        assert_eq!((rewrapped.rewrapped, rewrapped.keys), (15, 15));
        assert_eq!(keyring::rewrap(&ring, store, &SystemRandom).await.unwrap().rewrapped, 0);
        for key in store.data_keys(&tenant).await.unwrap() {
            assert_eq!(KekRing::wrapped_by(&key.wrapped), WrappedBy::Id(ring.current().id()));
        }
        some_more(&done, &workers).await;
        keks = ring;
    }

    // The sealing key: the vault makes one under the key-encryption key that it was started with.
    let between = day.write().await;
    vault.clock.advance_ms(25 * 60 * MINUTE_MS);
    drop(between);
    keyring.rotate_sealing_keys(store, &*vault.clock, &SystemRandom).await.unwrap();
    some_more(&done, &workers).await;
    assert_eq!(keyring::rewrap(&keks, store, &SystemRandom).await.unwrap().rewrapped, 1);

    stop.store(true, Ordering::SeqCst);
    let mut made = Vec::new();
    for worker in workers {
        made.extend(worker.await.unwrap());
    }
    // The log holds over both versions of its key, and has the heads of before.
    let report = audit::verify(store, audit_key, heads).await.unwrap();
    assert_eq!((report.findings, report.row_findings), (vec![], vec![]));
    let ends = report.heads.iter().filter(|head| head.mac.len() == 72).count();
    assert!(ends > 0, "no row has a hash of the second version");

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
    assert_eq!(versions(&vault, DataKeyPurpose::Encryption).await, [2]);
    assert_eq!(versions(&vault, DataKeyPurpose::Rows).await, [2]);
    keyring.refresh(store, &*vault.clock, &SystemRandom).await.unwrap();
    assert!(keyring.merchant(&tenant).unwrap().older_encryption_versions().is_empty());
    assert!(keyring.row_key().older_versions().is_empty() && !keyring.is_stale(vault.clock.now_ms()));
    for id in &made {
        read(&vault, id).await;
    }
    // What is signed for a month has not ended yet.
    assert_eq!(versions(&vault, DataKeyPurpose::Lookup).await, [1, 2]);
    vault.clock.advance_ms(30 * DAY_MS);
    housekeeping::sweep(&vault.vaulting).await.unwrap();
    keyring.rotate_sealing_keys(store, &*vault.clock, &SystemRandom).await.unwrap();
    for _ in 0..3 {
        housekeeping::renew(&vault.vaulting, &mut renewals).await.unwrap();
        vault.clock.advance_ms(3 * MINUTE_MS);
    }
    assert_eq!(versions(&vault, DataKeyPurpose::Lookup).await, [2]);
    keyring.refresh(store, &*vault.clock, &SystemRandom).await.unwrap();
    assert_eq!(fixed_macs(&vault), fixed);
    let shown = read(&vault, &made[0]).await;
    assert_eq!(shown["previous_fingerprint"], Value::Null);
    for id in &made {
        assert_eq!(read(&vault, id).await["fingerprint"], shown["fingerprint"]);
    }
    let token = vault.token(visa()).await;
    vault.call("POST", "/v1/payment-methods", json!({"token": token})).await.expect(201);

    // A vault that has the newest key-encryption key only reads all of it.
    keyring::rewrap(&keks, store, &SystemRandom).await.unwrap();
    let newest = KekRing::new(keks.share_current());
    let keyring =
        Keyring::load(newest, store, &*vault.clock, &SystemRandom, Supply::Daily, SealingSuites::X25519)
            .await
            .unwrap();
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
    // Two were made beside the workers.
    assert_eq!(count, made.len() + 4);
    assert_eq!(keys.fixed_mac(Fixed::WalletToken, &[b"x"]), fixed[5]);
    let old = Kek::from_file(&vault.dir.path().join("data/kek")).unwrap();
    assert!(
        Keyring::load(old, store, &*vault.clock, &SystemRandom, Supply::Daily, SealingSuites::X25519)
            .await
            .is_err()
    );
}

/// The hash under which a token is stored.
fn token_mac(vault: &Vault, token: &str) -> [u8; 32] {
    vault.vaulting.keyring().merchant(&tenant(vault)).unwrap().lookup().token_mac(token)
}

/// An older version stays as long as one record does not open, or came back under it.
pub(crate) async fn a_needed_key_stays(vault: Vault) {
    let (store, keyring) = (vault.vaulting.store(), vault.vaulting.keyring());
    let tenant = tenant(&vault);
    let token = vault.token(visa()).await;
    let method = vault.call("POST", "/v1/payment-methods", json!({"token": token})).await.expect(201);
    let id = vault::domain::PaymentMethodId::new(method["id"].as_str().unwrap());
    let first = store.payment_method(&tenant, &id).await.unwrap().unwrap();
    new_version(&vault, DataKeyPurpose::Encryption, vault.clock.now_ms()).await;
    keyring.refresh(store, &*vault.clock, &SystemRandom).await.unwrap();
    vault.clock.advance_ms(3 * DAY_MS);
    housekeeping::sweep(&vault.vaulting).await.unwrap();

    let done = vault.vaulting.destroy_older_keys(&tenant, DAY_MS).await.unwrap();
    assert_eq!((done.destroyed, done.waiting), (vec![], vec![1]), "a payment method needs it");
    assert_eq!(vault.vaulting.reseal(&tenant).await.unwrap().renewed, 1);
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
    assert_eq!(vault.vaulting.reseal(&tenant).await.unwrap().renewed, 1);
    // Its time has not come.
    let done = vault.vaulting.destroy_older_keys(&tenant, 30 * DAY_MS).await.unwrap();
    assert_eq!((done.destroyed, done.waiting), (vec![], vec![1]));
    let done = vault.vaulting.destroy_older_keys(&tenant, DAY_MS).await.unwrap();
    assert_eq!((done.destroyed, done.waiting), (vec![1], vec![]));
    read(&vault, id.as_str()).await;
}
