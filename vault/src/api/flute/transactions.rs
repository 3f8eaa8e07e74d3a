//! Transactions, in the three ways of the seed document: with a customer, with a payment method that may be
//! nobody's, and with the data of a card or bank account that is kept nowhere.

use axum::Json;
use axum::response::Response;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::customers;
use super::entity::EntityId;
use super::failure::{Failure, Spelling};
use super::paging::{PageInfo, Paging};
use super::parameters::Parameters;
use super::payment_methods;
use super::request::{At, Call, answered};
use super::transaction_body::{Data, Wanted};
use super::transaction_view::{self, TransactionAnswer, TransactionCreated, WholeTransaction};
use crate::api::members::{Misfit, required};
use crate::domain::{
    Capture, Currency, CustomerId, Direction, Display, Face, MethodKind, Money, Payment, PaymentId,
    PaymentMethod, PaymentSearch, TimeRange,
};
use crate::store::{Change, CustomerRecord};
use crate::vaulting::{Checked, Means, Order};

/// How many payments are read at once when the store cannot filter by what was asked.
const BATCH: u32 = 200;

/// A part of the list of transactions.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct TransactionPage {
    /// The transactions.
    items: Vec<TransactionAnswer>,
    /// Where they stand in the list.
    page_info: PageInfo,
}

/// Flute's words for what came of a transaction; here are captures, authorizations, declines and failures.
const STATUSES: &[&str] = &[
    "Authorized",
    "Cancelled",
    "Captured",
    "ChargedBack",
    "Cleared",
    "Declined",
    "Failed",
    "Held",
    "HeldByProcessor",
    "Informational",
    "InProgress",
    "PartiallyAuthorized",
    "Pending",
    "Refunded",
    "Scheduled",
    "Settled",
    "Verified",
    "Voided",
];

/// Flute's words for who made a transaction; here are API keys and payment sessions.
const SOURCES: &[&str] = &[
    "ApiKey",
    "Invoice",
    "MobileApp",
    "Portal",
    "QuickPayment",
    "Subscription",
    "TapToPay",
    "Terminal",
    "WebComponent",
];

/// What pays, found.
enum Payer {
    /// A payment method that is kept.
    Stored(Box<PaymentMethod>),
    /// What came with the request.
    Clear(Checked),
}

/// What the store does not filter by.
struct Filter {
    status: Option<&'static str>,
    kind: Option<&'static str>,
    source: Option<&'static str>,
    source_id: Option<EntityId>,
    batch_id: Option<String>,
    reference: Option<String>,
    least: Option<f64>,
    most: Option<f64>,
}

/// Charges a customer, a payment method, or a card or bank account that is kept nowhere. A decline is an
/// answer with the status 200.
#[utoipa::path(
    post, path = "/v2/transactions", tag = "Transactions",
    request_body = super::transaction_body::NewTransaction,
    responses((status = 200, description = "Decided, one way or the other", body = TransactionCreated)),
)]
pub(super) async fn create(call: Call) -> Result<Response, Failure> {
    call.done(|| async {
        let wanted = Wanted::read(call.members()?)?;
        let payment = charged(&call, wanted).await?;
        answered(&TransactionCreated::of(&payment), vec![Change::InsertPayment(payment)])
    })
    .await
}

/// Shows transactions, newest first unless something else is asked.
#[utoipa::path(
    get, path = "/v2/transactions", tag = "Transactions",
    params(
        ("pageIndex" = Option<u32>, Query, minimum = 0, maximum = 10_000_000, description = "Which part, counted from zero"),
        ("pageSize" = Option<u32>, Query, minimum = 1, maximum = 100, description = "How many; 20 if it is not given"),
        ("sortBy" = Option<String>, Query, description = "transactionDateTime"),
        ("sortOrder" = Option<String>, Query, description = "asc or desc"),
        ("fromDate" = Option<String>, Query, description = "Not before"),
        ("toDate" = Option<String>, Query, description = "Not after"),
        ("transactionStatus" = Option<String>, Query, description = "What came of it"),
        ("paymentMethodType" = Option<String>, Query, description = "Card, ACH or Cash"),
        ("sourceType" = Option<String>, Query, description = "Who made it"),
        ("sourceId" = Option<String>, Query, description = "The payment session that made it"),
        ("batchId" = Option<String>, Query, description = "null finds what is not settled, which is everything"),
        ("customerId" = Option<String>, Query, description = "Of this customer"),
        ("minAmount" = Option<f64>, Query, description = "At least so much"),
        ("maxAmount" = Option<f64>, Query, description = "At most so much"),
        ("referenceId" = Option<String>, Query, description = "With this reference"),
    ),
    responses((status = 200, description = "A part of the list", body = TransactionPage)),
)]
pub(super) async fn list(call: Call) -> Result<Json<TransactionPage>, Failure> {
    let mut query = call.query()?;
    let paging = Paging::take(&mut query)?;
    let sorted = query.word("sortBy", &["transactionDateTime"])?;
    let direction = match (query.word("sortOrder", &["asc", "desc"])?, sorted) {
        (Some("asc"), _) => Direction::Ascending,
        // Newest first if nothing is said; ascending if only what to sort by is said.
        (None, Some(_)) => Direction::Ascending,
        (Some(_) | None, _) => Direction::Descending,
    };
    let search = PaymentSearch {
        customer: query.id("customerId")?.map(|id| CustomerId::new(id.as_str())),
        created: TimeRange { from_ms: query.moment("fromDate")?, until_ms: query.moment("toDate")? },
        direction,
        limit: paging.limit(),
        offset: paging.offset(),
        ..PaymentSearch::default()
    };
    let filter = Filter::take(&mut query)?;
    let (payments, total) = match filter {
        None => {
            let found = call.vaulting.store().payments(&call.tenant, &search).await?;
            (found.items, found.total)
        }
        Some(filter) => filtered(&call, search, &filter).await?,
    };
    let mut items = Vec::with_capacity(payments.len());
    for payment in &payments {
        items.push(TransactionAnswer::of(&call.vaulting, &call.tenant, payment).await?);
    }
    Ok(Json(TransactionPage { items, page_info: paging.info(total) }))
}

/// Shows a transaction with everything that is known of it.
#[utoipa::path(
    get, path = "/v2/transactions/{transactionId}", tag = "Transactions",
    params(("transactionId" = String, Path, description = "The transaction's id")),
    responses((status = 200, description = "The transaction", body = WholeTransaction)),
)]
pub(super) async fn read(At(id): At<EntityId>, call: Call) -> Result<Json<WholeTransaction>, Failure> {
    let found = call.vaulting.store().payment(&call.tenant, &PaymentId::new(id.as_str())).await?;
    let payment = found.ok_or_else(|| Failure::missing(Some(id.as_str())))?;
    Ok(Json(WholeTransaction::of(&call.vaulting, &call.tenant, &payment).await?))
}

/// Finds what pays, checks that it may, and asks the processor.
async fn charged(call: &Call, wanted: Wanted) -> Result<Payment, Failure> {
    let customer = match &wanted.customer_id {
        Some(id) => Some(customers::record(call, id).await?),
        None => None,
    };
    let payer = payer(call, &wanted, customer.as_ref()).await?;
    let amount = wanted.amounts.total().ok_or_else(|| Failure::from(required("baseAmount")))?;
    let (method, customer_id) = match &payer {
        // A customer's payment method pays for its customer, named or not.
        Payer::Stored(method) => (Some(&**method), method.customer_id.clone()),
        Payer::Clear(_) => (None, None),
    };
    let capture = match wanted.data {
        Some(Data::Card { capture, .. }) => capture,
        Some(Data::Ach { .. }) | None => Capture::Automatic,
    };
    let extra = extra(&wanted, &payer);
    let order = Order {
        id: PaymentId::new(call.once_id()?.as_str()),
        face: Face::Flute,
        customer_id: customer_id.or(customer.map(|record| record.customer.id)),
        payment_method_id: method.map(|method| method.id.clone()),
        amount,
        capture,
        reference: wanted.reference,
        description: None,
        metadata: Map::new(),
        extra,
    };
    let means = match &payer {
        Payer::Stored(method) => Means::Stored(method),
        Payer::Clear(checked) => Means::Clear(checked),
    };
    Ok(call.vaulting.charge(&call.tenant, order, means).await?)
}

async fn payer(call: &Call, wanted: &Wanted, customer: Option<&CustomerRecord>) -> Result<Payer, Failure> {
    let vaulting = &call.vaulting;
    match &wanted.data {
        Some(Data::Card { details: Some(card), .. }) => {
            let path = "transactionDetails.cardData.paymentMethodDetails";
            return card.checked(vaulting, path, Spelling::V2).map(Payer::Clear);
        }
        Some(Data::Ach { details: Some(account), sec_code, .. }) => {
            // Flute's CLI reports what Flute's document leaves out: a new account needs both.
            if !wanted.has_billing_address {
                return Err(required("billingAddress").into());
            }
            wanted.contact.as_ref().ok_or_else(|| required("contactInfo"))?.suffices()?;
            let path = "transactionDetails.achData.paymentMethodDetails";
            return account.checked(vaulting, path, Some(*sec_code)).map(Payer::Clear);
        }
        Some(Data::Card { details: None, .. } | Data::Ach { details: None, .. }) | None => {}
    }
    let method = match (&wanted.payment_method_id, customer) {
        (Some(id), None) => payment_methods::method(call, id).await?,
        (Some(id), Some(record)) => {
            of_customer(record, id.as_str()).ok_or_else(|| Failure::missing(Some(id.as_str())))?
        }
        (None, Some(record)) => {
            let default = record.customer.default_payment_method_id.as_ref();
            let found = default.and_then(|id| of_customer(record, id.as_str()));
            found.ok_or_else(|| {
                let message = "The customer has no default payment method; name one.";
                Failure::invalid("paymentMethodId", "default_missing", message)
            })?
        }
        (None, None) => return Err(required("paymentMethodId").into()),
    };
    let fits = match (&wanted.data, method.kind()) {
        (Some(Data::Card { .. }), kind) => kind == MethodKind::Card,
        (Some(Data::Ach { .. }), kind) => kind == MethodKind::BankAccount,
        (None, _) => true,
    };
    if !fits {
        let message = "The payment method is of another type than transactionDetails.";
        return Err(Failure::invalid("paymentMethodId", "wrong_payment_type", message));
    }
    company_named(wanted, &method)?;
    Ok(Payer::Stored(Box::new(method)))
}

/// Refuses a company's orphan bank account if nothing names the company.
fn company_named(wanted: &Wanted, method: &PaymentMethod) -> Result<(), Misfit> {
    let Display::BankAccount(account) = &method.display else { return Ok(()) };
    let kept = method.extra.get("flute").and_then(|extra| extra.get("companyName"));
    let said = wanted.contact.as_ref().and_then(|contact| contact.company_name.as_ref());
    let orphan_of_company = method.customer_id.is_none() && account.holder_type == "business";
    if orphan_of_company && kept.is_none() && said.is_none() {
        return Err(required("contactInfo.companyName"));
    }
    Ok(())
}

fn of_customer(record: &CustomerRecord, id: &str) -> Option<PaymentMethod> {
    record.payment_methods.iter().find(|method| method.id.as_str() == id).cloned()
}

/// What the payment keeps of the request, under this face's name. Nothing of it is of a card but its scheme.
fn extra(wanted: &Wanted, payer: &Payer) -> Map<String, Value> {
    let mut kept = wanted.amounts.kept();
    kept.insert("sourceType".to_owned(), "ApiKey".into());
    kept.insert("isCustomerInitiatedTransaction".to_owned(), wanted.customer_initiated.into());
    if let Some(pricing) = &wanted.pricing_type {
        kept.insert("pricingType".to_owned(), pricing.as_str().into());
    }
    if let Some(processor) = &wanted.processor_id {
        kept.insert("paymentProcessorId".to_owned(), processor.as_str().into());
    }
    if let Some(Data::Ach { sec_code, same_day, .. }) = &wanted.data {
        kept.insert("secCode".to_owned(), sec_code.in_domain().into());
        kept.insert("isSameDayProcessing".to_owned(), (*same_day).into());
    }
    let scheme = match payer {
        Payer::Stored(method) => match &method.display {
            Display::Card(card) => Some(card.scheme.clone()),
            Display::BankAccount(_) | Display::Bsb(_) | Display::Checkout(_) => None,
        },
        Payer::Clear(checked) => match checked.instrument() {
            Some(instrument::Instrument::Card(card)) => Some(card.number().scheme().id.to_owned()),
            Some(instrument::Instrument::BankAccount(_)) | None => None,
        },
    };
    if let Some(scheme) = scheme {
        kept.insert("cardScheme".to_owned(), scheme.into());
    }
    let mut extra = Map::new();
    extra.insert("flute".to_owned(), Value::Object(kept));
    extra
}

impl Filter {
    /// Takes what the store does not filter by; `None` if there is nothing of it.
    fn take(query: &mut Parameters) -> Result<Option<Self>, Misfit> {
        let text =
            |query: &mut Parameters, name| Ok::<_, Misfit>(query.text(name)?.map(|text| text.to_string()));
        let filter = Self {
            status: query.word("transactionStatus", STATUSES)?,
            kind: query.word("paymentMethodType", &["Card", "ACH", "Cash"])?,
            source: query.word("sourceType", SOURCES)?,
            source_id: query.id("sourceId")?,
            // Nothing is settled here: `null` finds everything, and any batch nothing.
            batch_id: text(query, "batchId")?.filter(|id| id != "null"),
            reference: text(query, "referenceId")?,
            least: amount(query, "minAmount")?,
            most: amount(query, "maxAmount")?,
        };
        let Self { status, kind, source, source_id, batch_id, reference, least, most } = &filter;
        let named = status.is_some()
            || kind.is_some()
            || source.is_some()
            || source_id.is_some()
            || batch_id.is_some()
            || reference.is_some()
            || least.is_some()
            || most.is_some();
        Ok(named.then_some(filter))
    }

    fn keeps(&self, payment: &Payment) -> bool {
        let kind = match payment.kind {
            MethodKind::Card => "Card",
            MethodKind::BankAccount => "ACH",
            MethodKind::Bsb | MethodKind::Checkout => "Other",
        };
        let session = payment.extra.get("flute").and_then(|extra| extra.get("sessionId"));
        let amount = payment.amount.as_f64();
        self.batch_id.is_none()
            && self.status.is_none_or(|status| status == transaction_view::status(payment))
            && self.kind.is_none_or(|wanted| wanted == kind)
            && self.source.is_none_or(|source| source == transaction_view::source_type(payment))
            && self.source_id.as_ref().is_none_or(|id| session.and_then(Value::as_str) == Some(id.as_str()))
            && self.reference.as_ref().is_none_or(|reference| payment.reference.as_ref() == Some(reference))
            && self.least.is_none_or(|least| amount >= least)
            && self.most.is_none_or(|most| amount <= most)
    }
}

/// Reads all payments in batches, and keeps the part that was asked for.
async fn filtered(
    call: &Call,
    search: PaymentSearch,
    filter: &Filter,
) -> Result<(Vec<Payment>, u64), Failure> {
    let (mut kept, mut total) = (Vec::new(), 0_u64);
    let first = u64::from(search.offset);
    let end = first + u64::from(search.limit);
    let mut batch = PaymentSearch { limit: BATCH, offset: 0, ..search };
    loop {
        let found = call.vaulting.store().payments(&call.tenant, &batch).await?;
        let read = u32::try_from(found.items.len()).unwrap_or(BATCH);
        for payment in found.items.into_iter().filter(|payment| filter.keeps(payment)) {
            if (first..end).contains(&total) {
                kept.push(payment);
            }
            total += 1;
        }
        if read < BATCH {
            return Ok((kept, total));
        }
        batch.offset = batch.offset.saturating_add(read);
    }
}

fn amount(query: &mut Parameters, name: &str) -> Result<Option<f64>, Misfit> {
    let Some(text) = query.text(name)? else { return Ok(None) };
    // Read as money is, so that no exponent and no infinity is a number.
    let money = Money::from_decimal(&text, Currency::USD).map(|money| money.as_f64());
    money.map(Some).ok_or_else(|| {
        Misfit::invalid(name, "out_of_range", format!("{name} must be an amount such as 12.50"))
    })
}
