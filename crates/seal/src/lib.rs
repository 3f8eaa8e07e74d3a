//! The sealed envelope in which an instrument travels from the browser to the vault.
//!
//! The browser seals with [`seal`], which consumes the instrument; the vault opens with [`open`] and
//! gets a [`Draft`](instrument::Draft), that is, something that must be validated again before it is
//! a card or an account. Both sides run these same lines.
//!
//! The scheme is HPKE in base mode (RFC 9180) with X25519, HKDF-SHA256 and ChaCha20-Poly1305; with the feature
//! `x-wing` also with ML-KEM-768 beside X25519: see [`Suite`]. What is sealed is padded to one fixed size, so that the length says nothing about the number or the name.
//! The associated data binds the envelope to everything it was made for: see [`Context`].
//!
//! Which key a browser may seal to is said by a [`Statement`] that the vault's [`Root`] has signed: see [`Signed`].
//!
//! ```
//! use instrument::{CardDraft, Draft, Secret, YearMonth};
//! # struct Counter(u8);
//! # impl seal::rand_core::TryRng for Counter {
//! #     type Error = core::convert::Infallible;
//! #     fn try_next_u32(&mut self) -> Result<u32, Self::Error> { Ok(0) }
//! #     fn try_next_u64(&mut self) -> Result<u64, Self::Error> { Ok(0) }
//! #     fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Self::Error> {
//! #         for byte in to { self.0 = self.0.wrapping_add(1); *byte = self.0; }
//! #         Ok(())
//! #     }
//! # }
//! # impl seal::rand_core::TryCryptoRng for Counter {}
//! # let mut rng = Counter(0);
//! let today = YearMonth::new(2026, 11).unwrap();
//! let draft = CardDraft {
//!     number: Secret::new("4111 1111 1111 1111".to_owned()),
//!     expiry: Secret::new("01/30".to_owned()),
//!     code: None,
//!     holder: None,
//!     preferred_scheme: None,
//! };
//! let card = Draft::Card(draft).finish(today).unwrap();
//!
//! let suite = seal::Suite::X25519;
//! let private = seal::PrivateKey::generate(suite, seal::KeyId::new([7; 8]), &mut rng);
//! let context = seal::Context {
//!     publishable_key: "pk_test_example",
//!     frame_origin: "https://vault.example",
//!     page_origin: "https://shop.example",
//!     kind: instrument::Kind::Card,
//!     idempotency_key: "attempt-0000000001",
//! };
//! let envelope = seal::seal(card, &private.public(), &context, &mut rng).unwrap();
//! let opened = seal::open(&envelope, &private, &context).unwrap();
//! assert!(opened.finish(today).is_ok());
//! ```
#![forbid(unsafe_code)]

mod base64url;
mod context;
mod envelope;
mod key;
pub mod root;
mod sender;
mod signature;
mod statement;
mod suite;

use std::fmt;

use instrument::{Draft, Entry, Kind, Secret, record};
use zeroize::Zeroizing;

pub use context::Context;
pub use envelope::{Envelope, MalformedEnvelope};
pub use hpke::rand_core;
pub use key::{KeyId, MalformedKey, PrivateKey, PublicKey};
pub use root::Root;
pub use statement::{CLOCK_TOLERANCE_MS, COMPONENT, Distrust, MalformedStatement, Signed, Statement, Suites};
pub use suite::Suite;

use envelope::PLAINTEXT_LEN;

/// Seals an instrument, or a security code alone, for the holder of `to`, and consumes it.
///
/// Every call makes a different envelope, because HPKE draws a fresh key pair from `rng`.
///
/// # Errors
///
/// [`SealError::WrongKind`] if the context announces another kind than the entry is, and
/// [`SealError::Key`] if the recipient's key is no usable point; both are mistakes of the
/// program or of the key list, never of the shopper.
pub fn seal(
    entry: impl Into<Entry>,
    to: &PublicKey,
    context: &Context<'_>,
    rng: &mut impl rand_core::CryptoRng,
) -> Result<Envelope, SealError> {
    let entry = entry.into();
    if entry.kind() != context.kind {
        return Err(SealError::WrongKind);
    }
    let mut buffer = Zeroizing::new([0_u8; PLAINTEXT_LEN]);
    pad(&record::encode_entry(&entry), &mut buffer).ok_or(SealError::TooLong)?;
    drop(entry);
    let (enc, tag) = sender::seal_in_place(
        to.half(),
        &suite::info(to.suite(), to.id().bytes()),
        &context.associated_data(to.suite(), to.id()),
        buffer.as_mut_slice(),
        rng,
    )
    .map_err(|_| SealError::Key)?;
    Ok(Envelope::new(to.id(), enc, &buffer, tag))
}

/// Opens an envelope and gives back the draft inside it, which still has to be validated.
///
/// # Errors
///
/// [`OpenError`], one and the same for a wrong key, a changed byte, another context and a sealed
/// text that is no instrument: whoever probes the vault learns nothing from the difference.
pub fn open(envelope: &Envelope, with: &PrivateKey, context: &Context<'_>) -> Result<Draft, OpenError> {
    let record = open_record(envelope, with, context)?;
    let draft = record::decode(unpad(record.as_slice()).ok_or(OpenError)?).map_err(|_| OpenError)?;
    if draft.kind() == context.kind { Ok(draft) } else { Err(OpenError) }
}

/// Opens an envelope that holds a security code alone, which still has to be validated.
///
/// # Errors
///
/// [`OpenError`], as [`open`]; also if the context announces another kind.
pub fn open_code(
    envelope: &Envelope,
    with: &PrivateKey,
    context: &Context<'_>,
) -> Result<Secret<String>, OpenError> {
    if context.kind != Kind::Code {
        return Err(OpenError);
    }
    let record = open_record(envelope, with, context)?;
    record::decode_code(unpad(record.as_slice()).ok_or(OpenError)?).map_err(|_| OpenError)
}

fn open_record(
    envelope: &Envelope,
    with: &PrivateKey,
    context: &Context<'_>,
) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    if envelope.key_id() != with.id() {
        return Err(OpenError);
    }
    // On the heap from the beginning: an array that is given back by value leaves a copy of itself on the stack, where
    // nobody overwrites it.
    let mut buffer = Zeroizing::new(envelope.ciphertext().to_vec());
    suite::open_in_place(
        with.inner(),
        envelope.enc(),
        &suite::info(with.suite(), with.id().bytes()),
        &context.associated_data(with.suite(), with.id()),
        buffer.as_mut_slice(),
        envelope.tag(),
    )
    .map_err(|_| OpenError)?;
    Ok(buffer)
}

/// Why an instrument could not be sealed; the program or the key list is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SealError {
    /// The context names another kind of instrument than the one given.
    WrongKind,
    /// The recipient's public key is no usable point.
    Key,
    /// The encoded instrument is longer than an envelope holds: an internal bug, since
    /// [`record::MAX_LEN`] is smaller.
    TooLong,
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WrongKind => "the context names another kind of instrument than the one to be sealed",
            Self::Key => "the vault's public key is not a usable one",
            Self::TooLong => "the encoded instrument does not fit into an envelope",
        })
    }
}

impl std::error::Error for SealError {}

/// The envelope could not be opened; deliberately without a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenError;

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the envelope cannot be opened with this key and context")
    }
}

impl std::error::Error for OpenError {}

/// Writes a two-byte length and the record into the zeroed buffer.
fn pad(record: &[u8], buffer: &mut [u8; PLAINTEXT_LEN]) -> Option<()> {
    let len = u16::try_from(record.len()).ok()?;
    let (head, body) = buffer.split_first_chunk_mut::<2>()?;
    *head = len.to_be_bytes();
    body.get_mut(..record.len())?.copy_from_slice(record);
    Some(())
}

/// Reads back what [`pad`] wrote; the padding must be zero, so that a plaintext has one form only.
fn unpad(buffer: &[u8]) -> Option<&[u8]> {
    let (head, body) = buffer.split_first_chunk::<2>()?;
    let (record, padding) = body.split_at_checked(usize::from(u16::from_be_bytes(*head)))?;
    padding.iter().all(|byte| *byte == 0).then_some(record)
}

#[cfg(all(test, target_arch = "wasm32"))]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_is_reversible_and_has_one_form() {
        let mut buffer = [0; PLAINTEXT_LEN];
        pad(b"abc", &mut buffer).unwrap();
        assert_eq!(unpad(&buffer), Some(&b"abc"[..]));
        buffer[PLAINTEXT_LEN - 1] = 1;
        assert_eq!(unpad(&buffer), None);
        assert_eq!(unpad(&[0xff; PLAINTEXT_LEN]), None);
        assert!(pad(&[1; PLAINTEXT_LEN - 1], &mut [0; PLAINTEXT_LEN]).is_none());
    }

    #[test]
    fn every_record_fits() {
        const { assert!(record::MAX_LEN + 2 <= PLAINTEXT_LEN) };
    }
}
