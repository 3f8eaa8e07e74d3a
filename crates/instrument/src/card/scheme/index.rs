//! [`Range`]: issuer identification numbers, and the index in which they are looked up.
//!
//! The index is made when the crate is compiled: every range, in every block of two leading digits that it
//! touches, sorted by its first number. One look-up walks one block.

use super::table::{COUNT, ROWS};

/// The digits of the longest prefix in the table (ISO/IEC 7812-1:2017: an identification number has eight).
pub(crate) const MAX_PREFIX: usize = 8;

/// How sure a range is of its scheme; later ones are named first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// Further digits can lead into the range.
    Possible,
    /// Counts only when nothing certain matches, and behind every other fallback.
    Hint,
    /// Counts only when nothing certain matches.
    Fallback,
    /// Known from one source, or private: named after every scheme that is not.
    Lone,
    /// The second scheme of a co-brand.
    Secondary,
    /// The scheme's own.
    Own,
}

impl Class {
    const fn of(bits: u8) -> Self {
        match bits & CLASS {
            0 => Self::Possible,
            1 => Self::Hint,
            2 => Self::Fallback,
            3 => Self::Lone,
            4 => Self::Secondary,
            _ => Self::Own,
        }
    }
}

/// The bits of a mark that hold its class.
const CLASS: u8 = 7;
const LUHN_FREE: u8 = 8;
const FIFTEEN: u8 = 16;

/// A range of issuer identification numbers, both ends included.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    low: u32,
    /// How many further numbers follow `low`.
    more: u16,
    /// How many digits both have.
    digits: u8,
    marks: u8,
}

impl Range {
    /// The range from one prefix to another of the same number of digits.
    pub(super) const fn span(low: u32, high: u32) -> Self {
        assert!(low > 0 && low.ilog10() == high.ilog10(), "both ends have the same number of digits");
        Self::with_digits(low, high, low.ilog10() as u8 + 1)
    }

    /// The range from one prefix to another, with so many zeros before them that they have this many digits.
    pub(super) const fn with_digits(low: u32, high: u32, digits: u8) -> Self {
        assert!(low <= high && high - low <= u16::MAX as u32, "the range is in order and not too wide");
        assert!(digits as usize <= MAX_PREFIX && high < 10_u32.pow(digits as u32), "the digits suffice");
        Self { low, more: (high - low) as u16, digits, marks: Class::Own as u8 }
    }

    pub(super) const fn hint(self) -> Self {
        self.with(Class::Hint)
    }

    pub(super) const fn fallback(self) -> Self {
        self.with(Class::Fallback)
    }

    pub(super) const fn lone(self) -> Self {
        self.with(Class::Lone)
    }

    pub(super) const fn secondary(self) -> Self {
        self.with(Class::Secondary)
    }

    /// Holds numbers in circulation that fail the Luhn formula.
    pub(super) const fn luhn_free(self) -> Self {
        Self { marks: self.marks | LUHN_FREE, ..self }
    }

    /// Holds numbers of 15 digits, whatever the scheme has elsewhere.
    pub(super) const fn fifteen(self) -> Self {
        Self { marks: self.marks | FIFTEEN, ..self }
    }

    const fn with(self, class: Class) -> Self {
        Self { marks: self.marks & !CLASS | class as u8, ..self }
    }

    /// The blocks of two leading digits that it touches, the first and the last.
    const fn blocks(self) -> (u32, u32) {
        let unit = 10_u32.pow(MAX_PREFIX as u32 - self.digits as u32);
        (self.low * unit / BLOCK, ((self.low + self.more as u32) * unit + (unit - 1)) / BLOCK)
    }
}

/// A range as the index holds it: 8 bytes, so that the whole of it stays small in wasm.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    low: u32,
    more: u16,
    /// The place of its scheme in the table.
    scheme: u8,
    /// The number of digits less one, and the marks.
    shape: u8,
}

impl Entry {
    /// The range of nothing, where room is kept for one.
    pub(crate) const NONE: Self = Self { low: 0, more: 0, scheme: 0, shape: 0 };

    const fn new(range: Range, scheme: usize) -> Self {
        Self {
            low: range.low,
            more: range.more,
            scheme: scheme as u8,
            shape: (range.digits - 1) | (range.marks << 3),
        }
    }

    pub(crate) const fn scheme(self) -> u8 {
        self.scheme
    }

    /// How many digits its ends have.
    pub(crate) const fn digits(self) -> u32 {
        (self.shape & 7) as u32 + 1
    }

    /// How many numbers follow its first.
    pub(crate) const fn more(self) -> u16 {
        self.more
    }

    pub(crate) const fn class(self) -> Class {
        Class::of(self.shape >> 3)
    }

    pub(crate) const fn needs_luhn(self) -> bool {
        (self.shape >> 3) & LUHN_FREE == 0
    }

    pub(crate) const fn has_fifteen(self) -> bool {
        (self.shape >> 3) & FIFTEEN != 0
    }

    /// The first and the last number, with all the digits that an index can compare.
    const fn ends(self) -> (u32, u32) {
        let unit = power(MAX_PREFIX as u32 - self.digits());
        let first = self.low * unit;
        (first, first + (self.more as u32 + 1) * unit - 1)
    }
}

/// What leading digits tell: the smallest and the largest number that can still come out of them.
#[derive(Clone, Copy)]
pub(crate) struct Prefix {
    least: u32,
    most: u32,
    digits: u32,
}

impl Prefix {
    /// The prefix of ASCII digits.
    pub(crate) fn of(digits: &[u8]) -> Self {
        if let Some(head) = digits.first_chunk::<MAX_PREFIX>() {
            // In pairs, which a processor works out side by side.
            let [a, b, c, d, e, f, g, h] = head.map(|byte| u32::from(byte.wrapping_sub(b'0')));
            let (high, low) = ((a * 10 + b) * 100 + c * 10 + d, (e * 10 + f) * 100 + g * 10 + h);
            let value = high * 10_000 + low;
            return Self { least: value, most: value, digits: MAX_PREFIX as u32 };
        }
        let (mut value, mut seen) = (0, 0);
        for byte in digits {
            value = value * 10 + u32::from(byte.wrapping_sub(b'0'));
            seen += 1;
        }
        let unit = power(MAX_PREFIX as u32 - seen);
        Self { least: value * unit, most: value * unit + (unit - 1), digits: seen }
    }

    /// The ranges that the digits lie in or can lead into. A wide one can come more than once.
    #[inline]
    pub(crate) fn each(self, mut act: impl FnMut(Entry, Class)) {
        let from = start((self.least / BLOCK) as usize);
        let to = start((self.most / BLOCK) as usize + 1);
        let mut furthest = 0;
        for entry in INDEX.get(from..to).unwrap_or_default() {
            let (first, last) = entry.ends();
            if first > self.most {
                break;
            }
            // What reaches into this block from one before came there, mostly.
            if last < self.least || first < furthest {
                continue;
            }
            furthest = first;
            act(*entry, if self.digits >= entry.digits() { entry.class() } else { Class::Possible });
        }
    }
}

/// The numbers of eight digits that share their first two.
const BLOCK: u32 = 1_000_000;
const BLOCKS: usize = 100;

/// Every range in every block that it touches, by its first number.
static INDEX: [Entry; SPREAD] = index();

/// Where each block begins.
static STARTS: [u16; BLOCKS + 1] = starts();

/// The largest number of schemes that one first digit can belong to.
pub(crate) const MOST: usize = most();

const SPREAD: usize = {
    let mut count = 0;
    let mut block = 0;
    while block < BLOCKS {
        count += touching(block as u32);
        block += 1;
    }
    count
};

fn start(block: usize) -> usize {
    STARTS.get(block).map_or(SPREAD, |start| usize::from(*start))
}

#[expect(clippy::indexing_slicing, reason = "the exponent is one of few, and the compiler sees it")]
const fn power(exponent: u32) -> u32 {
    const POWERS: [u32; 16] = {
        let mut powers = [1; 16];
        let mut at = 1;
        while at <= MAX_PREFIX {
            powers[at] = powers[at - 1] * 10;
            at += 1;
        }
        powers
    };
    POWERS[exponent as usize & 15]
}

/// How many ranges touch a block.
#[expect(clippy::indexing_slicing, reason = "runs in the compiler only, over a constant")]
const fn touching(block: u32) -> usize {
    let mut count = 0;
    let mut row = 0;
    while row < COUNT {
        let ranges = ROWS[row].ranges;
        let mut at = 0;
        while at < ranges.len() {
            let (first, last) = ranges[at].blocks();
            if first <= block && block <= last {
                count += 1;
            }
            at += 1;
        }
        row += 1;
    }
    count
}

#[expect(clippy::indexing_slicing, reason = "runs in the compiler only, over a constant")]
const fn index() -> [Entry; SPREAD] {
    let mut index = [Entry::NONE; SPREAD];
    let mut len = 0;
    let mut block = 0;
    while block < BLOCKS as u32 {
        let start = len;
        let mut row = 0;
        while row < COUNT {
            let ranges = ROWS[row].ranges;
            let mut at = 0;
            while at < ranges.len() {
                let (first, last) = ranges[at].blocks();
                if first <= block && block <= last {
                    let entry = Entry::new(ranges[at], row);
                    let mut place = len;
                    while place > start && index[place - 1].ends().0 > entry.ends().0 {
                        index[place] = index[place - 1];
                        place -= 1;
                    }
                    index[place] = entry;
                    len += 1;
                }
                at += 1;
            }
            row += 1;
        }
        block += 1;
    }
    index
}

#[expect(clippy::indexing_slicing, reason = "runs in the compiler only, over a constant")]
const fn starts() -> [u16; BLOCKS + 1] {
    let mut starts = [0; BLOCKS + 1];
    let mut block = 0;
    while block < BLOCKS {
        starts[block + 1] = starts[block] + touching(block as u32) as u16;
        block += 1;
    }
    starts
}

#[expect(clippy::indexing_slicing, reason = "runs in the compiler only, over a constant")]
const fn most() -> usize {
    let mut most = 0;
    let mut digit = 0;
    while digit < 10 {
        let mut count = 0;
        let mut row = 0;
        while row < COUNT {
            let ranges = ROWS[row].ranges;
            let mut at = 0;
            let mut found = 0;
            while at < ranges.len() {
                let (first, last) = ranges[at].blocks();
                if first / 10 <= digit && digit <= last / 10 {
                    found = 1;
                }
                at += 1;
            }
            count += found;
            row += 1;
        }
        if count > most {
            most = count;
        }
        digit += 1;
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(digits: &str, range: Range) -> Option<Class> {
        let prefix = Prefix::of(digits.as_bytes());
        let entry = Entry::new(range, 0);
        let (first, last) = entry.ends();
        let inside = if prefix.digits >= entry.digits() { entry.class() } else { Class::Possible };
        (first <= prefix.most && last >= prefix.least).then_some(inside)
    }

    #[test]
    fn a_range_knows_its_edges() {
        let range = Range::span(2221, 2720);
        for (typed, expected) in [
            ("", Some(Class::Possible)),
            ("2", Some(Class::Possible)),
            ("22", Some(Class::Possible)),
            ("222", Some(Class::Possible)),
            ("221", None),
            ("2220", None),
            ("2221", Some(Class::Own)),
            ("2720", Some(Class::Own)),
            ("272099", Some(Class::Own)),
            ("2721", None),
            ("28", None),
            ("0", None),
        ] {
            assert_eq!(class(typed, range), expected, "{typed}");
        }
        assert_eq!(class("0012", Range::with_digits(12, 12, 4)), Some(Class::Own));
        assert_eq!(class("001", Range::with_digits(12, 12, 4)), Some(Class::Possible));
        assert_eq!(class("12", Range::with_digits(12, 12, 4)), None);
    }

    #[test]
    fn an_entry_takes_eight_bytes_and_keeps_its_marks() {
        assert_eq!(size_of::<Entry>(), 8);
        let entry = Entry::new(Range::span(501080, 501082).fallback().luhn_free(), 7);
        assert_eq!((entry.class(), entry.digits(), entry.more()), (Class::Fallback, 6, 2));
        assert!(!entry.needs_luhn() && !entry.has_fifteen() && entry.scheme() == 7);
        let entry = Entry::new(Range::span(1800, 1800).secondary().fifteen(), 5);
        assert!(entry.needs_luhn() && entry.has_fifteen() && entry.class() == Class::Secondary);
    }

    #[test]
    fn no_scheme_has_a_prefix_twice_in_one_class() {
        for row in &ROWS {
            for (at, range) in row.ranges.iter().enumerate() {
                for other in &row.ranges[..at] {
                    let ends = |range: &Range| Entry::new(*range, 0).ends();
                    let (first, last) = ends(range);
                    let (low, high) = ends(other);
                    let apart = last < low || high < first;
                    // Maestro's certain prefixes lie within its fallback on purpose.
                    let nested = range.marks != other.marks || row.scheme.id == "maestro";
                    assert!(apart || nested, "{} {:?} {:?}", row.scheme.id, range, other);
                }
            }
        }
    }

    #[test]
    fn every_block_is_sorted_and_holds_what_touches_it() {
        for block in 0..BLOCKS {
            let entries = &INDEX[start(block)..start(block + 1)];
            assert!(entries.is_sorted_by_key(|entry| entry.ends().0), "{block}");
            let (low, high) = (block as u32 * BLOCK, block as u32 * BLOCK + (BLOCK - 1));
            assert!(entries.iter().all(|entry| entry.ends().0 <= high && entry.ends().1 >= low), "{block}");
        }
    }
}
