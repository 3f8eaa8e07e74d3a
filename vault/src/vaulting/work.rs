//! Work that a browser does before one more card is taken, when more come than usual: cheap for a shopper, dear for whoever
//! tries out thousands.
//!
//! The challenge is stored nowhere. It names its end and how much work it is, and a keyed hash binds it to the publishable key,
//! the attempt and everything that is asked for in it. An attempt makes one token, so work that was done makes one, too.

use std::num::NonZeroU32;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use ring::pbkdf2;
use subtle::ConstantTimeEq as _;

use super::attempt::Asked;
use crate::{
    keyring::{Lookup, MerchantKeys},
    limits::Level,
};

/// How long there is time for the work, in milliseconds.
const LIFETIME_MS: i64 = 5 * 60 * 1000;

/// How many leading bits are zero at the lowest level; on the average so many trials are needed, as a power of two.
const LEAST_BITS: u32 = 9;

/// The rounds of each trial. That one is slow, and few are needed, keeps what scripts cost between two trials small.
const ROUNDS: NonZeroU32 = NonZeroU32::new(2_000).expect("more than none");

/// The end, the number of bits, the keyed hash.
const CHALLENGE_LEN: usize = 8 + 1 + 32;

/// What the work is for.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// The publishable key's id.
    pub(super) key_id: &'a str,
    /// The attempt.
    pub(super) idempotency_key: &'a str,
    /// All that is asked for.
    pub(super) asked: &'a Asked,
}

/// Work that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    challenge: [u8; CHALLENGE_LEN],
    bits: u8,
}

impl Work {
    pub(super) fn new(keys: &MerchantKeys, place: Place<'_>, level: Level, now_ms: i64) -> Self {
        let bits = u8::try_from(LEAST_BITS.saturating_add(level.doublings())).unwrap_or(u8::MAX);
        let ends = now_ms.saturating_add(LIFETIME_MS).to_be_bytes();
        let mut challenge = [0; CHALLENGE_LEN];
        let parts = [ends.as_slice(), &[bits], &mac(keys.lookup(), place, ends, bits)].concat();
        challenge.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
        Self { challenge, bits }
    }

    /// As the header `Tessera-Work` says it: the challenge, how many leading bits must be zero, and the rounds.
    #[must_use]
    pub fn to_header(&self) -> String {
        format!("{} {} {ROUNDS}", Base64UrlUnpadded::encode_string(&self.challenge), self.bits)
    }
}

/// Whether an answer, `<challenge> <counter>`, is work that was done for this place and in time.
pub(super) fn is_done(keys: &MerchantKeys, place: Place<'_>, answer: &str, now_ms: i64) -> bool {
    let Some((challenge, counter)) = answer.split_once(' ') else { return false };
    let mut bytes = [0; CHALLENGE_LEN];
    let Ok([e0, e1, e2, e3, e4, e5, e6, e7, bits, said @ ..]) =
        Base64UrlUnpadded::decode(challenge, &mut bytes)
    else {
        return false;
    };
    let (ends, bits) = ([*e0, *e1, *e2, *e3, *e4, *e5, *e6, *e7], *bits);
    let Ok(counter) = counter.parse::<u32>() else { return false };
    // The look-up key may have been changed since it was asked for.
    let is_ours = |lookup: Lookup<'_>| bool::from(mac(lookup, place, ends, bits).as_slice().ct_eq(said));
    let ends_at_ms = i64::from_be_bytes(ends);
    keys.signing_lookups(now_ms, ends_at_ms, LIFETIME_MS).any(is_ours)
        && ends_at_ms > now_ms
        && zeros(challenge, counter) >= u32::from(bits)
}

fn mac(lookup: Lookup<'_>, place: Place<'_>, ends: [u8; 8], bits: u8) -> [u8; 32] {
    let Place { key_id, idempotency_key, asked } = place;
    let digest = asked.digest_of(lookup);
    lookup.purpose_mac("work", &[key_id.as_bytes(), idempotency_key.as_bytes(), digest, &ends, &[bits]])
}

/// How many leading bits of a trial are zero.
fn zeros(challenge: &str, counter: u32) -> u32 {
    let mut trial = [0; 8];
    let (secret, salt) = (challenge.as_bytes(), counter.to_be_bytes());
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, ROUNDS, &salt, secret, &mut trial);
    u64::from_be_bytes(trial).leading_zeros()
}
