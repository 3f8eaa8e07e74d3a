//! What a client gets instead of an answer: a stable code, who can mend it, and what to do.

use std::borrow::Cow;

use axum::{
    Json,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use instrument::Kind;
use serde_json::json;

use crate::{
    domain::MandateRefused,
    limits::Exceeded,
    metrics::RefusalCode,
    random::RandomFailed,
    store::StoreError,
    vaulting::{VaultingError, Work},
};

pub use gateway::Classification;

/// What work is asked for, and what was done.
pub(crate) const WORK: HeaderName = HeaderName::from_static("tessera-work");

/// An error answer. As a response it has the native face's form; other faces write their own from it.
///
/// No part of it ever repeats what the client sent, except names of members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// The stable code.
    pub code: &'static str,
    /// Who can mend it.
    pub classification: Classification,
    /// What to do, in a sentence.
    pub message: Cow<'static, str>,
    /// The member or field it is about.
    pub field: Option<Cow<'static, str>>,
    /// More exactly why a field was refused: a reason code of `instrument`.
    pub reason: Option<&'static str>,
    /// After how many seconds another try may succeed.
    pub retry_after_secs: Option<u32>,
    /// Work that must be done before the same request is taken, as the header `Tessera-Work` says it.
    pub work: Option<Cow<'static, str>>,
}

impl Problem {
    /// A problem of the merchant's program.
    #[must_use]
    pub fn merchant(status: StatusCode, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(status, code, Classification::Merchant, message)
    }

    /// Any problem.
    #[must_use]
    pub fn new(
        status: StatusCode,
        code: &'static str,
        classification: Classification,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            status,
            code,
            classification,
            message: message.into(),
            field: None,
            reason: None,
            retry_after_secs: None,
            work: None,
        }
    }

    /// The same, about a member or field.
    #[must_use]
    pub fn about(mut self, field: impl Into<Cow<'static, str>>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// There is no such thing, or it belongs to somebody else: one answer for both.
    #[must_use]
    pub fn not_found() -> Self {
        Self::merchant(StatusCode::NOT_FOUND, "not_found", "There is nothing under this id for this key.")
    }

    /// Something that must not happen; what it was is in the log, as far as that is safe.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            Classification::Internal,
            "The vault has a problem of its own. Nothing was kept that this request asked for, unless \
             reading it back shows otherwise.",
        )
    }

    /// The key makes tokens in checkout sessions only, and there was none.
    #[must_use]
    pub fn session_required() -> Self {
        Self::merchant(
            StatusCode::FORBIDDEN,
            "session_required",
            "This publishable key makes tokens in checkout sessions only. Make one with POST /v1/sessions on your \
             server, and set the form's `session` to it.",
        )
        .about("session")
    }

    /// More cards come than usual, and this one asks for work.
    fn work_required(work: &Work) -> Self {
        let mut problem = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "work_required",
            Classification::Environment,
            "More cards are sent than usual. Do the work that `Tessera-Work` names, and send the request again with it.",
        );
        problem.work = Some(work.to_header().into());
        problem
    }

    /// A field whose value is refused by a rule.
    #[must_use]
    pub fn invalid_field(field: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self::merchant(StatusCode::UNPROCESSABLE_ENTITY, "field_invalid", message).about(field)
    }

    fn unavailable() -> Self {
        let mut problem = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            Classification::Environment,
            "The vault cannot reach its store. Try again later; use the same idempotency key.",
        );
        problem.retry_after_secs = Some(5);
        problem
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({ "error": {
            "code": self.code,
            "classification": self.classification.as_str(),
            "message": self.message,
            "field": self.field,
            "reason": self.reason,
            "help": format!("/docs/errors#{}", self.code),
        }});
        let mut response = (self.status, Json(body)).into_response();
        if let Some(secs) = self.retry_after_secs {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(secs));
        }
        if let Some(Ok(work)) = self.work.as_deref().map(HeaderValue::from_str) {
            response.headers_mut().insert(WORK, work);
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(RefusalCode(self.code));
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let conflict = |code, message: &'static str| Self::merchant(StatusCode::CONFLICT, code, message);
        match error {
            StoreError::TokenUnknown => Self::merchant(
                StatusCode::NOT_FOUND,
                "token_unknown",
                "No such token was issued to this merchant. Send the token as the page received it, with a \
                 secret key of the same merchant.",
            )
            .about("token"),
            StoreError::TokenSpent => conflict(
                "token_already_used",
                "This token has been used. Every token works once: use what it created, or ask the shopper \
                 for a new one.",
            )
            .about("token"),
            StoreError::TokenExpired => Self::merchant(
                StatusCode::GONE,
                "token_expired",
                "This token is too old. Tokenize again and use the token at once.",
            )
            .about("token"),
            StoreError::CustomerExists => {
                conflict("customer_exists", "A customer with this id exists. Choose another id.").about("id")
            }
            StoreError::CustomerMissing
            | StoreError::AddressMissing
            | StoreError::PaymentMethodMissing
            | StoreError::DocumentMissing
            | StoreError::KeyMissing => Self::not_found(),
            StoreError::CustomerChanged | StoreError::PaymentMethodChanged | StoreError::DocumentChanged => {
                conflict(
                    "changed_meanwhile",
                    "Somebody else changed this at the same time. Read it again and repeat the change.",
                )
            }
            StoreError::AlreadyAttached => conflict(
                "already_attached",
                "This payment method belongs to a customer already. It can be attached once.",
            ),
            StoreError::CursorUnknown => Self::not_found().about("starting_after"),
            StoreError::Overloaded => {
                let mut problem = Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "overloaded",
                    Classification::Environment,
                    "Too many writes are waiting. Try again in a moment; nothing of this one was kept.",
                );
                problem.retry_after_secs = Some(1);
                problem
            }
            StoreError::Unavailable | StoreError::OtherSchema => Self::unavailable(),
            // Ids that the vault draws itself do not repeat; a row that does not read back is no client's
            // doing.
            StoreError::TokenExists
            | StoreError::AttemptExists
            | StoreError::AddressExists
            | StoreError::PaymentMethodExists
            | StoreError::PaymentExists
            | StoreError::DocumentExists
            | StoreError::AnswerExists
            | StoreError::MerchantExists
            | StoreError::KeyExists
            | StoreError::KeyNeeded
            | StoreError::Corrupt(_) => {
                tracing::error!(%error, "the store answered what it should not");
                Self::internal()
            }
        }
    }
}

impl From<VaultingError> for Problem {
    fn from(error: VaultingError) -> Self {
        let bad = |code, message: &'static str| Self::merchant(StatusCode::BAD_REQUEST, code, message);
        match error {
            VaultingError::DialectUnknown => bad(
                "dialect_unknown",
                "There is no such dialect. Leave `dialect` out, or take one that the documentation lists.",
            )
            .about("dialect"),
            VaultingError::IdempotencyKeyMalformed => bad(
                "idempotency_key_invalid",
                "Send the header Idempotency-Key with 16 to 64 characters of A-Z a-z 0-9 - _, drawn at random.",
            ),
            VaultingError::EnvelopeMalformed => {
                bad("envelope_malformed", "The envelope is not one. Send what the seal returned, unchanged.")
                    .about("envelope")
            }
            VaultingError::SealingKeyUnknown => Self::new(
                StatusCode::CONFLICT,
                "sealing_key_unknown",
                Classification::Environment,
                "The envelope is sealed to a key that is over. Load GET /v1/keys again and seal once more.",
            )
            .about("envelope"),
            VaultingError::SuiteRetired => Self::new(
                StatusCode::CONFLICT,
                "suite_retired",
                Classification::Gateway,
                "The envelope is sealed with a suite that this vault opens no more. Load the page again: its frame seals \
                 with the suite of the keys in GET /v1/keys.",
            )
            .about("envelope"),
            VaultingError::EnvelopeUnopenable => bad(
                "envelope_unopenable",
                "The envelope does not open. It must be sealed for this publishable key, this vault's origin, \
                 this page origin, kind and idempotency key.",
            )
            .about("envelope"),
            VaultingError::Rejected { kind, rejected } => {
                let code = match kind {
                    Kind::Card | Kind::Code => "card_invalid",
                    Kind::BankAccount => "bank_account_invalid",
                };
                let mut problem = Self::new(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    code,
                    Classification::Shopper,
                    rejected.reason.message(),
                )
                .about(rejected.field.as_str());
                problem.reason = Some(rejected.reason.as_str());
                problem
            }
            VaultingError::Mandate(refused) => Self::from(refused).about("mandate"),
            VaultingError::IdempotencyConflict => Self::merchant(
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency_conflict",
                "This Idempotency-Key was used for something else. Make a new key for every new entry.",
            ),
            VaultingError::AttemptOver => Self::merchant(
                StatusCode::CONFLICT,
                "attempt_over",
                "The token of this attempt has been used or has expired. Make a new Idempotency-Key and try \
                 again.",
            ),
            VaultingError::RateLimited(exceeded) => exceeded.into(),
            VaultingError::WorkRequired(work) => Self::work_required(&work),
            VaultingError::SessionInvalid => Self::merchant(
                StatusCode::UNPROCESSABLE_ENTITY,
                "session_invalid",
                "This is no checkout session that a server of this merchant made. Hand the page what POST \
                 /v1/sessions answered, unchanged.",
            )
            .about("session"),
            VaultingError::SessionOriginMismatch => Self::merchant(
                StatusCode::FORBIDDEN,
                "session_origin_mismatch",
                "This checkout session is for pages of another origin. Make it for the origin of the page that has \
                 the form.",
            )
            .about("session"),
            VaultingError::SessionExpired => Self::merchant(
                StatusCode::GONE,
                "session_expired",
                "The time of this checkout session is over. Make a new one, and set the form's `session` to it.",
            )
            .about("session"),
            VaultingError::SessionAttemptsExceeded => Self::merchant(
                StatusCode::CONFLICT,
                "session_attempts_exceeded",
                "All attempts of this checkout session were made. Make a new one, if this shopper shall have more.",
            )
            .about("session"),
            VaultingError::SessionAmountMismatch => Self::merchant(
                StatusCode::UNPROCESSABLE_ENTITY,
                "session_amount_mismatch",
                "The checkout session in which this was entered says another amount or currency. Charge what it says, \
                 or have the shopper enter it again in a session with the new amount.",
            )
            .about("amount"),
            VaultingError::TokenUnknown => StoreError::TokenUnknown.into(),
            VaultingError::TokenAlreadyUsed => StoreError::TokenSpent.into(),
            VaultingError::TokenExpired => StoreError::TokenExpired.into(),
            VaultingError::CodeAlone => Self::merchant(
                StatusCode::UNPROCESSABLE_ENTITY,
                "code_alone",
                "This token stands for a security code alone, which makes no customer and no payment method. Send \
                 it as `code_token` when you charge a stored card.",
            )
            .about("token"),
            VaultingError::NotACode => Self::merchant(
                StatusCode::UNPROCESSABLE_ENTITY,
                "not_a_code",
                "This token stands for a whole instrument and no security code alone. Make one with \
                 `mode=\"code\"`, or spend this one for a payment method.",
            )
            .about("code_token"),
            VaultingError::MethodWithoutCode => Self::merchant(
                StatusCode::UNPROCESSABLE_ENTITY,
                "method_without_code",
                "This payment method is no card and has no security code. Charge it without `code_token`.",
            )
            .about("payment_method"),
            VaultingError::CodeUnavailable => Self::merchant(
                StatusCode::CONFLICT,
                "code_unavailable",
                "The security code is not there any more: it is kept in the memory of the vault that made the token, \
                 and nowhere else. Ask the shopper for it again, or charge without `code_token`.",
            )
            .about("code_token"),
            VaultingError::Unreadable | VaultingError::NoKeys | VaultingError::NoClock | VaultingError::Random => {
                tracing::error!(%error, "an instrument cannot be handled");
                Self::internal()
            }
            VaultingError::Store(error) => error.into(),
        }
    }
}

impl From<MandateRefused> for Problem {
    fn from(refused: MandateRefused) -> Self {
        let refuse = |status, code, message: &'static str| {
            Self::new(status, code, Classification::Environment, message)
        };
        match refused {
            MandateRefused::WordingUnknown => refuse(
                StatusCode::CONFLICT,
                "mandate_wording_unknown",
                "This vault has no such wording of the authorization. Load the payment form again.",
            ),
            MandateRefused::Altered => refuse(
                StatusCode::UNPROCESSABLE_ENTITY,
                "mandate_altered",
                "The authorization is not the one that was shown. Load the payment form again.",
            ),
            MandateRefused::Time => refuse(
                StatusCode::UNPROCESSABLE_ENTITY,
                "mandate_time",
                "The time of the authorization is wrong. Set the clock of the device and try again.",
            ),
        }
    }
}

impl From<Exceeded> for Problem {
    fn from(exceeded: Exceeded) -> Self {
        let mut problem = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "rate_limited",
            Classification::Environment,
            "Too many tokens were asked for in a short time. Nothing was kept; try again later.",
        );
        problem.retry_after_secs = Some(exceeded.retry_after_secs);
        problem
    }
}

impl From<RandomFailed> for Problem {
    fn from(error: RandomFailed) -> Self {
        VaultingError::from(error).into()
    }
}
