//! What is kept of an attempt to issue a token, so that a repetition gets the same answer.
//!
//! The answer goes when its token does. That there was one is remembered for as long as the sealing key
//! opens, so that a captured body never becomes a second token.

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::{Vaulting, VaultingError, issue::TokenRequest};
use crate::{
    domain::Display,
    keyring::{Lookup, MerchantKeys},
    random::Random,
    store::{Attempt, Change, StoreError},
};

/// What an attempt asks for, as a keyed digest under each version of the look-up key.
pub(super) struct Asked {
    now: [u8; 32],
    others: Vec<(u32, [u8; 32])>,
}

impl Asked {
    pub(super) fn of(keys: &MerchantKeys, idempotency_key: &str, asked: &[&[u8]]) -> Self {
        let others = keys.lookups().skip(1);
        Self {
            now: keys.lookup().attempt_digest(idempotency_key, asked),
            others: others
                .map(|lookup| (lookup.version(), lookup.attempt_digest(idempotency_key, asked)))
                .collect(),
        }
    }

    /// The digest under the version that is written with now.
    pub(super) const fn digest(&self) -> &[u8; 32] {
        &self.now
    }

    /// The digest under one of the versions.
    pub(super) fn digest_of(&self, lookup: Lookup<'_>) -> &[u8; 32] {
        let of_version = self.others.iter().find(|(version, _)| *version == lookup.version());
        of_version.map_or(&self.now, |(_, digest)| digest)
    }
}

/// What was asked, as a keyed digest, and what was answered.
#[derive(Serialize, Deserialize)]
pub(super) struct Answer {
    pub(super) digest: [u8; 32],
    pub(super) token: Zeroizing<String>,
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
    pub(super) fn must_answer(&self, asked: &Asked, lookup: Lookup<'_>) -> Result<(), VaultingError> {
        if bool::from(self.digest.ct_eq(asked.digest_of(lookup))) {
            Ok(())
        } else {
            Err(VaultingError::IdempotencyConflict)
        }
    }
}

impl Vaulting {
    /// The attempt that a request repeats, and the version of the look-up key that it was found with.
    ///
    /// While the key changes an attempt has a row under each version: one holds the answer, the others only that there was
    /// one.
    pub(super) async fn attempt<'k>(
        &self,
        request: &TokenRequest<'_>,
        keys: &'k MerchantKeys,
    ) -> Result<Option<(Lookup<'k>, Attempt)>, StoreError> {
        let mut claimed = None;
        // The rows come into being together, but are read one after the other: when the first look came before that and the
        // second one after it, the answer is found by looking once more.
        for _ in 0..2 {
            let mut has_missed = false;
            for lookup in keys.lookups() {
                let mac = lookup.attempt_mac(request.key.id(), request.idempotency_key);
                match self.store.attempt(request.tenant, &mac).await? {
                    Some(attempt) if attempt.sealed.is_some() => return Ok(Some((lookup, attempt))),
                    Some(attempt) => claimed = Some((lookup, attempt)),
                    None => has_missed = true,
                }
            }
            if claimed.is_none() || !has_missed {
                break;
            }
        }
        Ok(claimed)
    }

    /// The changes that keep the answer to an attempt, and claim it under every version of the look-up key that somebody
    /// may be writing with.
    pub(super) fn attempts(
        &self,
        request: &TokenRequest<'_>,
        keys: &MerchantKeys,
        answer: &Answer,
        expires_at_ms: i64,
    ) -> Result<Vec<Change>, VaultingError> {
        let mut sealed = Some(answer.seal(keys, request.idempotency_key, self.random())?);
        let attempts = keys.claims(self.now_ms()).into_iter().map(|lookup| {
            let is_written_with = lookup.version() == keys.lookup().version();
            Change::InsertAttempt(Attempt {
                mac: lookup.attempt_mac(request.key.id(), request.idempotency_key),
                lookup_version: lookup.version(),
                sealed: if is_written_with { sealed.take() } else { None },
                expires_at_ms,
            })
        });
        Ok(attempts.collect())
    }
}
