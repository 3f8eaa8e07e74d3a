//! What an envelope holds, and what is kept of it behind a token.

use instrument::card::SecurityCode;
use zeroize::Zeroizing;

use super::{Checked, VaultingError};
use crate::domain::{Display, MandateRecord};

/// What was in an envelope, checked.
pub(super) enum Held {
    /// An instrument.
    Instrument(Checked),
    /// A security code alone, and when it was checked, in milliseconds since the Unix epoch.
    Code(SecurityCode, i64),
}

impl Held {
    /// The instrument.
    ///
    /// # Errors
    ///
    /// [`VaultingError::CodeAlone`] if there is none.
    pub(super) fn into_checked(self) -> Result<Checked, VaultingError> {
        match self {
            Self::Instrument(checked) => Ok(checked),
            Self::Code(..) => Err(VaultingError::CodeAlone),
        }
    }

    /// A copy of the security code.
    pub(super) fn code(&self) -> Option<SecurityCode> {
        match self {
            Self::Instrument(checked) => checked.code(),
            // EXPOSE: it is copied to be compared, or kept in memory.
            Self::Code(code, _) => SecurityCode::parse(code.expose(), None).ok(),
        }
    }

    /// What is kept of it behind a token.
    ///
    /// # Errors
    ///
    /// [`VaultingError::Unreadable`] if it cannot be written, which is an internal bug.
    pub(super) fn behind(&self) -> Result<Behind, VaultingError> {
        match self {
            Self::Instrument(checked) => Behind::of(checked),
            Self::Code(_, at_ms) => {
                // Nothing but that there is one.
                let record = Zeroizing::new(Vec::new());
                Ok(Behind { record, code: self.code(), display: None, mandate: None, at_ms: *at_ms })
            }
        }
    }
}

/// What is kept behind a token.
pub(super) struct Behind {
    /// What is encrypted: no security code is in it.
    pub(super) record: Zeroizing<Vec<u8>>,
    /// The security code, which goes nowhere but into memory.
    pub(super) code: Option<SecurityCode>,
    /// What may be shown; none of a security code alone.
    pub(super) display: Option<Display>,
    /// What the owner of an account agreed to.
    pub(super) mandate: Option<Box<MandateRecord>>,
    /// When it was checked, in milliseconds since the Unix epoch.
    pub(super) at_ms: i64,
}

impl Behind {
    /// What is kept of an instrument.
    ///
    /// # Errors
    ///
    /// [`VaultingError::Unreadable`] if it cannot be written, which is an internal bug.
    pub(super) fn of(checked: &Checked) -> Result<Self, VaultingError> {
        Ok(Self {
            record: checked.record_without_code()?,
            code: checked.code(),
            display: Some(Display::of_source(checked.source())),
            mandate: checked.mandate().cloned().map(Box::new),
            at_ms: checked.at_ms(),
        })
    }
}
