//! What an envelope holds, and what is kept of it behind a token.

use instrument::card::SecurityCode;
use zeroize::Zeroizing;

use super::{Checked, VaultingError};
use crate::domain::{Display, MandateRecord, SessionTerms};

/// What was in an envelope, checked.
pub(super) enum Held {
    /// An instrument.
    Instrument(Checked),
    /// A security code alone.
    Code(Alone),
}

/// A security code alone, checked.
pub(super) struct Alone {
    /// The code.
    pub(super) code: SecurityCode,
    /// The checkout session in which it was entered.
    pub(super) session: Option<SessionTerms>,
    /// When it was checked, in milliseconds since the Unix epoch.
    pub(super) at_ms: i64,
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
            Self::Code(_) => Err(VaultingError::CodeAlone),
        }
    }

    /// The same, entered in a checkout session.
    pub(super) fn in_session(self, terms: Option<SessionTerms>) -> Self {
        match self {
            Self::Instrument(checked) => Self::Instrument(checked.in_session(terms)),
            Self::Code(alone) => Self::Code(Alone { session: terms, ..alone }),
        }
    }

    /// A copy of the security code.
    pub(super) fn code(&self) -> Option<SecurityCode> {
        match self {
            Self::Instrument(checked) => checked.code(),
            // EXPOSE: it is copied to be compared, or kept in memory.
            Self::Code(alone) => SecurityCode::parse(alone.code.expose(), None).ok(),
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
            Self::Code(Alone { session, at_ms, .. }) => {
                let record = Zeroizing::new(code_record(session.as_ref())?);
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
            display: Some(checked.display()),
            mandate: checked.mandate().cloned().map(Box::new),
            at_ms: checked.at_ms(),
        })
    }
}

/// What is kept behind the token of a code alone: nothing but that there is one, and the session it was entered in.
fn code_record(session: Option<&SessionTerms>) -> Result<Vec<u8>, VaultingError> {
    session.map_or(Ok(Vec::new()), |terms| serde_json::to_vec(terms).map_err(|_| VaultingError::Unreadable))
}

/// The session in what is kept behind the token of a code alone.
///
/// # Errors
///
/// [`VaultingError::Unreadable`] if it is none of ours.
pub(super) fn session_of_code(record: &[u8]) -> Result<Option<SessionTerms>, VaultingError> {
    if record.is_empty() {
        return Ok(None);
    }
    serde_json::from_slice(record).map(Some).map_err(|_| VaultingError::Unreadable)
}
