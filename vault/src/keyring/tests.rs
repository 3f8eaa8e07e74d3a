//! What the keyring does with a store.

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
    // The keys of the log, of the rows, of a day, and the merchant's.
    let keys = 3 + u64::try_from(DataKeyPurpose::OF_MERCHANT.len()).unwrap();

    let refused = rewrap(&new, &store, &SystemRandom).await;
    assert!(matches!(refused, Err(KeyringError::WrongKek)));
    assert!(load(&old, &store, &clock).await.is_ok(), "nothing has changed");
    let both = KekRing::new(new.share_current()).and(&old);
    let done = rewrap(&both, &store, &SystemRandom).await.unwrap();
    assert_eq!(done, Rewrapped { rewrapped: keys, keys });
    let again = rewrap(&both, &store, &SystemRandom).await.unwrap();
    assert_eq!(again, Rewrapped { rewrapped: 0, keys });

    let after = load(&new, &store, &clock).await.unwrap();
    let mac =
        |keyring: &Keyring| keyring.merchant(&merchant.id).unwrap().fixed_mac(Fixed::ALL[0], &[b"same"]);
    assert_eq!(mac(&after), mac(&keyring), "the keys in them are the same");
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
    for (purpose, also) in [(DataKeyPurpose::Lookup, Fixed::ALL.len()), (DataKeyPurpose::Encryption, 0)] {
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
