//! What the frame says to the shopper, where it can say more than the pure crates' general sentence.

use instrument::card::Scheme;
use instrument::{FieldName, Reason, Verdict};

/// The sentence under a field with this verdict; empty if there is nothing to say.
#[must_use]
pub(crate) fn sentence(field: FieldName, verdict: Verdict) -> &'static str {
    let reason = match verdict {
        Verdict::Complete => return "",
        Verdict::Empty => Reason::Required,
        Verdict::Partial => Reason::Incomplete,
        Verdict::Invalid(reason) => reason,
    };
    match (field, reason) {
        (FieldName::Number, Reason::Required) => "Enter the card number.",
        (FieldName::Number, Reason::Incomplete | Reason::TooShort | Reason::WrongLength) => {
            "Finish the card number: some digits are missing."
        }
        (FieldName::Expiry, Reason::Required) => "Enter the expiry date.",
        (FieldName::Expiry, Reason::Incomplete) => "Finish the expiry date: month and year.",
        (FieldName::Code, Reason::Required) => "Enter the security code.",
        (FieldName::Code, Reason::Incomplete | Reason::TooShort) => "Finish the security code.",
        (FieldName::Code, Reason::TooLong) => "Check the security code: it has too many digits.",
        (FieldName::Holder, Reason::Required) => "Enter the name.",
        (FieldName::RoutingNumber, Reason::Required) => "Enter the routing number.",
        (FieldName::RoutingNumber, Reason::Incomplete | Reason::TooShort) => {
            "Finish the routing number: it has 9 digits."
        }
        (FieldName::AccountNumber, Reason::Required) => "Enter the account number.",
        (FieldName::AccountNumber, Reason::Incomplete | Reason::TooShort) => {
            "Finish the account number: it has 4 digits or more."
        }
        (_, reason) => reason.message(),
    }
}

/// What stands in the empty security code field.
#[must_use]
pub(crate) fn code_placeholder(scheme: Option<&Scheme>) -> &'static str {
    match scheme.map(|scheme| scheme.code.sizes) {
        None => "3 or 4 digits",
        Some([4]) => "4 digits",
        Some(sizes) if sizes.contains(&0) => "If there is one",
        Some(_) => "3 digits",
    }
}
