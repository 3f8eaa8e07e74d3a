//! Writing payment methods.

use rusqlite::{Params, named_params, params};

use super::{Failure, Rows};
use crate::{
    domain::{CustomerId, PaymentMethod, PaymentMethodId},
    store::{StoreError, lookups, sqlite::row},
};

impl Rows<'_> {
    pub(super) fn insert_payment_method(&self, method: &PaymentMethod) -> Result<u64, Failure> {
        if let Some(customer) = &method.customer_id {
            self.customer_exists(customer)?;
        }
        let inserted = self.run(
            "INSERT INTO payment_method (tenant_id, id, customer_id, kind, display, sealed, sealed_at_ms, name,
                flags, extra, mandate, fingerprint, from_token_mac, created_at_ms, updated_at_ms, archived_at_ms, version,
                fingerprint_version)
             VALUES (:tenant, :id, :customer, :kind, :display, :sealed, :sealed_at, :name,
                :flags, :extra, :mandate, :fingerprint, :token, :created, :updated, :archived, :version, :fingerprint_version)
             ON CONFLICT DO NOTHING",
            named_params! {
                ":tenant": self.tenant, ":id": method.id.as_str(),
                ":customer": method.customer_id.as_ref().map(CustomerId::as_str), ":kind": method.kind().as_str(),
                ":display": row::to_json(&method.display)?, ":sealed": method.sealed,
                ":sealed_at": method.sealed_at_ms, ":flags": row::to_json(&method.flags)?,
                ":name": method.name, ":extra": row::to_json(&method.extra)?,
                ":mandate": row::to_optional_json(method.mandate.as_ref())?,
                ":fingerprint": method.fingerprint, ":token": method.from_token_mac,
                ":created": method.created_at_ms, ":updated": method.updated_at_ms,
                ":archived": method.archived_at_ms, ":version": method.version,
                ":fingerprint_version": lookups::stored(method.fingerprint_version),
            },
        )?;
        if inserted == 1 {
            return Ok(inserted);
        }
        let id_taken = self.exists(
            "SELECT 1 FROM payment_method WHERE tenant_id = ?1 AND id = ?2",
            params![self.tenant, method.id.as_str()],
        )?;
        Err(Failure::Guard(if id_taken { StoreError::PaymentMethodExists } else { StoreError::TokenSpent }))
    }

    pub(super) fn update_payment_method(&self, method: &PaymentMethod) -> Result<u64, Failure> {
        let updated = self.run(
            "UPDATE payment_method SET kind = :kind, display = :display, sealed = :sealed,
                sealed_at_ms = :sealed_at, name = :name, flags = :flags, extra = :extra, mandate = :mandate,
                fingerprint = :fingerprint, fingerprint_version = :fingerprint_version, updated_at_ms = :updated, version = version + 1
             WHERE tenant_id = :tenant AND id = :id AND archived_at_ms IS NULL AND version = :version
                AND NOT EXISTS (SELECT 1 FROM customer AS c WHERE c.tenant_id = payment_method.tenant_id
                AND c.id = payment_method.customer_id AND c.archived_at_ms IS NOT NULL)",
            named_params! {
                ":tenant": self.tenant, ":id": method.id.as_str(), ":kind": method.kind().as_str(),
                ":display": row::to_json(&method.display)?, ":sealed": method.sealed,
                ":sealed_at": method.sealed_at_ms, ":flags": row::to_json(&method.flags)?,
                ":name": method.name, ":extra": row::to_json(&method.extra)?,
                ":mandate": row::to_optional_json(method.mandate.as_ref())?,
                ":fingerprint": method.fingerprint, ":updated": method.updated_at_ms, ":version": method.version,
                ":fingerprint_version": lookups::stored(method.fingerprint_version),
            },
        )?;
        if updated == 1 {
            return Ok(updated);
        }
        self.payment_method_exists(&method.id)?;
        Err(Failure::Guard(StoreError::PaymentMethodChanged))
    }

    pub(super) fn attach(
        &self,
        id: &PaymentMethodId,
        customer: &CustomerId,
        now_ms: i64,
    ) -> Result<u64, Failure> {
        self.payment_method_exists(id)?;
        self.customer_exists(customer)?;
        self.must_touch(
            "UPDATE payment_method SET customer_id = ?3, updated_at_ms = ?4, version = version + 1
             WHERE tenant_id = ?1 AND id = ?2 AND customer_id IS NULL",
            params![self.tenant, id.as_str(), customer.as_str(), now_ms],
            StoreError::AlreadyAttached,
        )
    }

    pub(super) fn delete_payment_method(&self, id: &PaymentMethodId, now_ms: i64) -> Result<u64, Failure> {
        let sql = "DELETE FROM payment_method WHERE tenant_id = ?1 AND id = ?2
                   AND NOT EXISTS (SELECT 1 FROM customer AS c WHERE c.tenant_id = payment_method.tenant_id
                AND c.id = payment_method.customer_id AND c.archived_at_ms IS NOT NULL)
                   RETURNING customer_id";
        self.take_away(id, now_ms, sql, params![self.tenant, id.as_str()])
    }

    pub(super) fn archive_payment_method(&self, id: &PaymentMethodId, now_ms: i64) -> Result<u64, Failure> {
        let sql = "UPDATE payment_method SET archived_at_ms = ?3, updated_at_ms = ?3, version = version + 1
                   WHERE tenant_id = ?1 AND id = ?2 AND archived_at_ms IS NULL
                   AND NOT EXISTS (SELECT 1 FROM customer AS c WHERE c.tenant_id = payment_method.tenant_id
                AND c.id = payment_method.customer_id AND c.archived_at_ms IS NOT NULL)
                   RETURNING customer_id";
        self.take_away(id, now_ms, sql, params![self.tenant, id.as_str(), now_ms])
    }

    /// Runs a statement that takes a payment method away and returns whose it was; clears it as a default.
    fn take_away(
        &self,
        id: &PaymentMethodId,
        now_ms: i64,
        sql: &str,
        params: impl Params,
    ) -> Result<u64, Failure> {
        let customer: Option<Option<String>> =
            self.connection.prepare_cached(sql)?.query_map(params, |row| row.get(0))?.next().transpose()?;
        let customer = customer.ok_or(Failure::Guard(StoreError::PaymentMethodMissing))?;
        let defaults = self.run(
            "UPDATE customer SET default_payment_method_id = NULL, updated_at_ms = ?4, version = version + 1
             WHERE tenant_id = ?1 AND id = ?2 AND default_payment_method_id = ?3",
            params![self.tenant, customer, id.as_str(), now_ms],
        )?;
        Ok(1 + defaults)
    }
}
