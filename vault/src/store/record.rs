//! What the store keeps for the vault's own use, and the forms its answers have.

use super::Mark;
use crate::domain::{Address, Customer, PaymentMethod};

/// An answered attempt to issue a token, kept so that a repetition gets the same answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// HMAC of publishable key id and idempotency key.
    pub mac: [u8; 32],
    /// The version of the look-up key that `mac` is of.
    pub lookup_version: u32,
    /// What was asked and answered, encrypted under a key made of the idempotency key itself; gone once
    /// the token is spent or swept.
    pub sealed: Option<Vec<u8>>,
    /// From when on it may be forgotten, in milliseconds since the Unix epoch.
    pub expires_at_ms: i64,
}

/// An answer that is given again when the same is asked again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// HMAC of face and idempotency key.
    pub mac: [u8; 32],
    /// The version of the look-up key that `mac` and `digest` are of.
    pub lookup_version: u32,
    /// Keyed digest of what was asked.
    pub digest: [u8; 32],
    /// The answer, encrypted under a key made of the idempotency key itself.
    pub sealed: Vec<u8>,
    /// From when on it may be forgotten, in milliseconds since the Unix epoch.
    pub expires_at_ms: i64,
}

/// A sealing key pair; the private half is wrapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealingKey {
    /// The key id.
    pub id: [u8; 8],
    /// The number of its suite.
    pub suite: u8,
    /// The private half, wrapped under the key-encryption key.
    pub wrapped: Vec<u8>,
    /// When it was made, in milliseconds since the Unix epoch.
    pub created_at_ms: i64,
    /// From when on browsers may use it, in milliseconds since the Unix epoch.
    pub starts_at_ms: i64,
    /// Until when browsers may use it, in milliseconds since the Unix epoch.
    pub expires_at_ms: i64,
    /// What a root has signed of it, as text; without, no browser is told of it.
    pub statement: Option<String>,
}

/// A data key of a merchant or of the vault, wrapped under the key-encryption key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataKey {
    /// What it is for.
    pub purpose: DataKeyPurpose,
    /// Counts the keys of one purpose.
    pub version: u32,
    /// The wrapped key.
    pub wrapped: Vec<u8>,
    /// When it was made, in milliseconds since the Unix epoch.
    pub created_at_ms: i64,
}

/// What a data key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DataKeyPurpose {
    /// Encryption at rest.
    Encryption,
    /// Keyed hashes: look-ups and fingerprints. Kept apart, so that the encryption key can change
    /// without losing them.
    Lookup,
    /// What stays the same when the look-up key changes: a key for each purpose, by its number in the place of a version.
    Fixed,
    /// The hashes of the audit log; the vault's own.
    Audit,
    /// The hashes of rows; the vault's own.
    Rows,
}

impl DataKeyPurpose {
    /// Every purpose.
    pub const ALL: [Self; 5] = [Self::Encryption, Self::Lookup, Self::Fixed, Self::Audit, Self::Rows];

    /// Those that each merchant has from the beginning.
    pub const OF_MERCHANT: [Self; 2] = [Self::Encryption, Self::Lookup];

    /// The stable name, as it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Encryption => "encryption",
            Self::Lookup => "lookup",
            Self::Fixed => "fixed",
            Self::Audit => "audit",
            Self::Rows => "rows",
        }
    }

    /// Reads the stable name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == text)
    }
}

/// How many rows of a merchant need one version of its look-up key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LookupNeeds {
    /// Tokens, those among them that are over and still told apart from unknown ones.
    pub tokens: u64,
    /// Attempts to issue a token.
    pub attempts: u64,
    /// Answers that are given again.
    pub answers: u64,
    /// API keys that are good.
    pub api_keys: u64,
    /// Payment methods, by their fingerprint.
    pub payment_methods: u64,
}

/// Which part of a list is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// At most so many.
    pub limit: u32,
    /// Where to go on: [`Listed::next`] of the part before, or the id of an item that is still there.
    /// `None` for the beginning.
    pub after: Option<String>,
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next part begins, if there is one. It stays good when the items are deleted.
    pub next: Option<String>,
}

/// A customer with everything it has, as it was at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerRecord {
    /// The customer.
    pub customer: Customer,
    /// All its addresses, oldest first.
    pub addresses: Vec<Address>,
    /// All its payment methods, oldest first.
    pub payment_methods: Vec<PaymentMethod>,
}

/// A part of what a search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<T> {
    /// The items.
    pub items: Vec<T>,
    /// How many fit in all.
    pub total: u64,
}

/// A row that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveRow {
    /// Where it stands.
    pub place: LivePlace,
    /// The name of its table and its key, for a log.
    pub label: String,
    /// The mark of its hash, if it has one.
    pub mark: Option<Mark>,
    /// Whether the hash is the row's.
    pub intact: Intact,
}

/// Whether a row is as the vault wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intact {
    /// Its hash is its own.
    Yes,
    /// It was edited, or its hash was.
    No,
}

/// Where a row stands among all: its table, and its key in there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LivePlace {
    pub(super) table: usize,
    pub(super) key: Vec<KeyCell>,
}

/// A value of a primary key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum KeyCell {
    /// A number.
    Integer(i64),
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// None: as the two behind it, in no row that the vault wrote.
    Null,
    /// What is kept as a text and is none.
    NoText(Vec<u8>),
    /// A number with a fraction, by its bits.
    Fraction(u64),
}
