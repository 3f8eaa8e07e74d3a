//! The vault's public sealing key, kept until it expires.

use gateway::{Classification, Dialect, HttpResponse, keys};
use js_sys::Date;
use seal::PublicKey;

use crate::clock;
use crate::error::Problem;

/// A key so close to its end is not used: the sealed card has to travel, too.
const MARGIN_MS: f64 = 60_000.0;

/// A sealing key with the time until which the vault opens what was sealed to it.
pub(super) struct SealingKey {
    pub(super) public: PublicKey,
    expires_at_ms: f64,
}

impl SealingKey {
    /// Whether it can still be used.
    pub(super) fn is_good(&self) -> bool {
        clock::now_ms() + MARGIN_MS < self.expires_at_ms
    }

    /// The first key of the vault's list that is of our suite and has time left.
    pub(super) fn read(answer: &HttpResponse, dialect: &dyn Dialect) -> Result<Self, Problem> {
        if answer.status == 200 {
            for (public, expires_at) in keys::list(&answer.body) {
                let key = Self { public, expires_at_ms: Date::parse(&expires_at) };
                if key.is_good() {
                    return Ok(key);
                }
            }
        } else if let Err(refusal) = dialect.token(answer, None) {
            // The vault's refusals look the same everywhere; the dialect reads them.
            return Err(refusal.into());
        }
        Err(Problem::new(
            "keys_malformed",
            Classification::Gateway,
            "The payment service has no usable key. Try again in a moment.",
        ))
    }
}
