//! The byte form of an instrument: what travels sealed, and what the vault keeps at rest.
//!
//! A version byte, a kind byte, then fields: a tag byte, a length byte, that many bytes. Decoding yields
//! a [`Draft`], not an instrument: bytes prove nothing, so every part is checked again.

use core::fmt;

use zeroize::Zeroizing;

use crate::bank::{BankAccount, BankDraft, Mandate};
use crate::card::{Card, CardDraft};
use crate::draft::Draft;
use crate::kind::{Instrument, Kind};
use crate::rejected::FieldName;
use crate::secret::Secret;

/// The upper bound of an encoded instrument, in bytes: what fits into an envelope. The longest is a bank account with
/// a mandate: 2 bytes of head, 7 fields of 2 bytes of head each, 9 and 17 of numbers, 8, 8 and 3 of choices, 200 of
/// name, 245 of mandate: 506.
pub const MAX_LEN: usize = 510;

const VERSION: u8 = 1;

const CARD: u8 = 1;
const BANK_ACCOUNT: u8 = 2;

/// Writes an instrument as bytes; at most [`MAX_LEN`] of them.
pub fn encode(instrument: &Instrument) -> Zeroizing<Vec<u8>> {
    // Room for everything at once: a growing buffer would leave copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_LEN));
    bytes.push(VERSION);
    match instrument {
        Instrument::Card(card) => encode_card(&mut bytes, card),
        Instrument::BankAccount(account) => encode_account(&mut bytes, account),
    }
    bytes
}

/// Reads the bytes of an instrument. The draft must be finished; a stored card with the month in which it
/// was stored.
///
/// # Errors
/// Bytes that [`encode`] does not write.
pub fn decode(bytes: &[u8]) -> Result<Draft, RecordError> {
    let [version, kind, rest @ ..] = bytes else { return Err(RecordError::Truncated) };
    if *version != VERSION {
        return Err(RecordError::UnknownVersion);
    }
    let kind = match *kind {
        CARD => Kind::Card,
        BANK_ACCOUNT => Kind::BankAccount,
        _ => return Err(RecordError::UnknownKind),
    };
    let mut fields = Fields::default();
    fields.read(rest)?;
    match kind {
        Kind::Card => fields.into_card(),
        Kind::BankAccount => fields.into_account(),
    }
    .ok_or(RecordError::WrongFields)
}

/// Why bytes are no instrument. It never holds any of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordError {
    /// The bytes end in the middle.
    Truncated,
    /// A later version of this crate wrote them.
    UnknownVersion,
    /// A kind of instrument that this version does not know.
    UnknownKind,
    /// A field is missing, there twice, unknown, or of the other kind.
    WrongFields,
    /// A field is not UTF-8.
    NotText,
}

impl RecordError {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Truncated => "record_truncated",
            Self::UnknownVersion => "record_version",
            Self::UnknownKind => "record_kind",
            Self::WrongFields => "record_fields",
            Self::NotText => "record_text",
        }
    }

    /// Who can mend it: `internal`, since only this crate writes records.
    pub const fn classification(self) -> &'static str {
        "internal"
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Truncated => "the record ends in the middle",
            Self::UnknownVersion => "the record has a version that is not known here: update this program",
            Self::UnknownKind => "the record holds a kind of instrument that is not known here",
            Self::WrongFields => "the record's fields are not those of its kind",
            Self::NotText => "a field of the record is not UTF-8",
        })
    }
}

impl core::error::Error for RecordError {}

/// The tag byte of a mandate, which is no text.
const MANDATE: u8 = 10;

/// The highest tag byte of a field.
const LAST_FIELD: usize = 11;

/// The tag byte of each field; part of the stored format, never to be changed. What is only of the form has none.
const fn tag(name: FieldName) -> u8 {
    match name {
        FieldName::AccountNumberConfirmation | FieldName::Consent => 0,
        FieldName::Number => 1,
        FieldName::Expiry => 2,
        FieldName::Code => 3,
        FieldName::Holder => 4,
        FieldName::RoutingNumber => 5,
        FieldName::AccountNumber => 6,
        FieldName::AccountType => 7,
        FieldName::AccountHolderType => 8,
        FieldName::SecCode => 9,
        FieldName::PreferredScheme => 11,
    }
}

fn encode_card(bytes: &mut Vec<u8>, card: &Card) {
    bytes.push(CARD);
    // EXPOSE: the record is what gets sealed or encrypted.
    push(bytes, FieldName::Number, card.number().expose());
    push(bytes, FieldName::Expiry, &card.expiry().to_text());
    if let Some(code) = card.code() {
        push(bytes, FieldName::Code, code.expose());
    }
    if let Some(holder) = card.holder() {
        push(bytes, FieldName::Holder, holder.as_str());
    }
    if let Some(scheme) = card.preferred_scheme() {
        push(bytes, FieldName::PreferredScheme, scheme.id);
    }
}

fn encode_account(bytes: &mut Vec<u8>, account: &BankAccount) {
    bytes.push(BANK_ACCOUNT);
    // EXPOSE: the record is what gets sealed or encrypted.
    push(bytes, FieldName::RoutingNumber, account.routing().expose());
    push(bytes, FieldName::AccountNumber, account.account().expose());
    push(bytes, FieldName::AccountType, account.account_type().as_str());
    push(bytes, FieldName::AccountHolderType, account.holder_type().as_str());
    push(bytes, FieldName::SecCode, account.sec_code().as_str());
    if let Some(holder) = account.holder() {
        push(bytes, FieldName::Holder, holder.as_str());
    }
    if let Some(mandate) = account.mandate() {
        bytes.extend_from_slice(&[MANDATE, 0]);
        let at = bytes.len();
        mandate.encode(bytes);
        let len = (bytes.len() - at) as u8;
        if let Some(place) = bytes.get_mut(at - 1) {
            *place = len;
        }
    }
}

/// Appends a field. Every part of an instrument is shorter than 256 bytes by its own rules.
fn push(bytes: &mut Vec<u8>, name: FieldName, text: &str) {
    bytes.push(tag(name));
    bytes.push(text.len() as u8);
    bytes.extend_from_slice(text.as_bytes());
}

/// The fields read so far, by tag.
#[derive(Default)]
struct Fields {
    texts: [Option<Secret<String>>; LAST_FIELD],
    mandate: Option<Box<Mandate>>,
}

impl Fields {
    fn read(&mut self, mut bytes: &[u8]) -> Result<(), RecordError> {
        while let [tag, len, rest @ ..] = bytes {
            let (text, rest) = rest.split_at_checked(usize::from(*len)).ok_or(RecordError::Truncated)?;
            bytes = rest;
            if *tag == MANDATE {
                let mandate = Mandate::decode(text).filter(|_| self.mandate.is_none());
                self.mandate = Some(Box::new(mandate.ok_or(RecordError::WrongFields)?));
                continue;
            }
            let text = core::str::from_utf8(text).map_err(|_| RecordError::NotText)?;
            let at = usize::from(*tag).checked_sub(1).ok_or(RecordError::WrongFields)?;
            match self.texts.get_mut(at) {
                Some(place @ None) => *place = Some(Secret::new(text.to_owned())),
                Some(Some(_)) | None => return Err(RecordError::WrongFields),
            }
        }
        if bytes.is_empty() { Ok(()) } else { Err(RecordError::Truncated) }
    }

    fn take(&mut self, name: FieldName) -> Option<Secret<String>> {
        self.texts.get_mut(usize::from(tag(name)).checked_sub(1)?)?.take()
    }

    fn take_text(&mut self, name: FieldName) -> Option<String> {
        // EXPOSE: only for the choices, which are no secret.
        self.take(name).map(|text| text.expose().clone())
    }

    fn is_used_up(&self) -> bool {
        self.mandate.is_none() && self.texts.iter().all(Option::is_none)
    }

    fn into_card(mut self) -> Option<Draft> {
        let draft = CardDraft {
            number: self.take(FieldName::Number)?,
            expiry: self.take(FieldName::Expiry)?,
            code: self.take(FieldName::Code),
            holder: self.take(FieldName::Holder),
            preferred_scheme: self.take_text(FieldName::PreferredScheme),
        };
        self.is_used_up().then_some(Draft::Card(draft))
    }

    fn into_account(mut self) -> Option<Draft> {
        let draft = BankDraft {
            routing_number: self.take(FieldName::RoutingNumber)?,
            account_number: self.take(FieldName::AccountNumber)?,
            account_type: self.take_text(FieldName::AccountType)?,
            account_holder_type: self.take_text(FieldName::AccountHolderType),
            holder: self.take(FieldName::Holder),
            sec_code: self.take_text(FieldName::SecCode),
            mandate: self.mandate.take(),
        };
        self.is_used_up().then_some(Draft::BankAccount(draft))
    }
}
