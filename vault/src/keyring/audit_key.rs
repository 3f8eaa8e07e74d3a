//! The key of the audit log's hashes: one for the vault, made at its first start, wrapped like the others.

use zeroize::Zeroizing;

use super::{KekRing, KeyringError, cipher, data_key_name, unwrap_key};
use crate::{
    domain::TenantId,
    random::{self, Random, RandomFailed},
    store::{DataKey, DataKeyPurpose, Store},
};

/// The first and only version there is.
const VERSION: u32 = 1;

/// Makes the hashes of the audit log.
#[derive(Clone)]
pub struct AuditKey(Zeroizing<[u8; 32]>);

impl AuditKey {
    /// Makes a new one.
    ///
    /// # Errors
    ///
    /// [`RandomFailed`] if there are no random bytes.
    pub fn generate(random: &dyn Random) -> Result<Self, RandomFailed> {
        random::bytes(random).map(Self)
    }

    /// Unwraps the one that a store holds; `None` if it holds none.
    ///
    /// # Errors
    ///
    /// [`KeyringError::WrongKek`] if it was wrapped under another key-encryption key, or what the store reports.
    pub async fn load(keks: &KekRing, store: &dyn Store) -> Result<Option<Self>, KeyringError> {
        let stored = store.data_keys(&TenantId::vault()).await?;
        let stored = stored.iter().find(|key| key.purpose == DataKeyPurpose::Audit);
        match stored {
            Some(key) => unwrap_key(keks, &TenantId::vault(), key).await.map(Self).map(Some),
            None => Ok(None),
        }
    }

    /// HMAC-SHA256 over parts.
    #[must_use]
    pub fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        cipher::mac(&self.0, parts)
    }

    /// The form in which it is kept.
    pub(super) async fn wrapped(
        &self,
        keks: &KekRing,
        created_at_ms: i64,
        random: &dyn Random,
    ) -> Result<DataKey, KeyringError> {
        let name = data_key_name(&TenantId::vault(), DataKeyPurpose::Audit, VERSION);
        let wrapped = keks.wrap(&name, &self.0, random).await?;
        Ok(DataKey { purpose: DataKeyPurpose::Audit, version: VERSION, wrapped, created_at_ms })
    }
}
