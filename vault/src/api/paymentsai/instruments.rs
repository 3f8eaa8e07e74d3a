//! Payment instruments of a customer: attach by token, read, list, make default, deactivate.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::address::BillingAddress;
use super::failure::{BodyRefusals, ErrorAnswer, Failure, Refusals};
use super::list::List;
use super::moment;
use super::request::{Caller, Parameters, Sent};
use super::session::{self, Session};
use super::tokens;
use crate::api::members::{Members, TEXT_MAX_CHARS};
use crate::clock;
use crate::domain::{
    CustomerId, Display, Holding, Lifecycle, MethodKind, MethodSearch, Outcome, PaymentMethod,
    PaymentMethodId, PaymentSearch,
};
use crate::state::AppState;
use crate::store::{Change, CustomerRecord, StoreError};
use crate::vaulting::{NewPaymentMethod, OpenedToken};

/// What of a payment instrument only this face knows: where its bills go.
const BILLING_ADDRESS: &str = "billingAddress";

/// How many payments are read at a time when one that succeeded is looked for.
const PAYMENTS_AT_A_TIME: u32 = 100;

/// What attaches a payment instrument to a customer.
#[derive(ToSchema)]
#[expect(dead_code, reason = "this only describes what is read by name")]
pub(super) struct AttachBody {
    /// A one-time token of this merchant's; it is consumed.
    #[schema(min_length = 1, max_length = 255)]
    token: String,
}

/// A payment instrument of a customer.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PaymentInstrument)]
pub(super) struct InstrumentAnswer {
    /// The id, which transactions name as `paymentInstrumentId`.
    id: String,
    /// `payment-card`, `ach`, `bsb` or `checkout`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// Whose it is.
    customer_id: Option<String>,
    /// Where it is in its life.
    status: InstrumentStatus,
    /// Whether it is charged when a transaction names nothing.
    is_default: bool,
    /// What may be shown of a card.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    credit_card: Option<CardAnswer>,
    /// What may be shown of a bank account.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    bank_account: Option<BankAnswer>,
    /// Where its bills go, if the token said so.
    billing_address: Option<BillingAddress>,
    /// When it was attached.
    #[schema(format = DateTime)]
    created_time: String,
    /// When it was last changed.
    #[schema(format = DateTime)]
    updated_time: String,
}

/// What may be shown of a card.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CreditCard)]
struct CardAnswer {
    /// The last four digits.
    credit_card_last_four_digits: String,
    /// The scheme, in lower case.
    brand: String,
    /// Year of expiry, four digits.
    expire_year: u16,
    /// Month of expiry, 1 to 12.
    expire_month: u8,
}

/// What may be shown of a bank account.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BankAccount)]
struct BankAnswer {
    /// The last four digits.
    account_number_last_four_digits: String,
    /// `checking` or `savings`, if it is an account of the United States.
    account_type: Option<String>,
}

/// Where a payment instrument is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum InstrumentStatus {
    /// It has not completed a payment.
    Inactive,
    /// One or more payments have succeeded.
    Active,
    /// The card's date has passed.
    Expired,
    /// It was detached, for good.
    Deactivated,
}

/// Attaches a payment instrument by a one-time token, which is consumed.
#[utoipa::path(
    operation_id = "attachPaymentInstrument",
    post, path = "/v1/public-api/organizations/{org}/customers/{customer}/payment-instruments",
    tag = "Payment instruments",
    params(
        ("org" = String, Path, description = "The organization: the merchant's id."),
        ("customer" = String, Path, description = "The customer."),
    ),
    request_body = AttachBody,
    responses((status = 201, description = "It is attached.", body = InstrumentAnswer), Refusals, BodyRefusals),
)]
pub(super) async fn attach(
    State(state): State<AppState>,
    caller: Caller,
    body: Sent,
) -> Result<Response, Failure> {
    const TOKEN: &str = "token";
    let mut members: Members = body.members;
    let token = members.required_text(TOKEN, TEXT_MAX_CHARS)?;
    members.finish()?;
    let id = caller.customer();
    let session = Session { vaulting: state.vaulting(), tenant: caller.tenant };
    let record = session.active(&id).await?;
    let at_token = |failure: Failure| failure.token_at(TOKEN);
    let opened = session
        .vaulting
        .open_token(&session.tenant, &token)
        .await
        .map_err(Failure::from)
        .map_err(at_token)?;
    let billing = tokens::billing_address(&session, &token).await?;
    let (method, [spend, insert]) = made(&session, opened, &id, billing.as_ref())?;
    let default = Change::DefaultPaymentMethodIfNone {
        customer: id,
        id: method.id.clone(),
        now_ms: method.created_at_ms,
    };
    let is_default = record.customer.default_payment_method_id.is_none();
    let answer = InstrumentAnswer::of(&method, status_of_unpaid(&session, &method), is_default);
    session
        .vaulting
        .apply(&session.tenant, vec![spend, insert, default])
        .await
        .map_err(Failure::from)
        .map_err(at_token)?;
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

/// Lists the payment instruments of a customer in all states, newest first.
#[utoipa::path(
    operation_id = "listPaymentInstruments",
    get, path = "/v1/public-api/organizations/{org}/customers/{customer}/payment-instruments",
    tag = "Payment instruments",
    params(
        ("org" = String, Path, description = "The organization: the merchant's id."),
        ("customer" = String, Path, description = "The customer."),
        ("limit" = Option<u32>, Query, description = "How many at most; 20 unless said otherwise.", maximum = 1000),
        ("offset" = Option<u32>, Query, description = "How many come before them."),
    ),
    responses(
        (status = 200, description = "The payment instruments.", body = [InstrumentAnswer],
         headers(
            ("Pagination-Total" = u64, description = "How many there are in all."),
            ("Pagination-Limit" = u32, description = "How many are shown at most."),
            ("Pagination-Offset" = u32, description = "How many come before them."),
         )),
        Refusals,
    ),
)]
pub(super) async fn list(
    State(state): State<AppState>,
    caller: Caller,
    mut parameters: Parameters,
) -> Result<List<InstrumentAnswer>, Failure> {
    let paging = parameters.paging()?;
    parameters.finish()?;
    let id = caller.customer();
    let session = Session { vaulting: state.vaulting(), tenant: caller.tenant };
    let record = session.held(&id).await?;
    let search = MethodSearch {
        holding: Holding::Customer(id),
        lifecycle: Lifecycle::Any,
        limit: paging.limit,
        offset: paging.offset,
        ..MethodSearch::default()
    };
    let found = session.vaulting.store().search_payment_methods(&session.tenant, &search).await?;
    let mut items = Vec::new();
    for method in &found.items {
        items.push(shown(&session, &record, method).await?);
    }
    Ok(List { items, total: found.total, paging })
}

/// Reads a payment instrument, also a deactivated one.
#[utoipa::path(
    operation_id = "retrievePaymentInstrument",
    get, path = "/v1/public-api/organizations/{org}/customers/{customer}/payment-instruments/{instrument}",
    tag = "Payment instruments",
    params(
        ("org" = String, Path, description = "The organization: the merchant's id."),
        ("customer" = String, Path, description = "The customer."),
        ("instrument" = String, Path, description = "The payment instrument."),
    ),
    responses((status = 200, description = "The payment instrument.", body = InstrumentAnswer), Refusals),
)]
pub(super) async fn retrieve(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Json<InstrumentAnswer>, Failure> {
    let (id, instrument) = (caller.customer(), caller.instrument());
    let session = Session { vaulting: state.vaulting(), tenant: caller.tenant };
    let record = session.held(&id).await?;
    let method = session::method(&record, &instrument).ok_or_else(missing)?;
    shown(&session, &record, method).await.map(Json)
}

/// Makes a payment instrument the default; the one before stays attached and chargeable.
#[utoipa::path(
    operation_id = "makeDefaultPaymentInstrument",
    post, path = "/v1/public-api/organizations/{org}/customers/{customer}/payment-instruments/{instrument}/default",
    tag = "Payment instruments",
    params(
        ("org" = String, Path, description = "The organization: the merchant's id."),
        ("customer" = String, Path, description = "The customer."),
        ("instrument" = String, Path, description = "The payment instrument."),
    ),
    responses(
        (status = 200, description = "It is the default.", body = InstrumentAnswer),
        (status = 409, description = "The customer or the instrument cannot be used any more.", body = ErrorAnswer),
        Refusals,
    ),
)]
pub(super) async fn make_default(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Json<InstrumentAnswer>, Failure> {
    let (id, instrument) = (caller.customer(), caller.instrument());
    let session = Session { vaulting: state.vaulting(), tenant: caller.tenant };
    let record = session.active(&id).await?;
    let method = session::method(&record, &instrument).ok_or_else(missing)?;
    check_usable(&session, method)?;
    let status = status(&session, method).await?;
    let answer = InstrumentAnswer::of(method, status, true);
    let change =
        Change::DefaultPaymentMethod { customer: id, id: instrument, now_ms: session.vaulting.now_ms() };
    session.vaulting.apply(&session.tenant, vec![change]).await?;
    Ok(Json(answer))
}

/// Deactivates a payment instrument, for good.
#[utoipa::path(
    operation_id = "deactivatePaymentInstrument",
    post,
    path = "/v1/public-api/organizations/{org}/customers/{customer}/payment-instruments/{instrument}/deactivation",
    tag = "Payment instruments",
    params(
        ("org" = String, Path, description = "The organization: the merchant's id."),
        ("customer" = String, Path, description = "The customer."),
        ("instrument" = String, Path, description = "The payment instrument."),
    ),
    responses(
        (status = 200, description = "It is deactivated.", body = InstrumentAnswer),
        (status = 409, description = "It is deactivated already.", body = ErrorAnswer),
        Refusals,
    ),
)]
pub(super) async fn deactivate(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Json<InstrumentAnswer>, Failure> {
    let (id, instrument) = (caller.customer(), caller.instrument());
    let session = Session { vaulting: state.vaulting(), tenant: caller.tenant };
    deactivated(&session, &id, &instrument).await.map(Json)
}

/// Detaches a payment instrument: the same as deactivating it.
#[utoipa::path(
    operation_id = "detachPaymentInstrument",
    delete, path = "/v1/public-api/organizations/{org}/customers/{customer}/payment-instruments/{instrument}",
    tag = "Payment instruments",
    params(
        ("org" = String, Path, description = "The organization: the merchant's id."),
        ("customer" = String, Path, description = "The customer."),
        ("instrument" = String, Path, description = "The payment instrument."),
    ),
    responses(
        (status = 204, description = "It is deactivated."),
        (status = 409, description = "It is deactivated already.", body = ErrorAnswer),
        Refusals,
    ),
)]
pub(super) async fn detach(State(state): State<AppState>, caller: Caller) -> Result<StatusCode, Failure> {
    let (id, instrument) = (caller.customer(), caller.instrument());
    let session = Session { vaulting: state.vaulting(), tenant: caller.tenant };
    deactivated(&session, &id, &instrument).await.map(|_| StatusCode::NO_CONTENT)
}

/// A payment method of a customer made of a token, with the changes that spend the one and keep the other.
///
/// # Errors
/// 500 if there are no random bytes.
pub(super) fn made(
    session: &Session<'_>,
    token: OpenedToken,
    customer: &CustomerId,
    billing: Option<&BillingAddress>,
) -> Result<(PaymentMethod, [Change; 2]), Failure> {
    let id = PaymentMethodId::new(session.uuid()?);
    let mut new = NewPaymentMethod::new(id, Some(customer.clone()));
    if let Some(billing) = billing.and_then(|billing| serde_json::to_value(billing).ok()) {
        session::set_own(&mut new.extra, [(BILLING_ADDRESS.to_owned(), billing)].into_iter().collect());
    }
    Ok(session.vaulting.spend(&session.tenant, token, new)?)
}

/// Refuses a payment instrument that can never be charged again.
///
/// # Errors
/// 409 `payment_instrument_deactivated` or `payment_instrument_expired`.
pub(super) fn check_usable(session: &Session<'_>, method: &PaymentMethod) -> Result<(), Failure> {
    match status_of_unpaid(session, method) {
        InstrumentStatus::Inactive | InstrumentStatus::Active => Ok(()),
        InstrumentStatus::Expired => Err(Failure::conflict(
            "payment_instrument_expired",
            "the card has expired and cannot be activated again; attach another payment instrument",
        )),
        InstrumentStatus::Deactivated => Err(deactivated_already()),
    }
}

/// What the gateway calls a kind of payment instrument.
pub(super) const fn name_of(kind: MethodKind) -> &'static str {
    match kind {
        MethodKind::Card => "payment-card",
        MethodKind::BankAccount => "ach",
        MethodKind::Bsb => "bsb",
        MethodKind::Checkout => "checkout",
    }
}

async fn deactivated(
    session: &Session<'_>,
    customer: &CustomerId,
    id: &PaymentMethodId,
) -> Result<InstrumentAnswer, Failure> {
    let record = session.active(customer).await?;
    let method = session::method(&record, id).ok_or_else(missing)?;
    let archive = Change::ArchivePaymentMethod { id: id.clone(), now_ms: session.vaulting.now_ms() };
    match session.vaulting.apply(&session.tenant, vec![archive]).await {
        Ok(_) => Ok(InstrumentAnswer::of(method, InstrumentStatus::Deactivated, false)),
        // It is there: it was read above.
        Err(StoreError::PaymentMethodMissing) => Err(deactivated_already()),
        Err(error) => Err(error.into()),
    }
}

fn deactivated_already() -> Failure {
    Failure::conflict(
        "payment_instrument_deactivated",
        "the payment instrument is deactivated, which is for good; attach another one",
    )
}

fn missing() -> Failure {
    Failure::not_found("payment instrument of this customer")
}

async fn shown(
    session: &Session<'_>,
    record: &CustomerRecord,
    method: &PaymentMethod,
) -> Result<InstrumentAnswer, Failure> {
    let is_default = record.customer.default_payment_method_id.as_ref() == Some(&method.id);
    Ok(InstrumentAnswer::of(method, status(session, method).await?, is_default))
}

/// The state of a payment instrument, of which one that never paid is `Inactive`.
async fn status(session: &Session<'_>, method: &PaymentMethod) -> Result<InstrumentStatus, Failure> {
    let status = status_of_unpaid(session, method);
    if status != InstrumentStatus::Inactive {
        return Ok(status);
    }
    let mut search = PaymentSearch {
        payment_method: Some(method.id.clone()),
        limit: PAYMENTS_AT_A_TIME,
        ..PaymentSearch::default()
    };
    loop {
        let found = session.vaulting.store().payments(&session.tenant, &search).await?;
        if found.items.iter().any(|payment| payment.outcome == Outcome::Approved) {
            return Ok(InstrumentStatus::Active);
        }
        if found.items.is_empty() {
            return Ok(InstrumentStatus::Inactive);
        }
        search.offset = search.offset.saturating_add(PAYMENTS_AT_A_TIME);
    }
}

/// The state of a payment instrument, as far as it can be told without its payments.
fn status_of_unpaid(session: &Session<'_>, method: &PaymentMethod) -> InstrumentStatus {
    if method.archived_at_ms.is_some() {
        return InstrumentStatus::Deactivated;
    }
    let Display::Card(card) = &method.display else { return InstrumentStatus::Inactive };
    let today = clock::lenient_month(session.vaulting.now_ms());
    let over = today.is_some_and(|today| (card.exp_year, card.exp_month) < (today.year(), today.month()));
    if over { InstrumentStatus::Expired } else { InstrumentStatus::Inactive }
}

impl InstrumentAnswer {
    fn of(method: &PaymentMethod, status: InstrumentStatus, is_default: bool) -> Self {
        let (credit_card, bank_account) = match &method.display {
            Display::Card(card) => {
                let card = CardAnswer {
                    credit_card_last_four_digits: card.last4.clone(),
                    brand: card.scheme.clone(),
                    expire_year: card.exp_year,
                    expire_month: card.exp_month,
                };
                (Some(card), None)
            }
            Display::BankAccount(account) => {
                let account = BankAnswer {
                    account_number_last_four_digits: account.last4.clone(),
                    account_type: Some(account.account_type.clone()),
                };
                (None, Some(account))
            }
            Display::Bsb(account) => {
                let last4 = account.last4.clone();
                (None, Some(BankAnswer { account_number_last_four_digits: last4, account_type: None }))
            }
            Display::Checkout(_) => (None, None),
        };
        Self {
            id: method.id.as_str().to_owned(),
            kind: name_of(method.kind()),
            customer_id: method.customer_id.as_ref().map(|id| id.as_str().to_owned()),
            status,
            is_default,
            credit_card,
            bank_account,
            billing_address: billing_address(method),
            created_time: moment::text_of_ms(method.created_at_ms),
            updated_time: moment::text_of_ms(method.updated_at_ms),
        }
    }
}

/// Where the bills of a payment instrument go, if its token said so.
fn billing_address(method: &PaymentMethod) -> Option<BillingAddress> {
    serde_json::from_value(session::own(&method.extra).remove(BILLING_ADDRESS)?).ok()
}
