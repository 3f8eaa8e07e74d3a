//! Writing customers.

use tokio_postgres::types::ToSql;

use super::{Failure, Guard, Rows};
use crate::{
    domain::{AddressId, Customer, CustomerId, PaymentMethodId},
    store::{
        StoreError,
        postgres::{
            hashes::{Kept, PAYMENT_METHOD, Value},
            row,
            text::stored,
        },
        tables::{ADDRESS, CUSTOMER},
    },
};

impl Rows<'_> {
    pub(super) async fn insert_customer(&self, customer: &Customer) -> Result<u64, Failure> {
        let id = |id: &Option<AddressId>| id.as_ref().map(|id| id.as_str().to_owned());
        let (billing, shipping) =
            (id(&customer.default_billing_address_id), id(&customer.default_shipping_address_id));
        let values = [
            Value::plain(self.tenant),
            Value::text(customer.id.as_str()),
            Value::optional(customer.first_name.as_deref()),
            Value::optional(customer.last_name.as_deref()),
            Value::optional(customer.company.as_deref()),
            Value::optional(customer.email.as_deref()),
            Value::optional(customer.phone.as_deref()),
            Value::optional(customer.description.as_deref()),
            Value::optional(customer.notes.as_deref()),
            Value::optional(customer.reference.as_deref()),
            Value::plain(row::to_json(&customer.flags)?),
            Value::plain(row::to_json(&customer.metadata)?),
            Value::plain(row::to_json(&customer.extra)?),
            Value::optional(customer.default_payment_method_id.as_ref().map(PaymentMethodId::as_str)),
            Value::optional(billing.as_deref()),
            Value::optional(shipping.as_deref()),
            Value::Integer(customer.created_at_ms),
            Value::Integer(customer.updated_at_ms),
            Value::optional_integer(customer.archived_at_ms),
            Value::Integer(customer.version),
        ];
        self.must_insert(&CUSTOMER, &values, StoreError::CustomerExists).await
    }

    /// Changes a customer, if the condition holds, and counts the change.
    pub(super) async fn change_customer(
        &self,
        id: &str,
        condition: &str,
        params: &[&(dyn ToSql + Sync)],
        now_ms: i64,
        edit: impl Fn(&mut Kept),
    ) -> Result<u64, Failure> {
        let key = [Value::plain(self.tenant), Value::text(id)];
        self.update(&CUSTOMER, &key, Guard { sql: condition, params }, |kept| {
            edit(kept);
            counted(kept, now_ms);
        })
        .await
    }

    pub(super) async fn update_customer(&self, customer: &Customer) -> Result<u64, Failure> {
        let (flags, metadata, extra) = (
            row::to_json(&customer.flags)?,
            row::to_json(&customer.metadata)?,
            row::to_json(&customer.extra)?,
        );
        let updated = self
            .change_customer(
                customer.id.as_str(),
                "archived_at_ms IS NULL AND version = $3",
                &[&customer.version],
                customer.updated_at_ms,
                |kept| {
                    for (column, text) in [
                        ("first_name", &customer.first_name),
                        ("last_name", &customer.last_name),
                        ("company", &customer.company),
                        ("email", &customer.email),
                        ("phone", &customer.phone),
                        ("description", &customer.description),
                        ("notes", &customer.notes),
                        ("reference", &customer.reference),
                    ] {
                        kept.set(column, Value::optional(text.as_deref()));
                    }
                    for (column, json) in [("flags", &flags), ("metadata", &metadata), ("extra", &extra)] {
                        kept.set(column, Value::plain(json.as_str()));
                    }
                    let method = customer.default_payment_method_id.as_ref().map(PaymentMethodId::as_str);
                    let billing = customer.default_billing_address_id.as_ref().map(AddressId::as_str);
                    let shipping = customer.default_shipping_address_id.as_ref().map(AddressId::as_str);
                    kept.set("default_payment_method_id", Value::optional(method));
                    kept.set("default_billing_address_id", Value::optional(billing));
                    kept.set("default_shipping_address_id", Value::optional(shipping));
                },
            )
            .await?;
        if updated == 1 {
            // The customer is locked now, and whoever takes a default away locks it too.
            self.defaults_are_its_own(customer).await?;
            return Ok(updated);
        }
        self.customer_exists(&customer.id).await?;
        Err(Failure::Guard(StoreError::CustomerChanged))
    }

    /// The customer goes first: whoever gives it something locks it, and so has either finished or finds
    /// it missing.
    pub(super) async fn delete_customer(&self, id: &CustomerId) -> Result<u64, Failure> {
        let id = stored(id.as_str());
        let sql = "DELETE FROM customer WHERE tenant_id = $1 AND id = $2";
        let customer = self.delete(&CUSTOMER, sql, &[&self.tenant, &id]).await?;
        if customer == 0 {
            return Err(Failure::Guard(StoreError::CustomerMissing));
        }
        let sql = "DELETE FROM address WHERE tenant_id = $1 AND customer_id = $2";
        let addresses = self.delete(&ADDRESS, sql, &[&self.tenant, &id]).await?;
        let sql = "DELETE FROM payment_method WHERE tenant_id = $1 AND customer_id = $2";
        let methods = self.delete(&PAYMENT_METHOD, sql, &[&self.tenant, &id]).await?;
        Ok(customer + addresses + methods)
    }

    pub(super) async fn archive_customer(&self, id: &CustomerId, now_ms: i64) -> Result<u64, Failure> {
        let archived = self.change_customer(id.as_str(), "archived_at_ms IS NULL", &[], now_ms, |kept| {
            kept.set("archived_at_ms", Value::Integer(now_ms));
        });
        match archived.await? {
            0 => Err(Failure::Guard(StoreError::CustomerMissing)),
            rows => Ok(rows),
        }
    }

    pub(super) async fn make_default(
        &self,
        customer: &CustomerId,
        id: &PaymentMethodId,
        now_ms: i64,
    ) -> Result<u64, Failure> {
        let locked = self.lock_customer(customer).await?;
        let is_its_own = "EXISTS (SELECT 1 FROM payment_method AS p
            WHERE p.tenant_id = $1 AND p.id = $3 AND p.customer_id = $2 AND p.archived_at_ms IS NULL)";
        let stored_id = stored(id.as_str());
        let params: &[&(dyn ToSql + Sync)] = &[&stored_id];
        let guard = Guard { sql: is_its_own, params };
        let made = self.update_kept(&locked, &guard, |kept| {
            counted(kept, now_ms);
            kept.set("default_payment_method_id", Value::text(id.as_str()));
        });
        match made.await? {
            0 => Err(Failure::Guard(StoreError::PaymentMethodMissing)),
            rows => Ok(rows),
        }
    }

    pub(super) async fn default_if_none(
        &self,
        customer: &CustomerId,
        id: &PaymentMethodId,
        now_ms: i64,
    ) -> Result<u64, Failure> {
        let locked = self.lock_customer(customer).await?;
        let guard = Guard { sql: "default_payment_method_id IS NULL", params: &[] };
        self.update_kept(&locked, &guard, |kept| {
            counted(kept, now_ms);
            kept.set("default_payment_method_id", Value::text(id.as_str()));
        })
        .await
    }

    /// A default that another change deleted meanwhile, or that is another customer's, is refused.
    async fn defaults_are_its_own(&self, customer: &Customer) -> Result<(), Failure> {
        let owner = stored(customer.id.as_str());
        if let Some(id) = &customer.default_payment_method_id {
            let sql = "SELECT 1 FROM payment_method
                       WHERE tenant_id = $1 AND id = $2 AND customer_id = $3 AND archived_at_ms IS NULL";
            if !self.exists(sql, &[&self.tenant, &stored(id.as_str()), &owner]).await? {
                return Err(Failure::Guard(StoreError::PaymentMethodMissing));
            }
        }
        for id in [&customer.default_billing_address_id, &customer.default_shipping_address_id]
            .into_iter()
            .flatten()
        {
            let sql = "SELECT 1 FROM address WHERE tenant_id = $1 AND id = $2 AND customer_id = $3";
            if !self.exists(sql, &[&self.tenant, &stored(id.as_str()), &owner]).await? {
                return Err(Failure::Guard(StoreError::AddressMissing));
            }
        }
        Ok(())
    }
}

/// Counts a change of a customer.
fn counted(kept: &mut Kept, now_ms: i64) {
    kept.set("updated_at_ms", Value::Integer(now_ms));
    kept.next_version();
}
