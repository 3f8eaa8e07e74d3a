//! Ed25519 signatures (RFC 8032, 5.1.7), checked with as little code as the browser's module has room for.
//!
//! The curve is `curve25519-dalek`'s, which the module carries for sealing already. Ours is the equation, [S]B - [k]A = R,
//! point by point without tables, because a key is checked once an hour and not a thousand times a second. The hash k is
//! whoever's: in a browser its own, which has SHA-512 wherever it shows a frame; here `sha2`'s. Nothing is secret, so nothing
//! needs to take the same time. The tests hold all of it against `ed25519-dalek` and Project Wycheproof's vectors.

use curve25519_dalek::{
    constants::ED25519_BASEPOINT_POINT,
    edwards::{CompressedEdwardsY, EdwardsPoint},
};

/// The length of a signature: R, then S.
pub(crate) const SIGNATURE_LEN: usize = 64;

/// The order of the base point in little-endian bytes: 2^252 + 27742317777372353535851937790883648493.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// Whether this is a signature of the holder of the key, if `hash` is SHA-512 of R, the key and the message.
pub(crate) fn is_good(key: &[u8; 32], signature: &[u8; SIGNATURE_LEN], hash: &[u8; 64]) -> bool {
    let (r, s) = signature.split_at(32);
    // Of the many numbers that would do in the equation, only the smallest is a signature.
    if !s.iter().rev().lt(ORDER.iter().rev()) {
        return false;
    }
    let Some(key) = CompressedEdwardsY(*key).decompress() else { return false };
    let minus = -key;
    let mut sum = EdwardsPoint::default();
    // The hash is not reduced by the order of the base point: every key that was made as the RFC says has that order.
    for bit in (0..512).rev() {
        sum += sum;
        for (number, point) in [(hash.as_slice(), &minus), (s, &ED25519_BASEPOINT_POINT)] {
            if number.get(bit / 8).is_some_and(|byte| byte >> (bit % 8) & 1 == 1) {
                sum += point;
            }
        }
    }
    sum.compress().as_bytes() == r
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha512};

    use super::*;
    use crate::suite::tests::hex;

    fn is_of(key: &[u8], message: &[u8], signature: &[u8; 64]) -> bool {
        let hash = Sha512::digest([&signature[..32], key, message].concat());
        is_good(key.try_into().unwrap(), signature, &hash.into())
    }

    /// RFC 8032, 7.1, tests 1 to 3: key, message, signature.
    const RFC_8032: [[&str; 3]; 3] = [
        [
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ],
        [
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ],
        [
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ],
    ];

    #[test]
    #[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
    fn rfc_8032_7_1() {
        for texts in RFC_8032 {
            let [key, message, signature] = texts.map(hex);
            let signature: [u8; 64] = signature.try_into().unwrap();
            assert!(is_of(&key, &message, &signature));
            assert!(!is_of(&key, &[&message[..], b"!"].concat(), &signature));
            for at in [0, 31, 32, 63] {
                let mut wrong = signature;
                wrong[at] ^= 1;
                assert!(!is_of(&key, &message, &wrong), "byte {at}");
            }
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    #[test]
    fn project_wycheproof_agrees() {
        let set = wycheproof::eddsa::TestSet::load(wycheproof::eddsa::TestName::Ed25519).unwrap();
        let mut seen = [0, 0];
        for group in set.test_groups {
            for case in group.tests {
                let signature: Result<[u8; 64], _> = case.sig.as_slice().try_into();
                let good = signature.is_ok_and(|signature| is_of(&group.key.pk, &case.msg, &signature));
                assert_eq!(
                    good,
                    case.result == wycheproof::TestResult::Valid,
                    "{} {}",
                    case.tc_id,
                    case.comment
                );
                seen[usize::from(good)] += 1;
            }
        }
        assert!(seen[0] > 50 && seen[1] > 50, "{seen:?}");
    }

    #[cfg(not(target_arch = "wasm32"))]
    proptest::proptest! {
        /// The library signs, and whatever it says of a signature that was tampered with, we say too.
        #[test]
        fn the_library_says_the_same(
            seed in proptest::array::uniform32(proptest::prelude::any::<u8>()),
            message in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300),
            change in proptest::option::of((0..64_usize, 1..=255_u8)),
        ) {
            use ed25519_dalek::Signer as _;
            let signer = ed25519_dalek::SigningKey::from_bytes(&seed);
            let mut signature = signer.sign(&message).to_bytes();
            if let Some((at, by)) = change {
                signature[at] ^= by;
            }
            let key = signer.verifying_key();
            let theirs = key.verify_strict(&message, &ed25519_dalek::Signature::from_bytes(&signature)).is_ok();
            proptest::prop_assert_eq!(is_of(key.as_bytes(), &message, &signature), theirs);
            proptest::prop_assert_eq!(theirs, change.is_none());
        }
    }
}
