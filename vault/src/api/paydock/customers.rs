//! The operations on customers.

use axum::http::StatusCode;
use serde_json::Value;

use super::answer;
use super::customer_answer::CustomerAnswer;
use super::customer_body::{self, Profile};
use super::failure::{Code, Failure};
use super::listing::{Paging, sorted};
use super::request::{Query, Sent};
use super::session::Session;
use super::source::Made;
use crate::api::once::{Composed, once};
use crate::api::patience::Patience;
use crate::domain::{
    Anywhere, Comparison, Criterion, Customer, CustomerId, Lifecycle, PaymentMethod, PaymentMethodId,
    PaymentTotals, Search, SearchField,
};
use crate::store::{Change, CustomerRecord, StoreError};

/// Where a one-time token stands.
const TOKEN: &str = "token";

/// What of a customer `search` looks at.
const SEARCHED: [SearchField; 7] = [
    SearchField::Id,
    SearchField::Reference,
    SearchField::Company,
    SearchField::FullName,
    SearchField::FirstName,
    SearchField::LastName,
    SearchField::Email,
];

/// Creates a customer with its payment source, in one transaction.
///
/// # Errors
/// A refusal; nothing is stored and no token is spent then.
pub(super) async fn create(session: &Session<'_>, sent: Sent) -> Result<(StatusCode, Value), Failure> {
    let Sent { mut fields, repeat } = sent;
    let done = once(session.vaulting, &session.tenant, repeat, async move || {
        let profile = Profile::read(&mut fields)?;
        let source = customer_body::mandatory_source(session, &mut fields).await?;
        let profile = profile.or(&source.kept().payer);
        let id = CustomerId::new(session.object_id()?);
        let Made { method, address, before, after } = source.made(session, &id)?;
        let mut customer = Customer::new(id, session.vaulting.now_ms());
        profile.write(&mut customer);
        customer.default_payment_method_id = Some(method.id.clone());
        customer.default_billing_address_id = address.as_ref().map(|address| address.id.clone());
        let record = CustomerRecord {
            customer: customer.clone(),
            addresses: address.into_iter().collect(),
            payment_methods: vec![method],
        };
        let shown = CustomerAnswer::of(session, &record, &PaymentTotals::default());
        let changes = before.into_iter().chain([Change::InsertCustomer(customer)]).chain(after).collect();
        Ok(Composed { status: StatusCode::CREATED, body: answer::created("customer", &shown), changes })
    });
    done.await.map_err(|failure: Failure| failure.token_at(TOKEN))
}

/// One customer, archived or not.
///
/// # Errors
/// 404 if there is none of this id for this merchant.
pub(super) async fn read(session: &Session<'_>, id: &CustomerId) -> Result<CustomerAnswer, Failure> {
    let record = whole(session, id).await?;
    shown(session, &record).await
}

/// The customers that fit a query, and how many there are in all.
///
/// # Errors
/// What the store reports.
pub(super) async fn find(
    session: &Session<'_>,
    mut query: Query,
) -> Result<(Vec<CustomerAnswer>, u64, Paging), Failure> {
    let paging = Paging::read(&mut query);
    let Some(search) = search(session, &mut query, paging) else { return Ok((Vec::new(), 0, paging)) };
    let found = session.vaulting.store().search_customers(&session.tenant, &search).await?;
    let mut answers = Vec::with_capacity(found.items.len());
    for Customer { id, .. } in found.items {
        // One that was deleted since the search is left out.
        let record = session.vaulting.store().whole_customer_record(&session.tenant, &id).await?;
        if let Some(record) = record {
            answers.push(shown(session, &record).await?);
        }
    }
    Ok((answers, found.total, paging))
}

/// What a query asks for; none if nothing can fit it.
fn search(session: &Session<'_>, query: &mut Query, paging: Paging) -> Option<Search> {
    // There is one gateway, and every payment source goes through it.
    if query.take("gateway_id").is_some_and(|id| id != session.gateway_id) {
        return None;
    }
    let archived = query.truth("archived");
    let lifecycle = match (query.take("status").as_deref(), archived) {
        (Some("active"), Some(true)) | (Some("archived"), Some(false)) => return None,
        (Some("archived"), None | Some(true)) | (_, Some(true)) => Lifecycle::Archived,
        (_, None | Some(false)) => Lifecycle::Active,
    };
    let mut criteria = Vec::new();
    for (name, field) in [
        ("id", SearchField::Id),
        ("reference", SearchField::Reference),
        ("company_name", SearchField::Company),
        ("payment_source_id", SearchField::PaymentMethodId),
    ] {
        if let Some(value) = query.take(name) {
            criteria.push(Criterion { field, comparison: Comparison::Equals, value });
        }
    }
    let anywhere = query.take("search").map(|needle| Anywhere { needle, fields: SEARCHED.to_vec() });
    Some(Search {
        criteria,
        anywhere,
        lifecycle,
        order: sorted(query),
        limit: paging.limit,
        offset: paging.skip,
        ..Search::default()
    })
}

/// Updates a customer, or adds a payment source to it, which becomes the default unless `default_source`
/// says otherwise.
///
/// # Errors
/// A refusal; nothing is changed and no token is spent then.
pub(super) async fn update(
    session: &Session<'_>,
    id: &CustomerId,
    sent: Sent,
) -> Result<CustomerAnswer, Failure> {
    let mut fields = sent.fields;
    let profile = Profile::read(&mut fields)?;
    let default_path = fields.path("default_source");
    let default = fields.optional("default_source").map(|id| PaymentMethodId::new(id.as_str()));
    // Before a token is opened: whether there is such a customer decides what may be said of the token.
    active(session, id).await?;
    let source = customer_body::optional_source(session, &mut fields).await?;
    let made = source.map(|source| source.made(session, id)).transpose()?;
    revise(session, id, |record| {
        let mut customer = record.customer.clone();
        profile.write(&mut customer);
        let mut changes = Vec::new();
        if let Some(Made { method, address, before, after }) = &made {
            customer.default_payment_method_id = Some(method.id.clone());
            if let Some(address) = address {
                customer.default_billing_address_id.get_or_insert_with(|| address.id.clone());
            }
            changes.extend(before.iter().chain(after).cloned());
        }
        if let Some(default) = &default {
            let found = record.payment_methods.iter().find(|method| method.id == *default);
            let found = found.ok_or_else(|| Failure::not_found("payment source").at(&default_path))?;
            if found.archived_at_ms.is_some() {
                return Err(Failure::archived(&default_path, "payment source"));
            }
            customer.default_payment_method_id = Some(default.clone());
        }
        changes.push(Change::UpdateCustomer(customer));
        Ok(changes)
    })
    .await
    .map_err(|failure| failure.token_at(TOKEN))
}

/// Archives a customer.
///
/// # Errors
/// 404 if there is none of this id for this merchant, `unfulfilled_condition` if it is archived already.
pub(super) async fn archive(session: &Session<'_>, id: &CustomerId) -> Result<CustomerAnswer, Failure> {
    let now_ms = session.vaulting.now_ms();
    revise(session, id, |record| {
        // The update comes first for its guard: archiving has none of its own.
        let customer = record.customer.clone();
        Ok(vec![Change::UpdateCustomer(customer), Change::ArchiveCustomer { id: id.clone(), now_ms }])
    })
    .await
}

/// Archives a payment source of a customer; the newest one left becomes the default if it was that.
///
/// # Errors
/// 404 if there is none of these ids for this merchant, `unfulfilled_condition` if it is archived already.
pub(super) async fn archive_source(
    session: &Session<'_>,
    id: &CustomerId,
    source: &PaymentMethodId,
) -> Result<CustomerAnswer, Failure> {
    let now_ms = session.vaulting.now_ms();
    revise(session, id, |record| {
        let found = record.payment_methods.iter().find(|method| method.id == *source);
        let found = found.ok_or_else(|| Failure::not_found("payment source"))?;
        if found.archived_at_ms.is_some() {
            return Err(Failure::archived("", "payment source"));
        }
        let mut customer = record.customer.clone();
        if customer.default_payment_method_id.as_ref() == Some(source) {
            let left = |method: &&PaymentMethod| method.archived_at_ms.is_none() && method.id != *source;
            let newest = record.payment_methods.iter().rev().find(left);
            customer.default_payment_method_id = newest.map(|method| method.id.clone());
        }
        let archive = Change::ArchivePaymentMethod { id: source.clone(), now_ms };
        Ok(vec![Change::UpdateCustomer(customer), archive])
    })
    .await
}

/// A customer with everything it has, archived or not.
///
/// # Errors
/// 404 if there is none of this id for this merchant.
pub(super) async fn whole(session: &Session<'_>, id: &CustomerId) -> Result<CustomerRecord, Failure> {
    let record = session.vaulting.store().whole_customer_record(&session.tenant, id).await?;
    record.ok_or_else(|| Failure::not_found("customer"))
}

/// A customer with everything it has, if it is not archived.
///
/// # Errors
/// 404 if there is none of this id for this merchant, `unfulfilled_condition` if it is archived.
pub(super) async fn active(session: &Session<'_>, id: &CustomerId) -> Result<CustomerRecord, Failure> {
    let record = whole(session, id).await?;
    if record.customer.archived_at_ms.is_some() {
        return Err(Failure::archived("", "customer"));
    }
    Ok(record)
}

async fn shown(session: &Session<'_>, record: &CustomerRecord) -> Result<CustomerAnswer, Failure> {
    let totals = session.vaulting.store().payment_totals(&session.tenant, &record.customer.id).await?;
    Ok(CustomerAnswer::of(session, record, &totals))
}

/// Changes a customer: reads it, composes the changes, applies them if it is still the same, and begins
/// again, after a while drawn at random, if it is not.
///
/// Nothing can fail once the changes are applied, so the answer is made of what was read before and of the
/// changes themselves.
///
/// # Errors
/// What `compose` refuses, what the store reports, and 409 if others are faster all the time; nothing was
/// stored then.
async fn revise(
    session: &Session<'_>,
    id: &CustomerId,
    compose: impl Fn(&CustomerRecord) -> Result<Vec<Change>, Failure>,
) -> Result<CustomerAnswer, Failure> {
    let mut patience = Patience::new(session.vaulting.random());
    loop {
        let mut record = active(session, id).await?;
        let totals = session.vaulting.store().payment_totals(&session.tenant, id).await?;
        let mut changes = compose(&record)?;
        for change in &mut changes {
            if let Change::UpdateCustomer(customer) = change {
                // Never before the last change: `updated_at` must not run backwards when the clock does.
                customer.updated_at_ms = session.vaulting.now_ms().max(record.customer.updated_at_ms);
            }
        }
        match session.vaulting.apply(&session.tenant, changes.clone()).await {
            Ok(_) => {
                changes.into_iter().for_each(|change| changed_by(&mut record, change));
                return Ok(CustomerAnswer::of(session, &record, &totals));
            }
            Err(StoreError::CustomerChanged | StoreError::PaymentMethodChanged) => {
                patience.wait().await.ok_or_else(changed_meanwhile)?;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

pub(super) fn changed_meanwhile() -> Failure {
    Failure::new(
        StatusCode::CONFLICT,
        Code::Unfulfilled,
        "changed_meanwhile",
        "other requests changed this at the same time; nothing was stored, try again",
    )
}

/// What a change makes of what was read before it.
fn changed_by(record: &mut CustomerRecord, change: Change) {
    match change {
        Change::UpdateCustomer(customer) => record.customer = customer,
        Change::InsertAddress(address) => record.addresses.push(address),
        // The vault token that comes with a new payment source is nobody's.
        Change::InsertPaymentMethod(method) => {
            if method.customer_id.as_ref() == Some(&record.customer.id) {
                record.payment_methods.push(method);
            }
        }
        Change::ArchiveCustomer { now_ms, .. } => {
            (record.customer.archived_at_ms, record.customer.updated_at_ms) = (Some(now_ms), now_ms);
        }
        Change::ArchivePaymentMethod { id, now_ms } => {
            if let Some(method) = record.payment_methods.iter_mut().find(|method| method.id == id) {
                (method.archived_at_ms, method.updated_at_ms) = (Some(now_ms), now_ms);
            }
        }
        // No operation on customers makes one of these, or it shows in no customer.
        Change::InsertToken(_)
        | Change::SpendToken { .. }
        | Change::InsertAttempt(_)
        | Change::InsertCustomer(_)
        | Change::DeleteCustomer(_)
        | Change::UpdateAddress(_)
        | Change::DeleteAddress { .. }
        | Change::UpdatePaymentMethod(_)
        | Change::AttachPaymentMethod { .. }
        | Change::DeletePaymentMethod { .. }
        | Change::DefaultPaymentMethod { .. }
        | Change::DefaultPaymentMethodIfNone { .. }
        | Change::InsertPayment(_)
        | Change::InsertDocument(_)
        | Change::ReplaceDocument(_)
        | Change::DeleteDocument { .. }
        | Change::Remember { .. }
        | Change::SweepExpired { .. }
        | Change::InsertMerchant(_)
        | Change::InsertKey(_)
        | Change::SetOrigins { .. }
        | Change::ExpireKey { .. }
        | Change::RevokeKey { .. }
        | Change::InsertSealingKey(_)
        | Change::DeleteSealingKeys { .. }
        | Change::SignSealingKey { .. }
        | Change::InsertDataKey(_)
        | Change::BeginEpoch { .. }
        | Change::RewrapDataKey { .. }
        | Change::RewrapSealingKey { .. }
        | Change::ResealPaymentMethod { .. }
        | Change::DestroyEncryptionKey { .. }
        | Change::RehashKey { .. }
        | Change::RefingerprintPaymentMethod { .. }
        | Change::DestroyLookupKey { .. }
        | Change::HashRows(_)
        | Change::RehashRows(_)
        | Change::DestroyRowKey { .. } => {}
    }
}
