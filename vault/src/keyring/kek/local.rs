//! The key-encryption key in this process's memory: from a file, from the environment, or put together of shares.

use std::{fmt, path::Path};

use async_trait::async_trait;
use base64ct::{Base64UrlUnpadded, Encoding as _};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{KekFailure, KekId, KeyEncryption};
use crate::{
    keyring::cipher::{self, CannotOpen},
    random::{self, Random, RandomFailed},
    secret_file,
};

/// Wraps data keys and sealing keys; 32 bytes, zeroized on drop.
pub struct Kek(Zeroizing<[u8; 32]>);

impl Kek {
    /// Makes a new one.
    ///
    /// # Errors
    ///
    /// [`RandomFailed`] if there are no random bytes.
    pub fn generate(random: &dyn Random) -> Result<Self, RandomFailed> {
        random::bytes(random).map(Self)
    }

    /// Reads the text form, 43 characters of base64url; space around it is ignored.
    ///
    /// # Errors
    ///
    /// [`KekError::Malformed`] if it is anything else.
    pub fn from_text(text: &str) -> Result<Self, KekError> {
        let mut key = Zeroizing::new([0; 32]);
        match Base64UrlUnpadded::decode(text.trim().trim_end_matches('='), key.as_mut_slice()) {
            Ok(decoded) if decoded.len() == 32 => Ok(Self(key)),
            Ok(_) | Err(_) => Err(KekError::Malformed),
        }
    }

    /// Reads a file that holds the text form.
    ///
    /// # Errors
    ///
    /// [`KekError`] if the file cannot be read or holds anything else.
    pub fn from_file(path: &Path) -> Result<Self, KekError> {
        Self::from_text(&secret_file::read(path).map_err(KekError::Io)?)
    }

    /// The text form, for writing it to a file of its owner's.
    #[must_use]
    pub fn expose(&self) -> Zeroizing<String> {
        // EXPOSE: `--dev` keeps the key it generated beside the database; nothing else may ask.
        Zeroizing::new(Base64UrlUnpadded::encode_string(self.0.as_slice()))
    }

    /// The key itself; none if it has another length.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        super::exactly_32(bytes).ok().map(Self)
    }

    /// The key itself, for whoever takes it apart.
    pub(super) const fn bytes(&self) -> &Zeroizing<[u8; 32]> {
        &self.0
    }

    fn wrapping_key(&self) -> Zeroizing<[u8; 32]> {
        cipher::derive(&self.0, b"", &[b"tessera/kek/v1"])
    }
}

#[async_trait]
impl KeyEncryption for Kek {
    fn id(&self) -> KekId {
        // Derived, then hashed: neither the key nor the wrapping key can be told from it.
        KekId::of(&Sha256::digest(cipher::derive(&self.0, b"", &[b"tessera/kek-id/v1"]).as_slice()))
    }

    fn provider(&self) -> &'static str {
        "local"
    }

    async fn wrap(&self, name: &str, key: &[u8; 32], random: &dyn Random) -> Result<Vec<u8>, KekFailure> {
        Ok(cipher::seal(&self.wrapping_key(), &[name.as_bytes()], key, random)?)
    }

    async fn unwrap(&self, name: &str, wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>, KekFailure> {
        let plain = cipher::open(&self.wrapping_key(), &[name.as_bytes()], wrapped)?;
        super::exactly_32(&plain)
    }
}

impl From<CannotOpen> for KekFailure {
    fn from(CannotOpen: CannotOpen) -> Self {
        Self::WrongKey
    }
}

impl fmt::Debug for Kek {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kek([REDACTED])")
    }
}

/// A key-encryption key that cannot be read; the environment is at fault.
#[derive(Debug, thiserror::Error)]
pub enum KekError {
    /// Not 32 bytes in base64url.
    #[error("a key-encryption key is 32 bytes in base64url: 43 characters of A-Z a-z 0-9 - _")]
    Malformed,
    /// The file cannot be read.
    #[error("the file of the key-encryption key cannot be read: {0}")]
    Io(std::io::Error),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn a_key_has_a_text_form_and_never_shows_it() {
        let kek = Kek::generate(&SystemRandom).unwrap();
        let text = kek.expose();
        assert_eq!(text.len(), 43);
        assert_eq!(Kek::from_text(&format!("{}\n", *text)).unwrap().expose(), text);
        assert!(!format!("{kek:?}").contains(text.as_str()));
        for wrong in ["", "AAAA", &text.replacen(|_: char| true, "", 1), &format!("{}A", *text), "!!!!"] {
            assert!(matches!(Kek::from_text(wrong), Err(KekError::Malformed)));
        }
    }

    #[tokio::test]
    async fn a_wrapped_key_opens_only_under_its_name() {
        let kek = Kek::generate(&SystemRandom).unwrap();
        let wrapped = kek.wrap("a", &[5; 32], &SystemRandom).await.unwrap();
        assert_eq!(*kek.unwrap("a", &wrapped).await.unwrap(), [5; 32]);
        assert_eq!(kek.version_of(&wrapped), None, "a file has one key");
        assert!(matches!(kek.unwrap("b", &wrapped).await, Err(KekFailure::WrongKey)));
        let other = Kek::generate(&SystemRandom).unwrap();
        assert!(matches!(other.unwrap("a", &wrapped).await, Err(KekFailure::WrongKey)));
        assert_ne!(kek.id(), other.id());
        assert_eq!(kek.id(), Kek::from_text(&kek.expose()).unwrap().id());
    }
}
