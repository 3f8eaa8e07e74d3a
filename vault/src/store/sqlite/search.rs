//! Searches: fixed pieces of SQL, with every value bound.

use rusqlite::{Row, params_from_iter, types::Value};

use super::{
    hashes::Reader,
    read::{alive, collect},
    row,
};
use crate::{
    domain::{
        Comparison, Customer, Direction, Document, Holding, MethodOrderBy, MethodSearch, OrderBy, Payment,
        PaymentMethod, PaymentSearch, Search, SearchField, TenantId, TimeRange,
    },
    store::{
        Found, StoreError,
        believed::Stored,
        tables::{self, Table},
    },
};

pub(super) fn customers(
    rows: &Reader<'_>,
    tenant: &TenantId,
    search: &Search,
) -> Result<Found<Customer>, StoreError> {
    let mut filter = Filter::new("c", tenant);
    filter.sql.push_str(" AND ");
    filter.sql.push_str(alive(search.lifecycle));
    for criterion in &search.criteria {
        let n = filter.bind(criterion.value.clone());
        let (joint, holds): (_, fn(&str, usize) -> String) = match criterion.comparison {
            Comparison::Equals => (" AND ", is),
            Comparison::Differs => (" AND NOT ", is),
            Comparison::Contains => (" AND ", contains),
        };
        filter.sql.push_str(joint);
        filter.sql.push_str(&has(criterion.field, holds, n));
    }
    if let Some(anywhere) = &search.anywhere {
        let n = filter.bind(anywhere.needle.clone());
        let fields: Vec<_> = anywhere.fields.iter().map(|field| has(*field, contains, n)).collect();
        filter.sql.push_str(&format!(" AND (FALSE OR {})", fields.join(" OR ")));
    }
    filter.within("created_at_ms", search.created);
    filter.within("updated_at_ms", search.updated);
    let by = match search.order.by {
        OrderBy::Created => "created_at_ms",
        OrderBy::Updated => "updated_at_ms",
        OrderBy::FirstName => "first_name",
        OrderBy::LastName => "last_name",
        OrderBy::Company => "company",
        OrderBy::Email => "email",
        OrderBy::Reference => "reference",
    };
    let order = filter.order(by, search.order.direction);
    let list = List { table: &tables::CUSTOMER, order: &order };
    list.found(rows, &filter, search.limit, search.offset, row::customer)
}

pub(super) fn payment_methods(
    rows: &Reader<'_>,
    tenant: &TenantId,
    search: &MethodSearch,
) -> Result<Found<PaymentMethod>, StoreError> {
    let mut filter = Filter::new("p", tenant);
    filter.sql.push_str(" AND ");
    filter.sql.push_str(alive(search.lifecycle));
    match &search.holding {
        Holding::Customer(customer) => filter.equals("customer_id", customer.as_str()),
        Holding::Orphans => filter.sql.push_str(" AND p.customer_id IS NULL"),
        Holding::Any => {}
    }
    if let Some(needle) = &search.contains {
        let n = filter.bind(needle.clone());
        let name = contains("p.name", n);
        filter.sql.push_str(&format!(" AND ({name} OR json_extract(p.display, '$.last4') = ?{n})"));
    }
    filter.within("created_at_ms", search.created);
    let by = match search.order.by {
        MethodOrderBy::Created => "created_at_ms",
        MethodOrderBy::Name => "name",
    };
    let order = filter.order(by, search.order.direction);
    let list = List { table: &tables::PAYMENT_METHOD, order: &order };
    list.found(rows, &filter, search.limit, search.offset, row::payment_method)
}

pub(super) fn payments(
    rows: &Reader<'_>,
    tenant: &TenantId,
    search: &PaymentSearch,
) -> Result<Found<Payment>, StoreError> {
    let mut filter = Filter::new("p", tenant);
    if let Some(customer) = &search.customer {
        filter.equals("customer_id", customer.as_str());
    }
    if let Some(method) = &search.payment_method {
        filter.equals("payment_method_id", method.as_str());
    }
    if let Some(face) = search.face {
        filter.equals("face", face.as_str());
    }
    filter.within("created_at_ms", search.created);
    let order = filter.order("created_at_ms", search.direction);
    let list = List { table: &tables::PAYMENT, order: &order };
    list.found(rows, &filter, search.limit, search.offset, row::payment)
}

pub(super) fn documents(
    rows: &Reader<'_>,
    tenant: &TenantId,
    collection: &str,
    limit: u32,
    offset: u32,
) -> Result<Found<Document>, StoreError> {
    let mut filter = Filter::new("d", tenant);
    filter.equals("collection", collection);
    let order = filter.order("created_at_ms", Direction::Descending);
    let list = List { table: &tables::DOCUMENT, order: &order };
    list.found(rows, &filter, limit, offset, row::document)
}

/// What is listed, and in which order.
struct List<'a> {
    table: &'static Table,
    order: &'a str,
}

impl List<'_> {
    fn found<T: Stored>(
        &self,
        rows: &Reader<'_>,
        filter: &Filter,
        limit: u32,
        offset: u32,
        read: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Found<T>, StoreError> {
        let Self { table, order } = self;
        let (columns, name) = (table.select(), table.name);
        let Filter { alias, sql: conditions, values } = filter;
        let total: i64 = rows.connection.query_row(
            &format!("SELECT count(*) FROM {name} AS {alias} WHERE {conditions}"),
            params_from_iter(values),
            |row| row.get(0),
        )?;
        let sql = format!(
            "SELECT {columns} FROM {name} AS {alias} WHERE {conditions} ORDER BY {order}
             LIMIT {limit} OFFSET {offset}"
        );
        let items = {
            let mut statement = rows.connection.prepare(&sql)?;
            collect(rows, table, statement.query(params_from_iter(values))?, read)?
        };
        Ok(Found { items, total: u64::try_from(total).map_err(|_| StoreError::Corrupt("a count"))? })
    }
}

/// A `WHERE` clause and what is bound in it.
struct Filter {
    alias: &'static str,
    sql: String,
    values: Vec<Value>,
}

impl Filter {
    fn new(alias: &'static str, tenant: &TenantId) -> Self {
        let values = vec![Value::from(tenant.as_str().to_owned())];
        Self { alias, sql: format!("{alias}.tenant_id = ?1"), values }
    }

    /// Binds a value and returns the number of its parameter.
    fn bind(&mut self, value: impl Into<Value>) -> usize {
        self.values.push(value.into());
        self.values.len()
    }

    fn equals(&mut self, column: &str, value: &str) {
        let n = self.bind(value.to_owned());
        self.sql.push_str(&format!(" AND {}.{column} = ?{n}", self.alias));
    }

    fn within(&mut self, column: &str, TimeRange { from_ms, until_ms }: TimeRange) {
        for (comparison, bound) in [(">=", from_ms), ("<=", until_ms)] {
            if let Some(bound) = bound {
                let n = self.bind(bound);
                self.sql.push_str(&format!(" AND {}.{column} {comparison} ?{n}", self.alias));
            }
        }
    }

    /// Texts are ordered without regard to case, and what is missing comes last; then newest first.
    fn order(&self, column: &str, direction: Direction) -> String {
        let direction = match direction {
            Direction::Ascending => "ASC",
            Direction::Descending => "DESC",
        };
        if matches!(column, "created_at_ms" | "updated_at_ms") {
            return format!("{column} {direction}, id {direction}");
        }
        format!("{column} IS NULL, {column} COLLATE NOCASE {direction}, created_at_ms DESC, id DESC")
    }
}

fn is(column: &str, n: usize) -> String {
    format!("(coalesce({column}, '') = ?{n})")
}

fn contains(column: &str, n: usize) -> String {
    format!("(instr(lower(coalesce({column}, '')), lower(?{n})) > 0)")
}

/// The condition that parameter `n` holds of one of the customer's values of a field.
fn has(field: SearchField, holds: fn(&str, usize) -> String, n: usize) -> String {
    let own = |column: &str| holds(&format!("c.{column}"), n);
    let of_any = |table: &str, column: &str| {
        let holds = holds(&format!("o.{column}"), n);
        format!(
            "EXISTS (SELECT 1 FROM {table} AS o
                     WHERE o.tenant_id = c.tenant_id AND o.customer_id = c.id AND {holds})"
        )
    };
    let of_any_address = |column: &str| of_any("address", column);
    let either = |column: &str| format!("({} OR {})", own(column), of_any_address(column));
    match field {
        SearchField::Id => own("id"),
        SearchField::AddressId => of_any_address("id"),
        SearchField::FirstName => either("first_name"),
        SearchField::LastName => either("last_name"),
        SearchField::FullName => {
            holds("trim(coalesce(c.first_name, '') || ' ' || coalesce(c.last_name, ''))", n)
        }
        SearchField::Company => either("company"),
        SearchField::Reference => own("reference"),
        SearchField::AddressLine1 => of_any_address("line_1"),
        SearchField::AddressLine2 => of_any_address("line_2"),
        SearchField::City => of_any_address("city"),
        SearchField::State => of_any_address("state"),
        SearchField::PostalCode => of_any_address("postal_code"),
        SearchField::Country => of_any_address("country"),
        SearchField::Email => either("email"),
        SearchField::Phone => either("phone"),
        SearchField::Fax => of_any_address("fax"),
        SearchField::PaymentMethodType => of_any("payment_method", "kind"),
        SearchField::PaymentMethodId => of_any("payment_method", "id"),
        SearchField::BillingAddressId => own("default_billing_address_id"),
        SearchField::ShippingAddressId => own("default_shipping_address_id"),
    }
}
