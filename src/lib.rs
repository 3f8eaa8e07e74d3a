//! The browser crate: bindings only. Card rules live in `instrument`, cryptography in `seal`, gateways in
//! `gateway`; nothing of theirs is decided here.
//!
//! The frame's page calls [`start`] and hands over the window's messages. The other exports need no frame and no
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

use std::cell::RefCell;
use std::rc::Rc;

use instrument::field::Selection;
use instrument::{FieldName, bank};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use checkout::{Exchange, Goal, State};
use error::{Call, Problem};

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
    let _call = Call::enter()?;
    Ok(inspect::card(text)?)
}

/// Tells everything about an expiry date as it stands: `{verdict, reason, month, year}`. `year` and `month`
/// are today's.
///
/// # Errors
/// `bad_argument` unless `text` is a string, `year` a year and `month` 1 to 12.
#[wasm_bindgen(js_name = inspectExpiry)]
pub fn inspect_expiry(text: &JsValue, year: &JsValue, month: &JsValue) -> Result<JsValue, JsValue> {
    let _call = Call::enter()?;
    Ok(inspect::expiry(text, year, month)?)
}

/// Judges a security code, for a scheme if one is named: `{verdict, reason}`.
///
/// # Errors
/// `bad_argument` unless `text` is a string and `scheme` absent or the id of one.
#[wasm_bindgen(js_name = inspectCode)]
pub fn inspect_code(text: &JsValue, scheme: &JsValue) -> Result<JsValue, JsValue> {
    let _call = Call::enter()?;
    Ok(inspect::code(text, scheme)?)
}

/// Judges a routing number: `{verdict, reason}`.
///
/// # Errors
/// `bad_argument` unless `text` is a string.
#[wasm_bindgen(js_name = inspectRouting)]
pub fn inspect_routing(text: &JsValue) -> Result<JsValue, JsValue> {
    let _call = Call::enter()?;
    Ok(inspect::judge(text, bank::inspect_routing)?)
}

/// Judges an account number: `{verdict, reason}`.
///
/// # Errors
/// `bad_argument` unless `text` is a string.
#[wasm_bindgen(js_name = inspectAccount)]
pub fn inspect_account(text: &JsValue) -> Result<JsValue, JsValue> {
    let _call = Call::enter()?;
    Ok(inspect::judge(text, bank::inspect_account)?)
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
    let _call = Call::enter()?;
    Ok(inspect::edit(kind, text, [selection_start, selection_end], insert, action)?)
}

/// What was typed in a frame, and the way from there to a token. `bridge/page.js` calls it; after a breakdown
/// it does nothing.
#[wasm_bindgen]
pub struct Checkout(Rc<RefCell<State>>);

#[wasm_bindgen]
impl Checkout {
    /// Takes the options of an accepted greeting.
    ///
    /// # Errors
    /// `bad_option` for an unknown dialect.
    pub fn connect(
        &self,
        key: &str,
        frame_origin: &str,
        page_origin: &str,
        dialect: &str,
    ) -> Result<(), JsValue> {
        let _call = Call::enter()?;
        Ok(self.0.borrow_mut().connect(key, frame_origin, page_origin, dialect)?)
    }

    /// Makes an edit in a field; `action` as in [`edit`].
    pub fn edit(&self, name: &str, start: usize, end: usize, insert: &str, action: &str) {
        if let Some(edit) = inspect::action(action, insert) {
            self.with(|state| state.fields.edit(name, edit, Selection { start, end }));
        }
    }

    /// Takes over a whole text.
    pub fn fill(&self, name: &str, text: &str, caret: usize) {
        self.with(|state| state.fields.fill(name, text, caret));
    }

    /// The focus left a field.
    pub fn leave(&self, name: &str) {
        if let Some(name) = FieldName::parse(name) {
            self.with(|state| state.fields.leave(name));
        }
    }

    /// Shows the fields of a method.
    pub fn choose(&self, method: &str) {
        self.with(|state| state.fields.choose(checkout::method(method)));
    }

    /// Shows every problem.
    pub fn report(&self) {
        self.with(|state| state.fields.report(None));
    }

    /// Tells the page everything that the host may know.
    pub fn publish(&self) {
        self.with(|state| state.fields.publish());
    }

    /// Empties every field.
    pub fn clear(&self) {
        self.with(|state| state.fields.clear());
    }

    /// Begins to fetch a sealing key ahead of need.
    pub fn prepare(&self) -> Exchange {
        Exchange::new(&self.0, Goal::Key)
    }

    /// Begins to exchange what was typed for a token.
    pub fn tokenize(&self) -> Exchange {
        Exchange::new(&self.0, Goal::Token)
    }

    fn with(&self, act: impl FnOnce(&mut State)) {
        if let Ok(_call) = Call::enter() {
            act(&mut self.0.borrow_mut());
        }
    }
}

/// Takes over the frame's form, with whatever was typed into it already. What comes back has `greet`, for the
/// window's messages, and `close`.
///
/// # Errors
/// `bad_argument` unless `form` is a form element, `internal` if it is not the form of the frame's page or
/// after a breakdown.
#[wasm_bindgen]
pub fn start(form: &JsValue) -> Result<JsValue, JsValue> {
    // The page calls the checkout at once, so we must have left by then.
    drop(Call::enter()?);
    let page = bridge::open(form, Checkout(Rc::default()));
    if page.is_undefined() {
        return Err(Problem::bad_argument("form", "the form element of the frame's page").into());
    }
    if page.is_null() { Err(Problem::internal().into()) } else { Ok(page) }
}
