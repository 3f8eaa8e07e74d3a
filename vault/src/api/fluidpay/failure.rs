//! The failed answer of this face: FluidPay's `{"status":"failed","msg":...}`, with our stable members.
//!
//! FluidPay documents `status` and `msg` only. Tessera adds `code` (stable, for programs), `field` (the
//! path of the member at fault, or null) and `classification` (who can mend it); they are additive, so
//! code written for the gateway ignores them. No text here ever repeats a value the caller sent.

use std::borrow::Cow;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::members::Misfit;
use crate::metrics::RefusalCode;
use crate::problem::Problem;
use crate::store::StoreError;
use crate::vaulting::VaultingError;

/// A refusal on its way to the caller.
#[derive(Debug)]
pub(super) struct Failure {
    status: StatusCode,
    code: &'static str,
    classification: &'static str,
    field: Option<String>,
    msg: String,
    retry_after_secs: Option<u32>,
}

/// The body of every failed answer.
#[derive(Serialize, ToSchema)]
#[schema(as = Failure)]
pub(super) struct FailedAnswer<'a> {
    /// Always `failed`.
    #[schema(examples("failed"))]
    status: &'static str,
    /// For people.
    msg: &'a str,
    /// For programs; docs/errors.md explains every one.
    code: &'static str,
    /// The path of the member at fault, if one is.
    #[schema(required)]
    field: Option<&'a str>,
    /// Who can mend it: `shopper`, `merchant`, `gateway`, `environment` or `internal`.
    classification: &'static str,
}

impl Failure {
    /// A member of the body, or a parameter of the path or query, that breaks a rule: 400.
    pub(super) fn invalid(field: impl Into<String>, code: &'static str, msg: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code,
            classification: "merchant",
            // The body itself has no path.
            field: Some(field.into()).filter(|path| !path.is_empty()),
            msg: msg.into(),
            retry_after_secs: None,
        }
    }

    /// A body that cannot be read at all: 400.
    pub(super) fn malformed(code: &'static str, msg: impl Into<String>) -> Self {
        Self::plain(StatusCode::BAD_REQUEST, code, "merchant", msg)
    }

    /// A thing that does not exist or belongs to another merchant; the two answers are the same: 404.
    pub(super) fn not_found(what: &str) -> Self {
        Self::plain(StatusCode::NOT_FOUND, "not_found", "merchant", format!("{what} not found"))
    }

    /// Any other refusal, with no single member at fault.
    pub(super) fn plain(
        status: StatusCode,
        code: &'static str,
        classification: &'static str,
        msg: impl Into<String>,
    ) -> Self {
        Self { status, code, classification, field: None, msg: msg.into(), retry_after_secs: None }
    }

    /// The same refusal, pointing at a member of the body.
    #[must_use]
    pub(super) fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// The same refusal; if it is about a one-time token, it points at where the token stands.
    #[must_use]
    pub(super) fn token_at(self, path: Option<&str>) -> Self {
        match path {
            Some(path) if self.code.starts_with("token_") => self.at(path),
            Some(_) | None => self,
        }
    }

    /// The same refusal, mendable by somebody else.
    #[must_use]
    pub(super) fn classified(mut self, classification: &'static str) -> Self {
        self.classification = classification;
        self
    }

    /// The same refusal in other words.
    #[must_use]
    pub(super) fn says(mut self, msg: impl Into<String>) -> Self {
        self.msg = msg.into();
        self
    }

    /// The stable code of this refusal.
    #[cfg(test)]
    pub(super) fn code(&self) -> &'static str {
        self.code
    }

    /// The path of the member at fault, if one is.
    #[cfg(test)]
    pub(super) fn field(&self) -> Option<&str> {
        self.field.as_deref()
    }

    /// The sentence for people.
    #[cfg(test)]
    pub(super) fn msg(&self) -> &str {
        &self.msg
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self {
            status: problem.status,
            code: problem.code,
            classification: problem.classification.as_str(),
            field: problem.field.map(Cow::into_owned),
            msg: problem.message.into_owned(),
            retry_after_secs: problem.retry_after_secs,
        }
    }
}

impl From<Misfit> for Failure {
    fn from(Misfit { path, code, message }: Misfit) -> Self {
        Self::invalid(path, code, message)
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

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let answer = FailedAnswer {
            status: "failed",
            msg: &self.msg,
            code: self.code,
            field: self.field.as_deref(),
            classification: self.classification,
        };
        let mut response = (self.status, Json(answer)).into_response();
        if let Some(secs) = self.retry_after_secs {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(secs));
        }
        response.extensions_mut().insert(RefusalCode(self.code));
        response
    }
}
