//! The transport with a `fetch` that does what it is told: deadline, abort and retry policy, as a host sees them.

use js_sys::Array;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::flow::{ISSUED, Vault, text};
use crate::page::{Page, evaluate};

/// A page with a whole card, whose vault answers `/v1/tokens` by these steps.
async fn page_with(steps: &str) -> (Page, Array) {
    let requests = Vault::new(1).answers(steps);
    let page = Page::connected().await;
    page.fill_card();
    (page, requests)
}

async fn error_code(page: &Page, deadline_ms: u32) -> String {
    page.send(&format!("({{type: 'tokenize', id: 1, deadline_ms: {deadline_ms}}})"));
    text(&page.next("error", "m.id === 1").await, "error.code")
}

#[wasm_bindgen_test]
async fn an_answer_with_an_error_status_is_an_answer() {
    let (page, requests) = page_with(r#"[{status: 422, text: "no"}]"#).await;
    assert_eq!(error_code(&page, 5_000).await, "answer_malformed");
    assert_eq!(requests.length(), 1);
}

#[wasm_bindgen_test]
async fn passing_trouble_is_tried_three_times_with_the_same_key() {
    let steps =
        r#"[{status: 503, text: "", headers: {"retry-after": "0"}}, {status: 502, text: ""}, ISSUED]"#;
    let (page, requests) = page_with(&steps.replace("ISSUED", ISSUED)).await;
    page.send("({type: 'tokenize', id: 1, deadline_ms: 10000})");
    page.next("token", "m.id === 1").await;
    assert_eq!(requests.length(), 3);
    let keys: Vec<String> = requests.iter().map(|request| text(&request, "idempotency_key")).collect();
    assert!(keys.windows(2).all(|pair| pair[0] == pair[1]), "{keys:?}");

    let (page, requests) = page_with(r#"[{status: 500, text: "broken"}]"#).await;
    assert_eq!(error_code(&page, 10_000).await, "answer_malformed");
    assert_eq!(requests.length(), 3);
}

#[wasm_bindgen_test]
async fn a_wait_that_would_outlast_the_deadline_is_not_begun() {
    let (page, requests) = page_with(r#"[{status: 503, text: "", headers: {"retry-after": "60"}}]"#).await;
    let began = js_sys::Date::now();
    assert_eq!(error_code(&page, 5_000).await, "answer_malformed");
    assert_eq!(requests.length(), 1);
    assert!(js_sys::Date::now() - began < 2_500.0);
}

#[wasm_bindgen_test]
async fn a_rejection_that_is_no_error_is_a_failure_and_no_panic() {
    for rejection in
        ["'text'", "undefined", "null", "7", "({message: 'x'})", "new TypeError('x')", "Symbol('x')"]
    {
        let (page, requests) = page_with(&format!("[{{reject: {rejection}}}]")).await;
        assert_eq!(error_code(&page, 5_000).await, "network", "{rejection}");
        assert_eq!(requests.length(), 3);
    }
}

#[wasm_bindgen_test]
async fn something_that_is_no_answer_is_a_failure() {
    for nonsense in ["'no response at all'", "({status: 200})", "({status: 200, text: async () => 7})"] {
        let (page, _) = page_with("[]").await;
        evaluate(&format!("window.fetch = async () => {nonsense}"));
        assert_eq!(error_code(&page, 900).await, "network", "{nonsense}");
    }
}

#[wasm_bindgen_test]
async fn being_offline_is_told_apart() {
    let (page, _) = page_with("[{reject: 'text'}]").await;
    evaluate("Object.defineProperty(navigator, 'onLine', {value: false, configurable: true})");
    let code = error_code(&page, 900).await;
    evaluate("delete navigator.onLine");
    assert_eq!(code, "offline");
}

#[wasm_bindgen_test]
async fn who_comes_back_online_in_time_goes_on_with_the_same_key() {
    // The connection breaks while the first request is under way, and comes back a moment later.
    let lost = "{get reject() {
        Object.defineProperty(navigator, 'onLine', {value: false, configurable: true});
        setTimeout(() => { delete navigator.onLine; dispatchEvent(new Event('online')); }, 50);
        return 'text';
    }}";
    let (page, requests) = page_with(&format!("[{lost}, {lost}, {lost}, {lost}, {ISSUED}]")).await;
    page.send("({type: 'tokenize', id: 1, deadline_ms: 10000})");
    page.next("token", "m.id === 1").await;
    assert_eq!(requests.length(), 5, "what was lost with the connection is no attempt");
    let keys: Vec<String> = requests.iter().map(|request| text(&request, "idempotency_key")).collect();
    assert!(keys.windows(2).all(|pair| pair[0] == pair[1]), "{keys:?}");
}

#[wasm_bindgen_test]
async fn deadline_and_abort_are_told_apart() {
    let (page, _) = page_with("[{hang: true}]").await;
    assert_eq!(error_code(&page, 50).await, "timeout");
    page.send("({type: 'tokenize', id: 2, deadline_ms: 5000})");
    page.send("({type: 'abort', id: 2})");
    assert_eq!(text(&page.next("error", "m.id === 2").await, "error.code"), "aborted");
}

#[wasm_bindgen_test]
async fn an_abort_in_the_wait_before_a_repetition_ends_the_wait() {
    let steps = r#"[{status: 503, text: "", headers: {"retry-after": "3"}}]"#;
    let (page, requests) = page_with(steps).await;
    let began = js_sys::Date::now();
    page.send("({type: 'tokenize', id: 1, deadline_ms: 60000})");
    while requests.length() == 0 {
        let turn = js_sys::Promise::from(evaluate("new Promise((resolve) => setTimeout(resolve))"));
        wasm_bindgen_futures::JsFuture::from(turn).await.unwrap();
    }
    page.send("({type: 'abort', id: 1})");
    assert_eq!(text(&page.next("error", "m.id === 1").await, "error.code"), "aborted");
    assert!(js_sys::Date::now() - began < 2_500.0);
    assert_ne!(requests.get(0), JsValue::UNDEFINED);
}
