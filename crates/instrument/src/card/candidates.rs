//! [`Candidate`]: a scheme that a number may belong to. A number can have several.
//!
//! Ranges overlap: the number alone cannot tell a co-branded card's two schemes apart, and some old
//! ranges lie inside others. So length and check digit are judged for each candidate, and a number is
//! good when *any* that the merchant accepts takes it. The first candidate is the one to show:
//!
//! 1. ranges that the digits lie in, longest prefix first, then the narrower range, then table order;
//! 2. the second scheme of a co-brand (Discover in 622126-622925, Dankort in 4571);
//! 3. schemes that only one source knows, and private ones;
//! 4. Maestro's wide ranges, and only when neither 1 nor 2 matches; behind them hints that are wider still;
//! 5. schemes that further digits can still lead to, in table order.

use super::policy::CardPolicy;
use super::scheme::index::{Class, Entry, MOST, Prefix};
use super::scheme::{Lengths, Scheme, Schemes, set_place};
use crate::verdict::{Reason, Verdict};

/// The most digits that a card number has (ISO/IEC 7812-1).
pub(crate) const MAX_DIGITS: usize = 19;

/// The digits from which an all-zero entry is called that instead of an unknown prefix.
const MIN_DIGITS: usize = 12;

/// A scheme that a number may belong to.
#[derive(Clone, Copy, Debug)]
pub struct Candidate {
    /// The scheme.
    pub scheme: &'static Scheme,
    /// Whether the digits lie in a range that is certainly the scheme's own.
    pub confident: bool,
    /// Whether the digits, as they stand, satisfy the Luhn formula. A complete candidate that fails it is a
    /// warning: the scheme has such numbers, and a mistyped one looks the same.
    pub luhn_ok: bool,
    /// Whether the scheme issues numbers of this many digits.
    pub length_ok: bool,
    /// Whether the scheme takes the number as it stands.
    pub complete: bool,
    /// The id of the network that carries the card: the scheme's own, or the one whose range it shares.
    pub rail: &'static str,
}

/// A candidate together with how it was found.
#[derive(Clone, Copy)]
pub(crate) struct Match {
    /// Orders the candidates: the larger comes first. No two are equal.
    key: u32,
    /// The numbers of digits that it may have.
    lengths: Lengths,
    /// The place of its scheme in the table.
    place: u8,
    /// How sure the range is of its scheme, once the digits lie in it.
    class: Class,
    luhn_free: bool,
}

impl Match {
    /// Nothing but zeros, so that room for many is cleared at once.
    const NONE: Self =
        Self { key: 0, lengths: Lengths::of(&[]), place: 0, class: Class::Possible, luhn_free: false };

    fn new(entry: Entry, class: Class) -> Self {
        let last = 0xff - u32::from(entry.scheme());
        let key = match class {
            Class::Possible => last,
            Class::Hint | Class::Fallback | Class::Lone | Class::Secondary | Class::Own => {
                (class as u32) << 28 | entry.digits() << 24 | (0xffff - u32::from(entry.more())) << 8 | last
            }
        };
        let place = entry.scheme();
        let lengths =
            if entry.has_fifteen() { const { Lengths::of(&[15]) } } else { Scheme::at(place).lengths };
        Self { key, lengths, place, class: entry.class(), luhn_free: !entry.needs_luhn() }
    }

    pub(crate) fn scheme(&self) -> &'static Scheme {
        Scheme::at(self.place)
    }

    /// Whether the digits lie in one of the scheme's ranges already.
    fn is_inside(&self) -> bool {
        self.key >> 28 != Class::Possible as u32
    }

    /// Whether it counts only when nothing certain matches.
    fn is_weak(&self) -> bool {
        self.key >> 28 == Class::Fallback as u32 || self.key >> 28 == Class::Hint as u32
    }

    fn is_free(&self, policy: &CardPolicy) -> bool {
        self.luhn_free && policy.forgives_luhn(self.place)
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

/// The candidates of a run of leading ASCII digits, in no order. Nothing of it lies on the heap.
#[derive(Clone)]
pub(crate) struct Matches {
    found: [Match; MOST],
    len: usize,
    digits: usize,
    /// Whether something certain matches, so that the weak ones do not count.
    certain: bool,
    /// Whether a scheme was found that is not accepted.
    refused: bool,
    sum: Sum,
}

/// What all candidates that count say together, so that nothing that is asked looks at each of them.
#[derive(Clone)]
struct Sum {
    /// The lengths of any.
    lengths: Lengths,
    /// The lengths at which one takes a number with its check digit.
    checked: Lengths,
    /// The lengths at which one takes a number whatever its check digit.
    free: Lengths,
    /// The place of the scheme to show.
    shown: Option<u8>,
}

impl Sum {
    const NONE: Self =
        Self { lengths: Lengths::of(&[]), checked: Lengths::of(&[]), free: Lengths::of(&[]), shown: None };
}

impl Matches {
    /// Of the digits, under a policy. Without digits there are none.
    pub(crate) fn of(digits: &str, policy: &CardPolicy) -> Self {
        let mut matches = Self {
            found: [Match::NONE; MOST],
            len: 0,
            digits: digits.len(),
            certain: false,
            refused: false,
            sum: Sum::NONE,
        };
        if !digits.is_empty() {
            matches.find(digits, policy);
            matches.sum_up(policy);
        }
        matches
    }

    fn find(&mut self, digits: &str, policy: &CardPolicy) {
        let mut seen = Schemes::NONE;
        Prefix::of(digits.as_bytes()).each(|entry, class| {
            if !policy.accepted.has(entry.scheme()) {
                // What has to be named is as good as unknown to whoever does not name it.
                self.refused |= Schemes::USUAL.has(entry.scheme());
                return;
            }
            self.certain |= class >= Class::Secondary;
            if !seen.has(entry.scheme()) {
                seen = seen.with_place(entry.scheme());
                if let Some(place) = self.found.get_mut(self.len) {
                    *place = Match::new(entry, class);
                    self.len += 1;
                }
            } else if class != Class::Possible {
                // Nothing is worse than what is possible only.
                self.improve(Match::new(entry, class));
            }
        });
    }

    /// A further range of a scheme that was found already: the better one counts.
    fn improve(&mut self, new: Match) {
        for old in &mut self.found {
            if old.key != 0 && old.place == new.place && new.key > old.key {
                *old = new;
            }
        }
    }

    /// Sums up, and picks the scheme to show: the best that the digits lie in, or the only one that they can lead
    /// to; what only one source knows is no rival.
    fn sum_up(&mut self, policy: &CardPolicy) {
        let mut sum = Sum::NONE;
        let mut digits = self.digits;
        loop {
            let (mut key, mut best) = (0, 0);
            let mut strong = None;
            let (mut count, mut strong_count) = (0, 0);
            for found in self.iter() {
                sum.lengths = sum.lengths.and(found.lengths);
                if found.is_inside() {
                    let taken = if found.is_free(policy) { &mut sum.free } else { &mut sum.checked };
                    *taken = taken.and(found.lengths);
                }
                if found.lengths.max() < digits {
                    continue;
                }
                count += 1;
                if found.class >= Class::Secondary || found.class == Class::Fallback {
                    strong_count += 1;
                    strong = Some(found.place);
                }
                if found.key > key {
                    (key, best) = (found.key, found.place);
                }
            }
            sum.shown = if key >> 28 != Class::Possible as u32 || count == 1 {
                Some(best)
            } else if strong_count == 1 {
                strong
            } else {
                None
            };
            if count > 0 || digits == 0 {
                break;
            }
            // So many digits rule out every candidate: then none is ruled out.
            digits = 0;
        }
        self.sum = sum;
    }

    fn all(&self) -> &[Match] {
        self.found.get(..self.len).unwrap_or_default()
    }

    fn iter(&self) -> impl Iterator<Item = &Match> {
        self.all().iter().filter(|found| !(self.certain && found.is_weak()))
    }

    /// The same for more or fewer digits behind the same prefix.
    pub(crate) fn grow(&mut self, digits: usize, policy: &CardPolicy) {
        self.digits = digits;
        self.sum_up(policy);
    }

    /// The most digits that a number which begins like this can have.
    pub(crate) const fn max_len(&self) -> usize {
        if self.sum.lengths.is_empty() { MAX_DIGITS } else { self.sum.lengths.max() }
    }

    /// The candidates that the number of digits does not rule out; if it rules out all, all.
    fn open(&self) -> impl Iterator<Item = &Match> {
        let open = self.max_len() >= self.digits;
        self.iter().filter(move |found| !open || found.lengths.max() >= self.digits)
    }

    /// The places of the schemes in whose ranges the digits lie, the one to show first.
    pub(crate) fn inside(&self) -> impl Iterator<Item = u8> {
        self.sorted().into_iter().filter(|found| found.is_inside()).map(|found| found.place)
    }

    /// The scheme to show while digits are typed.
    pub(crate) fn shown(&self) -> Option<&'static Scheme> {
        self.sum.shown.map(Scheme::at)
    }

    /// The place in the table of the scheme to show.
    pub(crate) const fn shown_place(&self) -> Option<u8> {
        self.sum.shown
    }

    /// Why the digits are not a card number, if they are not.
    pub(crate) fn problem(&self, digits: &str) -> Option<Reason> {
        self.problem_with(digits, || Luhn::of(digits))
    }

    /// The same, asking for the check digit only where it decides.
    fn problem_with(&self, digits: &str, luhn: impl FnOnce() -> Luhn) -> Option<Reason> {
        let len = digits.len();
        if len == 0 {
            return Some(Reason::Required);
        }
        if len >= MIN_DIGITS && digits.bytes().all(|digit| digit == b'0') {
            return Some(Reason::AllZeros);
        }
        if self.len == 0 {
            return Some(if self.refused { Reason::NotAccepted } else { Reason::UnknownScheme });
        }
        let Sum { lengths, checked, free, .. } = self.sum;
        if free.contains(len) || checked.contains(len) && luhn() == Luhn::Passes {
            return None;
        }
        Some(if lengths.contains(len) {
            Reason::Luhn
        } else if len > lengths.max() {
            Reason::TooLong
        } else if len < lengths.min() {
            Reason::TooShort
        } else {
            Reason::WrongLength
        })
    }

    /// What is thought of the digits while they are typed.
    pub(crate) fn verdict(&self, digits: &str) -> Verdict {
        self.verdict_of(digits, self.problem(digits))
    }

    /// The same for digits whose check digit was looked at.
    pub(crate) fn verdict_with(&self, digits: &str, luhn: Luhn) -> Verdict {
        self.verdict_of(digits, self.problem_with(digits, || luhn))
    }

    fn verdict_of(&self, digits: &str, problem: Option<Reason>) -> Verdict {
        match problem {
            _ if digits.is_empty() => Verdict::Empty,
            None => Verdict::Complete,
            Some(reason @ (Reason::AllZeros | Reason::UnknownScheme | Reason::NotAccepted)) => {
                Verdict::Invalid(reason)
            }
            Some(reason) if digits.len() >= self.max_len() => Verdict::Invalid(reason),
            Some(_) => Verdict::Partial,
        }
    }

    /// The open candidates, the one to show first.
    pub(crate) fn candidates(&self, luhn: Luhn, policy: &CardPolicy) -> Vec<Candidate> {
        self.sorted().into_iter().map(|found| self.candidate(found, luhn, policy)).collect()
    }

    fn sorted(&self) -> Vec<&Match> {
        let mut sorted: Vec<&Match> = Vec::with_capacity(self.len);
        for new in self.open() {
            let at = sorted.iter().position(|old| new.key > old.key).unwrap_or(sorted.len());
            sorted.insert(at, new);
        }
        sorted
    }

    fn takes(&self, found: &Match, luhn: Luhn, policy: &CardPolicy) -> bool {
        found.is_inside()
            && found.lengths.contains(self.digits)
            && (luhn == Luhn::Passes || found.is_free(policy))
    }

    fn candidate(&self, found: &Match, luhn: Luhn, policy: &CardPolicy) -> Candidate {
        Candidate {
            scheme: found.scheme(),
            confident: found.is_inside() && found.class >= Class::Secondary,
            luhn_ok: luhn == Luhn::Passes,
            length_ok: found.lengths.contains(self.digits),
            complete: self.takes(found, luhn, policy),
            rail: self.rail(found),
        }
    }

    /// The network of a scheme: itself if it is one, the one that the table names, the best whose range holds
    /// the digits too, or itself for want of another.
    fn rail(&self, found: &Match) -> &'static str {
        let own = found.scheme();
        if NETWORKS.has(found.place) {
            return own.id;
        }
        let shared = self.all().iter().filter(|other| other.is_inside() && NETWORKS.has(other.place));
        let shared = shared.max_by_key(|other| other.key).map(|other| other.scheme().id);
        own.rail.or(shared).unwrap_or(own.id)
    }
}

/// The networks that carry cards of other schemes, and American Express.
const NETWORKS: Schemes = Schemes::NONE
    .with_place(set_place("visa"))
    .with_place(set_place("mastercard"))
    .with_place(set_place("amex"))
    .with_place(set_place("diners"))
    .with_place(set_place("discover"))
    .with_place(set_place("jcb"))
    .with_place(set_place("unionpay"))
    .with_place(set_place("maestro"));
