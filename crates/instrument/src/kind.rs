//! [`Kind`], [`Instrument`] and [`Entry`]: what a shopper can pay with, and what a form is filled with.

use core::fmt;

use crate::bank::BankAccount;
use crate::card::{Card, SecurityCode};

/// What a form asks for: a payment instrument, or a part of one that is stored already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A payment card.
    Card,
    /// A US bank account, debited over the ACH network.
    BankAccount,
    /// The security code alone of a card that is stored already.
    Code,
}

impl Kind {
    /// The name used on the wire: `card`, `ach` or `code`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::BankAccount => "ach",
            Self::Code => "code",
        }
    }

    /// The kind with this wire name.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "card" => Some(Self::Card),
            "ach" => Some(Self::BankAccount),
            "code" => Some(Self::Code),
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

/// What a form was filled with, valid: what a browser seals.
#[derive(Debug)]
pub enum Entry {
    /// A payment instrument.
    Instrument(Instrument),
    /// The security code alone of a card that is stored already. It cannot pay.
    Code(SecurityCode),
}

impl Entry {
    /// What kind of entry this is.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Instrument(instrument) => instrument.kind(),
            Self::Code(_) => Kind::Code,
        }
    }
}

impl From<Instrument> for Entry {
    fn from(instrument: Instrument) -> Self {
        Self::Instrument(instrument)
    }
}

impl From<SecurityCode> for Entry {
    fn from(code: SecurityCode) -> Self {
        Self::Code(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways() {
        for kind in [Kind::Card, Kind::BankAccount, Kind::Code] {
            assert_eq!(Kind::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(Kind::parse("Card"), None);
        assert_eq!(Kind::parse(""), None);
    }
}
