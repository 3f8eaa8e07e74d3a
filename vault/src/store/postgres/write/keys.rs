//! Changing what keeps keys and what they keep, while both are in use.

use super::{Failure, Guard, Rows, version};
use crate::{
    domain::{PaymentMethodId, TenantId},
    keyring::{Fixed, RowKey},
    store::{
        DataKeyPurpose, StoreError, lookups,
        postgres::{
            hashes::{self, PAYMENT_METHOD, Value},
            row,
            text::stored,
        },
        tables::{API_KEY, DATA_KEY, EPOCH, SEALING_KEY},
    },
};

impl Rows<'_> {
    pub(super) async fn begin_epoch(&self, now_ms: i64) -> Result<u64, Failure> {
        let vault = TenantId::vault();
        let next = self.epoch.saturating_add(1);
        let values = [Value::plain(vault.as_str()), Value::Integer(next), Value::Integer(now_ms)];
        match self.insert(&EPOCH, &values).await? {
            // Somebody else began one at the same time.
            0 => Err(Failure::Conflict),
            rows => Ok(rows),
        }
    }

    pub(super) async fn sign_sealing_key(&self, id: &[u8; 8], statement: &str) -> Result<u64, Failure> {
        let vault = TenantId::vault();
        let key = [Value::plain(vault.as_str()), Value::bytes(id)];
        let guard = Guard { sql: "TRUE", params: &[] };
        let signed = self.update(&SEALING_KEY, &key, guard, |kept| {
            kept.set("statement", Value::text(statement));
        });
        touched(signed.await?, StoreError::KeyMissing)
    }

    pub(super) async fn rewrap_data_key(
        &self,
        purpose: DataKeyPurpose,
        version: u32,
        was: &[u8],
        wrapped: &[u8],
    ) -> Result<u64, Failure> {
        let key =
            [Value::plain(self.tenant), Value::plain(purpose.as_str()), Value::Integer(i64::from(version))];
        let guard = Guard { sql: "wrapped = $4", params: &[&was] };
        let rewrapped =
            self.update(&DATA_KEY, &key, guard, |kept| kept.set("wrapped", Value::bytes(wrapped)));
        touched(rewrapped.await?, StoreError::KeyMissing)
    }

    pub(super) async fn rewrap_sealing_key(
        &self,
        id: &[u8; 8],
        was: &[u8],
        wrapped: &[u8],
    ) -> Result<u64, Failure> {
        let vault = TenantId::vault();
        let key = [Value::plain(vault.as_str()), Value::bytes(id)];
        let guard = Guard { sql: "wrapped = $3", params: &[&was] };
        let rewrapped =
            self.update(&SEALING_KEY, &key, guard, |kept| kept.set("wrapped", Value::bytes(wrapped)));
        touched(rewrapped.await?, StoreError::KeyMissing)
    }

    pub(super) async fn reseal_payment_method(
        &self,
        id: &PaymentMethodId,
        was: &[u8],
        sealed: &[u8],
    ) -> Result<u64, Failure> {
        let key = [Value::plain(self.tenant), Value::text(id.as_str())];
        let guard = Guard { sql: "sealed = $3", params: &[&was] };
        let resealed =
            self.update(&PAYMENT_METHOD, &key, guard, |kept| kept.set("sealed", Value::bytes(sealed)));
        touched(resealed.await?, StoreError::PaymentMethodChanged)
    }

    pub(super) async fn rehash_key(
        &self,
        key_id: &str,
        was: &[u8; 32],
        mac: &[u8; 32],
        lookup_version: u32,
    ) -> Result<u64, Failure> {
        let was = was.as_slice();
        let key = [Value::text(key_id)];
        let guard = Guard { sql: "tenant_id = $2 AND mac = $3", params: &[&self.tenant, &was] };
        let rehashed = self.update(&API_KEY, &key, guard, |kept| {
            kept.set("mac", Value::bytes(mac));
            kept.set("lookup_version", version(lookup_version));
        });
        touched(rehashed.await?, StoreError::KeyMissing)
    }

    pub(super) async fn refingerprint_payment_method(
        &self,
        id: &PaymentMethodId,
        was: &str,
        fingerprint: &str,
        fingerprint_version: u32,
    ) -> Result<u64, Failure> {
        let key = [Value::plain(self.tenant), Value::text(id.as_str())];
        let was = stored(was);
        let guard = Guard { sql: "fingerprint = $3", params: &[&was] };
        let renewed = self.update(&PAYMENT_METHOD, &key, guard, |kept| {
            kept.set("fingerprint", Value::text(fingerprint));
            kept.set("fingerprint_version", version(fingerprint_version));
        });
        touched(renewed.await?, StoreError::PaymentMethodChanged)
    }

    pub(super) async fn destroy_lookup_key(&self, version: u32, now_ms: i64) -> Result<u64, Failure> {
        let version = i64::from(version);
        for needing in lookups::NEEDING {
            let found = self.row(&needing.count_sql('$'), &[&self.tenant, &now_ms, &version]).await?;
            let needed: i64 = found.as_ref().map_or(Ok(0), |found| row::column(found, "needing"))?;
            if needed > 0 {
                return Err(Failure::Guard(StoreError::KeyNeeded));
            }
        }
        let fixed = i64::try_from(Fixed::ALL.len()).unwrap_or(i64::MAX);
        let (lookup, kept) = (DataKeyPurpose::Lookup.as_str(), DataKeyPurpose::Fixed.as_str());
        let destroyed = self
            .delete(
                &DATA_KEY,
                "DELETE FROM data_key WHERE tenant_id = $1 AND purpose = $2 AND version = $3
                 AND EXISTS (SELECT 1 FROM data_key AS newer WHERE newer.tenant_id = data_key.tenant_id
                    AND newer.purpose = data_key.purpose AND newer.version > data_key.version)
                 AND (SELECT count(*) FROM data_key AS fixed WHERE fixed.tenant_id = data_key.tenant_id
                    AND fixed.purpose = $4) >= $5",
                &[&self.tenant, &lookup, &version, &kept, &fixed],
            )
            .await?;
        touched(destroyed, StoreError::KeyMissing)
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
        let destroyed = self
            .delete(
                &DATA_KEY,
                "DELETE FROM data_key WHERE tenant_id = $1 AND purpose = $2 AND version = $3
                 AND EXISTS (SELECT 1 FROM data_key AS newer WHERE newer.tenant_id = data_key.tenant_id
                    AND newer.purpose = data_key.purpose AND newer.version > data_key.version)",
                &[&self.tenant, &DataKeyPurpose::Encryption.as_str(), &i64::from(version)],
            )
            .await?;
        touched(destroyed, StoreError::KeyMissing)
    }

    pub(super) async fn destroy_row_key(&self, version: u32) -> Result<u64, Failure> {
        let vault = TenantId::vault();
        let (vault, rows) = (vault.as_str(), DataKeyPurpose::Rows.as_str());
        let (number, same) = (i64::from(version), i64::from(RowKey::same_as(version)));
        let newer = "SELECT 1 FROM data_key WHERE tenant_id = $1 AND purpose = $2 AND version > $3 LIMIT 1";
        if !self.exists(newer, &[&vault, &rows, &number]).await? {
            return Err(Failure::Guard(StoreError::KeyMissing));
        }
        if hashes::needs(self.client, version).await? > 0 {
            return Err(Failure::Guard(StoreError::KeyNeeded));
        }
        let destroyed = self
            .delete(
                &DATA_KEY,
                "DELETE FROM data_key WHERE tenant_id = $1 AND purpose = $2 AND version IN ($3, $4)",
                &[&vault, &rows, &number, &same],
            )
            .await?;
        touched(destroyed, StoreError::KeyMissing)
    }
}

/// The rows touched; `otherwise` says what it means if there are none.
fn touched(rows: u64, otherwise: StoreError) -> Result<u64, Failure> {
    if rows == 0 { Err(Failure::Guard(otherwise)) } else { Ok(rows) }
}
