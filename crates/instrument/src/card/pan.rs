//! [`CardNumber`]: a primary account number that some scheme can have issued.

use core::fmt;

use super::candidates::{Candidate, Luhn, Match, matches};
use super::scheme::{SCHEMES, Scheme};
use crate::digits::{Rest, normalise};
use crate::secret::Secret;
use crate::verdict::{Reason, Verdict};

/// The most digits that a card number has (ISO/IEC 7812-1).
pub(crate) const MAX_DIGITS: usize = 19;

/// The digits from which an all-zero entry is called that instead of an unknown prefix.
const MIN_DIGITS: usize = 12;

/// A valid card number. It lies in one place in memory and is overwritten when dropped; it is not `Clone`.
///
/// ```
/// use instrument::card::CardNumber;
/// let number = CardNumber::parse("3782 822463 10005").unwrap();
/// assert_eq!(number.scheme().id, "amex");
/// assert_eq!((number.bin(), number.last4()), ("378282", "0005"));
/// assert_eq!(format!("{number:?}"), "CardNumber([REDACTED])");
/// ```
pub struct CardNumber(Secret<String>);

impl CardNumber {
    /// Reads a card number; spaces, dashes and invisible marks are skipped. The only constructor.
    ///
    /// # Errors
    /// `required`, `not_digits`, `all_zeros`, `unknown_scheme`, `too_short`, `wrong_length`, `too_long`
    /// or `luhn`.
    pub fn parse(text: &str) -> Result<Self, Reason> {
        let read = normalise(text);
        if read.rest == Rest::Foreign {
            return Err(Reason::NotDigits);
        }
        if read.digits.len() > MAX_DIGITS {
            return Err(Reason::TooLong);
        }
        match problem(&read.digits) {
            None => Ok(Self(read.into_secret())),
            Some(reason) => Err(reason),
        }
    }

    /// The digits.
    pub fn expose(&self) -> &str {
        // EXPOSE: this is the accessor itself.
        self.0.expose()
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
        self.candidates().next().map_or_else(first_scheme, |candidate| candidate.scheme)
    }

    /// The schemes that take the number, the one to show first.
    pub fn candidates(&self) -> impl Iterator<Item = Candidate> + use<> {
        let len = self.len();
        let luhn = Luhn::of(self.expose());
        matches(self.expose())
            .into_iter()
            .filter(move |found| found.accepts(len, luhn))
            .map(move |found| found.candidate(luhn))
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

/// What is thought of ASCII digits while they are typed.
pub(crate) fn verdict(digits: &str) -> Verdict {
    if digits.is_empty() {
        return Verdict::Empty;
    }
    match problem(digits) {
        None => Verdict::Complete,
        Some(reason @ (Reason::AllZeros | Reason::UnknownScheme)) => Verdict::Invalid(reason),
        Some(reason) if digits.len() >= max_len(digits) => Verdict::Invalid(reason),
        Some(_) => Verdict::Partial,
    }
}

/// The most digits that a number which begins like this can have.
pub(crate) fn max_len(digits: &str) -> usize {
    let most = matches(digits).iter().map(|found| found.scheme.lengths.max()).max();
    most.unwrap_or(MAX_DIGITS)
}

/// The candidates that the number of digits does not rule out; if it rules out all, all.
pub(crate) fn open_matches(digits: &str) -> Vec<Match> {
    let mut found = matches(digits);
    let fits = |found: &Match| found.scheme.lengths.max() >= digits.len();
    if found.iter().any(fits) {
        found.retain(fits);
    }
    found
}

/// The scheme to show while digits are typed: the best that they lie in, or the only one that they can
/// lead to.
pub(crate) fn shown_scheme(found: &[Match]) -> Option<&'static Scheme> {
    match found {
        [best, ..] if best.is_inside() => Some(best.scheme),
        [only] => Some(only.scheme),
        _ => None,
    }
}

/// Why ASCII digits are not a card number, if they are not.
fn problem(digits: &str) -> Option<Reason> {
    let len = digits.len();
    if len == 0 {
        return Some(Reason::Required);
    }
    if len >= MIN_DIGITS && digits.bytes().all(|digit| digit == b'0') {
        return Some(Reason::AllZeros);
    }
    let found = matches(digits);
    if found.is_empty() {
        return Some(Reason::UnknownScheme);
    }
    let luhn = Luhn::of(digits);
    if found.iter().any(|found| found.accepts(len, luhn)) {
        return None;
    }
    let lengths = || found.iter().map(|found| found.scheme.lengths);
    Some(if lengths().any(|lengths| lengths.contains(len)) {
        Reason::Luhn
    } else if lengths().all(|lengths| len > lengths.max()) {
        Reason::TooLong
    } else if lengths().all(|lengths| len < lengths.min()) {
        Reason::TooShort
    } else {
        Reason::WrongLength
    })
}

/// Never reached: a number is only made when a candidate takes it.
fn first_scheme() -> &'static Scheme {
    let [first, ..] = &SCHEMES;
    first
}
