//! The failed answer of this face: payments.ai's `errorCode`, `statusCode`, `message` and `details`.
//!
//! payments.ai says that `message` and `statusCode` are what programs decide by, and that `errorCode` is
//! opaque. So `message` is the gateway's own short text for each status, `errorCode` is our stable code, and
//! what is wrong and what to do stands in `details`. Two members are Tessera's own, for those who want them:
//! `field` (the path of the member at fault) and `classification` (who can mend it). Nothing here ever repeats
//! a value that the caller sent.

use std::borrow::Cow;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

use crate::api::members::Misfit;
use crate::metrics::RefusalCode;
use crate::problem::{Classification, Problem};
use crate::store::StoreError;
use crate::vaulting::VaultingError;

/// A refusal on its way to the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    status: StatusCode,
    code: &'static str,
    classification: Classification,
    field: Option<String>,
    details: String,
    retry_after_secs: Option<u32>,
}

/// The body of every failed answer.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Error)]
pub(super) struct ErrorAnswer {
    /// A stable code, explained in the documentation of errors.
    error_code: String,
    /// The HTTP status once more.
    #[schema(minimum = 400, maximum = 599)]
    status_code: u16,
    /// The short text that the gateway has for the status.
    message: String,
    /// What is wrong, and what to do.
    details: String,
    /// The path of the member at fault, if one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    field: Option<String>,
    /// Who can mend it: `shopper`, `merchant`, `gateway`, `environment` or `internal`.
    classification: String,
}

/// The failed answers that every operation has.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "this only describes the answers that `Failure` gives")]
pub(super) enum Refusals {
    /// The request is malformed.
    #[response(status = 400)]
    BadRequest(ErrorAnswer),
    /// There is no API key, or none of this vault.
    #[response(status = 401)]
    Unauthorized(ErrorAnswer),
    /// The key is of the wrong kind.
    #[response(status = 403)]
    Forbidden(ErrorAnswer),
    /// There is no such thing in this organization.
    #[response(status = 404)]
    NotFound(ErrorAnswer),
    /// The store cannot take the request now.
    #[response(status = 503)]
    Unavailable(ErrorAnswer),
}

/// The failed answers of operations that take a body, besides [`Refusals`].
#[derive(IntoResponses)]
#[expect(dead_code, reason = "this only describes the answers that `Failure` gives")]
pub(super) enum BodyRefusals {
    /// The state of what it is about does not allow it.
    #[response(status = 409)]
    Conflict(ErrorAnswer),
    /// The body is too large.
    #[response(status = 413)]
    TooLarge(ErrorAnswer),
    /// The body is something else than JSON.
    #[response(status = 415)]
    MediaType(ErrorAnswer),
    /// The body is well formed, and yet it cannot be carried out.
    #[response(status = 422)]
    Unprocessable(ErrorAnswer),
}

impl Failure {
    /// A member, a header or a parameter that breaks a rule of form: 400.
    pub(super) fn invalid(field: impl Into<String>, code: &'static str, details: impl Into<String>) -> Self {
        Self::plain(StatusCode::BAD_REQUEST, code, details).at(field)
    }

    /// A member that is well formed and yet cannot be carried out: 422.
    pub(super) fn unprocessable(
        field: impl Into<String>,
        code: &'static str,
        details: impl Into<String>,
    ) -> Self {
        Self::plain(StatusCode::UNPROCESSABLE_ENTITY, code, details).at(field)
    }

    /// Something whose state does not allow it: 409.
    pub(super) fn conflict(code: &'static str, details: impl Into<String>) -> Self {
        Self::plain(StatusCode::CONFLICT, code, details)
    }

    /// A thing that does not exist or belongs to another organization; the two answers are the same: 404.
    pub(super) fn not_found(what: &str) -> Self {
        Self::plain(
            StatusCode::NOT_FOUND,
            "not_found",
            format!("there is no such {what} in this organization"),
        )
    }

    /// Any other refusal that the merchant can mend.
    pub(super) fn plain(status: StatusCode, code: &'static str, details: impl Into<String>) -> Self {
        Self {
            status,
            code,
            classification: Classification::Merchant,
            field: None,
            details: details.into(),
            retry_after_secs: None,
        }
    }

    /// The same refusal, pointing at a member; the body itself has no path.
    #[must_use]
    pub(super) fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into()).filter(|path| !path.is_empty());
        self
    }

    /// The same refusal; if it is about a one-time token, it points at where the token stands.
    #[must_use]
    pub(super) fn token_at(self, path: &str) -> Self {
        if self.code.starts_with("token_") { self.at(path) } else { self }
    }

    /// The stable code of this refusal.
    #[cfg(test)]
    pub(super) const fn code(&self) -> &'static str {
        self.code
    }

    /// The path of the member at fault, if one is.
    #[cfg(test)]
    pub(super) fn field(&self) -> Option<&str> {
        self.field.as_deref()
    }
}

impl From<Misfit> for Failure {
    fn from(Misfit { path, code, message }: Misfit) -> Self {
        Self::invalid(path, code, message)
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        let status = match (problem.status, problem.code) {
            // payments.ai documents no 410, and a conflict of keys is a conflict.
            (StatusCode::GONE, _) => StatusCode::UNPROCESSABLE_ENTITY,
            (_, "idempotency_conflict") => StatusCode::CONFLICT,
            (status, _) => status,
        };
        Self {
            status,
            code: problem.code,
            classification: problem.classification,
            field: problem.field.map(Cow::into_owned),
            details: problem.message.into_owned(),
            retry_after_secs: problem.retry_after_secs,
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Problem::from(error).into()
    }
}

impl From<VaultingError> for Failure {
    fn from(error: VaultingError) -> Self {
        let failure = Self::from(Problem::from(error));
        match failure.code {
            "idempotency_conflict" => {
                let details = "this idempotencyKey was used for another transaction; make a new one for every \
                               new transaction, and repeat the same body with the same key";
                Self { details: details.to_owned(), ..failure }.at("idempotencyKey")
            }
            _ => failure,
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let answer = ErrorAnswer {
            error_code: self.code.to_owned(),
            status_code: self.status.as_u16(),
            message: message(self.status),
            details: self.details,
            field: self.field,
            classification: self.classification.as_str().to_owned(),
        };
        let mut response = (self.status, Json(answer)).into_response();
        if let Some(secs) = self.retry_after_secs {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(secs));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("ApiKey"));
        }
        response.extensions_mut().insert(RefusalCode(self.code));
        response
    }
}

/// The short text that payments.ai's page of errors has for a status; HTTP's own for the others, in the same
/// manner of writing.
fn message(status: StatusCode) -> String {
    match status {
        StatusCode::UNAUTHORIZED => "Missing auth token".to_owned(),
        StatusCode::FORBIDDEN => "Forbidden access".to_owned(),
        StatusCode::PAYLOAD_TOO_LARGE => "Request entity too large".to_owned(),
        other => {
            let reason = other.canonical_reason().unwrap_or("Error");
            let (first, rest) = reason.split_at_checked(1).unwrap_or((reason, ""));
            [first, &rest.to_ascii_lowercase()].concat()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_messages_are_those_of_the_gateways_page_of_errors() {
        for (status, expected) in [
            (400, "Bad request"),
            (401, "Missing auth token"),
            (403, "Forbidden access"),
            (404, "Not found"),
            (409, "Conflict"),
            (413, "Request entity too large"),
            (422, "Unprocessable entity"),
            (429, "Too many requests"),
            (500, "Internal server error"),
        ] {
            assert_eq!(message(StatusCode::from_u16(status).unwrap()), expected);
        }
    }

    #[test]
    fn statuses_that_the_gateway_does_not_know_become_documented_ones() {
        let status = |error: VaultingError| Failure::from(error).status.as_u16();
        assert_eq!(status(VaultingError::TokenExpired), 422);
        assert_eq!(status(VaultingError::TokenAlreadyUsed), 409);
        assert_eq!(status(VaultingError::TokenUnknown), 404);
        assert_eq!(status(VaultingError::IdempotencyConflict), 409);
        assert_eq!(Failure::from(VaultingError::IdempotencyConflict).field(), Some("idempotencyKey"));
    }

    #[test]
    fn a_store_that_cannot_answer_says_when_to_come_back() {
        for (error, secs) in [(StoreError::Unavailable, "5"), (StoreError::Overloaded, "1")] {
            let response = Failure::from(error).into_response();
            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(response.headers()["retry-after"], secs);
        }
    }
}
