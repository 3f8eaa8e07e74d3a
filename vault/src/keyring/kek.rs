//! The key-encryption key: the one secret that is not in the database, and where it may live.
//!
//! A wrapped key begins with a byte that names the form and the id of the key-encryption key, so that several can be
//! open at once while one takes another's place:
//!
//! ```text
//! 1 byte: 0x01 | 8 bytes: id of the key-encryption key | what its provider made of the key
//! ```
//!
//! What was wrapped before there were ids is exactly 60 bytes long (nonce, 32 bytes, tag) and belongs to a local key;
//! no wrapped key of the newer form may have that length.

mod local;
mod pkcs11;
mod ring;
mod shares;
mod transit;

use std::fmt;

use async_trait::async_trait;
use zeroize::Zeroizing;

use crate::{
    audit,
    random::{Random, RandomFailed},
};

pub use local::{Kek, KekError};
pub use pkcs11::{Pkcs11Kek, Pkcs11Uri, Pkcs11UriError};
pub use ring::{KekRing, WrappedBy};
pub use shares::{KekShare, ShareError};
pub use transit::{TransitAddress, TransitAddressError, TransitKek};

/// Something that wraps keys of 32 bytes and unwraps them again, bound to a name.
#[async_trait]
pub trait KeyEncryption: Send + Sync {
    /// Which key it is: the same after every start, and different for different keys. It gives nothing of the key away.
    fn id(&self) -> KekId;

    /// What keeps the key, as people call it.
    fn provider(&self) -> &'static str;

    /// Wraps a key; unwrapping asks for the same name.
    ///
    /// # Errors
    ///
    /// [`KekFailure`] if the provider or the random source fails.
    async fn wrap(&self, name: &str, key: &[u8; 32], random: &dyn Random) -> Result<Vec<u8>, KekFailure>;

    /// Unwraps a key.
    ///
    /// # Errors
    ///
    /// [`KekFailure::WrongKey`] if it was wrapped under another key or name, or was changed, and what else the provider
    /// reports.
    async fn unwrap(&self, name: &str, wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>, KekFailure>;

    /// Which version of its key the provider wrapped with, where it counts versions itself.
    fn version_of(&self, wrapped: &[u8]) -> Option<u32> {
        let _ = wrapped;
        None
    }

    /// Whether what it wrapped shall be wrapped anew, because the provider has a newer version of its key.
    ///
    /// # Errors
    ///
    /// [`KekFailure`] if the provider does not say.
    async fn is_outdated(&self, wrapped: &[u8]) -> Result<Freshness, KekFailure> {
        let _ = wrapped;
        Ok(Freshness::Newest)
    }
}

/// Whether a wrapped key is wrapped as it would be today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Under the newest version of its key.
    Newest,
    /// Under an older version.
    Outdated,
}

/// Names a key-encryption key.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KekId([u8; Self::LEN]);

impl KekId {
    /// Its length, in bytes: enough to tell a handful of keys apart.
    const LEN: usize = 8;

    /// The id of whatever has this hash.
    fn of(hash: &[u8]) -> Self {
        let mut id = [0; Self::LEN];
        id.iter_mut().zip(hash).for_each(|(to, from)| *to = *from);
        Self(id)
    }
}

impl fmt::Display for KekId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&audit::hex(&self.0))
    }
}

impl fmt::Debug for KekId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KekId({self})")
    }
}

/// Why a key was not wrapped or unwrapped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KekFailure {
    /// Wrapped under another key-encryption key, or changed.
    #[error("the key was wrapped under another key-encryption key, or was changed")]
    WrongKey,
    /// The provider cannot be reached, or cannot do it now; a later try may succeed.
    #[error("the provider of the key-encryption key is unavailable: {0}")]
    Unavailable(String),
    /// The provider refuses; whoever runs it can mend that.
    #[error("the provider of the key-encryption key refuses: {0}")]
    Denied(String),
    /// The provider answered something that makes no sense.
    #[error("the provider of the key-encryption key gave an answer that makes no sense: {0}")]
    Nonsense(String),
    /// No random bytes.
    #[error(transparent)]
    Random(#[from] RandomFailed),
}

/// A key, if it has its length.
fn exactly_32(bytes: &[u8]) -> Result<Zeroizing<[u8; 32]>, KekFailure> {
    let mut key = Zeroizing::new([0; 32]);
    if bytes.len() != key.len() {
        return Err(KekFailure::WrongKey);
    }
    key.copy_from_slice(bytes);
    Ok(key)
}
