//! [`RoutingNumber`]: the nine digits that name a US bank (ABA routing transit number).

use core::fmt;

use crate::digits::{Rest, normalise, values};
use crate::secret::Secret;
use crate::verdict::{Reason, Verdict};

/// How many digits a routing number has.
pub const DIGITS: usize = 9;

/// A routing number whose check digit fits and whose institution can be debited.
///
/// Hard errors are only what can never be debited: nine zeros, and the prefixes 00 (US government) and 80
/// (traveller's cheques). The other two-digit prefixes are not refused, since real numbers outside the
/// published blocks exist (154000008 and 155000007 of the US Treasury); [`RoutingNumber::prefix`] tells.
pub struct RoutingNumber(Secret<String>);

impl RoutingNumber {
    /// Reads a routing number; spaces, dashes and invisible marks are skipped.
    ///
    /// # Errors
    /// `required`, `not_digits` (also for the symbols of a cheque's MICR line and its fractional form),
    /// `too_short`, `too_long`, `all_zeros`, `checksum` or `not_debitable`.
    pub fn parse(text: &str) -> Result<Self, Reason> {
        let read = normalise(text);
        if read.rest == Rest::Foreign {
            return Err(Reason::NotDigits);
        }
        let problem = match read.digits.len() {
            0 => Some(Reason::Required),
            1..DIGITS => Some(Reason::TooShort),
            DIGITS => problem(&read.digits),
            _ => Some(Reason::TooLong),
        };
        match problem {
            None => Ok(Self(read.into_secret())),
            Some(reason) => Err(reason),
        }
    }

    /// The nine digits.
    pub fn expose(&self) -> &str {
        // EXPOSE: this is the accessor itself.
        self.0.expose()
    }

    /// The last four digits.
    pub fn last4(&self) -> &str {
        self.expose().get(DIGITS - 4..).unwrap_or_default()
    }

    /// Which block the first two digits belong to.
    pub fn prefix(&self) -> Prefix {
        match values(self.expose()).take(2).fold(0, |prefix, digit| prefix * 10 + digit) {
            1..=12 => Prefix::Bank,
            21..=32 => Prefix::Thrift,
            61..=72 => Prefix::Electronic,
            _ => Prefix::Unassigned,
        }
    }
}

impl fmt::Debug for RoutingNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RoutingNumber([REDACTED])")
    }
}

/// The block that a routing number's first two digits belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefix {
    /// 01 to 12: a bank of that Federal Reserve district.
    Bank,
    /// 21 to 32: a thrift institution.
    Thrift,
    /// 61 to 72: electronic transactions only.
    Electronic,
    /// No published block: worth a warning, no more.
    Unassigned,
}

/// What is thought of a routing number as it stands.
pub fn inspect(text: &str) -> Verdict {
    match RoutingNumber::parse(text) {
        Ok(_) => Verdict::Complete,
        Err(Reason::Required) => Verdict::Empty,
        Err(Reason::TooShort) => Verdict::Partial,
        Err(reason) => Verdict::Invalid(reason),
    }
}

/// Why nine ASCII digits are no routing number to debit, if they are not.
fn problem(digits: &str) -> Option<Reason> {
    let (mut sum, mut weight) = (0, 3);
    for digit in values(digits) {
        sum += u32::from(digit) * weight;
        weight = match weight {
            3 => 7,
            7 => 1,
            _ => 3,
        };
    }
    if sum == 0 {
        Some(Reason::AllZeros)
    } else if !sum.is_multiple_of(10) {
        Some(Reason::Checksum)
    } else if digits.starts_with("00") || digits.starts_with("80") {
        Some(Reason::NotDebitable)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_and_test_numbers_pass() {
        for text in [
            "110000000",
            "011000015",
            "021000021",
            "011401533",
            "091000019",
            "222222226",
            "123123123",
            "123456780",
            "111111118",
            "154000008",
            "155000007",
            "655060042",
            "021-000-021",
            "０２１００００２１",
        ] {
            assert!(RoutingNumber::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn wrong_ones_do_not() {
        for (text, reason) in [
            ("", Reason::Required),
            ("02100002", Reason::TooShort),
            ("0210000210", Reason::TooLong),
            ("021000022", Reason::Checksum),
            ("000000000", Reason::AllZeros),
            ("000000518", Reason::NotDebitable),
            ("800000019", Reason::NotDebitable),
            ("⑆021000021⑆", Reason::NotDigits),
            ("1-2/210", Reason::NotDigits),
        ] {
            assert_eq!(RoutingNumber::parse(text).unwrap_err(), reason, "{text}");
        }
    }

    #[test]
    fn prefixes_warn_and_typing_waits() {
        let prefix = |text| RoutingNumber::parse(text).unwrap().prefix();
        assert_eq!(prefix("021000021"), Prefix::Bank);
        assert_eq!(prefix("222222226"), Prefix::Thrift);
        assert_eq!(prefix("655060042"), Prefix::Electronic);
        assert_eq!(prefix("154000008"), Prefix::Unassigned);
        assert_eq!(inspect(" "), Verdict::Empty);
        assert_eq!(inspect("00"), Verdict::Partial);
        assert_eq!(inspect("021000021"), Verdict::Complete);
        assert_eq!(RoutingNumber::parse("021000021").unwrap().last4(), "0021");
    }
}
