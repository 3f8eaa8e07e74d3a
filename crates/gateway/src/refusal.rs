//! What the gateways' own error answers mean, in our words.
//!
//! They name fields and codes each in their own way; a page has one closed list. So each dialect finds out
//! which field an answer is about, and the rest is decided here, by the status.

use instrument::Kind;

use crate::{Classification, GatewayError};

/// A member of a gateway's request and the field of ours that it is made of.
pub(crate) type Field = (&'static str, &'static str);

/// The error of a gateway's own refusal.
pub(crate) fn refused(status: u16, kind: Kind, field: Option<&'static str>) -> GatewayError {
    let (code, classification) = match (status, field, kind) {
        (401 | 403, ..) => ("key_invalid", Classification::Merchant),
        (429, ..) => ("rate_limited", Classification::Environment),
        (500.., ..) => ("gateway_unavailable", Classification::Gateway),
        (_, Some(_), Kind::Card | Kind::Code) => ("card_invalid", Classification::Shopper),
        (_, Some(_), Kind::BankAccount) => ("bank_account_invalid", Classification::Shopper),
        (_, None, _) => ("gateway_refused", Classification::Merchant),
    };
    GatewayError::Refused {
        status,
        code: code.to_owned(),
        classification,
        field: field.map(str::to_owned),
        reason: None,
    }
}

/// The field of ours that a gateway's member is made of.
pub(crate) fn field_of(member: &str, fields: &[Field]) -> Option<&'static str> {
    fields.iter().find(|(theirs, _)| theirs.eq_ignore_ascii_case(member)).map(|(_, ours)| *ours)
}
