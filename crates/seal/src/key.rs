//! The vault's sealing keys: public halves for browsers, private halves for the vault.

use std::fmt;

use hpke::{Deserializable, Kem as _, Serializable};
use zeroize::Zeroizing;

use crate::{
    base64url,
    rand_core::CryptoRng,
    suite::{Kem, Secret},
};

/// The name of a sealing key pair: eight bytes, shown as eleven characters of base64url.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId([u8; 8]);

impl KeyId {
    /// Makes an id of the given bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    /// Reads the text form.
    ///
    /// # Errors
    ///
    /// [`MalformedKey`] if the text is not eleven characters of unpadded base64url.
    pub fn from_text(text: &str) -> Result<Self, MalformedKey> {
        base64url::decode(text).map(Self).ok_or(MalformedKey)
    }

    /// The text form, as it stands in the vault's key list.
    #[must_use]
    pub fn to_text(self) -> String {
        base64url::encode(&self.0)
    }

    /// The eight bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 8] {
        &self.0
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({})", self.to_text())
    }
}

/// The public half of a sealing key pair, which browsers seal to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    id: KeyId,
    bytes: [u8; 32],
}

impl PublicKey {
    /// Makes a key of its id and the 32 bytes of an X25519 public key.
    #[must_use]
    pub const fn new(id: KeyId, bytes: [u8; 32]) -> Self {
        Self { id, bytes }
    }

    /// Reads id and key from their text forms in the vault's key list.
    ///
    /// # Errors
    ///
    /// [`MalformedKey`] if either is not unpadded base64url of the right length.
    pub fn from_text(id: &str, key: &str) -> Result<Self, MalformedKey> {
        let bytes = base64url::decode(key).ok_or(MalformedKey)?;
        Ok(Self { id: KeyId::from_text(id)?, bytes })
    }

    /// The name of the pair.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    pub(crate) const fn id_bytes(&self) -> &[u8; 8] {
        self.id.bytes()
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// The 32 bytes in base64url, as they stand in the key list.
    #[must_use]
    pub fn to_text(&self) -> String {
        base64url::encode(&self.bytes)
    }
}

/// The private half of a sealing key pair; only the vault has it.
pub struct PrivateKey {
    id: KeyId,
    key: Secret,
}

impl PrivateKey {
    /// Makes a new pair.
    pub fn generate(id: KeyId, rng: &mut impl CryptoRng) -> Self {
        let (key, _) = Kem::gen_keypair_with_rng(rng);
        Self { id, key }
    }

    /// Reads a stored private key.
    ///
    /// # Errors
    ///
    /// [`MalformedKey`] if there are not exactly 32 bytes.
    pub fn from_bytes(id: KeyId, bytes: &[u8]) -> Result<Self, MalformedKey> {
        let key = Deserializable::from_bytes(bytes).map_err(|_| MalformedKey)?;
        Ok(Self { id, key })
    }

    /// The name of the pair.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey { id: self.id, bytes: Kem::sk_to_pk(&self.key).to_bytes().into() }
    }

    /// The 32 secret bytes, for wrapping them before they are stored.
    #[must_use]
    pub fn expose(&self) -> Zeroizing<[u8; 32]> {
        // EXPOSE: the vault wraps these bytes under its key-encryption key; nothing else may ask.
        Zeroizing::new(self.key.to_bytes().into())
    }

    pub(crate) const fn inner(&self) -> &Secret {
        &self.key
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({}, [REDACTED])", self.id.to_text())
    }
}

/// A key or key id whose bytes or text form are wrong; says nothing of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MalformedKey;

impl fmt::Display for MalformedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sealing key needs an id of 11 and a key of 43 base64url characters")
    }
}

impl std::error::Error for MalformedKey {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_one_text_form() {
        let id = KeyId::new(*b"\x00\x01\x02\xfd\xfe\xff\x80\x7f");
        assert_eq!(KeyId::from_text(&id.to_text()), Ok(id));
        for wrong in ["", "AAECAwQFBg", "AAECAwQFBgc=", "AAECAwQFBgcI", "AAECAwQFB+c"] {
            assert_eq!(KeyId::from_text(wrong), Err(MalformedKey), "{wrong}");
        }
    }

    #[test]
    fn public_keys_have_one_text_form() {
        let key = PublicKey::new(KeyId::new([9; 8]), [7; 32]);
        assert_eq!(PublicKey::from_text(&key.id().to_text(), &key.to_text()), Ok(key.clone()));
        assert_eq!(PublicKey::from_text(&key.id().to_text(), "AAAA"), Err(MalformedKey));
        assert_eq!(PublicKey::from_text("AAAA", &key.to_text()), Err(MalformedKey));
    }
}
