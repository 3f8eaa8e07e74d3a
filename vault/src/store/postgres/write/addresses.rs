//! Writing addresses.

use super::{Failure, Rows};
use crate::{
    domain::{Address, AddressId, CustomerId},
    store::{
        StoreError,
        postgres::text::{optional, stored},
    },
};

impl Rows<'_> {
    pub(super) async fn insert_address(&self, address: &Address) -> Result<u64, Failure> {
        self.lock_customer(&address.customer_id).await?;
        self.must_touch(
            "INSERT INTO address (tenant_id, id, customer_id, first_name, last_name, company, line_1, line_2, city,
                state, postal_code, country, email, phone, fax, created_at_ms, updated_at_ms)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
             ON CONFLICT DO NOTHING",
            &[
                &self.tenant,
                &stored(address.id.as_str()),
                &stored(address.customer_id.as_str()),
                &optional(address.first_name.as_deref()),
                &optional(address.last_name.as_deref()),
                &optional(address.company.as_deref()),
                &optional(address.line_1.as_deref()),
                &optional(address.line_2.as_deref()),
                &optional(address.city.as_deref()),
                &optional(address.state.as_deref()),
                &optional(address.postal_code.as_deref()),
                &optional(address.country.as_deref()),
                &optional(address.email.as_deref()),
                &optional(address.phone.as_deref()),
                &optional(address.fax.as_deref()),
                &address.created_at_ms,
                &address.updated_at_ms,
            ],
            StoreError::AddressExists,
        )
        .await
    }

    pub(super) async fn update_address(&self, address: &Address) -> Result<u64, Failure> {
        self.must_touch(
            "UPDATE address SET first_name = $4, last_name = $5, company = $6, line_1 = $7, line_2 = $8, city = $9,
                state = $10, postal_code = $11, country = $12, email = $13, phone = $14, fax = $15,
                updated_at_ms = $16
             WHERE tenant_id = $1 AND id = $2 AND customer_id = $3",
            &[
                &self.tenant,
                &stored(address.id.as_str()),
                &stored(address.customer_id.as_str()),
                &optional(address.first_name.as_deref()),
                &optional(address.last_name.as_deref()),
                &optional(address.company.as_deref()),
                &optional(address.line_1.as_deref()),
                &optional(address.line_2.as_deref()),
                &optional(address.city.as_deref()),
                &optional(address.state.as_deref()),
                &optional(address.postal_code.as_deref()),
                &optional(address.country.as_deref()),
                &optional(address.email.as_deref()),
                &optional(address.phone.as_deref()),
                &optional(address.fax.as_deref()),
                &address.updated_at_ms,
            ],
            StoreError::AddressMissing,
        )
        .await
    }

    pub(super) async fn delete_address(
        &self,
        customer: &CustomerId,
        id: &AddressId,
        now_ms: i64,
    ) -> Result<u64, Failure> {
        let (owner, id) = (stored(customer.as_str()), stored(id.as_str()));
        self.lock_defaults(customer.as_str()).await?;
        let deleted = self
            .must_touch(
                "DELETE FROM address WHERE tenant_id = $1 AND customer_id = $2 AND id = $3",
                &[&self.tenant, &owner, &id],
                StoreError::AddressMissing,
            )
            .await?;
        let defaults = self
            .run(
                "UPDATE customer SET
                    default_billing_address_id = nullif(default_billing_address_id, $3),
                    default_shipping_address_id = nullif(default_shipping_address_id, $3),
                    updated_at_ms = $4, version = version + 1
                 WHERE tenant_id = $1 AND id = $2
                    AND (default_billing_address_id = $3 OR default_shipping_address_id = $3)",
                &[&self.tenant, &owner, &id, &now_ms],
            )
            .await?;
        Ok(deleted + defaults)
    }
}
