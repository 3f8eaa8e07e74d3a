//! Writing customers.

use super::{Failure, Rows};
use crate::{
    domain::{AddressId, Customer, CustomerId, PaymentMethodId},
    store::{
        StoreError,
        postgres::{
            row,
            text::{optional, stored},
        },
    },
};

impl Rows<'_> {
    pub(super) async fn insert_customer(&self, customer: &Customer) -> Result<u64, Failure> {
        self.must_touch(
            "INSERT INTO customer (tenant_id, id, first_name, last_name, company, email, phone, description, notes,
                reference, flags, metadata, extra, default_payment_method_id, default_billing_address_id,
                default_shipping_address_id, updated_at_ms, version, created_at_ms, archived_at_ms)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
             ON CONFLICT DO NOTHING",
            &[
                &self.tenant,
                &stored(customer.id.as_str()),
                &optional(customer.first_name.as_deref()),
                &optional(customer.last_name.as_deref()),
                &optional(customer.company.as_deref()),
                &optional(customer.email.as_deref()),
                &optional(customer.phone.as_deref()),
                &optional(customer.description.as_deref()),
                &optional(customer.notes.as_deref()),
                &optional(customer.reference.as_deref()),
                &row::to_json(&customer.flags)?,
                &row::to_json(&customer.metadata)?,
                &row::to_json(&customer.extra)?,
                &optional(customer.default_payment_method_id.as_ref().map(PaymentMethodId::as_str)),
                &optional(customer.default_billing_address_id.as_ref().map(AddressId::as_str)),
                &optional(customer.default_shipping_address_id.as_ref().map(AddressId::as_str)),
                &customer.updated_at_ms,
                &customer.version,
                &customer.created_at_ms,
                &customer.archived_at_ms,
            ],
            StoreError::CustomerExists,
        )
        .await
    }

    pub(super) async fn update_customer(&self, customer: &Customer) -> Result<u64, Failure> {
        let updated = self
            .run(
                "UPDATE customer SET first_name = $3, last_name = $4, company = $5, email = $6, phone = $7,
                    description = $8, notes = $9, reference = $10, flags = $11, metadata = $12, extra = $13,
                    default_payment_method_id = $14, default_billing_address_id = $15,
                    default_shipping_address_id = $16, updated_at_ms = $17, version = version + 1
                 WHERE tenant_id = $1 AND id = $2 AND archived_at_ms IS NULL AND version = $18",
                &[
                    &self.tenant,
                    &stored(customer.id.as_str()),
                    &optional(customer.first_name.as_deref()),
                    &optional(customer.last_name.as_deref()),
                    &optional(customer.company.as_deref()),
                    &optional(customer.email.as_deref()),
                    &optional(customer.phone.as_deref()),
                    &optional(customer.description.as_deref()),
                    &optional(customer.notes.as_deref()),
                    &optional(customer.reference.as_deref()),
                    &row::to_json(&customer.flags)?,
                    &row::to_json(&customer.metadata)?,
                    &row::to_json(&customer.extra)?,
                    &optional(customer.default_payment_method_id.as_ref().map(PaymentMethodId::as_str)),
                    &optional(customer.default_billing_address_id.as_ref().map(AddressId::as_str)),
                    &optional(customer.default_shipping_address_id.as_ref().map(AddressId::as_str)),
                    &customer.updated_at_ms,
                    &customer.version,
                ],
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
        let customer = self
            .must_touch(
                "DELETE FROM customer WHERE tenant_id = $1 AND id = $2",
                &[&self.tenant, &id],
                StoreError::CustomerMissing,
            )
            .await?;
        let addresses = self
            .run("DELETE FROM address WHERE tenant_id = $1 AND customer_id = $2", &[&self.tenant, &id])
            .await?;
        let methods = self
            .run("DELETE FROM payment_method WHERE tenant_id = $1 AND customer_id = $2", &[&self.tenant, &id])
            .await?;
        Ok(customer + addresses + methods)
    }

    pub(super) async fn archive_customer(&self, id: &CustomerId, now_ms: i64) -> Result<u64, Failure> {
        self.must_touch(
            "UPDATE customer SET archived_at_ms = $3, updated_at_ms = $3, version = version + 1
             WHERE tenant_id = $1 AND id = $2 AND archived_at_ms IS NULL",
            &[&self.tenant, &stored(id.as_str()), &now_ms],
            StoreError::CustomerMissing,
        )
        .await
    }

    pub(super) async fn make_default(
        &self,
        customer: &CustomerId,
        id: &PaymentMethodId,
        now_ms: i64,
    ) -> Result<u64, Failure> {
        self.lock_customer(customer).await?;
        self.must_touch(
            "UPDATE customer SET default_payment_method_id = $3, updated_at_ms = $4, version = version + 1
             WHERE tenant_id = $1 AND id = $2 AND EXISTS (SELECT 1 FROM payment_method AS p
                WHERE p.tenant_id = $1 AND p.id = $3 AND p.customer_id = $2 AND p.archived_at_ms IS NULL)",
            &[&self.tenant, &stored(customer.as_str()), &stored(id.as_str()), &now_ms],
            StoreError::PaymentMethodMissing,
        )
        .await
    }

    pub(super) async fn default_if_none(
        &self,
        customer: &CustomerId,
        id: &PaymentMethodId,
        now_ms: i64,
    ) -> Result<u64, Failure> {
        self.lock_customer(customer).await?;
        self.run(
            "UPDATE customer SET default_payment_method_id = $3, updated_at_ms = $4, version = version + 1
             WHERE tenant_id = $1 AND id = $2 AND default_payment_method_id IS NULL",
            &[&self.tenant, &stored(customer.as_str()), &stored(id.as_str()), &now_ms],
        )
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
