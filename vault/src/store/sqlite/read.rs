//! Reading: each function is one question.

use rusqlite::{OptionalExtension, Params, Row, named_params, params};

use super::{cursor::Listing, hashes::Reader, row};
use crate::{
    domain::{
        Address, AddressId, ApiKey, Customer, CustomerId, Document, Holding, Lifecycle, Merchant, Outcome,
        Payment, PaymentId, PaymentMethod, PaymentMethodId, PaymentTotals, TenantId, Token,
    },
    store::{
        Attempt, CustomerRecord, DataKey, Intact, Listed, LookupNeeds, Page, Remembered, SealingKey,
        StoreError,
        believed::{ALTERED, Epoch, Stored},
        cursor::{self, listed},
        epoch, lookups,
        tables::{self, Table},
    },
};

pub(super) fn customer(
    rows: &Reader<'_>,
    tenant: &TenantId,
    id: &CustomerId,
    lifecycle: Lifecycle,
) -> Result<Option<Customer>, StoreError> {
    let alive = alive(lifecycle);
    let sql = &format!("WHERE tenant_id = ?1 AND id = ?2 AND {alive}");
    one(rows, &tables::CUSTOMER, sql, params![tenant.as_str(), id.as_str()], row::customer)
}

pub(super) fn customer_record(
    rows: &Reader<'_>,
    tenant: &TenantId,
    id: &CustomerId,
    lifecycle: Lifecycle,
) -> Result<Option<CustomerRecord>, StoreError> {
    let Some(customer) = customer(rows, tenant, id, lifecycle)? else { return Ok(None) };
    let sql = &format!(
        "WHERE tenant_id = ?1 AND customer_id = ?2 AND {}
         ORDER BY created_at_ms, id",
        alive(lifecycle)
    );
    Ok(Some(CustomerRecord {
        customer,
        addresses: addresses(rows, tenant, id)?,
        payment_methods: many(
            rows,
            &tables::PAYMENT_METHOD,
            sql,
            params![tenant.as_str(), id.as_str()],
            row::payment_method,
        )?,
    }))
}

pub(super) fn customers(
    rows: &Reader<'_>,
    tenant: &TenantId,
    page: &Page,
) -> Result<Listed<Customer>, StoreError> {
    let after = place(rows, Listing::Customer, tenant, page)?;
    let sql = "WHERE tenant_id = :tenant AND archived_at_ms IS NULL AND (created_at_ms, id) < (:at, :id)
         ORDER BY created_at_ms DESC, id DESC LIMIT :limit";
    let params = named_params! {
        ":tenant": tenant.as_str(), ":at": after.0, ":id": after.1, ":limit": i64::from(page.limit) + 1,
    };
    let customers = many(rows, &tables::CUSTOMER, sql, params, row::customer)?;
    listed(customers, page, |customer| (customer.created_at_ms, customer.id.as_str()))
}

pub(super) fn addresses(
    rows: &Reader<'_>,
    tenant: &TenantId,
    customer: &CustomerId,
) -> Result<Vec<Address>, StoreError> {
    let sql = "WHERE tenant_id = ?1 AND customer_id = ?2 ORDER BY created_at_ms, id";
    many(rows, &tables::ADDRESS, sql, params![tenant.as_str(), customer.as_str()], row::address)
}

pub(super) fn address(
    rows: &Reader<'_>,
    tenant: &TenantId,
    customer: &CustomerId,
    id: &AddressId,
) -> Result<Option<Address>, StoreError> {
    let sql = "WHERE tenant_id = ?1 AND customer_id = ?2 AND id = ?3";
    one(rows, &tables::ADDRESS, sql, params![tenant.as_str(), customer.as_str(), id.as_str()], row::address)
}

pub(super) fn payment_method(
    rows: &Reader<'_>,
    tenant: &TenantId,
    id: &PaymentMethodId,
    lifecycle: Lifecycle,
) -> Result<Option<PaymentMethod>, StoreError> {
    let alive = alive(lifecycle);
    let sql = &format!("WHERE tenant_id = ?1 AND id = ?2 AND {alive}");
    one(rows, &tables::PAYMENT_METHOD, sql, params![tenant.as_str(), id.as_str()], row::payment_method)
}

pub(super) fn payment_methods(
    rows: &Reader<'_>,
    tenant: &TenantId,
    holding: &Holding,
    page: &Page,
) -> Result<Listed<PaymentMethod>, StoreError> {
    let after = place(rows, Listing::PaymentMethod, tenant, page)?;
    let (condition, customer) = match holding {
        Holding::Customer(customer) => ("customer_id = :customer", Some(customer.as_str())),
        Holding::Orphans => ("customer_id IS :customer", None),
        Holding::Any => (":customer IS NULL", None),
    };
    let sql = &format!(
        "WHERE tenant_id = :tenant AND {condition} AND archived_at_ms IS NULL AND (created_at_ms, id) < (:at, :id)
         ORDER BY created_at_ms DESC, id DESC LIMIT :limit"
    );
    let params = named_params! {
        ":tenant": tenant.as_str(), ":customer": customer, ":at": after.0, ":id": after.1,
        ":limit": i64::from(page.limit) + 1,
    };
    let methods = many(rows, &tables::PAYMENT_METHOD, sql, params, row::payment_method)?;
    listed(methods, page, |method| (method.created_at_ms, method.id.as_str()))
}

pub(super) fn payment(
    rows: &Reader<'_>,
    tenant: &TenantId,
    id: &PaymentId,
) -> Result<Option<Payment>, StoreError> {
    let sql = "WHERE tenant_id = ?1 AND id = ?2";
    one(rows, &tables::PAYMENT, sql, params![tenant.as_str(), id.as_str()], row::payment)
}

pub(super) fn payment_totals(
    rows: &Reader<'_>,
    tenant: &TenantId,
    customer: &CustomerId,
) -> Result<PaymentTotals, StoreError> {
    let params = params![tenant.as_str(), customer.as_str(), Outcome::Approved.code()];
    let (count, approved, last_at_ms): (i64, i64, Option<i64>) = rows
        .connection
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
        collected: rows
            .connection
            .prepare_cached(sql)?
            .query_map(params, row::money)?
            .collect::<Result<_, _>>()?,
        last_at_ms,
    })
}

pub(super) fn document(
    rows: &Reader<'_>,
    tenant: &TenantId,
    collection: &str,
    id: &str,
) -> Result<Option<Document>, StoreError> {
    let sql = "WHERE tenant_id = ?1 AND collection = ?2 AND id = ?3";
    one(rows, &tables::DOCUMENT, sql, params![tenant.as_str(), collection, id], row::document)
}

pub(super) fn remembered(
    rows: &Reader<'_>,
    tenant: &TenantId,
    mac: &[u8; 32],
) -> Result<Option<Remembered>, StoreError> {
    let sql = concat!("WHERE tenant_id = ?1 AND mac = ?2 AND ", epoch::is_now!("remembered"));
    one(rows, &tables::REMEMBERED, sql, params![tenant.as_str(), mac], row::remembered)
}

pub(super) fn every_payment_method(
    rows: &Reader<'_>,
    tenant: &TenantId,
    after: Option<&PaymentMethodId>,
    limit: u32,
) -> Result<Vec<PaymentMethod>, StoreError> {
    let sql = "WHERE tenant_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3";
    let after = after.map_or("", PaymentMethodId::as_str);
    many(rows, &tables::PAYMENT_METHOD, sql, params![tenant.as_str(), after, limit], row::payment_method)
}

pub(super) fn token(
    rows: &Reader<'_>,
    tenant: &TenantId,
    mac: &[u8; 32],
) -> Result<Option<Token>, StoreError> {
    let sql = "WHERE tenant_id = ?1 AND mac = ?2";
    one(rows, &tables::TOKEN, sql, params![tenant.as_str(), mac], row::token)
}

pub(super) fn attempt(
    rows: &Reader<'_>,
    tenant: &TenantId,
    mac: &[u8; 32],
) -> Result<Option<Attempt>, StoreError> {
    let sql = concat!("WHERE tenant_id = ?1 AND mac = ?2 AND ", epoch::is_now!("attempt"));
    one(rows, &tables::ATTEMPT, sql, params![tenant.as_str(), mac], row::attempt)
}

pub(super) fn api_key(rows: &Reader<'_>, id: &str) -> Result<Option<ApiKey>, StoreError> {
    let sql = "WHERE id = ?1";
    match one(rows, &tables::API_KEY, sql, params![id], row::api_key) {
        // Word for word as if it had never been there.
        Err(ALTERED) => Ok(None),
        found => found,
    }
}

pub(super) fn api_keys(rows: &Reader<'_>, tenant: &TenantId) -> Result<Vec<ApiKey>, StoreError> {
    let sql = "WHERE tenant_id = ?1 ORDER BY created_at_ms, id";
    many(rows, &tables::API_KEY, sql, params![tenant.as_str()], row::api_key)
}

pub(super) fn merchants(rows: &Reader<'_>) -> Result<Vec<Merchant>, StoreError> {
    let sql = "ORDER BY created_at_ms, tenant_id";
    many(rows, &tables::MERCHANT, sql, [], row::merchant)
}

pub(super) fn data_keys(rows: &Reader<'_>, tenant: &TenantId) -> Result<Vec<DataKey>, StoreError> {
    let sql = "WHERE tenant_id = ?1
               ORDER BY purpose, version";
    many(rows, &tables::DATA_KEY, sql, params![tenant.as_str()], row::data_key)
}

/// How many rows need a version of the look-up key. Nothing of the rows is believed: they are counted.
pub(super) fn lookup_needs(
    rows: &Reader<'_>,
    tenant: &TenantId,
    version: u32,
    now_ms: i64,
) -> Result<LookupNeeds, StoreError> {
    let mut needs = LookupNeeds::default();
    for needing in lookups::NEEDING {
        let sql = needing.count_sql('?');
        let params = params![tenant.as_str(), now_ms, version];
        let count: i64 = rows.connection.prepare_cached(&sql)?.query_row(params, |row| row.get("needing"))?;
        (needing.count)(&mut needs, u64::try_from(count).unwrap_or_default());
    }
    Ok(needs)
}

/// The epoch it is.
pub(super) fn epoch(rows: &Reader<'_>) -> Result<i64, StoreError> {
    let found = one(rows, &tables::EPOCH, epoch::NEWEST, [], |row| row.get("number").map(Epoch))?;
    Ok(found.map_or(0, |Epoch(number)| number))
}

pub(super) fn sealing_keys(rows: &Reader<'_>) -> Result<Vec<SealingKey>, StoreError> {
    let sql = "WHERE tenant_id = ?1
               ORDER BY starts_at_ms DESC, created_at_ms DESC, id";
    many(rows, &tables::SEALING_KEY, sql, params![TenantId::vault().as_str()], row::sealing_key)
}

fn one<T: Stored>(
    rows: &Reader<'_>,
    table: &Table,
    which: &str,
    params: impl Params,
    read: fn(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<T>, StoreError> {
    let mut statement = rows.connection.prepare_cached(&select(table, which))?;
    let mut found = statement.query(params)?;
    let Some(row) = found.next()? else { return Ok(None) };
    match rows.intact(table, row)? {
        Intact::Yes => Ok(Some(read(row)?)),
        Intact::No => read(row).ok().and_then(T::unbelieved).map(Some).ok_or(ALTERED),
    }
}

fn many<T: Stored>(
    rows: &Reader<'_>,
    table: &Table,
    which: &str,
    params: impl Params,
    read: fn(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = rows.connection.prepare_cached(&select(table, which))?;
    collect(rows, table, statement.query(params)?, read)
}

/// The rows that are believed, and what is left of others.
pub(super) fn collect<T: Stored>(
    reader: &Reader<'_>,
    table: &Table,
    mut found: rusqlite::Rows<'_>,
    read: fn(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, StoreError> {
    let mut items = Vec::new();
    while let Some(row) = found.next()? {
        match reader.intact(table, row)? {
            Intact::Yes => items.push(read(row)?),
            Intact::No => items.extend(read(row).ok().and_then(T::unbelieved)),
        }
    }
    Ok(items)
}

fn select(table: &Table, which: &str) -> String {
    format!("SELECT {} FROM {} {which}", table.select(), table.name)
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
    rows: &Reader<'_>,
    listing: Listing,
    tenant: &TenantId,
    page: &Page,
) -> Result<(i64, String), StoreError> {
    let Some(after) = &page.after else { return Ok((i64::MAX, String::new())) };
    let params = params![tenant.as_str(), after];
    let mut statement = rows.connection.prepare_cached(listing.place_of_item())?;
    let item = statement.query_row(params, |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    item.or_else(|| cursor::from_text(after)).ok_or(StoreError::CursorUnknown)
}
