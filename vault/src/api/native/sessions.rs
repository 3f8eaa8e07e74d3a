//! `POST /v1/sessions`: what the merchant's server says of one checkout, signed; nothing is stored.

use std::collections::BTreeMap;

use axum::{Json, extract::State, http::StatusCode};
use instrument::card::Scheme;
use serde::Deserialize;
use utoipa::ToSchema;

use super::answers::{ProblemAnswer, Problems, SessionAnswer};
use crate::{
    api::{auth::SecretCaller, body::JsonBody},
    clock::rfc3339,
    domain::{
        CheckoutSession, Currency, Money, Origin,
        checkout_session::{BIN_DIGITS, MAX_ATTEMPTS, MAX_BINS, MAX_LIFETIME_SECS},
    },
    problem::Problem,
    state::AppState,
};

/// How long a session lasts unless told otherwise, in seconds: the time that a shopper may need for a checkout.
const DEFAULT_LIFETIME_SECS: u32 = 30 * 60;

/// How many entries may be tried unless told otherwise: far more than mistyping needs.
const DEFAULT_ATTEMPTS: u32 = 10;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSession {
    /// The origin of the page that has the form.
    #[schema(examples("https://shop.example"))]
    origin: String,
    /// In minor units, such as cents: what the token may be charged with. It needs `currency`.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, examples(1299))]
    amount: Option<i64>,
    /// A code of ISO 4217.
    #[serde(default)]
    #[schema(pattern = "^[A-Za-z]{3}$", examples("USD"))]
    currency: Option<String>,
    /// How long it lasts, in seconds; 1800 if it is left out.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 86_400)]
    expires_in: Option<u32>,
    /// How many different entries may be tried; 10 if it is left out.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 100)]
    attempts: Option<u32>,
    /// The schemes whose cards are taken; all if it is left out.
    #[serde(default)]
    #[schema(examples(json!(["visa", "mastercard"])))]
    schemes: Option<Vec<String>>,
    /// Which cards are taken by their first digits; all if it is left out.
    #[serde(default)]
    bins: Option<Bins>,
}

/// Read as a map: as a struct it would take a bare list of two lists, too.
#[derive(Default, Deserialize, ToSchema)]
#[serde(try_from = "BTreeMap<String, Vec<String>>", deny_unknown_fields)]
pub(super) struct Bins {
    /// Only cards that begin so, each six to eight digits.
    #[serde(default)]
    #[schema(max_items = 100)]
    allow: Vec<String>,
    /// No cards that begin so, whatever else is said.
    #[serde(default)]
    #[schema(max_items = 100)]
    deny: Vec<String>,
}

impl TryFrom<BTreeMap<String, Vec<String>>> for Bins {
    type Error = String;

    fn try_from(members: BTreeMap<String, Vec<String>>) -> Result<Self, String> {
        let mut bins = Self::default();
        for (name, list) in members {
            match name.as_str() {
                "allow" => bins.allow = list,
                "deny" => bins.deny = list,
                _ => return Err(format!("unknown field `{name}`")),
            }
        }
        Ok(bins)
    }
}

/// Makes a session.
#[utoipa::path(
    post,
    operation_id = "create_session",
    path = "/sessions",
    summary = "Signs what the merchant's server says of one checkout, for the page to hand to its form.",
    request_body = NewSession,
    responses(
        (status = 201, description = "The session. Nothing of it is stored.", body = SessionAnswer),
        (status = 413, description = "The body is too long.", body = ProblemAnswer),
        (status = 415, description = "The body is said to be something else than JSON.", body = ProblemAnswer),
        (status = 422, description = "A field breaks a rule; `field` names it.", body = ProblemAnswer),
        Problems,
    ),
)]
pub(super) async fn create(
    State(state): State<AppState>,
    caller: SecretCaller,
    JsonBody(body): JsonBody<NewSession>,
) -> Result<(StatusCode, Json<SessionAnswer>), Problem> {
    let vaulting = state.vaulting();
    let lifetime_secs =
        within("expires_in", body.expires_in.unwrap_or(DEFAULT_LIFETIME_SECS), MAX_LIFETIME_SECS)?;
    let currency = body.currency.as_deref().map(currency).transpose()?;
    let (allowed_bins, denied_bins) = match body.bins {
        None => (Vec::new(), Vec::new()),
        Some(Bins { allow, deny }) => (bins("bins.allow", allow)?, bins("bins.deny", deny)?),
    };
    let session = CheckoutSession {
        id: CheckoutSession::draw_id(vaulting.random())?,
        origin: Origin::parse(&body.origin).map_err(|_| {
            let message =
                "`origin` is a scheme, a host and, unless it is the usual one, a port: https://shop.example";
            Problem::invalid_field("origin", message)
        })?,
        amount_minor: body.amount.map(|minor| amount(minor, currency)).transpose()?,
        currency,
        expires_at_ms: vaulting.now_ms().saturating_add(i64::from(lifetime_secs) * 1000),
        attempts: within("attempts", body.attempts.unwrap_or(DEFAULT_ATTEMPTS), MAX_ATTEMPTS)?,
        schemes: body.schemes.map(schemes).transpose()?.unwrap_or_default(),
        allowed_bins,
        denied_bins,
    };
    let answer = SessionAnswer {
        session: vaulting.sign_session(&caller.tenant, &session)?,
        expires_at: rfc3339(session.expires_at_ms),
        id: session.id,
    };
    Ok((StatusCode::CREATED, Json(answer)))
}

fn within(field: &'static str, number: u32, most: u32) -> Result<u32, Problem> {
    if (1..=most).contains(&number) {
        return Ok(number);
    }
    Err(Problem::invalid_field(field, format!("`{field}` is a whole number from 1 to {most}.")))
}

fn currency(text: &str) -> Result<Currency, Problem> {
    Currency::parse(text)
        .ok_or_else(|| Problem::invalid_field("currency", "`currency` is a code of ISO 4217, such as USD."))
}

fn amount(minor: i64, currency: Option<Currency>) -> Result<i64, Problem> {
    let Some(currency) = currency else {
        return Err(Problem::invalid_field("currency", "`amount` needs a `currency`, such as USD."));
    };
    let money = Money::of_minor(minor, currency).filter(|money| money.minor > 0);
    money.map(|money| money.minor).ok_or_else(|| {
        Problem::invalid_field("amount", "`amount` is a whole number of minor units, such as cents, above 0.")
    })
}

/// A list that is given names something: an empty one would take every card.
fn schemes(mut ids: Vec<String>) -> Result<Vec<&'static Scheme>, Problem> {
    ids.sort();
    ids.dedup();
    let schemes: Option<Vec<_>> = ids.iter().map(|id| Scheme::by_id(id)).collect();
    schemes.filter(|schemes| !schemes.is_empty()).ok_or_else(|| {
        Problem::invalid_field(
            "schemes",
            "`schemes` is a list of ids of schemes, such as visa; leave it out for all.",
        )
    })
}

fn bins(field: &'static str, mut bins: Vec<String>) -> Result<Vec<String>, Problem> {
    bins.sort();
    bins.dedup();
    let is_bin =
        |bin: &String| BIN_DIGITS.contains(&bin.len()) && bin.bytes().all(|byte| byte.is_ascii_digit());
    if bins.len() <= MAX_BINS && bins.iter().all(is_bin) {
        return Ok(bins);
    }
    let message = format!("`{field}` is a list of at most {MAX_BINS} BINs of six to eight digits.");
    Err(Problem::invalid_field(field, message))
}
