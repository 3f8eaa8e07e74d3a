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
pub mod typing;

use std::cell::RefCell;
use std::rc::Rc;

use gateway::{Classification, Endpoint};
use instrument::FieldName;
use instrument::bank::SecCodes;
use instrument::card::Scheme;
use instrument::field::Selection;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use checkout::{Exchange, Goal, State, Way};
use error::{Call, Problem};
use fields::Texts;

/// Small, and it overwrites whatever is given back: the copies that the glue makes of strings, too.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator>> =
    zeroizing_alloc::ZeroAlloc(lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new()));

/// Tells everything about a card number as it stands:
/// `{verdict, reason, digitsLength, formatted, scheme, candidates, bin, last4}`. The policy is an object that
/// may have `accepted`, a list of scheme ids, and `unionpayLuhn`, `warning` or `error`.
///
/// # Errors
/// `bad_argument` unless `text` is a string and every member of the policy is one of those that exist.
#[wasm_bindgen(js_name = inspectCard)]
pub fn inspect_card_under(text: &JsValue, policy: &JsValue) -> Result<JsValue, JsValue> {
    let _call = Call::enter()?;
    Ok(inspect::card(text, policy)?)
}

/// As `inspectCard` under the default policy.
///
/// # Errors
/// `bad_argument` unless `text` is a string.
pub fn inspect_card(text: &JsValue) -> Result<JsValue, JsValue> {
    inspect_card_under(text, &JsValue::UNDEFINED)
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

/// Judges a security code, for a scheme if one is named: `{verdict, reason}`. The policy is an object that may
/// have `amexCode`, `four` or `three_or_four`, and `maestroCode`, `optional` or `required`.
///
/// # Errors
/// `bad_argument` unless `text` is a string, `scheme` absent or the id of one, and every member of the policy
/// one of those that exist.
#[wasm_bindgen(js_name = inspectCode)]
pub fn inspect_code_under(text: &JsValue, scheme: &JsValue, policy: &JsValue) -> Result<JsValue, JsValue> {
    let _call = Call::enter()?;
    Ok(inspect::code(text, scheme, policy)?)
}

/// As `inspectCode` under the default policy.
///
/// # Errors
/// `bad_argument` unless `text` is a string and `scheme` absent or the id of one.
pub fn inspect_code(text: &JsValue, scheme: &JsValue) -> Result<JsValue, JsValue> {
    inspect_code_under(text, scheme, &JsValue::UNDEFINED)
}

/// Judges a routing number: `{verdict, reason}`.
///
/// # Errors
/// `bad_argument` unless `text` is a string.
#[wasm_bindgen(js_name = inspectRouting)]
pub fn inspect_routing(text: &JsValue) -> Result<JsValue, JsValue> {
    let _call = Call::enter()?;
    Ok(inspect::routing(text)?)
}

/// Judges an account number, or its repetition if there is one: `{verdict, reason}`.
///
/// # Errors
/// `bad_argument` unless `text` is a string, and `repeated` absent or a string.
#[wasm_bindgen(js_name = inspectAccount)]
pub fn inspect_account_repeated(text: &JsValue, repeated: &JsValue) -> Result<JsValue, JsValue> {
    let _call = Call::enter()?;
    Ok(inspect::account(text, repeated)?)
}

/// As `inspectAccount` without a repetition.
///
/// # Errors
/// `bad_argument` unless `text` is a string.
pub fn inspect_account(text: &JsValue) -> Result<JsValue, JsValue> {
    inspect_account_repeated(text, &JsValue::UNDEFINED)
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

/// What was typed in a frame, and the way from there to a token. The files in `bridge/` call it; after a breakdown
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
        session: Option<String>,
    ) -> Result<(), JsValue> {
        let _call = Call::enter()?;
        let vault = Endpoint { base_url: frame_origin.to_owned(), publishable_key: key.to_owned() };
        Ok(self.0.borrow_mut().connect(vault, page_origin, dialect, Way::Vault { session })?)
    }

    /// Takes the options of an accepted greeting that names a gateway: instruments go there in clear.
    ///
    /// # Errors
    /// `bad_option` for an unknown gateway; `endpoint_not_allowed` unless the vault, which wrote the policy of
    /// this page, wrote the same endpoint into it.
    #[wasm_bindgen(js_name = connectGateway)]
    pub fn connect_gateway(
        &self,
        key: &str,
        base_url: &str,
        allowed: &str,
        page_origin: &str,
        gateway: &str,
    ) -> Result<(), JsValue> {
        let _call = Call::enter()?;
        if base_url.is_empty() || base_url != allowed {
            return Err(Problem::new(
                "endpoint_not_allowed",
                Classification::Merchant,
                "The payment form may not send to this endpoint. See the attributes gateway and endpoint.",
            )
            .into());
        }
        let endpoint = Endpoint { base_url: base_url.to_owned(), publishable_key: key.to_owned() };
        Ok(self.0.borrow_mut().connect(endpoint, page_origin, gateway, Way::Gateway)?)
    }

    /// Takes what the merchant decided about bank accounts: whether the number is asked for twice; the entry classes
    /// that are allowed, as the bits of [`SecCodes`]; and whether the owner is to agree to a text, which comes with
    /// `propose`.
    pub fn decide(&self, repeats: bool, allowed: u8, texts: bool) {
        self.with(|state| state.fields.decide(repeats, SecCodes::from_bits(allowed), texts));
    }

    /// Takes what the vault made of the merchant's terms.
    pub fn propose(
        &self,
        version: u16,
        locale: String,
        terms: String,
        web: String,
        ppd: String,
        ccd: String,
    ) {
        let texts = Texts { version, locale, terms, web, ppd, ccd };
        self.with(move |state| state.fields.propose(texts));
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
    ///
    /// # Errors
    /// `bad_option` for a code alone where what is typed goes to somebody who takes none.
    pub fn choose(&self, method: &str) -> Result<(), JsValue> {
        let _call = Call::enter()?;
        Ok(self.0.borrow_mut().choose(checkout::method(method))?)
    }

    /// Sets one member of the merchant's card policy; its default for what is undefined.
    ///
    /// # Errors
    /// `bad_option`, with the values that it has.
    pub fn restrict(&self, member: &str, value: &JsValue) -> Result<(), JsValue> {
        let _call = Call::enter()?;
        let fields = &mut self.0.borrow_mut().fields;
        let policy = inspect::policy::with(fields.policy(), member, value)?;
        if policy != fields.policy() {
            fields.obey(policy);
        }
        Ok(())
    }

    /// The shopper picks a scheme of a card that carries two.
    pub fn pick(&self, scheme: &str) {
        self.with(|state| state.fields.pick(scheme));
    }

    /// The merchant picks one as long as the shopper picks none.
    ///
    /// # Errors
    /// `bad_option` for an unknown scheme, with the known ones.
    pub fn preset(&self, scheme: Option<String>) -> Result<(), JsValue> {
        let _call = Call::enter()?;
        let known = match scheme.as_deref().map(Scheme::by_id) {
            Some(None) => return Err(Problem::bad_option("cobadge", &inspect::policy::schemes()).into()),
            Some(known) => known,
            None => None,
        };
        self.0.borrow_mut().fields.preset(known);
        Ok(())
    }

    /// Shows every problem.
    pub fn report(&self) {
        self.with(|state| state.fields.report(None));
    }

    /// Tells the page everything that the host may know.
    pub fn publish(&self) {
        self.with(|state| state.fields.publish());
    }

    /// Forgets what the fields held before: there is a token, and nobody undoes behind it.
    pub fn forget(&self) {
        self.with(|state| state.fields.forget());
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

/// Takes over the frame's form, with whatever was typed into it already. `words` is a file of messages, in the
/// shopper's language. What comes back has `greet`, for the window's messages, and `close`.
///
/// # Errors
/// `bad_argument` unless `form` is a form element, `internal` if it is not the form of the frame's page or
/// after a breakdown.
#[wasm_bindgen]
pub fn start(form: &JsValue, words: &JsValue) -> Result<JsValue, JsValue> {
    // The page calls the checkout at once, so we must have left by then.
    drop(Call::enter()?);
    let page = bridge::open(form, Checkout(Rc::default()), words, &wasm_bindgen::memory());
    if page.is_undefined() {
        return Err(Problem::bad_argument("form", "the form element of the frame's page").into());
    }
    if page.is_null() { Err(Problem::internal().into()) } else { Ok(page) }
}
