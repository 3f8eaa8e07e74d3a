//! The paths of customers' payment methods.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::response::Response;

use super::answers::{ChangeRefusals, DeleteRefusals, Done, Success, done, one};
use crate::api::fluidpay::failure::Failure;
use crate::api::fluidpay::methods::{self, Source};
use crate::api::fluidpay::payment::{
    self, AchBody, AchChange, ApplePayAttachment, ApplePayBody, CardBody, CardChange, GooglePayAttachment,
    NewPayment, TokenBody, WalletBody,
};
use crate::api::fluidpay::query;
use crate::api::fluidpay::record::RecordAnswer;
use crate::api::fluidpay::request::{At, Caller, Sent};
use crate::api::fluidpay::session::Session;
use crate::api::fluidpay::wallet::Wallets;
use crate::api::members::Json as Value;
use crate::domain::{CustomerId, MethodKind, PaymentMethodId, TenantId};
use crate::state::AppState;

/// `POST /api/vault/customer/{customer}/card`.
#[utoipa::path(
    post,
    path = "/api/vault/customer/{customer}/card",
    summary = "Adds a card.",
    params(
        ("customer" = String, Path, description = "The customer's id.", example = "952f250d-fa85-40ac-a45e-3886f98032c6"),
        ("validate" = Option<bool>, Query, description = "Accepted; nothing more is validated."),
        ("currency" = Option<String>, Query, description = "Accepted; three letters.", min_length = 3, max_length = 3, pattern = "^[A-Za-z]{3}$"),
    ),
    request_body = CardBody,
    responses(
        (status = 200, description = "The customer as it is now.", body = Success<RecordAnswer>),
        ChangeRefusals,
    ),
)]
pub(in crate::api::fluidpay) async fn create_card(
    State(state): State<AppState>,
    Extension(wallets): Extension<Arc<Wallets>>,
    Caller(tenant): Caller,
    At(customer): At<String>,
    RawQuery(query): RawQuery,
    Sent(body): Sent,
) -> Result<Response, Failure> {
    let payment = NewPayment::Clear(payment::read_card(body)?);
    attach(&state, &wallets, tenant, customer, query, payment).await
}

/// `POST /api/vault/customer/{customer}/ach`.
#[utoipa::path(
    post,
    path = "/api/vault/customer/{customer}/ach",
    summary = "Adds a bank account.",
    params(
        ("customer" = String, Path, description = "The customer's id.", example = "952f250d-fa85-40ac-a45e-3886f98032c6"),
        ("validate" = Option<bool>, Query, description = "Accepted; nothing more is validated."),
        ("currency" = Option<String>, Query, description = "Accepted; three letters.", min_length = 3, max_length = 3, pattern = "^[A-Za-z]{3}$"),
    ),
    request_body = AchBody,
    responses(
        (status = 200, description = "The customer as it is now.", body = Success<RecordAnswer>),
        ChangeRefusals,
    ),
)]
pub(in crate::api::fluidpay) async fn create_ach(
    State(state): State<AppState>,
    Extension(wallets): Extension<Arc<Wallets>>,
    Caller(tenant): Caller,
    At(customer): At<String>,
    RawQuery(query): RawQuery,
    Sent(body): Sent,
) -> Result<Response, Failure> {
    let payment = NewPayment::Clear(payment::read_ach(body)?);
    attach(&state, &wallets, tenant, customer, query, payment).await
}

/// `POST /api/vault/customer/{customer}/token`.
#[utoipa::path(
    post,
    path = "/api/vault/customer/{customer}/token",
    summary = "Adds what a one-time token stands for.",
    params(
        ("customer" = String, Path, description = "The customer's id.", example = "952f250d-fa85-40ac-a45e-3886f98032c6"),
        ("validate" = Option<bool>, Query, description = "Accepted; nothing more is validated."),
        ("currency" = Option<String>, Query, description = "Accepted; three letters.", min_length = 3, max_length = 3, pattern = "^[A-Za-z]{3}$"),
    ),
    request_body = TokenBody,
    responses(
        (status = 200, description = "The customer as it is now.", body = Success<RecordAnswer>),
        ChangeRefusals,
    ),
)]
pub(in crate::api::fluidpay) async fn create_by_token(
    State(state): State<AppState>,
    Extension(wallets): Extension<Arc<Wallets>>,
    Caller(tenant): Caller,
    At(customer): At<String>,
    RawQuery(query): RawQuery,
    Sent(body): Sent,
) -> Result<Response, Failure> {
    let payment = NewPayment::Token(TokenBody::read(body)?);
    attach(&state, &wallets, tenant, customer, query, payment).await
}

/// Takes the members of `default_payment.apple_pay`, or that member itself.
#[utoipa::path(
    post,
    path = "/api/vault/customer/{customer}/applepay",
    summary = "Adds the card of an Apple Pay token.",
    params(
        ("customer" = String, Path, description = "The customer's id.", example = "952f250d-fa85-40ac-a45e-3886f98032c6"),
        ("validate" = Option<bool>, Query, description = "Accepted; nothing more is validated."),
        ("currency" = Option<String>, Query, description = "Accepted; three letters.", min_length = 3, max_length = 3, pattern = "^[A-Za-z]{3}$"),
    ),
    request_body = ApplePayAttachment,
    responses(
        (status = 200, description = "The customer as it is now.", body = Success<RecordAnswer>),
        ChangeRefusals,
    ),
)]
pub(in crate::api::fluidpay) async fn create_by_apple_pay(
    State(state): State<AppState>,
    Extension(wallets): Extension<Arc<Wallets>>,
    Caller(tenant): Caller,
    At(customer): At<String>,
    RawQuery(query): RawQuery,
    Sent(mut body): Sent,
) -> Result<Response, Failure> {
    let inner = match body.object("apple_pay")? {
        Some(inner) => {
            body.finish()?;
            inner
        }
        None => body,
    };
    let payment = NewPayment::Wallet(WalletBody::Apple(ApplePayBody::read(inner)?));
    attach(&state, &wallets, tenant, customer, query, payment).await
}

/// Takes `google_pay_token`, as in `default_payment`, or Google's token itself as the body.
#[utoipa::path(
    post,
    path = "/api/vault/customer/{customer}/googlepay",
    summary = "Adds the card of a Google Pay token.",
    params(
        ("customer" = String, Path, description = "The customer's id.", example = "952f250d-fa85-40ac-a45e-3886f98032c6"),
        ("validate" = Option<bool>, Query, description = "Accepted; nothing more is validated."),
        ("currency" = Option<String>, Query, description = "Accepted; three letters.", min_length = 3, max_length = 3, pattern = "^[A-Za-z]{3}$"),
    ),
    request_body = GooglePayAttachment,
    responses(
        (status = 200, description = "The customer as it is now.", body = Success<RecordAnswer>),
        ChangeRefusals,
    ),
)]
pub(in crate::api::fluidpay) async fn create_by_google_pay(
    State(state): State<AppState>,
    Extension(wallets): Extension<Arc<Wallets>>,
    Caller(tenant): Caller,
    At(customer): At<String>,
    RawQuery(query): RawQuery,
    Sent(mut body): Sent,
) -> Result<Response, Failure> {
    const MEMBER: &str = "google_pay_token";
    let token = match body.value(MEMBER) {
        Some(token) => {
            body.finish()?;
            token
        }
        None if body.has("signedMessage") => Value::Object(body.into_rest()),
        None => {
            body.finish()?;
            return Err(crate::api::members::required(MEMBER).into());
        }
    };
    let payment = NewPayment::Wallet(WalletBody::Google(token, MEMBER.to_owned()));
    attach(&state, &wallets, tenant, customer, query, payment).await
}

/// `POST /api/vault/customer/{customer}/card/{method}`.
#[utoipa::path(
    post,
    path = "/api/vault/customer/{customer}/card/{method}",
    summary = "Changes a card; what is not sent stays.",
    params(
        ("customer" = String, Path, description = "The customer's id.", example = "952f250d-fa85-40ac-a45e-3886f98032c6"),
        ("method" = String, Path, description = "The payment method's id."),
    ),
    request_body = CardChange,
    responses(
        (status = 200, description = "The customer as it is now.", body = Success<RecordAnswer>),
        ChangeRefusals,
    ),
)]
pub(in crate::api::fluidpay) async fn update_card(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    At((customer, method)): At<(String, String)>,
    Sent(body): Sent,
) -> Result<Response, Failure> {
    let change = CardChange::read(body)?;
    let session = Session { vaulting: state.vaulting(), tenant };
    let (customer, method) = (CustomerId::new(customer), PaymentMethodId::new(method));
    methods::update_card(&session, &customer, &method, &change).await.map(one)
}

/// `POST /api/vault/customer/{customer}/ach/{method}`.
#[utoipa::path(
    post,
    path = "/api/vault/customer/{customer}/ach/{method}",
    summary = "Changes a bank account; what is not sent stays.",
    params(
        ("customer" = String, Path, description = "The customer's id.", example = "952f250d-fa85-40ac-a45e-3886f98032c6"),
        ("method" = String, Path, description = "The payment method's id."),
    ),
    request_body = AchChange,
    responses(
        (status = 200, description = "The customer as it is now.", body = Success<RecordAnswer>),
        ChangeRefusals,
    ),
)]
pub(in crate::api::fluidpay) async fn update_ach(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    At((customer, method)): At<(String, String)>,
    Sent(body): Sent,
) -> Result<Response, Failure> {
    let change = AchChange::read(body)?;
    let session = Session { vaulting: state.vaulting(), tenant };
    let (customer, method) = (CustomerId::new(customer), PaymentMethodId::new(method));
    methods::update_ach(&session, &customer, &method, &change).await.map(one)
}

/// `POST /api/vault/customer/{customer}/token/{method}`.
#[utoipa::path(
    post,
    path = "/api/vault/customer/{customer}/token/{method}",
    summary = "Replaces what a payment method holds by what a token stands for.",
    params(
        ("customer" = String, Path, description = "The customer's id.", example = "952f250d-fa85-40ac-a45e-3886f98032c6"),
        ("method" = String, Path, description = "The payment method's id."),
    ),
    request_body = TokenBody,
    responses(
        (status = 200, description = "The customer as it is now.", body = Success<RecordAnswer>),
        ChangeRefusals,
    ),
)]
pub(in crate::api::fluidpay) async fn update_by_token(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    At((customer, method)): At<(String, String)>,
    Sent(body): Sent,
) -> Result<Response, Failure> {
    let body = TokenBody::read(body)?;
    let session = Session { vaulting: state.vaulting(), tenant };
    let (customer, method) = (CustomerId::new(customer), PaymentMethodId::new(method));
    methods::update_by_token(&session, &customer, &method, body).await.map(one)
}

/// `DELETE /api/vault/customer/{customer}/card/{method}`.
#[utoipa::path(
    delete,
    path = "/api/vault/customer/{customer}/card/{method}",
    summary = "Deletes a card.",
    params(
        ("customer" = String, Path, description = "The customer's id.", example = "952f250d-fa85-40ac-a45e-3886f98032c6"),
        ("method" = String, Path, description = "The payment method's id."),
    ),
    responses(
        (status = 200, description = "It is deleted.", body = Done),
        DeleteRefusals,
    ),
)]
pub(in crate::api::fluidpay) async fn delete_card(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    At((customer, method)): At<(String, String)>,
) -> Result<Response, Failure> {
    delete_method(&state, tenant, customer, method, MethodKind::Card).await
}

/// `DELETE /api/vault/customer/{customer}/ach/{method}`.
#[utoipa::path(
    delete,
    path = "/api/vault/customer/{customer}/ach/{method}",
    summary = "Deletes a bank account.",
    params(
        ("customer" = String, Path, description = "The customer's id.", example = "952f250d-fa85-40ac-a45e-3886f98032c6"),
        ("method" = String, Path, description = "The payment method's id."),
    ),
    responses(
        (status = 200, description = "It is deleted.", body = Done),
        DeleteRefusals,
    ),
)]
pub(in crate::api::fluidpay) async fn delete_ach(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    At((customer, method)): At<(String, String)>,
) -> Result<Response, Failure> {
    delete_method(&state, tenant, customer, method, MethodKind::BankAccount).await
}

async fn attach(
    state: &AppState,
    wallets: &Wallets,
    tenant: TenantId,
    customer: String,
    query: Option<String>,
    payment: NewPayment,
) -> Result<Response, Failure> {
    query::check(query.as_deref())?;
    let session = Session { vaulting: state.vaulting(), tenant };
    let customer = CustomerId::new(customer);
    // An unknown customer is told before anything is said about a token.
    if session.vaulting.store().customer(&session.tenant, &customer).await?.is_none() {
        return Err(Failure::not_found("customer"));
    }
    let source = Source::of(&session, wallets, payment).await?;
    methods::create(&session, &customer, source).await.map(one)
}

async fn delete_method(
    state: &AppState,
    tenant: TenantId,
    customer: String,
    method: String,
    kind: MethodKind,
) -> Result<Response, Failure> {
    let session = Session { vaulting: state.vaulting(), tenant };
    let (customer, method) = (CustomerId::new(customer), PaymentMethodId::new(method));
    methods::delete(&session, &customer, &method, kind).await.map(|()| done())
}
