//! What can go wrong between a payload and a token.

use std::fmt;

/// Who can mend an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Classification {
    /// The person paying: another number, another date, another card.
    Shopper,
    /// Whoever runs the shop: a key, an origin, a setting, a server call.
    Merchant,
    /// The vault or gateway on the other side.
    Gateway,
    /// The surroundings: network, browser, policy.
    Environment,
    /// We: a bug.
    Internal,
}

impl Classification {
    /// All of them, for tables and tests.
    pub const ALL: [Self; 5] =
        [Self::Shopper, Self::Merchant, Self::Gateway, Self::Environment, Self::Internal];

    /// The stable text form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shopper => "shopper",
            Self::Merchant => "merchant",
            Self::Gateway => "gateway",
            Self::Environment => "environment",
            Self::Internal => "internal",
        }
    }

    /// Reads the text form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|classification| classification.as_str() == text)
    }
}

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GatewayError {
    /// The gateway documents no way to take this kind of payload; the merchant chose a dialect that
    /// cannot do what is asked.
    Unsupported {
        /// The dialect's id.
        dialect: &'static str,
        /// What it takes instead, as a sentence.
        instead: &'static str,
    },
    /// The gateway requires a field that the merchant's page does not ask for, or that was left empty.
    Incomplete {
        /// The field's name.
        field: &'static str,
    },
    /// The gateway answered with an error of its own.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The gateway's stable code.
        code: String,
        /// Who can mend it, as far as the gateway says; the merchant where it does not.
        classification: Classification,
        /// The field it is about, if any.
        field: Option<String>,
        /// More exactly why, if the gateway says: a reason code of `instrument`.
        reason: Option<String>,
    },
    /// The answer is not what the gateway documents; the gateway, or something in between, is at fault.
    Malformed {
        /// The HTTP status.
        status: u16,
    },
}

impl GatewayError {
    /// The stable code, as it reaches the merchant's page.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Unsupported { .. } => "payload_unsupported",
            Self::Incomplete { .. } => "field_required",
            Self::Refused { code, .. } => code,
            Self::Malformed { .. } => "answer_malformed",
        }
    }

    /// Who can mend it.
    #[must_use]
    pub const fn classification(&self) -> Classification {
        match self {
            Self::Unsupported { .. } => Classification::Merchant,
            Self::Incomplete { .. } => Classification::Shopper,
            Self::Refused { classification, .. } => *classification,
            Self::Malformed { .. } => Classification::Gateway,
        }
    }
}

impl fmt::Display for GatewayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsupported { dialect, instead } => {
                write!(f, "the dialect {dialect} cannot send this: {instead}")
            }
            Self::Incomplete { field } => write!(f, "the gateway requires the field {field}"),
            Self::Refused { status, code, .. } => write!(f, "refused with status {status}: {code}"),
            Self::Malformed { status } => {
                write!(f, "the answer with status {status} is not of the documented form")
            }
        }
    }
}

impl std::error::Error for GatewayError {}
