//! Changing what keeps keys and what they keep, while both are in use.

use super::{Failure, Rows};
use crate::{
    domain::{PaymentMethodId, TenantId},
    store::{DataKeyPurpose, StoreError, postgres::text::stored},
};

impl Rows<'_> {
    pub(super) async fn rewrap_data_key(
        &self,
        purpose: DataKeyPurpose,
        version: u32,
        was: &[u8],
        wrapped: &[u8],
    ) -> Result<u64, Failure> {
        self.must_touch(
            "UPDATE data_key SET wrapped = $5
             WHERE tenant_id = $1 AND purpose = $2 AND version = $3 AND wrapped = $4",
            &[&self.tenant, &purpose.as_str(), &i64::from(version), &was, &wrapped],
            StoreError::KeyMissing,
        )
        .await
    }

    pub(super) async fn rewrap_sealing_key(
        &self,
        id: &[u8; 8],
        was: &[u8],
        wrapped: &[u8],
    ) -> Result<u64, Failure> {
        self.must_touch(
            "UPDATE sealing_key SET wrapped = $4 WHERE tenant_id = $1 AND id = $2 AND wrapped = $3",
            &[&TenantId::vault().as_str(), &id.as_slice(), &was, &wrapped],
            StoreError::KeyMissing,
        )
        .await
    }

    pub(super) async fn reseal_payment_method(
        &self,
        id: &PaymentMethodId,
        was: &[u8],
        sealed: &[u8],
    ) -> Result<u64, Failure> {
        self.must_touch(
            "UPDATE payment_method SET sealed = $4 WHERE tenant_id = $1 AND id = $2 AND sealed = $3",
            &[&self.tenant, &stored(id.as_str()), &was, &sealed],
            StoreError::PaymentMethodChanged,
        )
        .await
    }

    pub(super) async fn destroy_encryption_key(&self, version: u32) -> Result<u64, Failure> {
        // Every ciphertext under it begins with its version.
        let prefix = version.to_be_bytes();
        for table in ["payment_method", "token", "attempt", "remembered"] {
            let sql = format!(
                "SELECT 1 FROM {table} WHERE tenant_id = $1 AND substring(sealed FROM 1 FOR 4) = $2 LIMIT 1"
            );
            if self.exists(&sql, &[&self.tenant, &prefix.as_slice()]).await? {
                return Err(Failure::Guard(StoreError::KeyNeeded));
            }
        }
        self.must_touch(
            "DELETE FROM data_key WHERE tenant_id = $1 AND purpose = $2 AND version = $3
             AND EXISTS (SELECT 1 FROM data_key AS newer WHERE newer.tenant_id = data_key.tenant_id
                AND newer.purpose = data_key.purpose AND newer.version > data_key.version)",
            &[&self.tenant, &DataKeyPurpose::Encryption.as_str(), &i64::from(version)],
            StoreError::KeyMissing,
        )
        .await
    }
}
