//! [`SecurityCode`]: the three or four digits that prove the card is at hand.

use core::fmt;

use super::scheme::{CodeRule, Scheme};
use crate::digits::{Rest, normalise};
use crate::secret::Secret;
use crate::verdict::{Reason, Verdict};

/// The most digits that a security code has.
pub const MAX_DIGITS: usize = 4;

/// The rule for a card whose scheme is not known.
const UNKNOWN: CodeRule = CodeRule { name: "security code", sizes: &[3, 4] };

/// A security code: digits kept as text, so that 007 stays 007. Overwritten when dropped.
pub struct SecurityCode(Secret<String>);

impl SecurityCode {
    /// Reads a code and checks its size by the scheme; 3 or 4 digits if the scheme is not known.
    ///
    /// # Errors
    /// `required`, `not_digits`, `too_short` or `too_long`.
    pub fn parse(text: &str, scheme: Option<&Scheme>) -> Result<Self, Reason> {
        Self::read(text, rule(scheme))
    }

    /// The digits.
    pub fn expose(&self) -> &str {
        // EXPOSE: this is the accessor itself.
        self.0.expose()
    }

    fn read(text: &str, rule: &CodeRule) -> Result<Self, Reason> {
        let read = normalise(text);
        if read.rest == Rest::Foreign {
            return Err(Reason::NotDigits);
        }
        match read.digits.len() {
            0 => Err(Reason::Required),
            len if rule.fits(len) => Ok(Self(read.into_secret())),
            len if len > rule.max() => Err(Reason::TooLong),
            _ => Err(Reason::TooShort),
        }
    }
}

impl fmt::Debug for SecurityCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecurityCode([REDACTED])")
    }
}

/// What is thought of a code as it stands.
pub fn inspect(text: &str, scheme: Option<&Scheme>) -> Verdict {
    match SecurityCode::parse(text, scheme) {
        Ok(_) => Verdict::Complete,
        Err(Reason::Required) => Verdict::Empty,
        Err(Reason::TooShort) => Verdict::Partial,
        Err(reason) => Verdict::Invalid(reason),
    }
}

/// The most digits that a code of the scheme has.
pub(crate) fn max_len(scheme: Option<&Scheme>) -> usize {
    rule(scheme).max()
}

fn rule(scheme: Option<&Scheme>) -> &CodeRule {
    scheme.map_or(&UNKNOWN, |scheme| &scheme.code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_come_from_the_scheme() {
        let rows = [
            (None, "12", Err(Reason::TooShort)),
            (None, "007", Ok("007")),
            (None, "0000", Ok("0000")),
            (None, "12345", Err(Reason::TooLong)),
            (Some("amex"), "123", Err(Reason::TooShort)),
            (Some("amex"), "1234", Ok("1234")),
            (Some("visa"), "1234", Err(Reason::TooLong)),
            (Some("visa"), " 123  ", Ok("123")),
            (Some("visa"), "１２３", Ok("123")),
            (Some("visa"), "12a", Err(Reason::NotDigits)),
            (Some("visa"), "", Err(Reason::Required)),
            (Some("maestro"), "123", Ok("123")),
            (Some("bancontact"), "123", Ok("123")),
            (Some("uatp"), "1234", Err(Reason::TooLong)),
        ];
        for (scheme, text, expected) in rows {
            let scheme = scheme.map(|id| Scheme::by_id(id).unwrap());
            let code = SecurityCode::parse(text, scheme);
            let found = code.as_ref().map(SecurityCode::expose).map_err(|reason| *reason);
            assert_eq!(found, expected, "{text:?}");
        }
    }

    #[test]
    fn a_short_code_is_partial() {
        assert_eq!(inspect("", None), Verdict::Empty);
        assert_eq!(inspect("1", None), Verdict::Partial);
        assert_eq!(inspect("123", Scheme::by_id("amex")), Verdict::Partial);
        assert_eq!(inspect("1234", Scheme::by_id("visa")), Verdict::Invalid(Reason::TooLong));
    }

    #[test]
    fn is_never_printed() {
        assert_eq!(format!("{:?}", SecurityCode::parse("123", None).unwrap()), "SecurityCode([REDACTED])");
    }
}
