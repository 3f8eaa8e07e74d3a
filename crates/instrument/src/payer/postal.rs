//! [`PostalCode`]: a postal code, by country where its form is known.

use super::country::Country;
use crate::card::contains_card_number;
use crate::verdict::Reason;

/// The most characters of a postal code anywhere.
const MAX_CHARS: usize = 10;

/// The forms of postal codes (Universal Postal Union, addressing systems; where a country writes less strictly
/// than its post prescribes, the wider form). `9` is a digit, `1` a digit but zero, `A` a letter, `X` either;
/// space and dash are put where they stand, and may be left out or written anywhere by the payer. Where many
/// people write addresses without a code, none is required. Of the British ones the inward half may be
/// missing: banks compare the numerals only.
const FORMS: [(&str, Need, &[&str]); 102] = [
    ("AD", Need::Optional, &["AD999"]),
    ("AL", Need::Optional, &["9999"]),
    ("AM", Need::Optional, &["9999"]),
    ("AR", Need::Optional, &["9999", "A9999AAA"]),
    ("AT", Need::Required, &["9999"]),
    ("AU", Need::Required, &["9999"]),
    ("AZ", Need::Optional, &["AZ 9999"]),
    ("BA", Need::Optional, &["99999"]),
    ("BD", Need::Optional, &["9999"]),
    ("BE", Need::Required, &["9999"]),
    ("BG", Need::Required, &["9999"]),
    ("BR", Need::Required, &["99999-999"]),
    ("BY", Need::Optional, &["999999"]),
    ("CA", Need::Required, &["A9A 9A9"]),
    ("CH", Need::Required, &["9999"]),
    ("CL", Need::Optional, &["999-9999"]),
    ("CN", Need::Optional, &["999999"]),
    ("CO", Need::Optional, &["999999"]),
    ("CR", Need::Optional, &["99999"]),
    ("CY", Need::Required, &["9999"]),
    ("CZ", Need::Required, &["999 99"]),
    ("DE", Need::Required, &["99999"]),
    ("DK", Need::Required, &["9999"]),
    ("DO", Need::Optional, &["99999"]),
    ("DZ", Need::Optional, &["99999"]),
    ("EC", Need::Optional, &["999999"]),
    ("EE", Need::Required, &["99999"]),
    ("EG", Need::Optional, &["99999"]),
    ("ES", Need::Required, &["99999"]),
    ("FI", Need::Required, &["99999"]),
    ("FO", Need::Optional, &["999"]),
    ("FR", Need::Required, &["99999"]),
    (
        "GB",
        Need::Required,
        &[
            "A9 9AA", "A99 9AA", "AA9 9AA", "AA99 9AA", "A9A 9AA", "AA9A 9AA", "AAA 9AA", "A9", "A99", "AA9",
            "AA99", "A9A", "AA9A",
        ],
    ),
    ("GE", Need::Optional, &["9999"]),
    ("GG", Need::Required, &["AA9 9AA", "AA99 9AA"]),
    ("GL", Need::Optional, &["9999"]),
    ("GR", Need::Required, &["999 99"]),
    ("GT", Need::Optional, &["99999"]),
    ("HR", Need::Required, &["99999"]),
    ("HT", Need::Optional, &["9999"]),
    ("HU", Need::Required, &["9999"]),
    ("ID", Need::Optional, &["99999"]),
    ("IE", Need::Required, &["A9X XXXX"]),
    ("IL", Need::Optional, &["9999999", "99999"]),
    ("IM", Need::Required, &["AA9 9AA", "AA99 9AA"]),
    ("IN", Need::Required, &["199999"]),
    ("IR", Need::Optional, &["99999-99999"]),
    ("IS", Need::Required, &["999"]),
    ("IT", Need::Required, &["99999"]),
    ("JE", Need::Required, &["AA9 9AA", "AA99 9AA"]),
    ("JO", Need::Optional, &["99999"]),
    ("JP", Need::Required, &["999-9999"]),
    ("KE", Need::Optional, &["99999"]),
    ("KG", Need::Optional, &["999999"]),
    ("KR", Need::Required, &["99999"]),
    ("KW", Need::Optional, &["99999"]),
    ("KZ", Need::Optional, &["999999"]),
    ("LI", Need::Required, &["9999"]),
    ("LK", Need::Optional, &["99999"]),
    ("LT", Need::Required, &["99999"]),
    ("LU", Need::Required, &["9999"]),
    ("LV", Need::Required, &["9999"]),
    ("MA", Need::Optional, &["99999"]),
    ("MC", Need::Required, &["99999"]),
    ("MD", Need::Optional, &["9999"]),
    ("ME", Need::Optional, &["99999"]),
    ("MG", Need::Optional, &["999"]),
    ("MK", Need::Optional, &["9999"]),
    ("MT", Need::Required, &["AAA 9999"]),
    ("MX", Need::Required, &["99999"]),
    ("MY", Need::Required, &["99999"]),
    ("NL", Need::Required, &["1999 AA"]),
    ("NO", Need::Required, &["9999"]),
    ("NP", Need::Optional, &["99999"]),
    ("NZ", Need::Required, &["9999"]),
    ("PE", Need::Optional, &["99999"]),
    ("PH", Need::Optional, &["9999"]),
    ("PK", Need::Optional, &["99999"]),
    ("PL", Need::Required, &["99-999"]),
    ("PR", Need::Required, &["99999", "99999-9999"]),
    ("PT", Need::Required, &["9999-999"]),
    ("RO", Need::Required, &["999999"]),
    ("RS", Need::Required, &["99999"]),
    ("RU", Need::Required, &["999999"]),
    ("SA", Need::Optional, &["99999", "99999-9999"]),
    ("SE", Need::Required, &["999 99"]),
    ("SG", Need::Required, &["999999"]),
    ("SI", Need::Required, &["9999"]),
    ("SK", Need::Required, &["999 99"]),
    ("SM", Need::Optional, &["99999"]),
    ("TH", Need::Required, &["99999"]),
    ("TN", Need::Optional, &["9999"]),
    ("TR", Need::Required, &["99999"]),
    ("TW", Need::Optional, &["999", "99999", "999999"]),
    ("UA", Need::Required, &["99999"]),
    ("US", Need::Required, &["99999", "99999-9999"]),
    ("UY", Need::Optional, &["99999"]),
    ("UZ", Need::Optional, &["999999"]),
    ("VA", Need::Optional, &["99999"]),
    ("VN", Need::Optional, &["99999", "999999"]),
    ("ZA", Need::Required, &["9999"]),
    ("ZM", Need::Optional, &["99999"]),
];

/// Whether an address must have a postal code.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    Required,
    Optional,
}

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
        match row(country) {
            Some((.., forms)) => forms
                .iter()
                .find_map(|form| spelt(bare(&plain, country, forms), form))
                .filter(|code| is_issued(code, country))
                .map(Self)
                .ok_or(Reason::BadFormat),
            None if text.len() > MAX_CHARS => Err(Reason::TooLong),
            None if plain.len() < 2 => Err(Reason::TooShort),
            None => Ok(Self(text.to_ascii_uppercase())),
        }
    }

    /// Whether an address in the country must have one.
    pub fn is_required_in(country: Country) -> bool {
        row(country).is_some_and(|(_, need, _)| *need == Need::Required)
    }

    /// The postal code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn row(country: Country) -> Option<&'static (&'static str, Need, &'static [&'static str])> {
    FORMS.iter().find(|(code, ..)| *code == country.as_str())
}

/// A code of digits without the country's letters before it, as in `L-1009` or `LV-1010`.
fn bare<'a>(plain: &'a str, country: Country, forms: &[&str]) -> &'a str {
    let lettered = forms.iter().any(|form| form.contains(['A', 'X']));
    let code = country.as_str();
    let without = plain.strip_prefix(code).or_else(|| plain.strip_prefix(code.get(..1)?));
    without.filter(|rest| !lettered && rest.starts_with(|c: char| c.is_ascii_digit())).unwrap_or(plain)
}

/// The code with the form's separators, if it has the form.
fn spelt(plain: &str, form: &str) -> Option<String> {
    let mut code = String::with_capacity(form.len());
    let mut chars = plain.chars();
    // The two countries whose codes begin with their own letters.
    let form = match form.get(..2) {
        Some(own @ ("AD" | "AZ")) => {
            code.push_str(own);
            chars = plain.strip_prefix(own).unwrap_or(plain).chars();
            form.get(2..).unwrap_or_default()
        }
        _ => form,
    };
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
            ("LU", "L-1009", "1009"),
            ("LV", "LV-1010", "1010"),
            ("SE", "SE-11455", "114 55"),
            ("DE", "D-01067", "01067"),
            ("AD", "ad500", "AD500"),
            ("AD", "500", "AD500"),
            ("AZ", "1000", "AZ 1000"),
            ("MT", "vlt1117", "VLT 1117"),
            ("CL", "8320000", "832-0000"),
            ("AR", "c1425caa", "C1425CAA"),
            ("KR", "03051", "03051"),
            ("SK", "81102", "811 02"),
            ("IR", "1193653471", "11936-53471"),
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
        assert!(FORMS.iter().all(|(code, ..)| Country::parse(code).is_ok()));
        assert!(FORMS.len() >= 60, "{}", FORMS.len());
        // Every form takes what it prescribes, with separators and without.
        for (country, _, forms) in FORMS {
            for form in forms.iter().filter(|form| !form.starts_with("AAA") || country != "GB") {
                let sample = match country {
                    "CA" => "K7B 7B7".to_owned(),
                    "NL" => "7777 AB".to_owned(),
                    _ => form.replace(['9', 'X', '1'], "7"),
                };
                let plain = sample.replace([' ', '-'], "");
                assert_eq!(parsed(country, &plain), Ok(sample.clone()), "{country}");
                assert_eq!(parsed(country, &sample), Ok(sample), "{country}");
            }
        }
        assert!(!PostalCode::is_required_in(Country::parse("AE").unwrap()));
    }
}
