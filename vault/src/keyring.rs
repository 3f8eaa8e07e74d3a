//! The key hierarchy.
//!
//! ```text
//! key-encryption key (never in the database: see `keyring/kek.rs` for where it may live)
//! ├─ wraps per merchant: encryption key  ─ HKDF(record id, purpose) ─> one AES-256-GCM key per record
//! │                                      └ HKDF(token text)         ─> the key of an unspent token
//! ├─ wraps per merchant: lookup key      ─ HKDF(purpose)            ─> HMACs, fingerprints
//! ├─ wraps: private sealing keys (HPKE), a pair for each day
//! └─ wraps: the key of the audit log's hashes
//! ```
//!
//! What an unspent token is encrypted with is made of the token's own text, which nobody but its holder
//! has: database and key-encryption key together do not open it. The same holds for the kept answer of
//! an attempt, whose key is made of the idempotency key.

mod audit;
mod cipher;
mod kek;
mod merchant;
mod rewrap;
mod root;
mod sealing;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicI64, Ordering},
    },
};

use seal::{KeyId, PublicKey};
use zeroize::Zeroizing;

use crate::{
    clock::{Clock, SystemClock},
    domain::{Merchant, Origin, TenantId},
    random::{Random, RandomFailed},
    store::{Change, DataKey, DataKeyPurpose, SealingKey, Store, StoreError},
};

pub use audit::AuditKey;
pub use cipher::CannotOpen;
pub use kek::{
    Freshness, Kek, KekError, KekFailure, KekId, KekRing, KekShare, KeyEncryption, Pkcs11Kek, Pkcs11Uri,
    Pkcs11UriError, ShareError, TransitAddress, TransitAddressError, TransitKek, WrappedBy,
};
use merchant::{Version, Versions};

pub use merchant::MerchantKeys;
pub use rewrap::{Rewrapped, rewrap};
pub use root::{RootFileError, RootSigner};
pub use sealing::{PublishedKey, Request, SHORT_MS, SealingKeys, Standing, Supply};

/// Everything unwrapped; lives in memory only.
pub struct Keyring {
    keks: KekRing,
    merchants: RwLock<HashMap<TenantId, Arc<MerchantKeys>>>,
    sealing: SealingKeys,
    refreshed_at_ms: AtomicI64,
    asked_for_sealing_at_ms: AtomicI64,
}

/// How often at most unknown names of sealing keys make the vault look for them: anybody can make one up.
const ASK_EVERY_MS: i64 = 1000;

/// How old what is known of the store's keys may be. It is renewed every thirty seconds.
const STALE_AFTER_MS: i64 = 5 * 60 * 1000;

impl Keyring {
    /// Unwraps what the store holds, makes a sealing key if a new one is due, and has the store record from now on
    /// what it changes.
    ///
    /// # Errors
    ///
    /// [`KeyringError::WrongKek`] if the keys in the store were wrapped under another key-encryption
    /// key.
    pub async fn load(
        keks: impl Into<KekRing>,
        store: &dyn Store,
        clock: &dyn Clock,
        random: &dyn Random,
        supply: Supply,
    ) -> Result<Self, KeyringError> {
        // First without writing: a wrong key-encryption key shall leave nothing behind.
        let keyring = Self::unwrap_all(keks.into(), store, clock.now_ms(), supply).await?;
        record_changes(&keyring.keks, store, clock, random).await?;
        keyring.rotate_sealing_keys(store, clock, random).await?;
        keyring.refreshed_at_ms.store(clock.now_ms(), Ordering::Relaxed);
        Ok(keyring)
    }

    /// Unwraps what the store holds, for a command beside a vault, and has the store record what the command changes;
    /// nothing is made. `None` if no vault that keeps an audit log was started on the store yet.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load).
    pub async fn beside(keks: KekRing, store: &dyn Store) -> Result<Option<Self>, KeyringError> {
        let Some(key) = AuditKey::load(&keks, store).await? else { return Ok(None) };
        store.record_with(key);
        Self::unwrap_all(keks, store, SystemClock.now_ms(), Supply::Requested).await.map(Some)
    }

    async fn unwrap_all(
        keks: KekRing,
        store: &dyn Store,
        now_ms: i64,
        supply: Supply,
    ) -> Result<Self, KeyringError> {
        let keyring = Self {
            keks,
            merchants: RwLock::default(),
            sealing: SealingKeys::new(supply),
            refreshed_at_ms: AtomicI64::new(0),
            asked_for_sealing_at_ms: AtomicI64::new(i64::MIN),
        };
        keyring.learn_merchants(store, now_ms).await?;
        Ok(keyring)
    }

    /// Takes up merchants, versions of their data keys and sealing keys that others have made, leaves those that were
    /// destroyed, has the newest be written with whose time has come, and renews the own sealing key when it is time. What
    /// is unwrapped already stays so.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load); what was known before is still known then.
    pub async fn refresh(
        &self,
        store: &dyn Store,
        clock: &dyn Clock,
        random: &dyn Random,
    ) -> Result<(), KeyringError> {
        let learned = self.learn_merchants(store, clock.now_ms()).await;
        self.rotate_sealing_keys(store, clock, random).await?;
        learned?;
        self.refreshed_at_ms.store(clock.now_ms(), Ordering::Relaxed);
        Ok(())
    }

    /// Whether what is known of the store's keys is so old that something is wrong.
    #[must_use]
    pub fn is_stale(&self, now_ms: i64) -> bool {
        now_ms.saturating_sub(self.refreshed_at_ms.load(Ordering::Relaxed)) > STALE_AFTER_MS
    }

    /// Has the keys of every merchant be those that are stored. One whose keys do not open keeps no other away.
    async fn learn_merchants(&self, store: &dyn Store, now_ms: i64) -> Result<(), KeyringError> {
        let mut outcome = Ok(());
        for merchant in store.merchants().await? {
            let stored = store.data_keys(&merchant.id).await?;
            if self.merchant(&merchant.id).is_some_and(|held| is_current(&held, &stored, now_ms)) {
                continue;
            }
            if let Err(error) = self.take_up(&merchant.id, &stored, now_ms).await {
                outcome = outcome.and(Err(error));
            }
        }
        outcome
    }

    /// Takes up the keys of a merchant that may have been made elsewhere.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load), and [`KeyringError::Missing`] if the store has no such merchant.
    pub async fn learn_merchant(
        &self,
        tenant: &TenantId,
        store: &dyn Store,
        now_ms: i64,
    ) -> Result<Arc<MerchantKeys>, KeyringError> {
        self.take_up(tenant, &store.data_keys(tenant).await?, now_ms).await
    }

    async fn take_up(
        &self,
        tenant: &TenantId,
        stored: &[DataKey],
        now_ms: i64,
    ) -> Result<Arc<MerchantKeys>, KeyringError> {
        let held = self.merchant(tenant);
        let keys = Arc::new(unwrap_merchant(&self.keks, tenant, stored, held.as_deref(), now_ms).await?);
        let mut merchants = self.merchants.write().unwrap_or_else(PoisonError::into_inner);
        merchants.insert(tenant.clone(), Arc::clone(&keys));
        Ok(keys)
    }

    /// Looks for a sealing key that was made elsewhere, unless that was done a moment ago.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load).
    pub async fn learn_sealing_key(
        &self,
        id: KeyId,
        store: &dyn Store,
        now_ms: i64,
    ) -> Result<(), KeyringError> {
        if self.sealing.knows(id) {
            return Ok(());
        }
        let last_ms = self.asked_for_sealing_at_ms.load(Ordering::Relaxed);
        let is_too_soon = now_ms.saturating_sub(last_ms) < ASK_EVERY_MS && now_ms >= last_ms;
        let mine = || {
            let order = (Ordering::Relaxed, Ordering::Relaxed);
            self.asked_for_sealing_at_ms.compare_exchange(last_ms, now_ms, order.0, order.1).is_ok()
        };
        if is_too_soon || !mine() {
            return Ok(());
        }
        self.sealing.reload(&self.keks, store).await
    }

    /// The keys of a merchant; `None` if there is no such merchant.
    #[must_use]
    pub fn merchant(&self, tenant: &TenantId) -> Option<Arc<MerchantKeys>> {
        self.merchants.read().unwrap_or_else(PoisonError::into_inner).get(tenant).map(Arc::clone)
    }

    /// Makes a further version of a merchant's data key, to be kept with [`Change::InsertDataKey`], that is written with
    /// from some time on.
    ///
    /// # Errors
    ///
    /// [`KeyringError::Missing`] if there is no such merchant, and what the store, the random source and the provider of
    /// the key-encryption key report.
    pub async fn new_version(
        &self,
        tenant: &TenantId,
        purpose: DataKeyPurpose,
        used_from_ms: i64,
        store: &dyn Store,
        random: &dyn Random,
    ) -> Result<DataKey, KeyringError> {
        let stored = store.data_keys(tenant).await?;
        let newest = stored.iter().filter(|key| key.purpose == purpose).map(|key| key.version).max();
        let version = newest.ok_or(KeyringError::Missing)?.saturating_add(1);
        let key = crate::random::bytes::<32>(random)?;
        let wrapped = self.keks.wrap(&data_key_name(tenant, purpose, version), &key, random).await?;
        Ok(DataKey { purpose, version, wrapped, created_at_ms: used_from_ms })
    }

    /// The merchants whose keys are here.
    #[must_use]
    pub fn merchants(&self) -> Vec<Arc<MerchantKeys>> {
        self.merchants.read().unwrap_or_else(PoisonError::into_inner).values().map(Arc::clone).collect()
    }

    /// The sealing keys.
    #[must_use]
    pub const fn sealing(&self) -> &SealingKeys {
        &self.sealing
    }

    /// Makes the keys of a new merchant, and the changes that keep both; [`adopt`](Self::adopt) them
    /// once the store has taken the changes.
    ///
    /// # Errors
    ///
    /// [`KeyringError`] if there are no random bytes, or they cannot be wrapped.
    pub async fn new_merchant(
        &self,
        merchant: &Merchant,
        random: &dyn Random,
    ) -> Result<(MerchantKeys, Vec<Change>), KeyringError> {
        let mut changes = vec![Change::InsertMerchant(merchant.clone())];
        let mut data_keys = Vec::new();
        for purpose in DataKeyPurpose::OF_MERCHANT {
            let key = crate::random::bytes::<32>(random)?;
            let wrapped = self.keks.wrap(&data_key_name(&merchant.id, purpose, 1), &key, random).await?;
            data_keys.push(DataKey { purpose, version: 1, wrapped, created_at_ms: merchant.created_at_ms });
        }
        let keys =
            unwrap_merchant(&self.keks, &merchant.id, &data_keys, None, merchant.created_at_ms).await?;
        changes.extend(data_keys.into_iter().map(Change::InsertDataKey));
        Ok((keys, changes))
    }

    /// Takes up the keys of a merchant that the store has kept.
    pub fn adopt(&self, keys: MerchantKeys) {
        self.merchants
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(keys.tenant().clone(), Arc::new(keys));
    }

    /// Makes a new sealing key if that is this vault's work and one is due, destroys those that are over, and loads the
    /// rest.
    ///
    /// # Errors
    ///
    /// [`KeyringError`] if the store or the random source fails.
    pub async fn rotate_sealing_keys(
        &self,
        store: &dyn Store,
        clock: &dyn Clock,
        random: &dyn Random,
    ) -> Result<(), KeyringError> {
        self.sealing.rotate(&self.keks, store, clock.now_ms(), random).await
    }

    /// What is to be signed for a vault so that it has a key on each of the coming days, with the pairs.
    ///
    /// # Errors
    ///
    /// [`KeyringError`] if the random source fails, or the stored keys do not open.
    pub async fn sealing_requests(
        &self,
        stored: &[SealingKey],
        vault: &Origin,
        now_ms: i64,
        days: u16,
        random: &dyn Random,
    ) -> Result<Vec<(Request, Standing)>, KeyringError> {
        sealing::requests(&self.keks, stored, vault, now_ms, days, random).await
    }

    /// The public half of a stored pair.
    ///
    /// # Errors
    ///
    /// [`KeyringError::WrongKek`] if it does not open.
    pub async fn sealing_public(&self, stored: &SealingKey) -> Result<PublicKey, KeyringError> {
        sealing::public_of(&self.keks, stored).await
    }
}

/// The keys cannot be made or read.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// The store holds keys that this key-encryption key does not open.
    #[error(
        "the keys in the database were wrapped under another key-encryption key; give the one the vault was started with before"
    )]
    WrongKek,
    /// What keeps the key-encryption key did not do its part.
    #[error(transparent)]
    Kek(KekFailure),
    /// A merchant has no data key of some purpose: somebody's hand in the database.
    #[error("a merchant's data key is missing in the database")]
    Missing,
    /// No random bytes.
    #[error(transparent)]
    Random(#[from] RandomFailed),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

async fn unwrap_merchant(
    keks: &KekRing,
    tenant: &TenantId,
    stored: &[DataKey],
    held: Option<&MerchantKeys>,
    now_ms: i64,
) -> Result<MerchantKeys, KeyringError> {
    let mut encryption = BTreeMap::new();
    let mut lookup = BTreeMap::new();
    for key in stored {
        // The audit log's is the vault's, no merchant's.
        if key.purpose == DataKeyPurpose::Audit {
            continue;
        }
        let version = match held.and_then(|held| held.version(key.purpose, key.version)) {
            Some(version) => version,
            None => Version { key: unwrap_key(keks, tenant, key).await?, used_from_ms: key.created_at_ms },
        };
        match key.purpose {
            DataKeyPurpose::Encryption => encryption.insert(key.version, version),
            DataKeyPurpose::Lookup => lookup.insert(key.version, version),
            DataKeyPurpose::Audit => None,
        };
    }
    match (Versions::new(encryption, now_ms), Versions::new(lookup, now_ms)) {
        (Some(encryption), Some(lookup)) => Ok(MerchantKeys::new(tenant.clone(), encryption, lookup)),
        (None, _) | (_, None) => Err(KeyringError::Missing),
    }
}

/// Whether a merchant's keys are those that are stored, each used as it shall be now.
fn is_current(held: &MerchantKeys, stored: &[DataKey], now_ms: i64) -> bool {
    DataKeyPurpose::OF_MERCHANT.into_iter().all(|purpose| {
        let of_purpose = stored.iter().filter(|key| key.purpose == purpose);
        held.has(purpose, &of_purpose.map(|key| (key.version, key.created_at_ms)).collect(), now_ms)
    })
}

async fn unwrap_key(
    keks: &KekRing,
    tenant: &TenantId,
    key: &DataKey,
) -> Result<Zeroizing<[u8; 32]>, KeyringError> {
    let name = data_key_name(tenant, key.purpose, key.version);
    Ok(keks.unwrap(&name, &key.wrapped).await?)
}

/// Gives the store the key of the audit log, which is made at the first start.
async fn record_changes(
    keks: &KekRing,
    store: &dyn Store,
    clock: &dyn Clock,
    random: &dyn Random,
) -> Result<(), KeyringError> {
    loop {
        if let Some(key) = AuditKey::load(keks, store).await? {
            store.record_with(key);
            return Ok(());
        }
        let key = AuditKey::generate(random)?;
        let wrapped = key.wrapped(keks, clock.now_ms(), random).await?;
        // Its own making is the first thing that is recorded with it.
        store.record_with(key);
        match store.apply(&TenantId::vault(), vec![Change::InsertDataKey(wrapped)]).await {
            // Another vault, which started at the same time, may have been faster.
            Ok(_) | Err(StoreError::KeyExists) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

impl From<KekFailure> for KeyringError {
    fn from(failure: KekFailure) -> Self {
        match failure {
            KekFailure::WrongKey => Self::WrongKek,
            KekFailure::Random(failed) => Self::Random(failed),
            other @ (KekFailure::Unavailable(_) | KekFailure::Denied(_) | KekFailure::Nonsense(_)) => {
                Self::Kek(other)
            }
        }
    }
}

fn data_key_name(tenant: &TenantId, purpose: DataKeyPurpose, version: u32) -> String {
    format!("data-key/{}/{}/{version}", tenant.as_str(), purpose.as_str())
}
