//! [`SecurityCode`]: the three or four digits that prove the card is at hand.

use core::fmt;

use super::policy::CardPolicy;
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
        Self::parse_under(text, scheme, &CardPolicy::DEFAULT)
    }

    /// Reads a code and checks its size by the scheme and a merchant's policy.
    ///
    /// # Errors
    /// `required`, `not_digits`, `too_short` or `too_long`.
    pub fn parse_under(text: &str, scheme: Option<&Scheme>, policy: &CardPolicy) -> Result<Self, Reason> {
        Self::read(text, &rule(scheme, policy))
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
    inspect_under(text, scheme, &CardPolicy::DEFAULT)
}

/// What is thought of a code as it stands, under a merchant's policy.
pub fn inspect_under(text: &str, scheme: Option<&Scheme>, policy: &CardPolicy) -> Verdict {
    match SecurityCode::parse_under(text, scheme, policy) {
        Ok(_) => Verdict::Complete,
        Err(Reason::Required) => Verdict::Empty,
        Err(Reason::TooShort) => Verdict::Partial,
        Err(reason) => Verdict::Invalid(reason),
    }
}

/// The most digits that a code of the scheme has.
pub(crate) fn max_len(scheme: Option<&Scheme>, policy: &CardPolicy) -> usize {
    rule(scheme, policy).max()
}

fn rule(scheme: Option<&Scheme>, policy: &CardPolicy) -> CodeRule {
    scheme.map_or(UNKNOWN, |scheme| policy.code(scheme))
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
    fn a_policy_moves_the_sizes() {
        use crate::card::{AmexCode, MaestroCode};
        let lenient = CardPolicy { amex_code: AmexCode::ThreeOrFour, ..CardPolicy::DEFAULT };
        let strict = CardPolicy { maestro_code: MaestroCode::Required, ..CardPolicy::DEFAULT };
        let verdict = |text, id, policy| inspect_under(text, Scheme::by_id(id), policy);
        assert_eq!(verdict("123", "amex", &lenient), Verdict::Complete);
        assert_eq!(verdict("1234", "amex", &lenient), Verdict::Complete);
        assert_eq!(verdict("123", "amex", &strict), Verdict::Partial);
        assert!(!strict.code(Scheme::by_id("maestro").unwrap()).is_optional());
        assert!(lenient.code(Scheme::by_id("maestro").unwrap()).is_optional());
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
