//! An instrument together with the time it was found to be good.

use instrument::{Draft, Instrument, YearMonth, record};

use super::VaultingError;
use crate::clock;

/// An instrument that was checked, and when.
///
/// A card that was good when it was typed may have expired a moment later. What is kept of it names the
/// moment of the check, and is read back against that one.
#[derive(Debug)]
pub struct Checked {
    instrument: Instrument,
    at_ms: i64,
}

impl Checked {
    /// Checks a draft against the month it still is somewhere on earth.
    pub(super) fn at(draft: Draft, at_ms: i64) -> Result<Self, VaultingError> {
        let (kind, today) = (draft.kind(), month(at_ms)?);
        let instrument =
            draft.finish(today).map_err(|rejected| VaultingError::Rejected { kind, rejected })?;
        Ok(Self { instrument, at_ms })
    }

    /// Reads a record of our own, against the time it was checked at.
    pub(super) fn reread(record: &[u8], at_ms: i64) -> Result<Self, VaultingError> {
        let draft = record::decode(record).map_err(|_| VaultingError::Unreadable)?;
        let instrument = draft.finish(month(at_ms)?).map_err(|_| VaultingError::Unreadable)?;
        Ok(Self { instrument, at_ms })
    }

    /// What was checked; a card may still have its security code.
    #[must_use]
    pub const fn instrument(&self) -> &Instrument {
        &self.instrument
    }

    /// What was checked, without the time.
    #[must_use]
    pub fn into_instrument(self) -> Instrument {
        self.instrument
    }

    /// When it was checked, in milliseconds since the Unix epoch.
    #[must_use]
    pub const fn at_ms(&self) -> i64 {
        self.at_ms
    }

    /// The same without a security code.
    pub(super) fn without_code(self) -> Self {
        let instrument = match self.instrument {
            Instrument::Card(card) => Instrument::Card(card.without_code()),
            Instrument::BankAccount(account) => Instrument::BankAccount(account),
        };
        Self { instrument, at_ms: self.at_ms }
    }
}

fn month(at_ms: i64) -> Result<YearMonth, VaultingError> {
    clock::lenient_month(at_ms).ok_or(VaultingError::NoClock)
}
