//! The token that comes back, and what tokens look like.

use instrument::{Instrument, Kind};

/// What stands for an instrument, with what a merchant's page may know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The token itself, for the merchant's server.
    pub value: String,
    /// What may be shown of the instrument.
    pub shown: Shown,
    /// When the token ends if it is not spent, as RFC 3339; none if it does not end, or the gateway does not
    /// say.
    pub expires_at: Option<String>,
}

/// What a merchant's page may know of an instrument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Card, bank account or security code.
    pub kind: Kind,
    /// The card scheme's id; none for a bank account.
    pub scheme: Option<String>,
    /// Six or eight leading digits of the card number, as the vault's policy allows.
    pub bin: Option<String>,
    /// The last four characters of the card or account number; empty for a security code.
    pub last4: String,
    /// Month (1 to 12) and year (four digits) of a card's expiry.
    pub expiry: Option<(u8, u16)>,
}

impl Shown {
    /// What may be shown of an instrument.
    #[must_use]
    pub fn of(instrument: &Instrument) -> Self {
        match instrument {
            Instrument::Card(card) => Self {
                kind: Kind::Card,
                scheme: Some(card.number().scheme().id.to_owned()),
                bin: Some(card.number().bin().to_owned()),
                last4: card.number().last4().to_owned(),
                expiry: Some((card.expiry().month(), card.expiry().year())),
            },
            Instrument::BankAccount(account) => Self {
                kind: Kind::BankAccount,
                scheme: None,
                bin: None,
                last4: account.account().last4().to_owned(),
                expiry: None,
            },
        }
    }
}

/// What a dialect's tokens look like and how long they live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenFormat {
    /// How they are written.
    pub shape: TokenShape,
    /// How long they live.
    pub lifetime: Lifetime,
}

/// How a token is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenShape {
    /// Characters behind a prefix.
    Text {
        /// What each token begins with.
        prefix: &'static str,
        /// The characters behind the prefix, each as likely as any other.
        alphabet: &'static [u8],
        /// How many characters stand behind the prefix.
        length: usize,
    },
    /// A random UUID (RFC 9562, version 4), in lower case with dashes.
    Uuid,
}

/// How long a token lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// So many seconds, if nobody spends it before.
    Secs(u64),
    /// For ever: it is the id of a payment method.
    Permanent,
}

impl TokenShape {
    /// Whether a text has this form. Says nothing of whether such a token was ever issued.
    #[must_use]
    pub fn fits(&self, text: &str) -> bool {
        match self {
            Self::Text { prefix, alphabet, length } => text.strip_prefix(prefix).is_some_and(|rest| {
                rest.len() == *length && rest.bytes().all(|byte| alphabet.contains(&byte))
            }),
            Self::Uuid => {
                let groups = [8, 4, 4, 4, 12];
                let mut parts = text.split('-');
                groups.iter().all(|length| {
                    parts.next().is_some_and(|part| {
                        part.len() == *length
                            && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
                    })
                }) && parts.next().is_none()
            }
        }
    }

    /// How many random bits a token of this form holds, rounded down.
    #[must_use]
    pub fn random_bits(&self) -> u32 {
        match self {
            Self::Text { alphabet, length, .. } => {
                let symbols = u32::try_from(alphabet.len()).unwrap_or(u32::MAX);
                let length = u16::try_from(*length).unwrap_or(u16::MAX);
                // Far below what a float holds exactly.
                (f64::from(symbols).log2() * f64::from(length)) as u32
            }
            // Version and variant take six of the 128.
            Self::Uuid => 122,
        }
    }
}
