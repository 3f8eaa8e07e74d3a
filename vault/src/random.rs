//! Where the vault gets random bytes from, and how it writes them as text.

use zeroize::Zeroizing;

/// The 58 characters of Bitcoin's base58: no `0`, `O`, `I` or `l`, so that people can read keys aloud.
pub const BASE58: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// A source of random bytes fit for keys.
pub trait Random: Send + Sync {
    /// Fills the buffer.
    ///
    /// # Errors
    ///
    /// [`RandomFailed`] if the operating system gives none; nothing may be issued then.
    fn fill(&self, buffer: &mut [u8]) -> Result<(), RandomFailed>;
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), RandomFailed> {
        getrandom::fill(buffer).map_err(|_| RandomFailed)
    }
}

/// The operating system gave no random bytes; the environment is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gives no random bytes")]
pub struct RandomFailed;

/// Random bytes in a fixed-size, zeroized buffer.
///
/// # Errors
///
/// [`RandomFailed`] if there are none.
pub fn bytes<const LEN: usize>(random: &dyn Random) -> Result<Zeroizing<[u8; LEN]>, RandomFailed> {
    let mut buffer = Zeroizing::new([0; LEN]);
    random.fill(buffer.as_mut_slice())?;
    Ok(buffer)
}

/// Random text of `len` characters, each drawn evenly from an ASCII alphabet of 2 to 256 characters.
///
/// # Errors
///
/// [`RandomFailed`] if there are no random bytes, or the alphabet has another size.
pub fn text(random: &dyn Random, alphabet: &[u8], len: usize) -> Result<Zeroizing<String>, RandomFailed> {
    if !(2..=256).contains(&alphabet.len()) {
        return Err(RandomFailed);
    }
    // Bytes from the incomplete last round would favour the first characters: they are thrown away.
    let even = 256 - 256 % alphabet.len();
    let mut text = Zeroizing::new(String::with_capacity(len));
    while text.len() < len {
        for byte in bytes::<64>(random)?.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < even) {
            if let Some(character) = alphabet.get(byte % alphabet.len())
                && text.len() < len
            {
                text.push(char::from(*character));
            }
        }
    }
    Ok(text)
}

/// A random UUID (RFC 9562, version 4), in lower case with dashes.
///
/// # Errors
///
/// [`RandomFailed`] if there are no random bytes.
pub fn uuid_v4(random: &dyn Random) -> Result<String, RandomFailed> {
    let number = u128::from_be_bytes(*bytes::<16>(random)?);
    // Version 4 in bits 48..52, variant 0b10 in bits 64..66, counted from the front.
    let number = (number & !(0xf << 76)) | (0x4 << 76);
    let number = (number & !(0b11 << 62)) | (0b10 << 62);
    let field = |shift: u32, digits: usize| {
        let mask = (1_u128 << (4 * digits)) - 1;
        format!("{:0digits$x}", (number >> shift) & mask)
    };
    Ok([field(96, 8), field(80, 4), field(64, 4), field(48, 4), field(0, 12)].join("-"))
}

/// Random text of `len` hexadecimal digits in lower case.
///
/// # Errors
///
/// [`RandomFailed`] if there are no random bytes.
pub fn hex(random: &dyn Random, len: usize) -> Result<String, RandomFailed> {
    text(random, b"0123456789abcdef", len).map(|text| text.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_has_the_asked_length_and_alphabet() {
        let text = text(&SystemRandom, BASE58, 44).unwrap();
        assert_eq!(text.len(), 44);
        assert!(text.bytes().all(|byte| BASE58.contains(&byte)));
    }

    #[test]
    fn every_character_comes_up_about_equally_often() {
        let text = text(&SystemRandom, b"abcdefghij", 20_000).unwrap();
        for character in 'a'..='j' {
            let count = text.chars().filter(|other| *other == character).count();
            assert!((1_700..2_300).contains(&count), "{character}: {count}");
        }
    }

    #[test]
    fn a_uuid_says_its_version_and_variant() {
        for _ in 0..50 {
            let uuid = uuid_v4(&SystemRandom).unwrap();
            let parts: Vec<&str> = uuid.split('-').collect();
            assert_eq!(parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
            assert!(uuid.bytes().all(|byte| byte == b'-' || matches!(byte, b'0'..=b'9' | b'a'..=b'f')));
            assert!(parts[2].starts_with('4') && parts[3].starts_with(['8', '9', 'a', 'b']), "{uuid}");
        }
        assert_eq!(hex(&SystemRandom, 24).unwrap().len(), 24);
    }

    #[test]
    fn an_impossible_alphabet_is_an_error() {
        assert!(super::text(&SystemRandom, b"", 4).is_err());
        assert!(super::text(&SystemRandom, b"a", 4).is_err());
    }
}
