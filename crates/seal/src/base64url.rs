//! Base64url without padding (RFC 4648, section 5), for keys, key ids and envelopes: all of them public, so
//! nothing here needs to take the same time for every text. A tenth of the code of a general library.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The text of these bytes.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 4 / 3 + 1);
    let (mut held, mut bits) = (0_u32, 0_u32);
    let mut push = |index: u32| {
        let letter = ALPHABET.get(index as usize & 63).copied().unwrap_or_default();
        text.push(char::from(letter));
    };
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 6 {
            bits -= 6;
            push(held >> bits);
        }
    }
    if bits > 0 {
        push(held << (6 - bits));
    }
    text
}

/// The bytes of a text; none unless it is the one text of exactly so many bytes.
pub(crate) fn decode<const LEN: usize>(text: &str) -> Option<[u8; LEN]> {
    decode_all(text)?.try_into().ok()
}

/// The bytes of a text, however many; none unless it is their one text.
pub(crate) fn decode_all(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let (mut held, mut bits) = (0_u32, 0_u32);
    for letter in text.bytes() {
        held = held << 6 | u32::from(value(letter)?);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            #[expect(clippy::cast_possible_truncation, reason = "the lowest eight bits are what is wanted")]
            let byte = (held >> bits) as u8;
            bytes.push(byte);
        }
    }
    // What is left over are fewer than six bits, and zeros: otherwise there would be two texts of the same bytes.
    (bits < 6 && held & ((1 << bits) - 1) == 0).then_some(bytes)
}

/// The six bits that a letter stands for.
pub(crate) const fn value(letter: u8) -> Option<u8> {
    Some(match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'-' => 62,
        b'_' => 63,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_rfc_4648_in_the_other_alphabet() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg"),
            ("fo", "Zm8"),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(encode(bytes.as_bytes()), text);
        }
        assert_eq!(encode(&[0xfb, 0xff, 0xfe]), "-__-");
        assert_eq!(decode("Zm9vYmFy"), Some(*b"foobar"));
        assert_eq!(decode("Zm9vYg"), Some(*b"foob"));
        assert_eq!(decode("-__-"), Some([0xfb, 0xff, 0xfe]));
    }

    #[test]
    fn there_is_one_text_of_the_same_bytes() {
        for wrong in ["Zm9vYh", "Zm9vYg=", "Zm9vY", "Zm9v Yg", "Zm9vYm", "Zm9vYmFy", "Zm9v", "+__-AA", ""] {
            assert_eq!(decode::<4>(wrong).filter(|_| wrong != "Zm9vYg"), None, "{wrong}");
        }
    }

    #[test]
    fn every_length_comes_back() {
        let bytes: [u8; 32] = std::array::from_fn(|at| u8::try_from(at * 37 % 251).unwrap());
        assert_eq!(decode(&encode(&bytes)), Some(bytes));
        assert_eq!(decode::<31>(&encode(&bytes)), None);
        assert_eq!(decode::<33>(&encode(&bytes)), None);
        let eight: [u8; 8] = std::array::from_fn(|at| 255 - u8::try_from(at).unwrap());
        assert_eq!(decode(&encode(&eight)), Some(eight));
    }
}
