//! What the keyring does with a store.

use async_trait::async_trait;

use super::*;
use crate::{clock::ManualClock, data_dir::DataDir, random::SystemRandom, store::sqlite::SqliteStore};

const NOW_MS: i64 = 1_795_399_323_042;
const HOUR_MS: i64 = 3_600_000;

fn empty_store() -> (SqliteStore, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    (SqliteStore::open(&Arc::new(DataDir::open(dir.path()).unwrap())).unwrap(), dir)
}

async fn load(keks: &KekRing, store: &SqliteStore, clock: &ManualClock) -> Result<Keyring, KeyringError> {
    let suites = SealingSuites::default();
    Keyring::load(keks.clone(), store, clock, &SystemRandom, Supply::Daily, suites).await
}

fn new_ring() -> KekRing {
    KekRing::from(Kek::generate(&SystemRandom).unwrap())
}

/// A key-encryption key that counts how often it is asked whether it would wrap anew.
struct Asked {
    kek: Kek,
    times: AtomicI64,
}

#[async_trait]
impl KeyEncryption for Asked {
    fn id(&self) -> KekId {
        self.kek.id()
    }

    fn provider(&self) -> &'static str {
        self.kek.provider()
    }

    async fn wrap(&self, name: &str, key: &[u8; 32], random: &dyn Random) -> Result<Vec<u8>, KekFailure> {
        self.kek.wrap(name, key, random).await
    }

    async fn unwrap(&self, name: &str, wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>, KekFailure> {
        self.kek.unwrap(name, wrapped).await
    }

    async fn is_outdated(&self, _: &[u8]) -> Result<Freshness, KekFailure> {
        self.times.fetch_add(1, Ordering::Relaxed);
        Ok(Freshness::Newest)
    }
}

async fn starts(store: &SqliteStore) -> Vec<i64> {
    let keys = store.sealing_keys().await.unwrap();
    keys.iter().map(|key| (key.starts_at_ms - NOW_MS) / HOUR_MS).collect()
}

#[tokio::test]
async fn a_sealing_key_is_made_each_day_and_destroyed_an_hour_after_its_end() {
    let (clock, (store, _dir)) = (ManualClock::new(NOW_MS), empty_store());
    let keyring = load(&new_ring(), &store, &clock).await.unwrap();
    let first = keyring.sealing.with_newest(NOW_MS, |_| ()).unwrap().0;
    for (now_ms, expected) in [
        (NOW_MS, vec![0]),
        (NOW_MS + 24 * HOUR_MS - 1, vec![0]),
        (NOW_MS + 24 * HOUR_MS, vec![24, 0]),
        (NOW_MS + 48 * HOUR_MS, vec![48, 24, 0]),
        (NOW_MS + 49 * HOUR_MS, vec![48, 24, 0]),
        (NOW_MS + 49 * HOUR_MS + 1, vec![48, 24]),
    ] {
        assert!(keyring.sealing.knows(first));
        clock.advance_ms(now_ms - clock.now_ms());
        keyring.refresh(&store, &clock, &SystemRandom).await.unwrap();
        assert_eq!(starts(&store).await, expected, "{now_ms}");
    }
    assert!(!keyring.sealing.knows(first));
    // The clock has been set back: nobody could seal to what begins in the future.
    clock.advance_ms(-30 * HOUR_MS);
    keyring.refresh(&store, &clock, &SystemRandom).await.unwrap();
    assert_eq!(starts(&store).await, [48, 24, 19]);
}

#[tokio::test]
async fn a_sealing_key_that_is_over_takes_no_other_with_it() {
    let (clock, (store, _dir), keks) = (ManualClock::new(NOW_MS + HOUR_MS), empty_store(), new_ring());
    let keyring = load(&keks, &store, &clock).await.unwrap();
    // With a clock that is set back by half an hour there is a second one, which ends within the hour of the first.
    clock.advance_ms(-HOUR_MS / 2);
    keyring.refresh(&store, &clock, &SystemRandom).await.unwrap();
    let lives = async || store.sealing_keys().await.unwrap().len();
    assert_eq!(lives().await, 2);
    clock.advance_ms(49 * HOUR_MS + 1);
    keyring.refresh(&store, &clock, &SystemRandom).await.unwrap();
    assert_eq!(starts(&store).await, [49, 1]);
}

#[tokio::test]
async fn a_wrong_key_encryption_key_is_noticed_before_anything_is_written() {
    let (clock, (store, _dir), keks) = (ManualClock::new(NOW_MS), empty_store(), new_ring());
    load(&keks, &store, &clock).await.unwrap();
    let stored = store.sealing_keys().await.unwrap().remove(0);
    let name = sealing::name(&stored.id);
    let private = keks.unwrap(&name, &stored.wrapped).await.unwrap();
    let wrapped = new_ring().wrap(&name, &private, &SystemRandom).await.unwrap();
    let change = Change::RewrapSealingKey { id: stored.id, was: stored.wrapped, wrapped };
    store.apply(&TenantId::vault(), vec![change]).await.unwrap();
    // A new one would be due.
    clock.advance_ms(25 * HOUR_MS);
    assert!(matches!(load(&keks, &store, &clock).await, Err(KeyringError::WrongKek)));
    assert_eq!(starts(&store).await, [0]);
}

#[tokio::test]
async fn a_vault_without_a_version_of_a_key_of_its_own_says_so_until_it_has_it() {
    for purpose in [DataKeyPurpose::Rows, DataKeyPurpose::Audit] {
        let (clock, (store, _dir), keks) = (ManualClock::new(NOW_MS), empty_store(), new_ring());
        let keyring = load(&keks, &store, &clock).await.unwrap();
        let newer = new_ring();
        let name = data_key_name(&TenantId::vault(), purpose, 2, NOW_MS);
        let wrapped = newer.wrap(&name, &[7; 32], &SystemRandom).await.unwrap();
        let key = DataKey { purpose, version: 2, wrapped: wrapped.clone(), created_at_ms: NOW_MS };
        store.apply(&TenantId::vault(), vec![Change::InsertDataKey(key)]).await.unwrap();
        assert!(!keyring.lacks_row_key() && !keyring.is_stale(NOW_MS));

        let refused = keyring.refresh(&store, &clock, &SystemRandom).await;
        assert!(matches!(refused, Err(KeyringError::WrongKek)), "{purpose:?}");
        assert_eq!(keyring.lacks_row_key(), purpose == DataKeyPurpose::Rows);
        assert!(keyring.is_stale(NOW_MS));

        // Somebody wraps it under the key that this vault has.
        let both = KekRing::new(keks.share_current()).and(&newer);
        let done = rewrap(&both, &store, &SystemRandom).await.unwrap();
        assert_eq!(done.rewrapped, 1);
        keyring.refresh(&store, &clock, &SystemRandom).await.unwrap();
        assert!(!keyring.lacks_row_key() && !keyring.is_stale(NOW_MS), "{purpose:?}");
    }
}

#[tokio::test]
async fn every_key_is_wrapped_anew_and_only_once() {
    let (clock, (store, _dir)) = (ManualClock::new(NOW_MS), empty_store());
    let (old, new) = (new_ring(), new_ring());
    let keyring = load(&old, &store, &clock).await.unwrap();
    let merchant = Merchant { id: TenantId::new("mer_1"), created_at_ms: NOW_MS };
    let (keys, changes) = keyring.new_merchant(&merchant, &SystemRandom).await.unwrap();
    store.apply(&merchant.id, changes).await.unwrap();
    keyring.adopt(keys);
    let sealed =
        keyring.merchant(&merchant.id).unwrap().seal_answer("key-1", b"kept", &SystemRandom).unwrap();
    let sealing_key = keyring.sealing.with_newest(NOW_MS, |key| key.public().to_text()).unwrap();
    // The keys of the log, of the rows, of a day, and the merchant's.
    let keys = 3 + u64::try_from(DataKeyPurpose::OF_MERCHANT.len()).unwrap();

    let refused = rewrap(&new, &store, &SystemRandom).await;
    assert!(matches!(refused, Err(KeyringError::WrongKek)));
    assert!(load(&old, &store, &clock).await.is_ok(), "nothing has changed");
    let both = KekRing::new(new.share_current()).and(&old);
    let asked = Arc::new(Asked { kek: Kek::generate(&SystemRandom).unwrap(), times: AtomicI64::new(0) });
    let passes = async || {
        let ring = KekRing::new(Arc::clone(&asked) as _).and(&old);
        rewrap(&ring, &store, &SystemRandom).await.unwrap();
        asked.times.swap(0, Ordering::Relaxed) / i64::try_from(keys).unwrap()
    };
    assert_eq!(passes().await, 1, "whoever has wrapped something looks once more");
    assert_eq!(passes().await, 1);
    let both = both.and(&KekRing::new(asked));
    let done = rewrap(&both, &store, &SystemRandom).await.unwrap();
    assert_eq!(done, Rewrapped { rewrapped: keys, keys });
    let again = rewrap(&both, &store, &SystemRandom).await.unwrap();
    assert_eq!(again, Rewrapped { rewrapped: 0, keys });

    let after = load(&new, &store, &clock).await.unwrap();
    let mac =
        |keyring: &Keyring| keyring.merchant(&merchant.id).unwrap().fixed_mac(Fixed::ALL[0], &[b"same"]);
    assert_eq!(mac(&after), mac(&keyring), "the keys in them are the same");
    assert_eq!(**after.merchant(&merchant.id).unwrap().open_answer("key-1", &sealed).unwrap(), *b"kept");
    let after_key = after.sealing.with_newest(NOW_MS, |key| key.public().to_text());
    assert_eq!(after_key, Some(sealing_key));
    assert!(matches!(load(&old, &store, &clock).await, Err(KeyringError::WrongKek)));
}

#[tokio::test]
async fn whoever_asks_for_made_up_sealing_keys_makes_the_vault_look_once_a_second() {
    let (clock, (store, _dir), keks) = (ManualClock::new(NOW_MS), empty_store(), new_ring());
    let keyring = load(&keks, &store, &clock).await.unwrap();
    let other = load(&keks, &store, &clock).await.unwrap();
    let made_by_other = async |now_ms: i64| {
        let clock = ManualClock::new(now_ms);
        other.refresh(&store, &clock, &SystemRandom).await.unwrap();
        other.sealing.with_newest(now_ms, |_| ()).unwrap().0
    };
    let learn = async |id, now_ms| {
        keyring.learn_sealing_key(id, &store, now_ms).await.unwrap();
        keyring.sealing.knows(id)
    };
    let day_ms = NOW_MS + 24 * HOUR_MS;
    assert!(!learn(KeyId::new([0; 8]), day_ms).await);
    let id = made_by_other(day_ms).await;
    assert!(!learn(id, day_ms + 999).await, "it has looked a moment ago");
    assert!(learn(id, day_ms + 1000).await);
    // Nor does a clock that was set back keep it from looking.
    let id = made_by_other(day_ms + 24 * HOUR_MS).await;
    assert!(learn(id, day_ms).await);
}

#[tokio::test]
async fn a_further_version_is_one_higher_and_used_from_its_time() {
    let (clock, (store, _dir), keks) = (ManualClock::new(NOW_MS), empty_store(), new_ring());
    let keyring = load(&keks, &store, &clock).await.unwrap();
    let merchant = Merchant { id: TenantId::new("mer_1"), created_at_ms: NOW_MS };
    let (keys, changes) = keyring.new_merchant(&merchant, &SystemRandom).await.unwrap();
    store.apply(&merchant.id, changes).await.unwrap();
    keyring.adopt(keys);
    let first = keyring.merchant(&merchant.id).unwrap().fixed_mac(Fixed::ALL[0], &[b"same"]);
    let used_from_ms = NOW_MS + HOUR_MS;
    // Somebody was interrupted, or has kept one of those that stay by hand.
    let made = keyring.new_version(&merchant.id, DataKeyPurpose::Lookup, used_from_ms, &store, &SystemRandom);
    let (_, changes) = made.await.unwrap();
    store.apply(&merchant.id, changes.into_iter().take(1).collect()).await.unwrap();
    for (purpose, also) in [(DataKeyPurpose::Lookup, Fixed::ALL.len() - 1), (DataKeyPurpose::Encryption, 0)] {
        let made = keyring.new_version(&merchant.id, purpose, used_from_ms, &store, &SystemRandom).await;
        let (version, changes) = made.unwrap();
        assert_eq!((version, changes.len()), (2, 1 + also), "{purpose:?}");
        store.apply(&merchant.id, changes).await.unwrap();
    }
    // What stays is kept by now, and is not made again.
    let again =
        keyring.new_version(&merchant.id, DataKeyPurpose::Lookup, used_from_ms, &store, &SystemRandom).await;
    let (version, changes) = again.unwrap();
    assert_eq!((version, changes.len()), (3, 1));

    let nobody = TenantId::new("mer_2");
    let refused =
        keyring.new_version(&nobody, DataKeyPurpose::Lookup, used_from_ms, &store, &SystemRandom).await;
    assert!(matches!(refused, Err(KeyringError::Missing)));

    for (now_ms, version) in [(used_from_ms - 1, 1), (used_from_ms, 2)] {
        clock.advance_ms(now_ms - clock.now_ms());
        keyring.refresh(&store, &clock, &SystemRandom).await.unwrap();
        let keys = keyring.merchant(&merchant.id).unwrap();
        assert_eq!((keys.encryption_version().0, keys.lookup_version().0), (version, version), "{now_ms}");
        assert_eq!(keys.fixed_mac(Fixed::ALL[0], &[b"same"]), first);
        keyring.refresh(&store, &clock, &SystemRandom).await.unwrap();
        let again = keyring.merchant(&merchant.id).unwrap();
        assert!(Arc::ptr_eq(&keys, &again), "nothing has changed, so nothing is taken up");
    }
    let anew = load(&keks, &store, &clock).await.unwrap();
    assert_eq!(anew.merchant(&merchant.id).unwrap().fixed_mac(Fixed::ALL[0], &[b"same"]), first);
}

#[tokio::test]
async fn a_single_key_that_stays_is_not_made_anew_of_a_later_version() {
    let keks = KekRing::from(Kek::generate(&SystemRandom).unwrap());
    let tenant = TenantId::new("mer_1");
    let fixed = Fixed::ALL.map(|fixed| (DataKeyPurpose::Fixed, fixed.number()));
    let others = [(DataKeyPurpose::Encryption, 1), (DataKeyPurpose::Lookup, 2)];
    let mut stored = Vec::new();
    for (purpose, version) in others.into_iter().chain(fixed) {
        let name = data_key_name(&tenant, purpose, version, 0);
        let wrapped = keks.wrap(&name, &[7; 32], &SystemRandom).await.unwrap();
        stored.push(DataKey { purpose, version, wrapped, created_at_ms: 0 });
    }
    assert!(unwrap_merchant(&keks, &tenant, &stored, None, 1).await.is_ok());
    // With another time from which it is used, a later version does not open.
    let mut edited = stored.clone();
    edited[1].created_at_ms = 1;
    let opened = unwrap_merchant(&keks, &tenant, &edited, None, 1).await;
    assert!(matches!(opened, Err(KeyringError::WrongKek)));
    for missing in 2..stored.len() {
        let mut fewer = stored.clone();
        fewer.remove(missing);
        let opened = unwrap_merchant(&keks, &tenant, &fewer, None, 1).await;
        assert!(matches!(opened, Err(KeyringError::Missing)), "{missing}");
    }
}

#[test]
fn the_time_of_a_first_version_and_of_a_single_key_is_no_part_of_its_name() {
    let name = |purpose, version| data_key_name(&TenantId::new("mer_1"), purpose, version, 5);
    assert_eq!(name(DataKeyPurpose::Encryption, 1), "data-key/mer_1/encryption/1");
    assert_eq!(name(DataKeyPurpose::Encryption, 2), "data-key/mer_1/encryption/2/5");
    assert_eq!(name(DataKeyPurpose::Fixed, 2), "data-key/mer_1/fixed/2");
    assert_eq!(name(DataKeyPurpose::Rows, 0), "data-key/mer_1/rows/0");
}

#[tokio::test]
async fn rows_go_on_being_taken_as_they_are_where_that_broke_off() {
    let (clock, (store, _dir), keks) = (ManualClock::new(NOW_MS), empty_store(), new_ring());
    let (rows, audit) =
        (RowKey::generate(&SystemRandom).unwrap(), AuditKey::generate(&SystemRandom).unwrap());
    store.record_with(audit.clone());
    store.guard_with(rows.clone());
    let changes = vec![
        Change::InsertDataKey(rows.made(&keks, NOW_MS, &SystemRandom).await.unwrap()),
        Change::InsertDataKey(audit.wrapped(&keks, NOW_MS, &SystemRandom).await.unwrap()),
    ];
    store.apply(&TenantId::vault(), changes).await.unwrap();
    let progress = RowKey::progress(&keks, &store, NOW_MS).await;
    assert!(matches!(progress, Ok(RowHashes::Made(_))));
    assert!(matches!(load(&keks, &store, &clock).await, Err(KeyringError::RowsUnproven)));
    take_rows_as_they_are(&keks, &store, &clock, &SystemRandom).await.unwrap();
    assert!(load(&keks, &store, &clock).await.is_ok());
    let again = take_rows_as_they_are(&keks, &store, &clock, &SystemRandom).await;
    assert!(matches!(again, Err(KeyringError::RowsInForce)));
}
