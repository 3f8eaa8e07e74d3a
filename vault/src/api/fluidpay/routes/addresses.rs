//! The paths of customers' addresses.

use axum::extract::State;
use axum::response::Response;

use super::answers::{ChangeRefusals, DeleteRefusals, Done, Success, done, one};
use crate::api::fluidpay::address::AddressBody;
use crate::api::fluidpay::addresses;
use crate::api::fluidpay::failure::Failure;
use crate::api::fluidpay::record::RecordAnswer;
use crate::api::fluidpay::request::{At, Caller, Sent};
use crate::api::fluidpay::session::Session;
use crate::domain::{AddressId, CustomerId};
use crate::state::AppState;

/// `POST /api/vault/customer/{customer}/address`.
#[utoipa::path(
    post,
    path = "/api/vault/customer/{customer}/address",
    summary = "Adds an address.",
    params(
        ("customer" = String, Path, description = "The customer's id.", example = "952f250d-fa85-40ac-a45e-3886f98032c6"),
    ),
    request_body = AddressBody,
    responses(
        (status = 200, description = "The customer as it is now.", body = Success<RecordAnswer>),
        ChangeRefusals,
    ),
)]
pub(in crate::api::fluidpay) async fn create_address(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    At(customer): At<String>,
    Sent(body): Sent,
) -> Result<Response, Failure> {
    let body = AddressBody::read(body)?;
    let session = Session { vaulting: state.vaulting(), tenant };
    addresses::create(&session, &CustomerId::new(customer), body).await.map(one)
}

/// `POST /api/vault/customer/{customer}/address/{address}`.
#[utoipa::path(
    post,
    path = "/api/vault/customer/{customer}/address/{address}",
    summary = "Changes an address; what is not sent stays.",
    params(
        ("customer" = String, Path, description = "The customer's id.", example = "952f250d-fa85-40ac-a45e-3886f98032c6"),
        ("address" = String, Path, description = "The address's id."),
    ),
    request_body = AddressBody,
    responses(
        (status = 200, description = "The customer as it is now.", body = Success<RecordAnswer>),
        ChangeRefusals,
    ),
)]
pub(in crate::api::fluidpay) async fn update_address(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    At((customer, address)): At<(String, String)>,
    Sent(body): Sent,
) -> Result<Response, Failure> {
    let body = AddressBody::read(body)?;
    let session = Session { vaulting: state.vaulting(), tenant };
    addresses::update(&session, &CustomerId::new(customer), &AddressId::new(address), &body).await.map(one)
}

/// `DELETE /api/vault/customer/{customer}/address/{address}`.
#[utoipa::path(
    delete,
    path = "/api/vault/customer/{customer}/address/{address}",
    summary = "Deletes an address.",
    params(
        ("customer" = String, Path, description = "The customer's id.", example = "952f250d-fa85-40ac-a45e-3886f98032c6"),
        ("address" = String, Path, description = "The address's id."),
    ),
    responses(
        (status = 200, description = "It is deleted.", body = Done),
        DeleteRefusals,
    ),
)]
pub(in crate::api::fluidpay) async fn delete_address(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    At((customer, address)): At<(String, String)>,
) -> Result<Response, Failure> {
    let session = Session { vaulting: state.vaulting(), tenant };
    addresses::delete(&session, &CustomerId::new(customer), &AddressId::new(address)).await.map(|()| done())
}
