//! What a payment method can be made of, together with the time it was found to be good.

use instrument::bank::{Mandate, SecCode};
use instrument::card::{CardPolicy, SecurityCode};
use instrument::{Draft, FieldName, Instrument, Kind, Rejected, YearMonth, record};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use super::VaultingError;
use crate::{
    clock,
    domain::{BsbAccount, CheckoutAgreement, Display, MandateRecord, MethodKind, SessionTerms, Source},
};

/// A source that was checked, and when.
///
/// A card that was good when it was typed may have expired a moment later. What is kept of it names the
/// moment of the check, and is read back against that one.
#[derive(Debug)]
pub struct Checked {
    source: Source,
    mandate: Option<Box<MandateRecord>>,
    session: Option<Box<SessionTerms>>,
    at_ms: i64,
}

impl Checked {
    /// Checks a draft against the month it still is somewhere on earth.
    pub(super) fn at(draft: Draft, at_ms: i64) -> Result<Self, VaultingError> {
        let (kind, today) = (draft.kind(), month(at_ms)?);
        let instrument = draft
            .finish_under(today, &CardPolicy::LENIENT)
            .map_err(|rejected| VaultingError::Rejected { kind, rejected })?;
        let mandate = agreed(&instrument)
            .map(|(mandate, class)| MandateRecord::take(mandate, class, at_ms).map(Box::new));
        let mandate = mandate.transpose().map_err(VaultingError::Mandate)?;
        Ok(Self { source: Source::Instrument(instrument), mandate, session: None, at_ms })
    }

    /// Takes a source that cannot be anything but good.
    pub(super) const fn source_at(source: Source, at_ms: i64) -> Self {
        Self { source, mandate: None, session: None, at_ms }
    }

    /// Reads a record of our own, against the time it was checked at. What is kept of an agreement must be what was
    /// sealed with the account.
    pub(super) fn reread(
        kind: MethodKind,
        record: &[u8],
        mandate: Option<Box<MandateRecord>>,
        at_ms: i64,
    ) -> Result<Self, VaultingError> {
        let unreadable = |_| VaultingError::Unreadable;
        let source = match kind {
            MethodKind::Card | MethodKind::BankAccount => {
                let draft = record::decode(record).map_err(|_| VaultingError::Unreadable)?;
                let checked = draft.finish_under(month(at_ms)?, &CardPolicy::LENIENT);
                Source::Instrument(checked.map_err(|_| VaultingError::Unreadable)?)
            }
            MethodKind::Bsb => {
                let kept: KeptBsb = serde_json::from_slice(record).map_err(unreadable)?;
                let account = BsbAccount::parse(&kept.bsb, &kept.account_number, &kept.account_name);
                Source::Bsb(account.map_err(|_| VaultingError::Unreadable)?)
            }
            MethodKind::Checkout => {
                let mut kept: KeptCheckout = serde_json::from_slice(record).map_err(unreadable)?;
                let token = instrument::Secret::new(std::mem::take(&mut kept.token));
                Source::Checkout(CheckoutAgreement::new(token, kept.email.take(), kept.holder.take()))
            }
        };
        let sealed = match &source {
            Source::Instrument(instrument) => agreed(instrument),
            Source::Bsb(_) | Source::Checkout(_) => None,
        };
        match (sealed, &mandate) {
            (None, None) => {}
            (Some((sealed, class)), Some(kept)) if kept.is_of(sealed, class) => {}
            (Some(_) | None, Some(_) | None) => return Err(VaultingError::Unreadable),
        }
        Ok(Self { source, mandate, session: None, at_ms })
    }

    /// The bytes that are sealed and kept of it: all but a security code.
    pub(super) fn record_without_code(&self) -> Result<Zeroizing<Vec<u8>>, VaultingError> {
        let record = self.record()?;
        if self.code().is_none() {
            return Ok(record);
        }
        let again = Self::reread(self.source.kind(), &record, self.mandate.clone(), self.at_ms)?;
        again.without_code().record()
    }

    /// A copy of the security code.
    pub(super) fn code(&self) -> Option<SecurityCode> {
        match &self.source {
            // EXPOSE: it is copied to be kept in memory.
            Source::Instrument(Instrument::Card(card)) => {
                SecurityCode::parse(card.code()?.expose(), None).ok()
            }
            Source::Instrument(Instrument::BankAccount(_)) | Source::Bsb(_) | Source::Checkout(_) => None,
        }
    }

    /// The bytes that are sealed and kept of it.
    pub(super) fn record(&self) -> Result<Zeroizing<Vec<u8>>, VaultingError> {
        let unwritable = |_| VaultingError::Unreadable;
        // EXPOSE: what is kept is sealed before it goes anywhere.
        match &self.source {
            Source::Instrument(instrument) => Ok(record::encode(instrument)),
            Source::Bsb(account) => serde_json::to_vec(&KeptBsb {
                bsb: account.bsb().to_owned(),
                account_number: account.expose().to_owned(),
                account_name: account.account_name().to_owned(),
            })
            .map(Zeroizing::new)
            .map_err(unwritable),
            Source::Checkout(agreement) => serde_json::to_vec(&KeptCheckout {
                token: agreement.expose().to_owned(),
                email: agreement.email().map(str::to_owned),
                holder: agreement.holder().map(str::to_owned),
            })
            .map(Zeroizing::new)
            .map_err(unwritable),
        }
    }

    /// What was checked; a card may still have its security code.
    #[must_use]
    pub const fn source(&self) -> &Source {
        &self.source
    }

    /// The card or US bank account, if it is one.
    #[must_use]
    pub const fn instrument(&self) -> Option<&Instrument> {
        match &self.source {
            Source::Instrument(instrument) => Some(instrument),
            Source::Bsb(_) | Source::Checkout(_) => None,
        }
    }

    /// The card or US bank account, if it is one, without the time.
    #[must_use]
    pub fn into_instrument(self) -> Option<Instrument> {
        match self.source {
            Source::Instrument(instrument) => Some(instrument),
            Source::Bsb(_) | Source::Checkout(_) => None,
        }
    }

    /// What the owner of the account agreed to, if a text was shown.
    #[must_use]
    pub fn mandate(&self) -> Option<&MandateRecord> {
        self.mandate.as_deref()
    }

    /// The same, entered in a checkout session.
    #[must_use]
    pub(super) fn in_session(mut self, terms: Option<SessionTerms>) -> Self {
        self.session = terms.map(Box::new);
        self
    }

    /// The checkout session in which it was entered, if there was one.
    #[must_use]
    pub fn session(&self) -> Option<&SessionTerms> {
        self.session.as_deref()
    }

    /// What may be shown of it.
    #[must_use]
    pub(super) fn display(&self) -> Display {
        Display::of_source(&self.source).in_session(self.session().cloned())
    }

    /// When it was checked, in milliseconds since the Unix epoch.
    #[must_use]
    pub const fn at_ms(&self) -> i64 {
        self.at_ms
    }

    /// The same card with a security code that was asked for again.
    pub(super) fn with_code(self, code: &SecurityCode) -> Result<Self, VaultingError> {
        let Source::Instrument(Instrument::Card(card)) = self.source else {
            return Err(VaultingError::MethodWithoutCode);
        };
        let card = card.with_code(code).map_err(|reason| {
            let rejected = Rejected { field: FieldName::Code, reason };
            VaultingError::Rejected { kind: Kind::Code, rejected }
        })?;
        Ok(Self { source: Source::Instrument(Instrument::Card(card)), ..self })
    }

    /// The same without a security code.
    pub(super) fn without_code(self) -> Self {
        let source = match self.source {
            Source::Instrument(Instrument::Card(card)) => {
                Source::Instrument(Instrument::Card(card.without_code()))
            }
            source @ (Source::Instrument(Instrument::BankAccount(_))
            | Source::Bsb(_)
            | Source::Checkout(_)) => source,
        };
        Self { source, ..self }
    }
}

/// What is kept of an Australian bank account.
#[derive(Serialize, Deserialize)]
struct KeptBsb {
    bsb: String,
    account_number: String,
    account_name: String,
}

impl Drop for KeptBsb {
    fn drop(&mut self) {
        self.account_number.zeroize();
    }
}

/// What is kept of an agreement that is kept elsewhere.
#[derive(Serialize, Deserialize)]
struct KeptCheckout {
    token: String,
    email: Option<String>,
    holder: Option<String>,
}

impl Drop for KeptCheckout {
    fn drop(&mut self) {
        self.token.zeroize();
    }
}

/// What was sealed of an agreement, and the entry class that its hash is of.
fn agreed(instrument: &Instrument) -> Option<(&Mandate, SecCode)> {
    match instrument {
        Instrument::BankAccount(account) => Some((account.mandate()?, account.sec_code())),
        Instrument::Card(_) => None,
    }
}

fn month(at_ms: i64) -> Result<YearMonth, VaultingError> {
    clock::lenient_month(at_ms).ok_or(VaultingError::NoClock)
}
