//! Writing: each change is one guarded statement, or two.

mod addresses;
mod answers;
mod customers;
mod documents;
mod keys;
mod payment_methods;
mod payments;
mod tokens;

use rusqlite::{Connection, Params, params};

use super::{hashes, row};
use crate::{
    domain::{ApiKey, CustomerId, PaymentMethodId, TenantId},
    store::{Change, DataKey, SealingKey, StoreError, epoch, lookups, suite},
};

/// Why a change was not made.
pub(super) enum Failure {
    /// Its guard did not hold.
    Guard(StoreError),
    /// SQLite failed; the whole transaction is lost.
    Engine(rusqlite::Error),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Engine(error)
    }
}

/// Makes one change; returns the rows touched.
pub(super) fn change(connection: &Connection, tenant: &TenantId, change: &Change) -> Result<u64, Failure> {
    let db = Rows { connection, tenant: tenant.as_str() };
    match change {
        Change::InsertToken(token) => db.insert_token(token),
        Change::SpendToken { mac, now_ms } => db.spend_token(mac, *now_ms),
        Change::InsertAttempt(attempt) => db.must_touch(
            concat!(
                "INSERT INTO attempt (tenant_id, mac, sealed, expires_at_ms, lookup_version, epoch)
                 VALUES (?1, ?2, ?3, ?4, ?5, ",
                epoch::now!(),
                ") ON CONFLICT (tenant_id, mac) DO UPDATE
                    SET sealed = excluded.sealed, expires_at_ms = excluded.expires_at_ms, epoch = excluded.epoch,
                        lookup_version = excluded.lookup_version
                    WHERE NOT ",
                epoch::is_now!("attempt")
            ),
            params![
                db.tenant,
                attempt.mac,
                attempt.sealed,
                attempt.expires_at_ms,
                lookups::stored(attempt.lookup_version)
            ],
            StoreError::AttemptExists,
        ),
        Change::InsertCustomer(customer) => db.insert_customer(customer),
        Change::UpdateCustomer(customer) => db.update_customer(customer),
        Change::DeleteCustomer(id) => db.delete_customer(id),
        Change::ArchiveCustomer { id, now_ms } => db.archive_customer(id, *now_ms),
        Change::DefaultPaymentMethod { customer, id, now_ms } => db.make_default(customer, id, *now_ms),
        Change::DefaultPaymentMethodIfNone { customer, id, now_ms } => {
            db.default_if_none(customer, id, *now_ms)
        }
        Change::InsertAddress(address) => db.insert_address(address),
        Change::UpdateAddress(address) => db.update_address(address),
        Change::DeleteAddress { customer, id, now_ms } => db.delete_address(customer, id, *now_ms),
        Change::InsertPaymentMethod(method) => db.insert_payment_method(method),
        Change::UpdatePaymentMethod(method) => db.update_payment_method(method),
        Change::AttachPaymentMethod { id, customer, now_ms } => db.attach(id, customer, *now_ms),
        Change::ArchivePaymentMethod { id, now_ms } => db.archive_payment_method(id, *now_ms),
        Change::InsertPayment(payment) => db.insert_payment(payment),
        Change::InsertDocument(document) => db.insert_document(document),
        Change::ReplaceDocument(document) => db.replace_document(document),
        Change::DeleteDocument { collection, id } => db.must_touch(
            "DELETE FROM document WHERE tenant_id = ?1 AND collection = ?2 AND id = ?3",
            params![db.tenant, collection, id],
            StoreError::DocumentMissing,
        ),
        Change::Remember { answer, now_ms } => db.remember(answer, *now_ms),
        Change::DeletePaymentMethod { id, now_ms } => db.delete_payment_method(id, *now_ms),
        Change::SweepExpired { now_ms, limit } => db.sweep(*now_ms, *limit),
        Change::InsertMerchant(merchant) => db.must_touch(
            "INSERT INTO merchant (tenant_id, created_at_ms) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            params![merchant.id.as_str(), merchant.created_at_ms],
            StoreError::MerchantExists,
        ),
        Change::InsertKey(key) => db.insert_key(key),
        Change::SetOrigins { key_id, origins } => {
            let origins: Vec<_> = origins.iter().map(|origin| origin.as_str()).collect();
            db.must_touch(
                "UPDATE api_key SET origins = ?3 WHERE tenant_id = ?1 AND id = ?2",
                params![db.tenant, key_id, row::to_json(&origins)?],
                StoreError::KeyMissing,
            )
        }
        Change::ExpireKey { key_id, expires_at_ms } => db.must_touch(
            "UPDATE api_key SET expires_at_ms = ?3
             WHERE tenant_id = ?1 AND id = ?2 AND revoked_at_ms IS NULL AND expires_at_ms IS NULL",
            params![db.tenant, key_id, expires_at_ms],
            StoreError::KeyMissing,
        ),
        Change::RevokeKey { key_id, now_ms } => db.must_touch(
            "UPDATE api_key SET revoked_at_ms = ?3
             WHERE tenant_id = ?1 AND id = ?2 AND revoked_at_ms IS NULL",
            params![db.tenant, key_id, now_ms],
            StoreError::KeyMissing,
        ),
        Change::InsertSealingKey(key) => db.insert_sealing_key(key),
        Change::SignSealingKey { id, statement } => db.must_touch(
            "UPDATE sealing_key SET statement = ?3 WHERE tenant_id = ?1 AND id = ?2",
            params![TenantId::vault().as_str(), id, statement],
            StoreError::KeyMissing,
        ),
        Change::DeleteSealingKeys { expired_before_ms } => db.run(
            "DELETE FROM sealing_key WHERE tenant_id = ?1 AND expires_at_ms < ?2",
            params![TenantId::vault().as_str(), expired_before_ms],
        ),
        Change::InsertDataKey(key) => db.insert_data_key(key),
        Change::BeginEpoch { now_ms } => db.run(
            concat!(
                "INSERT INTO epoch (tenant_id, number, begun_at_ms) VALUES (?1, ",
                epoch::now!(),
                " + 1, ?2)"
            ),
            params![TenantId::vault().as_str(), now_ms],
        ),
        Change::RewrapDataKey { purpose, version, was, wrapped } => {
            db.rewrap_data_key(*purpose, *version, was, wrapped)
        }
        Change::RewrapSealingKey { id, was, wrapped } => db.rewrap_sealing_key(id, was, wrapped),
        Change::ResealPaymentMethod { id, was, sealed } => db.reseal_payment_method(id, was, sealed),
        Change::DestroyEncryptionKey { version } => db.destroy_encryption_key(*version),
        Change::RehashKey { key_id, was, mac, lookup_version } => {
            db.rehash_key(key_id, was, mac, *lookup_version)
        }
        Change::RefingerprintPaymentMethod { id, was, fingerprint, fingerprint_version } => {
            db.refingerprint_payment_method(id, was, fingerprint, *fingerprint_version)
        }
        Change::DestroyLookupKey { version, now_ms } => db.destroy_lookup_key(*version, *now_ms),
        Change::HashRows(places) => Ok(hashes::hash_rows(connection, places)?),
        Change::RehashRows(places) => Ok(hashes::rehash_rows(connection, places)?),
        Change::DestroyRowKey { version } => db.destroy_row_key(*version),
    }
}

/// The rows of one tenant, inside the writer's transaction.
struct Rows<'a> {
    connection: &'a Connection,
    tenant: &'a str,
}

impl Rows<'_> {
    fn insert_key(&self, key: &ApiKey) -> Result<u64, Failure> {
        let origins: Vec<_> = key.origins.iter().map(|origin| origin.as_str()).collect();
        self.must_touch(
            "INSERT INTO api_key
                 (id, tenant_id, kind, mac, origins, created_at_ms, scopes, expires_at_ms, revoked_at_ms,
                  lookup_version)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING",
            params![
                key.id,
                self.tenant,
                key.kind.as_str(),
                key.mac,
                row::to_json(&origins)?,
                key.created_at_ms,
                key.scope_names(),
                key.expires_at_ms,
                key.revoked_at_ms,
                lookups::stored(key.lookup_version)
            ],
            StoreError::KeyExists,
        )
    }

    fn insert_sealing_key(&self, key: &SealingKey) -> Result<u64, Failure> {
        self.must_touch(
            "INSERT INTO sealing_key (tenant_id, id, wrapped, created_at_ms, starts_at_ms, expires_at_ms, statement,
                                      suite)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING",
            params![
                TenantId::vault().as_str(),
                key.id,
                key.wrapped,
                key.created_at_ms,
                key.starts_at_ms,
                key.expires_at_ms,
                key.statement,
                suite::stored(key.suite)
            ],
            StoreError::KeyExists,
        )
    }

    fn insert_data_key(&self, key: &DataKey) -> Result<u64, Failure> {
        self.must_touch(
            "INSERT INTO data_key (tenant_id, purpose, version, wrapped, created_at_ms)
             VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
            params![self.tenant, key.purpose.as_str(), key.version, key.wrapped, key.created_at_ms],
            StoreError::KeyExists,
        )
    }

    /// Whether there is such a customer, and it is not archived.
    fn customer_exists(&self, id: &CustomerId) -> Result<(), Failure> {
        let sql = "SELECT 1 FROM customer WHERE tenant_id = ?1 AND id = ?2 AND archived_at_ms IS NULL";
        if self.exists(sql, params![self.tenant, id.as_str()])? {
            Ok(())
        } else {
            Err(Failure::Guard(StoreError::CustomerMissing))
        }
    }

    /// Whether there is such a payment method, and neither it nor its customer is archived.
    fn payment_method_exists(&self, id: &PaymentMethodId) -> Result<(), Failure> {
        let sql = "SELECT 1 FROM payment_method WHERE tenant_id = ?1 AND id = ?2 AND archived_at_ms IS NULL
                   AND NOT EXISTS (SELECT 1 FROM customer AS c WHERE c.tenant_id = payment_method.tenant_id
                AND c.id = payment_method.customer_id AND c.archived_at_ms IS NOT NULL)";
        if self.exists(sql, params![self.tenant, id.as_str()])? {
            Ok(())
        } else {
            Err(Failure::Guard(StoreError::PaymentMethodMissing))
        }
    }

    fn exists(&self, sql: &str, params: impl Params) -> Result<bool, Failure> {
        Ok(self.connection.prepare_cached(sql)?.exists(params)?)
    }

    /// Runs a statement that must touch a row; `otherwise` says what it means if it does not.
    fn must_touch(&self, sql: &str, params: impl Params, otherwise: StoreError) -> Result<u64, Failure> {
        match self.run(sql, params)? {
            0 => Err(Failure::Guard(otherwise)),
            rows => Ok(rows),
        }
    }

    fn run(&self, sql: &str, params: impl Params) -> Result<u64, Failure> {
        let rows = self.connection.prepare_cached(sql)?.execute(params)?;
        Ok(u64::try_from(rows).unwrap_or(u64::MAX))
    }
}
