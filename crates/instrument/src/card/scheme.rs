//! [`Scheme`]: a card network, and the facts of its cards.

mod table;

pub use table::{Provenance, SCHEMES, Tier, provenance};

/// A card scheme. All of them are in one table, [`SCHEMES`].
#[derive(Clone, Copy, Debug)]
pub struct Scheme {
    /// The stable identifier, in snake case.
    pub id: &'static str,
    /// The name to show.
    pub name: &'static str,
    /// The numbers of digits that its card numbers have.
    pub lengths: Lengths,
    /// Its security code.
    pub code: CodeRule,
    /// How its numbers are grouped when shown.
    pub grouping: Grouping,
    /// The issuer identification number ranges that it uses.
    pub(crate) ranges: &'static [Range],
}

impl Scheme {
    /// The scheme with this identifier.
    pub fn by_id(id: &str) -> Option<&'static Self> {
        SCHEMES.iter().find(|scheme| scheme.id == id)
    }
}

impl PartialEq for Scheme {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Scheme {}

/// A set of card number lengths, 8 to 19 digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lengths(u32);

impl Lengths {
    /// The set of these lengths, in digits; each at most 31.
    pub const fn of(mut digits: &[u8]) -> Self {
        let mut bits = 0;
        while let [first, rest @ ..] = digits {
            bits |= 1 << *first;
            digits = rest;
        }
        Self(bits)
    }

    /// Whether numbers of this many digits exist.
    pub const fn contains(self, digits: usize) -> bool {
        digits < 32 && self.0 & (1 << digits) != 0
    }

    /// The largest length, in digits.
    pub const fn max(self) -> usize {
        31 - (self.0 | 1).leading_zeros() as usize
    }

    /// The smallest length, in digits.
    pub const fn min(self) -> usize {
        self.0.trailing_zeros() as usize
    }

    /// The lengths, ascending.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        (0..32).filter(move |digits| self.contains(*digits))
    }
}

/// A scheme's security code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeRule {
    /// What the scheme calls it; `none` if its cards have none.
    pub name: &'static str,
    /// The numbers of digits it may have; 0 means that it may be missing.
    pub sizes: &'static [u8],
}

impl CodeRule {
    /// Whether a card can be without the code.
    pub fn is_optional(&self) -> bool {
        self.sizes.contains(&0)
    }

    /// Whether a code of this many digits fits. Where a card has no code of its own, the three digits of
    /// a co-branded card are still taken.
    pub fn fits(&self, digits: usize) -> bool {
        self.sizes.iter().any(|size| usize::from(*size) == digits) || (digits == 3 && self.is_optional())
    }

    /// The largest number of digits.
    pub fn max(&self) -> usize {
        let max = self.sizes.iter().fold(0, |max, size| usize::from(*size).max(max));
        if self.is_optional() { max.max(3) } else { max }
    }
}

/// How a number is divided into groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// 4-4-4-4 and a rest of up to three digits.
    Fours,
    /// 4-6-5: American Express.
    FourSix,
    /// 4-6-4 up to 14 digits, fours from the fifteenth digit on: Diners Club.
    FourSixUpTo14,
    /// 4-5-6: UATP.
    FourFive,
}

impl Grouping {
    /// The digit offsets behind which a gap is shown, for a number of this many digits.
    pub const fn gaps(self, digits: usize) -> &'static [usize] {
        match self {
            Self::Fours => &[4, 8, 12, 16],
            Self::FourSix => &[4, 10],
            Self::FourSixUpTo14 if digits > 14 => &[4, 8, 12, 16],
            Self::FourSixUpTo14 => &[4, 10],
            Self::FourFive => &[4, 9],
        }
    }
}

/// A range of issuer identification numbers: 8 bytes, so that the whole table stays small in wasm.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Range {
    low: u32,
    /// How many further numbers follow `low`.
    more: u16,
    /// How many digits `low` has.
    digits: u8,
    flags: u8,
}

const FALLBACK: u8 = 1;
const SECONDARY: u8 = 2;
const LUHN_FREE: u8 = 4;

/// How a run of leading digits relates to a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    /// The digits lie in the range.
    Inside,
    /// There are too few digits to tell, and more of them can lead into the range.
    Possible,
    /// The digits lie outside.
    Outside,
}

impl Range {
    /// The range of one prefix.
    pub(crate) const fn prefix(low: u32) -> Self {
        Self::span(low, low)
    }

    /// The range from one prefix to another of the same number of digits, both included.
    pub(crate) const fn span(low: u32, high: u32) -> Self {
        assert!(low <= high && high - low <= u16::MAX as u32 && low.ilog10() == high.ilog10());
        Self { low, more: (high - low) as u16, digits: low.ilog10() as u8 + 1, flags: 0 }
    }

    /// Counts only when nothing more specific matches.
    pub(crate) const fn fallback(self) -> Self {
        self.with(FALLBACK)
    }

    /// Is named after every other scheme that matches.
    pub(crate) const fn secondary(self) -> Self {
        self.with(SECONDARY)
    }

    /// Holds numbers in circulation that fail the Luhn formula.
    pub(crate) const fn luhn_free(self) -> Self {
        self.with(LUHN_FREE)
    }

    const fn with(self, flag: u8) -> Self {
        Self { flags: self.flags | flag, ..self }
    }

    pub(crate) const fn is_fallback(self) -> bool {
        self.flags & FALLBACK != 0
    }

    pub(crate) const fn is_secondary(self) -> bool {
        self.flags & SECONDARY != 0
    }

    pub(crate) const fn needs_luhn(self) -> bool {
        self.flags & LUHN_FREE == 0
    }

    pub(crate) const fn digits(self) -> u8 {
        self.digits
    }

    pub(crate) const fn width(self) -> u16 {
        self.more
    }

    /// Where ASCII digits lie.
    pub(crate) fn fit(self, typed: &[u8]) -> Fit {
        let mut value = 0;
        let mut seen = 0;
        for byte in typed.iter().take(usize::from(self.digits)) {
            value = value * 10 + u32::from(byte.wrapping_sub(b'0'));
            seen += 1;
        }
        // The smallest and the largest number that can still come out of the digits.
        let mut least = value;
        let mut most = value;
        let decided = seen >= self.digits;
        while seen < self.digits {
            least *= 10;
            most = most * 10 + 9;
            seen += 1;
        }
        if most < self.low || least > self.low + u32::from(self.more) {
            Fit::Outside
        } else if decided {
            Fit::Inside
        } else {
            Fit::Possible
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_knows_its_edges() {
        let range = Range::span(2221, 2720);
        for (typed, fit) in [
            ("", Fit::Possible),
            ("2", Fit::Possible),
            ("22", Fit::Possible),
            ("222", Fit::Possible),
            ("221", Fit::Outside),
            ("2220", Fit::Outside),
            ("2221", Fit::Inside),
            ("2720", Fit::Inside),
            ("272099", Fit::Inside),
            ("2721", Fit::Outside),
            ("28", Fit::Outside),
            ("0", Fit::Outside),
        ] {
            assert_eq!(range.fit(typed.as_bytes()), fit, "{typed}");
        }
    }

    #[test]
    fn lengths_know_their_ends() {
        let lengths = Lengths::of(&[13, 16, 19]);
        assert_eq!(lengths.iter().collect::<Vec<_>>(), [13, 16, 19]);
        assert_eq!((lengths.min(), lengths.max()), (13, 19));
        assert!(!lengths.contains(0) && !lengths.contains(14) && !lengths.contains(40));
    }

    #[test]
    fn a_range_takes_eight_bytes() {
        assert_eq!(size_of::<Range>(), 8);
    }

    #[test]
    fn code_rules_allow_what_they_say() {
        let none = CodeRule { name: "none", sizes: &[0] };
        assert!(none.fits(0) && none.fits(3) && !none.fits(4) && none.max() == 3);
        let four = CodeRule { name: "CID", sizes: &[4] };
        assert!(four.fits(4) && !four.fits(3) && !four.fits(0) && four.max() == 4);
    }
}
