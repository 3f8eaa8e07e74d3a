//! Every error on its way to JavaScript, and what happens when the module itself breaks.
//!
//! The list of codes is closed: the [`Reason`](instrument::Reason)s of `instrument` for what the shopper
//! typed, the codes of the vault for what it refused, and the ones written in this crate. `docs/errors.md`
//! explains each. What shoppers read is in `www/locales`; what only developers read is written here, in English.

use std::sync::atomic::{AtomicBool, Ordering};

use gateway::{Classification, GatewayError};
use instrument::Rejected;
use wasm_bindgen::JsValue;

use crate::bridge;

/// An error as JavaScript sees it: an `Error` with a stable `code`, the `classification` that says who can
/// mend it, the `field` it is about or null, and `help`. Never holds what was typed, nor a key.
#[derive(Clone, Debug)]
pub struct Problem(JsValue);

impl Problem {
    /// An error of ours that is about no field, for developers.
    #[must_use]
    pub fn new(code: &str, classification: Classification, message: &str) -> Self {
        Self(bridge::problem(code, classification.as_str(), None, Some(message)))
    }

    /// An error that a shopper is told of in the words of the shopper's language.
    #[must_use]
    pub fn told(code: &str, classification: Classification, field: Option<&str>) -> Self {
        Self(bridge::problem(code, classification.as_str(), field, None))
    }

    /// A call of an export with something that it does not take.
    #[must_use]
    pub fn bad_argument(argument: &str, accepted: &str) -> Self {
        Self::bad("bad_argument", "The argument \"", argument, accepted)
    }

    /// An option of the element that has none of the accepted values.
    #[must_use]
    pub fn bad_option(option: &str, accepted: &str) -> Self {
        Self::bad("bad_option", "The attribute \"", option, accepted)
    }

    /// The text that the owner of an account agrees to has not come.
    #[must_use]
    pub fn no_text() -> Self {
        Self::new(
            "mandate_unavailable",
            Classification::Environment,
            "The text of the authorization could not be loaded. Check the connection and try again.",
        )
    }

    /// The answer to every call after the module has broken.
    #[must_use]
    pub fn internal() -> Self {
        Self(bridge::internal())
    }

    fn bad(code: &str, what: &str, name: &str, accepted: &str) -> Self {
        let mut message = String::new();
        for part in [what, name, "\" must be ", accepted, "."] {
            message.push_str(part);
        }
        Self::new(code, Classification::Merchant, &message)
    }
}

impl From<Rejected> for Problem {
    fn from(rejected: Rejected) -> Self {
        Self::told(rejected.reason.as_str(), Classification::Shopper, Some(rejected.field.as_str()))
    }
}

impl From<GatewayError> for Problem {
    fn from(error: GatewayError) -> Self {
        let field = match &error {
            GatewayError::Refused { field, .. } => field.as_deref(),
            GatewayError::Incomplete { field } => Some(*field),
            // `GatewayError` is non-exhaustive: what comes later is about no field either.
            _ => None,
        };
        Self::told(error.code(), error.classification(), field)
    }
}

impl From<Problem> for JsValue {
    fn from(problem: Problem) -> Self {
        problem.0
    }
}

/// Whether a call is inside the module. A trap leaves it set for ever, because nothing runs after a trap:
/// then the module is in no known state.
static INSIDE: AtomicBool = AtomicBool::new(false);

/// A call that is inside the module; dropping it is leaving.
pub struct Call(());

impl Call {
    /// Lets a call in only while the module is whole.
    ///
    /// # Errors
    /// [`Problem::internal`] after a breakdown.
    pub fn enter() -> Result<Self, Problem> {
        if INSIDE.swap(true, Ordering::Relaxed) { Err(Problem::internal()) } else { Ok(Self(())) }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        INSIDE.store(false, Ordering::Relaxed);
    }
}
