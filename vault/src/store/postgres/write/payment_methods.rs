//! Writing payment methods.

use std::borrow::Cow;

use tokio_postgres::types::ToSql;

use super::{Failure, Rows};
use crate::{
    domain::{CustomerId, Display, PaymentMethod, PaymentMethodId},
    store::{
        StoreError,
        postgres::{
            row,
            text::{optional, stored},
        },
    },
};

impl Rows<'_> {
    pub(super) async fn insert_payment_method(&self, method: &PaymentMethod) -> Result<u64, Failure> {
        if let Some(customer) = &method.customer_id {
            self.lock_customer(customer).await?;
        }
        let id = stored(method.id.as_str());
        let from_token = method.from_token_mac.as_ref().map(<[u8; 32]>::as_slice);
        let inserted = self
            .run(
                "INSERT INTO payment_method (tenant_id, id, kind, display, last4, sealed, sealed_at_ms, name, flags,
                    extra, fingerprint, updated_at_ms, version, customer_id, from_token_mac, created_at_ms,
                    archived_at_ms, mandate)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
                 ON CONFLICT DO NOTHING",
                &[
                    &self.tenant,
                    &id,
                    &method.kind().as_str(),
                    &row::to_json(&method.display)?,
                    &last4(&method.display),
                    &method.sealed,
                    &method.sealed_at_ms,
                    &optional(method.name.as_deref()),
                    &row::to_json(&method.flags)?,
                    &row::to_json(&method.extra)?,
                    &stored(&method.fingerprint),
                    &method.updated_at_ms,
                    &method.version,
                    &optional(method.customer_id.as_ref().map(CustomerId::as_str)),
                    &from_token,
                    &method.created_at_ms,
                    &method.archived_at_ms,
                    &row::to_optional_json(method.mandate.as_ref())?,
                ],
            )
            .await?;
        if inserted == 1 {
            return Ok(inserted);
        }
        let sql = "SELECT 1 FROM payment_method WHERE tenant_id = $1 AND id = $2";
        if self.exists(sql, &[&self.tenant, &id]).await? {
            return Err(Failure::Guard(StoreError::PaymentMethodExists));
        }
        let sql = "SELECT 1 FROM payment_method WHERE tenant_id = $1 AND from_token_mac = $2";
        if self.exists(sql, &[&self.tenant, &from_token]).await? {
            return Err(Failure::Guard(StoreError::TokenSpent));
        }
        // What was in the way has just been deleted.
        Err(Failure::Conflict)
    }

    pub(super) async fn update_payment_method(&self, method: &PaymentMethod) -> Result<u64, Failure> {
        let updated = self
            .run(
                "UPDATE payment_method SET kind = $3, display = $4, last4 = $5, sealed = $6, sealed_at_ms = $7,
                    name = $8, flags = $9, extra = $10, fingerprint = $11, updated_at_ms = $12, mandate = $14,
                    version = version + 1
                 WHERE tenant_id = $1 AND id = $2 AND archived_at_ms IS NULL AND version = $13
                    AND NOT EXISTS (SELECT 1 FROM customer AS c WHERE c.tenant_id = payment_method.tenant_id
                AND c.id = payment_method.customer_id AND c.archived_at_ms IS NOT NULL)",
                &[
                    &self.tenant,
                    &stored(method.id.as_str()),
                    &method.kind().as_str(),
                    &row::to_json(&method.display)?,
                    &last4(&method.display),
                    &method.sealed,
                    &method.sealed_at_ms,
                    &optional(method.name.as_deref()),
                    &row::to_json(&method.flags)?,
                    &row::to_json(&method.extra)?,
                    &stored(&method.fingerprint),
                    &method.updated_at_ms,
                    &method.version,
                    &row::to_optional_json(method.mandate.as_ref())?,
                ],
            )
            .await?;
        if updated == 1 {
            return Ok(updated);
        }
        self.payment_method_exists(&method.id).await?;
        Err(Failure::Guard(StoreError::PaymentMethodChanged))
    }

    pub(super) async fn attach(
        &self,
        id: &PaymentMethodId,
        customer: &CustomerId,
        now_ms: i64,
    ) -> Result<u64, Failure> {
        self.payment_method_exists(id).await?;
        self.lock_customer(customer).await?;
        let attached = self
            .run(
                "UPDATE payment_method SET customer_id = $3, updated_at_ms = $4, version = version + 1
                 WHERE tenant_id = $1 AND id = $2 AND customer_id IS NULL AND archived_at_ms IS NULL",
                &[&self.tenant, &stored(id.as_str()), &stored(customer.as_str()), &now_ms],
            )
            .await?;
        if attached == 1 {
            return Ok(attached);
        }
        // It may have been archived or deleted since the first look.
        self.payment_method_exists(id).await?;
        Err(Failure::Guard(StoreError::AlreadyAttached))
    }

    pub(super) async fn delete_payment_method(
        &self,
        id: &PaymentMethodId,
        now_ms: i64,
    ) -> Result<u64, Failure> {
        let sql = "DELETE FROM payment_method WHERE tenant_id = $1 AND id = $2
                   AND NOT EXISTS (SELECT 1 FROM customer AS c WHERE c.tenant_id = payment_method.tenant_id
                AND c.id = payment_method.customer_id AND c.archived_at_ms IS NOT NULL)
                   RETURNING customer_id";
        self.take_away(id, now_ms, sql, &[&self.tenant, &stored(id.as_str())]).await
    }

    pub(super) async fn archive_payment_method(
        &self,
        id: &PaymentMethodId,
        now_ms: i64,
    ) -> Result<u64, Failure> {
        let sql = "UPDATE payment_method SET archived_at_ms = $3, updated_at_ms = $3, version = version + 1
                   WHERE tenant_id = $1 AND id = $2 AND archived_at_ms IS NULL
                   AND NOT EXISTS (SELECT 1 FROM customer AS c WHERE c.tenant_id = payment_method.tenant_id
                AND c.id = payment_method.customer_id AND c.archived_at_ms IS NOT NULL)
                   RETURNING customer_id";
        self.take_away(id, now_ms, sql, &[&self.tenant, &stored(id.as_str()), &now_ms]).await
    }

    /// Runs a statement that takes a payment method away and returns whose it was; clears it as a default.
    async fn take_away(
        &self,
        id: &PaymentMethodId,
        now_ms: i64,
        sql: &str,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<u64, Failure> {
        // The customer before what it owns, as everywhere; whose it is can change until the method is locked.
        let owner = "SELECT customer_id FROM payment_method WHERE tenant_id = $1 AND id = $2";
        let before = self.row(owner, &[&self.tenant, &stored(id.as_str())]).await?;
        let before = before.as_ref().map(row::customer_id).transpose()?.flatten();
        if let Some(customer) = &before {
            self.lock_defaults(customer).await?;
        }
        let taken = self.row(sql, params).await?;
        let taken = taken.ok_or(Failure::Guard(StoreError::PaymentMethodMissing))?;
        let Some(customer) = row::customer_id(&taken)? else { return Ok(1) };
        if before.as_ref() != Some(&customer) {
            self.lock_defaults(&customer).await?;
        }
        let defaults = self
            .run(
                "UPDATE customer SET default_payment_method_id = NULL, updated_at_ms = $4, version = version + 1
                 WHERE tenant_id = $1 AND id = $2 AND default_payment_method_id = $3",
                &[&self.tenant, &stored(&customer), &stored(id.as_str()), &now_ms],
            )
            .await?;
        Ok(1 + defaults)
    }
}

/// The digits by which a payment method is searched.
fn last4(display: &Display) -> Option<Cow<'_, str>> {
    match display {
        Display::Card(card) => Some(stored(&card.last4)),
        Display::BankAccount(account) => Some(stored(&account.last4)),
        Display::Bsb(account) => Some(stored(&account.last4)),
        Display::Checkout(_) => None,
    }
}
