//! [`RoutingNumber`]: the nine digits that name a US bank (ABA routing transit number).

use core::fmt;

use crate::digits::{Glyph, Rest, normalise, values};
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
    /// Reads a routing number; spaces, dashes and invisible marks are skipped. A prefix outside the published
    /// blocks is a warning, which [`RoutingNumber::prefix`] tells.
    ///
    /// # Errors
    /// `required`, `not_digits`, `micr_symbols` (the symbols of a cheque's code line), `fractional_form` (the
    /// fraction in its corner), `too_short`, `too_long`, `all_zeros`, `checksum` or `not_debitable`.
    pub fn parse(text: &str) -> Result<Self, Reason> {
        let read = normalise(text);
        if read.rest == Rest::Foreign {
            return Err(foreign(text));
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

    /// Reads a routing number and refuses a prefix outside the published blocks where the merchant wants that;
    /// 15 is never refused, because the US Treasury has numbers there.
    ///
    /// # Errors
    /// As [`RoutingNumber::parse`], and `bad_prefix`.
    pub fn parse_under(text: &str, rule: PrefixRule) -> Result<Self, Reason> {
        let number = Self::parse(text)?;
        let unassigned = number.prefix() == Prefix::Unassigned && !number.expose().starts_with("15");
        if rule == PrefixRule::Error && unassigned { Err(Reason::BadPrefix) } else { Ok(number) }
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

/// What a prefix outside the published blocks means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PrefixRule {
    /// A warning: [`RoutingNumber::prefix`] says [`Prefix::Unassigned`].
    #[default]
    Warning,
    /// The number is refused.
    Error,
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

/// What a text with something else than digits, spaces and dashes is likely to be: the code line of a cheque
/// with its symbols, or the fraction in its corner (`1-2/210`), which names the bank in an older way.
pub(crate) fn foreign(text: &str) -> Reason {
    let only = |allowed: fn(char) -> bool| text.chars().all(|c| Glyph::of(c) != Glyph::Foreign || allowed(c));
    if only(|c| matches!(c, '\u{2446}'..='\u{2449}')) {
        Reason::MicrSymbols
    } else if only(|c| matches!(c, '/' | '／' | '∕' | '⁄')) {
        Reason::FractionalForm
    } else {
        Reason::NotDigits
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
            ("⑆021000021⑆", Reason::MicrSymbols),
            ("⑆021000021⑆ 000123456789⑈", Reason::MicrSymbols),
            ("1-2/210", Reason::FractionalForm),
            ("１-２／２１０", Reason::FractionalForm),
            ("02100002A", Reason::NotDigits),
            ("⑆0210/00021⑆", Reason::NotDigits),
        ] {
            assert_eq!(RoutingNumber::parse(text).unwrap_err(), reason, "{text}");
        }
    }

    #[test]
    fn a_prefix_is_an_error_only_where_it_is_wanted() {
        let under = |text| RoutingNumber::parse_under(text, PrefixRule::Error).err();
        // Generated: the first of each kind of block whose check digit fits.
        for (text, refusal) in [
            ("021000021", None),
            ("222222226", None),
            ("655060042", None),
            ("154000008", None),
            ("155000007", None),
            ("130000006", Some(Reason::BadPrefix)),
            ("400000008", Some(Reason::BadPrefix)),
            ("990000000", Some(Reason::BadPrefix)),
        ] {
            assert_eq!(under(text), refusal, "{text}");
            assert!(RoutingNumber::parse_under(text, PrefixRule::Warning).is_ok(), "{text}");
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
