//! The failed answer of this face: the one envelope that Flute's V2 OpenAPI document shows for every status.
//!
//! `correlationId` is the id that every answer of this face also carries in the header
//! `X-Correlation-Id`; [`super::correlation`] draws it and writes the body. `documentationUrl` points to our
//! own stable code. No text here ever repeats a value the caller sent, except the ids of things.

use std::collections::BTreeMap;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use instrument::{FieldName, Reason, Rejected};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::members::Misfit;
use crate::problem::Problem;
use crate::random::RandomFailed;
use crate::store::StoreError;
use crate::vaulting::VaultingError;

/// A refusal on its way to the caller.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    sort: Sort,
    /// The stable code of ours that explains it.
    code: &'static str,
    details: String,
    /// The member at fault, spelt as Flute does, and what its rule is.
    fields: Vec<(String, String)>,
    entity_id: Option<String>,
    retry_after_secs: Option<u32>,
}

/// The sorts of failures that Flute tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Validation,
    MethodNotAllowed,
    TooLarge,
    MediaType,
    Unauthorized,
    Forbidden,
    NotFound,
    Conflict,
    RateLimit,
    Internal,
}

/// The body of every failed answer.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FailedAnswer {
    /// What happened, in a sentence.
    details: String,
    /// The HTTP status once more.
    status_code: u16,
    /// Who refused.
    source: &'static str,
    /// The sort of failure.
    exception_type: &'static str,
    /// The same as in the header `X-Correlation-Id`.
    correlation_id: String,
    /// The id that was asked for, where there is nothing under it.
    entity_id: Option<String>,
    /// `V0000`, `P0000`, `F0000`, `N0000`, `C0000`, `R0000` or `I0000`.
    error_code: &'static str,
    /// The sort of failure, for people.
    title: &'static str,
    /// Why, in general.
    cause: &'static str,
    /// What to do.
    resolution: &'static str,
    /// Where our stable code is explained.
    documentation_url: String,
    /// The members at fault, each with what its rule is.
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<BTreeMap<String, Vec<String>>>,
}

impl Sort {
    const fn status(self) -> StatusCode {
        match self {
            Self::Validation => StatusCode::BAD_REQUEST,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Conflict => StatusCode::CONFLICT,
            Self::RateLimit => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Flute's code, and the name of the exception behind it.
    const fn codes(self) -> (&'static str, &'static str) {
        match self {
            Self::Validation | Self::MethodNotAllowed | Self::TooLarge | Self::MediaType => {
                ("V0000", "ValidationException")
            }
            Self::Unauthorized => ("V0000", "UnauthorizedException"),
            Self::Forbidden => ("F0000", "ForbiddenException"),
            Self::NotFound => ("N0000", "NotFoundException"),
            Self::Conflict => ("C0000", "ConflictException"),
            Self::RateLimit => ("R0000", "RateLimitExceededException"),
            Self::Internal => ("I0000", "IntegrationException"),
        }
    }

    /// Title, cause and resolution.
    const fn texts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Validation | Self::Unauthorized => (
                "Validation failed",
                "The request breaks a rule.",
                "Correct what `errors` names and send the request again.",
            ),
            Self::MethodNotAllowed => (
                "Method not allowed",
                "This path takes another method.",
                "Use one of the methods in the header Allow.",
            ),
            Self::TooLarge => ("Body too large", "The body is too long.", "Send a shorter body."),
            Self::MediaType => (
                "Unsupported media type",
                "The body is named something else than what belongs here.",
                "Send JSON, with the header Content-Type: application/json.",
            ),
            Self::Forbidden => (
                "Access forbidden",
                "These credentials may not do this.",
                "Use an access token made with the secret key.",
            ),
            Self::NotFound => (
                "Resource not found",
                "There is no such thing, or it was deleted.",
                "Check the id, or list what there is.",
            ),
            Self::Conflict => (
                "Resource conflict",
                "The request does not fit what is there.",
                "Read it again, or use another idempotency key.",
            ),
            Self::RateLimit => (
                "Rate limit exceeded",
                "Too many requests are waiting.",
                "Wait as long as the header Retry-After says, then try again.",
            ),
            Self::Internal => (
                "Internal server error",
                "The vault has a problem of its own.",
                "Try again with the same idempotency key, and report the correlation id if it stays.",
            ),
        }
    }
}

impl Failure {
    /// A member of the body or a parameter that breaks a rule: 400.
    pub(super) fn invalid(path: &str, code: &'static str, message: impl Into<String>) -> Self {
        Self { fields: vec![(spelt(path), message.into())], ..Self::validation(code) }
    }

    /// A thing that does not exist or belongs to another merchant; the two answers are the same: 404.
    pub(super) fn missing(id: Option<&str>) -> Self {
        let details = match id {
            Some(id) => format!("Entity with ID {id} does not exist or has been deleted."),
            None => "There is nothing at this address.".to_owned(),
        };
        let entity_id = id.map(str::to_owned);
        Self { details, entity_id, ..Self::new(Sort::NotFound, "not_found") }
    }

    /// No bearer token, or none that is any good: 401.
    pub(super) fn unauthorized(code: &'static str, message: &str) -> Self {
        let fields = vec![("BearerTokenError".to_owned(), message.to_owned())];
        Self { fields, ..Self::new(Sort::Unauthorized, code) }
    }

    /// Good credentials of the wrong sort: 403.
    pub(super) fn forbidden(code: &'static str, details: impl Into<String>) -> Self {
        Self { details: details.into(), ..Self::new(Sort::Forbidden, code) }
    }

    /// This path takes another method: 405.
    pub(super) fn method_not_allowed() -> Self {
        Self::new(Sort::MethodNotAllowed, "method_not_allowed")
    }

    /// A body that is too long: 413.
    pub(super) fn too_large(limit_bytes: usize) -> Self {
        let details = format!("A body may have at most {limit_bytes} bytes.");
        Self { details, ..Self::new(Sort::TooLarge, "body_too_large") }
    }

    /// A body of another media type: 415.
    pub(super) fn media_type(details: &str) -> Self {
        Self { details: details.to_owned(), ..Self::new(Sort::MediaType, "media_type_unsupported") }
    }

    /// An instrument that is refused, with Flute's name of the field, below the path given.
    pub(super) fn rejected(path: &str, spelling: Spelling, rejected: Rejected) -> Self {
        let name = spelling.of(rejected);
        let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        let routing = rejected.field == FieldName::RoutingNumber
            && matches!(
                rejected.reason,
                Reason::Required
                    | Reason::Incomplete
                    | Reason::NotDigits
                    | Reason::BadCharacters
                    | Reason::TooShort
                    | Reason::TooLong
                    | Reason::WrongLength
            );
        // Flute's own sentence, which merchants' code may look for.
        let message = if routing { "Routing number must be 9 digits." } else { rejected.reason.message() };
        let code = match rejected.field {
            FieldName::Number
            | FieldName::Expiry
            | FieldName::Code
            | FieldName::Holder
            | FieldName::PreferredScheme => "card_invalid",
            FieldName::RoutingNumber
            | FieldName::AccountNumber
            | FieldName::AccountNumberConfirmation
            | FieldName::AccountType
            | FieldName::AccountHolderType
            | FieldName::SecCode
            | FieldName::Consent => "bank_account_invalid",
        };
        Self::invalid(&path, code, message)
    }

    /// What a check of an instrument found, with Flute's names of the fields.
    pub(super) fn checked(path: &str, spelling: Spelling, error: VaultingError) -> Self {
        match error {
            VaultingError::Rejected { rejected, .. } => Self::rejected(path, spelling, rejected),
            other => other.into(),
        }
    }

    /// Whether another request was faster; composing the change anew may succeed.
    pub(super) fn is_race(&self) -> bool {
        self.code == "changed_meanwhile"
    }

    /// The stable code of this refusal.
    pub(super) const fn code(&self) -> &'static str {
        self.code
    }

    /// The HTTP status.
    pub(super) const fn status(&self) -> StatusCode {
        self.sort.status()
    }

    /// The body, with the id that the answer's header has too.
    pub(super) fn body(&self, correlation_id: &str) -> FailedAnswer {
        let (error_code, exception_type) = self.sort.codes();
        let (title, cause, resolution) = self.sort.texts();
        let mut errors: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (field, message) in &self.fields {
            errors.entry(field.clone()).or_default().push(message.clone());
        }
        FailedAnswer {
            details: if self.details.is_empty() { cause.to_owned() } else { self.details.clone() },
            status_code: self.status().as_u16(),
            source: "tessera-vault",
            exception_type,
            correlation_id: correlation_id.to_owned(),
            entity_id: self.entity_id.clone(),
            error_code,
            title,
            cause,
            resolution,
            documentation_url: format!("/docs/errors#{}", self.code),
            errors: (!errors.is_empty()).then_some(errors),
        }
    }

    fn validation(code: &'static str) -> Self {
        let details = "One or more members of the request break a rule.".to_owned();
        Self { details, ..Self::new(Sort::Validation, code) }
    }

    fn new(sort: Sort, code: &'static str) -> Self {
        Self {
            sort,
            code,
            details: String::new(),
            fields: Vec::new(),
            entity_id: None,
            retry_after_secs: None,
        }
    }
}

/// How an operation spells the parts of an instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    /// `cardNumber`, as in V2.
    V2,
    /// `pan`, as in V1.
    V1,
}

impl Spelling {
    const fn of(self, rejected: Rejected) -> &'static str {
        match rejected.field {
            FieldName::Number => match self {
                Self::V2 => "cardNumber",
                Self::V1 => "pan",
            },
            FieldName::Expiry if matches!(rejected.reason, Reason::BadMonth) => "expirationMonth",
            FieldName::Expiry => "expirationYear",
            FieldName::Code => "securityCode",
            FieldName::Holder => "name",
            FieldName::RoutingNumber => "routingNumber",
            FieldName::AccountNumber | FieldName::AccountNumberConfirmation => "accountNumber",
            FieldName::AccountType => "accountType",
            FieldName::AccountHolderType => "accountHolderType",
            FieldName::SecCode => "secCode",
            FieldName::Consent => "consent",
            FieldName::PreferredScheme => "preferredScheme",
        }
    }
}

impl From<Misfit> for Failure {
    fn from(misfit: Misfit) -> Self {
        let Misfit { path, code, message } = misfit;
        let path = if path.is_empty() { "body" } else { &path };
        Self::invalid(path, code, format!("{message}."))
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        let sort = match problem.status {
            StatusCode::UNAUTHORIZED => {
                return Self::unauthorized(problem.code, &problem.message);
            }
            StatusCode::FORBIDDEN => Sort::Forbidden,
            StatusCode::NOT_FOUND => Sort::NotFound,
            StatusCode::CONFLICT => Sort::Conflict,
            // Flute documents no 503. Of too many waiting writes it would say 429, of anything else 500.
            StatusCode::SERVICE_UNAVAILABLE if problem.code == "overloaded" => Sort::RateLimit,
            status if status.is_server_error() => Sort::Internal,
            _ => Sort::Validation,
        };
        let message = problem.message.into_owned();
        let fields = problem.field.map(|field| (spelt(&field), message.clone())).into_iter().collect();
        Self {
            details: message,
            fields,
            retry_after_secs: problem.retry_after_secs,
            ..Self::new(sort, problem.code)
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            // The id of a payment is made of its idempotency key: the key was used before, long ago.
            StoreError::PaymentExists => Self::from(VaultingError::IdempotencyConflict),
            other => Problem::from(other).into(),
        }
    }
}

impl From<VaultingError> for Failure {
    fn from(error: VaultingError) -> Self {
        match error {
            VaultingError::Rejected { rejected, .. } => Self::rejected("", Spelling::V2, rejected),
            VaultingError::IdempotencyConflict => Self {
                details: "This Idempotency-Key was used for another request.".to_owned(),
                ..Self::new(Sort::Conflict, "idempotency_conflict")
            },
            VaultingError::Store(error) => error.into(),
            other => Problem::from(other).into(),
        }
    }
}

impl From<RandomFailed> for Failure {
    fn from(error: RandomFailed) -> Self {
        VaultingError::from(error).into()
    }
}

impl From<serde_json::Error> for Failure {
    /// An answer of ours cannot be written: an internal bug.
    fn from(error: serde_json::Error) -> Self {
        tracing::error!(line = error.line(), "an answer of the Flute face cannot be written");
        Problem::internal().into()
    }
}

impl IntoResponse for Failure {
    /// The body is written by [`super::correlation`], which knows the correlation id.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        let headers = response.headers_mut();
        if self.sort == Sort::Unauthorized {
            let challenge = if self.code == "key_missing" {
                HeaderValue::from_static("Bearer")
            } else {
                HeaderValue::from_static("Bearer error=\"invalid_token\"")
            };
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(secs) = self.retry_after_secs {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(secs));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// `billingAddress.postalCode` as Flute writes it in errors: `BillingAddress.PostalCode`.
fn spelt(path: &str) -> String {
    let mut spelt = String::with_capacity(path.len());
    for (index, part) in path.split('.').enumerate() {
        if index > 0 {
            spelt.push('.');
        }
        let mut chars = part.chars();
        spelt.extend(chars.next().map(|first| first.to_ascii_uppercase()));
        spelt.push_str(chars.as_str());
    }
    spelt
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_spelt_as_flute_spells_them_in_errors() {
        assert_eq!(spelt("billingAddress.postalCode"), "BillingAddress.PostalCode");
        assert_eq!(spelt("paymentMethodsCards[0].cardNumber"), "PaymentMethodsCards[0].CardNumber");
        assert_eq!(spelt("email"), "Email");
    }

    #[test]
    fn a_failure_tells_the_member_and_flutes_code() {
        let failure = Failure::invalid("email", "invalid_email", "'Email' is not a valid email address.");
        let body = serde_json::to_value(failure.body("id")).unwrap();
        assert_eq!(body["errors"]["Email"][0], "'Email' is not a valid email address.");
        assert_eq!((&body["errorCode"], &body["statusCode"]), (&"V0000".into(), &400.into()));
        assert_eq!(body["correlationId"], "id");
        assert_eq!(body["documentationUrl"], "/docs/errors#invalid_email");
    }

    #[test]
    fn too_many_writes_are_a_rate_limit_and_a_dead_store_is_an_internal_error() {
        let busy = Failure::from(StoreError::Overloaded).into_response();
        assert_eq!(busy.status(), 429);
        assert_eq!(busy.headers()["retry-after"], "1");
        assert_eq!(Failure::from(StoreError::Unavailable).status(), 500);
        assert_eq!(Failure::from(StoreError::CustomerChanged).status(), 409);
        assert_eq!(Failure::from(VaultingError::IdempotencyConflict).status(), 409);
        assert_eq!(Failure::from(StoreError::PaymentExists).code(), "idempotency_conflict");
    }
}
