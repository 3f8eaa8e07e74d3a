//! `/v1/payments`: money from a stored payment method, a card's with its security code if that was asked for again.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderName, StatusCode},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::{
    answers::{ChangeProblems, PaymentAnswer, Problems},
    fields,
};
use crate::{
    api::{
        auth::SecretCaller,
        body::{JsonBody, Patch, sole},
        once::{Composed, Repeat, once},
        path::PathId,
    },
    clock::rfc3339,
    domain::{Capture, Currency, Face, Money, Outcome, Payment, PaymentId, PaymentMethodId, TenantId},
    problem::Problem,
    state::AppState,
    store::Change,
    vaulting::{Means, Order, Vaulting, VaultingError, is_idempotency_key},
};

/// How long a repetition gets the same answer, in seconds: a day.
const REPEAT_LIFETIME_SECS: u32 = 24 * 60 * 60;

#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPayment {
    /// The id of a stored payment method.
    payment_method: String,
    /// A token of kind `code`: the card's security code, which goes with this payment alone.
    #[serde(default)]
    code_token: Option<String>,
    /// In minor units: cents of a dollar.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, examples(1299))]
    amount: i64,
    /// A code of ISO 4217.
    #[schema(pattern = "^[A-Za-z]{3}$", examples("USD"))]
    currency: String,
    /// `automatic`, if it is left out, or `manual`: the money is only set aside.
    #[serde(default)]
    #[schema(pattern = "^(automatic|manual)$")]
    capture: Option<String>,
    /// The merchant's own.
    #[serde(default)]
    #[schema(max_length = 500)]
    reference: Option<String>,
}

/// Charges a stored payment method and keeps the payment, approved or not.
#[utoipa::path(
    post,
    operation_id = "create_payment",
    path = "/payments",
    summary = "Charges a stored payment method, a card's with its security code if that was asked for again.",
    params((
        "Idempotency-Key" = Option<String>,
        Header,
        description = "Drawn at random for every payment: A-Z a-z 0-9 - _. The same request with the same key is done \
                       once, for a day.",
        min_length = 16,
        max_length = 64,
        pattern = "^[-0-9A-Z_a-z]{16,64}$"
    )),
    request_body = NewPayment,
    responses((status = 201, description = "The payment; `status` says whether it was approved.", body = PaymentAnswer), ChangeProblems),
)]
pub(super) async fn create(
    State(state): State<AppState>,
    caller: SecretCaller,
    headers: HeaderMap,
    JsonBody(body): JsonBody<NewPayment>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let repeat = repeat(&headers, &body)?;
    let (vaulting, tenant) = (state.vaulting(), &caller.tenant);
    let done = once(vaulting, tenant, repeat, async move || charge(vaulting, tenant, body).await);
    let (status, answer) = done.await?;
    Ok((status, Json(answer)))
}

/// Reads a payment that this face has made.
#[utoipa::path(
    get,
    operation_id = "read_payment",
    path = "/payments/{id}",
    summary = "One payment.",
    params(("id" = String, Path, description = "The payment's id.", max_length = 64)),
    responses((status = 200, description = "The payment.", body = PaymentAnswer), Problems),
)]
pub(super) async fn read(
    State(state): State<AppState>,
    caller: SecretCaller,
    PathId(id): PathId,
) -> Result<Json<PaymentAnswer>, Problem> {
    let found = state.vaulting().store().payment(&caller.tenant, &PaymentId::new(id)).await?;
    let payment = found.filter(|payment| payment.face == Face::Native).ok_or_else(Problem::not_found)?;
    Ok(Json(shown(&payment)))
}

fn repeat(headers: &HeaderMap, body: &NewPayment) -> Result<Option<Repeat>, Problem> {
    let Some(key) = sole(headers, &HeaderName::from_static("idempotency-key"))? else { return Ok(None) };
    let key = key.to_str().ok().filter(|key| is_idempotency_key(key));
    let key = key.ok_or(VaultingError::IdempotencyKeyMalformed)?.to_owned();
    let request = Zeroizing::new(serde_json::to_vec(body).map_err(|_| Problem::internal())?);
    Ok(Some(Repeat { face: Face::Native, key, request, lifetime_secs: REPEAT_LIFETIME_SECS }))
}

async fn charge(vaulting: &Vaulting, tenant: &TenantId, body: NewPayment) -> Result<Composed, Problem> {
    let (amount, capture) = (amount(&body)?, capture(body.capture.as_deref())?);
    let mut reference = None;
    fields::patch(
        &mut reference,
        body.reference.map_or(Patch::Keep, Patch::Set),
        "reference",
        fields::paragraph,
    )?;
    let id = PaymentMethodId::new(body.payment_method);
    let method = vaulting.store().payment_method(tenant, &id).await?;
    let method = method.ok_or_else(|| Problem::not_found().about("payment_method"))?;
    let code = match &body.code_token {
        Some(token) => {
            let opened = vaulting.open_code(tenant, token).await;
            Some(opened.map_err(|error| Problem::from(error).about("code_token"))?)
        }
        None => None,
    };
    let order = Order {
        id: PaymentId::generate(vaulting.random())?,
        face: Face::Native,
        customer_id: method.customer_id.clone(),
        payment_method_id: Some(method.id.clone()),
        amount,
        capture,
        reference,
        description: None,
        metadata: Map::new(),
        extra: Map::new(),
    };
    let means = match &code {
        Some(code) => Means::Recollected(&method, code),
        None => Means::Stored(&method),
    };
    let payment = vaulting.charge(tenant, order, means).await?;
    let body = serde_json::to_value(shown(&payment)).map_err(|_| Problem::internal())?;
    // The code was shown to the processor, and is over whatever came of it.
    let spend = code.as_ref().map(|code| vaulting.spend_code(code));
    let changes = spend.into_iter().chain([Change::InsertPayment(payment)]).collect();
    Ok(Composed { status: StatusCode::CREATED, body, changes })
}

fn amount(body: &NewPayment) -> Result<Money, Problem> {
    let currency = Currency::parse(&body.currency).ok_or_else(|| {
        Problem::invalid_field("currency", "`currency` is a code of ISO 4217, such as USD.")
    })?;
    Money::of_minor(body.amount, currency).filter(|money| money.minor > 0).ok_or_else(|| {
        Problem::invalid_field("amount", "`amount` is a whole number of minor units, such as cents, above 0.")
    })
}

fn capture(text: Option<&str>) -> Result<Capture, Problem> {
    match text {
        None => Ok(Capture::Automatic),
        Some(text) => Capture::parse(text)
            .ok_or_else(|| Problem::invalid_field("capture", "`capture` is `automatic` or `manual`.")),
    }
}

fn shown(payment: &Payment) -> PaymentAnswer {
    PaymentAnswer {
        id: payment.id.to_string(),
        object: "payment",
        status: payment.outcome.as_str(),
        code: payment.outcome.code(),
        message: match payment.outcome {
            Outcome::Approved => None,
            Outcome::Declined(decline) => Some(decline.message()),
            Outcome::Failed(fault) => Some(fault.message()),
        },
        amount: payment.amount.minor,
        currency: payment.amount.currency.as_str(),
        capture: payment.capture.as_str(),
        payment_method: payment.payment_method_id.as_ref().map(ToString::to_string),
        customer_id: payment.customer_id.as_ref().map(ToString::to_string),
        reference: payment.reference.clone(),
        processor: payment.processor.clone(),
        created_at: rfc3339(payment.created_at_ms),
    }
}
