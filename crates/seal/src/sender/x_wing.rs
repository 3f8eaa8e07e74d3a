//! X-Wing's side of the sender (draft-connolly-cfrg-xwing-kem-06, 5.4): ML-KEM-768 and X25519, and one hash of what both give.
//!
//! The crate `x-wing` would do the same, and is what the vault opens with; it makes a public key over Edwards curves, where
//! the ladder that the exchange has anyway does it as well.

use hpke::rand_core::CryptoRng;
use ml_kem::{Encapsulate as _, ml_kem_768::EncapsulationKey};
use sha3::{Digest as _, Sha3_256};
use zeroize::Zeroizing;

use super::{Hash, UnusableKey, exchange};
use crate::suite::{X_WING_ENC_LEN, X_WING_LEN};

/// RFC 9180, 5.1, with the KEM of draft-ietf-hpke-pq: 0x647a.
pub(super) const SUITE: &[u8] = b"HPKE\x64\x7a\x00\x01\x00\x03";

/// What ends the input of the hash.
const LABEL: &[u8; 6] = br"\.//^\";

/// What the recipient makes the secret of, and the secret.
pub(super) fn encapsulate(
    to: &[u8; X_WING_LEN],
    rng: &mut impl CryptoRng,
) -> Result<(Box<[u8; X_WING_ENC_LEN]>, Hash), UnusableKey> {
    let (lattice, point) = to.split_last_chunk().ok_or(UnusableKey)?;
    let lattice = lattice.try_into().map_err(|_| UnusableKey)?;
    // FIPS 203, 7.2: a key with a number that is too large is none.
    let lattice = EncapsulationKey::new(lattice).map_err(|_| UnusableKey)?;
    let (ciphertext, first) = lattice.encapsulate_with_rng(rng);
    let first = Zeroizing::new(first);
    let mut private = Hash::default();
    rng.fill_bytes(&mut *private);
    let (public, second) = exchange(&private, point)?;
    let mut hash = Sha3_256::new_with_prefix(first.as_slice());
    for part in [&*second, &public, point, LABEL] as [&[u8]; 4] {
        hash.update(part);
    }
    let mut enc = Box::new([0; X_WING_ENC_LEN]);
    let (head, tail) = enc.split_at_mut(ciphertext.len());
    head.copy_from_slice(&ciphertext);
    tail.copy_from_slice(&public);
    Ok((enc, Zeroizing::new(hash.finalize().into())))
}

#[cfg(test)]
mod tests {
    use hpke::{Deserializable, Kem as _, Serializable, kem::XWing};

    use super::*;
    use crate::{
        key::{Public, Secret},
        sender::{key_schedule, seal_in_place},
        suite::{
            open_in_place,
            tests::{Fixed, hex},
        },
    };

    /// The bytes that stand behind a name in one of the files of published vectors.
    fn vector(file: &str, name: &str) -> Vec<u8> {
        hex(file.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')).unwrap())
    }

    #[test]
    #[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
    fn the_vector_of_the_draft() {
        let of = |name| vector(include_str!("../../fixtures/x-wing-draft.txt"), name);
        let to = of("pk").try_into().unwrap();
        let (enc, shared) = encapsulate(&to, &mut Fixed(of("eseed"))).unwrap();
        assert_eq!(enc.as_slice(), of("ct"));
        assert_eq!(shared.as_slice(), of("ss"));
        // The recipient's side, too.
        let private = Deserializable::from_bytes(&of("seed")).unwrap();
        assert_eq!(XWing::sk_to_pk(&private).to_bytes().as_slice(), to);
    }

    #[test]
    #[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
    fn the_vector_of_hpke() {
        let of = |name| vector(include_str!("../../fixtures/x-wing-hpke.txt"), name);
        let to = of("pk_r").try_into().unwrap();
        let (enc, shared) = encapsulate(&to, &mut Fixed(of("ikm_e"))).unwrap();
        assert_eq!(enc.as_slice(), of("enc"));
        assert_eq!(shared.as_slice(), of("shared_secret"));
        let (key, nonce) = key_schedule(SUITE, &shared, &of("info"));
        assert_eq!(key.as_slice(), of("key"));
        assert_eq!(nonce[..12], of("base_nonce"));

        let mut buffer = of("pt");
        let mut rng = Fixed(of("ikm_e"));
        let to = Public::XWing(Box::new(to));
        let (enc, tag) = seal_in_place(&to, &of("info"), &of("aad"), &mut buffer, &mut rng).unwrap();
        assert_eq!([&*buffer, &tag].concat(), of("ct"));
        let private = Secret::XWing(Box::new(Deserializable::from_bytes(&of("sk_r")).unwrap()));
        open_in_place(&private, &enc, &of("info"), &of("aad"), &mut buffer, &tag).unwrap();
        assert_eq!(buffer, of("pt"));
    }

    #[test]
    #[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
    fn a_key_that_is_worthless_in_either_half_is_refused() {
        let good: [u8; X_WING_LEN] =
            vector(include_str!("../../fixtures/x-wing-draft.txt"), "pk").try_into().unwrap();
        assert!(encapsulate(&good, &mut Fixed(vec![7; 64])).is_ok());
        // 3329, the first number that is too large, at the beginning: twelve bits, the lowest first.
        let mut lattice = good;
        lattice[0] = 0x01;
        lattice[1] = lattice[1] & 0xf0 | 0x0d;
        // And a point of small order at the end.
        let mut point = good;
        point[1184..].fill(0);
        for worthless in [lattice, point] {
            assert_eq!(encapsulate(&worthless, &mut Fixed(vec![7; 64])), Err(UnusableKey));
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    use {
        crate::suite::tests::{library_seal, pair},
        proptest::prelude::{ProptestConfig, any},
    };

    #[cfg(not(target_arch = "wasm32"))]
    proptest::proptest! {
        // A pair takes a hundred times as long in a test's build.
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// The crate's own sender writes the same bytes, and its recipient opens them.
        #[test]
        fn the_library_seals_the_same_and_opens_it(
            recipient in proptest::array::uniform32(any::<u8>()),
            halves in proptest::array::uniform2(proptest::array::uniform32(any::<u8>())),
            info in proptest::collection::vec(any::<u8>(), 0..80),
            aad in proptest::collection::vec(any::<u8>(), 0..200),
            text in proptest::collection::vec(any::<u8>(), 0..700),
        ) {
            let (to, private) = pair::<XWing>(recipient.to_vec());
            let half = Public::XWing(Box::new(to.clone().try_into().unwrap()));
            let mut ours = text.clone();
            let rng = || Fixed(halves.concat());
            let (enc, tag) = seal_in_place(&half, &info, &aad, &mut ours, &mut rng()).unwrap();
            let mut theirs = text.clone();
            let expected = library_seal::<XWing>(&to, &info, &aad, &mut theirs, &mut rng());
            proptest::prop_assert_eq!((&ours, enc.bytes(), tag), (&theirs, &*expected.0, expected.1));
            let private = Secret::XWing(Box::new(private));
            open_in_place(&private, &enc, &info, &aad, &mut ours, &tag).unwrap();
            proptest::prop_assert_eq!(ours, text);
        }
    }
}
