//! Why a read or write did not happen.

/// Why the store did not do as asked; nothing was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum StoreError {
    /// A token with this hash exists already.
    #[error("the token exists already")]
    TokenExists,
    /// There is no such token.
    #[error("there is no such token")]
    TokenUnknown,
    /// The token has been spent.
    #[error("the token has been spent")]
    TokenSpent,
    /// The token has expired.
    #[error("the token has expired")]
    TokenExpired,
    /// The attempt has been answered already.
    #[error("the attempt has been answered already")]
    AttemptExists,
    /// The customer id is taken.
    #[error("the customer exists already")]
    CustomerExists,
    /// There is no such customer.
    #[error("there is no such customer")]
    CustomerMissing,
    /// Somebody changed the customer since it was read.
    #[error("the customer was changed meanwhile")]
    CustomerChanged,
    /// The address id is taken.
    #[error("the address exists already")]
    AddressExists,
    /// There is no such address of this customer.
    #[error("there is no such address")]
    AddressMissing,
    /// The payment method id is taken.
    #[error("the payment method exists already")]
    PaymentMethodExists,
    /// There is no such payment method.
    #[error("there is no such payment method")]
    PaymentMethodMissing,
    /// Somebody changed the payment method since it was read.
    #[error("the payment method was changed meanwhile")]
    PaymentMethodChanged,
    /// The payment method belongs to a customer already.
    #[error("the payment method belongs to a customer already")]
    AlreadyAttached,
    /// The payment id is taken.
    #[error("the payment exists already")]
    PaymentExists,
    /// The document's id is taken.
    #[error("the document exists already")]
    DocumentExists,
    /// There is no such document.
    #[error("there is no such document")]
    DocumentMissing,
    /// Somebody changed the document since it was read.
    #[error("the document was changed meanwhile")]
    DocumentChanged,
    /// An answer is kept already.
    #[error("an answer is kept already")]
    AnswerExists,
    /// The merchant exists already.
    #[error("the merchant exists already")]
    MerchantExists,
    /// A key of this name exists already.
    #[error("the key exists already")]
    KeyExists,
    /// There is no such key.
    #[error("there is no such key")]
    KeyMissing,
    /// Something that is stored needs the key.
    #[error("something that is stored needs the key")]
    KeyNeeded,
    /// A page was asked to start after what is neither a place in a list nor an item.
    #[error("the list cannot start after what is neither a place in it nor an item")]
    CursorUnknown,
    /// Too many writes wait; the environment is at fault, and a later try may succeed.
    #[error("too many writes are waiting")]
    Overloaded,
    /// The back end failed; the environment is at fault.
    #[error("the store is unavailable")]
    Unavailable,
    /// Somebody changed the schema of the database, and so nothing in it is believed or changed.
    #[error("the schema of the database is not the one that the vault made")]
    OtherSchema,
    /// A stored row does not read back; an internal bug or somebody's hand in the database.
    #[error("a stored row does not read back: {0}")]
    Corrupt(&'static str),
}
