//! The cipher suites of HPKE (RFC 9180): with a key exchange by DHKEM(X25519, HKDF-SHA256) or by X-Wing, and always with
//! HKDF-SHA256 and ChaCha20-Poly1305.
//!
//! ChaCha20 rather than AES, because in WebAssembly there are no AES instructions: the same
//! envelope costs a third of the bytes and leaves no cache-timing trail.
//!
//! X-Wing (draft-connolly-cfrg-xwing-kem, HPKE's KEM 0x647a) is X25519 and ML-KEM-768 together: what was recorded today
//! stays closed to whoever breaks one of them later. Only builds with the feature `x-wing` have it, because it is a third of
//! what a shopper would download.

use hpke::{
    Deserializable, HpkeError, OpModeR,
    aead::{AeadTag, ChaCha20Poly1305},
    inout::InOutBuf,
    kdf::HkdfSha256,
    kem::X25519HkdfSha256,
    single_shot_open_inout_detached,
};

use crate::{envelope::Encapsulated, key::Secret};

/// Length of an X25519 key, encapsulated or not, in bytes (RFC 9180, table 2).
pub(crate) const X25519_LEN: usize = 32;
/// Length of an X-Wing public key: one of ML-KEM-768 (1184), one of X25519.
#[cfg(feature = "x-wing")]
pub(crate) const X_WING_LEN: usize = 1184 + X25519_LEN;
/// Length of what X-Wing encapsulates: a ciphertext of ML-KEM-768 (1088), and a key of X25519.
#[cfg(feature = "x-wing")]
pub(crate) const X_WING_ENC_LEN: usize = 1088 + X25519_LEN;
/// Length of a Poly1305 tag in bytes (RFC 8439).
pub(crate) const TAG_LEN: usize = 16;

/// A cipher suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Suite {
    /// DHKEM(X25519, HKDF-SHA256).
    X25519,
    /// X-Wing: X25519 and ML-KEM-768.
    #[cfg(feature = "x-wing")]
    XWing,
}

impl Suite {
    /// Every suite that this build speaks.
    pub const ALL: &'static [Self] = &[
        Self::X25519,
        #[cfg(feature = "x-wing")]
        Self::XWing,
    ];

    /// The number in statements about keys, in envelopes and in stores.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::X25519 => 1,
            #[cfg(feature = "x-wing")]
            Self::XWing => 2,
        }
    }

    /// The suite of a number, if this build speaks it.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|suite| suite.number() == number)
    }

    /// The name in the vault's key list.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::X25519 => "hpke-x25519-hkdf-sha256-chacha20poly1305",
            #[cfg(feature = "x-wing")]
            Self::XWing => "hpke-x-wing-hkdf-sha256-chacha20poly1305",
        }
    }

    /// The suite of a name, if this build speaks it.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|suite| suite.name() == name)
    }

    /// Whether a compiled browser module can seal with it. Whatever is sealed has the suite's name in what its key is made of
    /// (see [`info`]), so the name stands in the module; where the suite was left out, it does not.
    #[must_use]
    pub fn is_in(self, module: &[u8]) -> bool {
        let name = self.name().as_bytes();
        module.windows(name.len()).any(|window| window == name)
    }
}

/// The key schedule's `info`: what this key is used for, so that it is good for nothing else.
pub(crate) fn info(suite: Suite, key_id: &[u8; 8]) -> Vec<u8> {
    let mut info = b"tessera seal v1 ".to_vec();
    info.extend_from_slice(suite.name().as_bytes());
    info.extend_from_slice(key_id);
    info
}

/// Decrypts the buffer where it lies.
pub(crate) fn open_in_place(
    with: &Secret,
    enc: &Encapsulated,
    info: &[u8],
    associated_data: &[u8],
    buffer: &mut [u8],
    tag: &[u8; TAG_LEN],
) -> Result<(), HpkeError> {
    match (with, enc) {
        (Secret::X25519(with), Encapsulated::X25519(enc)) => {
            open::<X25519HkdfSha256>(with, enc, info, associated_data, buffer, tag)
        }
        #[cfg(feature = "x-wing")]
        (Secret::XWing(with), Encapsulated::XWing(enc)) => {
            open::<hpke::kem::XWing>(with, enc.as_slice(), info, associated_data, buffer, tag)
        }
        #[cfg(feature = "x-wing")]
        (Secret::X25519(_), Encapsulated::XWing(_)) | (Secret::XWing(_), Encapsulated::X25519(_)) => {
            Err(HpkeError::OpenError)
        }
    }
}

fn open<Kem: hpke::Kem>(
    with: &Kem::PrivateKey,
    enc: &[u8],
    info: &[u8],
    associated_data: &[u8],
    buffer: &mut [u8],
    tag: &[u8; TAG_LEN],
) -> Result<(), HpkeError> {
    single_shot_open_inout_detached::<ChaCha20Poly1305, HkdfSha256, Kem>(
        &OpModeR::Base,
        with,
        &Deserializable::from_bytes(enc)?,
        info,
        InOutBuf::from(buffer),
        associated_data,
        &AeadTag::from_bytes(tag)?,
    )
}

#[cfg(test)]
pub(crate) mod tests {
    use hpke::{Kem, Serializable};

    use super::*;
    use crate::{
        key::Public,
        rand_core::{TryCryptoRng, TryRng},
        sender::seal_in_place,
    };

    /// Gives out the bytes of a published vector, once.
    pub(crate) struct Fixed(pub(crate) Vec<u8>);

    impl TryRng for Fixed {
        type Error = core::convert::Infallible;

        fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
            unreachable!("the vector prescribes bytes")
        }

        fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
            unreachable!("the vector prescribes bytes")
        }

        fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Self::Error> {
            to.copy_from_slice(&self.0.drain(..to.len()).collect::<Vec<_>>());
            Ok(())
        }
    }

    impl TryCryptoRng for Fixed {}

    /// The key pair that is made of these random bytes.
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn pair<K: Kem>(random: Vec<u8>) -> (Vec<u8>, K::PrivateKey) {
        let (private, public) = K::gen_keypair_with_rng(&mut Fixed(random));
        (public.to_bytes().to_vec(), private)
    }

    /// What the crate's own sender makes: the encapsulated key, and the tag.
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn library_seal<K: Kem>(
        to: &[u8],
        info: &[u8],
        associated_data: &[u8],
        buffer: &mut [u8],
        rng: &mut Fixed,
    ) -> (Vec<u8>, [u8; TAG_LEN]) {
        let (enc, tag) = hpke::single_shot_seal_inout_detached_with_rng::<ChaCha20Poly1305, HkdfSha256, K>(
            &hpke::OpModeS::Base,
            &Deserializable::from_bytes(to).unwrap(),
            info,
            InOutBuf::from(buffer),
            associated_data,
            rng,
        )
        .unwrap();
        (enc.to_bytes().to_vec(), tag.to_bytes().into())
    }

    pub(crate) fn hex(text: &str) -> Vec<u8> {
        text.as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    #[test]
    fn each_suite_has_its_number_and_name() {
        for suite in Suite::ALL.iter().copied() {
            assert_eq!(Suite::from_number(suite.number()), Some(suite));
            assert_eq!(Suite::from_name(suite.name()), Some(suite));
            let module = [&b"\0asm and code "[..], suite.name().as_bytes(), b" and more"].concat();
            for other in Suite::ALL.iter().copied() {
                assert_eq!(other.is_in(&module), other == suite);
            }
        }
        assert_eq!(Suite::from_number(0), None);
        assert_eq!(Suite::from_number(3), None);
        assert_eq!(Suite::from_name("x-wing"), None);
    }

    /// Appendix A.2.1 (base mode): the key pairs and the encryption with sequence number 0.
    #[test]
    #[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
    fn rfc_9180_a_2_1() {
        let ikm = hex("1ac01f181fdf9f352797655161c58b75c656a6cc2716dcb66372da835542e1df");
        let (recipient, public) = X25519HkdfSha256::gen_keypair_with_rng(&mut Fixed(ikm));
        // The RFC prints the private key before clamping (RFC 7748, section 5), so public halves are compared.
        let printed = hex("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb");
        assert_eq!(X25519HkdfSha256::sk_to_pk(&Deserializable::from_bytes(&printed).unwrap()), public);
        let public: [u8; 32] = public.to_bytes().into();
        assert_eq!(
            public.as_slice(),
            hex("4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a")
        );
        let info = hex("4f6465206f6e2061204772656369616e2055726e");
        let aad = hex("436f756e742d30");
        let plaintext = hex("4265617574792069732074727574682c20747275746820626561757479");
        let mut buffer = plaintext.clone();
        let (enc, tag) = seal_in_place(
            &Public::X25519(public),
            &info,
            &aad,
            &mut buffer,
            &mut Fixed(hex("909a9b35d3dc4713a5e72a4da274b55d3d3821a37e5d099e74a647db583a904b")),
        )
        .unwrap();
        assert_eq!(enc.bytes(), hex("1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a"));
        let mut sealed = buffer.clone();
        sealed.extend_from_slice(&tag);
        assert_eq!(
            sealed,
            hex("1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28")
        );
        open_in_place(&Secret::X25519(recipient), &enc, &info, &aad, &mut buffer, &tag).unwrap();
        assert_eq!(buffer, plaintext);
    }
}
