//! Transactions: charge a token, a payment instrument or a customer's default one; read and list.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::address::BillingAddress;
use super::customers;
use super::failure::{BodyRefusals, Failure, Refusals};
use super::instruments;
use super::list::List;
use super::moment;
use super::request::{Caller, Parameters, Sent};
use super::session::{self, Session};
use super::tokens;
use super::transaction_body::{Instruction, SALE, TransactionBody};
use crate::api::once::{Composed, Repeat, once};
use crate::domain::{
    Capture, Customer, CustomerId, Face, Fault, Outcome, Payment, PaymentId, PaymentMethod, PaymentSearch,
};
use crate::problem::Problem;
use crate::state::AppState;
use crate::store::{Change, CustomerRecord};
use crate::vaulting::{Means, Order};

/// How long a repetition gets the same answer, in seconds; the gateway names no time.
const REPEATABLE_SECS: u32 = 24 * 60 * 60;

/// What of a transaction only this face knows: whether the shopper was away.
const MERCHANT_INITIATED: &str = "isMerchantInitiated";

/// What of a transaction only this face knows: where the bill goes.
const BILLING_ADDRESS: &str = "billingAddress";

/// What of a transaction only this face knows: the merchant's website.
const WEBSITE: &str = "websiteId";

/// A transaction.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Transaction)]
pub(super) struct TransactionAnswer {
    /// The id.
    id: String,
    /// `sale`, or `authorize` if the money was only set aside.
    #[serde(rename = "type")]
    kind: &'static str,
    /// Where it is.
    status: TransactionStatus,
    /// How it turned out. Why an issuer declined is not told here, as the gateway does not tell it.
    result: TransactionResult,
    /// Status and result in one word, for display.
    combined_status: &'static str,
    /// How much, as a decimal number of the currency.
    amount: f64,
    /// The currency.
    currency: &'static str,
    /// Who paid.
    customer_id: Option<String>,
    /// Who paid.
    customer: Option<PayerAnswer>,
    /// What paid, if it stays.
    payment_instrument_id: Option<String>,
    /// What paid.
    payment_instrument: PayingAnswer,
    /// Whether the shopper was away.
    is_merchant_initiated: bool,
    /// Where the bill goes.
    billing_address: Option<BillingAddress>,
    /// Free data of the merchant's.
    #[schema(value_type = Object)]
    metadata: Map<String, Value>,
    /// The merchant's website, as it was sent.
    website_id: Option<String>,
    /// Who decided; `sandbox` moves no money.
    gateway_name: String,
    /// The same, for programs.
    gateway_slug: String,
    /// The transaction that this one belongs to; there is none.
    parent_transaction_id: Option<String>,
    /// When it was decided.
    #[schema(format = DateTime)]
    created_time: String,
    /// The same: nothing changes it afterwards.
    #[schema(format = DateTime)]
    updated_time: String,
}

/// Who paid.
#[derive(Serialize, ToSchema)]
#[schema(as = Payer)]
struct PayerAnswer {
    /// The customer.
    id: String,
    /// Its e-mail address, if it has one.
    email: Option<String>,
}

/// What paid.
#[derive(Serialize, ToSchema)]
#[schema(as = PayingInstrument)]
struct PayingAnswer {
    /// The payment instrument, if it stays.
    id: Option<String>,
    /// `payment-card`, `ach`, `bsb` or `checkout`.
    method: &'static str,
}

/// Where a transaction is; of the gateway's states, those that can be here.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum TransactionStatus {
    /// It is over.
    Completed,
    /// Nobody answered in time.
    Timeout,
    /// It did not get as far as anybody who could decide.
    NotSent,
}

/// How a transaction turned out; of the gateway's results, those that can be here.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum TransactionResult {
    /// The money was taken.
    Approved,
    /// It was refused.
    Declined,
    /// Nobody decided.
    Unknown,
}

/// Charges a token, a payment instrument or the customer's default one. A decline is a 201, too: look at
/// `result`.
#[utoipa::path(
    operation_id = "createTransaction",
    post, path = "/v1/public-api/organizations/{org}/transactions", tag = "Transactions",
    params(("org" = String, Path, description = "The organization: the merchant's id.")),
    request_body = TransactionBody,
    responses(
        (status = 201, description = "It is decided, one way or the other.", body = TransactionAnswer),
        Refusals, BodyRefusals,
    ),
)]
pub(super) async fn create(
    State(state): State<AppState>,
    caller: Caller,
    body: Sent,
) -> Result<Response, Failure> {
    let Sent { members, raw } = body;
    let body = TransactionBody::read(members)?;
    let repeat = body.idempotency_key.clone().map(|key| Repeat {
        face: Face::PaymentsAi,
        key,
        request: Zeroizing::new([b"POST transactions\n", &*raw].concat()),
        lifetime_secs: REPEATABLE_SECS,
    });
    let session = Session { vaulting: state.vaulting(), tenant: caller.tenant };
    let (status, answer) =
        once(session.vaulting, &session.tenant, repeat, async || compose(&session, &body).await).await?;
    Ok((status, Json(answer)).into_response())
}

/// Reads a transaction.
#[utoipa::path(
    operation_id = "retrieveTransaction",
    get, path = "/v1/public-api/organizations/{org}/transactions/{transaction}", tag = "Transactions",
    params(
        ("org" = String, Path, description = "The organization: the merchant's id."),
        ("transaction" = String, Path, description = "The transaction."),
    ),
    responses((status = 200, description = "The transaction.", body = TransactionAnswer), Refusals),
)]
pub(super) async fn retrieve(
    State(state): State<AppState>,
    caller: Caller,
) -> Result<Json<TransactionAnswer>, Failure> {
    let id = caller.transaction();
    let session = Session { vaulting: state.vaulting(), tenant: caller.tenant };
    let payment = session.vaulting.store().payment(&session.tenant, &id).await?;
    let payment = payment.ok_or_else(|| Failure::not_found("transaction"))?;
    let customer = payer(&session, payment.customer_id.as_ref()).await?;
    Ok(Json(TransactionAnswer::of(&payment, customer.as_ref())))
}

/// Lists transactions, newest first.
#[utoipa::path(
    operation_id = "listTransactions",
    get, path = "/v1/public-api/organizations/{org}/transactions", tag = "Transactions",
    params(
        ("org" = String, Path, description = "The organization: the merchant's id."),
        ("limit" = Option<u32>, Query, description = "How many at most; 20 unless said otherwise.", maximum = 1000),
        ("offset" = Option<u32>, Query, description = "How many come before them."),
        ("customerId" = Option<String>, Query, description = "Only those of one customer."),
    ),
    responses(
        (status = 200, description = "The transactions.", body = [TransactionAnswer],
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
) -> Result<List<TransactionAnswer>, Failure> {
    let paging = parameters.paging()?;
    let customer = parameters.take("customerId").map(CustomerId::new);
    parameters.finish()?;
    let session = Session { vaulting: state.vaulting(), tenant: caller.tenant };
    let search =
        PaymentSearch { customer, limit: paging.limit, offset: paging.offset, ..PaymentSearch::default() };
    let found = session.vaulting.store().payments(&session.tenant, &search).await?;
    let mut items = Vec::new();
    for payment in &found.items {
        let customer = payer(&session, payment.customer_id.as_ref()).await?;
        items.push(TransactionAnswer::of(payment, customer.as_ref()));
    }
    Ok(List { items, total: found.total, paging })
}

async fn compose(session: &Session<'_>, body: &TransactionBody) -> Result<Composed, Failure> {
    let record = session.active(&body.customer_id).await.map_err(|failure| failure.at("customerId"))?;
    let (payment, mut changes) = match &body.payment_instruction {
        Instruction::Token(token) => charge_token(session, body, &record, token).await?,
        Instruction::Instrument(id) => {
            const PATH: &str = "paymentInstruction.paymentInstrumentId";
            let method = session::method(&record, id)
                .ok_or_else(|| Failure::not_found("payment instrument of this customer").at(PATH))?;
            charge_method(session, body, &record, method, PATH).await?
        }
        Instruction::Default => {
            const PATH: &str = "paymentInstruction";
            let default = record.customer.default_payment_method_id.as_ref();
            let method = default.and_then(|id| session::method(&record, id)).ok_or_else(|| {
                Failure::unprocessable(
                    PATH,
                    "default_payment_instrument_missing",
                    "the customer has no default payment instrument; name a token or a paymentInstrumentId",
                )
            })?;
            charge_method(session, body, &record, method, PATH).await?
        }
    };
    let answer = TransactionAnswer::of(&payment, Some(&record.customer));
    let answer = serde_json::to_value(answer).map_err(|_| Problem::internal())?;
    changes.push(Change::InsertPayment(payment));
    Ok(Composed { status: StatusCode::CREATED, body: answer, changes })
}

/// Charges a token. It is consumed whatever comes of it; if it is approved, what it stood for stays with the
/// customer as a payment instrument.
async fn charge_token(
    session: &Session<'_>,
    body: &TransactionBody,
    record: &CustomerRecord,
    token: &str,
) -> Result<(Payment, Vec<Change>), Failure> {
    const PATH: &str = "paymentInstruction.token";
    let opened = session.vaulting.open_token(&session.tenant, token).await;
    let opened = opened.map_err(|error| Failure::from(error).token_at(PATH))?;
    let order = order(session, body, record, None)?;
    let mut payment = session.vaulting.charge(&session.tenant, order, Means::Opened(&opened)).await?;
    match payment.outcome {
        Outcome::Approved => {
            let billing = tokens::billing_address(session, token).await?;
            let (method, changes) =
                instruments::made(session, opened, &record.customer.id, billing.as_ref())?;
            payment.payment_method_id = Some(method.id);
            Ok((payment, changes.to_vec()))
        }
        Outcome::Declined(_) | Outcome::Failed(_) => {
            Ok((payment, vec![session.vaulting.spend_only(&opened)]))
        }
    }
}

async fn charge_method(
    session: &Session<'_>,
    body: &TransactionBody,
    record: &CustomerRecord,
    method: &PaymentMethod,
    path: &str,
) -> Result<(Payment, Vec<Change>), Failure> {
    instruments::check_usable(session, method).map_err(|failure| failure.at(path))?;
    let order = order(session, body, record, Some(method))?;
    let payment = session.vaulting.charge(&session.tenant, order, Means::Stored(method)).await?;
    Ok((payment, Vec::new()))
}

fn order(
    session: &Session<'_>,
    body: &TransactionBody,
    record: &CustomerRecord,
    method: Option<&PaymentMethod>,
) -> Result<Order, Failure> {
    let billing = body.billing_address.clone().or_else(|| {
        let customer = &record.customer;
        let address = customers::billing_address(record)?;
        Some(BillingAddress::of_customer(
            address,
            customer.first_name.as_deref(),
            customer.last_name.as_deref(),
        ))
    });
    let mut own = Map::new();
    own.insert(MERCHANT_INITIATED.to_owned(), body.is_merchant_initiated.into());
    if let Some(billing) = billing {
        let billing = serde_json::to_value(billing).map_err(|_| Problem::internal())?;
        own.insert(BILLING_ADDRESS.to_owned(), billing);
    }
    if let Some(website) = &body.website_id {
        own.insert(WEBSITE.to_owned(), website.as_str().into());
    }
    let mut extra = Map::new();
    session::set_own(&mut extra, own);
    Ok(Order {
        id: PaymentId::new(session.uuid()?),
        face: Face::PaymentsAi,
        customer_id: Some(record.customer.id.clone()),
        payment_method_id: method.map(|method| method.id.clone()),
        amount: body.amount,
        capture: Capture::Automatic,
        reference: None,
        description: None,
        metadata: body.metadata.clone(),
        extra,
    })
}

/// Who paid, deleted or not; none if nobody is known, or another face has destroyed the record.
async fn payer(session: &Session<'_>, id: Option<&CustomerId>) -> Result<Option<Customer>, Failure> {
    let Some(id) = id else { return Ok(None) };
    Ok(session.vaulting.store().any_customer(&session.tenant, id).await?)
}

impl TransactionAnswer {
    fn of(payment: &Payment, customer: Option<&Customer>) -> Self {
        let mut own = session::own(&payment.extra);
        let (status, result, combined_status) = match payment.outcome {
            Outcome::Approved => (TransactionStatus::Completed, TransactionResult::Approved, "approved"),
            Outcome::Declined(_) => (TransactionStatus::Completed, TransactionResult::Declined, "declined"),
            Outcome::Failed(Fault::Timeout) => {
                (TransactionStatus::Timeout, TransactionResult::Unknown, "timeout")
            }
            Outcome::Failed(Fault::ProcessorError | Fault::SystemError) => {
                (TransactionStatus::NotSent, TransactionResult::Unknown, "not-sent")
            }
        };
        let instrument = payment.payment_method_id.as_ref().map(|id| id.as_str().to_owned());
        let created_time = moment::text_of_ms(payment.created_at_ms);
        Self {
            id: payment.id.as_str().to_owned(),
            kind: match payment.capture {
                Capture::Automatic => SALE,
                Capture::Manual => "authorize",
            },
            status,
            result,
            combined_status,
            amount: payment.amount.as_f64(),
            currency: payment.amount.currency.as_str(),
            customer_id: payment.customer_id.as_ref().map(|id| id.as_str().to_owned()),
            customer: customer.map(|customer| PayerAnswer {
                id: customer.id.as_str().to_owned(),
                email: customer.email.clone(),
            }),
            payment_instrument_id: instrument.clone(),
            payment_instrument: PayingAnswer { id: instrument, method: instruments::name_of(payment.kind) },
            is_merchant_initiated: own.get(MERCHANT_INITIATED).and_then(Value::as_bool).unwrap_or_default(),
            billing_address: own
                .remove(BILLING_ADDRESS)
                .and_then(|billing| serde_json::from_value(billing).ok()),
            metadata: payment.metadata.clone(),
            website_id: own.get(WEBSITE).and_then(Value::as_str).map(str::to_owned),
            gateway_name: payment.processor.clone(),
            gateway_slug: payment.processor.clone(),
            parent_transaction_id: None,
            updated_time: created_time.clone(),
            created_time,
        }
    }
}
