//! The byte form of an instrument: what travels sealed, and what the vault keeps at rest.
//!
//! A version byte, a kind byte, then fields: a tag byte, a length byte, that many bytes. Decoding yields
//! a [`Draft`], not an instrument: bytes prove nothing, so every part is checked again.

use core::fmt;

use zeroize::Zeroizing;

use crate::bank::{BankAccount, BankDraft, Mandate};
use crate::card::{Card, CardDraft, SecurityCode};
use crate::draft::Draft;
use crate::kind::{Entry, Instrument};
use crate::rejected::FieldName;
use crate::secret::Secret;

/// The upper bound of an encoded instrument, in bytes: what fits into an envelope. The longest is a bank account with
/// a mandate: 2 bytes of head, 7 fields of 2 bytes of head each, 9 and 17 of numbers, 8, 8 and 3 of choices, 200 of
/// name, 245 of mandate: 506.
pub const MAX_LEN: usize = 510;

const VERSION: u8 = 1;

const CARD: u8 = 1;
const BANK_ACCOUNT: u8 = 2;
const CODE: u8 = 3;

/// Writes an instrument as bytes; at most [`MAX_LEN`] of them.
pub fn encode(instrument: &Instrument) -> Zeroizing<Vec<u8>> {
    let mut bytes = begun();
    encode_instrument(&mut bytes, instrument);
    bytes
}

/// Writes what a form was filled with as bytes; at most [`MAX_LEN`] of them.
pub fn encode_entry(entry: &Entry) -> Zeroizing<Vec<u8>> {
    let mut bytes = begun();
    match entry {
        Entry::Instrument(instrument) => encode_instrument(&mut bytes, instrument),
        Entry::Code(code) => push_code(&mut bytes, code),
    }
    bytes
}

/// Writes a security code alone as bytes.
pub fn encode_code(code: &SecurityCode) -> Zeroizing<Vec<u8>> {
    let mut bytes = begun();
    push_code(&mut bytes, code);
    bytes
}

/// The version byte, and room for everything at once: a growing buffer would leave copies behind.
fn begun() -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_LEN));
    bytes.push(VERSION);
    bytes
}

fn encode_instrument(bytes: &mut Vec<u8>, instrument: &Instrument) {
    match instrument {
        Instrument::Card(card) => encode_card(bytes, card),
        Instrument::BankAccount(account) => encode_account(bytes, account),
    }
}

/// Reads the bytes of an instrument. The draft must be finished; a stored card with the month in which it
/// was stored.
///
/// # Errors
/// Bytes that [`encode`] does not write.
pub fn decode(bytes: &[u8]) -> Result<Draft, RecordError> {
    let (kind, rest) = head(bytes)?;
    let finish = match kind {
        CARD => Fields::into_card,
        BANK_ACCOUNT => Fields::into_account,
        _ => return Err(RecordError::UnknownKind),
    };
    finish(Fields::read(rest)?).ok_or(RecordError::WrongFields)
}

/// Reads the bytes of a security code alone, which must be checked as one that was typed.
///
/// # Errors
/// Bytes that [`encode_code`] does not write; an instrument's are of an unknown kind here, and the other way round.
pub fn decode_code(bytes: &[u8]) -> Result<Secret<String>, RecordError> {
    let (CODE, rest) = head(bytes)? else { return Err(RecordError::UnknownKind) };
    let mut fields = Fields::read(rest)?;
    let code = fields.take(FieldName::Code).ok_or(RecordError::WrongFields)?;
    if fields.is_used_up() { Ok(code) } else { Err(RecordError::WrongFields) }
}

/// The kind byte, and the fields behind it.
const fn head(bytes: &[u8]) -> Result<(u8, &[u8]), RecordError> {
    match bytes {
        [VERSION, kind, rest @ ..] => Ok((*kind, rest)),
        [_, _, ..] => Err(RecordError::UnknownVersion),
        [] | [_] => Err(RecordError::Truncated),
    }
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

fn push_code(bytes: &mut Vec<u8>, code: &SecurityCode) {
    bytes.push(CODE);
    // EXPOSE: the record is what gets sealed or encrypted.
    push(bytes, FieldName::Code, code.expose());
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
    fn read(mut bytes: &[u8]) -> Result<Self, RecordError> {
        let mut read = Self::default();
        while let [tag, len, rest @ ..] = bytes {
            let (text, rest) = rest.split_at_checked(usize::from(*len)).ok_or(RecordError::Truncated)?;
            bytes = rest;
            if *tag == MANDATE {
                let mandate = Mandate::decode(text).filter(|_| read.mandate.is_none());
                read.mandate = Some(Box::new(mandate.ok_or(RecordError::WrongFields)?));
                continue;
            }
            let text = core::str::from_utf8(text).map_err(|_| RecordError::NotText)?;
            let at = usize::from(*tag).checked_sub(1).ok_or(RecordError::WrongFields)?;
            match read.texts.get_mut(at) {
                Some(place @ None) => *place = Some(Secret::new(text.to_owned())),
                Some(Some(_)) | None => return Err(RecordError::WrongFields),
            }
        }
        if bytes.is_empty() { Ok(read) } else { Err(RecordError::Truncated) }
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
