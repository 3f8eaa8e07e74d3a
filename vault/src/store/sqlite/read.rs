//! Reading: each function is one question.

use rusqlite::{Connection, OptionalExtension, Params, Row, named_params, params};

use super::{
    cursor::Table,
    row::{self, ADDRESS, CUSTOMER, DOCUMENT, PAYMENT, PAYMENT_METHOD, TOKEN},
};
use crate::{
    domain::{
        Address, AddressId, ApiKey, Customer, CustomerId, Document, Holding, Lifecycle, Merchant, Outcome,
        Payment, PaymentId, PaymentMethod, PaymentMethodId, PaymentTotals, TenantId, Token,
    },
    store::{
        Attempt, CustomerRecord, DataKey, Listed, Page, Remembered, SealingKey, StoreError,
        cursor::{self, listed},
        epoch,
    },
};

pub(super) fn customer(
    connection: &Connection,
    tenant: &TenantId,
    id: &CustomerId,
    lifecycle: Lifecycle,
) -> Result<Option<Customer>, StoreError> {
    let alive = alive(lifecycle);
    let sql = format!("SELECT {CUSTOMER} FROM customer WHERE tenant_id = ?1 AND id = ?2 AND {alive}");
    one(connection, &sql, params![tenant.as_str(), id.as_str()], row::customer)
}

pub(super) fn customer_record(
    connection: &Connection,
    tenant: &TenantId,
    id: &CustomerId,
    lifecycle: Lifecycle,
) -> Result<Option<CustomerRecord>, StoreError> {
    // All three questions see the same moment; nothing is written, so the end of it needs no commit.
    let _moment = connection.unchecked_transaction()?;
    let Some(customer) = customer(connection, tenant, id, lifecycle)? else { return Ok(None) };
    let sql = format!(
        "SELECT {PAYMENT_METHOD} FROM payment_method WHERE tenant_id = ?1 AND customer_id = ?2 AND {}
         ORDER BY created_at_ms, id",
        alive(lifecycle)
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
         WHERE tenant_id = :tenant AND archived_at_ms IS NULL AND (created_at_ms, id) < (:at, :id)
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
    lifecycle: Lifecycle,
) -> Result<Option<PaymentMethod>, StoreError> {
    let alive = alive(lifecycle);
    let sql =
        format!("SELECT {PAYMENT_METHOD} FROM payment_method WHERE tenant_id = ?1 AND id = ?2 AND {alive}");
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
         WHERE tenant_id = :tenant AND {condition} AND archived_at_ms IS NULL AND (created_at_ms, id) < (:at, :id)
         ORDER BY created_at_ms DESC, id DESC LIMIT :limit"
    );
    let params = named_params! {
        ":tenant": tenant.as_str(), ":customer": customer, ":at": after.0, ":id": after.1,
        ":limit": i64::from(page.limit) + 1,
    };
    let methods = many(connection, &sql, params, row::payment_method)?;
    listed(methods, page, |method| (method.created_at_ms, method.id.as_str()))
}

pub(super) fn payment(
    connection: &Connection,
    tenant: &TenantId,
    id: &PaymentId,
) -> Result<Option<Payment>, StoreError> {
    let sql = format!("SELECT {PAYMENT} FROM payment WHERE tenant_id = ?1 AND id = ?2");
    one(connection, &sql, params![tenant.as_str(), id.as_str()], row::payment)
}

pub(super) fn payment_totals(
    connection: &Connection,
    tenant: &TenantId,
    customer: &CustomerId,
) -> Result<PaymentTotals, StoreError> {
    // Both questions see the same moment.
    let _moment = connection.unchecked_transaction()?;
    let params = params![tenant.as_str(), customer.as_str(), Outcome::Approved.code()];
    let (count, approved, last_at_ms): (i64, i64, Option<i64>) = connection
        .prepare_cached(
            "SELECT count(*), count(*) FILTER (WHERE outcome = ?3), max(created_at_ms) FROM payment
             WHERE tenant_id = ?1 AND customer_id = ?2",
        )?
        .query_row(params, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let sql = "SELECT currency, sum(amount_minor) AS amount_minor FROM payment
               WHERE tenant_id = ?1 AND customer_id = ?2 AND outcome = ?3 AND capture = 'automatic'
               GROUP BY currency ORDER BY currency";
    let number = |count: i64| u64::try_from(count).map_err(|_| StoreError::Corrupt("a count"));
    Ok(PaymentTotals {
        count: number(count)?,
        approved_count: number(approved)?,
        collected: many(connection, sql, params, row::money)?,
        last_at_ms,
    })
}

pub(super) fn document(
    connection: &Connection,
    tenant: &TenantId,
    collection: &str,
    id: &str,
) -> Result<Option<Document>, StoreError> {
    let sql = format!("SELECT {DOCUMENT} FROM document WHERE tenant_id = ?1 AND collection = ?2 AND id = ?3");
    one(connection, &sql, params![tenant.as_str(), collection, id], row::document)
}

pub(super) fn remembered(
    connection: &Connection,
    tenant: &TenantId,
    mac: &[u8; 32],
) -> Result<Option<Remembered>, StoreError> {
    let sql = concat!(
        "SELECT mac, digest, sealed, expires_at_ms FROM remembered
         WHERE tenant_id = ?1 AND mac = ?2 AND ",
        epoch::is_now!("remembered")
    );
    one(connection, sql, params![tenant.as_str(), mac], row::remembered)
}

pub(super) fn every_payment_method(
    connection: &Connection,
    tenant: &TenantId,
    after: Option<&PaymentMethodId>,
    limit: u32,
) -> Result<Vec<PaymentMethod>, StoreError> {
    let sql = format!(
        "SELECT {PAYMENT_METHOD} FROM payment_method WHERE tenant_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3"
    );
    let after = after.map_or("", PaymentMethodId::as_str);
    many(connection, &sql, params![tenant.as_str(), after, limit], row::payment_method)
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
    let sql = concat!(
        "SELECT mac, sealed, expires_at_ms FROM attempt WHERE tenant_id = ?1 AND mac = ?2 AND ",
        epoch::is_now!("attempt")
    );
    one(connection, sql, params![tenant.as_str(), mac], row::attempt)
}

pub(super) fn api_key(connection: &Connection, id: &str) -> Result<Option<ApiKey>, StoreError> {
    let sql = format!("SELECT {} FROM api_key WHERE id = ?1", row::API_KEY);
    one(connection, &sql, params![id], row::api_key)
}

pub(super) fn api_keys(connection: &Connection, tenant: &TenantId) -> Result<Vec<ApiKey>, StoreError> {
    let sql = format!("SELECT {} FROM api_key WHERE tenant_id = ?1 ORDER BY created_at_ms, id", row::API_KEY);
    many(connection, &sql, params![tenant.as_str()], row::api_key)
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
    let sql = "SELECT id, wrapped, created_at_ms, starts_at_ms, expires_at_ms, statement FROM sealing_key WHERE tenant_id = ?1
               ORDER BY starts_at_ms DESC, created_at_ms DESC, id";
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

/// The condition under which a row is one of those that are wanted.
pub(super) const fn alive(lifecycle: Lifecycle) -> &'static str {
    match lifecycle {
        Lifecycle::Active => "archived_at_ms IS NULL",
        Lifecycle::Archived => "archived_at_ms IS NOT NULL",
        Lifecycle::Any => "TRUE",
    }
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
