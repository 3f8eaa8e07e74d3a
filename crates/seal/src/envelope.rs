//! The envelope's bytes and its text form.

use std::fmt;

use crate::{
    base64url,
    key::KeyId,
    suite::{Suite, TAG_LEN, X25519_LEN},
};

#[cfg(feature = "x-wing")]
use crate::suite::X_WING_ENC_LEN;

/// Every plaintext has this many bytes: the longest record (480), its length (2), and room to grow.
pub(crate) const PLAINTEXT_LEN: usize = 512;

/// What else is in an envelope beside the encapsulated key: version, key id, ciphertext, tag.
const FRAME_LEN: usize = 1 + 8 + PLAINTEXT_LEN + TAG_LEN;

/// An instrument sealed for the vault: safe to log, to store and to send, though there is no need to.
///
/// As text it is unpadded base64url of `version (1), key id (8), encapsulated key (32), ciphertext
/// (512), tag (16)`, always 759 characters. The version is the number of the suite: with X-Wing it is 2, the encapsulated
/// key has 1120 bytes, and the text 2210 characters.
#[derive(Clone, PartialEq, Eq)]
pub struct Envelope {
    key_id: KeyId,
    enc: Encapsulated,
    ciphertext: Box<[u8; PLAINTEXT_LEN]>,
    tag: [u8; TAG_LEN],
}

/// What the recipient makes the key of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Encapsulated {
    /// A public key that was made for this one envelope.
    X25519([u8; X25519_LEN]),
    /// A ciphertext of ML-KEM-768, and such a key.
    #[cfg(feature = "x-wing")]
    XWing(Box<[u8; X_WING_ENC_LEN]>),
}

impl Encapsulated {
    const fn suite(&self) -> Suite {
        match self {
            Self::X25519(_) => Suite::X25519,
            #[cfg(feature = "x-wing")]
            Self::XWing(_) => Suite::XWing,
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::X25519(bytes) => bytes,
            #[cfg(feature = "x-wing")]
            Self::XWing(bytes) => bytes.as_slice(),
        }
    }

    /// Takes it from the beginning of these bytes.
    fn split(suite: Suite, bytes: &[u8]) -> Option<(Self, &[u8])> {
        match suite {
            Suite::X25519 => bytes.split_first_chunk().map(|(enc, rest)| (Self::X25519(*enc), rest)),
            #[cfg(feature = "x-wing")]
            Suite::XWing => bytes.split_first_chunk().map(|(enc, rest)| (Self::XWing(Box::new(*enc)), rest)),
        }
    }
}

impl Envelope {
    pub(crate) fn new(
        key_id: KeyId,
        enc: Encapsulated,
        ciphertext: &[u8; PLAINTEXT_LEN],
        tag: [u8; TAG_LEN],
    ) -> Self {
        Self { key_id, enc, ciphertext: Box::new(*ciphertext), tag }
    }

    /// The sealing key this was made for.
    #[must_use]
    pub const fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// The suite it is sealed with.
    #[must_use]
    pub const fn suite(&self) -> Suite {
        self.enc.suite()
    }

    /// The text form.
    #[must_use]
    pub fn to_text(&self) -> String {
        let enc = self.enc.bytes();
        let mut bytes = Vec::with_capacity(FRAME_LEN + enc.len());
        bytes.push(self.suite().number());
        bytes.extend_from_slice(self.key_id.bytes());
        bytes.extend_from_slice(enc);
        bytes.extend_from_slice(self.ciphertext.as_slice());
        bytes.extend_from_slice(&self.tag);
        base64url::encode(&bytes)
    }

    /// Reads the text form.
    ///
    /// # Errors
    ///
    /// [`MalformedEnvelope`] if it is not base64url, has another length, or the number of a suite that this build does not
    /// speak.
    pub fn from_text(text: &str) -> Result<Self, MalformedEnvelope> {
        base64url::decode_all(text).and_then(|bytes| Self::from_bytes(&bytes)).ok_or(MalformedEnvelope)
    }

    pub(crate) const fn enc(&self) -> &Encapsulated {
        &self.enc
    }

    pub(crate) const fn ciphertext(&self) -> &[u8; PLAINTEXT_LEN] {
        &self.ciphertext
    }

    pub(crate) const fn tag(&self) -> &[u8; TAG_LEN] {
        &self.tag
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (version, rest) = bytes.split_first()?;
        let (key_id, rest) = rest.split_first_chunk()?;
        let (enc, rest) = Encapsulated::split(Suite::from_number(*version)?, rest)?;
        let (ciphertext, rest) = rest.split_first_chunk()?;
        Some(Self::new(KeyId::new(*key_id), enc, ciphertext, rest.try_into().ok()?))
    }
}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Envelope(to {:?})", self.key_id)
    }
}

/// A text that is no envelope of a known suite; says nothing of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MalformedEnvelope;

impl fmt::Display for MalformedEnvelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an envelope is 759 characters of base64url, or 2210 with X-Wing")
    }
}

impl std::error::Error for MalformedEnvelope {}

#[cfg(test)]
mod tests {
    use super::*;

    fn envelopes() -> Vec<(Envelope, usize)> {
        let of = |enc| Envelope::new(KeyId::new([3; 8]), enc, &[5; PLAINTEXT_LEN], [6; 16]);
        vec![
            (of(Encapsulated::X25519([4; X25519_LEN])), 759),
            #[cfg(feature = "x-wing")]
            (of(Encapsulated::XWing(Box::new([4; X_WING_ENC_LEN]))), 2210),
        ]
    }

    #[test]
    fn text_form_is_reversible_and_checked() {
        for (envelope, length) in envelopes() {
            let text = envelope.to_text();
            assert_eq!(text.len(), length);
            assert!(Envelope::from_text(&text).unwrap() == envelope);
            assert_eq!(Envelope::from_text(text.get(1..).unwrap()), Err(MalformedEnvelope));
            assert_eq!(Envelope::from_text(&format!("{text}A")), Err(MalformedEnvelope));
            assert_eq!(Envelope::from_text(&format!("{text}AA")), Err(MalformedEnvelope));
            // The first two characters hold the version: none, that of the other suite, and that of no suite.
            for version in ["AA", if envelope.suite() == Suite::X25519 { "Ag" } else { "AQ" }, "Aw"] {
                let other = format!("{version}{}", text.get(2..).unwrap());
                assert_eq!(Envelope::from_text(&other), Err(MalformedEnvelope), "{version}");
            }
            assert_eq!(Envelope::from_text(&text.replace('B', "+")), Err(MalformedEnvelope));
        }
    }
}
