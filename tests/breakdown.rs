//! What a breakdown of the module does. Alone in its file, because the module does not recover.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests say what went wrong by panicking")]

use js_sys::Reflect;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen(inline_js = "
// The frame's page, connected to a host that keeps what it hears.
export const frame = (html, start) => {
  const form = new DOMParser().parseFromString(html, 'text/html').querySelector('form');
  document.body.append(document.adoptNode(form));
  document.documentElement.dataset.origins = location.origin;
  location.hash = 'nonce';
  const { port1, port2 } = new MessageChannel();
  const page = start(form);
  // This program lives in the same memory, which the page would wipe; tests/e2e/memory.test.mjs sees it do so.
  page.memory = null;
  const data = { tessera: 1, nonce: 'nonce', key: 'pk', methods: ['card'], dialect: 'tessera' };
  page.greet(new MessageEvent('message', { data, origin: location.origin, source: parent, ports: [port2] }));
  const heard = new Promise((resolve) => {
    port1.onmessage = ({ data }) => data.type === 'failed' && resolve(data);
  });
  return { form, port1, heard };
};
export const heard = ({ heard }) => heard;
// The trap arrives as an exception in whoever called the module.
export const survive = (call) => { try { call(); return null; } catch (error) { return error; } };
// A trap behind a promise has no caller; the browser tells the window.
export const tell = (error) => dispatchEvent(new ErrorEvent('error', { error }));
export const type = ({ form }) => {
  form.elements.number.value = '4111111111111111';
  form.elements.number.dispatchEvent(new Event('input', { bubbles: true }));
  return form.elements.number.value;
};
export const ask = ({ port1 }) => new Promise((resolve) => {
  port1.onmessage = ({ data }) => data.id === 1 && resolve(data);
  port1.postMessage({ type: 'tokenize', id: 1, deadline_ms: 1000 });
});
")]
extern "C" {
    fn frame(html: &str, start: &Closure<dyn Fn(JsValue) -> JsValue>) -> JsValue;
    fn heard(frame: &JsValue) -> js_sys::Promise;
    fn survive(call: &Closure<dyn Fn()>) -> JsValue;
    fn tell(error: &JsValue);
    #[wasm_bindgen(js_name = type)]
    fn type_number(frame: &JsValue) -> String;
    fn ask(frame: &JsValue) -> js_sys::Promise;
}

fn text(of: &JsValue, name: &str) -> Option<String> {
    Reflect::get(of, &name.into()).unwrap().as_string()
}

fn assert_internal(error: &JsValue) {
    assert_eq!(text(error, "code").as_deref(), Some("internal"));
    assert_eq!(text(error, "classification").as_deref(), Some("internal"));
    assert!(!text(error, "message").unwrap().contains("4111"));
}

#[wasm_bindgen_test]
async fn a_trap_is_told_to_the_host_and_every_further_call_is_refused() {
    assert!(tessera::inspect_card(&"4111111111111111".into()).is_ok());
    let start =
        Closure::<dyn Fn(JsValue) -> JsValue>::new(|form| tessera::start(&form, &JsValue::NULL).unwrap());
    let frame = frame(include_str!("../www/frame/frame.html"), &start);
    assert_eq!(type_number(&frame), "4111 1111 1111 1111");

    let number = "4111111111111111";
    let fall = Closure::<dyn Fn()>::new(move || {
        let _call = tessera::error::Call::enter().unwrap();
        panic!("with {number} in the message");
    });
    let trap = survive(&fall);
    assert_eq!(text(&trap, "name").as_deref(), Some("RuntimeError"));
    tell(&trap);
    let failed = JsFuture::from(heard(&frame)).await.unwrap();
    assert_eq!(text(&failed, "type").as_deref(), Some("failed"));
    assert_internal(&Reflect::get(&failed, &"error".into()).unwrap());

    // Nothing of the module is called any more: the text stays as it is filled in.
    assert_eq!(type_number(&frame), "4111111111111111");
    let answer = JsFuture::from(ask(&frame)).await.unwrap();
    assert_eq!(text(&answer, "type").as_deref(), Some("error"));
    assert_internal(&Reflect::get(&answer, &"error".into()).unwrap());
    for result in [
        tessera::inspect_card(&"4".into()),
        tessera::inspect_routing(&"0".into()),
        tessera::start(&JsValue::NULL, &JsValue::NULL),
    ] {
        assert_internal(&result.unwrap_err());
    }
}
