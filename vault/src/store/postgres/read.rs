//! Reading: each function is one question.

use deadpool_postgres::ClientWrapper;
use tokio_postgres::{Row, types::ToSql};

use super::{
    failure::Failure,
    gathered::{Answers, for_each},
    hashes::{self, Asked, Reader, Value},
    row,
    spending::{self, Spending},
    text::stored,
};
use crate::{
    domain::{
        Address, AddressId, ApiKey, Customer, CustomerId, Document, Holding, Lifecycle, Merchant, Outcome,
        Payment, PaymentId, PaymentMethod, PaymentMethodId, PaymentTotals, TenantId, Token, TokenState,
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

pub(super) async fn customer(
    rows: &Reader<'_>,
    tenant: &TenantId,
    id: &CustomerId,
    lifecycle: Lifecycle,
) -> Result<Option<Customer>, Failure> {
    let asked = [of(tenant), ("id", Value::text(id.as_str()))];
    one(rows, &tables::CUSTOMER, &asked, alive(lifecycle), row::customer).await
}

/// To be asked inside a transaction that sees one moment.
pub(super) async fn customer_record(
    rows: &Reader<'_>,
    tenant: &TenantId,
    id: &CustomerId,
    lifecycle: Lifecycle,
) -> Result<Option<CustomerRecord>, Failure> {
    let Some(customer) = customer(rows, tenant, id, lifecycle).await? else { return Ok(None) };
    let sql = &format!(
        "WHERE tenant_id = $1 AND customer_id = $2 AND {}
         ORDER BY created_at_ms, id",
        alive(lifecycle)
    );
    let params: &[&(dyn ToSql + Sync)] = &[&tenant.as_str(), &stored(id.as_str())];
    Ok(Some(CustomerRecord {
        customer,
        addresses: addresses(rows, tenant, id).await?,
        payment_methods: many(rows, &hashes::PAYMENT_METHOD, sql, params, row::payment_method).await?,
    }))
}

pub(super) async fn customers(
    rows: &Reader<'_>,
    tenant: &TenantId,
    page: &Page,
) -> Result<Listed<Customer>, Failure> {
    let place_of_item = "SELECT created_at_ms, id FROM customer WHERE tenant_id = $1 AND id = $2";
    let (at_ms, id) = place(rows, place_of_item, tenant, page).await?;
    let sql = "WHERE tenant_id = $1 AND archived_at_ms IS NULL AND (created_at_ms, id) < ($2, $3)
         ORDER BY created_at_ms DESC, id DESC LIMIT $4";
    let params: &[&(dyn ToSql + Sync)] = &[&tenant.as_str(), &at_ms, &stored(&id), &one_more(page)];
    let customers = many(rows, &tables::CUSTOMER, sql, params, row::customer).await?;
    Ok(listed(customers, page, |customer| (customer.created_at_ms, customer.id.as_str()))?)
}

pub(super) async fn addresses(
    rows: &Reader<'_>,
    tenant: &TenantId,
    customer: &CustomerId,
) -> Result<Vec<Address>, Failure> {
    let sql = "WHERE tenant_id = $1 AND customer_id = $2 ORDER BY created_at_ms, id";
    many(rows, &tables::ADDRESS, sql, &[&tenant.as_str(), &stored(customer.as_str())], row::address).await
}

pub(super) async fn address(
    rows: &Reader<'_>,
    tenant: &TenantId,
    customer: &CustomerId,
    id: &AddressId,
) -> Result<Option<Address>, Failure> {
    let asked =
        [of(tenant), ("customer_id", Value::text(customer.as_str())), ("id", Value::text(id.as_str()))];
    one(rows, &tables::ADDRESS, &asked, "TRUE", row::address).await
}

pub(super) async fn payment_method(
    rows: &Reader<'_>,
    tenant: &TenantId,
    id: &PaymentMethodId,
    lifecycle: Lifecycle,
) -> Result<Option<PaymentMethod>, Failure> {
    let asked = [of(tenant), ("id", Value::text(id.as_str()))];
    one(rows, &hashes::PAYMENT_METHOD, &asked, alive(lifecycle), row::payment_method).await
}

pub(super) async fn payment_methods(
    rows: &Reader<'_>,
    tenant: &TenantId,
    holding: &Holding,
    page: &Page,
) -> Result<Listed<PaymentMethod>, Failure> {
    let place_of_item = "SELECT created_at_ms, id FROM payment_method WHERE tenant_id = $1 AND id = $2";
    let (at_ms, id) = place(rows, place_of_item, tenant, page).await?;
    let (id, limit, tenant) = (stored(&id), one_more(page), tenant.as_str());
    let select = |condition: &str| {
        format!(
            "WHERE tenant_id = $1 AND archived_at_ms IS NULL AND (created_at_ms, id) < ($2, $3){condition}
             ORDER BY created_at_ms DESC, id DESC LIMIT $4"
        )
    };
    let methods = match holding {
        Holding::Customer(customer) => {
            let params: &[&(dyn ToSql + Sync)] = &[&tenant, &at_ms, &id, &limit, &stored(customer.as_str())];
            many(rows, &hashes::PAYMENT_METHOD, &select(" AND customer_id = $5"), params, row::payment_method)
                .await?
        }
        Holding::Orphans => {
            let sql = select(" AND customer_id IS NULL");
            many(rows, &hashes::PAYMENT_METHOD, &sql, &[&tenant, &at_ms, &id, &limit], row::payment_method)
                .await?
        }
        Holding::Any => {
            many(
                rows,
                &hashes::PAYMENT_METHOD,
                &select(""),
                &[&tenant, &at_ms, &id, &limit],
                row::payment_method,
            )
            .await?
        }
    };
    Ok(listed(methods, page, |method| (method.created_at_ms, method.id.as_str()))?)
}

pub(super) async fn payment(
    rows: &Reader<'_>,
    tenant: &TenantId,
    id: &PaymentId,
) -> Result<Option<Payment>, Failure> {
    one(rows, &tables::PAYMENT, &[of(tenant), ("id", Value::text(id.as_str()))], "TRUE", row::payment).await
}

/// To be asked inside a transaction that sees one moment.
pub(super) async fn payment_totals(
    rows: &Reader<'_>,
    tenant: &TenantId,
    customer: &CustomerId,
) -> Result<PaymentTotals, Failure> {
    let params: &[&(dyn ToSql + Sync)] =
        &[&tenant.as_str(), &stored(customer.as_str()), &Outcome::Approved.code()];
    let counted = one_row(
        rows.client,
        "SELECT count(*) AS payments, count(*) FILTER (WHERE outcome = $3) AS approved,
            max(created_at_ms) AS last_at_ms
         FROM payment WHERE tenant_id = $1 AND customer_id = $2",
        params,
        |row| {
            Ok((row::count(row, "payments")?, row::count(row, "approved")?, row::column(row, "last_at_ms")?))
        },
    );
    let (count, approved_count, last_at_ms) =
        counted.await?.ok_or(Failure::Guard(StoreError::Corrupt("a count")))?;
    let sql = "SELECT currency, CAST(sum(amount_minor) AS bigint) AS amount_minor FROM payment
               WHERE tenant_id = $1 AND customer_id = $2 AND outcome = $3 AND capture = 'automatic'
               GROUP BY currency ORDER BY currency";
    Ok(PaymentTotals {
        count,
        approved_count,
        collected: many_rows(rows.client, sql, params, row::money).await?,
        last_at_ms,
    })
}

pub(super) async fn document(
    rows: &Reader<'_>,
    tenant: &TenantId,
    collection: &str,
    id: &str,
) -> Result<Option<Document>, Failure> {
    let asked = [of(tenant), ("collection", Value::text(collection)), ("id", Value::text(id))];
    one(rows, &tables::DOCUMENT, &asked, "TRUE", row::document).await
}

pub(super) async fn remembered(
    rows: &Reader<'_>,
    tenant: &TenantId,
    mac: &[u8; 32],
) -> Result<Option<Remembered>, Failure> {
    let asked = [of(tenant), ("mac", Value::bytes(mac))];
    one(rows, &tables::REMEMBERED, &asked, epoch::is_now!("remembered"), row::remembered).await
}

/// Tokens, and what becomes of them when they are spent.
pub(super) async fn tokens(
    rows: &Reader<'_>,
    asked: &[(TenantId, [u8; 32])],
) -> Result<Answers<Option<(Token, Option<Spending>)>>, Failure> {
    let tenants: Vec<_> = asked.iter().map(|(tenant, _)| tenant.as_str()).collect();
    let macs: Vec<_> = asked.iter().map(|(_, mac)| mac.as_slice()).collect();
    let read = |row: &Row, (tenant, mac): &(TenantId, [u8; 32])| token(rows, row, tenant, mac);
    each(rows, &spending::find_each(), &[&tenants, &macs], asked, read).await
}

fn token(
    rows: &Reader<'_>,
    row: &Row,
    tenant: &TenantId,
    mac: &[u8; 32],
) -> Result<(Token, Option<Spending>), Failure> {
    match rows.intact(&tables::TOKEN, row, &[of(tenant), ("mac", Value::bytes(mac))])? {
        Intact::Yes => {}
        Intact::No => return Err(Failure::Guard(ALTERED)),
    }
    let token = row::token(row)?;
    let is_issued = token.state == TokenState::Issued;
    let spending = rows
        .key
        .as_ref()
        .filter(|_| is_issued)
        .and_then(|key| Spending::read(key, row, tenant.as_str(), mac).ok());
    Ok((token, spending))
}

pub(super) async fn attempt(
    rows: &Reader<'_>,
    tenant: &TenantId,
    mac: &[u8; 32],
) -> Result<Option<Attempt>, Failure> {
    let asked = [of(tenant), ("mac", Value::bytes(mac))];
    one(rows, &tables::ATTEMPT, &asked, epoch::is_now!("attempt"), row::attempt).await
}

/// API keys by their ids.
pub(super) async fn api_keys_by_id(
    rows: &Reader<'_>,
    asked: &[String],
) -> Result<Answers<Option<ApiKey>>, Failure> {
    let ids: Vec<_> = asked.iter().map(|id| stored(id)).collect();
    let sql = for_each(&["text"], &select(&tables::API_KEY, "WHERE id = asked.a"));
    let read =
        |row: &Row, id: &String| match rows.intact(&tables::API_KEY, row, &[("id", Value::text(id))])? {
            Intact::Yes => row::api_key(row).map(Some),
            // Word for word as if it had never been there.
            Intact::No => Ok(None),
        };
    let found = each(rows, &sql, &[&ids], asked, read).await?;
    Ok(found.into_iter().map(|found| found.map(Option::flatten)).collect())
}

/// How many rows need a version of the look-up key. Nothing of the rows is believed: they are counted.
pub(super) async fn lookup_needs(
    rows: &Reader<'_>,
    tenant: &TenantId,
    version: u32,
    now_ms: i64,
) -> Result<LookupNeeds, Failure> {
    let mut needs = LookupNeeds::default();
    for needing in lookups::NEEDING {
        let statement = rows.client.prepare_cached(&needing.count_sql('$')).await?;
        let found =
            rows.client.query_one(&statement, &[&tenant.as_str(), &now_ms, &i64::from(version)]).await?;
        (needing.count)(&mut needs, row::count(&found, "needing")?);
    }
    Ok(needs)
}

pub(super) async fn api_keys(rows: &Reader<'_>, tenant: &TenantId) -> Result<Vec<ApiKey>, Failure> {
    let sql = "WHERE tenant_id = $1 ORDER BY created_at_ms, id";
    many(rows, &tables::API_KEY, sql, &[&tenant.as_str()], row::api_key).await
}

pub(super) async fn merchants(rows: &Reader<'_>) -> Result<Vec<Merchant>, Failure> {
    let sql = "ORDER BY created_at_ms, tenant_id";
    many(rows, &tables::MERCHANT, sql, &[], row::merchant).await
}

pub(super) async fn every_payment_method(
    rows: &Reader<'_>,
    tenant: &TenantId,
    after: Option<&PaymentMethodId>,
    limit: u32,
) -> Result<Vec<PaymentMethod>, Failure> {
    let sql = "WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    let after = stored(after.map_or("", PaymentMethodId::as_str));
    let params: [&(dyn ToSql + Sync); 3] = [&tenant.as_str(), &after, &i64::from(limit)];
    many(rows, &hashes::PAYMENT_METHOD, sql, &params, row::payment_method).await
}

/// The epoch it is.
pub(super) async fn epoch(rows: &Reader<'_>) -> Result<i64, Failure> {
    let newest = format!("TRUE {}", epoch::NEWEST);
    let found = one(rows, &tables::EPOCH, &[], &newest, |row| row::column(row, "number").map(Epoch)).await?;
    Ok(found.map_or(0, |Epoch(number)| number))
}

pub(super) async fn data_keys(rows: &Reader<'_>, tenant: &TenantId) -> Result<Vec<DataKey>, Failure> {
    let sql = "WHERE tenant_id = $1
               ORDER BY purpose, version";
    many(rows, &tables::DATA_KEY, sql, &[&tenant.as_str()], row::data_key).await
}

pub(super) async fn sealing_keys(rows: &Reader<'_>) -> Result<Vec<SealingKey>, Failure> {
    let sql = "WHERE tenant_id = $1
               ORDER BY starts_at_ms DESC, created_at_ms DESC, id";
    many(rows, &tables::SEALING_KEY, sql, &[&TenantId::vault().as_str()], row::sealing_key).await
}

/// The condition under which a row is one of those that are wanted.
pub(super) const fn alive(lifecycle: Lifecycle) -> &'static str {
    match lifecycle {
        Lifecycle::Active => "archived_at_ms IS NULL",
        Lifecycle::Archived => "archived_at_ms IS NOT NULL",
        Lifecycle::Any => "TRUE",
    }
}

/// The only row of a table that has these values and holds to a condition, if there is one.
async fn one<T: Stored>(
    rows: &Reader<'_>,
    table: &Table,
    asked: &Asked<'_>,
    condition: &str,
    read: fn(&Row) -> Result<T, Failure>,
) -> Result<Option<T>, Failure> {
    let mut which = String::from("WHERE ");
    for (place, (column, _)) in (1..).zip(asked) {
        which.push_str(&format!("{column} = ${place} AND "));
    }
    which.push_str(condition);
    let params: Vec<_> = asked.iter().map(|(_, value)| value as &(dyn ToSql + Sync)).collect();
    let statement = rows.client.prepare_cached(&select(table, &which)).await?;
    let Some(row) = rows.client.query_opt(&statement, &params).await? else { return Ok(None) };
    match rows.intact(table, &row, asked)? {
        Intact::Yes => read(&row).map(Some),
        Intact::No => read(&row).ok().and_then(T::unbelieved).map(Some).ok_or(Failure::Guard(ALTERED)),
    }
}

/// Whose it is.
fn of(tenant: &TenantId) -> (&'static str, Value<'_>) {
    ("tenant_id", Value::plain(tenant.as_str()))
}

async fn many<T: Stored>(
    rows: &Reader<'_>,
    table: &Table,
    which: &str,
    params: &[&(dyn ToSql + Sync)],
    read: fn(&Row) -> Result<T, Failure>,
) -> Result<Vec<T>, Failure> {
    let statement = rows.client.prepare_cached(&select(table, which)).await?;
    collect(rows, table, &rows.client.query(&statement, params).await?, read)
}

/// The rows that are believed, and what is left of others.
pub(super) fn collect<T: Stored>(
    reader: &Reader<'_>,
    table: &Table,
    found: &[Row],
    read: fn(&Row) -> Result<T, Failure>,
) -> Result<Vec<T>, Failure> {
    let mut items = Vec::new();
    for row in found {
        match reader.intact(table, row, &[])? {
            Intact::Yes => items.push(read(row)?),
            Intact::No => items.extend(read(row).ok().and_then(T::unbelieved)),
        }
    }
    Ok(items)
}

fn select(table: &Table, which: &str) -> String {
    format!("SELECT {} FROM {} {which}", table.select(), table.name)
}

/// The only row of a question about no table's rows, or of one whose rows have hashes of another sort.
pub(super) async fn one_row<T>(
    client: &ClientWrapper,
    sql: &str,
    params: &[&(dyn ToSql + Sync)],
    read: impl Fn(&Row) -> Result<T, Failure>,
) -> Result<Option<T>, Failure> {
    let statement = client.prepare_cached(sql).await?;
    client.query_opt(&statement, params).await?.as_ref().map(read).transpose()
}

/// The rows of such a question.
pub(super) async fn many_rows<T>(
    client: &ClientWrapper,
    sql: &str,
    params: &[&(dyn ToSql + Sync)],
    read: impl Fn(&Row) -> Result<T, Failure>,
) -> Result<Vec<T>, Failure> {
    let statement = client.prepare_cached(sql).await?;
    client.query(&statement, params).await?.iter().map(read).collect()
}

/// What a question for one row finds for each of those that are asked for; [`for_each`] made the statement.
async fn each<Q, T>(
    rows: &Reader<'_>,
    sql: &str,
    params: &[&(dyn ToSql + Sync)],
    asked: &[Q],
    read: impl Fn(&Row, &Q) -> Result<T, Failure>,
) -> Result<Answers<Option<T>>, Failure> {
    let statement = rows.client.prepare_cached(sql).await?;
    let found = rows.client.query(&statement, params).await?;
    let mut answers: Vec<_> = asked.iter().map(|_| Ok(None)).collect();
    for row in &found {
        let place: i64 = row::column(row, "asked_place")?;
        // They are counted from one on.
        let place =
            usize::try_from(place).ok().and_then(|place| place.checked_sub(1)).ok_or(Failure::Engine)?;
        let (answer, question) = answers.get_mut(place).zip(asked.get(place)).ok_or(Failure::Engine)?;
        *answer = match read(row, question) {
            Ok(read) => Ok(Some(read)),
            // What is wrong with one row is nobody else's.
            Err(Failure::Guard(refusal)) => Err(refusal),
            Err(failure) => return Err(failure),
        };
    }
    Ok(answers)
}

/// Creation time and id that a page starts below.
///
/// The id of an item comes before a place, because a merchant may choose ids on some faces.
async fn place(
    rows: &Reader<'_>,
    place_of_item: &str,
    tenant: &TenantId,
    page: &Page,
) -> Result<(i64, String), Failure> {
    let Some(after) = &page.after else { return Ok((i64::MAX, String::new())) };
    let item = one_row(rows.client, place_of_item, &[&tenant.as_str(), &stored(after)], row::place).await?;
    item.or_else(|| cursor::from_text(after)).ok_or(Failure::Guard(StoreError::CursorUnknown))
}

fn one_more(page: &Page) -> i64 {
    i64::from(page.limit) + 1
}

impl From<StoreError> for Failure {
    fn from(refusal: StoreError) -> Self {
        Self::Guard(refusal)
    }
}
