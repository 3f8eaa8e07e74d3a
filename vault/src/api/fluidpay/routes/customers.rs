//! The paths of customers.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;

use super::answers::{ChangeRefusals, Done, Refusals, SearchRefusals, Success, done, one, several};
use crate::api::fluidpay::customer_body::{CreateBody, UpdateBody};
use crate::api::fluidpay::customers;
use crate::api::fluidpay::failure::Failure;
use crate::api::fluidpay::methods::Source;
use crate::api::fluidpay::record::RecordAnswer;
use crate::api::fluidpay::request::{At, Caller, Sent};
use crate::api::fluidpay::search::SearchBody;
use crate::api::fluidpay::session::Session;
use crate::api::fluidpay::wallet::Wallets;
use crate::domain::CustomerId;
use crate::state::AppState;

/// `POST /api/vault/customer`.
#[utoipa::path(
    post,
    path = "/api/vault/customer",
    summary = "Creates a customer, with payment method and addresses if they are given.",
    request_body(
        content = CreateBody,
        example = json!({
            "description": "test description",
            "default_payment": {"card": {"number": "4111111111111111", "expiration_date": "12/30"}},
            "default_billing_address": {"first_name": "John", "last_name": "Smith", "country": "US"}
        })
    ),
    responses(
        (status = 200, description = "The customer as it is now.", body = Success<RecordAnswer>),
        ChangeRefusals,
    ),
)]
pub(in crate::api::fluidpay) async fn create_customer(
    State(state): State<AppState>,
    Extension(wallets): Extension<Arc<Wallets>>,
    Caller(tenant): Caller,
    Sent(body): Sent,
) -> Result<Response, Failure> {
    let mut body = CreateBody::read(body)?;
    let session = Session { vaulting: state.vaulting(), tenant };
    let source = match body.payment.take() {
        Some(payment) => Some(Source::of(&session, &wallets, payment).await?),
        None => None,
    };
    customers::create(&session, body, source).await.map(one)
}

/// `GET /api/vault/{customer}`.
#[utoipa::path(
    get,
    path = "/api/vault/{customer}",
    summary = "One customer.",
    params(
        ("customer" = String, Path, description = "The customer's id.", example = "952f250d-fa85-40ac-a45e-3886f98032c6"),
    ),
    responses(
        (status = 200, description = "The customer with its addresses and payment methods.", body = Success<RecordAnswer>),
        Refusals,
    ),
)]
pub(in crate::api::fluidpay) async fn get_customer(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    At(customer): At<String>,
) -> Result<Response, Failure> {
    let session = Session { vaulting: state.vaulting(), tenant };
    let held = session.held(&CustomerId::new(customer)).await?;
    Ok(one(session.answer(&held)))
}

/// `POST /api/vault/customer/search`.
#[utoipa::path(
    post,
    path = "/api/vault/customer/search",
    summary = "Searches customers; all members must fit.",
    request_body = SearchBody,
    responses(
        (status = 200, description = "A page of the customers that fit.", body = Success<Vec<RecordAnswer>>),
        SearchRefusals,
    ),
)]
pub(in crate::api::fluidpay) async fn search_customers(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    Sent(body): Sent,
) -> Result<Response, Failure> {
    let body = SearchBody::read(body)?;
    let session = Session { vaulting: state.vaulting(), tenant };
    let (found, total) = customers::find(&session, body).await?;
    Ok(several(found, total))
}

/// `POST /api/vault/customer/{customer}`.
#[utoipa::path(
    post,
    path = "/api/vault/customer/{customer}",
    summary = "Changes texts, flags and defaults; what is not sent stays.",
    params(
        ("customer" = String, Path, description = "The customer's id.", example = "952f250d-fa85-40ac-a45e-3886f98032c6"),
    ),
    request_body = UpdateBody,
    responses(
        (status = 200, description = "The customer as it is now.", body = Success<RecordAnswer>),
        ChangeRefusals,
    ),
)]
pub(in crate::api::fluidpay) async fn update_customer(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    At(customer): At<String>,
    Sent(body): Sent,
) -> Result<Response, Failure> {
    let body = UpdateBody::read(body)?;
    let session = Session { vaulting: state.vaulting(), tenant };
    customers::update(&session, &CustomerId::new(customer), &body).await.map(one)
}

/// `DELETE /api/vault/{customer}`.
#[utoipa::path(
    delete,
    path = "/api/vault/{customer}",
    summary = "Deletes a customer with everything that belongs to it.",
    params(
        ("customer" = String, Path, description = "The customer's id.", example = "952f250d-fa85-40ac-a45e-3886f98032c6"),
    ),
    responses(
        (status = 200, description = "It is deleted.", body = Done),
        Refusals,
    ),
)]
pub(in crate::api::fluidpay) async fn delete_customer(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    At(customer): At<String>,
) -> Result<Response, Failure> {
    let session = Session { vaulting: state.vaulting(), tenant };
    customers::delete(&session, CustomerId::new(customer)).await.map(|()| done())
}

/// `GET /api/vault/customer/{customer}`.
#[utoipa::path(
    get,
    path = "/api/vault/customer/{customer}",
    summary = "The same as `GET /api/vault/{customer}`.",
    params(
        ("customer" = String, Path, description = "The customer's id.", example = "952f250d-fa85-40ac-a45e-3886f98032c6"),
    ),
    responses(
        (status = 200, description = "The customer with its addresses and payment methods.", body = Success<RecordAnswer>),
        Refusals,
    ),
)]
pub(in crate::api::fluidpay) async fn get_customer_too(
    state: State<AppState>,
    caller: Caller,
    customer: At<String>,
) -> Result<Response, Failure> {
    get_customer(state, caller, customer).await
}

/// `DELETE /api/vault/customer/{customer}`.
#[utoipa::path(
    delete,
    path = "/api/vault/customer/{customer}",
    summary = "The same as `DELETE /api/vault/{customer}`.",
    params(
        ("customer" = String, Path, description = "The customer's id.", example = "952f250d-fa85-40ac-a45e-3886f98032c6"),
    ),
    responses((status = 200, description = "It is deleted.", body = Done), Refusals),
)]
pub(in crate::api::fluidpay) async fn delete_customer_too(
    state: State<AppState>,
    caller: Caller,
    customer: At<String>,
) -> Result<Response, Failure> {
    delete_customer(state, caller, customer).await
}
