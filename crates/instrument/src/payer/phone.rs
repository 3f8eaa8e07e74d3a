//! [`Phone`]: a telephone number with its country code.

mod codes;

use crate::card::contains_card_number;
use crate::digits::Glyph;
use crate::verdict::Reason;

/// The most digits with country code (ITU-T E.164).
const MAX_DIGITS: usize = 15;

/// A telephone number in E.164 form: `+14155550123`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone(String);

impl Phone {
    /// Reads a number that begins with `+` and its country code; spaces, dashes, full stops, slashes and
    /// brackets are skipped. A `+` tells it from a card number: only an entry without one is searched for
    /// cards, because one long phone number in ten passes the Luhn formula.
    ///
    /// # Errors
    /// `required`, `contains_card_number`, `bad_format`, `not_digits`, `too_short` or `too_long`.
    pub fn parse(text: &str) -> Result<Self, Reason> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Reason::Required);
        }
        let Some(rest) = text.strip_prefix(['+', '＋']) else {
            let card = contains_card_number(text);
            return Err(if card { Reason::ContainsCardNumber } else { Reason::BadFormat });
        };
        let mut number = String::with_capacity(MAX_DIGITS + 1);
        number.push('+');
        for c in rest.chars() {
            match Glyph::of(c) {
                Glyph::Digit(_) if number.len() > MAX_DIGITS => return Err(Reason::TooLong),
                Glyph::Digit(value) => number.push(char::from(b'0' + value)),
                Glyph::Separator => {}
                Glyph::Foreign if matches!(c, '(' | ')' | '.' | '/') => {}
                Glyph::Foreign => return Err(Reason::NotDigits),
            }
        }
        let digits = number.get(1..).unwrap_or_default();
        match codes::lengths(digits) {
            // One or two digits can still become a code.
            None if digits.len() < 3 && !digits.starts_with('0') => Err(Reason::TooShort),
            None => Err(Reason::BadFormat),
            Some((least, _)) if digits.len() < least => Err(Reason::TooShort),
            Some((_, most)) if digits.len() > most => Err(Reason::TooLong),
            Some(_) => Ok(Self(number)),
        }
    }

    /// The number in E.164 form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_numbers_with_a_country_code() {
        for (text, expected) in [
            ("+14155550123", "+14155550123"),
            ("+1 (415) 555-0123", "+14155550123"),
            ("+49 30/901820", "+4930901820"),
            ("＋４４ ２０ ７９４６ ０９５８", "+442079460958"),
            ("+29023456", "+29023456"),
            ("+491234567890123", "+491234567890123"),
            ("+٣٣ ١ ٢٣ ٤٥ ٦٧ ٨٩", "+33123456789"),
        ] {
            assert_eq!(Phone::parse(text).unwrap().as_str(), expected);
        }
    }

    #[test]
    fn refuses_with_the_reason() {
        for (text, reason) in [
            ("", Reason::Required),
            ("4155550123", Reason::BadFormat),
            ("+0415555012", Reason::BadFormat),
            ("+1234567890123456", Reason::TooLong),
            ("+290345", Reason::TooShort),
            ("+1415555012", Reason::TooShort),
            ("+141555501234", Reason::TooLong),
            ("+999 1234567", Reason::BadFormat),
            ("+21", Reason::TooShort),
            ("+1 415 CALL ME", Reason::NotDigits),
            ("4111 1111 1111 1111", Reason::ContainsCardNumber),
        ] {
            assert_eq!(Phone::parse(text), Err(reason), "{text}");
        }
    }
}
