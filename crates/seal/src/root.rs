//! The root: whoever holds its private half says which sealing keys a browser may use.

use crate::{base64url, key::MalformedKey};

/// Signatures are for this purpose only, and for this form of it.
const LABEL: &[u8] = b"tessera sealing key statement 1\n";

const KEY_LEN: usize = 32;
const LEN: usize = KEY_LEN + LABEL.len();

/// The public half of a root: an Ed25519 key. The label of what it signs lies behind it, because both are hashed in this
/// order, and because that is how the key that a compiled module pins is found in it again: see [`Root::pinned_in`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Root([u8; LEN]);

/// The root that this build believes: the one that `TESSERA_ROOT` named when it was compiled, or else [`DEVELOPMENT`].
pub static PINNED: Root = match option_env!("TESSERA_ROOT") {
    None => DEVELOPMENT,
    Some(text) if text.is_empty() => DEVELOPMENT,
    Some(text) => Root::parse(text),
};

/// The root of development, which protects nothing: everybody knows its private half, [`DEVELOPMENT_SEED`].
pub const DEVELOPMENT: Root = Root::new([
    0xde, 0xc5, 0xde, 0x5e, 0x54, 0xd7, 0xbc, 0xd1, 0x95, 0x6f, 0x68, 0x8f, 0x00, 0x06, 0xcd, 0xf7, 0x5d,
    0x9b, 0x2b, 0x9b, 0x55, 0x16, 0x33, 0x83, 0x7c, 0x70, 0x0b, 0xd6, 0xf1, 0xb5, 0xf0, 0x4d,
]);

/// The private half of [`DEVELOPMENT`]. It is no secret: it stands here for everybody to read.
pub const DEVELOPMENT_SEED: &[u8; KEY_LEN] = b"tessera development root, public";

impl Root {
    /// Makes a root of the 32 bytes of an Ed25519 public key (RFC 8032).
    #[must_use]
    pub const fn new(key: [u8; KEY_LEN]) -> Self {
        let mut bytes = [0; LEN];
        let (head, label) = bytes.split_at_mut(KEY_LEN);
        head.copy_from_slice(&key);
        label.copy_from_slice(LABEL);
        Self(bytes)
    }

    /// Reads the text form: 43 characters of unpadded base64url.
    ///
    /// # Errors
    ///
    /// [`MalformedKey`] if it is anything else.
    pub fn from_text(text: &str) -> Result<Self, MalformedKey> {
        base64url::decode(text).map(Self::new).ok_or(MalformedKey)
    }

    /// The text form.
    #[must_use]
    pub fn to_text(&self) -> String {
        base64url::encode(self.bytes())
    }

    /// The 32 bytes of the key.
    #[must_use]
    pub fn bytes(&self) -> &[u8; KEY_LEN] {
        self.0.first_chunk().unwrap_or(&[0; KEY_LEN])
    }

    /// Key and label, as they are hashed.
    pub(crate) const fn labelled(&self) -> &[u8; LEN] {
        &self.0
    }

    /// What lies before a statement where it is signed.
    pub(crate) const fn label() -> &'static [u8] {
        LABEL
    }

    /// The root that a compiled browser module pins; none if the bytes do not hold exactly one.
    #[must_use]
    pub fn pinned_in(module: &[u8]) -> Option<Self> {
        let mut found = module.windows(LEN).filter(|window| window.ends_with(LABEL));
        let root = found.next()?.first_chunk().copied().map(Self::new)?;
        found.next().is_none().then_some(root)
    }

    /// Reads the text form while compiling, which ends with an error if it is anything else.
    #[expect(
        clippy::indexing_slicing,
        clippy::panic,
        reason = "it runs in the compiler, which says what is wrong"
    )]
    const fn parse(text: &str) -> Self {
        let letters = text.as_bytes();
        assert!(
            letters.len() == 43,
            "TESSERA_ROOT is not the public half of a root: 43 characters of base64url"
        );
        let mut key = [0; KEY_LEN];
        let (mut held, mut bits, mut from, mut to) = (0_u32, 0, 0, 0);
        while from < letters.len() {
            let Some(value) = base64url::value(letters[from]) else {
                panic!("TESSERA_ROOT is not the public half of a root: a character is not of base64url");
            };
            held = held << 6 | value as u32;
            bits += 6;
            if bits >= 8 {
                bits -= 8;
                key[to] = (held >> bits & 0xff) as u8;
                to += 1;
            }
            from += 1;
        }
        assert!(
            held & 0b11 == 0,
            "TESSERA_ROOT is not the public half of a root: it ends in bits that mean nothing"
        );
        Self::new(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_form_is_the_same_at_compile_time() {
        let root = Root::new(std::array::from_fn(|at| u8::try_from(at * 37 % 251).unwrap()));
        assert_eq!(Root::from_text(&root.to_text()), Ok(root));
        assert_eq!(Root::parse(&root.to_text()), root);
        for wrong in ["", "AA", &format!("{}A", root.to_text()), &"=".repeat(43)] {
            assert_eq!(Root::from_text(wrong), Err(MalformedKey), "{wrong}");
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    #[test]
    fn the_private_half_of_development_is_the_one_that_is_written_here() {
        let signer = ed25519_dalek::SigningKey::from_bytes(DEVELOPMENT_SEED);
        assert_eq!(signer.verifying_key().as_bytes(), DEVELOPMENT.bytes());
    }

    #[test]
    fn a_module_that_pins_one_root_is_read_and_no_other() {
        let root = Root::new([7; 32]);
        let module = [&b"\0asm and code "[..], &root.0, b" and more"].concat();
        assert_eq!(Root::pinned_in(&module), Some(root));
        assert_eq!(Root::pinned_in(&[&module[..], &DEVELOPMENT.0].concat()), None, "two");
        assert_eq!(Root::pinned_in(LABEL), None, "a label without a key");
        assert_eq!(Root::pinned_in(b"\0asm"), None);
    }
}
