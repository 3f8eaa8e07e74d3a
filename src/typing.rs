//! One key, one call: a number field for pages that draw their own input, and for the benchmark.
//!
//! The module answers a key with one number and leaves the new text where it lies; `typing/field.js` reads what
//! changed of it there, so that nothing is allocated but the text itself.

use instrument::Reason;
use instrument::card::SCHEMES;
use instrument::typing::{NO_SCHEME, Typing as Field};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(module = "/src/typing/field.js")]
extern "C" {
    fn field(keys: Typing, memory: JsValue) -> JsValue;
}

/// A card number field that answers each key with an outcome: one number, whose bits 0 to 5 are the caret, 6 to
/// 11 the length of the text, 12 and 13 the verdict (0 empty, 1 partial, 2 invalid, 3 complete), 16 to 23 the
/// scheme's place (255 for none) and 24 to 29 the reason's place plus one.
#[wasm_bindgen]
pub struct Typing(Field);

#[wasm_bindgen]
impl Typing {
    /// An empty field for a card number. It has `text`, and `press(code, start, end)`, `backspace(start, end)`,
    /// `delete(start, end)` and `clear()`, which answer with the outcome; `free()` gives it back.
    #[wasm_bindgen(unchecked_return_type = "Typing & { text: string }")]
    pub fn number() -> JsValue {
        field(Self(Field::new()), wasm_bindgen::memory())
    }

    /// Where the text lies in the memory: up to 24 characters of one byte each, and behind them a byte that says
    /// how many of them are those of the text before.
    pub fn at(&self) -> *const u8 {
        self.0.place()
    }

    /// A character typed over a selection.
    pub fn press(&mut self, code: u32, start: usize, end: usize) -> u32 {
        // A character that is none is refused as a letter is.
        self.0.press(char::from_u32(code).unwrap_or_default(), start, end).packed()
    }

    /// The digit before a caret, or a selection, deleted.
    pub fn backspace(&mut self, start: usize, end: usize) -> u32 {
        self.0.backspace(start, end).packed()
    }

    /// The digit behind a caret, or a selection, deleted.
    pub fn delete(&mut self, start: usize, end: usize) -> u32 {
        self.0.delete(start, end).packed()
    }

    /// Everything deleted.
    pub fn clear(&mut self) -> u32 {
        self.0.clear().packed()
    }

    /// The id of the scheme in an outcome, if there is one.
    pub fn scheme(outcome: u32) -> Option<String> {
        let place = (outcome >> 16) as u8;
        let scheme = SCHEMES.get(usize::from(place)).filter(|_| place != NO_SCHEME);
        scheme.map(|scheme| scheme.id.to_owned())
    }

    /// The code of the reason in an outcome, if there is one.
    pub fn reason(outcome: u32) -> Option<String> {
        let place = (outcome >> 24) as usize;
        let reason = place.checked_sub(1).and_then(|at| Reason::ALL.get(at));
        reason.map(|reason| reason.as_str().to_owned())
    }
}
