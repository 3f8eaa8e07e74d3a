//! [`Draft`]: an instrument as somebody entered it, before it was checked.

use crate::bank::BankDraft;
use crate::card::{CardDraft, CardPolicy};
use crate::kind::{Instrument, Kind};
use crate::month::YearMonth;
use crate::rejected::Rejected;

/// An unchecked instrument; [`Draft::finish`] is the only way from here to an [`Instrument`].
#[derive(Debug)]
pub enum Draft {
    /// An unchecked card.
    Card(CardDraft),
    /// An unchecked bank account.
    BankAccount(BankDraft),
}

impl Draft {
    /// What kind of instrument this wants to be.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Card(_) => Kind::Card,
            Self::BankAccount(_) => Kind::BankAccount,
        }
    }

    /// Checks every part.
    ///
    /// # Errors
    /// The first field that is wrong, in the order of [`crate::FieldName::ALL`], and why.
    pub fn finish(self, today: YearMonth) -> Result<Instrument, Rejected> {
        self.finish_under(today, &CardPolicy::DEFAULT)
    }

    /// Checks every part, a card's under a merchant's policy.
    ///
    /// # Errors
    /// The first field that is wrong, in the order of [`crate::FieldName::ALL`], and why.
    pub fn finish_under(self, today: YearMonth, policy: &CardPolicy) -> Result<Instrument, Rejected> {
        match self {
            Self::Card(draft) => draft.finish_under(today, policy).map(Instrument::Card),
            Self::BankAccount(draft) => draft.finish().map(Instrument::BankAccount),
        }
    }
}
