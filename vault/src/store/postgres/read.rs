//! Reading: each function is one question.

use deadpool_postgres::ClientWrapper;
use tokio_postgres::{
    Row,
    types::{ToSql, Type},
};

use super::{
    failure::Failure,
    row::{self, ADDRESS, CUSTOMER, DOCUMENT, PAYMENT, PAYMENT_METHOD, TOKEN},
    text::stored,
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

pub(super) async fn customer(
    client: &ClientWrapper,
    tenant: &TenantId,
    id: &CustomerId,
    lifecycle: Lifecycle,
) -> Result<Option<Customer>, Failure> {
    let alive = alive(lifecycle);
    let sql = format!("SELECT {CUSTOMER} FROM customer WHERE tenant_id = $1 AND id = $2 AND {alive}");
    one(client, &sql, &[&tenant.as_str(), &stored(id.as_str())], row::customer).await
}

/// To be asked inside a transaction that sees one moment.
pub(super) async fn customer_record(
    client: &ClientWrapper,
    tenant: &TenantId,
    id: &CustomerId,
    lifecycle: Lifecycle,
) -> Result<Option<CustomerRecord>, Failure> {
    let Some(customer) = customer(client, tenant, id, lifecycle).await? else { return Ok(None) };
    let sql = format!(
        "SELECT {PAYMENT_METHOD} FROM payment_method WHERE tenant_id = $1 AND customer_id = $2 AND {}
         ORDER BY created_at_ms, id",
        alive(lifecycle)
    );
    let params: &[&(dyn ToSql + Sync)] = &[&tenant.as_str(), &stored(id.as_str())];
    Ok(Some(CustomerRecord {
        customer,
        addresses: addresses(client, tenant, id).await?,
        payment_methods: many(client, &sql, params, row::payment_method).await?,
    }))
}

pub(super) async fn customers(
    client: &ClientWrapper,
    tenant: &TenantId,
    page: &Page,
) -> Result<Listed<Customer>, Failure> {
    let place_of_item = "SELECT created_at_ms, id FROM customer WHERE tenant_id = $1 AND id = $2";
    let (at_ms, id) = place(client, place_of_item, tenant, page).await?;
    let sql = format!(
        "SELECT {CUSTOMER} FROM customer
         WHERE tenant_id = $1 AND archived_at_ms IS NULL AND (created_at_ms, id) < ($2, $3)
         ORDER BY created_at_ms DESC, id DESC LIMIT $4"
    );
    let params: &[&(dyn ToSql + Sync)] = &[&tenant.as_str(), &at_ms, &stored(&id), &one_more(page)];
    let customers = many(client, &sql, params, row::customer).await?;
    Ok(listed(customers, page, |customer| (customer.created_at_ms, customer.id.as_str()))?)
}

pub(super) async fn addresses(
    client: &ClientWrapper,
    tenant: &TenantId,
    customer: &CustomerId,
) -> Result<Vec<Address>, Failure> {
    let sql = format!(
        "SELECT {ADDRESS} FROM address WHERE tenant_id = $1 AND customer_id = $2 ORDER BY created_at_ms, id"
    );
    many(client, &sql, &[&tenant.as_str(), &stored(customer.as_str())], row::address).await
}

pub(super) async fn address(
    client: &ClientWrapper,
    tenant: &TenantId,
    customer: &CustomerId,
    id: &AddressId,
) -> Result<Option<Address>, Failure> {
    let sql = format!("SELECT {ADDRESS} FROM address WHERE tenant_id = $1 AND customer_id = $2 AND id = $3");
    let params: &[&(dyn ToSql + Sync)] =
        &[&tenant.as_str(), &stored(customer.as_str()), &stored(id.as_str())];
    one(client, &sql, params, row::address).await
}

pub(super) async fn payment_method(
    client: &ClientWrapper,
    tenant: &TenantId,
    id: &PaymentMethodId,
    lifecycle: Lifecycle,
) -> Result<Option<PaymentMethod>, Failure> {
    let alive = alive(lifecycle);
    let sql =
        format!("SELECT {PAYMENT_METHOD} FROM payment_method WHERE tenant_id = $1 AND id = $2 AND {alive}");
    one(client, &sql, &[&tenant.as_str(), &stored(id.as_str())], row::payment_method).await
}

pub(super) async fn payment_methods(
    client: &ClientWrapper,
    tenant: &TenantId,
    holding: &Holding,
    page: &Page,
) -> Result<Listed<PaymentMethod>, Failure> {
    let place_of_item = "SELECT created_at_ms, id FROM payment_method WHERE tenant_id = $1 AND id = $2";
    let (at_ms, id) = place(client, place_of_item, tenant, page).await?;
    let (id, limit, tenant) = (stored(&id), one_more(page), tenant.as_str());
    let select = |condition: &str| {
        format!(
            "SELECT {PAYMENT_METHOD} FROM payment_method
             WHERE tenant_id = $1 AND archived_at_ms IS NULL AND (created_at_ms, id) < ($2, $3){condition}
             ORDER BY created_at_ms DESC, id DESC LIMIT $4"
        )
    };
    let methods = match holding {
        Holding::Customer(customer) => {
            let params: &[&(dyn ToSql + Sync)] = &[&tenant, &at_ms, &id, &limit, &stored(customer.as_str())];
            many(client, &select(" AND customer_id = $5"), params, row::payment_method).await?
        }
        Holding::Orphans => {
            let sql = select(" AND customer_id IS NULL");
            many(client, &sql, &[&tenant, &at_ms, &id, &limit], row::payment_method).await?
        }
        Holding::Any => {
            many(client, &select(""), &[&tenant, &at_ms, &id, &limit], row::payment_method).await?
        }
    };
    Ok(listed(methods, page, |method| (method.created_at_ms, method.id.as_str()))?)
}

pub(super) async fn payment(
    client: &ClientWrapper,
    tenant: &TenantId,
    id: &PaymentId,
) -> Result<Option<Payment>, Failure> {
    let sql = format!("SELECT {PAYMENT} FROM payment WHERE tenant_id = $1 AND id = $2");
    one(client, &sql, &[&tenant.as_str(), &stored(id.as_str())], row::payment).await
}

/// To be asked inside a transaction that sees one moment.
pub(super) async fn payment_totals(
    client: &ClientWrapper,
    tenant: &TenantId,
    customer: &CustomerId,
) -> Result<PaymentTotals, Failure> {
    let params: &[&(dyn ToSql + Sync)] =
        &[&tenant.as_str(), &stored(customer.as_str()), &Outcome::Approved.code()];
    let counted = one(
        client,
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
        collected: many(client, sql, params, row::money).await?,
        last_at_ms,
    })
}

pub(super) async fn document(
    client: &ClientWrapper,
    tenant: &TenantId,
    collection: &str,
    id: &str,
) -> Result<Option<Document>, Failure> {
    let sql = format!("SELECT {DOCUMENT} FROM document WHERE tenant_id = $1 AND collection = $2 AND id = $3");
    one(client, &sql, &[&tenant.as_str(), &stored(collection), &stored(id)], row::document).await
}

pub(super) async fn remembered(
    client: &ClientWrapper,
    tenant: &TenantId,
    mac: &[u8; 32],
) -> Result<Option<Remembered>, Failure> {
    let sql = concat!(
        "SELECT mac, digest, sealed, expires_at_ms FROM remembered
         WHERE tenant_id = $1 AND mac = $2 AND ",
        epoch::is_now!("remembered")
    );
    one(client, sql, &[&tenant.as_str(), &mac.as_slice()], row::remembered).await
}

pub(super) async fn token(
    client: &ClientWrapper,
    tenant: &TenantId,
    mac: &[u8; 32],
) -> Result<Option<Token>, Failure> {
    let sql = format!("SELECT {TOKEN} FROM token WHERE tenant_id = $1 AND mac = $2");
    one(client, &sql, &[&tenant.as_str(), &mac.as_slice()], row::token).await
}

pub(super) async fn attempt(
    client: &ClientWrapper,
    tenant: &TenantId,
    mac: &[u8; 32],
) -> Result<Option<Attempt>, Failure> {
    let sql = concat!(
        "SELECT mac, sealed, expires_at_ms FROM attempt WHERE tenant_id = $1 AND mac = $2 AND ",
        epoch::is_now!("attempt")
    );
    one(client, sql, &[&tenant.as_str(), &mac.as_slice()], row::attempt).await
}

pub(super) async fn api_key(client: &ClientWrapper, id: &str) -> Result<Option<ApiKey>, Failure> {
    let sql = format!("SELECT {} FROM api_key WHERE id = $1", row::API_KEY);
    one(client, &sql, &[&stored(id)], row::api_key).await
}

pub(super) async fn api_keys(client: &ClientWrapper, tenant: &TenantId) -> Result<Vec<ApiKey>, Failure> {
    let sql = format!("SELECT {} FROM api_key WHERE tenant_id = $1 ORDER BY created_at_ms, id", row::API_KEY);
    many(client, &sql, &[&tenant.as_str()], row::api_key).await
}

pub(super) async fn merchants(client: &ClientWrapper) -> Result<Vec<Merchant>, Failure> {
    let sql = "SELECT tenant_id, created_at_ms FROM merchant ORDER BY created_at_ms, tenant_id";
    many(client, sql, &[], row::merchant).await
}

pub(super) async fn every_payment_method(
    client: &ClientWrapper,
    tenant: &TenantId,
    after: Option<&PaymentMethodId>,
    limit: u32,
) -> Result<Vec<PaymentMethod>, Failure> {
    let sql = format!(
        "SELECT {PAYMENT_METHOD} FROM payment_method WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3"
    );
    let after = stored(after.map_or("", PaymentMethodId::as_str));
    many(client, &sql, &[&tenant.as_str(), &after, &i64::from(limit)], row::payment_method).await
}

pub(super) async fn data_keys(client: &ClientWrapper, tenant: &TenantId) -> Result<Vec<DataKey>, Failure> {
    let sql = "SELECT purpose, version, wrapped, created_at_ms FROM data_key WHERE tenant_id = $1
               ORDER BY purpose, version";
    many(client, sql, &[&tenant.as_str()], row::data_key).await
}

pub(super) async fn sealing_keys(client: &ClientWrapper) -> Result<Vec<SealingKey>, Failure> {
    let sql = "SELECT id, wrapped, created_at_ms, starts_at_ms, expires_at_ms, statement FROM sealing_key WHERE tenant_id = $1
               ORDER BY starts_at_ms DESC, created_at_ms DESC, id";
    many(client, sql, &[&TenantId::vault().as_str()], row::sealing_key).await
}

/// The condition under which a row is one of those that are wanted.
pub(super) const fn alive(lifecycle: Lifecycle) -> &'static str {
    match lifecycle {
        Lifecycle::Active => "archived_at_ms IS NULL",
        Lifecycle::Archived => "archived_at_ms IS NOT NULL",
        Lifecycle::Any => "TRUE",
    }
}

/// The only row of a question that is asked often, if there is one.
pub(super) async fn one<T>(
    client: &ClientWrapper,
    sql: &str,
    params: &[&(dyn ToSql + Sync)],
    read: impl Fn(&Row) -> Result<T, Failure>,
) -> Result<Option<T>, Failure> {
    let statement = client.prepare_cached(sql).await?;
    client.query_opt(&statement, params).await?.as_ref().map(read).transpose()
}

/// The rows of a question that is composed and perhaps never asked again.
pub(super) async fn composed<T>(
    client: &ClientWrapper,
    sql: &str,
    params: &[(&(dyn ToSql + Sync), Type)],
    read: impl Fn(&Row) -> Result<T, Failure>,
) -> Result<Vec<T>, Failure> {
    client.query_typed(sql, params).await?.iter().map(read).collect()
}

pub(super) async fn many<T>(
    client: &ClientWrapper,
    sql: &str,
    params: &[&(dyn ToSql + Sync)],
    read: impl Fn(&Row) -> Result<T, Failure>,
) -> Result<Vec<T>, Failure> {
    let statement = client.prepare_cached(sql).await?;
    client.query(&statement, params).await?.iter().map(read).collect()
}

/// Creation time and id that a page starts below.
///
/// The id of an item comes before a place, because a merchant may choose ids on some faces.
async fn place(
    client: &ClientWrapper,
    place_of_item: &str,
    tenant: &TenantId,
    page: &Page,
) -> Result<(i64, String), Failure> {
    let Some(after) = &page.after else { return Ok((i64::MAX, String::new())) };
    let item = one(client, place_of_item, &[&tenant.as_str(), &stored(after)], row::place).await?;
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
