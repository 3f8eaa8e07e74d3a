//! [`Candidate`]: a scheme that a number may belong to. A number can have several.
//!
//! Ranges overlap: the number alone cannot tell a co-branded card's two schemes apart, and some old
//! ranges lie inside others. So length and check digit are judged for each candidate, and a number is
//! good when *any* of them takes it. The first candidate is the one to show:
//!
//! 1. ranges that the digits lie in, longest prefix first, then the narrower range, then table order;
//! 2. the second scheme of a co-brand (Discover in 622126-622925, Dankort in 4571);
//! 3. Maestro's wide ranges, and only when nothing above matches;
//! 4. schemes that further digits can still lead to, in table order.

use super::scheme::{Fit, Range, SCHEMES, Scheme};

/// A scheme that a number may belong to.
#[derive(Clone, Copy, Debug)]
pub struct Candidate {
    /// The scheme.
    pub scheme: &'static Scheme,
    /// Whether the digits lie in a range that is certainly the scheme's own.
    pub confident: bool,
    /// Whether the digits, as they stand, satisfy the Luhn formula.
    pub luhn_ok: bool,
}

/// A candidate together with how it was found.
#[derive(Clone, Copy)]
pub(crate) struct Match {
    pub(crate) scheme: &'static Scheme,
    range: Range,
    class: Class,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Possible,
    Fallback,
    Secondary,
    Own,
}

impl Match {
    /// Whether the digits lie in one of the scheme's ranges already.
    pub(crate) fn is_inside(&self) -> bool {
        self.class != Class::Possible
    }

    /// Whether the scheme issues numbers of this many digits with such a check digit.
    pub(crate) fn accepts(&self, digits: usize, luhn: Luhn) -> bool {
        self.is_inside()
            && self.scheme.lengths.contains(digits)
            && (luhn == Luhn::Passes || !self.range.needs_luhn())
    }

    pub(crate) fn candidate(&self, luhn: Luhn) -> Candidate {
        Candidate {
            scheme: self.scheme,
            confident: matches!(self.class, Class::Own | Class::Secondary),
            luhn_ok: luhn == Luhn::Passes,
        }
    }

    fn ranks_before(&self, other: &Self) -> bool {
        let by_class = self.class.cmp(&other.class);
        let order = if self.class == Class::Possible {
            by_class
        } else {
            by_class
                .then(self.range.digits().cmp(&other.range.digits()))
                .then(other.range.width().cmp(&self.range.width()))
        };
        order.is_gt()
    }
}

/// The outcome of the Luhn formula.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Luhn {
    Passes,
    Fails,
}

impl Luhn {
    pub(crate) fn of(digits: &str) -> Self {
        if crate::digits::passes_luhn(digits) { Self::Passes } else { Self::Fails }
    }
}

/// The candidates of a run of leading ASCII digits, best first.
pub(crate) fn matches(digits: &str) -> Vec<Match> {
    let mut found: Vec<Match> = Vec::with_capacity(SCHEMES.len());
    for scheme in &SCHEMES {
        let Some(new) = best_match(scheme, digits.as_bytes()) else { continue };
        let at = found.iter().position(|old| new.ranks_before(old)).unwrap_or(found.len());
        found.insert(at, new);
    }
    let specific = found.first().is_some_and(|best| best.class > Class::Fallback);
    if specific {
        found.retain(|found| found.class != Class::Fallback);
    }
    found
}

fn best_match(scheme: &'static Scheme, digits: &[u8]) -> Option<Match> {
    let mut best: Option<Match> = None;
    for range in scheme.ranges {
        let class = match range.fit(digits) {
            Fit::Outside => continue,
            Fit::Possible => Class::Possible,
            Fit::Inside if range.is_fallback() => Class::Fallback,
            Fit::Inside if range.is_secondary() => Class::Secondary,
            Fit::Inside => Class::Own,
        };
        let new = Match { scheme, range: *range, class };
        if best.as_ref().is_none_or(|best| new.ranks_before(best)) {
            best = Some(new);
        }
    }
    best
}
