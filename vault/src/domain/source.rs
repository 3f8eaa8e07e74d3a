//! What a payment method holds: a card or US bank account of `instrument`, or what only a gateway knows.

use std::fmt;

use instrument::{Instrument, Kind, Secret};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// What a payment method is a method of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MethodKind {
    /// A card.
    Card,
    /// A US bank account.
    BankAccount,
    /// An Australian bank account.
    Bsb,
    /// An agreement with a wallet or another checkout, kept by somebody else.
    Checkout,
}

impl MethodKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Card, Self::BankAccount, Self::Bsb, Self::Checkout];

    /// The stable name, as it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Card => Kind::Card.as_str(),
            Self::BankAccount => Kind::BankAccount.as_str(),
            Self::Bsb => "bsb",
            Self::Checkout => "checkout",
        }
    }
}

impl From<&Instrument> for MethodKind {
    fn from(instrument: &Instrument) -> Self {
        match instrument {
            Instrument::Card(_) => Self::Card,
            Instrument::BankAccount(_) => Self::BankAccount,
        }
    }
}

/// What a payment method holds.
#[derive(Debug)]
pub enum Source {
    /// A card or a US bank account.
    Instrument(Instrument),
    /// An Australian bank account.
    Bsb(BsbAccount),
    /// An agreement kept elsewhere.
    Checkout(CheckoutAgreement),
}

impl Source {
    /// What it is.
    #[must_use]
    pub fn kind(&self) -> MethodKind {
        match self {
            Self::Instrument(instrument) => instrument.into(),
            Self::Bsb(_) => MethodKind::Bsb,
            Self::Checkout(_) => MethodKind::Checkout,
        }
    }
}

/// An Australian bank account: a BSB ("Bank State Branch") of six digits and an account number of up to
/// nine, the lengths of the Australian Payments Network's direct entry format.
pub struct BsbAccount {
    bsb: Secret<String>,
    account_number: Secret<String>,
    account_name: String,
}

/// Which part of an Australian bank account is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BsbRejected {
    /// The BSB has not six digits.
    #[error("a BSB has six digits")]
    Bsb,
    /// The account number has not four to nine digits, or is nothing but zeros.
    #[error("an Australian account number has four to nine digits")]
    AccountNumber,
    /// The name is empty, longer than 32 characters of the format or holds control characters.
    #[error("the name of the account is missing or too long")]
    AccountName,
}

/// The longest name of an account, in characters: that of the direct entry format's title of account.
const ACCOUNT_NAME_MAX_CHARS: usize = 32;

impl BsbAccount {
    /// Reads an account; dashes and spaces among the digits are left out.
    ///
    /// # Errors
    ///
    /// The first part that is wrong.
    pub fn parse(bsb: &str, account_number: &str, account_name: &str) -> Result<Self, BsbRejected> {
        let bsb = digits(bsb).filter(|digits| digits.len() == 6).ok_or(BsbRejected::Bsb)?;
        let account_number = digits(account_number)
            .filter(|digits| (4..=9).contains(&digits.len()) && digits.bytes().any(|digit| digit != b'0'))
            .ok_or(BsbRejected::AccountNumber)?;
        let account_name = account_name.trim();
        let fits = (1..=ACCOUNT_NAME_MAX_CHARS).contains(&account_name.chars().count());
        if !fits || account_name.chars().any(char::is_control) {
            return Err(BsbRejected::AccountName);
        }
        Ok(Self {
            bsb: Secret::new(bsb.to_string()),
            account_number: Secret::new(account_number.to_string()),
            account_name: account_name.to_owned(),
        })
    }

    /// The BSB, which names a branch and nobody's account.
    #[must_use]
    pub fn bsb(&self) -> &str {
        // EXPOSE: a BSB is in public directories.
        self.bsb.expose()
    }

    /// The account number.
    #[must_use]
    pub fn expose(&self) -> &str {
        // EXPOSE: named so that the caller says why.
        self.account_number.expose()
    }

    /// The last four digits of the account number.
    #[must_use]
    pub fn last4(&self) -> &str {
        // EXPOSE: four digits may be shown.
        let number = self.account_number.expose();
        number.get(number.len().saturating_sub(4)..).unwrap_or_default()
    }

    /// The name of the account.
    #[must_use]
    pub fn account_name(&self) -> &str {
        &self.account_name
    }
}

impl fmt::Debug for BsbAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BsbAccount([REDACTED])")
    }
}

fn digits(text: &str) -> Option<Zeroizing<String>> {
    let kept: Zeroizing<String> =
        Zeroizing::new(text.trim().chars().filter(|c| !matches!(c, ' ' | '-')).collect());
    kept.bytes().all(|byte| byte.is_ascii_digit()).then_some(kept)
}

/// An agreement that a wallet or another checkout keeps: what stands for it there, and whose it is.
pub struct CheckoutAgreement {
    token: Secret<String>,
    email: Option<String>,
    holder: Option<String>,
}

impl CheckoutAgreement {
    /// Puts an agreement together.
    #[must_use]
    pub const fn new(token: Secret<String>, email: Option<String>, holder: Option<String>) -> Self {
        Self { token, email, holder }
    }

    /// What stands for the agreement where it is kept.
    #[must_use]
    pub fn expose(&self) -> &str {
        // EXPOSE: named so that the caller says why.
        self.token.expose()
    }

    /// The e-mail address that the agreement was made with.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        self.email.as_deref()
    }

    /// Who made the agreement.
    #[must_use]
    pub fn holder(&self) -> Option<&str> {
        self.holder.as_deref()
    }
}

impl fmt::Debug for CheckoutAgreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CheckoutAgreement([REDACTED])")
    }
}

/// What of an Australian bank account may be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BsbDisplay {
    /// The BSB.
    pub bsb: String,
    /// The last four digits of the account number.
    pub last4: String,
    /// The name of the account.
    pub account_name: String,
}

/// What of an agreement kept elsewhere may be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckoutDisplay {
    /// The e-mail address that the agreement was made with.
    pub email: Option<String>,
    /// Who made it.
    pub holder: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_australian_account_reads_with_its_separators() {
        let account = BsbAccount::parse("062-000", "1234 5678", " Jane Doe ").unwrap();
        assert_eq!(
            (account.bsb(), account.expose(), account.last4(), account.account_name()),
            ("062000", "12345678", "5678", "Jane Doe")
        );
        assert_eq!(format!("{account:?}"), "BsbAccount([REDACTED])");
    }

    #[test]
    fn the_part_that_is_wrong_is_named() {
        let rejected = |bsb, number, name| BsbAccount::parse(bsb, number, name).unwrap_err();
        assert_eq!(rejected("06200", "12345678", "Jane"), BsbRejected::Bsb);
        assert_eq!(rejected("06200x", "12345678", "Jane"), BsbRejected::Bsb);
        for number in ["123", "1234567890", "000000", "12a45"] {
            assert_eq!(rejected("062000", number, "Jane"), BsbRejected::AccountNumber, "{number}");
        }
        for name in ["", "  ", "a\u{7}b", "a name of more than thirty-two chars"] {
            assert_eq!(rejected("062000", "12345678", name), BsbRejected::AccountName, "{name}");
        }
    }
}
