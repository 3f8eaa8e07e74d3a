//! [`AccountNumber`]: the number of an account at its bank.

use core::fmt;

use zeroize::Zeroizing;

use crate::digits::Glyph;
use crate::secret::Secret;
use crate::verdict::{Reason, Verdict};

/// The fewest characters that an account number has in practice.
pub const MIN_CHARS: usize = 4;

/// The most characters: the width of Nacha's DFI Account Number field.
pub const MAX_CHARS: usize = 17;

/// An account number: text, never an integer, so that leading zeros stay. Overwritten when dropped.
pub struct AccountNumber(Secret<String>);

impl AccountNumber {
    /// Reads an account number. Spaces, dashes and invisible marks are skipped; ASCII letters, which some
    /// credit unions use, become upper case.
    ///
    /// # Errors
    /// `required`, `bad_characters`, `too_short` or `too_long`.
    pub fn parse(text: &str) -> Result<Self, Reason> {
        let mut chars = characters(text).ok_or(Reason::BadCharacters)?;
        match chars.len() {
            0 => Err(Reason::Required),
            1..MIN_CHARS => Err(Reason::TooShort),
            MIN_CHARS..=MAX_CHARS => Ok(Self(Secret::new(core::mem::take(&mut *chars)))),
            _ => Err(Reason::TooLong),
        }
    }

    /// Reads an account number and refuses letters where the merchant wants that.
    ///
    /// # Errors
    /// As [`AccountNumber::parse`]; letters are `bad_characters`.
    pub fn parse_under(text: &str, rule: LetterRule) -> Result<Self, Reason> {
        let number = Self::parse(text)?;
        let letters = number.expose().bytes().any(|byte| byte.is_ascii_uppercase());
        if rule == LetterRule::Refused && letters { Err(Reason::BadCharacters) } else { Ok(number) }
    }

    /// The characters.
    pub fn expose(&self) -> &str {
        // EXPOSE: this is the accessor itself.
        self.0.expose()
    }

    /// The last four characters.
    pub fn last4(&self) -> &str {
        crate::card::pan::last4(self.expose())
    }

    /// Stars, then the last four characters; of a number with four or five characters, all but the last
    /// two are stars, so that a mask never shows the whole number.
    pub fn masked(&self) -> String {
        let text = self.expose();
        let shown = if text.len() > 5 { 4 } else { 2 };
        let hidden = text.len().saturating_sub(shown);
        let mut masked = String::with_capacity(MAX_CHARS);
        for _ in 0..hidden {
            masked.push('*');
        }
        masked.push_str(text.get(hidden..).unwrap_or_default());
        masked
    }
}

impl fmt::Debug for AccountNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccountNumber([REDACTED])")
    }
}

/// Whether letters are taken. Consumers' accounts have digits in practice, but Nacha's field is alphanumeric and
/// some credit unions use that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LetterRule {
    /// Letters are as good as digits.
    #[default]
    Taken,
    /// Only digits are taken.
    Refused,
}

/// What is thought of the repetition of an account number: complete once it is the same, partial while it is
/// the beginning of it, else `account_mismatch`. Spaces, dashes and the case of letters make no difference;
/// leading zeros do.
pub fn inspect_repeated(account: &str, repeated: &str) -> Verdict {
    let (first, second) = (characters(account), characters(repeated));
    match (first, second) {
        (_, None) => Verdict::Invalid(Reason::BadCharacters),
        (_, Some(second)) if second.is_empty() => Verdict::Empty,
        (Some(first), Some(second)) if first == second => Verdict::Complete,
        (Some(first), Some(second)) if first.starts_with(second.as_str()) => Verdict::Partial,
        (None | Some(_), Some(_)) => Verdict::Invalid(Reason::AccountMismatch),
    }
}

/// The characters that count; none if there is one that cannot be in such a number.
fn characters(text: &str) -> Option<Zeroizing<String>> {
    // Room for everything at once: a growing string would leave copies behind.
    let mut chars = Zeroizing::new(String::with_capacity(text.len()));
    for c in text.chars() {
        match character(c) {
            Character::Part(byte) => chars.push(char::from(byte)),
            Character::Separator => {}
            Character::Foreign => return None,
        }
    }
    Some(chars)
}

/// What is thought of an account number as it stands.
pub fn inspect(text: &str) -> Verdict {
    match AccountNumber::parse(text) {
        Ok(_) => Verdict::Complete,
        Err(Reason::Required) => Verdict::Empty,
        Err(Reason::TooShort) => Verdict::Partial,
        Err(reason) => Verdict::Invalid(reason),
    }
}

/// What a character means in an account number.
pub(crate) enum Character {
    Part(u8),
    Separator,
    Foreign,
}

pub(crate) fn character(c: char) -> Character {
    match Glyph::of(c) {
        Glyph::Digit(value) => Character::Part(b'0' + value),
        Glyph::Separator => Character::Separator,
        Glyph::Foreign if c.is_ascii_alphabetic() => Character::Part(c.to_ascii_uppercase() as u8),
        Glyph::Foreign => Character::Foreign,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_matters() {
        for (text, expected) in [
            ("000123456789", "000123456789"),
            ("0012-3456 789", "00123456789"),
            ("0000", "0000"),
            ("12345678901234567", "12345678901234567"),
            ("ab12cd", "AB12CD"),
            ("１２３４", "1234"),
        ] {
            assert_eq!(AccountNumber::parse(text).unwrap().expose(), expected);
        }
    }

    #[test]
    fn refuses_with_the_reason() {
        for (text, reason) in [
            ("", Reason::Required),
            (" - ", Reason::Required),
            ("123", Reason::TooShort),
            ("123456789012345678", Reason::TooLong),
            ("1234/5", Reason::BadCharacters),
            ("12é4", Reason::BadCharacters),
        ] {
            assert_eq!(AccountNumber::parse(text).unwrap_err(), reason, "{text}");
        }
        assert_eq!(inspect("123"), Verdict::Partial);
    }

    #[test]
    fn a_repetition_is_the_same_or_wrong() {
        for (first, second, verdict) in [
            ("000123456789", "", Verdict::Empty),
            ("000123456789", "000", Verdict::Partial),
            ("000123456789", "000-123 456 789", Verdict::Complete),
            ("000123456789", "123456789", Verdict::Invalid(Reason::AccountMismatch)),
            ("000123456789", "000123456788", Verdict::Invalid(Reason::AccountMismatch)),
            ("000123456789", "0001234567890", Verdict::Invalid(Reason::AccountMismatch)),
            ("AB1234", "ab1234", Verdict::Complete),
            ("1234", "12/4", Verdict::Invalid(Reason::BadCharacters)),
            ("", "1", Verdict::Invalid(Reason::AccountMismatch)),
            // Beyond what an integer holds, and beyond what a float tells apart.
            ("00000000000000017", "00000000000000017", Verdict::Complete),
            ("90071992547409921", "90071992547409920", Verdict::Invalid(Reason::AccountMismatch)),
        ] {
            assert_eq!(inspect_repeated(first, second), verdict, "{first} {second}");
        }
    }

    #[test]
    fn letters_are_refused_only_where_it_is_wanted() {
        assert!(AccountNumber::parse_under("AB1234", LetterRule::Taken).is_ok());
        let refused = AccountNumber::parse_under("AB1234", LetterRule::Refused).unwrap_err();
        assert_eq!(refused, Reason::BadCharacters);
        assert!(AccountNumber::parse_under("001234", LetterRule::Refused).is_ok());
    }

    #[test]
    fn a_mask_never_shows_everything() {
        for (text, masked) in
            [("1234", "**34"), ("12345", "***45"), ("123456", "**3456"), ("000123456789", "********6789")]
        {
            assert_eq!(AccountNumber::parse(text).unwrap().masked(), masked);
        }
        assert_eq!(AccountNumber::parse("000123456789").unwrap().last4(), "6789");
    }
}
