//! AES-256-GCM as everything at rest uses it: a random nonce in front, associated data from parts.

use aes_gcm::{
    Aes256Gcm, KeyInit as _, Nonce,
    aead::{Aead as _, Payload},
};
use hkdf::Hkdf;
use hmac::{HmacReset, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::random::{self, Random, RandomFailed};

const NONCE_LEN: usize = 12;

/// A ciphertext that does not open: wrong key, wrong place, or changed; deliberately without a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what is stored does not open with this key in this place")]
pub struct CannotOpen;

/// Encrypts; the nonce stands in front of the result.
pub(super) fn seal(
    key: &[u8; 32],
    bound_to: &[&[u8]],
    plaintext: &[u8],
    random: &dyn Random,
) -> Result<Vec<u8>, RandomFailed> {
    seal_with(&*random::bytes::<NONCE_LEN>(random)?, key, bound_to, plaintext)
}

/// Encrypts the same to the same: the nonce is a keyed hash of the plaintext, so that two plaintexts have two.
pub(super) fn seal_alike(
    key: &[u8; 32],
    bound_to: &[&[u8]],
    plaintext: &[u8],
) -> Result<Vec<u8>, RandomFailed> {
    let mac = mac(key, &[b"nonce", plaintext]);
    seal_with(mac.first_chunk().unwrap_or(&[0; NONCE_LEN]), key, bound_to, plaintext)
}

fn seal_with(
    nonce: &[u8; NONCE_LEN],
    key: &[u8; 32],
    bound_to: &[&[u8]],
    plaintext: &[u8],
) -> Result<Vec<u8>, RandomFailed> {
    let aad = joined(bound_to);
    let ciphertext = Aes256Gcm::new(key.into())
        .encrypt(&Nonce::from(*nonce), Payload { msg: plaintext, aad: &aad })
        // Only a plaintext of 64 GiB can fail; none of ours is longer than a kilobyte.
        .map_err(|_| RandomFailed)?;
    Ok([nonce.as_slice(), &ciphertext].concat())
}

/// Decrypts what [`seal`] made.
pub(super) fn open(
    key: &[u8; 32],
    bound_to: &[&[u8]],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, CannotOpen> {
    let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(CannotOpen)?;
    let aad = joined(bound_to);
    Aes256Gcm::new(key.into())
        .decrypt(&Nonce::from(*nonce), Payload { msg: ciphertext, aad: &aad })
        .map(Zeroizing::new)
        .map_err(|_| CannotOpen)
}

/// HKDF-SHA256 (RFC 5869) with parts as its info.
pub(super) fn derive(salt: &[u8; 32], ikm: &[u8], info: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    // Only an output of more than 8,160 bytes can fail.
    let derived = Hkdf::<Sha256>::new(Some(salt), ikm).expand(&joined(info), key.as_mut_slice());
    debug_assert!(derived.is_ok(), "32 bytes are a possible length");
    key
}

/// HMAC-SHA256 (RFC 2104) over parts.
pub(super) fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // RFC 2104 fills a key up to the block of the hash with zeros.
    let mut block = Zeroizing::new([0; 64]);
    block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    let mut mac = <HmacReset<Sha256> as hmac::KeyInit>::new((&*block).into());
    mac.update(&Zeroizing::new(joined(parts)));
    // In its place: finished by value, it would leave a copy of its last block on the stack.
    mac.finalize_reset().into_bytes().into()
}

/// Each part behind its length, so that no two lists of parts have the same bytes.
fn joined(parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(parts.iter().map(|part| part.len() + 8).sum());
    for part in parts {
        bytes.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn what_is_sealed_opens_only_where_it_belongs() {
        let key = [7; 32];
        let sealed = seal(&key, &[b"tenant", b"record"], b"plain", &SystemRandom).unwrap();
        assert_eq!(open(&key, &[b"tenant", b"record"], &sealed).unwrap().as_slice(), b"plain");
        assert!(open(&key, &[b"tenan", b"trecord"], &sealed).is_err());
        assert!(open(&key, &[b"tenant", b"other"], &sealed).is_err());
        assert!(open(&[8; 32], &[b"tenant", b"record"], &sealed).is_err());
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert!(open(&key, &[b"tenant", b"record"], &changed).is_err(), "byte {index}");
            assert!(open(&key, &[b"tenant", b"record"], &sealed[..index]).is_err(), "length {index}");
        }
    }

    #[test]
    fn the_same_is_sealed_to_the_same_and_nothing_else_under_its_nonce() {
        let key = [7; 32];
        let sealed = |plain: &[u8]| seal_alike(&key, &[b"record"], plain).unwrap();
        assert_eq!(sealed(b"737"), sealed(b"737"));
        assert_ne!(sealed(b"737")[..NONCE_LEN], sealed(b"738")[..NONCE_LEN]);
        assert_eq!(open(&key, &[b"record"], &sealed(b"737")).unwrap().as_slice(), b"737");
    }

    #[test]
    fn mac_is_hmac_sha256() {
        let tag = mac(&[0x0b; 32], &[b"what"]);
        let mut direct = <hmac::Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&[0x0b; 32]).unwrap();
        direct.update(&[0, 0, 0, 0, 0, 0, 0, 4, b'w', b'h', b'a', b't']);
        assert_eq!(tag.as_slice(), direct.finalize().into_bytes().as_slice());
    }

    #[test]
    fn a_derived_key_depends_on_everything_given() {
        let key = derive(&[1; 32], b"ikm", &[b"a", b"b"]);
        assert_eq!(key, derive(&[1; 32], b"ikm", &[b"a", b"b"]));
        assert_ne!(key, derive(&[1; 32], b"ikm", &[b"ab", b""]));
        assert_ne!(key, derive(&[2; 32], b"ikm", &[b"a", b"b"]));
        assert_ne!(key.as_slice(), [0; 32]);
    }
}
