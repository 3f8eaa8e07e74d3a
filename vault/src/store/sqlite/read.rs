//! Reading: each function is one question.

use rusqlite::{Connection, OptionalExtension, Params, Row, named_params, params};

use super::{
    cursor::{self, Table},
    row::{self, ADDRESS, CUSTOMER, PAYMENT_METHOD, TOKEN},
};
use crate::{
    domain::{
        Address, AddressId, ApiKey, Customer, CustomerId, Holding, Merchant, PaymentMethod, PaymentMethodId,
        TenantId, Token,
    },
    store::{Attempt, CustomerRecord, DataKey, Listed, Page, SealingKey, StoreError},
};

pub(super) fn customer(
    connection: &Connection,
    tenant: &TenantId,
    id: &CustomerId,
) -> Result<Option<Customer>, StoreError> {
    let sql = format!("SELECT {CUSTOMER} FROM customer WHERE tenant_id = ?1 AND id = ?2");
    one(connection, &sql, params![tenant.as_str(), id.as_str()], row::customer)
}

pub(super) fn customer_record(
    connection: &Connection,
    tenant: &TenantId,
    id: &CustomerId,
) -> Result<Option<CustomerRecord>, StoreError> {
    // All three questions see the same moment; nothing is written, so the end of it needs no commit.
    let _moment = connection.unchecked_transaction()?;
    let Some(customer) = customer(connection, tenant, id)? else { return Ok(None) };
    let sql = format!(
        "SELECT {PAYMENT_METHOD} FROM payment_method WHERE tenant_id = ?1 AND customer_id = ?2
         ORDER BY created_at_ms, id"
    );
    Ok(Some(CustomerRecord {
        customer,
        addresses: addresses(connection, tenant, id)?,
        payment_methods: many(connection, &sql, params![tenant.as_str(), id.as_str()], row::payment_method)?,
    }))
}

pub(super) fn customers(
    connection: &Connection,
    tenant: &TenantId,
    page: &Page,
) -> Result<Listed<Customer>, StoreError> {
    let after = place(connection, Table::Customer, tenant, page)?;
    let sql = format!(
        "SELECT {CUSTOMER} FROM customer
         WHERE tenant_id = :tenant AND (created_at_ms, id) < (:at, :id)
         ORDER BY created_at_ms DESC, id DESC LIMIT :limit"
    );
    let params = named_params! {
        ":tenant": tenant.as_str(), ":at": after.0, ":id": after.1, ":limit": i64::from(page.limit) + 1,
    };
    let customers = many(connection, &sql, params, row::customer)?;
    listed(customers, page, |customer| (customer.created_at_ms, customer.id.as_str()))
}

pub(super) fn addresses(
    connection: &Connection,
    tenant: &TenantId,
    customer: &CustomerId,
) -> Result<Vec<Address>, StoreError> {
    let sql = format!(
        "SELECT {ADDRESS} FROM address WHERE tenant_id = ?1 AND customer_id = ?2 ORDER BY created_at_ms, id"
    );
    many(connection, &sql, params![tenant.as_str(), customer.as_str()], row::address)
}

pub(super) fn address(
    connection: &Connection,
    tenant: &TenantId,
    customer: &CustomerId,
    id: &AddressId,
) -> Result<Option<Address>, StoreError> {
    let sql = format!("SELECT {ADDRESS} FROM address WHERE tenant_id = ?1 AND customer_id = ?2 AND id = ?3");
    one(connection, &sql, params![tenant.as_str(), customer.as_str(), id.as_str()], row::address)
}

pub(super) fn payment_method(
    connection: &Connection,
    tenant: &TenantId,
    id: &PaymentMethodId,
) -> Result<Option<PaymentMethod>, StoreError> {
    let sql = format!("SELECT {PAYMENT_METHOD} FROM payment_method WHERE tenant_id = ?1 AND id = ?2");
    one(connection, &sql, params![tenant.as_str(), id.as_str()], row::payment_method)
}

pub(super) fn payment_methods(
    connection: &Connection,
    tenant: &TenantId,
    holding: &Holding,
    page: &Page,
) -> Result<Listed<PaymentMethod>, StoreError> {
    let after = place(connection, Table::PaymentMethod, tenant, page)?;
    let (condition, customer) = match holding {
        Holding::Customer(customer) => ("customer_id = :customer", Some(customer.as_str())),
        Holding::Orphans => ("customer_id IS :customer", None),
        Holding::Any => (":customer IS NULL", None),
    };
    let sql = format!(
        "SELECT {PAYMENT_METHOD} FROM payment_method
         WHERE tenant_id = :tenant AND {condition} AND (created_at_ms, id) < (:at, :id)
         ORDER BY created_at_ms DESC, id DESC LIMIT :limit"
    );
    let params = named_params! {
        ":tenant": tenant.as_str(), ":customer": customer, ":at": after.0, ":id": after.1,
        ":limit": i64::from(page.limit) + 1,
    };
    let methods = many(connection, &sql, params, row::payment_method)?;
    listed(methods, page, |method| (method.created_at_ms, method.id.as_str()))
}

pub(super) fn token(
    connection: &Connection,
    tenant: &TenantId,
    mac: &[u8; 32],
) -> Result<Option<Token>, StoreError> {
    let sql = format!("SELECT {TOKEN} FROM token WHERE tenant_id = ?1 AND mac = ?2");
    one(connection, &sql, params![tenant.as_str(), mac], row::token)
}

pub(super) fn attempt(
    connection: &Connection,
    tenant: &TenantId,
    mac: &[u8; 32],
) -> Result<Option<Attempt>, StoreError> {
    let sql = "SELECT mac, sealed, expires_at_ms FROM attempt WHERE tenant_id = ?1 AND mac = ?2";
    one(connection, sql, params![tenant.as_str(), mac], row::attempt)
}

pub(super) fn api_key(connection: &Connection, id: &str) -> Result<Option<ApiKey>, StoreError> {
    let sql = "SELECT id, tenant_id, kind, mac, origins, created_at_ms FROM api_key WHERE id = ?1";
    one(connection, sql, params![id], row::api_key)
}

pub(super) fn merchants(connection: &Connection) -> Result<Vec<Merchant>, StoreError> {
    let sql = "SELECT tenant_id, created_at_ms FROM merchant ORDER BY created_at_ms, tenant_id";
    many(connection, sql, [], row::merchant)
}

pub(super) fn data_keys(connection: &Connection, tenant: &TenantId) -> Result<Vec<DataKey>, StoreError> {
    let sql = "SELECT purpose, version, wrapped, created_at_ms FROM data_key WHERE tenant_id = ?1
               ORDER BY purpose, version";
    many(connection, sql, params![tenant.as_str()], row::data_key)
}

pub(super) fn sealing_keys(connection: &Connection) -> Result<Vec<SealingKey>, StoreError> {
    let sql = "SELECT id, wrapped, created_at_ms, expires_at_ms FROM sealing_key WHERE tenant_id = ?1
               ORDER BY created_at_ms DESC, id";
    many(connection, sql, params![TenantId::vault().as_str()], row::sealing_key)
}

pub(super) fn one<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: fn(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<T>, StoreError> {
    Ok(connection.prepare_cached(sql)?.query_row(params, read).optional()?)
}

pub(super) fn many<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: fn(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params, read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Creation time and id that a page starts below.
///
/// The id of an item comes before a place, because a merchant may choose ids on some faces.
fn place(
    connection: &Connection,
    table: Table,
    tenant: &TenantId,
    page: &Page,
) -> Result<(i64, String), StoreError> {
    let Some(after) = &page.after else { return Ok((i64::MAX, String::new())) };
    let params = params![tenant.as_str(), after];
    let item = one(connection, table.place_of_item(), params, |row| Ok((row.get(0)?, row.get(1)?)))?;
    item.or_else(|| cursor::from_text(after)).ok_or(StoreError::CursorUnknown)
}

/// Cuts off the one item too many that tells whether there are more.
fn listed<T>(mut items: Vec<T>, page: &Page, place: fn(&T) -> (i64, &str)) -> Result<Listed<T>, StoreError> {
    let limit = usize::try_from(page.limit).map_err(|_| StoreError::Corrupt("a page limit"))?;
    let has_more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| has_more).map(|last| {
        let (created_at_ms, id) = place(last);
        cursor::to_text(created_at_ms, id)
    });
    Ok(Listed { items, next })
}
