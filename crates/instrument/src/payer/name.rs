//! [`PayerName`]: a first, last or company name.

use crate::card::holder::check;
use crate::digits::Glyph;
use crate::verdict::Reason;

/// The most characters that a name has.
const MAX_CHARS: usize = 100;

/// A first, last or company name, without white space around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayerName(String);

impl PayerName {
    /// Reads a name. Unlike a card holder's it may be digits, because companies are called like that.
    ///
    /// # Errors
    /// `required`, `too_long`, `bad_characters`, `contains_card_number`, or `not_a_name` for spaces and
    /// dashes alone.
    pub fn parse(text: &str) -> Result<Self, Reason> {
        let name = check(text, MAX_CHARS, MAX_CHARS * 4)?;
        if name.chars().all(|c| Glyph::of(c) == Glyph::Separator) {
            return Err(Reason::NotAName);
        }
        Ok(Self(name.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_names_and_refuses_the_rest() {
        assert_eq!(PayerName::parse(" Ōtani ").unwrap().as_str(), "Ōtani");
        assert_eq!(PayerName::parse("1871").unwrap().as_str(), "1871");
        for (text, reason) in [
            ("", Reason::Required),
            (" - ", Reason::NotAName),
            ("a\u{0}", Reason::BadCharacters),
            ("5555555555554444", Reason::ContainsCardNumber),
        ] {
            assert_eq!(PayerName::parse(text), Err(reason));
        }
        assert_eq!(PayerName::parse(&"x".repeat(101)), Err(Reason::TooLong));
    }
}
