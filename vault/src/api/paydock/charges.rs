//! The operations on charges.

use axum::http::StatusCode;
use serde_json::Value;

use super::answer;
use super::charge_answer::{self, ChargeAnswer, Paid};
use super::charge_body::{self, ChargeBody, PaidBy};
use super::customers;
use super::decline::Refusal;
use super::failure::Failure;
use super::kept::{Kept, Payer};
use super::listing::{Paging, direction};
use super::moment;
use super::request::{Query, Sent};
use super::session::Session;
use super::source::Given;
use super::source_answer::SourceAnswer;
use crate::api::once::{Composed, once};
use crate::domain::{
    Customer, CustomerId, Face, Payment, PaymentId, PaymentMethodId, PaymentSearch, TimeRange,
};
use crate::store::{Change, CustomerRecord};
use crate::vaulting::{Means, Order};

/// How many payments are read at a time while a list goes through them.
const SCAN: u32 = 500;

/// Charges what the body names, and keeps the charge, approved or not.
///
/// # Errors
/// A refusal; nothing was charged, stored or spent then.
pub(super) async fn create(
    session: &Session<'_>,
    query: Query,
    sent: Sent,
) -> Result<(StatusCode, Value), Failure> {
    let Sent { mut fields, repeat } = sent;
    let done = once(session.vaulting, &session.tenant, repeat, async move || {
        let body = charge_body::read(session, query, &mut fields).await?;
        charge(session, body).await
    });
    done.await.map_err(|failure: Failure| failure.token_at("token"))
}

/// One charge.
///
/// # Errors
/// 404 if there is none of this id for this merchant.
pub(super) async fn read(session: &Session<'_>, id: String) -> Result<ChargeAnswer, Failure> {
    let payment = session.vaulting.store().payment(&session.tenant, &PaymentId::new(id)).await?;
    Ok(ChargeAnswer::of(session, &payment.ok_or_else(|| Failure::not_found("charge"))?))
}

/// What a list of charges is filtered by, besides what the store knows.
struct Filter {
    status: Option<String>,
    reference: Option<String>,
    /// In lower case.
    search: Option<String>,
}

impl Filter {
    fn is_empty(&self) -> bool {
        self.status.is_none() && self.reference.is_none() && self.search.is_none()
    }

    fn fits(&self, payment: &Payment) -> bool {
        let says =
            |text: Option<&str>, needle: &str| text.is_some_and(|text| text.to_lowercase().contains(needle));
        self.status.as_deref().is_none_or(|status| charge_answer::status_of(payment) == status)
            && self
                .reference
                .as_deref()
                .is_none_or(|reference| payment.reference.as_deref() == Some(reference))
            && self.search.as_deref().is_none_or(|needle| {
                says(payment.reference.as_deref(), needle)
                    || says(payment.description.as_deref(), needle)
                    || says(Some(payment.id.as_str()), needle)
            })
    }
}

/// The charges that fit a query, and how many there are in all.
///
/// # Errors
/// What the store reports.
pub(super) async fn find(
    session: &Session<'_>,
    mut query: Query,
) -> Result<(Vec<ChargeAnswer>, u64, Paging), Failure> {
    let paging = Paging::read(&mut query);
    let none = Ok((Vec::new(), 0, paging));
    // There is one gateway and one company, and no operation here archives a charge.
    if query.take("gateway_id").is_some_and(|id| id != session.gateway_id)
        || query.take("company_id").is_some_and(|id| id != session.company_id)
        || query.truth("archived") == Some(true)
        || query.take("subscription_id").is_some()
    {
        return none;
    }
    let moment_of = |text: Option<String>| text.as_deref().and_then(moment::parse_ms);
    let mut search = PaymentSearch {
        customer: query.take("customer_id").map(CustomerId::new),
        payment_method: query.take("payment_source_id").map(PaymentMethodId::new),
        created: TimeRange {
            from_ms: moment_of(query.take("created_at.from")),
            until_ms: moment_of(query.take("created_at.to")),
        },
        direction: direction(&mut query),
        limit: paging.limit,
        offset: paging.skip,
        ..PaymentSearch::default()
    };
    let filter = Filter {
        status: query.take("status"),
        reference: query.take("reference"),
        search: query.take("search").map(|text| text.to_lowercase()),
    };
    if filter.is_empty() {
        let found = session.vaulting.store().payments(&session.tenant, &search).await?;
        let shown = found.items.iter().map(|payment| ChargeAnswer::of(session, payment)).collect();
        return Ok((shown, found.total, paging));
    }
    (search.limit, search.offset) = (SCAN, 0);
    let (mut page, mut count) = (Vec::new(), 0_u64);
    loop {
        let found = session.vaulting.store().payments(&session.tenant, &search).await?;
        let read = u32::try_from(found.items.len()).unwrap_or(SCAN);
        for payment in found.items.iter().filter(|payment| filter.fits(payment)) {
            count += 1;
            let place = count - 1;
            if (u64::from(paging.skip)..u64::from(paging.skip) + u64::from(paging.limit)).contains(&place) {
                page.push(ChargeAnswer::of(session, payment));
            }
        }
        if read < SCAN {
            return Ok((page, count, paging));
        }
        search.offset = search.offset.saturating_add(read);
    }
}

/// What pays, ready to be charged, and what may be shown of it.
struct Ready {
    given: Given,
    customer_id: Option<CustomerId>,
    payer: Payer,
    customer_reference: Option<String>,
    shown: SourceAnswer,
}

async fn charge(session: &Session<'_>, body: ChargeBody) -> Result<Composed, Failure> {
    let ChargeBody { amount, capture, reference, description, payer, customer_reference, meta, paid_by } =
        body;
    let ready = ready(session, paid_by).await?;
    let (payment_method_id, means) = match &ready.given {
        Given::Stored { method, .. } => (Some(method.id.clone()), Means::Stored(method)),
        Given::Token { opened, .. } => (None, Means::Opened(opened)),
        Given::Clear { checked, .. } => (None, Means::Clear(checked)),
    };
    let paid = Paid {
        payer: if payer.is_empty() { ready.payer } else { payer },
        customer_reference: customer_reference.or(ready.customer_reference),
        payment_source: ready.shown,
        transaction_id: session.object_id()?,
    };
    let order = Order {
        id: PaymentId::new(session.object_id()?),
        face: Face::Paydock,
        customer_id: ready.customer_id,
        payment_method_id,
        amount,
        capture,
        reference,
        description,
        metadata: meta,
        extra: paid.into_extra(),
    };
    let payment = session.vaulting.charge(&session.tenant, order, means).await?;
    let shown = ChargeAnswer::of(session, &payment);
    let (status, body) = match Refusal::of(payment.outcome) {
        None => (StatusCode::CREATED, answer::created("charge", &shown)),
        Some(refusal) => {
            let body = serde_json::to_value(refusal.answer(&shown)).unwrap_or(Value::Null);
            (StatusCode::BAD_REQUEST, body)
        }
    };
    let mut changes = Vec::new();
    if let Given::Token { opened, forget, .. } = ready.given {
        changes.push(session.vaulting.spend_only(&opened));
        changes.extend(forget);
    }
    changes.push(Change::InsertPayment(payment));
    Ok(Composed { status, body, changes })
}

/// Finds and opens what pays.
async fn ready(session: &Session<'_>, paid_by: PaidBy) -> Result<Ready, Failure> {
    match paid_by {
        PaidBy::Token(token) => Ok(without_customer(session, Given::token(session, &token, "token").await?)),
        PaidBy::Clear(given) => Ok(without_customer(session, given)),
        PaidBy::Vault(given, customer_id) => {
            let customer = match customer_id {
                Some(id) => Some(customer(session, &id).await?.customer),
                None => None,
            };
            let ready = without_customer(session, given);
            Ok(match customer {
                Some(customer) => Ready {
                    payer: payer_of(&customer),
                    customer_reference: customer.reference,
                    customer_id: Some(customer.id),
                    ..ready
                },
                None => ready,
            })
        }
        PaidBy::Customer(id, source) => {
            let CustomerRecord { customer, addresses, payment_methods } = customer(session, &id).await?;
            let method = match source {
                Some(source) => {
                    const PATH: &str = "payment_source_id";
                    let found =
                        payment_methods.into_iter().find(|method| method.id.as_str() == source.as_str());
                    let found = found.ok_or_else(|| Failure::not_found("payment source").at(PATH))?;
                    if found.archived_at_ms.is_some() {
                        return Err(Failure::archived(PATH, "payment source"));
                    }
                    found
                }
                None => payment_methods
                    .into_iter()
                    .find(|method| Some(&method.id) == customer.default_payment_method_id.as_ref())
                    .ok_or_else(|| {
                        let message = "the customer has no default payment source; name one, or add one";
                        Failure::unfulfilled("customer_id", "no_payment_source", message)
                    })?,
            };
            Ok(Ready {
                shown: SourceAnswer::of_stored(session, &method, &addresses),
                payer: payer_of(&customer),
                customer_reference: customer.reference,
                customer_id: Some(customer.id),
                given: Given::Stored { kept: Kept::of(&method), method },
            })
        }
    }
}

/// What pays without a customer.
fn without_customer(session: &Session<'_>, given: Given) -> Ready {
    let shown = match &given {
        Given::Clear { checked, kept } => SourceAnswer::of_passing(session, checked.source(), kept),
        Given::Token { opened, kept, .. } => {
            SourceAnswer::of_passing(session, opened.checked().source(), kept)
        }
        Given::Stored { method, .. } => SourceAnswer::of_stored(session, method, &[]),
    };
    let payer = given.kept().payer.clone();
    Ready { given, customer_id: None, payer, customer_reference: None, shown }
}

async fn customer(session: &Session<'_>, id: &str) -> Result<CustomerRecord, Failure> {
    const PATH: &str = "customer_id";
    customers::active(session, &CustomerId::new(id)).await.map_err(|failure| failure.at(PATH))
}

fn payer_of(customer: &Customer) -> Payer {
    Payer {
        first_name: customer.first_name.clone(),
        last_name: customer.last_name.clone(),
        email: customer.email.clone(),
        phone: customer.phone.clone(),
        phone2: None,
    }
}
