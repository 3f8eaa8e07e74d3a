//! What the browser does of HPKE (RFC 9180): the sender's side of base mode, for the suites of [`suite`](crate::suite).
//!
//! The vault opens with the `hpke` crate, which also has a sender. This one is ours because it is what every shopper
//! downloads, and it is small: one key schedule, one mode, one message. Both write the same bytes (see the tests), so the two
//! check each other.

use chacha20poly1305::{ChaCha20Poly1305, KeyInit as _, aead::AeadInOut as _};
use hpke::{inout::InOutBuf, rand_core::CryptoRng};
use sha2::{Digest as _, Sha256};
use x25519_dalek::{X25519_BASEPOINT_BYTES, x25519};
use zeroize::Zeroizing;

use crate::{
    envelope::Encapsulated,
    key::Public,
    suite::{TAG_LEN, X25519_LEN},
};

#[cfg(feature = "x-wing")]
mod x_wing;

/// RFC 9180, 4.1 and 5.1: what the hashes of the key exchange and of the key schedule are bound to. DHKEM(X25519,
/// HKDF-SHA256) is 0x0020, HKDF-SHA256 0x0001, ChaCha20-Poly1305 0x0003.
const KEM_SUITE: &[u8] = b"KEM\x00\x20";
const X25519_SUITE: &[u8] = b"HPKE\x00\x20\x00\x01\x00\x03";

/// RFC 9180, 4: what every label begins with.
const VERSION: &[u8] = b"HPKE-v1";

/// RFC 9180, 5.1: the mode without a pre-shared key or a sender's key.
const BASE: u8 = 0;

const HASH_LEN: usize = 32;
/// SHA-256 works on blocks of so many bytes.
const BLOCK_LEN: usize = 64;

type Hash = Zeroizing<[u8; HASH_LEN]>;

/// The recipient's key is no usable point, or none of ML-KEM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UnusableKey;

/// Encrypts the buffer where it lies, for the holder of the public key `to`. Gives what the recipient makes the key of,
/// and the tag.
pub(crate) fn seal_in_place(
    to: &Public,
    info: &[u8],
    associated_data: &[u8],
    buffer: &mut [u8],
    rng: &mut impl CryptoRng,
) -> Result<(Encapsulated, [u8; TAG_LEN]), UnusableKey> {
    let (enc, shared, suite) = match to {
        Public::X25519(to) => {
            let (enc, shared) = encapsulate(to, rng)?;
            (Encapsulated::X25519(enc), shared, X25519_SUITE)
        }
        #[cfg(feature = "x-wing")]
        Public::XWing(to) => {
            let (enc, shared) = x_wing::encapsulate(to, rng)?;
            (Encapsulated::XWing(enc), shared, x_wing::SUITE)
        }
    };
    let (key, nonce) = key_schedule(suite, &shared, info);
    let cipher = ChaCha20Poly1305::new((&*key).into());
    let (nonce, _) = nonce.split_first_chunk::<12>().ok_or(UnusableKey)?;
    // It only fails for a text of many gigabytes.
    let tag = cipher
        .encrypt_inout_detached(nonce.into(), associated_data, InOutBuf::from(buffer))
        .map_err(|_| UnusableKey)?;
    Ok((enc, tag.into()))
}

/// RFC 9180, 4.1: a fresh key pair, whose public half goes along, and the secret that only it and the recipient's make.
fn encapsulate(
    to: &[u8; X25519_LEN],
    rng: &mut impl CryptoRng,
) -> Result<([u8; X25519_LEN], Hash), UnusableKey> {
    let mut seed = Hash::default();
    rng.fill_bytes(&mut *seed);
    // 7.1.3: the seed is not the key itself.
    let seed = extract(&[0; HASH_LEN], KEM_SUITE, b"dkp_prk", &*seed);
    let private = expand(&seed, KEM_SUITE, b"sk", &[], 32);
    let (enc, exchanged) = exchange(&private, to)?;
    let prk = extract(&[0; HASH_LEN], KEM_SUITE, b"eae_prk", &*exchanged);
    Ok((enc, expand(&prk, KEM_SUITE, b"shared_secret", &[&enc, to], 32)))
}

/// The public half of a private key, and what it makes with somebody's public one.
#[inline]
fn exchange(private: &Hash, to: &[u8; X25519_LEN]) -> Result<([u8; X25519_LEN], Hash), UnusableKey> {
    let enc = x25519(**private, X25519_BASEPOINT_BYTES);
    let exchanged = Zeroizing::new(x25519(**private, *to));
    // RFC 9180, 7.1.4: what a point of small order makes is no secret.
    if exchanged.iter().fold(0, |all, byte| all | byte) == 0 {
        return Err(UnusableKey);
    }
    Ok((enc, exchanged))
}

/// RFC 9180, 5.1: the cipher's key, and the nonce of the first message, which is the only one.
fn key_schedule(suite: &[u8], shared: &Hash, info: &[u8]) -> (Hash, Hash) {
    let no_psk = extract(&[0; HASH_LEN], suite, b"psk_id_hash", &[]);
    let info = extract(&[0; HASH_LEN], suite, b"info_hash", info);
    let context: [&[u8]; 3] = [&[BASE], &*no_psk, &*info];
    let secret = extract(shared, suite, b"secret", &[]);
    let key = expand(&secret, suite, b"key", &context, 32);
    (key, expand(&secret, suite, b"base_nonce", &context, 12))
}

/// `LabeledExtract`. A salt of zeros is the same as none (RFC 5869, 2.2).
fn extract(salt: &[u8; HASH_LEN], suite: &[u8], label: &[u8], secret: &[u8]) -> Hash {
    hmac(salt, &[VERSION, suite, label, secret])
}

/// `LabeledExpand` to at most one block of the hash; of fewer than 32 bytes, those at the beginning count.
fn expand(key: &Hash, suite: &[u8], label: &[u8], context: &[&[u8]], length: u8) -> Hash {
    let parts = [&[0, length], VERSION, suite, label];
    let context = context.iter().copied();
    hmac_of(key, parts.into_iter().chain(context).chain([&[1][..]]))
}

fn hmac(key: &[u8; HASH_LEN], parts: &[&[u8]]) -> Hash {
    hmac_of(key, parts.iter().copied())
}

/// HMAC-SHA-256 (RFC 2104) of the parts one behind the other.
fn hmac_of<'a>(key: &[u8; HASH_LEN], parts: impl Iterator<Item = &'a [u8]>) -> Hash {
    let mut inner = keyed(key, 0x36);
    parts.for_each(|part| inner.update(part));
    let mut outer = keyed(key, 0x5c);
    outer.update(inner.finalize());
    Zeroizing::new(outer.finalize().into())
}

/// A hash that has taken in the block of the padded key.
fn keyed(key: &[u8; HASH_LEN], pad: u8) -> Sha256 {
    let mut block = Zeroizing::new([pad; BLOCK_LEN]);
    block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
    Sha256::new_with_prefix(block.as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::tests::{Fixed, hex};

    #[test]
    #[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
    fn rfc_4231() {
        // Test case 1 has a key of 20 bytes, which counts as one with zeros behind it.
        let mut key = [0; 32];
        key[..20].fill(0x0b);
        let mac = hmac(&key, &[b"Hi ", b"There"]);
        assert_eq!(mac.as_slice(), hex("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"));
    }

    #[test]
    #[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
    fn a_point_of_small_order_is_refused() {
        // RFC 7748, 6.1: 0 and 1 are such points, and so is this one of order eight.
        for point in [
            [0; 32].to_vec(),
            [[1].as_slice(), &[0; 31]].concat(),
            hex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
        ] {
            let to = Public::X25519(point.try_into().unwrap());
            let result = seal_in_place(&to, b"", b"", &mut [0; 4], &mut Fixed(vec![7; 32]));
            assert_eq!(result, Err(UnusableKey));
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    use {
        crate::{
            key::Secret,
            suite::{
                open_in_place,
                tests::{library_seal, pair},
            },
        },
        hpke::kem::X25519HkdfSha256,
    };

    #[cfg(not(target_arch = "wasm32"))]
    proptest::proptest! {
        /// The crate's own sender writes the same bytes, and its recipient opens them.
        #[test]
        fn the_library_seals_the_same_and_opens_it(
            seeds in proptest::array::uniform2(proptest::array::uniform32(proptest::prelude::any::<u8>())),
            info in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..80),
            aad in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200),
            text in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..700),
        ) {
            let [recipient, ephemeral] = seeds.map(|seed| seed.to_vec());
            let (to, private) = pair::<X25519HkdfSha256>(recipient);
            let half = Public::X25519(to.clone().try_into().unwrap());
            let mut ours = text.clone();
            let (enc, tag) =
                seal_in_place(&half, &info, &aad, &mut ours, &mut Fixed(ephemeral.clone())).unwrap();
            let mut theirs = text.clone();
            let expected =
                library_seal::<X25519HkdfSha256>(&to, &info, &aad, &mut theirs, &mut Fixed(ephemeral));
            proptest::prop_assert_eq!((&ours, enc.bytes(), tag), (&theirs, &*expected.0, expected.1));
            open_in_place(&Secret::X25519(private), &enc, &info, &aad, &mut ours, &tag).unwrap();
            proptest::prop_assert_eq!(ours, text);
        }
    }
}
