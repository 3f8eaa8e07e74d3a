//! Writing addresses.

use tokio_postgres::types::ToSql;

use super::{Failure, Guard, Rows};
use crate::{
    domain::{Address, AddressId, CustomerId},
    store::{
        StoreError,
        postgres::{hashes::Value, text::stored},
        tables::ADDRESS,
    },
};

impl Rows<'_> {
    pub(super) async fn insert_address(&self, address: &Address) -> Result<u64, Failure> {
        self.lock_customer(&address.customer_id).await?;
        let values = [
            Value::plain(self.tenant),
            Value::text(address.id.as_str()),
            Value::text(address.customer_id.as_str()),
            Value::optional(address.first_name.as_deref()),
            Value::optional(address.last_name.as_deref()),
            Value::optional(address.company.as_deref()),
            Value::optional(address.line_1.as_deref()),
            Value::optional(address.line_2.as_deref()),
            Value::optional(address.city.as_deref()),
            Value::optional(address.state.as_deref()),
            Value::optional(address.postal_code.as_deref()),
            Value::optional(address.country.as_deref()),
            Value::optional(address.email.as_deref()),
            Value::optional(address.phone.as_deref()),
            Value::optional(address.fax.as_deref()),
            Value::Integer(address.created_at_ms),
            Value::Integer(address.updated_at_ms),
        ];
        self.must_insert(&ADDRESS, &values, StoreError::AddressExists).await
    }

    pub(super) async fn update_address(&self, address: &Address) -> Result<u64, Failure> {
        let key = [Value::plain(self.tenant), Value::text(address.id.as_str())];
        let owner = stored(address.customer_id.as_str());
        let guard = Guard { sql: "customer_id = $3", params: &[&owner] };
        let updated = self.update(&ADDRESS, &key, guard, |kept| {
            for (column, text) in [
                ("first_name", &address.first_name),
                ("last_name", &address.last_name),
                ("company", &address.company),
                ("line_1", &address.line_1),
                ("line_2", &address.line_2),
                ("city", &address.city),
                ("state", &address.state),
                ("postal_code", &address.postal_code),
                ("country", &address.country),
                ("email", &address.email),
                ("phone", &address.phone),
                ("fax", &address.fax),
            ] {
                kept.set(column, Value::optional(text.as_deref()));
            }
            kept.set("updated_at_ms", Value::Integer(address.updated_at_ms));
        });
        match updated.await? {
            0 => Err(Failure::Guard(StoreError::AddressMissing)),
            rows => Ok(rows),
        }
    }

    pub(super) async fn delete_address(
        &self,
        customer: &CustomerId,
        id: &AddressId,
        now_ms: i64,
    ) -> Result<u64, Failure> {
        let (owner, id) = (stored(customer.as_str()), stored(id.as_str()));
        self.lock_defaults(customer.as_str()).await?;
        let sql = "DELETE FROM address WHERE tenant_id = $1 AND customer_id = $2 AND id = $3";
        let deleted = self.delete(&ADDRESS, sql, &[&self.tenant, &owner, &id]).await?;
        if deleted == 0 {
            return Err(Failure::Guard(StoreError::AddressMissing));
        }
        let is_default = "(default_billing_address_id = $3 OR default_shipping_address_id = $3)";
        let params: &[&(dyn ToSql + Sync)] = &[&id];
        let cleared = self.change_customer(customer.as_str(), is_default, params, now_ms, |kept| {
            for column in ["default_billing_address_id", "default_shipping_address_id"] {
                if kept.get(column) == Some(&Value::Text(id.clone())) {
                    kept.set(column, Value::Null);
                }
            }
        });
        Ok(deleted + cleared.await?)
    }
}
