//! The same request twice: one effect, one answer.

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use super::{Vaulting, VaultingError};
use crate::{
    domain::{Face, TenantId},
    store::{Change, Remembered},
};

/// A request that may be sent again.
pub struct Repeat {
    /// The face it came through; keys of different faces do not meet.
    pub face: Face,
    /// The idempotency key, as the caller chose it.
    pub key: String,
    /// What was asked: method, path and body. Only a keyed digest of it is kept.
    pub request: zeroize::Zeroizing<Vec<u8>>,
    /// How long a repetition gets the same answer, in seconds.
    pub lifetime_secs: u32,
}

/// An answer that is given again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: serde_json::Value,
}

impl Vaulting {
    /// The answer that the same request got before, if it did.
    ///
    /// # Errors
    ///
    /// [`VaultingError::IdempotencyConflict`] if the key was used for another request.
    pub async fn answered(
        &self,
        tenant: &TenantId,
        repeat: &Repeat,
    ) -> Result<Option<KeptAnswer>, VaultingError> {
        let keys = self.keys(tenant)?;
        let mac = keys.answer_mac(repeat.face, &repeat.key);
        let Some(kept) = self.store.remembered(tenant, &mac).await? else { return Ok(None) };
        if kept.expires_at_ms <= self.now_ms() {
            return Ok(None);
        }
        let digest = keys.answer_digest(&repeat.key, &[&repeat.request]);
        if !bool::from(digest.ct_eq(&kept.digest)) {
            return Err(VaultingError::IdempotencyConflict);
        }
        let answer = keys.open_answer(&repeat.key, &kept.sealed)?;
        serde_json::from_slice(&answer).map(Some).map_err(|_| VaultingError::Unreadable)
    }

    /// The change that keeps an answer, to be applied with what the answer tells of.
    ///
    /// # Errors
    ///
    /// [`VaultingError::Random`] if there are no random bytes.
    pub fn remember(
        &self,
        tenant: &TenantId,
        repeat: &Repeat,
        answer: &KeptAnswer,
    ) -> Result<Change, VaultingError> {
        let (keys, now_ms) = (self.keys(tenant)?, self.now_ms());
        let bytes = serde_json::to_vec(answer).map_err(|_| VaultingError::Unreadable)?;
        let answer = Remembered {
            mac: keys.answer_mac(repeat.face, &repeat.key),
            digest: keys.answer_digest(&repeat.key, &[&repeat.request]),
            sealed: keys.seal_answer(&repeat.key, &bytes, self.random())?,
            expires_at_ms: now_ms.saturating_add(i64::from(repeat.lifetime_secs) * 1000),
        };
        Ok(Change::Remember { answer, now_ms })
    }
}
