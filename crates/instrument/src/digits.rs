//! Normalisation of typed and pasted text: which characters are digits, which are mere separators.
//!
//! Phones, password managers and copied web pages put full-width or Arabic-Indic digits, no-break
//! spaces, typographic dashes and bidirectional marks into what should be a number. All of these are
//! understood; anything else is reported, never silently dropped by a validator.

use zeroize::Zeroizing;

use crate::secret::Secret;

/// What one character means in a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyph {
    /// A decimal digit, 0 to 9.
    Digit(u8),
    /// A space, a dash or an invisible mark: allowed anywhere, means nothing.
    Separator,
    /// Anything else.
    Foreign,
}

impl Glyph {
    /// The meaning of a character. Digits are ASCII, full-width, Arabic-Indic and extended
    /// Arabic-Indic; explicit ranges, because `char::is_numeric` also takes ½ and Roman numerals.
    pub const fn of(c: char) -> Self {
        let code = c as u32;
        let zero = match code {
            0x30..=0x39 => 0x30,
            0x0660..=0x0669 => 0x0660,
            0x06F0..=0x06F9 => 0x06F0,
            0xFF10..=0xFF19 => 0xFF10,
            _ => return if is_separator(code) { Self::Separator } else { Self::Foreign },
        };
        Self::Digit((code - zero) as u8)
    }
}

/// The digits of a text as ASCII, and whether the text held anything that is no separator.
#[derive(Clone)]
pub struct Normalised {
    /// The ASCII digits.
    pub digits: Zeroizing<String>,
    /// What the rest of the text was.
    pub rest: Rest,
}

impl Normalised {
    /// The digits alone, where they lie.
    pub(crate) fn into_secret(mut self) -> Secret<String> {
        Secret::new(core::mem::take(&mut *self.digits))
    }
}

/// What a text held besides digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// Nothing but separators.
    Separators,
    /// Characters that have no place in a number.
    Foreign,
}

/// Reads a number out of a text.
///
/// ```
/// use instrument::digits::{Rest, normalise};
/// let read = normalise("４２４２\u{2011}\u{0664}2\u{00a0}42");
/// assert_eq!(*read.digits, "42424242");
/// assert_eq!(read.rest, Rest::Separators);
/// assert_eq!(normalise("4242a").rest, Rest::Foreign);
/// ```
pub fn normalise(text: &str) -> Normalised {
    // Room for every digit at once: a growing string would leave copies behind.
    let mut digits = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = Rest::Separators;
    for c in text.chars() {
        match Glyph::of(c) {
            Glyph::Digit(value) => push(&mut digits, value),
            Glyph::Separator => {}
            Glyph::Foreign => rest = Rest::Foreign,
        }
    }
    Normalised { digits, rest }
}

/// Appends a digit. Not inlined: in wasm every inlined copy of a push costs a hundred bytes.
#[inline(never)]
pub(crate) fn push(text: &mut String, digit: u8) {
    text.push(char::from(b'0' + digit));
}

/// The values of ASCII digits.
pub(crate) fn values(digits: &str) -> impl Iterator<Item = u8> {
    digits.bytes().map(|byte| byte.wrapping_sub(b'0') % 10)
}

/// Whether the ASCII digits satisfy the Luhn formula (ISO/IEC 7812-1, annex B).
///
/// Anything but ASCII digits fails, and so does nothing at all. A loop of our own, held together with the `luhn`
/// crate by a test: it is more than twice as fast.
pub fn passes_luhn(digits: &str) -> bool {
    // A doubled digit above nine counts as the sum of its own two digits.
    const DOUBLED: [u8; 10] = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
    let mut sum = 0;
    let mut bytes = digits.bytes().rev();
    while let Some(last) = bytes.next() {
        let plain = last.wrapping_sub(b'0');
        let doubled = bytes.next().map_or(0, |byte| byte.wrapping_sub(b'0'));
        let Some(doubled) = DOUBLED.get(usize::from(doubled)) else { return false };
        if plain > 9 {
            return false;
        }
        sum += usize::from(plain + *doubled);
    }
    !digits.is_empty() && sum % 10 == 0
}

/// White space (all of Zs and the control characters of `\s`), invisible format characters, dashes.
const fn is_separator(code: u32) -> bool {
    matches!(
        code,
        0x09..=0x0D | 0x20 | 0x85 | 0xA0 | 0x1680 | 0x2000..=0x200A | 0x2028 | 0x2029 | 0x202F | 0x205F | 0x3000
            | 0x2D | 0x2010..=0x2014 | 0x2212 | 0xFE63 | 0xFF0D
    ) || is_format(code)
}

/// Invisible characters of Cf: soft hyphen, joiners, bidirectional marks, byte-order mark.
const fn is_format(code: u32) -> bool {
    matches!(code, 0xAD | 0x061C | 0x180E | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F | 0xFEFF)
}

/// Whether a character has no width: it separates nothing.
pub(crate) const fn is_invisible(c: char) -> bool {
    is_format(c as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn luhn_agrees_with_the_crate(digits in "[0-9]{1,40}") {
            prop_assert_eq!(passes_luhn(&digits), luhn::valid(&digits));
        }
    }

    #[test]
    fn reads_every_kind_of_digit() {
        for zero in ['0', '\u{0660}', '\u{06F0}', '\u{FF10}'] {
            for value in 0..10 {
                let c = char::from_u32(zero as u32 + value).unwrap();
                assert_eq!(Glyph::of(c), Glyph::Digit(value as u8));
            }
            assert_ne!(Glyph::of(char::from_u32(zero as u32 - 1).unwrap()), Glyph::Digit(9));
            assert!(!matches!(Glyph::of(char::from_u32(zero as u32 + 10).unwrap()), Glyph::Digit(_)));
        }
        for c in ['½', 'Ⅳ', '²', '०', '𝟗', 'O', 'l'] {
            assert_eq!(Glyph::of(c), Glyph::Foreign, "{c}");
        }
    }

    #[test]
    fn drops_what_is_invisible_or_a_dash() {
        for c in " \t\n\u{a0}\u{202f}\u{2009}\u{3000}\u{feff}\u{200b}\u{200e}\u{200f}\u{202d}\u{202c}\u{2066}\u{2069}-‐‑‒–—−﹣－"
            .chars()
        {
            assert_eq!(Glyph::of(c), Glyph::Separator, "{:x}", c as u32);
        }
        for c in "/.,_+*'⁄∕／⑆⑈".chars() {
            assert_eq!(Glyph::of(c), Glyph::Foreign, "{c}");
        }
    }

    #[test]
    fn luhn_takes_digits_only() {
        assert!(passes_luhn("4111111111111111"));
        assert!(!passes_luhn("4111111111111112"));
        assert!(!passes_luhn(""));
        assert!(!passes_luhn("+4111111111111111"));
        assert!(!passes_luhn("4111-1111-1111-1111"));
    }
}
