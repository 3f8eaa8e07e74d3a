//! [`Schemes`]: a set of card schemes.

use super::Scheme;
use super::table::{COUNT, ROWS};

/// Schemes that count only where a merchant names them. Interac's four digits are plain Visa to everybody
/// else; GPN claims 50, 56, 58 and 60 to 63 whole; a girocard cannot be used without the card present.
const WHEN_NAMED: [&str; 3] = ["interac", "gpn", "girocard"];

/// A set of card schemes.
///
/// ```
/// use instrument::card::{Scheme, Schemes};
/// let accepted = Schemes::NONE.with(Scheme::by_id("visa").unwrap());
/// assert!(accepted.contains(Scheme::by_id("visa").unwrap()));
/// assert!(!accepted.contains(Scheme::by_id("amex").unwrap()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schemes(u64);

impl Schemes {
    /// No scheme.
    pub const NONE: Self = Self(0);

    /// Every scheme of the table.
    pub const ALL: Self = Self(u64::MAX >> (64 - COUNT));

    /// Every scheme that can be told by its numbers and used in a shop on the web: all but Interac, GPN and
    /// girocard, which count only where a merchant names them.
    pub const USUAL: Self = {
        let mut bits = Self::ALL.0;
        let mut rest = WHEN_NAMED.as_slice();
        while let [id, more @ ..] = rest {
            bits &= !(1 << place(id));
            rest = more;
        }
        Self(bits)
    };

    /// The schemes with these ids; nothing if one of them is unknown.
    pub fn of<'a>(ids: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        ids.into_iter().try_fold(Self::NONE, |set, id| Some(set.with(Scheme::by_id(id)?)))
    }

    /// The set with one scheme more.
    #[must_use]
    pub fn with(self, scheme: &Scheme) -> Self {
        Self(self.0 | 1 << scheme.place())
    }

    /// The set with one scheme less.
    #[must_use]
    pub fn without(self, scheme: &Scheme) -> Self {
        Self(self.0 & !(1 << scheme.place()))
    }

    /// Whether a scheme is in it.
    pub fn contains(self, scheme: &Scheme) -> bool {
        self.has(scheme.place() as u8)
    }

    pub(crate) const fn with_place(self, place: u8) -> Self {
        Self(self.0 | 1 << place)
    }

    pub(crate) const fn has(self, place: u8) -> bool {
        self.0 >> place & 1 != 0
    }
}

/// The place of a scheme in the table, told by the compiler.
#[expect(clippy::indexing_slicing, clippy::panic, reason = "runs in the compiler only, over a constant")]
pub(crate) const fn place(id: &str) -> u8 {
    let mut at = 0;
    while at < COUNT {
        if same(ROWS[at].scheme.id.as_bytes(), id.as_bytes()) {
            return at as u8;
        }
        at += 1;
    }
    panic!("the table has no such scheme")
}

const fn same(mut one: &[u8], mut other: &[u8]) -> bool {
    loop {
        match (one, other) {
            ([], []) => return true,
            ([a, one_rest @ ..], [b, other_rest @ ..]) if *a == *b => {
                one = one_rest;
                other = other_rest;
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::SCHEMES;

    #[test]
    fn the_usual_ones_are_all_but_those_to_be_named() {
        for scheme in &SCHEMES {
            assert!(Schemes::ALL.contains(scheme) && !Schemes::NONE.contains(scheme));
            assert_eq!(Schemes::USUAL.contains(scheme), !WHEN_NAMED.contains(&scheme.id), "{}", scheme.id);
            assert_eq!(usize::from(place(scheme.id)), scheme.place());
            assert!(!Schemes::ALL.without(scheme).contains(scheme));
        }
    }

    #[test]
    fn an_unknown_id_makes_no_set() {
        assert_eq!(Schemes::of(["visa", "visacard"]), None);
        let set = Schemes::of(["visa", "interac"]).unwrap();
        assert!(set.contains(Scheme::by_id("interac").unwrap()));
        assert!(!set.contains(Scheme::by_id("amex").unwrap()));
        assert_eq!(Schemes::of([]), Some(Schemes::NONE));
    }
}
