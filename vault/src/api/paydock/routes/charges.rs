//! Charges.

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use crate::api::paydock::answer::{self, List, Success};
use crate::api::paydock::charge_answer::ChargeAnswer;
use crate::api::paydock::charges;
use crate::api::paydock::failed_answer::FailedAnswer;
use crate::api::paydock::failure::Failure;
use crate::api::paydock::request::{At, Caller, Query, Sent};
use crate::api::paydock::schemas::ChargeRequest;
use crate::api::paydock::session::Session;
use crate::state::AppState;

/// Charges a one-time token, a customer, a vault token, or a payment source in clear.
#[utoipa::path(
    post,
    path = "/v1/charges",
    tag = "Charges",
    params(
        ("capture" = Option<bool>, Query, description = "Whether the money is taken, or only set aside; taken without it."),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and request get the same answer for a day."),
    ),
    request_body = ChargeRequest,
    responses(
        (status = 201, description = "The charge.", body = Success<ChargeAnswer>),
        (status = 400, description = "A mandatory member is missing or wrong, what pays cannot be used, or the payment was refused: then the charge is in `resource.data`.", body = FailedAnswer),
        (status = 403, description = "The key is missing, wrong or not allowed to do this.", body = FailedAnswer),
        (status = 405, description = "The path has other methods.", body = FailedAnswer),
        (status = 404, description = "There is nothing under this id for this merchant.", body = FailedAnswer),
        (status = 409, description = "The idempotency key was used for another request, or others changed the same all the time.", body = FailedAnswer),
        (status = 413, description = "The body is too long.", body = FailedAnswer),
        (status = 415, description = "The body is no JSON.", body = FailedAnswer),
        (status = 500, description = "The vault has a problem of its own.", body = FailedAnswer),
        (status = 503, description = "The vault cannot reach its store, or is overloaded.", body = FailedAnswer),
    ),
)]
pub(super) async fn create_charge(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    query: Query,
    sent: Sent,
) -> Result<Response, Failure> {
    let session = Session::new(state.vaulting(), tenant)?;
    let (status, body) = charges::create(&session, query, sent).await?;
    Ok((status, axum::Json(body)).into_response())
}

/// Lists charges.
#[utoipa::path(
    get,
    path = "/v1/charges",
    tag = "Charges",
    params(
        ("skip" = Option<u32>, Query, description = "How many to skip; 0 without it."),
        ("limit" = Option<u32>, Query, description = "How many to return, 1 to 1000; 100 without it."),
        ("sortdirection" = Option<String>, Query, description = "`asc` or `desc`; newest first without it."),
        ("archived" = Option<bool>, Query, description = "Archived ones instead of the others."),
        ("customer_id" = Option<String>, Query, description = "Only those of this customer."),
        ("payment_source_id" = Option<String>, Query, description = "Only those with this payment source."),
        ("gateway_id" = Option<String>, Query, description = "Only those of this gateway."),
        ("created_at.from" = Option<String>, Query, description = "Not before this moment (ISO 8601)."),
        ("created_at.to" = Option<String>, Query, description = "Not after this moment (ISO 8601)."),
        ("status" = Option<String>, Query, description = "`complete`, `pending` or `failed`."),
        ("reference" = Option<String>, Query, description = "Only this reference."),
        ("search" = Option<String>, Query, description = "Occurs in the id, the reference or the description."),
    ),
    responses(
        (status = 200, description = "Charges.", body = List<ChargeAnswer>),
        (status = 400, description = "A header stands there more than once, or the request breaks another rule.", body = FailedAnswer),
        (status = 403, description = "The key is missing, wrong or not allowed to do this.", body = FailedAnswer),
        (status = 405, description = "The path has other methods.", body = FailedAnswer),
        (status = 500, description = "The vault has a problem of its own.", body = FailedAnswer),
        (status = 503, description = "The vault cannot reach its store, or is overloaded.", body = FailedAnswer),
    ),
)]
pub(super) async fn list_charges(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    query: Query,
) -> Result<Response, Failure> {
    let session = Session::new(state.vaulting(), tenant)?;
    let (found, count, paging) = charges::find(&session, query).await?;
    Ok(answer::list("charge", found, count, paging).into_response())
}

/// Reads a charge.
#[utoipa::path(
    get,
    path = "/v1/charges/{id}",
    tag = "Charges",
    params(
        ("id" = String, Path, description = "The charge."),
    ),
    responses(
        (status = 200, description = "The charge.", body = Success<ChargeAnswer>),
        (status = 400, description = "A header stands there more than once, or the request breaks another rule.", body = FailedAnswer),
        (status = 403, description = "The key is missing, wrong or not allowed to do this.", body = FailedAnswer),
        (status = 405, description = "The path has other methods.", body = FailedAnswer),
        (status = 404, description = "There is nothing under this id for this merchant.", body = FailedAnswer),
        (status = 500, description = "The vault has a problem of its own.", body = FailedAnswer),
        (status = 503, description = "The vault cannot reach its store, or is overloaded.", body = FailedAnswer),
    ),
)]
pub(super) async fn read_charge(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    At(id): At<String>,
) -> Result<Response, Failure> {
    let session = Session::new(state.vaulting(), tenant)?;
    Ok(answer::ok("charge", charges::read(&session, id).await?).into_response())
}
