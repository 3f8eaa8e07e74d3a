//! Amounts of money, in minor units of an ISO 4217 currency.

use std::fmt;

/// The largest amount, in minor units: what a JSON number holds exactly (RFC 8259, section 6).
const MAX_MINOR: i64 = (1 << 53) - 1;

/// A currency of ISO 4217 that money can be charged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// The dollar of the United States.
    pub const USD: Self = Self(iso_currency::Currency::USD);

    /// Reads an alphabetic code, in upper or lower case. Codes that name no money, such as `XXX` and
    /// those of metals, are none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let currency = iso_currency::Currency::from_code(&text.to_ascii_uppercase())?;
        currency.exponent().is_some().then_some(Self(currency))
    }

    /// The alphabetic code, in upper case.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        self.0.code()
    }

    /// How many decimal places the minor unit has: two for the dollar, none for the yen.
    #[must_use]
    pub fn exponent(&self) -> u32 {
        self.0.exponent().map_or(0, u32::from)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An amount of money, zero or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    /// How many minor units: cents of a dollar.
    pub minor: i64,
    /// Of what.
    pub currency: Currency,
}

impl Money {
    /// An amount in minor units; `None` if it is negative or too large for a JSON number.
    #[must_use]
    pub fn of_minor(minor: i64, currency: Currency) -> Option<Self> {
        (0..=MAX_MINOR).contains(&minor).then_some(Self { minor, currency })
    }

    /// Reads a decimal amount such as `12.5`; `None` if there are more decimal places than the currency
    /// has, or anything but digits and one point.
    #[must_use]
    pub fn from_decimal(text: &str, currency: Currency) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !is_digits(whole) || !is_digits(fraction) {
            return None;
        }
        let fraction = fraction.trim_end_matches('0');
        let missing = currency.exponent().checked_sub(u32::try_from(fraction.len()).ok()?)?;
        let scaled = |part: &str, power: u32| -> Option<i64> {
            let number: i64 = if part.is_empty() { 0 } else { part.parse().ok()? };
            number.checked_mul(10_i64.checked_pow(power)?)
        };
        let minor = scaled(whole, currency.exponent())?.checked_add(scaled(fraction, missing)?)?;
        Self::of_minor(minor, currency)
    }

    /// Reads a JSON number as a decimal amount, by the shortest decimal text that means it.
    #[must_use]
    pub fn from_f64(amount: f64, currency: Currency) -> Option<Self> {
        // Rust writes no exponent, and the shortest text that reads back as the same number.
        amount.is_finite().then(|| Self::from_decimal(&amount.to_string(), currency)).flatten()
    }

    /// The amount as a decimal text with all places of the currency: `12.50`.
    #[must_use]
    pub fn to_decimal(&self) -> String {
        let places = usize::try_from(self.currency.exponent()).unwrap_or(0);
        if places == 0 {
            return self.minor.to_string();
        }
        let digits = format!("{:0width$}", self.minor, width = places + 1);
        let (whole, fraction) = digits.split_at_checked(digits.len() - places).unwrap_or((&digits, ""));
        [whole, ".", fraction].concat()
    }

    /// The amount as the nearest JSON number.
    #[must_use]
    pub fn as_f64(&self) -> f64 {
        self.to_decimal().parse().unwrap_or(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn currency(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    #[test]
    fn currencies_are_those_of_iso_4217_that_are_money() {
        assert_eq!((currency("usd").as_str(), currency("USD").exponent()), ("USD", 2));
        assert_eq!(currency("JPY").exponent(), 0);
        assert_eq!(currency("KWD").exponent(), 3);
        for text in ["", "US", "USDD", "ABC", "XXX", "XAU", "u\u{17f}d"] {
            assert!(Currency::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn decimals_are_read_exactly_or_not_at_all() {
        let read =
            |text: &str, code: &str| Money::from_decimal(text, currency(code)).map(|money| money.minor);
        assert_eq!(read("12.5", "USD"), Some(1_250));
        assert_eq!(read("12.500", "USD"), Some(1_250));
        assert_eq!(read("0.01", "USD"), Some(1));
        assert_eq!(read("7", "JPY"), Some(7));
        assert_eq!(read("7.0", "JPY"), Some(7));
        assert_eq!(read("1.234", "KWD"), Some(1_234));
        for (text, code) in [
            ("12.345", "USD"),
            ("7.5", "JPY"),
            ("-1", "USD"),
            ("1e3", "USD"),
            (".5", "USD"),
            ("5.", "USD"),
            ("", "USD"),
            ("1.2.3", "USD"),
            ("99999999999999999999", "USD"),
            ("90071992547409.92", "USD"),
        ] {
            assert_eq!(read(text, code), None, "{text}");
        }
    }

    #[test]
    fn numbers_read_as_the_decimal_they_were_written_as() {
        for (number, minor) in [(0.1, 10), (35.0, 3_500), (19.99, 1_999), (1_234_567.89, 123_456_789)] {
            assert_eq!(Money::from_f64(number, Currency::USD).map(|money| money.minor), Some(minor));
        }
        for number in [0.001, -1.0, f64::NAN, f64::INFINITY, 1e300] {
            assert_eq!(Money::from_f64(number, Currency::USD), None, "{number}");
        }
    }

    #[test]
    fn amounts_are_written_with_all_places() {
        let written = |minor, code| Money::of_minor(minor, currency(code)).unwrap().to_decimal();
        assert_eq!(written(5, "USD"), "0.05");
        assert_eq!(written(123_456, "USD"), "1234.56");
        assert_eq!(written(500, "JPY"), "500");
        assert_eq!(written(1, "KWD"), "0.001");
        assert_eq!(Money::of_minor(1_999, Currency::USD).unwrap().as_f64(), 19.99);
        assert_eq!(Money::of_minor(-1, Currency::USD), None);
    }
}
