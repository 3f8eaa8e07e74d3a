//! What a customer's fields may hold; the rules are those of `instrument::payer`.

use axum::http::StatusCode;
use instrument::{
    Reason,
    card::reference::contains_card_number,
    payer::{Email, PayerName, Phone},
};

use crate::{
    api::body::Patch,
    problem::{Classification, Problem},
};

/// Longest free text, in characters.
const MAX_PARAGRAPH_CHARS: usize = 500;

/// Carries out a patch of one field; an empty text clears like `null`.
pub(super) fn patch(
    field: &mut Option<String>,
    patch: Patch<String>,
    name: &'static str,
    rule: fn(&str) -> Result<String, Reason>,
) -> Result<(), Problem> {
    match patch {
        Patch::Keep => {}
        Patch::Clear => *field = None,
        Patch::Set(text) if text.trim().is_empty() => *field = None,
        Patch::Set(text) => *field = Some(rule(text.trim()).map_err(|reason| refuse(name, reason))?),
    }
    Ok(())
}

/// A name of a person or a company.
pub(super) fn name(text: &str) -> Result<String, Reason> {
    PayerName::parse(text).map(|name| name.as_str().to_owned())
}

/// A free text, which may have line ends.
pub(super) fn paragraph(text: &str) -> Result<String, Reason> {
    if text.chars().any(|character| character.is_control() && character != '\n' && character != '\t') {
        return Err(Reason::BadCharacters);
    }
    if contains_card_number(text) {
        return Err(Reason::ContainsCardNumber);
    }
    if text.chars().count() <= MAX_PARAGRAPH_CHARS { Ok(text.to_owned()) } else { Err(Reason::TooLong) }
}

/// An e-mail address.
pub(super) fn email(text: &str) -> Result<String, Reason> {
    Email::parse(text).map(|email| email.as_str().to_owned())
}

/// A phone number in E.164.
pub(super) fn phone(text: &str) -> Result<String, Reason> {
    Phone::parse(text).map(|phone| phone.as_str().to_owned())
}

/// The refusal of a card number outside an envelope.
pub(super) fn refuse_number(field: &'static str) -> Problem {
    let mut problem = Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "contains_card_number",
        Classification::Shopper,
        Reason::ContainsCardNumber.message(),
    )
    .about(field);
    problem.reason = Some(Reason::ContainsCardNumber.as_str());
    problem
}

fn refuse(field: &'static str, reason: Reason) -> Problem {
    if reason == Reason::ContainsCardNumber {
        return refuse_number(field);
    }
    let mut problem = Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "field_invalid",
        Classification::Shopper,
        reason.message(),
    )
    .about(field);
    problem.reason = Some(reason.as_str());
    problem
}
