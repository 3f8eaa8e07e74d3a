//! Customers and their payment sources.

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use crate::api::paydock::answer::{self, List, Success};
use crate::api::paydock::customer_answer::CustomerAnswer;
use crate::api::paydock::customers;
use crate::api::paydock::failed_answer::FailedAnswer;
use crate::api::paydock::failure::Failure;
use crate::api::paydock::request::{At, Caller, Query, Sent};
use crate::api::paydock::schemas::CustomerBody;
use crate::api::paydock::session::Session;
use crate::domain::{CustomerId, PaymentMethodId};
use crate::state::AppState;

/// What answers about customers call them.
const RESOURCE: &str = "customer";

/// Creates a customer with a payment source: in clear, by one-time token or by vault token.
#[utoipa::path(
    post,
    path = "/v1/customers",
    tag = "Customers",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and request get the same answer for a day."),
    ),
    request_body = CustomerBody,
    responses(
        (status = 201, description = "The customer.", body = Success<CustomerAnswer>),
        (status = 400, description = "A mandatory member of the flow is missing or wrong, or the token was used or has expired.", body = FailedAnswer),
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
pub(super) async fn create_customer(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    sent: Sent,
) -> Result<Response, Failure> {
    let session = Session::new(state.vaulting(), tenant)?;
    let (status, body) = customers::create(&session, sent).await?;
    Ok((status, axum::Json(body)).into_response())
}

/// Lists customers.
#[utoipa::path(
    get,
    path = "/v1/customers",
    tag = "Customers",
    params(
        ("skip" = Option<u32>, Query, description = "How many to skip; 0 without it."),
        ("limit" = Option<u32>, Query, description = "How many to return, 1 to 1000; 100 without it."),
        ("sortdirection" = Option<String>, Query, description = "`asc` or `desc`; newest first without it."),
        ("archived" = Option<bool>, Query, description = "Archived ones instead of the others."),
        ("sortkey" = Option<String>, Query, description = "`created_at`, `updated_at`, `first_name`, `last_name`, `company_name`, `email` or `reference`."),
        ("gateway_id" = Option<String>, Query, description = "Only customers of this gateway."),
        ("payment_source_id" = Option<String>, Query, description = "Only the customer of this payment source."),
        ("status" = Option<String>, Query, description = "`active` or `archived`."),
        ("reference" = Option<String>, Query, description = "Only this reference."),
        ("company_name" = Option<String>, Query, description = "Only this company."),
        ("id" = Option<String>, Query, description = "Only this customer."),
        ("search" = Option<String>, Query, description = "Occurs in the id, the reference, the company, the name or the e-mail address."),
    ),
    responses(
        (status = 200, description = "Customers.", body = List<CustomerAnswer>),
        (status = 400, description = "A header stands there more than once, or the request breaks another rule.", body = FailedAnswer),
        (status = 403, description = "The key is missing, wrong or not allowed to do this.", body = FailedAnswer),
        (status = 405, description = "The path has other methods.", body = FailedAnswer),
        (status = 500, description = "The vault has a problem of its own.", body = FailedAnswer),
        (status = 503, description = "The vault cannot reach its store, or is overloaded.", body = FailedAnswer),
    ),
)]
pub(super) async fn list_customers(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    query: Query,
) -> Result<Response, Failure> {
    let session = Session::new(state.vaulting(), tenant)?;
    let (found, count, paging) = customers::find(&session, query).await?;
    Ok(answer::list(RESOURCE, found, count, paging).into_response())
}

/// Reads a customer, archived or not.
#[utoipa::path(
    get,
    path = "/v1/customers/{id}",
    tag = "Customers",
    params(
        ("id" = String, Path, description = "The customer."),
    ),
    responses(
        (status = 200, description = "The customer.", body = Success<CustomerAnswer>),
        (status = 400, description = "A header stands there more than once, or the request breaks another rule.", body = FailedAnswer),
        (status = 403, description = "The key is missing, wrong or not allowed to do this.", body = FailedAnswer),
        (status = 405, description = "The path has other methods.", body = FailedAnswer),
        (status = 404, description = "There is nothing under this id for this merchant.", body = FailedAnswer),
        (status = 500, description = "The vault has a problem of its own.", body = FailedAnswer),
        (status = 503, description = "The vault cannot reach its store, or is overloaded.", body = FailedAnswer),
    ),
)]
pub(super) async fn read_customer(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    At(id): At<String>,
) -> Result<Response, Failure> {
    let session = Session::new(state.vaulting(), tenant)?;
    Ok(answer::ok(RESOURCE, customers::read(&session, &CustomerId::new(id)).await?).into_response())
}

/// Changes a customer, or adds a payment source, which becomes the default.
#[utoipa::path(
    post,
    path = "/v1/customers/{id}",
    tag = "Customers",
    params(
        ("id" = String, Path, description = "The customer."),
    ),
    request_body = CustomerBody,
    responses(
        (status = 200, description = "The customer.", body = Success<CustomerAnswer>),
        (status = 400, description = "A mandatory member of the flow is missing or wrong, the token was used or has expired, or the customer is archived.", body = FailedAnswer),
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
pub(super) async fn update_customer(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    At(id): At<String>,
    sent: Sent,
) -> Result<Response, Failure> {
    let session = Session::new(state.vaulting(), tenant)?;
    Ok(answer::ok(RESOURCE, customers::update(&session, &CustomerId::new(id), sent).await?).into_response())
}

/// Archives a customer.
#[utoipa::path(
    delete,
    path = "/v1/customers/{id}",
    tag = "Customers",
    params(
        ("id" = String, Path, description = "The customer."),
    ),
    responses(
        (status = 200, description = "The archived customer.", body = Success<CustomerAnswer>),
        (status = 400, description = "The customer is archived already.", body = FailedAnswer),
        (status = 403, description = "The key is missing, wrong or not allowed to do this.", body = FailedAnswer),
        (status = 405, description = "The path has other methods.", body = FailedAnswer),
        (status = 404, description = "There is nothing under this id for this merchant.", body = FailedAnswer),
        (status = 409, description = "The idempotency key was used for another request, or others changed the same all the time.", body = FailedAnswer),
        (status = 500, description = "The vault has a problem of its own.", body = FailedAnswer),
        (status = 503, description = "The vault cannot reach its store, or is overloaded.", body = FailedAnswer),
    ),
)]
pub(super) async fn archive_customer(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    At(id): At<String>,
) -> Result<Response, Failure> {
    let session = Session::new(state.vaulting(), tenant)?;
    Ok(answer::ok(RESOURCE, customers::archive(&session, &CustomerId::new(id)).await?).into_response())
}

/// Archives a payment source of a customer.
#[utoipa::path(
    delete,
    path = "/v1/customers/{id}/payment_sources/{payment_source_id}",
    tag = "Customers",
    params(
        ("id" = String, Path, description = "The customer."),
        ("payment_source_id" = String, Path, description = "The payment source."),
    ),
    responses(
        (status = 200, description = "The customer.", body = Success<CustomerAnswer>),
        (status = 400, description = "The customer or the payment source is archived already.", body = FailedAnswer),
        (status = 403, description = "The key is missing, wrong or not allowed to do this.", body = FailedAnswer),
        (status = 405, description = "The path has other methods.", body = FailedAnswer),
        (status = 404, description = "There is nothing under this id for this merchant.", body = FailedAnswer),
        (status = 409, description = "The idempotency key was used for another request, or others changed the same all the time.", body = FailedAnswer),
        (status = 500, description = "The vault has a problem of its own.", body = FailedAnswer),
        (status = 503, description = "The vault cannot reach its store, or is overloaded.", body = FailedAnswer),
    ),
)]
pub(super) async fn archive_payment_source(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    At((id, source)): At<(String, String)>,
) -> Result<Response, Failure> {
    let session = Session::new(state.vaulting(), tenant)?;
    let (id, source) = (CustomerId::new(id), PaymentMethodId::new(source));
    Ok(answer::ok(RESOURCE, customers::archive_source(&session, &id, &source).await?).into_response())
}
