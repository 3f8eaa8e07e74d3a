//! Writing customers.

use rusqlite::{named_params, params};

use super::{Failure, Rows};
use crate::{
    domain::{AddressId, Customer, CustomerId, PaymentMethodId},
    store::{StoreError, sqlite::row},
};

impl Rows<'_> {
    pub(super) fn insert_customer(&self, customer: &Customer) -> Result<u64, Failure> {
        self.must_touch(
            "INSERT INTO customer (tenant_id, id, first_name, last_name, company, email, phone, description, notes,
                reference, flags, metadata, extra, default_payment_method_id, default_billing_address_id,
                default_shipping_address_id, created_at_ms, updated_at_ms, archived_at_ms, version)
             VALUES (:tenant, :id, :first_name, :last_name, :company, :email, :phone, :description, :notes,
                :reference, :flags, :metadata, :extra, :payment_method, :billing, :shipping, :created, :updated,
                :archived, :version)
             ON CONFLICT DO NOTHING",
            named_params! {
                ":tenant": self.tenant, ":id": customer.id.as_str(), ":first_name": customer.first_name,
                ":last_name": customer.last_name, ":company": customer.company, ":email": customer.email,
                ":phone": customer.phone, ":description": customer.description, ":notes": customer.notes,
                ":reference": customer.reference, ":flags": row::to_json(&customer.flags)?,
                ":metadata": row::to_json(&customer.metadata)?, ":extra": row::to_json(&customer.extra)?,
                ":payment_method": customer.default_payment_method_id.as_ref().map(PaymentMethodId::as_str),
                ":billing": customer.default_billing_address_id.as_ref().map(AddressId::as_str),
                ":shipping": customer.default_shipping_address_id.as_ref().map(AddressId::as_str),
                ":created": customer.created_at_ms, ":updated": customer.updated_at_ms,
                ":archived": customer.archived_at_ms, ":version": customer.version,
            },
            StoreError::CustomerExists,
        )
    }

    pub(super) fn update_customer(&self, customer: &Customer) -> Result<u64, Failure> {
        let updated = self.run(
            "UPDATE customer SET first_name = :first_name, last_name = :last_name, company = :company,
                email = :email, phone = :phone, description = :description, notes = :notes,
                reference = :reference, flags = :flags, metadata = :metadata, extra = :extra,
                default_payment_method_id = :payment_method, default_billing_address_id = :billing,
                default_shipping_address_id = :shipping, updated_at_ms = :updated, version = version + 1
             WHERE tenant_id = :tenant AND id = :id AND archived_at_ms IS NULL AND version = :version",
            named_params! {
                ":tenant": self.tenant, ":id": customer.id.as_str(), ":first_name": customer.first_name,
                ":last_name": customer.last_name, ":company": customer.company, ":email": customer.email,
                ":phone": customer.phone, ":description": customer.description, ":notes": customer.notes,
                ":reference": customer.reference, ":flags": row::to_json(&customer.flags)?,
                ":metadata": row::to_json(&customer.metadata)?, ":extra": row::to_json(&customer.extra)?,
                ":payment_method": customer.default_payment_method_id.as_ref().map(PaymentMethodId::as_str),
                ":billing": customer.default_billing_address_id.as_ref().map(AddressId::as_str),
                ":shipping": customer.default_shipping_address_id.as_ref().map(AddressId::as_str),
                ":updated": customer.updated_at_ms, ":version": customer.version,
            },
        )?;
        if updated == 1 {
            self.defaults_are_its_own(customer)?;
            return Ok(updated);
        }
        self.customer_exists(&customer.id)?;
        Err(Failure::Guard(StoreError::CustomerChanged))
    }

    pub(super) fn delete_customer(&self, id: &CustomerId) -> Result<u64, Failure> {
        let params = params![self.tenant, id.as_str()];
        let customer = self.must_touch(
            "DELETE FROM customer WHERE tenant_id = ?1 AND id = ?2",
            params,
            StoreError::CustomerMissing,
        )?;
        let addresses = self.run("DELETE FROM address WHERE tenant_id = ?1 AND customer_id = ?2", params)?;
        let methods =
            self.run("DELETE FROM payment_method WHERE tenant_id = ?1 AND customer_id = ?2", params)?;
        Ok(customer + addresses + methods)
    }

    pub(super) fn archive_customer(&self, id: &CustomerId, now_ms: i64) -> Result<u64, Failure> {
        self.must_touch(
            "UPDATE customer SET archived_at_ms = ?3, updated_at_ms = ?3, version = version + 1
             WHERE tenant_id = ?1 AND id = ?2 AND archived_at_ms IS NULL",
            params![self.tenant, id.as_str(), now_ms],
            StoreError::CustomerMissing,
        )
    }

    pub(super) fn make_default(
        &self,
        customer: &CustomerId,
        id: &PaymentMethodId,
        now_ms: i64,
    ) -> Result<u64, Failure> {
        self.customer_exists(customer)?;
        self.must_touch(
            "UPDATE customer SET default_payment_method_id = ?3, updated_at_ms = ?4, version = version + 1
             WHERE tenant_id = ?1 AND id = ?2 AND EXISTS (SELECT 1 FROM payment_method AS p
                WHERE p.tenant_id = ?1 AND p.id = ?3 AND p.customer_id = ?2 AND p.archived_at_ms IS NULL)",
            params![self.tenant, customer.as_str(), id.as_str(), now_ms],
            StoreError::PaymentMethodMissing,
        )
    }

    pub(super) fn default_if_none(
        &self,
        customer: &CustomerId,
        id: &PaymentMethodId,
        now_ms: i64,
    ) -> Result<u64, Failure> {
        self.customer_exists(customer)?;
        self.run(
            "UPDATE customer SET default_payment_method_id = ?3, updated_at_ms = ?4, version = version + 1
             WHERE tenant_id = ?1 AND id = ?2 AND default_payment_method_id IS NULL",
            params![self.tenant, customer.as_str(), id.as_str(), now_ms],
        )
    }

    /// A default that another change deleted meanwhile, or that is another customer's, is refused.
    pub(super) fn defaults_are_its_own(&self, customer: &Customer) -> Result<(), Failure> {
        if let Some(id) = &customer.default_payment_method_id {
            let sql = "SELECT 1 FROM payment_method
                       WHERE tenant_id = ?1 AND id = ?2 AND customer_id = ?3 AND archived_at_ms IS NULL";
            if !self.exists(sql, params![self.tenant, id.as_str(), customer.id.as_str()])? {
                return Err(Failure::Guard(StoreError::PaymentMethodMissing));
            }
        }
        for id in [&customer.default_billing_address_id, &customer.default_shipping_address_id]
            .into_iter()
            .flatten()
        {
            let sql = "SELECT 1 FROM address WHERE tenant_id = ?1 AND id = ?2 AND customer_id = ?3";
            if !self.exists(sql, params![self.tenant, id.as_str(), customer.id.as_str()])? {
                return Err(Failure::Guard(StoreError::AddressMissing));
            }
        }
        Ok(())
    }
}
