//! The vault's sealing keys: public halves for browsers, private halves for the vault.

use std::fmt;

use hpke::{Deserializable, Kem as _, Serializable, kem::X25519HkdfSha256};
use zeroize::Zeroizing;

use crate::{
    base64url,
    rand_core::CryptoRng,
    suite::{Suite, X25519_LEN},
};

#[cfg(feature = "x-wing")]
use crate::suite::X_WING_LEN;
#[cfg(feature = "x-wing")]
use hpke::kem::XWing;

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
    half: Public,
}

/// A public key of one of the suites.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Public {
    X25519([u8; X25519_LEN]),
    #[cfg(feature = "x-wing")]
    XWing(Box<[u8; X_WING_LEN]>),
}

impl Public {
    /// Takes it from the beginning of these bytes.
    pub(crate) fn split(suite: Suite, bytes: &[u8]) -> Option<(Self, &[u8])> {
        match suite {
            Suite::X25519 => bytes.split_first_chunk().map(|(key, rest)| (Self::X25519(*key), rest)),
            #[cfg(feature = "x-wing")]
            Suite::XWing => bytes.split_first_chunk().map(|(key, rest)| (Self::XWing(Box::new(*key)), rest)),
        }
    }
}

impl PublicKey {
    /// Makes a key of its id and the 32 bytes of an X25519 public key.
    #[must_use]
    pub const fn new(id: KeyId, bytes: [u8; X25519_LEN]) -> Self {
        Self { id, half: Public::X25519(bytes) }
    }

    pub(crate) const fn of(id: KeyId, half: Public) -> Self {
        Self { id, half }
    }

    /// Reads id and key from their text forms in the vault's key list.
    ///
    /// # Errors
    ///
    /// [`MalformedKey`] if either is not unpadded base64url of the right length.
    pub fn from_text(suite: Suite, id: &str, key: &str) -> Result<Self, MalformedKey> {
        let bytes = base64url::decode_all(key).ok_or(MalformedKey)?;
        match Public::split(suite, &bytes) {
            Some((half, [])) => Ok(Self { id: KeyId::from_text(id)?, half }),
            Some(_) | None => Err(MalformedKey),
        }
    }

    /// The name of the pair.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The suite that it is a key of.
    #[must_use]
    pub const fn suite(&self) -> Suite {
        match self.half {
            Public::X25519(_) => Suite::X25519,
            #[cfg(feature = "x-wing")]
            Public::XWing(_) => Suite::XWing,
        }
    }

    pub(crate) const fn id_bytes(&self) -> &[u8; 8] {
        self.id.bytes()
    }

    pub(crate) const fn half(&self) -> &Public {
        &self.half
    }

    /// The bytes: 32, or 1216 of X-Wing.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match &self.half {
            Public::X25519(bytes) => bytes,
            #[cfg(feature = "x-wing")]
            Public::XWing(bytes) => bytes.as_slice(),
        }
    }

    /// The bytes in base64url, as they stand in the key list.
    #[must_use]
    pub fn to_text(&self) -> String {
        base64url::encode(self.bytes())
    }
}

/// The private half of a sealing key pair; only the vault has it.
pub struct PrivateKey {
    id: KeyId,
    key: Secret,
}

/// The private half of a pair of one of the suites.
pub(crate) enum Secret {
    X25519(<X25519HkdfSha256 as hpke::Kem>::PrivateKey),
    // On the heap: it has the public half beside it.
    #[cfg(feature = "x-wing")]
    XWing(Box<<XWing as hpke::Kem>::PrivateKey>),
}

impl PrivateKey {
    /// Makes a new pair.
    pub fn generate(suite: Suite, id: KeyId, rng: &mut impl CryptoRng) -> Self {
        let key = match suite {
            Suite::X25519 => Secret::X25519(X25519HkdfSha256::gen_keypair_with_rng(rng).0),
            #[cfg(feature = "x-wing")]
            Suite::XWing => Secret::XWing(Box::new(XWing::gen_keypair_with_rng(rng).0)),
        };
        Self { id, key }
    }

    /// Reads a stored private key.
    ///
    /// # Errors
    ///
    /// [`MalformedKey`] if there are not exactly 32 bytes.
    pub fn from_bytes(suite: Suite, id: KeyId, bytes: &[u8]) -> Result<Self, MalformedKey> {
        let key = match suite {
            Suite::X25519 => Deserializable::from_bytes(bytes).map(Secret::X25519),
            #[cfg(feature = "x-wing")]
            Suite::XWing => Deserializable::from_bytes(bytes).map(|key| Secret::XWing(Box::new(key))),
        };
        Ok(Self { id, key: key.map_err(|_| MalformedKey)? })
    }

    /// The name of the pair.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The suite that it is a pair of.
    #[must_use]
    pub const fn suite(&self) -> Suite {
        match self.key {
            Secret::X25519(_) => Suite::X25519,
            #[cfg(feature = "x-wing")]
            Secret::XWing(_) => Suite::XWing,
        }
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        let half = match &self.key {
            Secret::X25519(key) => Public::X25519(X25519HkdfSha256::sk_to_pk(key).to_bytes().into()),
            #[cfg(feature = "x-wing")]
            Secret::XWing(key) => Public::XWing(Box::new(XWing::sk_to_pk(key).to_bytes().into())),
        };
        PublicKey { id: self.id, half }
    }

    /// The 32 secret bytes, for wrapping them before they are stored. Those of X-Wing are the seed of both its halves.
    #[must_use]
    pub fn expose(&self) -> Zeroizing<[u8; 32]> {
        // EXPOSE: the vault wraps these bytes under its key-encryption key; nothing else may ask.
        Zeroizing::new(match &self.key {
            Secret::X25519(key) => key.to_bytes().into(),
            #[cfg(feature = "x-wing")]
            Secret::XWing(key) => key.to_bytes().into(),
        })
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
        f.write_str(
            "a sealing key needs an id of 11 and a key of 43 base64url characters, or 1622 with X-Wing",
        )
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
        for (suite, length) in Suite::ALL.iter().copied().zip([43, 1622]) {
            let private = PrivateKey::from_bytes(suite, KeyId::new([9; 8]), &[7; 32]).unwrap();
            let key = private.public();
            assert_eq!((private.suite(), key.suite(), key.to_text().len()), (suite, suite, length));
            let of = |id: &str, key: &str| PublicKey::from_text(suite, id, key);
            assert_eq!(of(&key.id().to_text(), &key.to_text()), Ok(key.clone()));
            for wrong in ["", "AAAA", &format!("{}A", key.to_text()), &format!("{}AAAA", key.to_text())] {
                assert_eq!(of(&key.id().to_text(), wrong), Err(MalformedKey), "{wrong}");
            }
            assert_eq!(of("AAAA", &key.to_text()), Err(MalformedKey));
            for other in Suite::ALL.iter().copied().filter(|other| *other != suite) {
                let taken = PublicKey::from_text(other, &key.id().to_text(), &key.to_text());
                assert_eq!(taken, Err(MalformedKey), "{other:?}");
            }
        }
    }

    #[test]
    fn private_keys_come_back_as_what_they_were() {
        for suite in Suite::ALL.iter().copied() {
            let of = |bytes: &[u8]| PrivateKey::from_bytes(suite, KeyId::new([9; 8]), bytes);
            let key = of(&[7; 32]).unwrap();
            assert_eq!(of(key.expose().as_slice()).unwrap().public(), key.public());
            for wrong in [0, 31, 33, 64] {
                assert_eq!(of(&vec![7; wrong]).unwrap_err(), MalformedKey, "{wrong}");
            }
        }
    }
}
