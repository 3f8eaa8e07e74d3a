//! The failed answer of this face: Paydock's `error` and `error_summary`, with our stable members.
//!
//! Paydock documents a handful of codes, of which `validation_error` covers most of what can be wrong. Tessera
//! adds `reason` (stable, for programs, one for each rule) and `classification` (who can mend it) to `error`;
//! they are additive, so code written for the gateway ignores them. No text here ever repeats a value the
//! caller sent.

use std::borrow::Cow;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::failed_answer::{
    Details, ErrorBody, ErrorSummary, FailedAnswer, FailedResource, RequestDetails, SummaryDetails,
};
use crate::api::members::Misfit;
use crate::metrics::RefusalCode;
use crate::problem::Problem;
use crate::random::RandomFailed;
use crate::store::StoreError;
use crate::vaulting::VaultingError;

/// The codes of Paydock's "API error codes" that this face answers with, and three for what that page has
/// no code for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Code {
    /// A value breaks a rule.
    Validation,
    /// A mandatory value is missing.
    Required,
    /// Something the request relies on is not so: a token that was used, a customer that is archived.
    Unfulfilled,
    /// The keys do not allow it. Ours: the page has the status and no code.
    PermissionDenied,
    /// There is no such thing. Ours: the page has the status and no code.
    NotFound,
    /// The request is no request of this face. Ours: the page says nothing of such.
    RequestRefused,
    /// The vault has a problem.
    System,
}

impl Code {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Validation => "validation_error",
            Self::Required => "required_error",
            Self::Unfulfilled => "unfulfilled_condition",
            Self::PermissionDenied => "permission_denied",
            Self::NotFound => "not_found",
            Self::RequestRefused => "request_refused",
            Self::System => "system_error",
        }
    }
}

/// A refusal on its way to the caller.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    status: StatusCode,
    code: Code,
    reason: &'static str,
    classification: &'static str,
    path: Option<String>,
    message: String,
    retry_after_secs: Option<u32>,
}

impl Failure {
    /// A value that breaks a rule: 400.
    pub(super) fn invalid(path: impl Into<String>, reason: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Code::Validation, reason, message).at(path)
    }

    /// A mandatory value that is missing: 400.
    pub(super) fn required(path: impl Into<String>) -> Self {
        let path = path.into();
        let message = format!("{path} is required");
        Self::new(StatusCode::BAD_REQUEST, Code::Required, "required", message).at(path)
    }

    /// Something the request relies on is not so: 400.
    pub(super) fn unfulfilled(
        path: impl Into<String>,
        reason: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Code::Unfulfilled, reason, message).at(path)
    }

    /// Something that was archived: 400.
    pub(super) fn archived(path: impl Into<String>, what: &str) -> Self {
        Self::unfulfilled(
            path,
            "archived",
            format!("the {what} is archived: it is kept for old records only"),
        )
    }

    /// A thing that does not exist or belongs to another merchant; the two answers are the same: 404.
    pub(super) fn not_found(what: &str) -> Self {
        let message = format!("{what} not found");
        Self::new(StatusCode::NOT_FOUND, Code::NotFound, "not_found", message)
    }

    /// Any other refusal that the merchant can mend.
    pub(super) fn new(
        status: StatusCode,
        code: Code,
        reason: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self {
            status,
            code,
            reason,
            classification: "merchant",
            path: None,
            message: message.into(),
            retry_after_secs: None,
        }
    }

    /// The same refusal, pointing at a member; the body itself has no path.
    #[must_use]
    pub(super) fn at(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into()).filter(|path| !path.is_empty());
        self
    }

    /// The same refusal; if it is about a one-time token, it points at where the token stands.
    #[must_use]
    pub(super) fn token_at(self, path: &str) -> Self {
        if self.reason.starts_with("token_") { self.at(path) } else { self }
    }

    /// The same refusal, mendable by somebody else.
    #[must_use]
    pub(super) const fn classified(mut self, classification: &'static str) -> Self {
        self.classification = classification;
        self
    }

    /// The same refusal in other words.
    #[must_use]
    pub(super) fn says(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    /// Whether something mandatory is missing.
    pub(super) fn is_required(&self) -> bool {
        self.code == Code::Required
    }

    /// The stable code of the rule that was broken.
    #[cfg(test)]
    pub(super) const fn reason(&self) -> &'static str {
        self.reason
    }

    fn answer(&self, resource: &'static str) -> FailedAnswer {
        let messages = vec![self.message.clone()];
        let (code, path) = (self.code.as_str(), self.path.clone());
        FailedAnswer {
            status: self.status.as_u16(),
            error: ErrorBody {
                message: self.message.clone(),
                code,
                path: path.clone(),
                details: Details::Request(RequestDetails { path: path.clone(), messages: messages.clone() }),
                reason: self.reason,
                classification: self.classification,
            },
            resource: FailedResource { r#type: resource, data: None },
            error_summary: ErrorSummary {
                message: self.message.clone(),
                code,
                status_code: None,
                status_code_description: None,
                details: SummaryDetails {
                    path,
                    gateway_specific_code: None,
                    gateway_specific_description: None,
                    messages,
                },
            },
        }
    }

    /// The answer about a resource.
    pub(super) fn response(&self, resource: &'static str) -> Response {
        let mut response = (self.status, Json(self.answer(resource))).into_response();
        if let Some(secs) = self.retry_after_secs {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(secs));
        }
        response.extensions_mut().insert(RefusalCode(self.reason));
        response
    }
}

impl IntoResponse for Failure {
    /// The answer without the type of the resource, which [`named`](super::failed_answer::named) knows.
    fn into_response(self) -> Response {
        let mut response = self.response("api");
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Misfit> for Failure {
    fn from(Misfit { path, code, message }: Misfit) -> Self {
        let of = if code == "required" { Code::Required } else { Code::Validation };
        Self::new(StatusCode::BAD_REQUEST, of, code, message).at(path)
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        // The statuses of Paydock's page where it has one for the case, else the vault's own.
        let (status, code) = match problem.status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                (StatusCode::FORBIDDEN, Code::PermissionDenied)
            }
            StatusCode::NOT_FOUND => (StatusCode::NOT_FOUND, Code::NotFound),
            StatusCode::GONE => (StatusCode::BAD_REQUEST, Code::Unfulfilled),
            StatusCode::CONFLICT if problem.code == "changed_meanwhile" => {
                (StatusCode::CONFLICT, Code::Unfulfilled)
            }
            StatusCode::CONFLICT => (StatusCode::BAD_REQUEST, Code::Unfulfilled),
            StatusCode::UNPROCESSABLE_ENTITY if problem.code == "idempotency_conflict" => {
                (StatusCode::CONFLICT, Code::Unfulfilled)
            }
            StatusCode::UNPROCESSABLE_ENTITY | StatusCode::BAD_REQUEST => {
                (StatusCode::BAD_REQUEST, Code::Validation)
            }
            status if status.is_server_error() => (status, Code::System),
            status => (status, Code::RequestRefused),
        };
        Self {
            status,
            code,
            reason: problem.code,
            classification: problem.classification.as_str(),
            path: problem.field.map(Cow::into_owned),
            message: problem.message.into_owned(),
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
        Problem::from(error).into()
    }
}

impl From<RandomFailed> for Failure {
    fn from(error: RandomFailed) -> Self {
        Problem::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_everything_twice_as_paydock_does() {
        let failure = Failure::required("payment_source.card_name");
        let answer = serde_json::to_value(failure.answer("customer")).unwrap();
        assert_eq!(
            answer,
            serde_json::json!({
                "status": 400,
                "error": {
                    "message": "payment_source.card_name is required", "code": "required_error",
                    "path": "payment_source.card_name",
                    "details": {
                        "path": "payment_source.card_name",
                        "messages": ["payment_source.card_name is required"],
                    },
                    "reason": "required", "classification": "merchant",
                },
                "resource": {"type": "customer"},
                "error_summary": {
                    "message": "payment_source.card_name is required", "code": "required_error",
                    "details": {
                        "path": "payment_source.card_name",
                        "messages": ["payment_source.card_name is required"],
                    },
                },
            })
        );
    }

    #[test]
    fn problems_get_the_statuses_of_paydocks_page() {
        for (error, status, code) in [
            (VaultingError::TokenUnknown, 404, "not_found"),
            (VaultingError::TokenAlreadyUsed, 400, "unfulfilled_condition"),
            (VaultingError::TokenExpired, 400, "unfulfilled_condition"),
            (VaultingError::IdempotencyConflict, 409, "unfulfilled_condition"),
            (VaultingError::Store(StoreError::CustomerChanged), 409, "unfulfilled_condition"),
            (VaultingError::Store(StoreError::Unavailable), 503, "system_error"),
            (VaultingError::NoKeys, 500, "system_error"),
        ] {
            let failure = Failure::from(error);
            assert_eq!((failure.status.as_u16(), failure.code.as_str()), (status, code), "{error:?}");
        }
    }
}
