//! The private half of a root. A vault in production never has one; that of development is everybody's.

use std::{fmt, path::Path};

use base64ct::{Base64UrlUnpadded, Encoding as _};
use ed25519_dalek::{Signer as _, SigningKey};
use seal::{Root, Statement, root};
use zeroize::Zeroizing;

use crate::{
    random::{self, Random, RandomFailed},
    secret_file,
};

/// Signs statements about sealing keys; zeroized on drop.
pub struct RootSigner(SigningKey);

impl RootSigner {
    /// Makes a new one.
    ///
    /// # Errors
    ///
    /// [`RandomFailed`] if there are no random bytes.
    pub fn generate(random: &dyn Random) -> Result<Self, RandomFailed> {
        Ok(Self(SigningKey::from_bytes(&*random::bytes::<32>(random)?)))
    }

    /// The root of development, which protects nothing.
    #[must_use]
    pub fn development() -> Self {
        Self(SigningKey::from_bytes(root::DEVELOPMENT_SEED))
    }

    /// Reads the text form, 43 characters of base64url; space around it is ignored.
    ///
    /// # Errors
    ///
    /// [`RootFileError::Malformed`] if it is anything else.
    pub fn from_text(text: &str) -> Result<Self, RootFileError> {
        let mut seed = Zeroizing::new([0; 32]);
        match Base64UrlUnpadded::decode(text.trim(), seed.as_mut_slice()) {
            Ok(decoded) if decoded.len() == 32 => Ok(Self(SigningKey::from_bytes(&seed))),
            Ok(_) | Err(_) => Err(RootFileError::Malformed),
        }
    }

    /// Reads a file that holds the text form.
    ///
    /// # Errors
    ///
    /// [`RootFileError`] if the file cannot be read or holds anything else.
    pub fn from_file(path: &Path) -> Result<Self, RootFileError> {
        Self::from_text(&secret_file::read(path).map_err(RootFileError::Io)?)
    }

    /// The text form, for writing it to a file of its owner's.
    #[must_use]
    pub fn expose(&self) -> Zeroizing<String> {
        // EXPOSE: `keys root new` writes it into a private file; nothing else may ask.
        Zeroizing::new(Base64UrlUnpadded::encode_string(&*Zeroizing::new(self.0.to_bytes())))
    }

    /// The public half, which the browser's module pins.
    #[must_use]
    pub fn public(&self) -> Root {
        Root::new(self.0.verifying_key().to_bytes())
    }

    /// The text form of a statement with this root's signature.
    #[must_use]
    pub fn sign(&self, statement: &Statement) -> String {
        statement.signed(&self.0.sign(&statement.to_be_signed()).to_bytes())
    }
}

impl fmt::Debug for RootSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RootSigner({}, [REDACTED])", self.public().to_text())
    }
}

/// The private half of a root cannot be read; whoever keeps it can mend it.
#[derive(Debug, thiserror::Error)]
pub enum RootFileError {
    /// It cannot be read.
    #[error("the file with the private half of the root cannot be read: {0}")]
    Io(std::io::Error),
    /// It holds something else.
    #[error("the file with the private half of the root must hold 43 characters of base64url")]
    Malformed,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn a_root_comes_back_from_its_text_and_shows_nothing() {
        let made = RootSigner::generate(&SystemRandom).unwrap();
        let read = RootSigner::from_text(&format!("{}\n", made.expose().as_str())).unwrap();
        assert_eq!(read.public(), made.public());
        assert!(!format!("{made:?}").contains(made.expose().as_str()));
        for wrong in ["", "AA", &"A".repeat(44)] {
            assert!(matches!(RootSigner::from_text(wrong), Err(RootFileError::Malformed)));
        }
        assert_eq!(RootSigner::development().public(), root::DEVELOPMENT);
    }
}
