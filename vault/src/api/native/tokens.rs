//! `POST /v1/tokens`: a sealed instrument in, a one-time token out.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, HeaderName, StatusCode},
};
use instrument::Kind;
use serde::Deserialize;
use utoipa::ToSchema;

use super::answers::{ChangeProblems, Holds, ProblemAnswer, TokenAnswer};
use crate::{
    api::{
        auth::{Admitted, allowed_page_origin},
        body::{JsonBody, sole},
    },
    clock::rfc3339,
    domain::{CheckoutSession, Outcome},
    problem::{Classification, Problem, WORK},
    state::AppState,
    vaulting::{NEVER_MS, Novelty, SessionError, TokenRequest, is_permanent},
};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewToken)]
pub(super) struct Body {
    /// What the seal returned.
    envelope: String,
    /// `card`, `ach`, or `code` for the security code alone of a stored card.
    #[schema(pattern = "^(card|ach|code)$", examples("card"))]
    kind: String,
    /// The origin of the page around the frame.
    #[schema(examples("https://shop.example"))]
    page_origin: String,
    /// The form and lifetime of the token; `tessera` if it is left out.
    #[serde(default)]
    dialect: Option<String>,
    /// The checkout session that `POST /v1/sessions` signed for this page; or, for dialects whose tokens are permanent,
    /// the payment session that the token completes.
    #[serde(default)]
    session: Option<String>,
}

/// Issues a token: 201, or 200 with the same token if the attempt is a repetition.
#[utoipa::path(
    post,
    operation_id = "issue_token",
    path = "/tokens",
    summary = "Exchanges a sealed instrument for a one-time token.",
    params((
        "Idempotency-Key" = String,
        Header,
        description = "Drawn at random for every attempt: A-Z a-z 0-9 - _.",
        min_length = 16,
        max_length = 64,
        pattern = "^[-0-9A-Z_a-z]{16,64}$"
    ), (
        "Tessera-Work" = Option<String>,
        Header,
        description = "Work that was asked for with 429 `work_required` and done: the challenge, a space, the counter.",
        max_length = 80,
        pattern = "^[-0-9A-Z_a-z]+ [0-9]+$"
    )),
    request_body = Body,
    responses(
        (status = 201, description = "The token.", body = TokenAnswer),
        (status = 200, description = "The same token again, for the same attempt.", body = TokenAnswer),
        (status = 429, description = "Too many tokens were asked for in a short time, or work is asked for.", body = ProblemAnswer),
        (status = 402, description = "The payment of the session was not approved.", body = ProblemAnswer), ChangeProblems),
    security(("publishable_key" = [])),
)]
pub(super) async fn issue(
    State(state): State<AppState>,
    Admitted(caller, client): Admitted,
    headers: HeaderMap,
    JsonBody(body): JsonBody<Body>,
) -> Result<(StatusCode, Json<TokenAnswer>), Problem> {
    let page_origin = allowed_page_origin(&caller.key, &body.page_origin)?;
    let kind = Kind::parse(&body.kind).ok_or_else(|| {
        Problem::merchant(StatusCode::BAD_REQUEST, "kind_unknown", "`kind` is `card`, `ach` or `code`.")
            .about("kind")
    })?;
    let idempotency_key = sole(&headers, &HeaderName::from_static("idempotency-key"))?
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    let dialect = body.dialect.as_deref().unwrap_or("tessera");
    let signed = body.session.as_deref().filter(|text| CheckoutSession::is_meant(text));
    if signed.is_none() && caller.key.requires_session() {
        return Err(Problem::session_required());
    }
    if signed.is_some() && is_permanent(dialect) {
        return Err(unfinished(SessionError::Unsupported));
    }
    let session =
        signed.map(|text| state.vaulting().open_session(&caller.tenant, text, page_origin)).transpose()?;
    let request = TokenRequest {
        tenant: &caller.tenant,
        key: &caller.text,
        frame_origin: state.public_origin(),
        page_origin,
        kind,
        envelope: &body.envelope,
        idempotency_key,
        dialect,
        session: session.as_ref(),
        work: sole(&headers, &WORK)?.and_then(|value| value.to_str().ok()),
        client,
        limits: state.limits(),
    };
    let issued = match body.session.as_deref() {
        None if !is_permanent(dialect) => state.vaulting().issue_token(&request).await?,
        Some(_) if signed.is_some() => state.vaulting().issue_token(&request).await?,
        payment_session => {
            state.vaulting().issue_permanent(&request, payment_session).await.map_err(unfinished)?
        }
    };
    let status = match issued.novelty {
        Novelty::New => StatusCode::CREATED,
        Novelty::Repeated => StatusCode::OK,
    };
    let answer = TokenAnswer {
        // EXPOSE: the token is what was asked for.
        token: issued.token.as_str().to_owned(),
        kind: kind.as_str(),
        expires_at: (issued.expires_at_ms < NEVER_MS).then(|| rfc3339(issued.expires_at_ms)),
        holds: issued.display.as_ref().map(|display| Holds::of(display, None)),
    };
    Ok((status, Json(answer)))
}

/// Why a payment session was not completed, as a client is told.
fn unfinished(error: SessionError) -> Problem {
    match error {
        SessionError::Unknown => Problem::merchant(
            StatusCode::NOT_FOUND,
            "session_unknown",
            "There is no such payment session of this merchant. Send the id as your server got it.",
        )
        .about("session"),
        SessionError::Over => Problem::merchant(
            StatusCode::CONFLICT,
            "session_over",
            "This payment session was completed or cancelled, or its time is over. Make a new one.",
        )
        .about("session"),
        SessionError::KindNotAccepted(_) => Problem::merchant(
            StatusCode::CONFLICT,
            "session_kind_refused",
            "This payment session does not take this kind of instrument. Offer only those that it takes.",
        )
        .about("kind"),
        SessionError::AmountOpen => Problem::merchant(
            StatusCode::CONFLICT,
            "session_amount_open",
            "This payment session has no amount yet. Make one with an amount.",
        )
        .about("session"),
        SessionError::NotApproved(outcome @ (Outcome::Approved | Outcome::Declined(_))) => {
            let (code, who) = ("payment_declined", Classification::Shopper);
            not_approved(Problem::new(StatusCode::PAYMENT_REQUIRED, code, who, declined(outcome)), outcome)
        }
        SessionError::NotApproved(outcome @ Outcome::Failed(fault)) => {
            let (code, who) = ("payment_failed", Classification::Gateway);
            not_approved(Problem::new(StatusCode::PAYMENT_REQUIRED, code, who, fault.message()), outcome)
        }
        SessionError::Unsupported => Problem::merchant(
            StatusCode::BAD_REQUEST,
            "session_unsupported",
            "Tokens of this dialect go with another kind of session: the dialect `flute` with Flute's payment sessions, \
             all others with checkout sessions.",
        )
        .about("session"),
        SessionError::Vaulting(error) => error.into(),
    }
}

const fn declined(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Declined(decline) => decline.message(),
        Outcome::Approved | Outcome::Failed(_) => "The payment was not approved.",
    }
}

fn not_approved(mut problem: Problem, outcome: Outcome) -> Problem {
    problem.reason = Some(outcome.code());
    problem
}
