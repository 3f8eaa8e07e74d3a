//! Sends `gateway::HttpRequest` values: deadline, abort, retry policy. Knows nothing of what is in them.
//!
//! `gloo-net` makes the request and reads the answer, but its own `send` panics when `fetch` rejects with
//! something that is no `Error` (a page script or an extension may do that). So the two promises are awaited
//! here, where a rejection is a value like any other.

use std::cell::Cell;
use std::rc::Rc;

use gateway::{Classification, HttpRequest, HttpResponse, Method};
use gloo_net::http::{RequestBuilder, Response};
use js_sys::{Function, Math, Promise};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, AbortSignal, ReferrerPolicy, RequestCache, RequestCredentials, RequestRedirect, Window,
};

use crate::clock;
use crate::error::Problem;

/// How often one request is sent at most.
const ATTEMPTS: u32 = 3;

/// The longest wait before the second attempt; it doubles for each further one, and the wait is drawn between
/// half of it and the whole, so that browsers that failed together do not come back together.
const BACKOFF_MS: f64 = 400.0;

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The page took the attempt back.
    Aborted,
    /// The deadline passed.
    Late,
    /// The browser says that it is offline.
    Offline,
    /// Nothing came back: network, DNS, TLS, a policy, an extension.
    Unreachable,
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        let environment = |code, message| Self::new(code, Classification::Environment, message);
        match failure {
            Failure::Aborted => Self::new(
                "aborted",
                Classification::Merchant,
                "The page cancelled this attempt. Nothing was charged.",
            ),
            Failure::Late => {
                environment("deadline", "The payment service did not answer in time. Try again.")
            }
            Failure::Offline => {
                environment("offline", "There is no internet connection. Try again when you are back online.")
            }
            Failure::Unreachable => {
                environment("network", "The payment service could not be reached. Try again.")
            }
        }
    }
}

/// How long an attempt may take, and the handle by which it is stopped earlier. Dropping it stops the clock.
pub struct Limit {
    controller: AbortController,
    ends_at_ms: f64,
    timer: Timer,
}

impl Limit {
    /// Starts the clock.
    ///
    /// # Errors
    /// [`Problem::internal`] where there is no window or no `AbortController`.
    pub fn start(deadline_ms: f64) -> Result<Self, Problem> {
        let controller = AbortController::new().map_err(|_| Problem::internal())?;
        let at_end = controller.clone();
        let timer = Timer::start(deadline_ms, move || at_end.abort()).ok_or_else(Problem::internal)?;
        Ok(Self { controller, ends_at_ms: clock::now_ms() + deadline_ms, timer })
    }

    /// A handle that stops the attempt.
    #[must_use]
    pub fn controller(&self) -> AbortController {
        self.controller.clone()
    }

    /// Whether the attempt was stopped, by whomever.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.signal().aborted()
    }

    /// Why it was stopped.
    #[must_use]
    pub fn failure(&self) -> Failure {
        if self.timer.has_rung() { Failure::Late } else { Failure::Aborted }
    }

    fn signal(&self) -> AbortSignal {
        self.controller.signal()
    }

    fn left_ms(&self) -> f64 {
        self.ends_at_ms - clock::now_ms()
    }
}

/// Sends a request until there is an answer that is not a server's passing trouble (5xx), at most three times
/// and never beyond the limit. All our requests may be repeated: each carries an idempotency key or is a GET.
///
/// # Errors
/// A [`Failure`] if no answer came at all. An answer with an error status is an answer.
pub async fn send(request: &HttpRequest, limit: &Limit) -> Result<HttpResponse, Failure> {
    let mut attempt = 1;
    loop {
        if limit.is_over() {
            return Err(limit.failure());
        }
        let outcome = send_once(request, limit).await;
        if limit.is_over() {
            return Err(limit.failure());
        }
        let asked_ms = match &outcome {
            Ok((answer, _)) if answer.status < 500 => return outcome.map(|(answer, _)| answer),
            Ok((_, retry_after_ms)) => retry_after_ms.unwrap_or(0.0),
            Err(_) => 0.0,
        };
        let wait_ms = asked_ms.max(backoff_ms(attempt));
        if attempt == ATTEMPTS || wait_ms >= limit.left_ms() {
            return outcome.map(|(answer, _)| answer);
        }
        sleep(wait_ms, limit).await;
        attempt += 1;
    }
}

async fn send_once(request: &HttpRequest, limit: &Limit) -> Result<(HttpResponse, Option<f64>), Failure> {
    let window = web_sys::window().ok_or(Failure::Unreachable)?;
    let unreachable = || if window.navigator().on_line() { Failure::Unreachable } else { Failure::Offline };
    let fetched = fetch(&window, request, limit).await.map_err(|_| unreachable())?;
    // Another handle of the same answer; `fetched.clone()` would be the DOM's method, which copies the body.
    let answer = Response::from(Clone::clone(&fetched));
    let retry_after_ms =
        answer.headers().get("retry-after").and_then(|seconds| seconds.trim().parse::<u32>().ok());
    let text = async { JsFuture::from(fetched.text()?).await }.await.map_err(|_| unreachable())?;
    let body = text.as_string().ok_or(Failure::Unreachable)?;
    let response = HttpResponse { status: answer.status(), body };
    Ok((response, retry_after_ms.map(|seconds| f64::from(seconds) * 1_000.0)))
}

/// The one promise that `gloo-net` would turn into a panic if it rejected with a string.
async fn fetch(window: &Window, request: &HttpRequest, limit: &Limit) -> Result<web_sys::Response, JsValue> {
    let mut builder = RequestBuilder::new(&request.url)
        .method(match request.method {
            Method::Get => gloo_net::http::Method::GET,
            Method::Post => gloo_net::http::Method::POST,
        })
        .cache(RequestCache::NoStore)
        .credentials(RequestCredentials::Omit)
        .redirect(RequestRedirect::Error)
        .referrer_policy(ReferrerPolicy::NoReferrer)
        .abort_signal(Some(&limit.signal()));
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    let made = match request.method {
        Method::Get => builder.build(),
        Method::Post => builder.body(request.body.as_str()),
    };
    let made: web_sys::Request = made.map_err(|_| JsValue::NULL)?.into();
    JsFuture::from(window.fetch_with_request(&made)).await?.dyn_into()
}

fn backoff_ms(attempt: u32) -> f64 {
    let most = BACKOFF_MS * f64::from(1_u32 << (attempt - 1));
    most * (0.5 + Math::random() / 2.0)
}

/// Waits, but not longer than the limit lets.
async fn sleep(duration_ms: f64, limit: &Limit) {
    let mut timer = None;
    let woken = Promise::new(&mut |resolve: Function, _reject: Function| {
        limit.signal().set_onabort(Some(&resolve));
        timer = Timer::start(duration_ms, move || {
            // `resolve` throws nothing.
            let _ = resolve.call0(&JsValue::NULL);
        });
    });
    if timer.is_some() {
        let _ = JsFuture::from(woken).await;
    }
    limit.signal().set_onabort(None);
}

/// A `setTimeout` that is cleared when it is dropped.
struct Timer {
    window: Window,
    handle: i32,
    rung: Rc<Cell<bool>>,
    _closure: Closure<dyn FnMut()>,
}

impl Timer {
    fn start(delay_ms: f64, act: impl FnOnce() + 'static) -> Option<Self> {
        let window = web_sys::window()?;
        let rung = Rc::new(Cell::new(false));
        let mark = Rc::clone(&rung);
        let closure = Closure::once(move || {
            mark.set(true);
            act();
        });
        #[expect(clippy::cast_possible_truncation, reason = "saturates: a deadline fits long before")]
        let delay_ms = delay_ms as i32;
        let handle = window
            .set_timeout_with_callback_and_timeout_and_arguments_0(closure.as_ref().unchecked_ref(), delay_ms)
            .ok()?;
        Some(Self { window, handle, rung, _closure: closure })
    }

    fn has_rung(&self) -> bool {
        self.rung.get()
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.window.clear_timeout_with_handle(self.handle);
    }
}
