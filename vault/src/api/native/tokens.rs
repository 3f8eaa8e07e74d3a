//! `POST /v1/tokens`: a sealed instrument in, a one-time token out.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderName, StatusCode},
};
use instrument::Kind;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    api::{
        auth::{PublishableCaller, allowed_page_origin},
        body::{JsonBody, sole},
    },
    clock::rfc3339,
    domain::Display,
    problem::Problem,
    state::AppState,
    vaulting::{Novelty, TokenRequest},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Body {
    envelope: String,
    kind: String,
    page_origin: String,
    #[serde(default)]
    dialect: Option<String>,
}

/// Issues a token: 201, or 200 with the same token if the attempt is a repetition.
pub(super) async fn issue(
    State(state): State<AppState>,
    caller: PublishableCaller,
    headers: HeaderMap,
    JsonBody(body): JsonBody<Body>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let page_origin = allowed_page_origin(&caller.key, &body.page_origin)?;
    let kind = Kind::parse(&body.kind).ok_or_else(|| {
        Problem::merchant(StatusCode::BAD_REQUEST, "kind_unknown", "`kind` is `card` or `ach`.").about("kind")
    })?;
    let idempotency_key = sole(&headers, &HeaderName::from_static("idempotency-key"))?
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    let issued = state
        .vaulting()
        .issue_token(&TokenRequest {
            tenant: &caller.tenant,
            key: &caller.text,
            frame_origin: state.public_origin(),
            page_origin,
            kind,
            envelope: &body.envelope,
            idempotency_key,
            dialect: body.dialect.as_deref().unwrap_or("tessera"),
        })
        .await?;
    let status = match issued.novelty {
        Novelty::New => StatusCode::CREATED,
        Novelty::Repeated => StatusCode::OK,
    };
    let mut answer = json!({
        // EXPOSE: the token is what was asked for.
        "token": issued.token.as_str(),
        "kind": kind.as_str(),
        "expires_at": rfc3339(issued.expires_at_ms),
    });
    if let Some(members) = answer.as_object_mut() {
        members.insert(kind.as_str().to_owned(), shown(&issued.display));
    }
    Ok((status, Json(answer)))
}

/// What of an instrument is shown on the native face, under the name of its kind.
pub(super) fn shown(display: &Display) -> Value {
    match display {
        Display::Card(card) => json!({
            "scheme": card.scheme,
            "bin": card.bin,
            "last4": card.last4,
            "exp_month": card.exp_month,
            "exp_year": card.exp_year,
        }),
        Display::BankAccount(account) => json!({
            "routing_number_last4": account.routing_last4,
            "last4": account.last4,
            "account_type": account.account_type,
            "account_holder_type": account.holder_type,
            "sec_code": account.sec_code,
        }),
    }
}
