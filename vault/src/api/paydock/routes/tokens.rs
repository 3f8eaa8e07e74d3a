//! One-time tokens, and the gateway that they may name.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::paydock::answer::{self, List, Success};
use crate::api::paydock::failed_answer::FailedAnswer;
use crate::api::paydock::failure::Failure;
use crate::api::paydock::listing::Paging;
use crate::api::paydock::request::{AnyCaller, Caller, Query, Sent};
use crate::api::paydock::schemas::SourceBody;
use crate::api::paydock::session::{GATEWAY_NAME, Session};
use crate::api::paydock::tokens;
use crate::state::AppState;

/// Makes a one-time token, which lives for three hours.
#[utoipa::path(
    post,
    path = "/v1/payment_sources/tokens",
    tag = "Tokens",
    request_body = SourceBody,
    responses(
        (status = 201, description = "The one-time token.", body = Success<String>),
        (status = 400, description = "A mandatory member is missing or wrong.", body = FailedAnswer),
        (status = 403, description = "The key is missing, wrong or not allowed to do this.", body = FailedAnswer),
        (status = 405, description = "The path has other methods.", body = FailedAnswer),
        (status = 404, description = "There is nothing under this id for this merchant.", body = FailedAnswer),
        (status = 409, description = "The idempotency key was used for another request, or others changed the same all the time.", body = FailedAnswer),
        (status = 413, description = "The body is too long.", body = FailedAnswer),
        (status = 415, description = "The body is no JSON.", body = FailedAnswer),
        (status = 500, description = "The vault has a problem of its own.", body = FailedAnswer),
        (status = 503, description = "The vault cannot reach its store, or is overloaded.", body = FailedAnswer),
    ),
    security(("public_key" = []), ("public_key_parameter" = []), ("secret_key" = []), ("access_token" = [])),
)]
pub(super) async fn create_token(
    State(state): State<AppState>,
    AnyCaller { tenant, page }: AnyCaller,
    Sent { fields, .. }: Sent,
) -> Result<Response, Failure> {
    let session = Session::new(state.vaulting(), tenant)?;
    let token = tokens::create(&session, fields, page.as_ref().map(|page| (page, &**state.limits()))).await?;
    Ok((StatusCode::CREATED, axum::Json(answer::created("token", &token))).into_response())
}

/// A gateway that charges go through.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GatewayAnswer {
    #[serde(rename = "_id")]
    id: String,
    /// What processes payments; `sandbox` moves no money.
    #[schema(examples("sandbox"))]
    r#type: &'static str,
    #[schema(examples("sandbox"))]
    name: &'static str,
    /// `test`.
    #[schema(examples("test"))]
    mode: &'static str,
}

/// Tells the one gateway that the merchant has.
#[utoipa::path(
    get,
    path = "/v1/gateways",
    tag = "Gateways",
    params(
        ("skip" = Option<u32>, Query, description = "How many to skip; 0 without it."),
        ("limit" = Option<u32>, Query, description = "How many to return, 1 to 1000; 100 without it."),
    ),
    responses(
        (status = 200, description = "The gateway.", body = List<GatewayAnswer>),
        (status = 400, description = "A header stands there more than once, or the request breaks another rule.", body = FailedAnswer),
        (status = 403, description = "The key is missing, wrong or not allowed to do this.", body = FailedAnswer),
        (status = 405, description = "The path has other methods.", body = FailedAnswer),
        (status = 500, description = "The vault has a problem of its own.", body = FailedAnswer),
        (status = 503, description = "The vault cannot reach its store, or is overloaded.", body = FailedAnswer),
    ),
)]
pub(super) async fn list_gateways(
    State(state): State<AppState>,
    Caller(tenant): Caller,
    mut query: Query,
) -> Result<Response, Failure> {
    let session = Session::new(state.vaulting(), tenant)?;
    let paging = Paging::read(&mut query);
    let gateway =
        GatewayAnswer { id: session.gateway_id, r#type: GATEWAY_NAME, name: GATEWAY_NAME, mode: "test" };
    let shown = if paging.skip == 0 { vec![gateway] } else { Vec::new() };
    Ok(answer::list("gateway", shown, 1, paging).into_response())
}
