//! Changing the key-encryption key: every wrapped key is unwrapped and wrapped anew, beside vaults that run.
//!
//! Each key is one write, guarded by the form that was read: whoever is killed in the middle goes on at the next try, and
//! two that do it at once do not harm each other. A running vault has its keys unwrapped in memory and notices nothing.

use super::{Freshness, KekRing, KeyringError, data_key_name, sealing};
use crate::{
    domain::TenantId,
    random::Random,
    store::{Change, DataKey, SealingKey, Store, StoreError},
};

/// How often everything is looked through at most: running vaults may make a sealing key meanwhile.
const PASSES: u32 = 5;

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rewrapped {
    /// Keys that were wrapped anew.
    pub rewrapped: u64,
    /// Keys that are under the key-encryption key now.
    pub keys: u64,
}

/// Wraps every key of a store under the one that wraps in this ring, unless it is already.
///
/// # Errors
///
/// [`KeyringError::WrongKek`] if a key opens with none in the ring, and what the store and the provider report; what
/// was done until then stays done.
pub async fn rewrap(
    keks: &KekRing,
    store: &dyn Store,
    random: &dyn Random,
) -> Result<Rewrapped, KeyringError> {
    let mut done = Rewrapped::default();
    for _ in 0..PASSES {
        let (mut rewrapped, mut keys) = (0, 0);
        let merchants = store.merchants().await?.into_iter().map(|merchant| merchant.id);
        for tenant in std::iter::once(TenantId::vault()).chain(merchants) {
            for key in store.data_keys(&tenant).await? {
                keys += 1;
                rewrapped += data_key(keks, store, random, &tenant, key).await?;
            }
        }
        for key in store.sealing_keys().await? {
            keys += 1;
            rewrapped += sealing_key(keks, store, random, key).await?;
        }
        done = Rewrapped { rewrapped: done.rewrapped + rewrapped, keys };
        if rewrapped == 0 {
            break;
        }
    }
    Ok(done)
}

async fn data_key(
    keks: &KekRing,
    store: &dyn Store,
    random: &dyn Random,
    tenant: &TenantId,
    key: DataKey,
) -> Result<u64, KeyringError> {
    let name = data_key_name(tenant, key.purpose, key.version, key.created_at_ms);
    let Some(wrapped) = anew(keks, random, &name, &key.wrapped).await? else { return Ok(0) };
    let DataKey { purpose, version, wrapped: was, .. } = key;
    apply(store, tenant, Change::RewrapDataKey { purpose, version, was, wrapped }).await
}

async fn sealing_key(
    keks: &KekRing,
    store: &dyn Store,
    random: &dyn Random,
    key: SealingKey,
) -> Result<u64, KeyringError> {
    let Some(wrapped) = anew(keks, random, &sealing::name(&key.id), &key.wrapped).await? else {
        return Ok(0);
    };
    let SealingKey { id, wrapped: was, .. } = key;
    apply(store, &TenantId::vault(), Change::RewrapSealingKey { id, was, wrapped }).await
}

/// The newer form of a wrapped key, if it needs one.
async fn anew(
    keks: &KekRing,
    random: &dyn Random,
    name: &str,
    wrapped: &[u8],
) -> Result<Option<Vec<u8>>, KeyringError> {
    match keks.freshness(wrapped).await? {
        Freshness::Newest => Ok(None),
        Freshness::Outdated => {
            let key = keks.unwrap(name, wrapped).await?;
            Ok(Some(keks.wrap(name, &key, random).await?))
        }
    }
}

async fn apply(store: &dyn Store, tenant: &TenantId, change: Change) -> Result<u64, KeyringError> {
    match store.apply(tenant, vec![change]).await {
        Ok(_) => Ok(1),
        // Somebody else was faster, or the key was destroyed: the next pass sees how it is.
        Err(StoreError::KeyMissing) => Ok(1),
        Err(error) => Err(error.into()),
    }
}
