//! Vault tokens.

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use crate::api::paydock::answer::{self, List, Success};
use crate::api::paydock::failed_answer::FailedAnswer;
use crate::api::paydock::failure::Failure;
use crate::api::paydock::request::{At, Caller, Query, Sent};
use crate::api::paydock::schemas::{VaultBody, VaultChange};
use crate::api::paydock::session::Session;
use crate::api::paydock::vault_answer::VaultAnswer;
use crate::api::paydock::vaults;
use crate::state::AppState;

/// What answers about vault tokens call them.
const RESOURCE: &str = "payment_source";

/// Makes a vault token of a one-time token, or of a payment source in clear.
#[utoipa::path(
    post,
    path = "/v1/vault/payment_sources",
    tag = "Vault tokens",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and request get the same answer for a day."),
    ),
    request_body = VaultBody,
    responses(
        (status = 201, description = "The vault token.", body = Success<VaultAnswer>),
        (status = 400, description = "A mandatory member is missing or wrong, or the one-time token was used or has expired.", body = FailedAnswer),
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
pub(super) async fn create_vault_token(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    sent: Sent,
) -> Result<Response, Failure> {
    let session = Session::new(state.vaulting(), tenant)?;
    let (status, body) = vaults::create(&session, sent).await?;
    Ok((status, axum::Json(body)).into_response())
}

/// Lists vault tokens.
#[utoipa::path(
    get,
    path = "/v1/vault/payment_sources",
    tag = "Vault tokens",
    params(
        ("skip" = Option<u32>, Query, description = "How many to skip; 0 without it."),
        ("limit" = Option<u32>, Query, description = "How many to return, 1 to 1000; 100 without it."),
        ("sortdirection" = Option<String>, Query, description = "`asc` or `desc`; newest first without it."),
        ("archived" = Option<bool>, Query, description = "Archived ones instead of the others."),
    ),
    responses(
        (status = 200, description = "Vault tokens.", body = List<VaultAnswer>),
        (status = 400, description = "A header stands there more than once, or the request breaks another rule.", body = FailedAnswer),
        (status = 403, description = "The key is missing, wrong or not allowed to do this.", body = FailedAnswer),
        (status = 405, description = "The path has other methods.", body = FailedAnswer),
        (status = 500, description = "The vault has a problem of its own.", body = FailedAnswer),
        (status = 503, description = "The vault cannot reach its store, or is overloaded.", body = FailedAnswer),
    ),
)]
pub(super) async fn list_vault_tokens(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    query: Query,
) -> Result<Response, Failure> {
    let session = Session::new(state.vaulting(), tenant)?;
    let (found, count, paging) = vaults::find(&session, query).await?;
    Ok(answer::list(RESOURCE, found, count, paging).into_response())
}

/// Reads a vault token, archived or not.
#[utoipa::path(
    get,
    path = "/v1/vault/payment_sources/{vault_token}",
    tag = "Vault tokens",
    params(
        ("vault_token" = String, Path, description = "The vault token."),
    ),
    responses(
        (status = 200, description = "The vault token.", body = Success<VaultAnswer>),
        (status = 400, description = "A header stands there more than once, or the request breaks another rule.", body = FailedAnswer),
        (status = 403, description = "The key is missing, wrong or not allowed to do this.", body = FailedAnswer),
        (status = 405, description = "The path has other methods.", body = FailedAnswer),
        (status = 404, description = "There is nothing under this id for this merchant.", body = FailedAnswer),
        (status = 500, description = "The vault has a problem of its own.", body = FailedAnswer),
        (status = 503, description = "The vault cannot reach its store, or is overloaded.", body = FailedAnswer),
    ),
)]
pub(super) async fn read_vault_token(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    At(token): At<String>,
) -> Result<Response, Failure> {
    let session = Session::new(state.vaulting(), tenant)?;
    Ok(answer::ok(RESOURCE, vaults::read(&session, &token).await?).into_response())
}

/// Changes the name, the expiry, the address or the payer of a vault token.
#[utoipa::path(
    post,
    path = "/v1/vault/payment_sources/{vault_token}",
    tag = "Vault tokens",
    params(
        ("vault_token" = String, Path, description = "The vault token."),
    ),
    request_body = VaultChange,
    responses(
        (status = 200, description = "The vault token.", body = Success<VaultAnswer>),
        (status = 400, description = "A number was sent, or the vault token is archived.", body = FailedAnswer),
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
pub(super) async fn modify_vault_token(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    At(token): At<String>,
    Sent { fields, .. }: Sent,
) -> Result<Response, Failure> {
    let session = Session::new(state.vaulting(), tenant)?;
    Ok(answer::ok(RESOURCE, vaults::modify(&session, &token, fields).await?).into_response())
}

/// Archives a vault token.
#[utoipa::path(
    delete,
    path = "/v1/vault/payment_sources/{vault_token}",
    tag = "Vault tokens",
    params(
        ("vault_token" = String, Path, description = "The vault token."),
    ),
    responses(
        (status = 200, description = "The archived vault token.", body = Success<VaultAnswer>),
        (status = 400, description = "The vault token is archived already.", body = FailedAnswer),
        (status = 403, description = "The key is missing, wrong or not allowed to do this.", body = FailedAnswer),
        (status = 405, description = "The path has other methods.", body = FailedAnswer),
        (status = 404, description = "There is nothing under this id for this merchant.", body = FailedAnswer),
        (status = 500, description = "The vault has a problem of its own.", body = FailedAnswer),
        (status = 503, description = "The vault cannot reach its store, or is overloaded.", body = FailedAnswer),
    ),
)]
pub(super) async fn archive_vault_token(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    At(token): At<String>,
) -> Result<Response, Failure> {
    let session = Session::new(state.vaulting(), tenant)?;
    Ok(answer::ok(RESOURCE, vaults::archive(&session, &token).await?).into_response())
}
