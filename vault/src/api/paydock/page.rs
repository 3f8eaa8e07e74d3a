//! What lets a page of another origin make a one-time token, as it does at the gateway itself.
//!
//! The key decides which origins may: it is not known when a browser asks first, so every page may ask, and
//! the answer to its request can only be read by those that the key allows.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// What a page may send.
const HEADERS: HeaderValue =
    HeaderValue::from_static("content-type, x-user-public-key, x-access-token, idempotency-key");

/// Answers a browser that asks whether a page may send its request.
pub(super) async fn preflight(headers: HeaderMap) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(origin) = headers.get(header::ORIGIN) {
        let answer = response.headers_mut();
        answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        answer.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
        answer.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
        answer.insert(header::VARY, HeaderValue::from_static("Origin"));
    }
    response
}

/// Lets the page read the answer, unless its origin was refused.
pub(super) async fn readable(request: Request, next: Next) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let mut response = next.run(request).await;
    if let Some(origin) = origin
        && response.status() != StatusCode::FORBIDDEN
    {
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        response.headers_mut().append(header::VARY, HeaderValue::from_static("Origin"));
    }
    response
}
