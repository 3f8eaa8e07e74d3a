//! The token that comes back, and what tokens look like.

use instrument::Kind;

/// A one-time token with what a merchant's page may know of the instrument behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The token itself: spent once, by the merchant's server.
    pub value: String,
    /// What it stands for.
    pub kind: Kind,
    /// The card scheme's id; none for a bank account.
    pub scheme: Option<String>,
    /// Six or eight leading digits of the card number, as the vault's policy allows.
    pub bin: Option<String>,
    /// The last four characters of the card or account number.
    pub last4: String,
    /// Month (1 to 12) and year (four digits) of a card's expiry.
    pub expiry: Option<(u8, u16)>,
    /// When the token ends if it is not spent, as RFC 3339.
    pub expires_at: String,
}

/// What a dialect's one-time tokens look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenFormat {
    /// What each token begins with.
    pub prefix: &'static str,
    /// The characters behind the prefix, each as likely as any other.
    pub alphabet: &'static [u8],
    /// How many characters stand behind the prefix.
    pub length: usize,
    /// How long an unspent token lives, in seconds.
    pub lifetime_secs: u64,
}

impl TokenFormat {
    /// Whether a text has this form. Says nothing of whether such a token was ever issued.
    #[must_use]
    pub fn fits(&self, text: &str) -> bool {
        text.strip_prefix(self.prefix).is_some_and(|rest| {
            rest.len() == self.length && rest.bytes().all(|byte| self.alphabet.contains(&byte))
        })
    }
}
