//! The key hierarchy.
//!
//! ```text
//! key-encryption key (never in the database: see `keyring/kek.rs` for where it may live)
//! ├─ wraps per merchant: encryption key  ─ HKDF(record id, purpose) ─> one AES-256-GCM key per record
//! │                                      └ HKDF(token text)         ─> the key of an unspent token
//! ├─ wraps per merchant: lookup key      ─ HKDF(purpose)            ─> HMACs, fingerprints
//! ├─ wraps per merchant: keys that stay when that one changes (`keyring/fixed.rs`)
//! ├─ wraps: private sealing keys (HPKE), a pair for each day
//! ├─ wraps: the key of the audit log's hashes
//! └─ wraps: the key of the rows' hashes
//! ```
//!
//! What an unspent token is encrypted with is made of the token's own text, which nobody but its holder
//! has: database and key-encryption key together do not open it. The same holds for the kept answer of
//! an attempt, whose key is made of the idempotency key.

mod audit_key;
mod carried;
mod cipher;
mod fixed;
mod kek;
mod lookup;
mod merchant;
mod rewrap;
mod root;
mod rows;
mod sealing;
mod suites;
#[cfg(test)]
mod tests;
mod versioned;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

use seal::{KeyId, PublicKey};
use zeroize::Zeroizing;

use crate::{
    audit::{self, Action, Log},
    clock::{Clock, SystemClock},
    domain::{Merchant, Origin, TenantId},
    random::{Random, RandomFailed},
    store::{Change, DataKey, DataKeyPurpose, SealingKey, Store, StoreError},
};

pub use audit_key::{AuditKey, VersionUnknown};
pub use cipher::CannotOpen;
pub use fixed::Fixed;
pub use kek::{
    Freshness, Kek, KekError, KekFailure, KekId, KekRing, KekShare, KeyEncryption, Pkcs11Kek, Pkcs11Uri,
    Pkcs11UriError, ShareError, TransitAddress, TransitAddressError, TransitKek, WrappedBy,
};
use merchant::{Version, Versions};
use rows::{Kept, RowHashes};

pub use lookup::Lookup;
pub use merchant::MerchantKeys;
pub use rewrap::{Rewrapped, rewrap};
pub use root::{RootFileError, RootSigner};
pub use rows::{Cell, HashIs, RowKey};
pub use sealing::{PublishedKey, Request, SHORT_MS, SealingKeys, Standing, Supply};
pub use suites::SealingSuites;
pub(crate) use versioned::{FIRST, split as split_hash};

/// Rows that get their hash in one write.
const HASHED_AT_ONCE: u32 = 500;

/// Everything unwrapped; lives in memory only.
pub struct Keyring {
    keks: KekRing,
    merchants: RwLock<HashMap<TenantId, Arc<MerchantKeys>>>,
    sealing: SealingKeys,
    /// What the store records with; none for who only reads.
    audit: RwLock<Option<AuditKey>>,
    /// A version of that key does not open, or is not stored any more.
    lacks_audit: AtomicBool,
    /// What the store makes and checks the hashes of rows with.
    rows: RwLock<RowKey>,
    /// As of the audit log's key.
    lacks_rows: AtomicBool,
    refreshed_at_ms: AtomicI64,
    asked_for_sealing_at_ms: AtomicI64,
}

/// How often at most unknown names of sealing keys make the vault look for them: anybody can make one up.
const ASK_EVERY_MS: i64 = 1000;

/// How old what is known of the store's keys may be. It is renewed every thirty seconds.
const STALE_AFTER_MS: i64 = 5 * 60 * 1000;

impl Keyring {
    /// Unwraps what the store holds, makes a sealing key if a new one is due, and has the store record from now on
    /// what it changes, and believe no row without its hash.
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
        suites: SealingSuites,
    ) -> Result<Self, KeyringError> {
        // First without writing: a wrong key-encryption key shall leave nothing behind.
        let keks = keks.into();
        sealing::check(&keks, store).await?;
        let rows = guard(&keks, store, clock, random).await?;
        let sealing = SealingKeys::new(supply, suites);
        let keyring = Self::unwrap_all(keks, store, clock.now_ms(), sealing, rows).await?;
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
        let now_ms = SystemClock.now_ms();
        let (audit, rows) = (AuditKey::load(&keks, store).await?, RowKey::load(&keks, store, now_ms).await?);
        let (Some(audit), Some(rows)) = (audit, rows) else { return Ok(None) };
        store.record_with(audit);
        store.guard_with(rows.clone());
        // None of them is published from here.
        let sealing = SealingKeys::new(Supply::Requested, SealingSuites::default());
        Self::unwrap_all(keks, store, now_ms, sealing, rows).await.map(Some)
    }

    async fn unwrap_all(
        keks: KekRing,
        store: &dyn Store,
        now_ms: i64,
        sealing: SealingKeys,
        rows: RowKey,
    ) -> Result<Self, KeyringError> {
        let keyring = Self {
            keks,
            merchants: RwLock::default(),
            sealing,
            audit: RwLock::default(),
            lacks_audit: AtomicBool::new(false),
            rows: RwLock::new(rows),
            lacks_rows: AtomicBool::new(false),
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
        // First those without which nothing else of the store's is believed.
        let rows = self.learn_rows(store, clock.now_ms()).await;
        let audit = self.learn_audit(store).await;
        for (outcome, lacks) in [(&rows, &self.lacks_rows), (&audit, &self.lacks_audit)] {
            match outcome {
                // Of the store's: what was known before is still so.
                Err(KeyringError::Store(_)) => {}
                outcome => lacks.store(outcome.is_err(), Ordering::Relaxed),
            }
        }
        let learned = self.learn_merchants(store, clock.now_ms()).await.and(audit).and(rows);
        self.rotate_sealing_keys(store, clock, random).await?;
        learned?;
        self.refreshed_at_ms.store(clock.now_ms(), Ordering::Relaxed);
        Ok(())
    }

    /// Whether what is known of the store's keys is so old that something is wrong, or a version of the audit log's key, or
    /// of that of the rows' hashes, cannot be had.
    #[must_use]
    pub fn is_stale(&self, now_ms: i64) -> bool {
        self.lacks_audit.load(Ordering::Relaxed)
            || self.lacks_rows.load(Ordering::Relaxed)
            || now_ms.saturating_sub(self.refreshed_at_ms.load(Ordering::Relaxed)) > STALE_AFTER_MS
    }

    /// Whether a version of the key of the rows' hashes cannot be had: then good rows may seem to be altered.
    #[must_use]
    pub fn lacks_row_key(&self) -> bool {
        self.lacks_rows.load(Ordering::Relaxed)
    }

    /// Has the store record with every version of the audit log's key that there is: each row is of the one of its time.
    async fn learn_audit(&self, store: &dyn Store) -> Result<(), KeyringError> {
        let stored = store.data_keys(&TenantId::vault()).await?;
        let held = self.audit.read().unwrap_or_else(PoisonError::into_inner).clone();
        if held.as_ref().is_some_and(|held| held.has_all_of(&stored)) {
            return Ok(());
        }
        let is_whole = held.as_ref().is_none_or(|held| held.is_stored_in(&stored));
        let taken = AuditKey::take_up(&self.keks, &stored, held.as_ref()).await;
        let taken = taken
            .inspect_err(|error| tracing::error!("a version of the audit log's key does not open: {error}"));
        if let Some(key) = taken? {
            store.record_with(key.clone());
            *self.audit.write().unwrap_or_else(PoisonError::into_inner) = Some(key);
        }
        if is_whole {
            return Ok(());
        }
        tracing::error!(
            "a version of the audit log's key was removed from the database, or its time changed there; it is used all the same"
        );
        Err(KeyringError::Missing)
    }

    /// Has the store make and check the hashes of rows with the versions that there are, and with the one whose time has come.
    async fn learn_rows(&self, store: &dyn Store, now_ms: i64) -> Result<(), KeyringError> {
        let stored = RowKey::stored(store).await?;
        let taken = self.row_key().taken_up(&self.keks, &stored, now_ms).await.inspect_err(|error| {
            tracing::error!("a version of the key of the rows' hashes does not open: {error}");
        });
        let (taken, kept) = taken?;
        if let Some(key) = taken {
            store.guard_with(key.clone());
            *self.rows.write().unwrap_or_else(PoisonError::into_inner) = key;
        }
        match kept {
            Kept::All => Ok(()),
            Kept::NotAll => {
                tracing::error!(
                    "a version of the key of the rows' hashes was removed from the database, or its time changed there; it is used all the same"
                );
                Err(KeyringError::Missing)
            }
        }
    }

    /// The key of the rows' hashes.
    #[must_use]
    pub fn row_key(&self) -> RowKey {
        self.rows.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Has the keys of every merchant be those that are stored. One whose keys do not open keeps no other away.
    async fn learn_merchants(&self, store: &dyn Store, now_ms: i64) -> Result<(), KeyringError> {
        let mut outcome = Ok(());
        for merchant in store.merchants().await? {
            let stored = store.data_keys(&merchant.id).await?;
            if self.merchant(&merchant.id).is_some_and(|held| is_current(&held, &stored, now_ms)) {
                continue;
            }
            match self.take_up(&merchant.id, &stored, now_ms).await {
                Ok(_) => {}
                // One merchant's damage does not stop the others.
                Err(KeyringError::Missing) => tracing::error!(
                    merchant = merchant.id.as_str(),
                    "a data key is missing: nothing new of theirs opens"
                ),
                Err(error) => outcome = outcome.and(Err(error)),
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

    /// Makes a further version of a data key, a merchant's or the vault's own, that is written with from some time on; returns
    /// which one, and the changes that keep it, to be applied together.
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
    ) -> Result<(u32, Vec<Change>), KeyringError> {
        let stored = store.data_keys(tenant).await?;
        let newest = stored.iter().filter(|key| key.purpose == purpose).map(|key| key.version).max();
        let version = newest.ok_or(KeyringError::Missing)?.saturating_add(1);
        let mut changes = Vec::new();
        if purpose == DataKeyPurpose::Lookup {
            // What stays must not hang on a version that is going to be destroyed.
            let held = self.merchant(tenant);
            let keys = unwrap_merchant(&self.keks, tenant, &stored, held.as_deref(), used_from_ms).await?;
            let is_kept = |fixed: &Fixed| {
                stored.iter().any(|key| key.purpose == DataKeyPurpose::Fixed && key.version == fixed.number())
            };
            for fixed in Fixed::ALL.into_iter().filter(|fixed| !is_kept(fixed)) {
                let of = (DataKeyPurpose::Fixed, fixed.number(), used_from_ms);
                changes.push(self.wrapped(tenant, of, &keys.fixed(fixed), random).await?);
            }
        }
        let key = crate::random::bytes::<32>(random)?;
        changes.push(self.wrapped(tenant, (purpose, version, used_from_ms), &key, random).await?);
        Ok((version, changes))
    }

    async fn wrapped(
        &self,
        tenant: &TenantId,
        (purpose, version, created_at_ms): (DataKeyPurpose, u32, i64),
        key: &[u8; 32],
        random: &dyn Random,
    ) -> Result<Change, KeyringError> {
        let name = data_key_name(tenant, purpose, version, created_at_ms);
        let wrapped = self.keks.wrap(&name, key, random).await?;
        Ok(Change::InsertDataKey(DataKey { purpose, version, wrapped, created_at_ms }))
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
            let name = data_key_name(&merchant.id, purpose, FIRST, merchant.created_at_ms);
            let wrapped = self.keks.wrap(&name, &key, random).await?;
            data_keys.push(DataKey {
                purpose,
                version: FIRST,
                wrapped,
                created_at_ms: merchant.created_at_ms,
            });
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
        suites: SealingSuites,
        now_ms: i64,
        days: u16,
        random: &dyn Random,
    ) -> Result<Vec<(Request, Standing)>, KeyringError> {
        sealing::requests(&self.keks, stored, vault, suites, now_ms, days, random).await
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
        "a key in the database was wrapped under another key-encryption key; give the one the vault was started with before, or, after `keys rewrap`, the new one; if it is that, somebody has changed the row of a key: restore a backup"
    )]
    WrongKek,
    /// What keeps the key-encryption key did not do its part.
    #[error(transparent)]
    Kek(KekFailure),
    /// The vault or a merchant has no data key of some purpose: somebody's hand in the database.
    #[error("a data key is missing in the database")]
    Missing,
    /// There are rows, and no key in force for their hashes: an older vault has written them, or the key was removed.
    #[error(
        "rows of the database have no hashes, or the key of those is gone, and are not believed: if the database was last \
         used by a vault from before there were such hashes, and only then, stop all vaults and run `tessera-vault \
         migrate --take-rows-as-they-are` once; otherwise a key was removed from the database: restore a backup, and see \
         what `tessera-vault audit verify` finds"
    )]
    RowsUnproven,
    /// Rows shall be taken as they are in a database where they have hashes.
    #[error(
        "no row is taken as it is: the rows of this database have had hashes before, or its audit log does not hold; if \
         the vault does not start, restore a backup, and see what `tessera-vault audit verify` finds"
    )]
    RowsInForce,
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
    let mut fixed = BTreeMap::new();
    for key in stored {
        // The vault's, no merchant's.
        if matches!(key.purpose, DataKeyPurpose::Audit | DataKeyPurpose::Rows) {
            continue;
        }
        if key.purpose == DataKeyPurpose::Fixed {
            let kept = match (held, Fixed::of_number(key.version)) {
                (Some(held), Some(purpose)) => held.fixed(purpose),
                (None, _) | (_, None) => unwrap_key(keks, tenant, key).await?,
            };
            fixed.insert(key.version, kept);
            continue;
        }
        let version = match held.and_then(|held| held.version(key.purpose, key.version)) {
            Some(version) => version,
            None => Version { key: unwrap_key(keks, tenant, key).await?, used_from_ms: key.created_at_ms },
        };
        match key.purpose {
            DataKeyPurpose::Encryption => encryption.insert(key.version, version),
            DataKeyPurpose::Lookup => lookup.insert(key.version, version),
            DataKeyPurpose::Audit | DataKeyPurpose::Rows | DataKeyPurpose::Fixed => None,
        };
    }
    // One that was taken away by somebody's hand would be made of another version, and be another.
    let has_all = Fixed::ALL.iter().all(|purpose| fixed.contains_key(&purpose.number()));
    if !has_all && lookup.first_key_value().is_some_and(|(oldest, _)| *oldest != 1) {
        return Err(KeyringError::Missing);
    }
    match (Versions::new(encryption, now_ms), Versions::new(lookup, now_ms)) {
        (Some(encryption), Some(lookup)) => Ok(MerchantKeys::new(tenant.clone(), encryption, lookup, fixed)),
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
    let name = data_key_name(tenant, key.purpose, key.version, key.created_at_ms);
    Ok(keks.unwrap(&name, &key.wrapped).await?)
}

/// Gives the store the keys of the audit log and of the rows' hashes, and returns the latter. In a database with nothing in it
/// both are made and are in force at once; in every other one both have to be there.
///
/// # Errors
///
/// [`KeyringError::WrongKek`] if the keys in the store were wrapped under another key-encryption key, and
/// [`KeyringError::RowsUnproven`] if there are rows, and no key in force for their hashes.
pub async fn guard(
    keks: &KekRing,
    store: &dyn Store,
    clock: &dyn Clock,
    random: &dyn Random,
) -> Result<RowKey, KeyringError> {
    loop {
        let audit = AuditKey::load(keks, store).await?;
        if let RowHashes::InForce(rows) = RowKey::progress(keks, store, clock.now_ms()).await? {
            // Both were made together, or that of the log was first.
            store.record_with(audit.ok_or(KeyringError::Missing)?);
            store.guard_with(rows.clone());
            forget_made(store).await?;
            return Ok(rows);
        }
        let rows = RowKey::generate(random)?;
        store.guard_with(rows.clone());
        if !is_empty(store).await? {
            // Another vault, which started at the same time, may have come this far meanwhile.
            match RowKey::progress(keks, store, clock.now_ms()).await? {
                RowHashes::InForce(_) => continue,
                RowHashes::None | RowHashes::Made(_) => return Err(KeyringError::RowsUnproven),
            }
        }
        // Both in one write: the first rows that have a hash are those of the keys themselves.
        let audit = AuditKey::generate(random)?;
        let changes = vec![
            Change::InsertDataKey(rows.in_force(keks, clock.now_ms(), random).await?),
            Change::InsertDataKey(audit.wrapped(keks, clock.now_ms(), random).await?),
        ];
        store.record_with(audit);
        match store.apply(&TenantId::vault(), changes).await {
            Ok(_) | Err(StoreError::KeyExists) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Whether nothing was ever kept here: no row whose hash would be looked at, and nothing in the log.
async fn is_empty(store: &dyn Store) -> Result<bool, KeyringError> {
    Ok(store.live_rows(None, 1).await?.is_empty() && store.audit_rows(None, 1).await?.is_empty())
}

/// Destroys the form in which a key was kept before it came into force: with it, and without the other, a database looks as if
/// its rows were still to be given hashes.
async fn forget_made(store: &dyn Store) -> Result<(), KeyringError> {
    let stored = RowKey::stored(store).await?;
    let Some(made) = stored.iter().find(|key| RowKey::is_made(key.version)) else { return Ok(()) };
    match store.apply(&TenantId::vault(), vec![Change::DestroyRowKey { version: made.version }]).await {
        // Another vault may have been faster.
        Ok(_) | Err(StoreError::KeyMissing) => Ok(()),
        // The store looks at all rows first, which may take too long for it; nothing relies on this.
        Err(error) => {
            tracing::warn!("the form in which the key of the rows' hashes was first kept stays: {error}");
            Ok(())
        }
    }
}

/// Gives rows from before there were hashes theirs, as they are, and has the key be in force; returns how many there were.
///
/// Nobody can tell whether those rows are as they were written, so only who runs the vault decides on it, and only once: that
/// it is the first time is what the audit log says, which must hold. If it breaks off, it may be begun again.
///
/// # Errors
///
/// As [`guard`], and [`KeyringError::RowsInForce`] if rows have had hashes already, or the audit log does not hold.
pub async fn take_rows_as_they_are(
    keks: &KekRing,
    store: &dyn Store,
    clock: &dyn Clock,
    random: &dyn Random,
) -> Result<u64, KeyringError> {
    let mut changes = Vec::new();
    let rows = match RowKey::progress(keks, store, clock.now_ms()).await? {
        RowHashes::InForce(_) => return Err(KeyringError::RowsInForce),
        RowHashes::Made(rows) => rows,
        RowHashes::None => {
            let rows = RowKey::generate(random)?;
            changes.push(Change::InsertDataKey(rows.made(keks, clock.now_ms(), random).await?));
            rows
        }
    };
    let audit = match AuditKey::load(keks, store).await? {
        Some(audit) => audit,
        None => {
            let audit = AuditKey::generate(random)?;
            changes.push(Change::InsertDataKey(audit.wrapped(keks, clock.now_ms(), random).await?));
            audit
        }
    };
    let create = Action::DataKeyCreate.as_str();
    let log = audit::verify_log(store, audit.clone(), |row| {
        row.action == create
            && RowKey::is_object_in_force(&row.object)
            && row.place.tenant == TenantId::vault()
    });
    if log.await? == Log::Broken {
        return Err(KeyringError::RowsInForce);
    }
    store.record_with(audit);
    store.guard_with(rows.clone());
    store.apply(&TenantId::vault(), changes).await?;
    let (mut after, mut taken) = (None, 0);
    loop {
        let live = store.live_rows(after.as_ref(), HASHED_AT_ONCE).await?;
        let Some(last) = live.last() else { break };
        after = Some(last.place.clone());
        let bare: Vec<_> = live.into_iter().filter(|row| row.mark.is_none()).map(|row| row.place).collect();
        if !bare.is_empty() {
            taken += store.apply(&TenantId::vault(), vec![Change::HashRows(bare)]).await?;
        }
    }
    let key = rows.in_force(keks, clock.now_ms(), random).await?;
    store.apply(&TenantId::vault(), vec![Change::InsertDataKey(key)]).await?;
    forget_made(store).await?;
    Ok(taken)
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

/// What a data key is wrapped as. From when on a later version is used is part of that: with another time in its row it does
/// not open. On the time of a first version, and of a single key, nothing depends.
fn data_key_name(tenant: &TenantId, purpose: DataKeyPurpose, version: u32, used_from_ms: i64) -> String {
    let name = format!("data-key/{}/{}/{version}", tenant.as_str(), purpose.as_str());
    if version <= FIRST || purpose == DataKeyPurpose::Fixed { name } else { format!("{name}/{used_from_ms}") }
}

/// Whether a version is stored with the time from which it is used.
fn is_stored(stored: &[DataKey], purpose: DataKeyPurpose, version: u32, used_from_ms: i64) -> bool {
    stored.iter().any(|key| {
        let is_of_time = version <= FIRST || key.created_at_ms == used_from_ms;
        key.purpose == purpose && key.version == version && is_of_time
    })
}
