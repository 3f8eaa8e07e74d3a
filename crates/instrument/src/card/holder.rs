//! [`HolderName`]: the name on a card or of an account's owner.

use core::fmt;

use crate::digits::{Glyph, passes_luhn, push};
use crate::secret::Secret;
use crate::verdict::{Reason, Verdict};

/// The most characters that a holder's name has.
pub const MAX_CHARS: usize = 100;

/// The most bytes that a holder's name has in UTF-8; the sealed record has room for no more.
pub const MAX_BYTES: usize = 200;

/// The fewest digits in a row that are taken for a card number.
const CARD_DIGITS: usize = 12;

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
/// It is a run of 12 or more digits, separators ignored, that passes the Luhn formula, or a longer run in
/// which 13 to 19 neighbours do: a number with its expiry behind it, say.
pub fn contains_card_number(text: &str) -> bool {
    let mut run = zeroize::Zeroizing::new(String::with_capacity(text.len()));
    for c in text.chars() {
        match Glyph::of(c) {
            Glyph::Digit(value) => push(&mut run, value),
            Glyph::Separator => {}
            Glyph::Foreign => {
                if run_holds_card(&run) {
                    return true;
                }
                run.clear();
            }
        }
    }
    run_holds_card(&run)
}

/// What every free text must satisfy: something in it, not too long, no control character, no card number.
pub(crate) fn check(text: &str, max_chars: usize, max_bytes: usize) -> Result<&str, Reason> {
    let text = text.trim();
    if text.is_empty() {
        Err(Reason::Required)
    } else if text.len() > max_bytes || text.chars().count() > max_chars {
        Err(Reason::TooLong)
    } else if text.chars().any(char::is_control) {
        Err(Reason::BadCharacters)
    } else if contains_card_number(text) {
        Err(Reason::ContainsCardNumber)
    } else {
        Ok(text)
    }
}

fn run_holds_card(run: &str) -> bool {
    if run.len() < CARD_DIGITS {
        return false;
    }
    if passes_luhn(run) {
        return true;
    }
    for from in 0..run.len() {
        for len in 13..=19 {
            if run.get(from..from + len).is_some_and(looks_issued) {
                return true;
            }
        }
    }
    false
}

/// Whether digits pass the Luhn formula and a scheme has numbers like them.
fn looks_issued(digits: &str) -> bool {
    passes_luhn(digits) && super::CardNumber::parse(digits).is_ok()
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
