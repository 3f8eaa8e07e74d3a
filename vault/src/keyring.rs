//! The key hierarchy.
//!
//! ```text
//! key-encryption key (file or environment, never in the database)
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
    clock::Clock,
    domain::{Merchant, Origin, TenantId},
    random::{Random, RandomFailed},
    store::{Change, DataKey, DataKeyPurpose, SealingKey, Store, StoreError},
};

pub use audit::AuditKey;
pub use cipher::CannotOpen;
pub use kek::{Kek, KekError};
use merchant::Versions;

pub use merchant::MerchantKeys;
pub use root::{RootFileError, RootSigner};
pub use sealing::{PublishedKey, Request, SHORT_MS, SealingKeys, Standing, Supply};

/// Everything unwrapped; lives in memory only.
pub struct Keyring {
    kek: Kek,
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
        kek: Kek,
        store: &dyn Store,
        clock: &dyn Clock,
        random: &dyn Random,
        supply: Supply,
    ) -> Result<Self, KeyringError> {
        // First without writing: a wrong key-encryption key shall leave nothing behind.
        let keyring = Self::unwrap_all(kek, store, supply).await?;
        record_changes(&keyring.kek, store, clock, random).await?;
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
    pub async fn beside(kek: Kek, store: &dyn Store) -> Result<Option<Self>, KeyringError> {
        let Some(key) = AuditKey::load(&kek, store).await? else { return Ok(None) };
        store.record_with(key);
        Self::unwrap_all(kek, store, Supply::Requested).await.map(Some)
    }

    async fn unwrap_all(kek: Kek, store: &dyn Store, supply: Supply) -> Result<Self, KeyringError> {
        let keyring = Self {
            kek,
            merchants: RwLock::default(),
            sealing: SealingKeys::new(supply),
            refreshed_at_ms: AtomicI64::new(0),
            asked_for_sealing_at_ms: AtomicI64::new(i64::MIN),
        };
        keyring.learn_merchants(store).await?;
        Ok(keyring)
    }

    /// Takes up merchants and sealing keys that other vaults on the same store have made, and renews the own sealing key
    /// when it is time.
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
        self.learn_merchants(store).await?;
        self.rotate_sealing_keys(store, clock, random).await?;
        self.refreshed_at_ms.store(clock.now_ms(), Ordering::Relaxed);
        Ok(())
    }

    /// Whether what is known of the store's keys is so old that something is wrong.
    #[must_use]
    pub fn is_stale(&self, now_ms: i64) -> bool {
        now_ms.saturating_sub(self.refreshed_at_ms.load(Ordering::Relaxed)) > STALE_AFTER_MS
    }

    async fn learn_merchants(&self, store: &dyn Store) -> Result<(), KeyringError> {
        for merchant in store.merchants().await? {
            if self.merchant(&merchant.id).is_none() {
                self.learn_merchant(&merchant.id, store).await?;
            }
        }
        Ok(())
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
    ) -> Result<Arc<MerchantKeys>, KeyringError> {
        let keys = Arc::new(unwrap_merchant(&self.kek, tenant, &store.data_keys(tenant).await?)?);
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
        self.sealing.reload(&self.kek, store).await
    }

    /// The keys of a merchant; `None` if there is no such merchant.
    #[must_use]
    pub fn merchant(&self, tenant: &TenantId) -> Option<Arc<MerchantKeys>> {
        self.merchants.read().unwrap_or_else(PoisonError::into_inner).get(tenant).map(Arc::clone)
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
    /// [`KeyringError::Random`] if there are no random bytes.
    pub fn new_merchant(
        &self,
        merchant: &Merchant,
        random: &dyn Random,
    ) -> Result<(MerchantKeys, Vec<Change>), KeyringError> {
        let mut changes = vec![Change::InsertMerchant(merchant.clone())];
        let mut data_keys = Vec::new();
        for purpose in DataKeyPurpose::OF_MERCHANT {
            let key = crate::random::bytes::<32>(random)?;
            let wrapped = self.kek.wrap(&data_key_name(&merchant.id, purpose, 1), key.as_slice(), random)?;
            data_keys.push(DataKey { purpose, version: 1, wrapped, created_at_ms: merchant.created_at_ms });
        }
        let keys = unwrap_merchant(&self.kek, &merchant.id, &data_keys)?;
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
        self.sealing.rotate(&self.kek, store, clock.now_ms(), random).await
    }

    /// What is to be signed for a vault so that it has a key on each of the coming days, with the pairs.
    ///
    /// # Errors
    ///
    /// [`KeyringError`] if the random source fails, or the stored keys do not open.
    pub fn sealing_requests(
        &self,
        stored: &[SealingKey],
        vault: &Origin,
        now_ms: i64,
        days: u16,
        random: &dyn Random,
    ) -> Result<Vec<(Request, Standing)>, KeyringError> {
        sealing::requests(&self.kek, stored, vault, now_ms, days, random)
    }

    /// The public half of a stored pair.
    ///
    /// # Errors
    ///
    /// [`KeyringError::WrongKek`] if it does not open.
    pub fn sealing_public(&self, stored: &SealingKey) -> Result<PublicKey, KeyringError> {
        sealing::public_of(&self.kek, stored)
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

fn unwrap_merchant(kek: &Kek, tenant: &TenantId, stored: &[DataKey]) -> Result<MerchantKeys, KeyringError> {
    let mut encryption = BTreeMap::new();
    let mut lookup = BTreeMap::new();
    for key in stored {
        let plain = unwrap_key(kek, tenant, key)?;
        match key.purpose {
            DataKeyPurpose::Encryption => encryption.insert(key.version, plain),
            DataKeyPurpose::Lookup => lookup.insert(key.version, plain),
            // The vault's, no merchant's.
            DataKeyPurpose::Audit => continue,
        };
    }
    match (Versions::new(encryption), Versions::new(lookup)) {
        (Some(encryption), Some(lookup)) => Ok(MerchantKeys::new(tenant.clone(), encryption, lookup)),
        (None, _) | (_, None) => Err(KeyringError::Missing),
    }
}

fn unwrap_key(kek: &Kek, tenant: &TenantId, key: &DataKey) -> Result<Zeroizing<[u8; 32]>, KeyringError> {
    let name = data_key_name(tenant, key.purpose, key.version);
    kek.unwrap(&name, &key.wrapped).map_err(|CannotOpen| KeyringError::WrongKek)
}

/// Gives the store the key of the audit log, which is made at the first start.
async fn record_changes(
    kek: &Kek,
    store: &dyn Store,
    clock: &dyn Clock,
    random: &dyn Random,
) -> Result<(), KeyringError> {
    loop {
        if let Some(key) = AuditKey::load(kek, store).await? {
            store.record_with(key);
            return Ok(());
        }
        let key = AuditKey::generate(random)?;
        let wrapped = key.wrapped(kek, clock.now_ms(), random)?;
        // Its own making is the first thing that is recorded with it.
        store.record_with(key);
        match store.apply(&TenantId::vault(), vec![Change::InsertDataKey(wrapped)]).await {
            // Another vault, which started at the same time, may have been faster.
            Ok(_) | Err(StoreError::KeyExists) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

fn data_key_name(tenant: &TenantId, purpose: DataKeyPurpose, version: u32) -> String {
    format!("data-key/{}/{}/{version}", tenant.as_str(), purpose.as_str())
}
