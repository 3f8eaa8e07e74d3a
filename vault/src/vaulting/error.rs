//! Why a service did not do as asked.

use instrument::{Kind, Rejected};

use super::Work;
use crate::{
    domain::MandateRefused, keyring::CannotOpen, limits::Exceeded, random::RandomFailed, store::StoreError,
};

/// Why a service did not do as asked; nothing was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultingError {
    /// There is no dialect of this name.
    #[error("there is no such dialect")]
    DialectUnknown,
    /// The idempotency key is missing or has another form.
    #[error("an idempotency key is 16 to 64 characters of A-Z a-z 0-9 - _")]
    IdempotencyKeyMalformed,
    /// The envelope is no envelope.
    #[error("the envelope is malformed")]
    EnvelopeMalformed,
    /// The envelope was sealed to a key that is over or was never ours.
    #[error("the envelope is sealed to a key that this vault does not have")]
    SealingKeyUnknown,
    /// The envelope is sealed with a suite that this vault does not open any more.
    #[error("the suite that the envelope is sealed with is retired")]
    SuiteRetired,
    /// The envelope does not open: changed, or made for another context.
    #[error("the envelope does not open in this context")]
    EnvelopeUnopenable,
    /// What was sealed or sent is not valid.
    #[error("the {} is not valid: {rejected}", kind.as_str())]
    Rejected {
        /// Card, bank account or security code.
        kind: Kind,
        /// The first field that is wrong, and why.
        rejected: Rejected,
    },
    /// What the owner of the account agreed to cannot be taken.
    #[error("the mandate is refused: {0}")]
    Mandate(MandateRefused),
    /// The idempotency key was used for something else.
    #[error("the idempotency key was used for something else")]
    IdempotencyConflict,
    /// The token of this attempt has been spent or has expired.
    #[error("the token of this attempt has been spent or has expired")]
    AttemptOver,
    /// Too many cards like this one came lately.
    #[error("too many cards like this one came lately")]
    RateLimited(Exceeded),
    /// More cards come than usual, and no work was done for this one.
    #[error("work is asked for")]
    WorkRequired(Work),
    /// A checkout session that no server of this merchant made, or that was changed.
    #[error("the checkout session was not made by this merchant's server")]
    SessionInvalid,
    /// The checkout session was made for pages of another origin.
    #[error("the checkout session is for another origin")]
    SessionOriginMismatch,
    /// The time of the checkout session is over.
    #[error("the checkout session is over")]
    SessionExpired,
    /// All attempts of the checkout session were made.
    #[error("the checkout session has no attempts left")]
    SessionAttemptsExceeded,
    /// Something else shall be paid than the checkout session says.
    #[error("the checkout session says another amount or currency")]
    SessionAmountMismatch,
    /// There is no such token, or it is another merchant's.
    #[error("there is no such token")]
    TokenUnknown,
    /// The token has been spent.
    #[error("the token has been spent")]
    TokenAlreadyUsed,
    /// The token has expired.
    #[error("the token has expired")]
    TokenExpired,
    /// The token stands for a security code alone, and something else was asked of it.
    #[error("the token stands for a security code alone")]
    CodeAlone,
    /// The token stands for an instrument, and a security code alone was asked for.
    #[error("the token stands for no security code alone")]
    NotACode,
    /// The payment method is no card, and has no security code.
    #[error("the payment method is no card and has no security code")]
    MethodWithoutCode,
    /// The code is in no memory of this vault: it was started again, or another vault made the token.
    #[error("the security code is not there any more")]
    CodeUnavailable,
    /// What is stored does not open.
    #[error("what is stored does not open with this vault's keys")]
    Unreadable,
    /// The merchant has no keys: an internal bug.
    #[error("the merchant has no keys")]
    NoKeys,
    /// The clock shows no time of the calendar.
    #[error("the clock shows no time of the calendar")]
    NoClock,
    /// No random bytes.
    #[error("the operating system gives no random bytes")]
    Random,
    /// The store refused or failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for VaultingError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::TokenUnknown => Self::TokenUnknown,
            StoreError::TokenSpent => Self::TokenAlreadyUsed,
            StoreError::TokenExpired => Self::TokenExpired,
            StoreError::TokenExists
            | StoreError::AttemptExists
            | StoreError::CustomerExists
            | StoreError::CustomerMissing
            | StoreError::CustomerChanged
            | StoreError::AddressExists
            | StoreError::AddressMissing
            | StoreError::PaymentMethodExists
            | StoreError::PaymentMethodMissing
            | StoreError::PaymentMethodChanged
            | StoreError::PaymentExists
            | StoreError::DocumentExists
            | StoreError::DocumentMissing
            | StoreError::DocumentChanged
            | StoreError::AnswerExists
            | StoreError::AlreadyAttached
            | StoreError::MerchantExists
            | StoreError::KeyExists
            | StoreError::KeyMissing
            | StoreError::KeyNeeded
            | StoreError::CursorUnknown
            | StoreError::Overloaded
            | StoreError::Unavailable
            | StoreError::OtherSchema
            | StoreError::Corrupt(_) => Self::Store(error),
        }
    }
}

impl From<RandomFailed> for VaultingError {
    fn from(RandomFailed: RandomFailed) -> Self {
        Self::Random
    }
}

impl From<CannotOpen> for VaultingError {
    fn from(CannotOpen: CannotOpen) -> Self {
        Self::Unreadable
    }
}
