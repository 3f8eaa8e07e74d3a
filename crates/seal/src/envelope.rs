//! The envelope's bytes and its text form.

use std::fmt;

use crate::{
    base64url,
    key::KeyId,
    suite::{ENC_LEN, TAG_LEN},
};

/// The only version there is; a second one would be a second suite.
pub(crate) const VERSION: u8 = 1;

/// Every plaintext has this many bytes: the longest record (480), its length (2), and room to grow.
pub(crate) const PLAINTEXT_LEN: usize = 512;

/// Version, key id, encapsulated key, ciphertext, tag.
const LEN: usize = 1 + 8 + ENC_LEN + PLAINTEXT_LEN + TAG_LEN;

/// An instrument sealed for the vault: safe to log, to store and to send, though there is no need to.
///
/// As text it is unpadded base64url of `version (1), key id (8), encapsulated key (32), ciphertext
/// (512), tag (16)`, always 759 characters.
#[derive(Clone, PartialEq, Eq)]
pub struct Envelope {
    key_id: KeyId,
    enc: [u8; ENC_LEN],
    ciphertext: Box<[u8; PLAINTEXT_LEN]>,
    tag: [u8; TAG_LEN],
}

impl Envelope {
    pub(crate) fn new(
        key_id: KeyId,
        enc: [u8; ENC_LEN],
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

    /// The text form.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut bytes = Vec::with_capacity(LEN);
        bytes.push(VERSION);
        bytes.extend_from_slice(self.key_id.bytes());
        bytes.extend_from_slice(&self.enc);
        bytes.extend_from_slice(self.ciphertext.as_slice());
        bytes.extend_from_slice(&self.tag);
        base64url::encode(&bytes)
    }

    /// Reads the text form.
    ///
    /// # Errors
    ///
    /// [`MalformedEnvelope`] if it is not base64url, has another length, or another version.
    pub fn from_text(text: &str) -> Result<Self, MalformedEnvelope> {
        base64url::decode(text).and_then(|bytes| Self::from_bytes(&bytes)).ok_or(MalformedEnvelope)
    }

    pub(crate) const fn enc(&self) -> &[u8; ENC_LEN] {
        &self.enc
    }

    pub(crate) const fn ciphertext(&self) -> &[u8; PLAINTEXT_LEN] {
        &self.ciphertext
    }

    pub(crate) const fn tag(&self) -> &[u8; TAG_LEN] {
        &self.tag
    }

    fn from_bytes(bytes: &[u8; LEN]) -> Option<Self> {
        let (version, rest) = bytes.split_first()?;
        let (key_id, rest) = rest.split_first_chunk()?;
        let (enc, rest) = rest.split_first_chunk()?;
        let (ciphertext, rest) = rest.split_first_chunk()?;
        let tag = rest.first_chunk()?;
        (*version == VERSION).then(|| Self::new(KeyId::new(*key_id), *enc, ciphertext, *tag))
    }
}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Envelope(to {:?})", self.key_id)
    }
}

/// A text that is no envelope of this version; says nothing of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MalformedEnvelope;

impl fmt::Display for MalformedEnvelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an envelope of version {VERSION} is {} characters of base64url", LEN.div_ceil(3) * 4 - 1)
    }
}

impl std::error::Error for MalformedEnvelope {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_is_reversible_and_checked() {
        let envelope = Envelope::new(KeyId::new([3; 8]), [4; 32], &[5; PLAINTEXT_LEN], [6; 16]);
        let text = envelope.to_text();
        assert_eq!(text.len(), 759);
        assert!(Envelope::from_text(&text).unwrap() == envelope);
        assert_eq!(Envelope::from_text(text.get(1..).unwrap()), Err(MalformedEnvelope));
        assert_eq!(Envelope::from_text(&format!("{text}A")), Err(MalformedEnvelope));
        assert_eq!(
            Envelope::from_text(&format!("Ag{}", text.get(2..).unwrap())),
            Err(MalformedEnvelope),
            "version 2"
        );
        assert_eq!(Envelope::from_text(&text.replace('B', "+")), Err(MalformedEnvelope));
    }
}
