//! Recognising API keys, while the look-up key changes too.
//!
//! The vault has only hashes of them. A hash under a newer version can be made when the key itself is there: when somebody
//! uses it.

use std::sync::Arc;

use subtle::ConstantTimeEq as _;

use super::{Vaulting, VaultingError};
use crate::{
    domain::{ApiKey, KeyText, TenantId},
    keyring::MerchantKeys,
    store::{Change, StoreError},
};

/// What a text is to a stored key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presented {
    /// The key.
    Same,
    /// Something else.
    Other,
}

impl Vaulting {
    /// Whether a text is the key of which this is stored.
    ///
    /// # Errors
    ///
    /// [`VaultingError::NoKeys`] if the merchant's keys cannot be read.
    pub(crate) async fn presented(
        &self,
        stored: &ApiKey,
        text: &KeyText,
    ) -> Result<Presented, VaultingError> {
        let mut keys = self.keys_or_learn(&stored.tenant).await?;
        if keys.lookup_of(stored.lookup_version).is_none() && stored.is_good(self.now_ms()) {
            // Another vault has a version that this one has not taken up yet.
            keys = self.learn(&stored.tenant).await?;
        }
        let Some(lookup) = keys.lookup_of(stored.lookup_version) else { return Ok(Presented::Other) };
        let is_same = lookup.api_key_mac(text.expose()).ct_eq(&stored.mac);
        Ok(if is_same.into() { Presented::Same } else { Presented::Other })
    }

    /// Keeps the hash of a key that is in use under the version of the look-up key that is written with now. The request
    /// goes on whatever comes of it: the key is good as it is stored, and will be used again.
    pub(crate) async fn rehash_key(&self, stored: &ApiKey, text: &KeyText) {
        let Ok(keys) = self.keys(&stored.tenant) else { return };
        let lookup = keys.lookup();
        if stored.lookup_version >= lookup.version() {
            return;
        }
        let change = Change::RehashKey {
            key_id: stored.id.clone(),
            was: stored.mac,
            mac: lookup.api_key_mac(text.expose()),
            lookup_version: lookup.version(),
        };
        match self.apply(&stored.tenant, vec![change]).await {
            // Another request with the same key was faster.
            Ok(_) | Err(StoreError::KeyMissing) => {}
            Err(error) => {
                let key = stored.id.as_str();
                tracing::warn!(key, %error, "the hash of an API key is still under an older look-up key");
            }
        }
    }

    /// The keys of a merchant that another vault on the same store may have made a moment ago.
    ///
    /// # Errors
    ///
    /// [`VaultingError::NoKeys`] if they cannot be read.
    pub(crate) async fn keys_or_learn(&self, tenant: &TenantId) -> Result<Arc<MerchantKeys>, VaultingError> {
        match self.keyring.merchant(tenant) {
            Some(keys) => Ok(keys),
            None => self.learn(tenant).await,
        }
    }

    async fn learn(&self, tenant: &TenantId) -> Result<Arc<MerchantKeys>, VaultingError> {
        self.keyring.learn_merchant(tenant, &*self.store, self.now_ms()).await.map_err(|error| {
            tracing::error!(%error, "the keys of a merchant cannot be taken up");
            VaultingError::NoKeys
        })
    }
}
