//! [`CardNumber`]: a primary account number that some scheme can have issued.

use core::fmt;

use super::candidates::{Candidate, Luhn, MAX_DIGITS, Matches};
use super::policy::CardPolicy;
use super::scheme::Scheme;
use crate::digits::{Rest, normalise};
use crate::secret::Secret;
use crate::verdict::Reason;

/// A valid card number. It lies in one place in memory and is overwritten when dropped; it is not `Clone`.
///
/// ```
/// use instrument::card::CardNumber;
/// let number = CardNumber::parse("3782 822463 10005").unwrap();
/// assert_eq!(number.scheme().id, "amex");
/// assert_eq!((number.bin(), number.last4()), ("378282", "0005"));
/// assert_eq!(format!("{number:?}"), "CardNumber([REDACTED])");
/// ```
pub struct CardNumber {
    digits: Secret<String>,
    policy: CardPolicy,
}

impl CardNumber {
    /// Reads a card number under the default policy; spaces, dashes and invisible marks are skipped.
    ///
    /// # Errors
    /// As [`CardNumber::parse_under`].
    pub fn parse(text: &str) -> Result<Self, Reason> {
        Self::parse_under(text, &CardPolicy::DEFAULT)
    }

    /// Reads a card number that a merchant takes. The only constructor.
    ///
    /// # Errors
    /// `required`, `not_digits`, `all_zeros`, `unknown_scheme`, `not_accepted`, `too_short`, `wrong_length`,
    /// `too_long` or `luhn`.
    pub fn parse_under(text: &str, policy: &CardPolicy) -> Result<Self, Reason> {
        let read = normalise(text);
        if read.rest == Rest::Foreign {
            return Err(Reason::NotDigits);
        }
        if read.digits.len() > MAX_DIGITS {
            return Err(Reason::TooLong);
        }
        match Matches::of(&read.digits, policy).problem(&read.digits) {
            None => Ok(Self { digits: read.into_secret(), policy: *policy }),
            Some(reason) => Err(reason),
        }
    }

    /// The digits.
    pub fn expose(&self) -> &str {
        // EXPOSE: this is the accessor itself.
        self.digits.expose()
    }

    /// How many digits there are: 12 to 19.
    #[expect(clippy::len_without_is_empty, reason = "a card number is never empty")]
    pub fn len(&self) -> usize {
        self.expose().len()
    }

    /// The bank identification number: 8 digits if the number has 16 or more, else 6 (PCI SSC FAQ 1091).
    pub fn bin(&self) -> &str {
        self.expose().get(..bin_len(self.len())).unwrap_or_default()
    }

    /// The last four digits.
    pub fn last4(&self) -> &str {
        last4(self.expose())
    }

    /// The scheme to show: the first candidate's.
    pub fn scheme(&self) -> &'static Scheme {
        // A number is only made when a scheme takes it.
        self.candidates().next().map_or_else(|| Scheme::at(0), |candidate| candidate.scheme)
    }

    /// The accepted schemes that take the number, the one to show first.
    pub fn candidates(&self) -> impl Iterator<Item = Candidate> + use<> {
        let digits = self.expose();
        let found = Matches::of(digits, &self.policy).candidates(Luhn::of(digits), &self.policy);
        found.into_iter().filter(|candidate| candidate.complete)
    }

    /// The policy under which it was read.
    pub const fn policy(&self) -> &CardPolicy {
        &self.policy
    }

    /// First six digits, stars, last four: `411111******1111`. Fit to be stored and shown (PCI DSS 3.4.1).
    pub fn masked(&self) -> String {
        let digits = self.expose();
        let mut masked = String::with_capacity(MAX_DIGITS);
        masked.push_str(digits.get(..6).unwrap_or_default());
        for _ in 10..digits.len() {
            masked.push('*');
        }
        masked.push_str(self.last4());
        masked
    }
}

impl fmt::Debug for CardNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CardNumber([REDACTED])")
    }
}

/// How many digits of a number may be shown as its BIN (PCI SSC FAQ 1091).
pub(crate) const fn bin_len(digits: usize) -> usize {
    if digits >= 16 { 8 } else { 6 }
}

/// The last four of some ASCII digits.
pub(crate) fn last4(digits: &str) -> &str {
    digits.len().checked_sub(4).and_then(|from| digits.get(from..)).unwrap_or_default()
}

/// Whether ASCII digits are a number that a known scheme has.
pub(crate) fn is_issued(digits: &str) -> bool {
    Matches::of(digits, &CardPolicy::DEFAULT).problem(digits).is_none()
}
