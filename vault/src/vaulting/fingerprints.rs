//! Fingerprints, while the look-up key that they are made with changes.
//!
//! What is shown is always of the version that is written with now, whatever is stored: so two methods of one number have
//! the same fingerprint at any time, also while the stored ones are being made anew.

use super::{Renewed, Vaulting, VaultingError};
use crate::{
    domain::{PaymentMethod, TenantId},
    keyring::MerchantKeys,
    store::Change,
};

/// What a payment method is recognised by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprints {
    /// Equal for the same card or account of the same merchant.
    pub now: String,
    /// What that was before the look-up key changed; there as long as the version before is.
    pub before: Option<String>,
}

impl Vaulting {
    /// The fingerprints of a payment method; of one that does not open, the stored one.
    ///
    /// # Errors
    ///
    /// [`VaultingError::NoKeys`].
    pub fn fingerprints(
        &self,
        tenant: &TenantId,
        method: &PaymentMethod,
    ) -> Result<Fingerprints, VaultingError> {
        let keys = self.keys(tenant)?;
        let before = keys.older_lookup_versions().last().and_then(|version| keys.lookup_of(*version));
        let is_newest = method.fingerprint_version == keys.lookup().version();
        if before.is_none() && is_newest {
            return Ok(Fingerprints { now: method.fingerprint.clone(), before: None });
        }
        match self.source(tenant, method) {
            Ok(checked) => Ok(Fingerprints {
                now: keys.lookup().fingerprint(checked.source()),
                before: before.map(|before| before.fingerprint(checked.source())),
            }),
            Err(VaultingError::Unreadable) => {
                Ok(Fingerprints { now: method.fingerprint.clone(), before: None })
            }
            Err(error) => Err(error),
        }
    }

    /// Makes the fingerprint of every payment method of a merchant anew that is of an older version of its look-up key.
    ///
    /// # Errors
    ///
    /// [`VaultingError`] of the store; what was done until then stays done.
    pub async fn refingerprint(&self, tenant: &TenantId) -> Result<Renewed, VaultingError> {
        let keys = self.keys(tenant)?;
        let mut renewed = Renewed { waiting: keys.older_lookup_versions(), ..Renewed::default() };
        if renewed.waiting.is_empty() {
            return Ok(renewed);
        }
        let newest = keys.lookup().version();
        let is_new = |method: &PaymentMethod| method.fingerprint_version >= newest;
        let change = |method: &PaymentMethod| self.refingerprinted(tenant, &keys, method);
        self.renew_methods(tenant, &mut renewed, is_new, change).await?;
        Ok(renewed)
    }

    /// Destroys the older versions of a merchant's look-up key that nothing needs any more, once the newest has been
    /// written with for some time.
    ///
    /// # Errors
    ///
    /// [`VaultingError`] of the store.
    pub async fn destroy_older_lookup_keys(
        &self,
        tenant: &TenantId,
        after_ms: i64,
    ) -> Result<Renewed, VaultingError> {
        let (keys, now_ms) = (self.keys(tenant)?, self.now_ms());
        let mut renewed = Renewed { waiting: keys.older_lookup_versions(), ..Renewed::default() };
        let (_, used_from_ms) = keys.lookup_version();
        if used_from_ms.saturating_add(after_ms) > now_ms {
            return Ok(renewed);
        }
        self.destroy(tenant, &mut renewed, |version| Change::DestroyLookupKey { version, now_ms }).await?;
        Ok(renewed)
    }

    fn refingerprinted(
        &self,
        tenant: &TenantId,
        keys: &MerchantKeys,
        method: &PaymentMethod,
    ) -> Result<Change, VaultingError> {
        let checked = self.source(tenant, method)?;
        Ok(Change::RefingerprintPaymentMethod {
            id: method.id.clone(),
            was: method.fingerprint.clone(),
            fingerprint: keys.lookup().fingerprint(checked.source()),
            fingerprint_version: keys.lookup().version(),
        })
    }
}
