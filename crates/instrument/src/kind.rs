//! [`Kind`] and [`Instrument`]: what a shopper can pay with.

use core::fmt;

use crate::bank::BankAccount;
use crate::card::Card;

/// The kind of a payment instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A payment card.
    Card,
    /// A US bank account, debited over the ACH network.
    BankAccount,
}

impl Kind {
    /// The name used on the wire: `card` or `ach`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::BankAccount => "ach",
        }
    }

    /// The kind with this wire name.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "card" => Some(Self::Card),
            "ach" => Some(Self::BankAccount),
            _ => None,
        }
    }
}

/// A valid payment instrument; it exists only if every part of it was checked.
pub enum Instrument {
    /// A payment card.
    Card(Card),
    /// A US bank account.
    BankAccount(BankAccount),
}

impl Instrument {
    /// What kind of instrument this is.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Card(_) => Kind::Card,
            Self::BankAccount(_) => Kind::BankAccount,
        }
    }
}

impl fmt::Debug for Instrument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Card(_) => "Card([REDACTED])",
            Self::BankAccount(_) => "BankAccount([REDACTED])",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways() {
        for kind in [Kind::Card, Kind::BankAccount] {
            assert_eq!(Kind::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(Kind::parse("Card"), None);
        assert_eq!(Kind::parse(""), None);
    }
}
