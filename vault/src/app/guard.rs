//! What stands around every route: a deadline, caught panics, security headers, one log line.

use std::{any::Any, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument as _;

use crate::audit::{Requester, asked_by};
use crate::metrics::{RefusalCode, Route, metrics};
use crate::problem::{Classification, Problem};
use crate::state::BODY_LIMIT_BYTES;

/// How long a request may take, its body included.
const DEADLINE: Duration = Duration::from_secs(20);

/// The methods that are logged and counted by their names.
const METHODS: [&str; 7] = ["GET", "POST", "PATCH", "DELETE", "PUT", "HEAD", "OPTIONS"];

/// Headers of every answer that does not set its own.
const HEADERS: [(HeaderName, HeaderValue); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    // Nothing here is a page but what says so itself.
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
];

/// Puts everything around the routes.
pub(super) fn around(routes: Router) -> Router {
    routes
        .layer(middleware::from_fn(announced_length))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(deadline))
        .layer(middleware::from_fn(headers))
        .layer(middleware::from_fn(log))
}

/// The payload of a panic may hold anything, so nobody gets to see it.
fn panicked(_payload: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a request handler panicked");
    Problem::internal().into_response()
}

/// Puts a short body that is too long in the place of one that says it will be: each face then refuses it
/// in its own form, and nobody waits for what was announced.
async fn announced_length(mut request: Request, next: Next) -> Response {
    static TOO_LONG: [u8; BODY_LIMIT_BYTES + 1] = [b' '; BODY_LIMIT_BYTES + 1];

    let announced = request.headers().get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|value| value.to_str().ok()).and_then(|text| text.parse::<u64>().ok());
    if announced.is_some_and(|bytes| bytes > BODY_LIMIT_BYTES as u64) {
        *request.body_mut() = Body::from(TOO_LONG.as_slice());
    }
    next.run(request).await
}

async fn deadline(request: Request, next: Next) -> Response {
    tokio::time::timeout(DEADLINE, next.run(request)).await.unwrap_or_else(|_| {
        Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "deadline_exceeded",
            Classification::Environment,
            "The request took too long. Read back whether it was carried out, then try again.",
        )
        .into_response()
    })
}

async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}

/// Gives the request an id, and logs it with the route's pattern, never the path: a path can hold anything somebody
/// typed. What the request changes is recorded with the same id.
async fn log(request: Request, next: Next) -> Response {
    let start = std::time::Instant::now();
    let method = METHODS.into_iter().find(|method| request.method() == method).unwrap_or("other");
    let route = Route::of(request.extensions().get());
    let requester = Requester::unknown();
    let id = requester.id().to_owned();
    let span = tracing::info_span!(
        target: "vault::trace",
        "request",
        otel.name = format!("{method} {}", route.as_str()),
        otel.kind = "server",
        http.request.method = method,
        http.route = route.as_str(),
        http.response.status_code = tracing::field::Empty,
        tessera.request_id = id,
    );
    let response = asked_by(requester, next.run(request)).instrument(span.clone()).await;
    let (status, took) = (response.status().as_u16(), start.elapsed());
    span.record("http.response.status_code", status);
    let duration_ms = took.as_millis();
    tracing::info!(id, method, route = route.as_str(), status, duration_ms, "request");
    let refusal = response.extensions().get::<RefusalCode>().copied();
    metrics().answered(method, route, status, refusal, took);
    response
}

#[cfg(test)]
mod tests {
    use axum::routing;
    use tower::ServiceExt as _;

    use super::*;

    async fn call(routes: Router, path: &str) -> (StatusCode, axum::http::HeaderMap, String) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = around(routes).oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        (parts.status, parts.headers, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_panic_is_answered_without_what_it_said() {
        async fn panics() {
            panic!("4111111111111111");
        }
        let (status, headers, body) = call(Router::new().route("/", routing::get(panics)), "/").await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(body.contains("\"code\":\"internal\"") && !body.contains("4111"), "{body}");
        assert_eq!(headers["cache-control"], "no-store");
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_never_ends_is_given_up() {
        let routes = Router::new().route("/", routing::get(std::future::pending::<()>));
        let (status, headers, body) = call(routes, "/").await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(body.contains("deadline_exceeded"), "{body}");
        assert_eq!(headers["x-content-type-options"], "nosniff");
    }
}
