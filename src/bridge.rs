//! The page around the module: what the files in `bridge/` do for us and what we tell them.
//!
//! Finding inputs, hearing their events, painting texts and passing messages between frame and host need no
//! rule of ours, and JavaScript does them in a third of the bytes. What crosses here are texts, numbers and
//! names of fields. The page never calls back while one of these functions runs. They act on the page that has
//! called us.
//!
//! wasm-bindgen takes along the files that are named here, side by side, so that they can import each other. A file
//! that only others import is named in [`along`].

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::{AbortSignal, RequestInit};

use crate::Checkout;

#[wasm_bindgen(module = "/src/bridge/page.js")]
extern "C" {
    /// Takes over a form and its texts: the page, null for a form that is not ours, undefined for what is no form.
    /// After a trap the page wipes the memory.
    pub(crate) fn open(form: &JsValue, checkout: Checkout, words: &JsValue, memory: &JsValue) -> JsValue;
}

#[wasm_bindgen(module = "/src/bridge/inputs.js")]
extern "C" {
    /// Shows a field's text, with the caret at a place counted in UTF-16 units if the field has the focus.
    pub(crate) fn paint(name: &str, text: &str, caret: usize);
}

#[wasm_bindgen(module = "/src/bridge/sentences.js")]
extern "C" {
    /// Says under a field what it needs, by the reason's code; nothing for an empty one.
    pub(crate) fn say(name: &str, reason: &str);

    /// As [`say`], unless somebody types there.
    pub(crate) fn settle(name: &str, reason: &str);
}

#[wasm_bindgen(module = "/src/bridge/publication.js")]
extern "C" {
    /// What one shown field says of itself, for the publication that [`publish`] ends.
    pub(crate) fn state(name: &str, verdict: &str, reason: Option<&str>, needed: bool);

    /// One scheme of a card that carries several, for the publication that [`publish`] ends.
    pub(crate) fn badge(id: &str, name: &str, chosen: bool);

    /// Tells the host what became of the fields.
    pub(crate) fn publish(
        scheme: Option<&str>,
        scheme_name: Option<&str>,
        code_hint: &str,
        bin: Option<&str>,
        revision: u32,
    );
}

#[wasm_bindgen(module = "/src/bridge/bank.js")]
extern "C" {
    /// Which of a bank account's fields are asked for: the repetition of its number, and the entry classes among
    /// which there is a choice.
    pub(crate) fn ask(repeats: bool, offered: u8, chosen: &str);

    /// The text that the owner of an account agrees to, if there is one, and whether by ticking a box.
    pub(crate) fn authorise(text: &str, locale: &str, ticks: bool);
}

#[wasm_bindgen(module = "/src/bridge/problem.js")]
extern "C" {
    /// An `Error` with `code`, `classification`, `field` and `help`; without a message it has one in the shopper's
    /// language.
    pub(crate) fn problem(
        code: &str,
        classification: &str,
        field: Option<&str>,
        message: Option<&str>,
    ) -> JsValue;

    /// The error after a breakdown.
    pub(crate) fn internal() -> JsValue;
}

#[wasm_bindgen(module = "/src/bridge/view.js")]
extern "C" {
    /// What an edit looks like.
    pub(crate) fn view(text: &str, caret: usize, verdict: &str, reason: Option<&str>) -> JsValue;
}

#[wasm_bindgen(module = "/src/bridge/calendar.js")]
extern "C" {
    /// The months of our calendar until yesterday, where the shopper is.
    pub(crate) fn month() -> u32;
}

#[wasm_bindgen(module = "/src/bridge/exchange.js")]
extern "C" {
    /// How every request is made: without credentials, cache, redirects and referrer.
    pub(crate) fn init(signal: &AbortSignal) -> RequestInit;

    /// Whether the browser says that it is online.
    #[wasm_bindgen(js_name = onLine)]
    pub(crate) fn on_line() -> bool;
}

/// The files that we call nothing in.
mod along {
    use wasm_bindgen::prelude::wasm_bindgen;

    #[wasm_bindgen(module = "/src/bridge/methods.js")]
    extern "C" {
        fn offer();
    }

    #[wasm_bindgen(module = "/src/bridge/cobadge.js")]
    extern "C" {
        fn offer_badges();
    }

    #[wasm_bindgen(module = "/src/bridge/prefill.js")]
    extern "C" {
        fn prefill();
    }

    #[wasm_bindgen(module = "/src/bridge/words.js")]
    extern "C" {
        fn speak();
    }

    #[wasm_bindgen(module = "/src/bridge/port.js")]
    extern "C" {
        fn greet();
    }
}
