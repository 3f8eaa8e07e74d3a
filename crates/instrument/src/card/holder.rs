//! [`HolderName`]: the name on a card or of an account's owner.

use core::fmt;

use crate::digits::{Glyph, is_invisible, passes_luhn, push};
use crate::secret::Secret;
use crate::verdict::{Reason, Verdict};

/// The most characters that a holder's name has.
pub const MAX_CHARS: usize = 100;

/// The most bytes that a holder's name has in UTF-8; the sealed record has room for no more.
pub const MAX_BYTES: usize = 200;

/// A holder's name without white space around it. Never holds a card number.
#[derive(Clone)]
pub struct HolderName(Secret<String>);

impl HolderName {
    /// Reads a name.
    ///
    /// # Errors
    /// `required`, `too_long`, `bad_characters` (control characters), `not_a_name` (digits, spaces and
    /// dashes only) or `contains_card_number`.
    pub fn parse(text: &str) -> Result<Self, Reason> {
        let name = check(text, MAX_CHARS, MAX_BYTES)?;
        if name.chars().all(|c| Glyph::of(c) != Glyph::Foreign) {
            return Err(Reason::NotAName);
        }
        Ok(Self(Secret::new(name.to_owned())))
    }

    /// Reads a name that may be missing or empty.
    pub(crate) fn parse_optional(entered: Option<&Secret<String>>) -> Result<Option<Self>, Reason> {
        // EXPOSE: parsing is the one thing that needs the entered text.
        match entered.map(|entered| Self::parse(entered.expose())) {
            None | Some(Err(Reason::Required)) => Ok(None),
            Some(Ok(name)) => Ok(Some(name)),
            Some(Err(reason)) => Err(reason),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        // EXPOSE: this is the accessor itself; the name is personal, but no authentication data.
        self.0.expose()
    }
}

impl fmt::Debug for HolderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HolderName([REDACTED])")
    }
}

/// What is thought of a name as it stands. Digits alone are partial: a name may follow.
pub fn inspect(text: &str) -> Verdict {
    match HolderName::parse(text) {
        Ok(_) => Verdict::Complete,
        Err(Reason::Required) => Verdict::Empty,
        Err(Reason::NotAName) => Verdict::Partial,
        Err(reason) => Verdict::Invalid(reason),
    }
}

/// Whether a card number stands somewhere in a text that should hold none.
///
/// It is 13 to 19 neighbouring digits, of any script, that pass the Luhn formula and are a number that a
/// known scheme has; further digits may stand before and behind it, an expiry say. Two digits are
/// neighbours if nothing stands between them, or spaces, dashes and invisible marks, or one single mark of
/// punctuation: two marks, or a mark and a space (`555-0100, 555-0199`), part two numbers.
pub fn contains_card_number(text: &str) -> bool {
    let mut run = zeroize::Zeroizing::new(String::with_capacity(text.len()));
    let mut gap = Gap::None;
    for c in text.chars() {
        gap = match (Glyph::of(c), gap) {
            (Glyph::Digit(value), _) => {
                push(&mut run, value);
                Gap::None
            }
            (Glyph::Separator, _) if is_invisible(c) => gap,
            (Glyph::Separator, Gap::None | Gap::Blank) => Gap::Blank,
            (Glyph::Foreign, Gap::None) if is_mark(c) => Gap::Mark,
            (Glyph::Foreign, _) if let Some(value) = other_digit(c) => {
                push(&mut run, value);
                Gap::None
            }
            (Glyph::Separator, Gap::Mark) | (Glyph::Foreign, _) => {
                if holds_card(&run) {
                    return true;
                }
                run.clear();
                Gap::None
            }
        };
    }
    holds_card(&run)
}

/// How many characters a text has: every byte that continues none. Shorter than the counting of the standard
/// library, which is made for long texts.
fn chars(text: &str) -> usize {
    text.bytes().map(|byte| usize::from(byte & 0xc0 != 0x80)).sum()
}

/// What stands behind the last digit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    None,
    Blank,
    Mark,
}

/// What every free text must satisfy: something in it, not too long, no control character, no card number.
pub(crate) fn check(text: &str, max_chars: usize, max_bytes: usize) -> Result<&str, Reason> {
    let text = text.trim();
    if text.is_empty() {
        Err(Reason::Required)
    } else if text.len() > max_bytes || chars(text) > max_chars {
        Err(Reason::TooLong)
    } else if text.chars().any(char::is_control) {
        Err(Reason::BadCharacters)
    } else if contains_card_number(text) {
        Err(Reason::ContainsCardNumber)
    } else {
        Ok(text)
    }
}

/// Whether a character is punctuation of ASCII, Latin-1, the general block or CJK, or its full-width form.
fn is_mark(c: char) -> bool {
    c.is_ascii_punctuation()
        || matches!(c, '\u{A1}'..='\u{BF}' | '\u{2010}'..='\u{205E}' | '\u{3001}'..='\u{303F}' | '\u{FF01}'..='\u{FF0F}')
}

/// The value of a decimal digit (Unicode category Nd) of a script in use that [`Glyph`] does not know.
fn other_digit(c: char) -> Option<u8> {
    let code = c as u32;
    let value = match code & !0x0F {
        // The Indic blocks, 128 characters each, all have their digits at the same place.
        0x0900..=0x0DFF => (code & 0x7F).wrapping_sub(0x66),
        // NKo, Thai, Lao, Tibetan, Myanmar, Shan, Khmer and Mongolian.
        0x07C0 | 0x0E50 | 0x0ED0 | 0x0F20 | 0x1040 | 0x1090 | 0x17E0 | 0x1810 => code & 0x0F,
        // Digits in mathematical type: bold, double-struck, sans-serif, monospace.
        0x1D7C0..=0x1D7F0 if code >= 0x1D7CE => (code - 0x1D7CE) % 10,
        _ => return None,
    };
    if value < 10 { Some(value as u8) } else { None }
}

fn holds_card(run: &str) -> bool {
    (0..run.len()).any(|from| (13..=19).any(|digits| run.get(from..from + digits).is_some_and(looks_issued)))
}

/// Whether digits pass the Luhn formula and a scheme has numbers like them.
fn looks_issued(digits: &str) -> bool {
    passes_luhn(digits) && super::pan::is_issued(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_world_pass() {
        for name in ["Ada Lovelace", " O'Neil-Smith ", "李小龙", "José", "Flat 12 Ltd", "R2-D2 12345678901"]
        {
            assert_eq!(HolderName::parse(name).unwrap().as_str(), name.trim());
        }
    }

    #[test]
    fn card_numbers_do_not() {
        for name in [
            "John 4111111111111111",
            "4111 1111 1111 1111 John",
            "John 4111-1111-1111-1111",
            "John 4111\u{a0}1111\u{a0}1111\u{a0}1111",
            "John ４１１１１１１１１１１１１１１１",
            "378282246310005",
            "J 4111111111111111 1228 123",
            "4111\u{200b}111111111111 x",
        ] {
            assert_eq!(HolderName::parse(name).unwrap_err(), Reason::ContainsCardNumber, "{name}");
        }
    }

    #[test]
    fn one_mark_between_digits_hides_nothing() {
        for mark in "./_,:|()';*+#=~·’．、".chars() {
            let text = ["4111"; 1].iter().chain(&["1111"; 3]).copied().collect::<Vec<_>>();
            let text = text.join(&mark.to_string());
            assert!(contains_card_number(&format!("No{text}")), "{text}");
        }
        for text in ["4.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1", "(4111) 1 4111/1111/1111/1111", "a4111111111111111b"]
        {
            assert!(contains_card_number(text), "{text}");
        }
    }

    #[test]
    fn digits_of_every_script_count() {
        for zero in "०০੦૦୦௦౦೦൦෦߀๐໐༠၀႐០᠐𝟎𝟘𝟢𝟬𝟶".chars() {
            let write = |text: &str| -> String {
                text.bytes()
                    .map(|digit| char::from_u32(zero as u32 + u32::from(digit - b'0')).unwrap())
                    .collect()
            };
            for (value, c) in (0..).zip(write("0123456789").chars()) {
                assert_eq!(other_digit(c), Some(value), "{c}");
            }
            assert!(contains_card_number(&write("5454545454545454")), "{zero}");
            assert!(contains_card_number(&write("378282246310005")), "{zero}");
        }
        for c in "ऀ॥॰৥৺୳෥෰ໟ႞១៰᠏ᠠ½Ⅳ²𝟍".chars().filter(|c| *c != '១') {
            assert_eq!(other_digit(c), None, "{c}");
        }
    }

    #[test]
    fn other_numbers_are_no_card_numbers() {
        for text in [
            "",
            // These pass the Luhn formula, but no scheme has such numbers.
            "000000000000000000",
            "80840123456789011",
            // This is of a scheme, but fails it.
            "4111111111111112",
            // Twelve digits are too few.
            "676000000007",
            // Two telephone numbers, and a date with a time.
            "555-411-1111, 111-111-1111",
            "2026-11-23 03:46:12.500",
            "12 Main St, 60187-4111",
        ] {
            assert!(!contains_card_number(text), "{text}");
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        let long = "é".repeat(101);
        let wide = "李".repeat(67);
        for (name, reason) in [
            ("", Reason::Required),
            ("  ", Reason::Required),
            ("12 34-5", Reason::NotAName),
            ("Ada\u{7}", Reason::BadCharacters),
            ("Ada\nLovelace", Reason::BadCharacters),
            (long.as_str(), Reason::TooLong),
            (wide.as_str(), Reason::TooLong),
        ] {
            assert_eq!(HolderName::parse(name).unwrap_err(), reason);
        }
        assert!(HolderName::parse(&"é".repeat(100)).is_ok());
        assert_eq!(inspect("123"), Verdict::Partial);
        assert_eq!(format!("{:?}", HolderName::parse("Ada").unwrap()), "HolderName([REDACTED])");
    }
}
