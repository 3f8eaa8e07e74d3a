//! The browser crate: DOM and bindings. Card rules live in `instrument`, cryptography in `seal`, gateways in
//! `gateway`; nothing of theirs is decided here.
//!
//! The frame's page calls [`start`] and hands over the host's greeting. The other exports need no frame and no
//! `window`: they run in Node.js from the bytes of the module as well.
//!
//! Every export refuses with an `Error` that has `code`, `classification`, `field` and `help`.

pub mod bridge;
pub mod checkout;
mod clock;
pub mod error;
pub mod fields;
pub mod inspect;
pub mod transport;

use std::rc::Rc;

use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{HtmlElement, HtmlFormElement, MessageEvent};

use bridge::Expected;
use error::{Problem, guard};

/// Small, and it overwrites whatever is given back: the copies that the glue makes of strings, too.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator>> =
    zeroizing_alloc::ZeroAlloc(lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new()));

/// Tells everything about a card number as it stands:
/// `{verdict, reason, digitsLength, formatted, scheme, candidates, bin, last4}`.
///
/// # Errors
/// `bad_argument` unless `text` is a string.
#[wasm_bindgen(js_name = inspectCard)]
pub fn inspect_card(text: &JsValue) -> Result<JsValue, JsValue> {
    guard()?;
    Ok(inspect::card(text)?)
}

/// Tells everything about an expiry date as it stands: `{verdict, reason, month, year}`. `year` and `month`
/// are today's.
///
/// # Errors
/// `bad_argument` unless `text` is a string, `year` a year and `month` 1 to 12.
#[wasm_bindgen(js_name = inspectExpiry)]
pub fn inspect_expiry(text: &JsValue, year: &JsValue, month: &JsValue) -> Result<JsValue, JsValue> {
    guard()?;
    Ok(inspect::expiry(text, year, month)?)
}

/// Judges a security code, for a scheme if one is named: `{verdict, reason}`.
///
/// # Errors
/// `bad_argument` unless `text` is a string and `scheme` absent or the id of one.
#[wasm_bindgen(js_name = inspectCode)]
pub fn inspect_code(text: &JsValue, scheme: &JsValue) -> Result<JsValue, JsValue> {
    guard()?;
    Ok(inspect::code(text, scheme)?)
}

/// Judges a routing number: `{verdict, reason}`.
///
/// # Errors
/// `bad_argument` unless `text` is a string.
#[wasm_bindgen(js_name = inspectRouting)]
pub fn inspect_routing(text: &JsValue) -> Result<JsValue, JsValue> {
    guard()?;
    Ok(inspect::routing(text)?)
}

/// Judges an account number: `{verdict, reason}`.
///
/// # Errors
/// `bad_argument` unless `text` is a string.
#[wasm_bindgen(js_name = inspectAccount)]
pub fn inspect_account(text: &JsValue) -> Result<JsValue, JsValue> {
    guard()?;
    Ok(inspect::account(text)?)
}

/// Makes one keystroke in a field that holds `text`: `{text, caret, verdict, reason}`. `action` is `insert`,
/// `backspace` or `delete`; places are counted in UTF-16 units, as the DOM does.
///
/// # Errors
/// `bad_argument`, with the values that are accepted.
#[wasm_bindgen]
pub fn edit(
    kind: &JsValue,
    text: &JsValue,
    #[wasm_bindgen(js_name = selectionStart)] selection_start: &JsValue,
    #[wasm_bindgen(js_name = selectionEnd)] selection_end: &JsValue,
    insert: &JsValue,
    action: &JsValue,
) -> Result<JsValue, JsValue> {
    guard()?;
    Ok(inspect::edit(kind, text, [selection_start, selection_end], insert, action)?)
}

/// The checkout that runs in a frame. Freeing it stops it and empties the inputs.
#[wasm_bindgen]
pub struct Checkout(Rc<checkout::Checkout>);

#[wasm_bindgen]
impl Checkout {
    /// Hands over a window message. The host's greeting connects the frame; anything else is ignored.
    ///
    /// # Errors
    /// `internal` after a breakdown, or where there is no window.
    pub fn greet(&self, event: &MessageEvent) -> Result<(), JsValue> {
        guard()?;
        let window = web_sys::window().ok_or_else(Problem::internal)?;
        let location = window.location();
        let parent = window.parent()?.map_or(JsValue::NULL, JsValue::from);
        let root = window.document().and_then(|document| document.document_element());
        let origins = root.and_then(|root| root.dyn_into::<HtmlElement>().ok()?.dataset().get("origins"));
        let hash = location.hash()?;
        let expected = Expected {
            parent: &parent,
            nonce: hash.strip_prefix('#').unwrap_or_default(),
            origins: &origins.unwrap_or_default(),
        };
        self.0.greet(event, &expected, &location.origin()?);
        Ok(())
    }
}

/// Takes over the frame's form, with whatever was typed into it already.
///
/// # Errors
/// `bad_argument` unless `form` is a form element, `internal` if it is not the form of the frame's page.
#[wasm_bindgen]
pub fn start(form: &JsValue) -> Result<Checkout, JsValue> {
    guard()?;
    let form = form.dyn_ref::<HtmlFormElement>();
    let form = form.ok_or_else(|| Problem::bad_argument("form", "the form element of the frame's page"))?;
    Ok(Checkout(checkout::Checkout::start(form)?))
}
