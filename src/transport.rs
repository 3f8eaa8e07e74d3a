//! Turns `gateway::HttpRequest` values into requests of the browser and its answers back: deadline, abort, retry
//! policy. Knows nothing of what is in them.
//!
//! `gloo-net` writes the headers and reads the answer. Waiting is the page's work (`bridge/exchange.js`): a promise
//! needs a runtime here, and `gloo-net`'s own `send` panics when `fetch` rejects with something that is no `Error`
//! (a page script or an extension may do that).

use gateway::{Classification, HttpRequest, HttpResponse, Method};
use gloo_net::http::{Headers, Response};
use js_sys::Math;
use wasm_bindgen::JsValue;
use web_sys::{AbortSignal, Request};

use crate::bridge;
use crate::error::Problem;

/// How often one request is sent at most.
const ATTEMPTS: u32 = 3;

/// The longest wait before the second attempt; it doubles for each further one, and the wait is drawn between
/// half of it and the whole, so that browsers that failed together do not come back together.
const BACKOFF_MS: f64 = 400.0;

/// How much longer than the deadline nobody waits.
const AFTER_DEADLINE_MS: f64 = 1_000.0;

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The page took the attempt back.
    Aborted,
    /// The deadline passed.
    Late,
    /// The browser said that it is offline, until the deadline passed.
    Offline,
    /// Nothing came back: network, DNS, TLS, a policy, an extension.
    Unreachable,
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        let (code, classification) = match failure {
            Failure::Aborted => ("aborted", Classification::Merchant),
            Failure::Late => ("timeout", Classification::Environment),
            Failure::Offline => ("offline", Classification::Environment),
            Failure::Unreachable => ("network", Classification::Environment),
        };
        Self::told(code, classification, None)
    }
}

/// One request on its way: sent until there is an answer that is not a server's passing trouble (5xx), at most
/// three times and never beyond the deadline. While the browser is offline nothing counts: it is waited for. All our
/// requests may be repeated: each carries an idempotency key or is a GET.
pub struct Sending {
    request: HttpRequest,
    attempts: u32,
    longest_ms: f64,
}

/// What to do after an attempt.
pub enum Next {
    /// Read this answer. One with an error status is an answer, too.
    Read(HttpResponse),
    /// Wait so many milliseconds, or until the browser is online again, and send again.
    Wait(f64),
}

impl Sending {
    /// A request that was not sent yet.
    #[must_use]
    pub const fn new(request: HttpRequest) -> Self {
        Self { request, attempts: 0, longest_ms: BACKOFF_MS }
    }

    /// The request for the next attempt.
    ///
    /// # Errors
    /// What the browser says of a request that it cannot make.
    pub fn request(&self, signal: &AbortSignal) -> Result<Request, JsValue> {
        let init = bridge::init(signal);
        init.set_method(self.request.method.as_str());
        if self.request.method == Method::Post {
            init.set_body(&JsValue::from_str(&self.request.body));
        }
        let headers = Headers::new();
        for (name, value) in &self.request.headers {
            headers.set(name, value);
        }
        init.set_headers(&headers.into_raw());
        Request::new_with_str_and_init(&self.request.url, &init)
    }

    /// Judges what came of an attempt: the answer with its whole text, if both came.
    ///
    /// # Errors
    /// A [`Failure`] if nothing came at all and there is no time for more.
    pub fn judge(&mut self, answer: Option<(Response, String)>, left_ms: f64) -> Result<Next, Failure> {
        if answer.is_none() && !bridge::on_line() {
            // The deadline comes first, unless the connection does.
            return Ok(Next::Wait(left_ms + AFTER_DEADLINE_MS));
        }
        let mut asked_ms = 0.0;
        if let Some((answer, _)) = &answer
            && answer.status() >= 500
            && let Some(secs) = answer.headers().get("retry-after")
        {
            asked_ms = seconds(&secs) * 1_000.0;
        }
        let passing = answer.as_ref().is_none_or(|(answer, _)| answer.status() >= 500);
        let wait_ms = asked_ms.max(self.longest_ms * (0.5 + Math::random() / 2.0));
        self.attempts += 1;
        self.longest_ms *= 2.0;
        if passing && self.attempts < ATTEMPTS && wait_ms < left_ms {
            return Ok(Next::Wait(wait_ms));
        }
        match answer {
            Some((answer, body)) => Ok(Next::Read(HttpResponse { status: answer.status(), body })),
            None => Err(Failure::Unreachable),
        }
    }
}

/// Whole seconds, as a header writes them; none for anything else, a date for example.
fn seconds(text: &str) -> f64 {
    let mut secs = 0.0;
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' => secs = secs * 10.0 + f64::from(byte - b'0'),
            _ => return 0.0,
        }
    }
    secs
}

/// Whether an attempt was stopped. Whoever made the signal gives it at the deadline with a text as its reason; the
/// browser's own reason for an abort is an object.
///
/// # Errors
/// Why it was stopped.
pub fn check(signal: &AbortSignal) -> Result<(), Failure> {
    match signal.aborted() {
        false => Ok(()),
        true if signal.reason().is_string() => {
            Err(if bridge::on_line() { Failure::Late } else { Failure::Offline })
        }
        true => Err(Failure::Aborted),
    }
}
