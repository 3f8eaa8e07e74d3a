//! The correlation id: one for every answer, in the header `X-Correlation-Id` and, if the answer is a
//! failure, in its body.
//!
//! Flute's documents name the body's member `correlationId` and say that the id also comes as a header; the
//! header's name is our reading.

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::failure::Failure;
use crate::metrics::RefusalCode;
use crate::random::{self, SystemRandom};

const HEADER: HeaderName = HeaderName::from_static("x-correlation-id");

/// Draws the id, and writes the body of a failure with it.
pub(super) async fn correlated(request: Request, next: Next) -> Response {
    // Without random bytes there is no id to tell, and the answer counts for more than its id.
    let id = random::uuid_v4(&SystemRandom).unwrap_or_default();
    let mut response = next.run(request).await;
    if let Some(failure) = response.extensions_mut().remove::<Failure>() {
        let headers = std::mem::take(response.headers_mut());
        response = (failure.status(), Json(failure.body(&id))).into_response();
        for (name, value) in headers.iter().filter(|(name, _)| *name != axum::http::header::CONTENT_LENGTH) {
            response.headers_mut().insert(name.clone(), value.clone());
        }
        response.extensions_mut().insert(RefusalCode(failure.code()));
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}
