//! The search among customers: fixed pieces of SQL, with every value bound.

use rusqlite::{Connection, params_from_iter, types::Value};

use super::row::{self, CUSTOMER};
use crate::{
    domain::{Comparison, Customer, Search, SearchField, TenantId, TimeRange},
    store::{Found, StoreError},
};

pub(super) fn customers(
    connection: &Connection,
    tenant: &TenantId,
    search: &Search,
) -> Result<Found<Customer>, StoreError> {
    let (conditions, values) = conditions(tenant, search);
    // One read transaction, so that the page and the total are of the same moment.
    let transaction = connection.unchecked_transaction()?;
    let total: i64 = transaction.query_row(
        &format!("SELECT count(*) FROM customer AS c WHERE {conditions}"),
        params_from_iter(&values),
        |row| row.get(0),
    )?;
    let sql = format!(
        "SELECT {CUSTOMER} FROM customer AS c WHERE {conditions}
         ORDER BY created_at_ms DESC, id DESC LIMIT {} OFFSET {}",
        search.limit, search.offset
    );
    let items = {
        let mut statement = transaction.prepare(&sql)?;
        let rows = statement.query_map(params_from_iter(&values), row::customer)?;
        rows.collect::<Result<_, _>>()?
    };
    transaction.finish()?;
    Ok(Found { items, total: u64::try_from(total).map_err(|_| StoreError::Corrupt("a count"))? })
}

/// The `WHERE` clause and what is bound in it.
fn conditions(tenant: &TenantId, search: &Search) -> (String, Vec<Value>) {
    let mut sql = String::from("c.tenant_id = ?1");
    let mut values = vec![Value::from(tenant.as_str().to_owned())];
    for criterion in &search.criteria {
        values.push(Value::from(criterion.value.clone()));
        let holds = holds(criterion.field, values.len());
        sql.push_str(match criterion.comparison {
            Comparison::Equals => " AND ",
            Comparison::Differs => " AND NOT ",
        });
        sql.push_str(&holds);
    }
    for (column, TimeRange { from_ms, until_ms }) in
        [("c.created_at_ms", search.created), ("c.updated_at_ms", search.updated)]
    {
        for (comparison, bound) in [(">=", from_ms), ("<=", until_ms)] {
            if let Some(bound) = bound {
                values.push(Value::from(bound));
                sql.push_str(&format!(" AND {column} {comparison} ?{}", values.len()));
            }
        }
    }
    (sql, values)
}

/// The condition that the value of parameter `n` is one of the customer's.
fn holds(field: SearchField, n: usize) -> String {
    let own = |column: &str| format!("(coalesce(c.{column}, '') = ?{n})");
    let of_any_address = |column: &str| {
        format!(
            "EXISTS (SELECT 1 FROM address AS a WHERE a.tenant_id = c.tenant_id AND a.customer_id = c.id
                     AND coalesce(a.{column}, '') = ?{n})"
        )
    };
    let either = |column: &str| format!("({} OR {})", own(column), of_any_address(column));
    match field {
        SearchField::Id => own("id"),
        SearchField::AddressId => of_any_address("id"),
        SearchField::FirstName => either("first_name"),
        SearchField::LastName => either("last_name"),
        SearchField::Company => either("company"),
        SearchField::AddressLine1 => of_any_address("line_1"),
        SearchField::AddressLine2 => of_any_address("line_2"),
        SearchField::City => of_any_address("city"),
        SearchField::State => of_any_address("state"),
        SearchField::PostalCode => of_any_address("postal_code"),
        SearchField::Country => of_any_address("country"),
        SearchField::Email => either("email"),
        SearchField::Phone => either("phone"),
        SearchField::Fax => of_any_address("fax"),
        SearchField::PaymentMethodType => format!(
            "EXISTS (SELECT 1 FROM payment_method AS p WHERE p.tenant_id = c.tenant_id AND p.customer_id = c.id
                     AND p.kind = ?{n})"
        ),
        SearchField::BillingAddressId => own("default_billing_address_id"),
        SearchField::ShippingAddressId => own("default_shipping_address_id"),
    }
}
