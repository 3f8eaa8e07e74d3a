//! What can be written.

use super::{Attempt, DataKey, DataKeyPurpose, LivePlace, Remembered, SealingKey};
use crate::domain::{
    Address, AddressId, ApiKey, Customer, CustomerId, Document, Merchant, Origin, Payment, PaymentMethod,
    PaymentMethodId, Token,
};

/// One guarded write. A list of them is applied by [`Store::apply`](super::Store::apply), all or none.
#[derive(Clone, Debug)]
pub enum Change {
    /// Keeps a new token. Guard: there is none with this hash.
    InsertToken(Token),
    /// Spends a token and forgets its ciphertext and that of its attempt. Guard: it is issued and has not expired; else
    /// `TokenUnknown`, `TokenSpent` or `TokenExpired`.
    SpendToken {
        /// Keyed hash of the token.
        mac: [u8; 32],
        /// The time it is, in milliseconds since the Unix epoch.
        now_ms: i64,
    },
    /// Keeps the answer of an attempt to issue a token. Guard: the attempt is new, else
    /// `AttemptExists`.
    InsertAttempt(Attempt),
    /// Keeps a new customer. Guard: the id is free, else `CustomerExists`.
    InsertCustomer(Customer),
    /// Replaces a customer. Guard: it is not archived and the stored version is the one given, else
    /// `CustomerMissing` or `CustomerChanged`; its defaults, if any, are its own, else `PaymentMethodMissing` or
    /// `AddressMissing`. The stored version becomes one higher. The creation time is left alone.
    UpdateCustomer(Customer),
    /// Deletes a customer with all its addresses and payment methods. Guard: it exists, else
    /// `CustomerMissing`.
    DeleteCustomer(CustomerId),
    /// Archives a customer: it is kept for old records, and no other change finds it. Guard: it exists and is
    /// not archived, else `CustomerMissing`.
    ArchiveCustomer {
        /// Which.
        id: CustomerId,
        /// The time it is, in milliseconds since the Unix epoch.
        now_ms: i64,
    },
    /// Makes a payment method its customer's default, whatever the default was. Guard: both exist, are not
    /// archived and belong together, else `CustomerMissing` or `PaymentMethodMissing`.
    DefaultPaymentMethod {
        /// The customer.
        customer: CustomerId,
        /// The payment method.
        id: PaymentMethodId,
        /// The time it is, in milliseconds since the Unix epoch.
        now_ms: i64,
    },
    /// Makes a payment method its customer's default if the customer has none. Guard: the customer
    /// exists, else `CustomerMissing`.
    DefaultPaymentMethodIfNone {
        /// The customer.
        customer: CustomerId,
        /// The payment method.
        id: PaymentMethodId,
        /// The time it is, in milliseconds since the Unix epoch.
        now_ms: i64,
    },
    /// Keeps a new address. Guard: its customer exists and the id is free, else `CustomerMissing` or
    /// `AddressExists`.
    InsertAddress(Address),
    /// Replaces an address. Guard: it exists and is this customer's, else `AddressMissing`.
    UpdateAddress(Address),
    /// Deletes an address, also as a default. Guard: it exists and is this customer's, else
    /// `AddressMissing`.
    DeleteAddress {
        /// Whose it is.
        customer: CustomerId,
        /// Which.
        id: AddressId,
        /// The time it is, in milliseconds since the Unix epoch.
        now_ms: i64,
    },
    /// Keeps a new payment method. Guards: the id is free, else `PaymentMethodExists`; the customer,
    /// if any, exists, else `CustomerMissing`; no other was made of the same token, else `TokenSpent`.
    InsertPaymentMethod(PaymentMethod),
    /// Replaces the instrument, name, flags and extra of a payment method; customer, origin and creation time are
    /// left alone. Guard: neither it nor its customer is archived, and the stored version is the one given, else
    /// `PaymentMethodMissing` or `PaymentMethodChanged`; the stored version becomes one higher.
    UpdatePaymentMethod(PaymentMethod),
    /// Gives an orphan to a customer. Guard: the customer exists, else `CustomerMissing`; the payment
    /// method exists, else `PaymentMethodMissing`, and is an orphan, else `AlreadyAttached`.
    AttachPaymentMethod {
        /// Which.
        id: PaymentMethodId,
        /// To whom.
        customer: CustomerId,
        /// The time it is, in milliseconds since the Unix epoch.
        now_ms: i64,
    },
    /// Archives a payment method, and clears it as a default: it is kept for old records, and no other change
    /// finds it. Guard: it exists and is not archived, else `PaymentMethodMissing`.
    ArchivePaymentMethod {
        /// Which.
        id: PaymentMethodId,
        /// The time it is, in milliseconds since the Unix epoch.
        now_ms: i64,
    },
    /// Deletes a payment method, also as a default. Guard: it exists and its customer is not archived, else
    /// `PaymentMethodMissing`.
    DeletePaymentMethod {
        /// Which.
        id: PaymentMethodId,
        /// The time it is, in milliseconds since the Unix epoch.
        now_ms: i64,
    },
    /// Keeps a payment. Guards: the id is free, else `PaymentExists`; its customer and its payment method, if
    /// any, exist and are not archived, else `CustomerMissing` or `PaymentMethodMissing`.
    InsertPayment(Payment),
    /// Keeps a new document. Guard: the id is free in its collection, else `DocumentExists`.
    InsertDocument(Document),
    /// Replaces the body of a document. Guard: the stored version is the one given, else `DocumentChanged`
    /// or `DocumentMissing`; the stored version becomes one higher.
    ReplaceDocument(Document),
    /// Deletes a document. Guard: it exists, else `DocumentMissing`.
    DeleteDocument {
        /// What it is one of.
        collection: String,
        /// Which.
        id: String,
    },
    /// Keeps an answer, to be given again when the same is asked again. Guard: none is kept under the same
    /// hash that is still good, else `AnswerExists`.
    Remember {
        /// The answer.
        answer: Remembered,
        /// The time it is, in milliseconds since the Unix epoch.
        now_ms: i64,
    },
    /// Forgets, for all merchants, ciphertexts of expired tokens and of their attempts, attempts and
    /// kept answers that are over, and tokens that are long gone. No guard: the rows touched tell whether there is more.
    SweepExpired {
        /// The time it is, in milliseconds since the Unix epoch.
        now_ms: i64,
        /// At most so many rows of each sort.
        limit: u32,
    },
    /// Keeps a new merchant. Guard: the id is free, else `MerchantExists`.
    InsertMerchant(Merchant),
    /// Keeps a new API key. Guard: the id is free, else `KeyExists`.
    InsertKey(ApiKey),
    /// Replaces the allowed origins of a key. Guard: it exists, else `KeyMissing`.
    SetOrigins {
        /// The id part of the key.
        key_id: String,
        /// The origins.
        origins: Vec<Origin>,
    },
    /// Has a key be good for nothing from some time on. Guard: it exists, is not revoked and does not expire already, else
    /// `KeyMissing`.
    ExpireKey {
        /// The id part of the key.
        key_id: String,
        /// In milliseconds since the Unix epoch.
        expires_at_ms: i64,
    },
    /// Has a key be good for nothing any more. Guard: it exists and is not revoked, else `KeyMissing`.
    RevokeKey {
        /// The id part of the key.
        key_id: String,
        /// The time it is, in milliseconds since the Unix epoch.
        now_ms: i64,
    },
    /// Keeps a new sealing key. Guard: the id is free, else `KeyExists`.
    InsertSealingKey(SealingKey),
    /// Keeps what a root has signed of a sealing key, in place of what there was. Guard: the key exists, else
    /// `KeyMissing`.
    SignSealingKey {
        /// The key id.
        id: [u8; 8],
        /// The signed statement, as text.
        statement: String,
    },
    /// Destroys sealing keys that expired before the given time. No guard.
    DeleteSealingKeys {
        /// In milliseconds since the Unix epoch.
        expired_before_ms: i64,
    },
    /// Keeps a new data key. Guard: there is none of this purpose and version, else `KeyExists`.
    InsertDataKey(DataKey),
    /// Begins a new epoch: unspent tokens, attempts and kept answers that are there are over. No guard.
    BeginEpoch {
        /// The time it is, in milliseconds since the Unix epoch.
        now_ms: i64,
    },
    /// Replaces the wrapped form of a data key; the key in it stays the same. Guard: the stored form is the one given,
    /// else `KeyMissing`.
    RewrapDataKey {
        /// What it is for.
        purpose: DataKeyPurpose,
        /// Which of its purpose.
        version: u32,
        /// The form that is replaced.
        was: Vec<u8>,
        /// The new form.
        wrapped: Vec<u8>,
    },
    /// Replaces the wrapped form of a sealing key; the key in it stays the same. Guard: the stored form is the one given,
    /// else `KeyMissing`.
    RewrapSealingKey {
        /// The key id.
        id: [u8; 8],
        /// The form that is replaced.
        was: Vec<u8>,
        /// The new form.
        wrapped: Vec<u8>,
    },
    /// Replaces the ciphertext of a payment method, archived or not, by one of the same under a newer key; nothing that
    /// anybody is shown changes, the version neither. Guard: the stored ciphertext is the one given, else
    /// `PaymentMethodChanged`.
    ResealPaymentMethod {
        /// Which.
        id: PaymentMethodId,
        /// The ciphertext that is replaced.
        was: Vec<u8>,
        /// The new ciphertext.
        sealed: Vec<u8>,
    },
    /// Destroys a version of a merchant's encryption key. Guards: it is there and there is a newer one, else
    /// `KeyMissing`; no ciphertext of this merchant is of it, else `KeyNeeded`.
    DestroyEncryptionKey {
        /// Which version.
        version: u32,
    },
    /// Replaces the keyed hash of an API key by one of the same key under a newer version of the look-up key. Guard: the
    /// stored hash is the one given, else `KeyMissing`.
    RehashKey {
        /// The id part of the key.
        key_id: String,
        /// The hash that is replaced.
        was: [u8; 32],
        /// The new hash.
        mac: [u8; 32],
        /// The version that it is of.
        lookup_version: u32,
    },
    /// Replaces the fingerprint of a payment method, archived or not, by one of the same number under a newer version of
    /// the look-up key; the version that counts changes stays. Guard: the stored fingerprint is the one given, else
    /// `PaymentMethodChanged`.
    RefingerprintPaymentMethod {
        /// Which.
        id: PaymentMethodId,
        /// The fingerprint that is replaced.
        was: String,
        /// The new one.
        fingerprint: String,
        /// The version that it is of.
        fingerprint_version: u32,
    },
    /// Destroys a version of a merchant's look-up key. Guards: it is there and there is a newer one, and what stays when it
    /// goes is kept by itself, else `KeyMissing`; no row of this merchant needs it, else `KeyNeeded`.
    DestroyLookupKey {
        /// Which version.
        version: u32,
        /// The time it is, in milliseconds since the Unix epoch.
        now_ms: i64,
    },
    /// Gives these rows, of whichever merchant, their hash. No guard: what has one keeps it. For the first start of a vault
    /// that has such hashes, and never after it.
    HashRows(Vec<LivePlace>),
    /// Gives these rows, of whichever merchant, a hash of the version of the key that is written with in place of one of an
    /// older version; nothing else of them changes. No guard: the rows touched tell how many there were. One that is gone
    /// or new by now is left alone, and so is one that is not as the vault wrote it: it stays unbelieved.
    RehashRows(Vec<LivePlace>),
    /// Destroys a version of the key of the rows' hashes; the vault's own. Guards: it is there and there is a newer one, else
    /// `KeyMissing`; no row's hash is of it, else `KeyNeeded`.
    DestroyRowKey {
        /// Which version.
        version: u32,
    },
}
