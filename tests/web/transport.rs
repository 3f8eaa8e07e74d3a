//! The transport with a `fetch` that does what it is told.

use gateway::{HttpRequest, Method};
use tessera::transport::{Failure, Limit, send};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::{answer, evaluate};

fn request() -> HttpRequest {
    let origin = web_sys::window().unwrap().location().origin().unwrap();
    HttpRequest {
        method: Method::Post,
        url: format!("{origin}/v1/tokens"),
        headers: vec![("idempotency-key".to_owned(), "0123456789abcdef".to_owned())],
        body: r#"{"a":1}"#.to_owned(),
    }
}

#[wasm_bindgen_test]
async fn an_answer_with_an_error_status_is_an_answer() {
    let requests = answer("{}", r#"[{status: 422, text: "no"}]"#);
    let got = send(&request(), &Limit::start(5_000.0).unwrap()).await.unwrap();
    assert_eq!((got.status, got.body.as_str()), (422, "no"));
    assert_eq!(requests.length(), 1);
}

#[wasm_bindgen_test]
async fn passing_trouble_is_tried_three_times_with_the_same_key() {
    let requests = answer(
        "{}",
        r#"[{status: 503, text: "", headers: {"retry-after": "0"}}, {status: 502, text: ""}, {status: 201, text: "ok"}]"#,
    );
    let got = send(&request(), &Limit::start(10_000.0).unwrap()).await.unwrap();
    assert_eq!((got.status, requests.length()), (201, 3));
    let requests = answer("{}", r#"[{status: 500, text: "broken"}]"#);
    let got = send(&request(), &Limit::start(10_000.0).unwrap()).await.unwrap();
    assert_eq!((got.status, got.body.as_str(), requests.length()), (500, "broken", 3));
}

#[wasm_bindgen_test]
async fn a_wait_that_would_outlast_the_deadline_is_not_begun() {
    let requests = answer("{}", r#"[{status: 503, text: "", headers: {"retry-after": "60"}}]"#);
    let got = send(&request(), &Limit::start(5_000.0).unwrap()).await.unwrap();
    assert_eq!((got.status, requests.length()), (503, 1));
}

#[wasm_bindgen_test]
async fn a_rejection_that_is_no_error_is_a_failure_and_no_panic() {
    for rejection in
        ["'text'", "undefined", "null", "7", "({message: 'x'})", "new TypeError('x')", "Symbol('x')"]
    {
        let requests = answer("{}", &format!("[{{reject: {rejection}}}]"));
        let failure = send(&request(), &Limit::start(5_000.0).unwrap()).await.unwrap_err();
        assert_eq!(failure, Failure::Unreachable, "{rejection}");
        assert_eq!(requests.length(), 3);
    }
}

#[wasm_bindgen_test]
async fn something_that_is_no_answer_is_a_failure() {
    evaluate("window.fetch = async () => 'no response at all'");
    let failure = send(&request(), &Limit::start(900.0).unwrap()).await.unwrap_err();
    assert_eq!(failure, Failure::Unreachable);
    evaluate("window.fetch = async () => ({status: 200})");
    let failure = send(&request(), &Limit::start(900.0).unwrap()).await.unwrap_err();
    assert_eq!(failure, Failure::Unreachable);
}

#[wasm_bindgen_test]
async fn deadline_and_abort_are_told_apart() {
    answer("{}", "[{hang: true}]");
    assert_eq!(send(&request(), &Limit::start(50.0).unwrap()).await.unwrap_err(), Failure::Late);
    let limit = Limit::start(5_000.0).unwrap();
    limit.controller().abort();
    assert_eq!(send(&request(), &limit).await.unwrap_err(), Failure::Aborted);
    // An abort in the middle of the wait before a repetition ends the wait.
    answer("{}", r#"[{status: 503, text: "", headers: {"retry-after": "3"}}]"#);
    let limit = Limit::start(60_000.0).unwrap();
    let controller = limit.controller();
    let began = js_sys::Date::now();
    wasm_bindgen_futures::spawn_local(async move {
        let _ = wasm_bindgen_futures::JsFuture::from(js_sys::Promise::from(evaluate(
            "new Promise((resolve) => setTimeout(resolve, 50))",
        )))
        .await;
        controller.abort();
    });
    assert_eq!(send(&request(), &limit).await.unwrap_err(), Failure::Aborted);
    assert!(js_sys::Date::now() - began < 2_500.0);
}
