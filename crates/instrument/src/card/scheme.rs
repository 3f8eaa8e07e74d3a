//! [`Scheme`]: a card network, and the facts of its cards.

pub(crate) mod index;
mod set;
mod table;

pub use set::Schemes;
pub(crate) use set::place as set_place;
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
    /// The id of the network that carries it where its numbers do not tell.
    pub(crate) rail: Option<&'static str>,
    /// How its numbers are grouped when shown.
    pub grouping: Grouping,
}

impl Scheme {
    /// The scheme at this place of the table; the first for a stranger.
    pub(crate) fn at(place: u8) -> &'static Self {
        SCHEMES.get(usize::from(place)).unwrap_or_else(|| {
            let [first, ..] = &SCHEMES;
            first
        })
    }

    /// Its place in the table.
    pub fn place(&self) -> usize {
        SCHEMES.iter().position(|scheme| scheme == self).unwrap_or_default()
    }

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

    /// The lengths of both sets.
    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether there is none.
    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether numbers of this many digits exist.
    pub const fn contains(self, digits: usize) -> bool {
        digits < 32 && self.0 & (1 << digits) != 0
    }

    /// The largest length, in digits; 0 without any.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_know_their_ends() {
        let lengths = Lengths::of(&[13, 16, 19]);
        assert_eq!(lengths.iter().collect::<Vec<_>>(), [13, 16, 19]);
        assert_eq!((lengths.min(), lengths.max()), (13, 19));
        assert!(!lengths.contains(0) && !lengths.contains(14) && !lengths.contains(40));
    }

    #[test]
    fn code_rules_allow_what_they_say() {
        let none = CodeRule { name: "none", sizes: &[0] };
        assert!(none.fits(0) && none.fits(3) && !none.fits(4) && none.max() == 3);
        let four = CodeRule { name: "CID", sizes: &[4] };
        assert!(four.fits(4) && !four.fits(3) && !four.fits(0) && four.max() == 4);
    }
}
