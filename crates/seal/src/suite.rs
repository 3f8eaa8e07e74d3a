//! The one cipher suite: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305 (RFC 9180).
//!
//! ChaCha20 rather than AES, because in WebAssembly there are no AES instructions: the same
//! envelope costs a third of the bytes and leaves no cache-timing trail.

use hpke::{
    Deserializable, HpkeError, OpModeR,
    aead::{AeadTag, ChaCha20Poly1305},
    inout::InOutBuf,
    kdf::HkdfSha256,
    kem::X25519HkdfSha256,
    single_shot_open_inout_detached,
};

/// The suite's name in the vault's key list.
pub const NAME: &str = "hpke-x25519-hkdf-sha256-chacha20poly1305";

/// The suite's number in statements about keys.
pub const NUMBER: u8 = 1;

/// Length of an encapsulated X25519 key in bytes (RFC 9180, table 2).
pub(crate) const ENC_LEN: usize = 32;
/// Length of a Poly1305 tag in bytes (RFC 8439).
pub(crate) const TAG_LEN: usize = 16;

pub(crate) type Kem = X25519HkdfSha256;

/// The secret half of a key pair.
pub(crate) type Secret = <Kem as hpke::Kem>::PrivateKey;

/// The key schedule's `info`: what this key is used for, so that it is good for nothing else.
pub(crate) fn info(key_id: &[u8; 8]) -> Vec<u8> {
    let mut info = b"tessera seal v1 ".to_vec();
    info.extend_from_slice(NAME.as_bytes());
    info.extend_from_slice(key_id);
    info
}

/// Decrypts the buffer where it lies.
pub(crate) fn open_in_place(
    with: &Secret,
    enc: &[u8; ENC_LEN],
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
    use hpke::{Kem as _, Serializable};

    use super::*;
    use crate::rand_core::{TryCryptoRng, TryRng};
    use crate::sender::seal_in_place;

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
    pub(crate) fn pair(random: Vec<u8>) -> ([u8; 32], Secret) {
        let (private, public) = Kem::gen_keypair_with_rng(&mut Fixed(random));
        (public.to_bytes().into(), private)
    }

    /// What the crate's own sender makes.
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn library_seal(
        to: &[u8; 32],
        info: &[u8],
        associated_data: &[u8],
        buffer: &mut [u8],
        rng: &mut Fixed,
    ) -> ([u8; ENC_LEN], [u8; TAG_LEN]) {
        let (enc, tag) = hpke::single_shot_seal_inout_detached_with_rng::<ChaCha20Poly1305, HkdfSha256, Kem>(
            &hpke::OpModeS::Base,
            &Deserializable::from_bytes(to).unwrap(),
            info,
            InOutBuf::from(buffer),
            associated_data,
            rng,
        )
        .unwrap();
        (enc.to_bytes().into(), tag.to_bytes().into())
    }

    pub(crate) fn hex(text: &str) -> Vec<u8> {
        text.as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    /// Appendix A.2.1 (base mode): the key pairs and the encryption with sequence number 0.
    #[test]
    #[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
    fn rfc_9180_a_2_1() {
        let ikm = hex("1ac01f181fdf9f352797655161c58b75c656a6cc2716dcb66372da835542e1df");
        let (recipient, public) = Kem::gen_keypair_with_rng(&mut Fixed(ikm));
        // The RFC prints the private key before clamping (RFC 7748, section 5), so public halves are compared.
        let printed = hex("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb");
        assert_eq!(Kem::sk_to_pk(&Secret::from_bytes(&printed).unwrap()), public);
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
            &public,
            &info,
            &aad,
            &mut buffer,
            &mut Fixed(hex("909a9b35d3dc4713a5e72a4da274b55d3d3821a37e5d099e74a647db583a904b")),
        )
        .unwrap();
        assert_eq!(enc.as_slice(), hex("1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a"));
        let mut sealed = buffer.clone();
        sealed.extend_from_slice(&tag);
        assert_eq!(
            sealed,
            hex("1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28")
        );
        open_in_place(&recipient, &enc, &info, &aad, &mut buffer, &tag).unwrap();
        assert_eq!(buffer, plaintext);
    }
}
