//! The vault's HPKE key pairs: made daily, published for two days, then destroyed.

use std::sync::{PoisonError, RwLock};

use seal::{KeyId, PrivateKey, PublicKey};

use super::{CannotOpen, Kek, KeyringError};
use crate::{
    domain::TenantId,
    random::{self, Random},
    store::{Change, SealingKey, Store, StoreError},
};

const HOUR_MS: i64 = 60 * 60 * 1000;

/// How long browsers may seal to a key.
const LIFETIME_MS: i64 = 48 * HOUR_MS;

/// From what age of the newest key on a new one is made.
const RENEW_AFTER_MS: i64 = 24 * HOUR_MS;

/// How long after its end a key still opens what was sealed at the last moment. After that it is
/// destroyed, and recorded traffic with it: HPKE's base mode has no other forward secrecy.
const GRACE_MS: i64 = HOUR_MS;

/// The end of what a key opens. What was sealed to it must be remembered until then: afterwards nobody
/// can send it again, because nobody can open it.
const fn opens_until_ms(expires_at_ms: i64) -> i64 {
    expires_at_ms.saturating_add(GRACE_MS)
}

/// The unwrapped sealing keys, newest first.
#[derive(Default)]
pub struct SealingKeys(RwLock<Vec<Unwrapped>>);

struct Unwrapped {
    key: PrivateKey,
    expires_at_ms: i64,
}

/// A sealing key as browsers see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedKey {
    /// The public half.
    pub key: PublicKey,
    /// Until when it may be used, in milliseconds since the Unix epoch.
    pub expires_at_ms: i64,
}

impl SealingKeys {
    /// The keys browsers may seal to now, newest first.
    #[must_use]
    pub fn published(&self, now_ms: i64) -> Vec<PublishedKey> {
        let keys = self.0.read().unwrap_or_else(PoisonError::into_inner);
        keys.iter()
            .filter(|key| key.expires_at_ms > now_ms)
            .map(|key| PublishedKey { key: key.key.public(), expires_at_ms: key.expires_at_ms })
            .collect()
    }

    /// Uses the private half of a key that is not over yet, and tells until when it opens, in
    /// milliseconds since the Unix epoch; `None` if there is no such key.
    pub fn with_private<T>(
        &self,
        id: KeyId,
        now_ms: i64,
        open: impl FnOnce(&PrivateKey) -> T,
    ) -> Option<(T, i64)> {
        let keys = self.0.read().unwrap_or_else(PoisonError::into_inner);
        keys.iter()
            .map(|key| (key, opens_until_ms(key.expires_at_ms)))
            .find(|(key, until_ms)| key.key.id() == id && *until_ms > now_ms)
            .map(|(key, until_ms)| (open(&key.key), until_ms))
    }

    /// Whether there is a key of this name, good or over.
    #[must_use]
    pub fn knows(&self, id: KeyId) -> bool {
        let keys = self.0.read().unwrap_or_else(PoisonError::into_inner);
        keys.iter().any(|key| key.key.id() == id)
    }

    /// Takes up what the store holds: other vaults make keys, too.
    pub(super) async fn reload(&self, kek: &Kek, store: &dyn Store) -> Result<(), KeyringError> {
        let stored = store.sealing_keys().await?;
        let keys = stored.iter().map(|key| unwrap(kek, key)).collect::<Result<_, _>>()?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(())
    }

    pub(super) async fn rotate(
        &self,
        kek: &Kek,
        store: &dyn Store,
        now_ms: i64,
        random: &dyn Random,
    ) -> Result<(), KeyringError> {
        let mut stored = store.sealing_keys().await?;
        let mut changes = Vec::new();
        // Also a key from the future is replaced: the clock has been set back.
        if !stored.iter().any(|key| (0..RENEW_AFTER_MS).contains(&(now_ms - key.created_at_ms))) {
            let new = generate(kek, now_ms, random)?;
            changes.push(Change::InsertSealingKey(new.clone()));
            stored.insert(0, new);
        }
        let over = |key: &SealingKey| opens_until_ms(key.expires_at_ms) < now_ms;
        if stored.iter().any(over) {
            changes.push(Change::DeleteSealingKeys { expired_before_ms: now_ms - GRACE_MS });
            stored.retain(|key| !over(key));
        }
        let keys = stored.iter().map(|key| unwrap(kek, key)).collect::<Result<_, _>>()?;
        if !changes.is_empty() {
            store.apply(&TenantId::vault(), changes).await?;
        }
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(())
    }
}

fn generate(kek: &Kek, now_ms: i64, random: &dyn Random) -> Result<SealingKey, KeyringError> {
    let id = random::bytes::<8>(random)?;
    // Any 32 bytes are an X25519 private key (RFC 7748, section 5).
    let private = random::bytes::<32>(random)?;
    let wrapped = kek.wrap(&name(&id), private.as_slice(), random)?;
    Ok(SealingKey { id: *id, wrapped, created_at_ms: now_ms, expires_at_ms: now_ms + LIFETIME_MS })
}

fn unwrap(kek: &Kek, stored: &SealingKey) -> Result<Unwrapped, KeyringError> {
    let private =
        kek.unwrap(&name(&stored.id), &stored.wrapped).map_err(|CannotOpen| KeyringError::WrongKek)?;
    let key = PrivateKey::from_bytes(KeyId::new(stored.id), private.as_slice())
        .map_err(|_| StoreError::Corrupt("a sealing key"))?;
    Ok(Unwrapped { key, expires_at_ms: stored.expires_at_ms })
}

fn name(id: &[u8; 8]) -> String {
    format!("sealing-key/{}", KeyId::new(*id).to_text())
}
