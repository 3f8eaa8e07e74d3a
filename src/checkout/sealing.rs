//! The vault's public sealing key: believed if the pinned root has signed it for here and now, and kept for an hour.

use gateway::{Classification, Dialect, HttpResponse, keys};
use js_sys::Uint8Array;
use seal::{Distrust, PublicKey, Signed, root};

use crate::clock;
use crate::error::Problem;

/// How long a key is used before the vault is asked again. The vault opens for an hour longer than it publishes a key, so
/// that nobody need believe the shopper's clock for that.
const KEPT_MS: f64 = 3_600_000.0;

/// A sealing key and when it came.
pub(super) struct SealingKey {
    pub(super) public: PublicKey,
    came_at_ms: f64,
}

impl SealingKey {
    /// Whether it can still be used.
    pub(super) fn is_good(&self) -> bool {
        (0.0..KEPT_MS).contains(&(clock::now_ms() - self.came_at_ms))
    }
}

/// The keys of a list, which are looked at one after the other until one can be used.
pub(super) struct Candidates {
    left: Vec<Signed>,
    /// Why the first was refused.
    distrust: Option<Distrust>,
}

impl Candidates {
    /// Reads the vault's answer.
    pub(super) fn read(answer: &HttpResponse, dialect: &dyn Dialect) -> Result<Self, Problem> {
        if answer.status != 200
            && let Err(refusal) = dialect.token(answer, None)
        {
            // The vault's refusals look the same everywhere; the dialect reads them.
            return Err(refusal.into());
        }
        let mut left = keys::list(&answer.body);
        left.reverse();
        Ok(Self { left, distrust: None })
    }

    /// What the page shall take the SHA-512 of.
    ///
    /// # Errors
    /// Why the first key was refused, if there is none left.
    pub(super) fn hashed(&self) -> Result<Uint8Array, Problem> {
        let candidate = self.left.last().ok_or_else(|| distrusted(self.distrust))?;
        Ok(Uint8Array::from(candidate.hashed(&root::PINNED).as_slice()))
    }

    /// Takes the hash: the key, or nothing if it is to be the next one.
    pub(super) fn weigh(&mut self, hash: &[u8; 64], vault: &str) -> Option<SealingKey> {
        let candidate = self.left.pop()?;
        let now_ms = clock::now_ms();
        let key = candidate.verified(&root::PINNED, hash);
        match key.and_then(|statement| statement.key_for(vault, now_ms as u64)) {
            Ok(public) => Some(SealingKey { public, came_at_ms: now_ms }),
            Err(distrust) => {
                self.distrust.get_or_insert(distrust);
                None
            }
        }
    }
}

fn distrusted(distrust: Option<Distrust>) -> Problem {
    let distrust = distrust.unwrap_or(Distrust::Malformed);
    let classification = match distrust {
        Distrust::Malformed | Distrust::Untrusted | Distrust::Retired => Classification::Gateway,
        Distrust::Expired | Distrust::Outdated => Classification::Environment,
    };
    Problem::told(distrust.code(), classification, None)
}
