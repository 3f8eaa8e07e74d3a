//! The page around the tests: `page.js`, typed.

use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlFormElement, MessageEvent};

#[wasm_bindgen(module = "/tests/web/page.js")]
extern "C" {
    #[wasm_bindgen(js_name = frameForm)]
    fn frame_form(html: &str) -> HtmlFormElement;
    fn greeting(change: &JsValue) -> JsValue;
    fn next(host: &JsValue, kind: &str, condition: &str) -> Promise;
    fn send(host: &JsValue, message: &JsValue);
    fn heard(host: &JsValue) -> String;
    fn edit(form: &HtmlFormElement, name: &str, input_type: &str, data: &JsValue) -> bool;
    fn press(form: &HtmlFormElement, name: &str, keys: &str) -> bool;
    #[wasm_bindgen(js_name = type)]
    fn type_text(form: &HtmlFormElement, name: &str, text: &str);
    fn fill(form: &HtmlFormElement, name: &str, value: &str, event: &str);
    fn fire(form: &HtmlFormElement, name: &str, event: &str);
    fn value(form: &HtmlFormElement, name: &str) -> String;
    fn caret(form: &HtmlFormElement, name: &str) -> u32;
    fn select(form: &HtmlFormElement, name: &str, start: u32, end: u32);
    #[wasm_bindgen(js_name = wordsOf)]
    fn words_of(form: &HtmlFormElement, name: &str) -> String;
    #[wasm_bindgen(js_name = isMarkedInvalid)]
    fn is_marked_invalid(form: &HtmlFormElement, name: &str) -> bool;
    #[wasm_bindgen(js_name = isShown)]
    fn is_shown(form: &HtmlFormElement, selector: &str) -> bool;
    #[wasm_bindgen(js_name = textOf)]
    fn text_of(form: &HtmlFormElement, selector: &str) -> String;
    #[wasm_bindgen(js_name = stubFetch)]
    fn stub_fetch(keys: &str, steps: &JsValue) -> Array;
    #[wasm_bindgen(js_name = restoreFetch)]
    fn restore_fetch();
    #[wasm_bindgen(js_name = fillUnseen)]
    fn fill_unseen(form: &HtmlFormElement);
    pub(crate) fn sightings(memory: &JsValue) -> u32;
    fn choose(form: &HtmlFormElement, method: &str);
    pub(crate) fn evaluate(script: &str) -> JsValue;
    pub(crate) fn show(thing: &JsValue) -> String;

    /// What `start` gives back.
    type Started;
    #[wasm_bindgen(method)]
    fn greet(this: &Started, event: &MessageEvent);
    #[wasm_bindgen(method)]
    fn close(this: &Started);
}

/// The frame's page in this document, greeted or not.
pub(crate) struct Page {
    pub(crate) form: HtmlFormElement,
    started: Option<Started>,
    host: JsValue,
}

impl Page {
    /// The form alone, as the browser shows it before the module is there.
    pub(crate) fn bare() -> Self {
        let form = frame_form(include_str!("../../www/frame/frame.html"));
        Self { form, started: None, host: JsValue::UNDEFINED }
    }

    pub(crate) fn started() -> Self {
        let mut page = Self::bare();
        page.start();
        page
    }

    /// Started and connected; the first `change` has arrived.
    pub(crate) async fn connected() -> Self {
        let mut page = Self::started();
        page.greet("({data: {}})");
        page.next("ready", "m.height > 0").await;
        page.next("change", "true").await;
        page
    }

    pub(crate) fn start(&mut self) {
        let words = js_sys::JSON::parse(include_str!("../../pkg/locale/en.json")).unwrap();
        self.started = Some(tessera::start(&self.form, &words).unwrap().unchecked_into());
    }

    /// Sends the greeting, changed by a JavaScript object.
    pub(crate) fn greet(&mut self, change: &str) {
        let made = greeting(&evaluate(change));
        let event: MessageEvent = js_sys::Reflect::get(&made, &"event".into()).unwrap().unchecked_into();
        self.host = js_sys::Reflect::get(&made, &"host".into()).unwrap();
        self.started.as_ref().unwrap().greet(&event);
    }

    /// The next message of the frame of this type for which the condition on `m` holds.
    pub(crate) async fn next(&self, kind: &str, condition: &str) -> JsValue {
        match JsFuture::from(next(&self.host, kind, condition)).await {
            Ok(message) => message,
            Err(error) => panic!("{error:?}"),
        }
    }

    pub(crate) fn send(&self, message: &str) {
        send(&self.host, &evaluate(message));
    }

    pub(crate) fn heard(&self) -> String {
        heard(&self.host)
    }

    pub(crate) fn edit(&self, name: &str, input_type: &str, data: Option<&str>) -> bool {
        edit(&self.form, name, input_type, &data.map_or(JsValue::NULL, JsValue::from_str))
    }

    /// Presses a key with modifiers, written `Control+z`. True if it was taken.
    pub(crate) fn press(&self, name: &str, keys: &str) -> bool {
        press(&self.form, name, keys)
    }

    pub(crate) fn type_text(&self, name: &str, text: &str) {
        type_text(&self.form, name, text);
    }

    pub(crate) fn fill(&self, name: &str, value: &str) {
        fill(&self.form, name, value, "input");
    }

    pub(crate) fn fill_with(&self, name: &str, value: &str, event: &str) {
        fill(&self.form, name, value, event);
    }

    pub(crate) fn fire(&self, name: &str, event: &str) {
        fire(&self.form, name, event);
    }

    pub(crate) fn value(&self, name: &str) -> String {
        value(&self.form, name)
    }

    pub(crate) fn caret(&self, name: &str) -> u32 {
        caret(&self.form, name)
    }

    pub(crate) fn select(&self, name: &str, start: u32, end: u32) {
        select(&self.form, name, start, end);
    }

    pub(crate) fn words_of(&self, name: &str) -> String {
        words_of(&self.form, name)
    }

    pub(crate) fn is_marked_invalid(&self, name: &str) -> bool {
        is_marked_invalid(&self.form, name)
    }

    pub(crate) fn is_shown(&self, selector: &str) -> bool {
        is_shown(&self.form, selector)
    }

    pub(crate) fn text_of(&self, selector: &str) -> String {
        text_of(&self.form, selector)
    }

    /// Picks a method, as a click on its radio does.
    pub(crate) fn choose_method(&self, method: &str) {
        choose(&self.form, method);
    }

    /// A whole valid card whose number this program does not hold.
    pub(crate) fn fill_unseen(&self) {
        fill_unseen(&self.form);
    }

    /// A whole valid card.
    pub(crate) fn fill_card(&self) {
        self.fill("number", "4111111111111111");
        self.fill("expiry", "12/2030");
        self.fill("code", "123");
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        if let Some(started) = self.started.take() {
            started.close();
        }
        self.form.remove();
        restore_fetch();
    }
}

/// Answers the requests of the module; gives back what was asked of `/v1/tokens`.
pub(crate) fn answer(keys: &str, steps: &str) -> Array {
    stub_fetch(keys, &evaluate(steps))
}
