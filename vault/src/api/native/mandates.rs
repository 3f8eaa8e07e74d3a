//! `POST /v1/mandates`: the texts that the owner of a bank account can agree to, for the frame to show. Nothing is kept:
//! what is agreed to comes back sealed with the account.

use axum::{Json, http::StatusCode};
use instrument::bank::mandate::EnteredTerms;
use instrument::bank::{SecCode, wordings};
use serde::Deserialize;
use serde_json::Number;
use utoipa::ToSchema;

use super::answers::{ChangeProblems, TextsAnswer};
use crate::{
    api::{auth::PublishableCaller, body::JsonBody},
    problem::Problem,
};

/// The language for whoever reads none of ours.
const FALLBACK: &str = "en";

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Terms)]
pub(super) struct Body {
    /// Who debits.
    merchant: String,
    /// Where the merchant hears of a revocation.
    #[serde(default)]
    contact: Option<String>,
    /// Dollars and cents such as `25.00`, or `varying`.
    #[schema(value_type = String, examples("25.00"))]
    amount: Amount,
    /// `USD`, also if it is left out.
    #[serde(default)]
    currency: Option<String>,
    /// `once`, `weekly`, `every_two_weeks`, `monthly`, `quarterly`, `every_six_months`, `yearly` or `on_request`.
    #[schema(examples("monthly"))]
    frequency: String,
    /// The first day of a debit.
    #[schema(format = Date)]
    date: String,
    /// The language that is wanted; English if there is no such wording, or it is left out.
    #[serde(default)]
    locale: Option<String>,
}

/// An amount, which a page may write as a number, too.
#[derive(Deserialize)]
#[serde(untagged)]
enum Amount {
    Text(String),
    Number(Number),
}

/// Makes the texts of an authorisation.
#[utoipa::path(
    post,
    operation_id = "word_mandate",
    path = "/mandates",
    summary = "The texts that the owner of a bank account can agree to.",
    request_body = Body,
    responses((status = 200, description = "The texts.", body = TextsAnswer), ChangeProblems),
    security(("publishable_key" = [])),
)]
pub(super) async fn word(
    _caller: PublishableCaller,
    JsonBody(body): JsonBody<Body>,
) -> Result<Json<TextsAnswer>, Problem> {
    let amount = match body.amount {
        Amount::Text(text) => text,
        Amount::Number(number) => number.to_string(),
    };
    let entered = EnteredTerms {
        merchant: &body.merchant,
        contact: body.contact.as_deref().unwrap_or_default(),
        amount: &amount,
        currency: body.currency.as_deref().unwrap_or("USD"),
        frequency: &body.frequency,
        date: &body.date,
    };
    let terms = entered.finish().map_err(|bad| {
        let message = format!("\"mandate.{}\" must be {}.", bad.member, bad.accepted);
        Problem::merchant(StatusCode::UNPROCESSABLE_ENTITY, "bad_option", message).about(bad.member)
    })?;
    let wanted = body.locale.as_deref().unwrap_or(FALLBACK);
    let base = wanted.split_once('-').map_or(wanted, |(base, _)| base);
    let wording =
        [wanted, base, FALLBACK].into_iter().find_map(wordings::newest).ok_or_else(Problem::internal)?;
    let text = |class| wording.text(&terms, class).ok_or_else(Problem::internal);
    Ok(Json(TextsAnswer {
        version: wording.version(),
        locale: wording.locale().to_owned(),
        terms: terms.to_record(),
        web: text(SecCode::Web)?,
        ppd: text(SecCode::Ppd)?,
        ccd: text(SecCode::Ccd)?,
    }))
}
