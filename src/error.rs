//! Every error on its way to JavaScript, and what happens when the module itself breaks.
//!
//! The list of codes is closed: the [`Reason`]s of `instrument` for what the shopper typed, the codes of
//! the vault for what it refused, and the ones written in this file. `docs/errors.md` explains each.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use gateway::{Classification, GatewayError};
use instrument::{Rejected, Verdict};
use js_sys::{Error, Reflect};
use wasm_bindgen::JsValue;
use web_sys::MessagePort;

use crate::bridge;

/// An error as JavaScript sees it: as the properties of a thrown `Error`, or as a plain object in a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The stable code.
    pub code: Cow<'static, str>,
    /// Who can mend it.
    pub classification: Classification,
    /// The field it is about, if any.
    pub field: Option<Cow<'static, str>>,
    /// One sentence that says what to do. Never holds what was typed, nor a key.
    pub message: Cow<'static, str>,
}

impl Problem {
    /// An error of ours that is about no field.
    #[must_use]
    pub const fn new(code: &'static str, classification: Classification, message: &'static str) -> Self {
        Self { code: Cow::Borrowed(code), classification, field: None, message: Cow::Borrowed(message) }
    }

    /// A call of an export with something that it does not take.
    #[must_use]
    pub fn bad_argument(argument: &str, accepted: &str) -> Self {
        Self {
            code: Cow::Borrowed("bad_argument"),
            classification: Classification::Merchant,
            field: None,
            message: Cow::Owned(format!("The argument \"{argument}\" must be {accepted}.")),
        }
    }

    /// An option of the element that has none of the accepted values.
    #[must_use]
    pub fn bad_option(option: &str, accepted: &str) -> Self {
        Self {
            code: Cow::Borrowed("bad_option"),
            classification: Classification::Merchant,
            field: None,
            message: Cow::Owned(format!("The attribute \"{option}\" must be {accepted}.")),
        }
    }

    /// The answer to every call after the module has broken.
    #[must_use]
    pub const fn internal() -> Self {
        Self::new(
            "internal",
            Classification::Internal,
            "The payment form stopped working. Reload the page; nothing was charged.",
        )
    }

    /// Where the explanation of this code stands.
    #[must_use]
    pub fn help(&self) -> String {
        format!("docs/errors.md#{}", self.code)
    }

    /// The plain object for a message.
    #[must_use]
    pub fn to_object(&self) -> JsValue {
        bridge::object(&[
            ("code", JsValue::from_str(&self.code)),
            ("classification", JsValue::from_str(self.classification.as_str())),
            ("field", bridge::text_or_null(self.field.as_deref())),
            ("message", JsValue::from_str(&self.message)),
            ("help", JsValue::from_str(&self.help())),
        ])
    }
}

impl From<Rejected> for Problem {
    fn from(rejected: Rejected) -> Self {
        Self {
            code: Cow::Borrowed(rejected.reason.as_str()),
            classification: Classification::Shopper,
            field: Some(Cow::Borrowed(rejected.field.as_str())),
            message: Cow::Borrowed(crate::fields::words::sentence(
                rejected.field,
                Verdict::Invalid(rejected.reason),
            )),
        }
    }
}

impl From<GatewayError> for Problem {
    fn from(error: GatewayError) -> Self {
        let message = match error.classification() {
            Classification::Shopper => "The payment details were not accepted. Check them or use others.",
            Classification::Merchant => "This shop's payment form is not set up correctly. Tell the shop.",
            Classification::Gateway => "The payment service has a problem. Try again in a moment.",
            Classification::Environment => "The payment service could not be reached. Try again.",
            Classification::Internal => "The payment service failed. Try again in a moment.",
        };
        let code = error.code().to_owned();
        let classification = error.classification();
        let field = match error {
            GatewayError::Refused { field, .. } => field,
            // `GatewayError` is non-exhaustive: what comes later is about no field either.
            _ => None,
        };
        Self { code: code.into(), classification, field: field.map(Cow::Owned), message: message.into() }
    }
}

impl From<Problem> for JsValue {
    fn from(problem: Problem) -> Self {
        let error = Error::new(&problem.message);
        for (name, value) in [
            ("code", Self::from_str(&problem.code)),
            ("classification", Self::from_str(problem.classification.as_str())),
            ("field", bridge::text_or_null(problem.field.as_deref())),
            ("help", Self::from_str(&problem.help())),
        ] {
            // A fresh Error takes any property.
            let _ = Reflect::set(&error, &Self::from_str(name), &value);
        }
        error.into()
    }
}

/// Set by the panic hook; a module that panicked is in no known state.
static BROKEN: AtomicBool = AtomicBool::new(false);

static HOOK: Once = Once::new();

thread_local! {
    /// Whom the panic hook tells.
    static HOST: RefCell<Option<MessagePort>> = const { RefCell::new(None) };
}

/// Lets a call in only while the module is whole; the first call also installs the panic hook.
///
/// # Errors
/// [`Problem::internal`] after a panic.
pub fn guard() -> Result<(), Problem> {
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            break_down();
            before(info);
        }));
    });
    if BROKEN.load(Ordering::Relaxed) { Err(Problem::internal()) } else { Ok(()) }
}

/// Names the port to which a breakdown is told.
pub fn tell_breakdown_to(port: Option<MessagePort>) {
    HOST.with(|host| host.replace(port));
}

/// What the panic hook does: marks the module as broken and tells the host, once. The panic's own message is
/// not passed on, because nobody knows what it holds.
pub fn break_down() {
    BROKEN.store(true, Ordering::Relaxed);
    if let Some(port) = HOST.with(|host| host.try_borrow_mut().ok().and_then(|mut port| port.take())) {
        let failed = bridge::ToHost::Failed(&Problem::internal()).to_value();
        // A closed port ignores it.
        let _ = port.post_message(&failed);
    }
}
