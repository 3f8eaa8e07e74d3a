//! One-time tokens.

use super::{Display, MandateRecord};

/// A stored one-time token; the token itself is only there as a keyed hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// HMAC of the token.
    pub mac: [u8; 32],
    /// The version of the look-up key that `mac` is of.
    pub lookup_version: u32,
    /// The attempt that it answers, whose kept answer goes when this token does.
    pub attempt_mac: Option<[u8; 32]>,
    /// The dialect whose form the token has. Any face of the same merchant may spend it.
    pub dialect: String,
    /// The instrument's record, encrypted under a key made of the token itself; gone once spent or
    /// swept.
    pub sealed: Option<Vec<u8>>,
    /// What may be shown; none of a security code alone, which makes no payment method.
    pub display: Option<Display>,
    /// What the owner of the account agreed to; gone with `sealed`.
    pub mandate: Option<Box<MandateRecord>>,
    /// Where it is in its life.
    pub state: TokenState,
    /// When it was issued, in milliseconds since the Unix epoch.
    pub issued_at_ms: i64,
    /// From when on it cannot be spent, in milliseconds since the Unix epoch.
    pub expires_at_ms: i64,
}

/// Where a token is in its life: issued, then either spent or expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenState {
    /// Can be spent until it expires.
    Issued,
    /// Has been spent.
    Spent,
    /// Was never spent, and its ciphertext has been swept away.
    Expired,
}

impl TokenState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Issued, Self::Spent, Self::Expired];

    /// The stable name, as it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Spent => "spent",
            Self::Expired => "expired",
        }
    }

    /// Reads the stable name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}
