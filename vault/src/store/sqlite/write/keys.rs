//! Changing what keeps keys and what they keep, while both are in use.

use rusqlite::params;

use super::{Failure, Rows, hashes};
use crate::{
    domain::{PaymentMethodId, TenantId},
    keyring::{Fixed, RowKey},
    store::{DataKeyPurpose, StoreError, lookups},
};

impl Rows<'_> {
    pub(super) fn rewrap_data_key(
        &self,
        purpose: DataKeyPurpose,
        version: u32,
        was: &[u8],
        wrapped: &[u8],
    ) -> Result<u64, Failure> {
        self.must_touch(
            "UPDATE data_key SET wrapped = ?5
             WHERE tenant_id = ?1 AND purpose = ?2 AND version = ?3 AND wrapped = ?4",
            params![self.tenant, purpose.as_str(), version, was, wrapped],
            StoreError::KeyMissing,
        )
    }

    pub(super) fn rewrap_sealing_key(
        &self,
        id: &[u8; 8],
        was: &[u8],
        wrapped: &[u8],
    ) -> Result<u64, Failure> {
        self.must_touch(
            "UPDATE sealing_key SET wrapped = ?4 WHERE tenant_id = ?1 AND id = ?2 AND wrapped = ?3",
            params![TenantId::vault().as_str(), id, was, wrapped],
            StoreError::KeyMissing,
        )
    }

    pub(super) fn reseal_payment_method(
        &self,
        id: &PaymentMethodId,
        was: &[u8],
        sealed: &[u8],
    ) -> Result<u64, Failure> {
        self.must_touch(
            "UPDATE payment_method SET sealed = ?4 WHERE tenant_id = ?1 AND id = ?2 AND sealed = ?3",
            params![self.tenant, id.as_str(), was, sealed],
            StoreError::PaymentMethodChanged,
        )
    }

    pub(super) fn rehash_key(
        &self,
        key_id: &str,
        was: &[u8; 32],
        mac: &[u8; 32],
        lookup_version: u32,
    ) -> Result<u64, Failure> {
        self.must_touch(
            "UPDATE api_key SET mac = ?4, lookup_version = ?5 WHERE tenant_id = ?1 AND id = ?2 AND mac = ?3",
            params![self.tenant, key_id, was, mac, lookups::stored(lookup_version)],
            StoreError::KeyMissing,
        )
    }

    pub(super) fn refingerprint_payment_method(
        &self,
        id: &PaymentMethodId,
        was: &str,
        fingerprint: &str,
        fingerprint_version: u32,
    ) -> Result<u64, Failure> {
        self.must_touch(
            "UPDATE payment_method SET fingerprint = ?4, fingerprint_version = ?5
             WHERE tenant_id = ?1 AND id = ?2 AND fingerprint = ?3",
            params![self.tenant, id.as_str(), was, fingerprint, lookups::stored(fingerprint_version)],
            StoreError::PaymentMethodChanged,
        )
    }

    pub(super) fn destroy_lookup_key(&self, version: u32, now_ms: i64) -> Result<u64, Failure> {
        for needing in lookups::NEEDING {
            let sql = needing.count_sql('?');
            let params = params![self.tenant, now_ms, version];
            let needed: i64 =
                self.connection.prepare_cached(&sql)?.query_row(params, |row| row.get("needing"))?;
            if needed > 0 {
                return Err(Failure::Guard(StoreError::KeyNeeded));
            }
        }
        let fixed = i64::try_from(Fixed::ALL.len()).unwrap_or(i64::MAX);
        self.must_touch(
            "DELETE FROM data_key WHERE tenant_id = ?1 AND purpose = ?2 AND version = ?3
             AND EXISTS (SELECT 1 FROM data_key AS newer WHERE newer.tenant_id = data_key.tenant_id
                AND newer.purpose = data_key.purpose AND newer.version > data_key.version)
             AND (SELECT count(*) FROM data_key AS fixed WHERE fixed.tenant_id = data_key.tenant_id
                AND fixed.purpose = ?4) >= ?5",
            params![
                self.tenant,
                DataKeyPurpose::Lookup.as_str(),
                version,
                DataKeyPurpose::Fixed.as_str(),
                fixed
            ],
            StoreError::KeyMissing,
        )
    }

    pub(super) fn destroy_encryption_key(&self, version: u32) -> Result<u64, Failure> {
        // Every ciphertext under it begins with its version.
        let prefix = version.to_be_bytes();
        for table in ["payment_method", "token", "attempt", "remembered"] {
            let sql = format!("SELECT 1 FROM {table} WHERE tenant_id = ?1 AND substr(sealed, 1, 4) = ?2");
            if self.exists(&sql, params![self.tenant, prefix])? {
                return Err(Failure::Guard(StoreError::KeyNeeded));
            }
        }
        self.must_touch(
            "DELETE FROM data_key WHERE tenant_id = ?1 AND purpose = ?2 AND version = ?3
             AND EXISTS (SELECT 1 FROM data_key AS newer WHERE newer.tenant_id = data_key.tenant_id
                AND newer.purpose = data_key.purpose AND newer.version > data_key.version)",
            params![self.tenant, DataKeyPurpose::Encryption.as_str(), version],
            StoreError::KeyMissing,
        )
    }

    pub(super) fn destroy_row_key(&self, version: u32) -> Result<u64, Failure> {
        let vault = TenantId::vault();
        let (vault, rows) = (vault.as_str(), DataKeyPurpose::Rows.as_str());
        let newer = "SELECT 1 FROM data_key WHERE tenant_id = ?1 AND purpose = ?2 AND version > ?3";
        if !self.exists(newer, params![vault, rows, version])? {
            return Err(Failure::Guard(StoreError::KeyMissing));
        }
        if hashes::needs(self.connection, version)? > 0 {
            return Err(Failure::Guard(StoreError::KeyNeeded));
        }
        self.must_touch(
            "DELETE FROM data_key WHERE tenant_id = ?1 AND purpose = ?2 AND version IN (?3, ?4)",
            params![vault, rows, version, RowKey::same_as(version)],
            StoreError::KeyMissing,
        )
    }
}
