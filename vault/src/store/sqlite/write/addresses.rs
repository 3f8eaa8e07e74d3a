//! Writing addresses.

use rusqlite::{named_params, params};

use super::{Failure, Rows};
use crate::{
    domain::{Address, AddressId, CustomerId},
    store::StoreError,
};

impl Rows<'_> {
    pub(super) fn insert_address(&self, address: &Address) -> Result<u64, Failure> {
        self.customer_exists(&address.customer_id)?;
        self.must_touch(
            "INSERT INTO address (tenant_id, id, customer_id, first_name, last_name, company, line_1, line_2, city,
                state, postal_code, country, email, phone, fax, created_at_ms, updated_at_ms)
             VALUES (:tenant, :id, :customer, :first_name, :last_name, :company, :line_1, :line_2, :city,
                :state, :postal_code, :country, :email, :phone, :fax, :created, :updated)
             ON CONFLICT DO NOTHING",
            named_params! {
                ":tenant": self.tenant, ":id": address.id.as_str(), ":customer": address.customer_id.as_str(),
                ":first_name": address.first_name, ":last_name": address.last_name, ":company": address.company,
                ":line_1": address.line_1, ":line_2": address.line_2, ":city": address.city,
                ":state": address.state, ":postal_code": address.postal_code, ":country": address.country,
                ":email": address.email, ":phone": address.phone, ":fax": address.fax,
                ":created": address.created_at_ms, ":updated": address.updated_at_ms,
            },
            StoreError::AddressExists,
        )
    }

    pub(super) fn update_address(&self, address: &Address) -> Result<u64, Failure> {
        self.must_touch(
            "UPDATE address SET first_name = :first_name, last_name = :last_name, company = :company,
                line_1 = :line_1, line_2 = :line_2, city = :city, state = :state, postal_code = :postal_code,
                country = :country, email = :email, phone = :phone, fax = :fax, updated_at_ms = :updated
             WHERE tenant_id = :tenant AND id = :id AND customer_id = :customer",
            named_params! {
                ":tenant": self.tenant, ":id": address.id.as_str(), ":customer": address.customer_id.as_str(),
                ":first_name": address.first_name, ":last_name": address.last_name, ":company": address.company,
                ":line_1": address.line_1, ":line_2": address.line_2, ":city": address.city,
                ":state": address.state, ":postal_code": address.postal_code, ":country": address.country,
                ":email": address.email, ":phone": address.phone, ":fax": address.fax,
                ":updated": address.updated_at_ms,
            },
            StoreError::AddressMissing,
        )
    }

    pub(super) fn delete_address(
        &self,
        customer: &CustomerId,
        id: &AddressId,
        now_ms: i64,
    ) -> Result<u64, Failure> {
        let deleted = self.must_touch(
            "DELETE FROM address WHERE tenant_id = ?1 AND customer_id = ?2 AND id = ?3",
            params![self.tenant, customer.as_str(), id.as_str()],
            StoreError::AddressMissing,
        )?;
        let defaults = self.run(
            "UPDATE customer SET
                default_billing_address_id = nullif(default_billing_address_id, ?3),
                default_shipping_address_id = nullif(default_shipping_address_id, ?3),
                updated_at_ms = ?4, version = version + 1
             WHERE tenant_id = ?1 AND id = ?2 AND ?3 IN (default_billing_address_id, default_shipping_address_id)",
            params![self.tenant, customer.as_str(), id.as_str(), now_ms],
        )?;
        Ok(deleted + defaults)
    }
}
