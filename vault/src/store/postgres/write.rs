//! Writing: each change is one guarded statement, or a few.
//!
//! Every guard holds at READ COMMITTED, PostgreSQL's default, and at anything stronger: it is either a
//! condition of the very statement that writes, or a look at what belongs to a customer whose row this
//! transaction has written. Customers are written before what they own, so that two changes of the same
//! customer wait for each other in one order.

mod addresses;
mod answers;
mod customers;
mod documents;
mod keys;
mod payment_methods;
mod payments;
mod sweep;
mod tokens;

use deadpool_postgres::ClientWrapper;
use tokio_postgres::{Row, types::ToSql};

use super::{failure::Failure, row, text::stored};
use crate::{
    domain::{ApiKey, CustomerId, PaymentMethodId, TenantId},
    store::{Change, DataKey, SealingKey, StoreError, epoch},
};

/// Makes one change inside an open transaction; returns the rows touched.
pub(super) async fn change(
    client: &ClientWrapper,
    tenant: &TenantId,
    change: &Change,
) -> Result<u64, Failure> {
    let db = Rows { client, tenant: tenant.as_str() };
    match change {
        Change::InsertToken(token) => db.insert_token(token).await,
        Change::SpendToken { mac, now_ms } => db.spend_token(mac, *now_ms).await,
        Change::InsertAttempt(attempt) => {
            db.must_touch(
                concat!(
                    "INSERT INTO attempt (tenant_id, mac, sealed, expires_at_ms, epoch) VALUES ($1, $2, $3, $4, ",
                    epoch::now!(),
                    ") ON CONFLICT (tenant_id, mac) DO UPDATE
                        SET sealed = excluded.sealed, expires_at_ms = excluded.expires_at_ms,
                            epoch = excluded.epoch
                        WHERE NOT ",
                    epoch::is_now!("attempt")
                ),
                &[&db.tenant, &attempt.mac.as_slice(), &attempt.sealed, &attempt.expires_at_ms],
                StoreError::AttemptExists,
            )
            .await
        }
        Change::InsertCustomer(customer) => db.insert_customer(customer).await,
        Change::UpdateCustomer(customer) => db.update_customer(customer).await,
        Change::DeleteCustomer(id) => db.delete_customer(id).await,
        Change::ArchiveCustomer { id, now_ms } => db.archive_customer(id, *now_ms).await,
        Change::DefaultPaymentMethod { customer, id, now_ms } => db.make_default(customer, id, *now_ms).await,
        Change::DefaultPaymentMethodIfNone { customer, id, now_ms } => {
            db.default_if_none(customer, id, *now_ms).await
        }
        Change::InsertAddress(address) => db.insert_address(address).await,
        Change::UpdateAddress(address) => db.update_address(address).await,
        Change::DeleteAddress { customer, id, now_ms } => db.delete_address(customer, id, *now_ms).await,
        Change::InsertPaymentMethod(method) => db.insert_payment_method(method).await,
        Change::UpdatePaymentMethod(method) => db.update_payment_method(method).await,
        Change::AttachPaymentMethod { id, customer, now_ms } => db.attach(id, customer, *now_ms).await,
        Change::ArchivePaymentMethod { id, now_ms } => db.archive_payment_method(id, *now_ms).await,
        Change::DeletePaymentMethod { id, now_ms } => db.delete_payment_method(id, *now_ms).await,
        Change::InsertPayment(payment) => db.insert_payment(payment).await,
        Change::InsertDocument(document) => db.insert_document(document).await,
        Change::ReplaceDocument(document) => db.replace_document(document).await,
        Change::DeleteDocument { collection, id } => {
            db.must_touch(
                "DELETE FROM document WHERE tenant_id = $1 AND collection = $2 AND id = $3",
                &[&db.tenant, &stored(collection), &stored(id)],
                StoreError::DocumentMissing,
            )
            .await
        }
        Change::Remember { answer, now_ms } => db.remember(answer, *now_ms).await,
        Change::SweepExpired { now_ms, limit } => db.sweep(*now_ms, *limit).await,
        Change::InsertMerchant(merchant) => {
            db.must_touch(
                "INSERT INTO merchant (tenant_id, created_at_ms) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                &[&merchant.id.as_str(), &merchant.created_at_ms],
                StoreError::MerchantExists,
            )
            .await
        }
        Change::InsertKey(key) => db.insert_key(key).await,
        Change::SetOrigins { key_id, origins } => {
            let origins: Vec<_> = origins.iter().map(|origin| origin.as_str()).collect();
            db.must_touch(
                "UPDATE api_key SET origins = $3 WHERE tenant_id = $1 AND id = $2",
                &[&db.tenant, &stored(key_id), &row::to_json(&origins)?],
                StoreError::KeyMissing,
            )
            .await
        }
        Change::ExpireKey { key_id, expires_at_ms } => {
            db.must_touch(
                "UPDATE api_key SET expires_at_ms = $3
                 WHERE tenant_id = $1 AND id = $2 AND revoked_at_ms IS NULL AND expires_at_ms IS NULL",
                &[&db.tenant, &stored(key_id), expires_at_ms],
                StoreError::KeyMissing,
            )
            .await
        }
        Change::RevokeKey { key_id, now_ms } => {
            db.must_touch(
                "UPDATE api_key SET revoked_at_ms = $3
                 WHERE tenant_id = $1 AND id = $2 AND revoked_at_ms IS NULL",
                &[&db.tenant, &stored(key_id), now_ms],
                StoreError::KeyMissing,
            )
            .await
        }
        Change::InsertSealingKey(key) => db.insert_sealing_key(key).await,
        Change::SignSealingKey { id, statement } => {
            db.must_touch(
                "UPDATE sealing_key SET statement = $3 WHERE tenant_id = $1 AND id = $2",
                &[&TenantId::vault().as_str(), &id.as_slice(), statement],
                StoreError::KeyMissing,
            )
            .await
        }
        Change::DeleteSealingKeys { expired_before_ms } => {
            db.run(
                "DELETE FROM sealing_key WHERE tenant_id = $1 AND expires_at_ms < $2",
                &[&TenantId::vault().as_str(), expired_before_ms],
            )
            .await
        }
        Change::InsertDataKey(key) => db.insert_data_key(key).await,
        Change::BeginEpoch { now_ms } => {
            db.run(
                concat!(
                    "INSERT INTO epoch (tenant_id, number, begun_at_ms) VALUES ($1, ",
                    epoch::now!(),
                    " + 1, $2)"
                ),
                &[&TenantId::vault().as_str(), now_ms],
            )
            .await
        }
        Change::RewrapDataKey { purpose, version, was, wrapped } => {
            db.rewrap_data_key(*purpose, *version, was, wrapped).await
        }
        Change::RewrapSealingKey { id, was, wrapped } => db.rewrap_sealing_key(id, was, wrapped).await,
        Change::ResealPaymentMethod { id, was, sealed } => db.reseal_payment_method(id, was, sealed).await,
        Change::DestroyEncryptionKey { version } => db.destroy_encryption_key(*version).await,
    }
}

/// The rows of one tenant, inside a transaction.
struct Rows<'a> {
    client: &'a ClientWrapper,
    tenant: &'a str,
}

impl Rows<'_> {
    async fn insert_key(&self, key: &ApiKey) -> Result<u64, Failure> {
        let origins: Vec<_> = key.origins.iter().map(|origin| origin.as_str()).collect();
        self.must_touch(
            "INSERT INTO api_key
                 (id, tenant_id, kind, mac, origins, created_at_ms, scopes, expires_at_ms, revoked_at_ms)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
            &[
                &stored(&key.id),
                &self.tenant,
                &key.kind.as_str(),
                &key.mac.as_slice(),
                &row::to_json(&origins)?,
                &key.created_at_ms,
                &key.scope_names(),
                &key.expires_at_ms,
                &key.revoked_at_ms,
            ],
            StoreError::KeyExists,
        )
        .await
    }

    async fn insert_sealing_key(&self, key: &SealingKey) -> Result<u64, Failure> {
        self.must_touch(
            "INSERT INTO sealing_key (tenant_id, id, wrapped, created_at_ms, starts_at_ms, expires_at_ms, statement)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
            &[
                &TenantId::vault().as_str(),
                &key.id.as_slice(),
                &key.wrapped,
                &key.created_at_ms,
                &key.starts_at_ms,
                &key.expires_at_ms,
                &key.statement,
            ],
            StoreError::KeyExists,
        )
        .await
    }

    async fn insert_data_key(&self, key: &DataKey) -> Result<u64, Failure> {
        self.must_touch(
            "INSERT INTO data_key (tenant_id, purpose, version, wrapped, created_at_ms)
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            &[&self.tenant, &key.purpose.as_str(), &i64::from(key.version), &key.wrapped, &key.created_at_ms],
            StoreError::KeyExists,
        )
        .await
    }

    /// Whether there is such a customer, and it is not archived; and nobody changes that before this
    /// transaction ends.
    ///
    /// The row is written, with what it says already: a mere lock would be seen by those who wait for it at
    /// READ COMMITTED, and not by those who look at one moment from their beginning to their end.
    async fn lock_customer(&self, id: &CustomerId) -> Result<(), Failure> {
        let sql = "UPDATE customer SET version = version
                   WHERE tenant_id = $1 AND id = $2 AND archived_at_ms IS NULL";
        let params: [&(dyn ToSql + Sync); 2] = [&self.tenant, &stored(id.as_str())];
        self.must_touch(sql, &params, StoreError::CustomerMissing).await.map(drop)
    }

    /// Waits until nobody else changes what points from the customer to what it owns, be it archived or not.
    async fn lock_defaults(&self, id: &str) -> Result<(), Failure> {
        let sql = "UPDATE customer SET version = version WHERE tenant_id = $1 AND id = $2";
        self.run(sql, &[&self.tenant, &stored(id)]).await.map(drop)
    }

    /// Whether there is such a customer, and it is not archived, at this moment.
    async fn customer_exists(&self, id: &CustomerId) -> Result<(), Failure> {
        let sql = "SELECT 1 FROM customer WHERE tenant_id = $1 AND id = $2 AND archived_at_ms IS NULL";
        if self.exists(sql, &[&self.tenant, &stored(id.as_str())]).await? {
            Ok(())
        } else {
            Err(Failure::Guard(StoreError::CustomerMissing))
        }
    }

    /// Whether there is such a payment method, and it is not archived, at this moment.
    async fn payment_method_exists(&self, id: &PaymentMethodId) -> Result<(), Failure> {
        let sql = "SELECT 1 FROM payment_method WHERE tenant_id = $1 AND id = $2 AND archived_at_ms IS NULL
                   AND NOT EXISTS (SELECT 1 FROM customer AS c WHERE c.tenant_id = payment_method.tenant_id
                       AND c.id = payment_method.customer_id AND c.archived_at_ms IS NOT NULL)";
        if self.exists(sql, &[&self.tenant, &stored(id.as_str())]).await? {
            Ok(())
        } else {
            Err(Failure::Guard(StoreError::PaymentMethodMissing))
        }
    }

    async fn exists(&self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<bool, Failure> {
        Ok(self.row(sql, params).await?.is_some())
    }

    async fn row(&self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<Option<Row>, Failure> {
        let statement = self.client.prepare_cached(sql).await?;
        Ok(self.client.query_opt(&statement, params).await?)
    }

    /// Runs a statement that must touch a row; `otherwise` says what it means if it does not.
    async fn must_touch(
        &self,
        sql: &str,
        params: &[&(dyn ToSql + Sync)],
        otherwise: StoreError,
    ) -> Result<u64, Failure> {
        match self.run(sql, params).await? {
            0 => Err(Failure::Guard(otherwise)),
            rows => Ok(rows),
        }
    }

    async fn run(&self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<u64, Failure> {
        let statement = self.client.prepare_cached(sql).await?;
        Ok(self.client.execute(&statement, params).await?)
    }
}
