//! What the frame says to the shopper, by name. The texts themselves are in `www/locales`, and the page has those of
//! the shopper's language.

use instrument::card::Scheme;
use instrument::{Reason, Verdict};

/// Why a field with this verdict needs something; empty if there is nothing to say.
#[must_use]
pub(crate) fn reason(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Complete => "",
        Verdict::Empty => Reason::Required.as_str(),
        Verdict::Partial => Reason::Incomplete.as_str(),
        Verdict::Invalid(reason) => reason.as_str(),
    }
}

/// What stands in the empty security code field.
#[must_use]
pub(crate) fn code_hint(scheme: Option<&Scheme>) -> &'static str {
    match scheme.map(|scheme| scheme.code.sizes) {
        None => "code.any",
        Some([4]) => "code.four",
        Some(sizes) if sizes.contains(&0) => "code.optional",
        Some(_) => "code.three",
    }
}
