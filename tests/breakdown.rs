//! What a breakdown of the module does. Alone in its file, because the module does not recover.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests say what went wrong by panicking")]

use js_sys::Reflect;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::MessagePort;

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen(inline_js = "
export const channel = () => { const { port1, port2 } = new MessageChannel(); return [port1, port2]; };
export const heard = (port) => new Promise((resolve) => { port.onmessage = ({ data }) => resolve(data); });
// The trap arrives as an exception in whoever called the module.
export const survive = (call) => { try { call(); return null; } catch (error) { return String(error); } };
")]
extern "C" {
    fn channel() -> js_sys::Array;
    fn heard(port: &MessagePort) -> js_sys::Promise;
    fn survive(call: &Closure<dyn Fn()>) -> JsValue;
}

fn text(of: &JsValue, name: &str) -> Option<String> {
    Reflect::get(of, &name.into()).unwrap().as_string()
}

#[wasm_bindgen_test]
async fn a_panic_is_told_to_the_host_and_every_further_call_is_refused() {
    assert!(tessera::inspect_card(&"4111111111111111".into()).is_ok());
    let ports = channel();
    let (ours, theirs): (MessagePort, MessagePort) =
        (ports.get(0).unchecked_into(), ports.get(1).unchecked_into());
    tessera::error::tell_breakdown_to(Some(ours));
    let message = heard(&theirs);
    let number = "4111111111111111";
    let fall = Closure::<dyn Fn()>::new(move || panic!("with {number} in the message"));
    assert!(survive(&fall).is_string());
    let failed = JsFuture::from(message).await.unwrap();
    assert_eq!(text(&failed, "type").as_deref(), Some("failed"));
    let error = Reflect::get(&failed, &"error".into()).unwrap();
    assert_eq!(text(&error, "code").as_deref(), Some("internal"));
    assert_eq!(text(&error, "classification").as_deref(), Some("internal"));
    assert!(!text(&error, "message").unwrap().contains("4111"));
    for result in [
        tessera::inspect_card(&"4".into()),
        tessera::inspect_routing(&"0".into()),
        tessera::start(&JsValue::NULL).map(|_| JsValue::NULL),
    ] {
        assert_eq!(text(&result.unwrap_err(), "code").as_deref(), Some("internal"));
    }
}
