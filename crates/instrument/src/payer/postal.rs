//! [`PostalCode`]: a postal code, by country where its form is known.

use super::country::Country;
use crate::card::contains_card_number;
use crate::verdict::Reason;

/// The most characters of a postal code anywhere.
const MAX_CHARS: usize = 10;

/// The forms of postal codes (Universal Postal Union, addressing systems). `9` is a digit, `1` a digit but
/// zero, `A` a letter, `X` either; space and dash are put where they stand, and may be left out or written
/// anywhere by the payer.
const FORMS: [(&str, &[&str]); 31] = [
    ("AT", &["9999"]),
    ("AU", &["9999"]),
    ("BE", &["9999"]),
    ("BR", &["99999-999"]),
    ("CA", &["A9A 9A9"]),
    ("CH", &["9999"]),
    ("CZ", &["999 99"]),
    ("DE", &["99999"]),
    ("DK", &["9999"]),
    ("ES", &["99999"]),
    ("FI", &["99999"]),
    ("FR", &["99999"]),
    // The inward half may be missing: banks compare the numerals only.
    (
        "GB",
        &[
            "A9 9AA", "A99 9AA", "AA9 9AA", "AA99 9AA", "A9A 9AA", "AA9A 9AA", "AAA 9AA", "A9", "A99", "AA9",
            "AA99", "A9A", "AA9A",
        ],
    ),
    ("GR", &["999 99"]),
    ("HU", &["9999"]),
    ("IE", &["A9X XXXX"]),
    ("IN", &["199999"]),
    ("IT", &["99999"]),
    ("JP", &["999-9999"]),
    ("MX", &["99999"]),
    ("NL", &["1999 AA"]),
    ("NO", &["9999"]),
    ("NZ", &["9999"]),
    ("PL", &["99-999"]),
    ("PR", &["99999", "99999-9999"]),
    ("PT", &["9999-999"]),
    ("SE", &["999 99"]),
    ("SG", &["999999"]),
    ("TR", &["99999"]),
    ("US", &["99999", "99999-9999"]),
    ("ZA", &["9999"]),
];

/// A postal code in its country's spelling: upper case, with the space or dash where it belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostalCode(String);

impl PostalCode {
    /// Reads a postal code. Where a country's form is not known here, anything of 2 to 10 letters, digits,
    /// spaces and dashes is taken: address checks only use the numerals, so a strict form would refuse
    /// more good payers than bad ones.
    ///
    /// # Errors
    /// `required`, `contains_card_number`, `bad_characters`, `too_long`, `too_short` or `bad_format`.
    pub fn parse(text: &str, country: Country) -> Result<Self, Reason> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Reason::Required);
        }
        if contains_card_number(text) {
            return Err(Reason::ContainsCardNumber);
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == ' ' || c == '-';
        if !text.chars().all(allowed) {
            return Err(Reason::BadCharacters);
        }
        let plain: String =
            text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
        match forms(country) {
            Some(forms) => forms
                .iter()
                .find_map(|form| spelt(&plain, form))
                .filter(|code| is_issued(code, country))
                .map(Self)
                .ok_or(Reason::BadFormat),
            None if text.len() > MAX_CHARS => Err(Reason::TooLong),
            None if plain.len() < 2 => Err(Reason::TooShort),
            None => Ok(Self(text.to_ascii_uppercase())),
        }
    }

    /// Whether an address in the country must have one: where the form is known here.
    pub fn is_required_in(country: Country) -> bool {
        forms(country).is_some()
    }

    /// The postal code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn forms(country: Country) -> Option<&'static [&'static str]> {
    FORMS.iter().find(|(code, _)| *code == country.as_str()).map(|(_, forms)| *forms)
}

/// The code with the form's separators, if it has the form.
fn spelt(plain: &str, form: &str) -> Option<String> {
    let mut code = String::with_capacity(form.len());
    let mut chars = plain.chars();
    for place in form.chars() {
        if place == ' ' || place == '-' {
            code.push(place);
            continue;
        }
        let c = chars.next()?;
        let fits = match place {
            '9' => c.is_ascii_digit(),
            '1' => c.is_ascii_digit() && c != '0',
            'A' => c.is_ascii_alphabetic(),
            _ => true,
        };
        if !fits {
            return None;
        }
        code.push(c);
    }
    chars.next().is_none().then_some(code)
}

/// What a country's form alone does not say.
fn is_issued(code: &str, country: Country) -> bool {
    match country.as_str() {
        // Letters that could be misread are never used (Canada Post).
        "CA" => !code.contains(['D', 'F', 'I', 'O', 'Q', 'U']) && !code.starts_with(['W', 'Z']),
        "IE" => !code.contains('O'),
        // Three letters in a row only in the old Girobank code.
        "GB" => !three_letters(code) || code == "GIR 0AA",
        "NL" => !code.ends_with("SA") && !code.ends_with("SD") && !code.ends_with("SS"),
        "IN" => !["10", "29", "35", "54", "55", "65", "66", "86", "87", "88", "89"]
            .iter()
            .any(|zone| code.starts_with(zone)),
        _ => true,
    }
}

fn three_letters(code: &str) -> bool {
    code.chars().take(3).all(|c| c.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(country: &str, text: &str) -> Result<String, Reason> {
        PostalCode::parse(text, Country::parse(country).unwrap()).map(|code| code.0)
    }

    #[test]
    fn spells_codes_as_the_country_does() {
        for (country, text, expected) in [
            ("US", "12345", "12345"),
            ("US", "123456789", "12345-6789"),
            ("CA", "k1a0b1", "K1A 0B1"),
            ("GB", "sw1a1aa", "SW1A 1AA"),
            ("GB", "SW1A", "SW1A"),
            ("GB", "gir0aa", "GIR 0AA"),
            ("GB", "m1 1ae", "M1 1AE"),
            ("NL", "1012js", "1012 JS"),
            ("JP", "1000001", "100-0001"),
            ("BR", "01310100", "01310-100"),
            ("IE", "d02x285", "D02 X285"),
            ("DE", "01067", "01067"),
            ("PA", "0801", "0801"),
        ] {
            assert_eq!(parsed(country, text).as_deref(), Ok(expected), "{country}");
        }
    }

    #[test]
    fn refuses_with_the_reason() {
        for (country, text, reason) in [
            ("US", "1234", Reason::BadFormat),
            ("US", "", Reason::Required),
            ("CA", "D1A 0B1", Reason::BadFormat),
            ("GB", "ABC 1AA", Reason::BadFormat),
            ("NL", "1012 SA", Reason::BadFormat),
            ("NL", "0012 AB", Reason::BadFormat),
            ("IN", "100001", Reason::BadFormat),
            ("DE", "1234é", Reason::BadCharacters),
            ("HK", "12345678901", Reason::TooLong),
            ("HK", "1", Reason::TooShort),
            ("US", "4111 1111 1111 1111", Reason::ContainsCardNumber),
        ] {
            assert_eq!(parsed(country, text), Err(reason), "{country} {text}");
        }
    }

    #[test]
    fn forms_are_in_order_and_of_real_countries() {
        assert!(FORMS.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(FORMS.iter().all(|(code, _)| Country::parse(code).is_ok()));
        assert!(!PostalCode::is_required_in(Country::parse("AE").unwrap()));
    }
}
