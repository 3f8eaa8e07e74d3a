//! Bringing what is stored to the newest version of a merchant's encryption key, and destroying the older ones.
//!
//! Payment methods are encrypted anew. Tokens and kept answers cannot be: their keys are made of what only their holders
//! have. They are waited for: the longest of them are over after two days.
//!
//! For the other keys: `fingerprints.rs`, `row_hashes.rs`.

use super::{Vaulting, VaultingError};
use crate::{
    domain::{PaymentMethod, TenantId},
    keyring::MerchantKeys,
    store::{Change, StoreError},
};

/// Payment methods that are read, and written, at once.
const BATCH: u32 = 50;

/// What was done for a merchant, or for the vault's own key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Renewed {
    /// Payment methods, or rows, that were brought to the newest version.
    pub renewed: u64,
    /// Payment methods that do not open, or rows that are not as the vault wrote them; they keep the older version from
    /// being destroyed.
    pub unreadable: u64,
    /// Versions of the key that were destroyed.
    pub destroyed: Vec<u32>,
    /// Older versions that something stored still needs, or whose time has not come.
    pub waiting: Vec<u32>,
}

impl Vaulting {
    /// Encrypts every payment method of a merchant anew that is under an older version of its key.
    ///
    /// # Errors
    ///
    /// [`VaultingError`] of store and random source; what was done until then stays done.
    pub async fn reseal(&self, tenant: &TenantId) -> Result<Renewed, VaultingError> {
        let keys = self.keys(tenant)?;
        let mut renewed = Renewed { waiting: keys.older_encryption_versions(), ..Renewed::default() };
        if renewed.waiting.is_empty() {
            return Ok(renewed);
        }
        let (newest, _) = keys.encryption_version();
        let is_new = |method: &PaymentMethod| {
            let version = MerchantKeys::encryption_version_of(&method.sealed);
            version.is_some_and(|version| version >= newest)
        };
        self.renew_methods(tenant, &mut renewed, is_new, |method| self.resealed(&keys, method)).await?;
        Ok(renewed)
    }

    /// Reads every payment method of a merchant, and writes what `change` says of those that are not new.
    pub(super) async fn renew_methods(
        &self,
        tenant: &TenantId,
        renewed: &mut Renewed,
        is_new: impl Fn(&PaymentMethod) -> bool + Sync,
        change: impl Fn(&PaymentMethod) -> Result<Change, VaultingError> + Sync,
    ) -> Result<(), VaultingError> {
        let mut after = None;
        loop {
            let methods = self.store.every_payment_method(tenant, after.as_ref(), BATCH).await?;
            let Some(last) = methods.last() else { return Ok(()) };
            after = Some(last.id.clone());
            let mut changes = Vec::new();
            for method in methods.iter().filter(|method| !is_new(method)) {
                match change(method) {
                    Ok(change) => changes.push(change),
                    Err(VaultingError::Unreadable) => {
                        renewed.unreadable += 1;
                        tracing::error!(
                            payment_method = method.id.as_str(),
                            "a stored payment method does not open and stays under an older key"
                        );
                    }
                    Err(error) => return Err(error),
                }
            }
            renewed.renewed += self.apply_renewed(tenant, changes).await?;
        }
    }

    /// Destroys the older versions of a merchant's encryption key that nothing needs any more, once the newest has been
    /// written with for some time: then no vault is left that writes with an older one.
    ///
    /// # Errors
    ///
    /// [`VaultingError`] of the store.
    pub async fn destroy_older_keys(
        &self,
        tenant: &TenantId,
        after_ms: i64,
    ) -> Result<Renewed, VaultingError> {
        let keys = self.keys(tenant)?;
        let mut renewed = Renewed { waiting: keys.older_encryption_versions(), ..Renewed::default() };
        let (_, used_from_ms) = keys.encryption_version();
        if used_from_ms.saturating_add(after_ms) > self.now_ms() {
            return Ok(renewed);
        }
        self.destroy(tenant, &mut renewed, |version| Change::DestroyEncryptionKey { version }).await?;
        Ok(renewed)
    }

    /// Destroys those of the versions that wait which nothing needs.
    pub(super) async fn destroy(
        &self,
        tenant: &TenantId,
        renewed: &mut Renewed,
        change: impl Fn(u32) -> Change + Sync,
    ) -> Result<(), VaultingError> {
        for version in std::mem::take(&mut renewed.waiting) {
            match self.store.apply(tenant, vec![change(version)]).await {
                Ok(_) => renewed.destroyed.push(version),
                Err(StoreError::KeyNeeded) => renewed.waiting.push(version),
                // Another vault was faster.
                Err(StoreError::KeyMissing) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn resealed(&self, keys: &MerchantKeys, method: &PaymentMethod) -> Result<Change, VaultingError> {
        let record = keys.open_payment_method(&method.id, method.kind(), &method.sealed)?;
        let sealed = keys.seal_payment_method(&method.id, method.kind(), &record, self.random())?;
        Ok(Change::ResealPaymentMethod { id: method.id.clone(), was: method.sealed.clone(), sealed })
    }

    /// Applies all at once, or, where somebody changed one meanwhile, each by itself.
    async fn apply_renewed(&self, tenant: &TenantId, changes: Vec<Change>) -> Result<u64, VaultingError> {
        let count = u64::try_from(changes.len()).unwrap_or(u64::MAX);
        if count == 0 {
            return Ok(0);
        }
        match self.store.apply(tenant, changes.clone()).await {
            Ok(_) => return Ok(count),
            Err(StoreError::PaymentMethodChanged) => {}
            Err(error) => return Err(error.into()),
        }
        let mut renewed = 0;
        for change in changes {
            match self.store.apply(tenant, vec![change]).await {
                Ok(_) => renewed += 1,
                // Whoever changed it wrote with the newest version, or it is gone.
                Err(StoreError::PaymentMethodChanged) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(renewed)
    }
}
