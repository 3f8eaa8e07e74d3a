//! Writing payment methods.

use tokio_postgres::types::ToSql;

use super::{Failure, Guard, Rows, version};
use crate::{
    domain::{CustomerId, Display, PaymentMethod, PaymentMethodId},
    store::{
        StoreError,
        postgres::{
            hashes::{Kept, PAYMENT_METHOD, Value},
            row,
            text::stored,
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
        let values = [
            Value::plain(self.tenant),
            Value::Text(id.clone()),
            Value::optional(method.customer_id.as_ref().map(CustomerId::as_str)),
            Value::plain(method.kind().as_str()),
            Value::plain(row::to_json(&method.display)?),
            Value::optional(last4(&method.display)),
            Value::bytes(&method.sealed),
            Value::Integer(method.sealed_at_ms),
            Value::optional(method.name.as_deref()),
            Value::plain(row::to_json(&method.flags)?),
            Value::plain(row::to_json(&method.extra)?),
            Value::optional_plain(row::to_optional_json(method.mandate.as_ref())?),
            Value::text(&method.fingerprint),
            Value::optional_bytes(from_token),
            Value::Integer(method.created_at_ms),
            Value::Integer(method.updated_at_ms),
            Value::optional_integer(method.archived_at_ms),
            Value::Integer(method.version),
            version(method.fingerprint_version),
        ];
        let inserted = self.insert(&PAYMENT_METHOD, &values).await?;
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
        let (display, flags, extra) =
            (row::to_json(&method.display)?, row::to_json(&method.flags)?, row::to_json(&method.extra)?);
        let mandate = row::to_optional_json(method.mandate.as_ref())?;
        let sql = format!("archived_at_ms IS NULL AND version = $3 AND {OF_ACTIVE_CUSTOMER}");
        let params: &[&(dyn ToSql + Sync)] = &[&method.version];
        let updated = self.change_method(&method.id, &sql, params, method.updated_at_ms, |kept| {
            kept.set("kind", Value::plain(method.kind().as_str()));
            kept.set("display", Value::plain(display.as_str()));
            kept.set("last4", Value::optional(last4(&method.display)));
            kept.set("sealed", Value::bytes(&method.sealed));
            kept.set("sealed_at_ms", Value::Integer(method.sealed_at_ms));
            kept.set("name", Value::optional(method.name.as_deref()));
            kept.set("flags", Value::plain(flags.as_str()));
            kept.set("extra", Value::plain(extra.as_str()));
            kept.set("mandate", Value::optional_plain(mandate.clone()));
            kept.set("fingerprint", Value::text(&method.fingerprint));
            kept.set("fingerprint_version", version(method.fingerprint_version));
        });
        let updated = updated.await?;
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
        let sql = "customer_id IS NULL AND archived_at_ms IS NULL";
        let attached = self.change_method(id, sql, &[], now_ms, |kept| {
            kept.set("customer_id", Value::text(customer.as_str()));
        });
        let attached = attached.await?;
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
        let sql =
            format!("DELETE FROM payment_method WHERE tenant_id = $1 AND id = $2 AND {OF_ACTIVE_CUSTOMER}");
        let stored_id = stored(id.as_str());
        let params: &[&(dyn ToSql + Sync)] = &[&self.tenant, &stored_id];
        let delete = self.delete(&PAYMENT_METHOD, &sql, params);
        self.take_away(id, now_ms, delete).await
    }

    pub(super) async fn archive_payment_method(
        &self,
        id: &PaymentMethodId,
        now_ms: i64,
    ) -> Result<u64, Failure> {
        let sql = format!("archived_at_ms IS NULL AND {OF_ACTIVE_CUSTOMER}");
        let archive = self.change_method(id, &sql, &[], now_ms, |kept| {
            kept.set("archived_at_ms", Value::Integer(now_ms));
        });
        self.take_away(id, now_ms, archive).await
    }

    /// Changes a payment method, if the condition holds, and counts the change.
    async fn change_method(
        &self,
        id: &PaymentMethodId,
        condition: &str,
        params: &[&(dyn ToSql + Sync)],
        now_ms: i64,
        edit: impl Fn(&mut Kept),
    ) -> Result<u64, Failure> {
        let key = [Value::plain(self.tenant), Value::text(id.as_str())];
        self.update(&PAYMENT_METHOD, &key, Guard { sql: condition, params }, |kept| {
            edit(kept);
            kept.set("updated_at_ms", Value::Integer(now_ms));
            kept.next_version();
        })
        .await
    }

    /// Does what takes a payment method away, and clears it as a default.
    async fn take_away(
        &self,
        id: &PaymentMethodId,
        now_ms: i64,
        take: impl Future<Output = Result<u64, Failure>>,
    ) -> Result<u64, Failure> {
        // The customer before what it owns, as everywhere; whose it is can change until the method is locked.
        let stored_id = stored(id.as_str());
        let before = self.owner(&stored_id).await?;
        if let Some(customer) = &before {
            self.lock_defaults(customer).await?;
        }
        // From now on nobody changes whose it is but an attachment, which the second look finds.
        let lock = "UPDATE payment_method SET version = version WHERE tenant_id = $1 AND id = $2";
        self.run(lock, &[&self.tenant, &stored_id]).await?;
        let owner = self.owner(&stored_id).await?;
        if take.await? == 0 {
            return Err(Failure::Guard(StoreError::PaymentMethodMissing));
        }
        let Some(customer) = owner else { return Ok(1) };
        if before.as_ref() != Some(&customer) {
            self.lock_defaults(&customer).await?;
        }
        let is_default = "default_payment_method_id = $3";
        let params: &[&(dyn ToSql + Sync)] = &[&stored_id];
        let cleared = self.change_customer(&customer, is_default, params, now_ms, |kept| {
            kept.set("default_payment_method_id", Value::Null);
        });
        Ok(1 + cleared.await?)
    }

    /// Whose a payment method is.
    async fn owner(&self, id: &str) -> Result<Option<String>, Failure> {
        let sql = "SELECT customer_id FROM payment_method WHERE tenant_id = $1 AND id = $2";
        let found = self.row(sql, &[&self.tenant, &id]).await?;
        Ok(found.as_ref().map(row::customer_id).transpose()?.flatten())
    }
}

/// The condition that a payment method's customer, if it has one, is not archived.
const OF_ACTIVE_CUSTOMER: &str =
    "NOT EXISTS (SELECT 1 FROM customer AS c WHERE c.tenant_id = payment_method.tenant_id
        AND c.id = payment_method.customer_id AND c.archived_at_ms IS NOT NULL)";

/// The digits by which a payment method is searched.
fn last4(display: &Display) -> Option<&str> {
    match display {
        Display::Card(card) => Some(&card.last4),
        Display::BankAccount(account) => Some(&account.last4),
        Display::Bsb(account) => Some(&account.last4),
        Display::Checkout(_) => None,
    }
}
