//! Security codes that travel behind their tokens, under keys that no vault keeps for long.

use seal::{KeyId, PrivateKey};
use zeroize::Zeroizing;

use super::{Keyring, cipher, cipher::CannotOpen};
use crate::{domain::TenantId, random::RandomFailed};

impl Keyring {
    /// Encrypts what a token carries, under a key made of the token and of the newest sealing key, which it names; nothing if
    /// there is no sealing key. The same is encrypted to the same: a repeated answer is word for word the first one.
    ///
    /// # Errors
    ///
    /// [`RandomFailed`] if it is longer than any that there is.
    pub fn seal_carried(
        &self,
        tenant: &TenantId,
        token: &str,
        plain: &[u8],
        now_ms: i64,
    ) -> Result<Option<(KeyId, Vec<u8>)>, RandomFailed> {
        let Some((id, key)) = self.sealing.with_newest(now_ms, |key| key_of(key, tenant, token)) else {
            return Ok(None);
        };
        Ok(Some((id, cipher::seal_alike(&key, &[id.bytes()], plain)?)))
    }

    /// Decrypts what a token carries; nothing if its sealing key is over or not known.
    #[must_use]
    pub fn open_carried(
        &self,
        tenant: &TenantId,
        token: &str,
        id: KeyId,
        sealed: &[u8],
        now_ms: i64,
    ) -> Option<Result<Zeroizing<Vec<u8>>, CannotOpen>> {
        let (key, _) = self.sealing.with_private(id, now_ms, |key| key_of(key, tenant, token))?;
        Some(cipher::open(&key, &[id.bytes()], sealed))
    }
}

/// The token is what gives the key its entropy for whoever has the sealing key; the sealing key, for whoever has the token.
fn key_of(key: &PrivateKey, tenant: &TenantId, token: &str) -> Zeroizing<[u8; 32]> {
    let info: [&[u8]; 2] = [b"tessera/carried-code/v1", tenant.as_str().as_bytes()];
    // EXPOSE: another key is derived.
    cipher::derive(&key.expose(), token.as_bytes(), &info)
}
