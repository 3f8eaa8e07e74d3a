//! What is kept of an attempt to issue a token, so that a repetition gets the same answer.
//!
//! The answer goes when its token does. That there was one is remembered for as long as the sealing key
//! opens, so that a captured body never becomes a second token.

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::VaultingError;
use crate::{domain::Display, keyring::MerchantKeys, random::Random};

/// What was asked, as a keyed digest, and what was answered.
#[derive(Serialize, Deserialize)]
pub(super) struct Answer {
    pub(super) digest: [u8; 32],
    pub(super) token: String,
    /// None of a security code alone.
    pub(super) display: Option<Display>,
    pub(super) expires_at_ms: i64,
}

impl Answer {
    pub(super) fn seal(
        &self,
        keys: &MerchantKeys,
        idempotency_key: &str,
        random: &dyn Random,
    ) -> Result<Vec<u8>, VaultingError> {
        let bytes = Zeroizing::new(serde_json::to_vec(self).map_err(|_| VaultingError::Unreadable)?);
        Ok(keys.seal_attempt(idempotency_key, &bytes, random)?)
    }

    pub(super) fn open(
        keys: &MerchantKeys,
        idempotency_key: &str,
        sealed: &[u8],
    ) -> Result<Self, VaultingError> {
        let bytes = keys.open_attempt(idempotency_key, sealed)?;
        serde_json::from_slice(&bytes).map_err(|_| VaultingError::Unreadable)
    }

    /// Whether the same was asked; takes the same time whatever the answer.
    pub(super) fn must_answer(&self, digest: &[u8; 32]) -> Result<(), VaultingError> {
        if bool::from(self.digest.ct_eq(digest)) { Ok(()) } else { Err(VaultingError::IdempotencyConflict) }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.token);
    }
}
