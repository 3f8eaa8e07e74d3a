//! [`Typing`]: a card number field for whoever counts nanoseconds.
//!
//! It does what [`crate::field::Field`] does for single keys in a number, and a property test holds the two
//! together. Everything lies in one place of fixed size: a key press allocates nothing, looks the scheme up
//! only if one of the first eight digits changed, and answers with one number.

use zeroize::Zeroize;

use crate::card::candidates::{MAX_DIGITS, Matches};
use crate::card::groups::gaps;
use crate::card::{CardPolicy, Scheme};
use crate::digits::Glyph;
use crate::verdict::Verdict;

/// Room for the longest number with a gap behind every group of four.
pub const MAX_TEXT: usize = 24;

/// What [`Outcome::scheme`] is while no scheme can be named.
pub const NO_SCHEME: u8 = 255;

/// A card number field that takes one key at a time.
///
/// ```
/// use instrument::typing::Typing;
/// let mut typing = Typing::new();
/// for digit in "37828".chars() {
///     let end = typing.text().len();
///     typing.press(digit, end, end);
/// }
/// assert_eq!(typing.text(), "3782 8");
/// assert_eq!(typing.backspace(5, 5).caret, 3);
/// assert_eq!(typing.text(), "3788");
/// ```
pub struct Typing {
    digits: [u8; MAX_DIGITS + 1],
    len: usize,
    /// How many digits stand before the caret.
    caret: usize,
    /// On which side of a gap the caret stands, where it stands at one.
    side: Side,
    /// The text; behind it, how many of its characters are those of the text before.
    text: [u8; MAX_TEXT + 1],
    text_len: usize,
    found: Matches,
    /// The place of the scheme to show in the table.
    scheme: Option<u8>,
    verdict: Verdict,
    policy: CardPolicy,
}

/// What came of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Where the caret goes in the text.
    pub caret: u8,
    /// How long the text is.
    pub len: u8,
    /// What is thought of the number.
    pub verdict: Verdict,
    /// The place of the scheme to show in [`crate::card::SCHEMES`], or [`NO_SCHEME`].
    pub scheme: u8,
}

impl Outcome {
    /// All of it in one number: bits 0 to 5 are the caret, 6 to 11 the length, 12 and 13 the verdict (0 empty,
    /// 1 partial, 2 invalid, 3 complete), 16 to 23 the scheme's place (255 for none), 24 to 29 the reason's
    /// place in [`crate::Reason::ALL`] plus one.
    pub const fn packed(self) -> u32 {
        let (verdict, reason) = match self.verdict {
            Verdict::Empty => (0, 0),
            Verdict::Partial => (1, 0),
            Verdict::Invalid(reason) => (2, reason as u32 + 1),
            Verdict::Complete => (3, 0),
        };
        self.caret as u32 | (self.len as u32) << 6 | verdict << 12 | (self.scheme as u32) << 16 | reason << 24
    }
}

impl Typing {
    /// An empty field under the default policy.
    pub fn new() -> Self {
        Self::under(CardPolicy::DEFAULT)
    }

    /// An empty field under a merchant's policy.
    pub fn under(policy: CardPolicy) -> Self {
        Self {
            digits: [0; MAX_DIGITS + 1],
            len: 0,
            caret: 0,
            side: Side::Before,
            text: [0; MAX_TEXT + 1],
            text_len: 0,
            found: Matches::of("", &policy),
            scheme: None,
            verdict: Verdict::Empty,
            policy,
        }
    }

    /// Types a character over what is selected; a caret if both ends agree. Anything but a digit, and a digit
    /// into a full field with nothing selected, changes nothing.
    pub fn press(&mut self, key: char, start: usize, end: usize) -> Outcome {
        let Selected { from, to, last, .. } = self.select(start, end);
        let Glyph::Digit(digit) = Glyph::of(key) else { return self.refuse(to, last) };
        if from == to && self.len >= self.found.max_len() {
            return self.refuse(to, last);
        }
        self.splice(from, to, Some(b'0' + digit));
        self.caret = from + 1;
        self.detect(from);
        let most = self.found.max_len();
        if self.len > most {
            self.len = most;
            self.caret = self.caret.min(most);
            self.detect(most);
        }
        self.show(Last::Digit)
    }

    /// Deletes what is selected, or the digit before the caret.
    pub fn backspace(&mut self, start: usize, end: usize) -> Outcome {
        let Selected { from, to, bare, .. } = self.select(start, end);
        if from == to && (from == 0 || !bare) {
            return self.stand(from, Side::Before);
        }
        self.delete_between(if from == to { from - 1 } else { from }, to)
    }

    /// Deletes what is selected, or the digit behind the caret.
    pub fn delete(&mut self, start: usize, end: usize) -> Outcome {
        let Selected { from, to, bare, .. } = self.select(start, end);
        if from == to && (to == self.len || !bare) {
            return self.stand(from, Side::After);
        }
        self.delete_between(from, if from == to { to + 1 } else { to })
    }

    /// Empties the field.
    pub fn clear(&mut self) -> Outcome {
        *self = Self::under(self.policy);
        self.outcome()
    }

    /// What is shown.
    pub fn text(&self) -> &str {
        let shown = self.text.get(..self.text_len).unwrap_or_default();
        core::str::from_utf8(shown).unwrap_or_default()
    }

    /// The digits without gaps.
    pub fn digits(&self) -> &str {
        let digits = self.digits.get(..self.len).unwrap_or_default();
        core::str::from_utf8(digits).unwrap_or_default()
    }

    /// How many characters of the text are those of the text before the last key: whoever keeps that text need
    /// only read the rest.
    pub const fn kept(&self) -> usize {
        let [.., kept] = self.text;
        kept as usize
    }

    /// Where the text lies in memory: [`MAX_TEXT`] bytes, of which the first [`Outcome::len`] are shown, and
    /// behind them one that is [`Typing::kept`].
    pub const fn place(&self) -> *const u8 {
        self.text.as_ptr()
    }

    /// The outcome as it stands.
    pub fn outcome(&self) -> Outcome {
        Outcome {
            caret: self.shown_caret() as u8,
            len: self.text_len as u8,
            verdict: self.verdict,
            scheme: self.scheme.unwrap_or(NO_SCHEME),
        }
    }

    /// A selection in the shown text, told in digits.
    fn select(&self, start: usize, end: usize) -> Selected {
        let (start, end) = (start.min(self.text_len), end.min(self.text_len));
        let (first, last) = (start.min(end), start.max(end));
        Selected { from: self.offset(first), to: self.offset(last), last, bare: first == last }
    }

    fn offset(&self, position: usize) -> usize {
        if position >= self.text_len {
            return self.len;
        }
        let before = self.text.get(..position).unwrap_or_default();
        before.iter().map(|byte| usize::from(*byte != b' ')).sum()
    }

    fn refuse(&mut self, to: usize, last: usize) -> Outcome {
        let behind = last.checked_sub(1).and_then(|at| self.text.get(at)) == Some(&b' ');
        self.stand(to, if behind { Side::After } else { Side::Before })
    }

    /// Moves the caret and changes nothing else.
    fn stand(&mut self, caret: usize, side: Side) -> Outcome {
        self.keep(self.text_len);
        self.caret = caret;
        self.side = side;
        self.outcome()
    }

    fn delete_between(&mut self, from: usize, to: usize) -> Outcome {
        self.splice(from, to, None);
        self.caret = from;
        self.detect(from);
        self.show(Last::Deletion)
    }

    /// Puts a digit, or nothing, in the place of those from one offset to another.
    fn splice(&mut self, from: usize, to: usize, digit: Option<u8>) {
        let behind = from + usize::from(digit.is_some());
        self.digits.copy_within(to..self.len, behind);
        self.len = behind + (self.len - to);
        if let Some(digit) = digit
            && let Some(place) = self.digits.get_mut(from)
        {
            *place = digit;
        }
        if let Some(rest) = self.digits.get_mut(self.len..) {
            rest.fill(0);
        }
    }

    /// Looks the candidates up again, unless no digit that counts for them changed.
    fn detect(&mut self, changed: usize) {
        if changed < crate::card::scheme::index::MAX_PREFIX {
            self.found = Matches::of(self.digits(), &self.policy);
        } else {
            self.found.grow(self.len, &self.policy);
        }
        self.scheme = self.found.shown_place();
    }

    fn show(&mut self, last: Last) -> Outcome {
        self.verdict = self.found.verdict(self.digits());
        self.side = Side::Before;
        let before = self.text;
        let before_len = self.text_len;
        let mut at = 0;
        let scheme = self.scheme.map(Scheme::at);
        let mut gaps = gaps(scheme, self.len);
        for (index, digit) in self.digits.iter().take(self.len).enumerate() {
            if let [gap, rest @ ..] = gaps
                && *gap == index
            {
                put(&mut self.text, &mut at, b' ');
                gaps = rest;
            }
            put(&mut self.text, &mut at, *digit);
        }
        let appended = last == Last::Digit && self.caret == self.len;
        if appended && gaps.first() == Some(&self.len) && !self.may_be_whole(scheme) {
            put(&mut self.text, &mut at, b' ');
        }
        self.text_len = at;
        if let Some(rest) = self.text.get_mut(at..MAX_TEXT) {
            rest.fill(0);
        }
        let same = before.iter().zip(&self.text).take(before_len.min(at)).take_while(|(a, b)| a == b).count();
        self.keep(same);
        self.outcome()
    }

    fn keep(&mut self, characters: usize) {
        let [.., kept] = &mut self.text;
        *kept = characters as u8;
    }

    fn may_be_whole(&self, scheme: Option<&Scheme>) -> bool {
        self.len >= self.found.max_len() || scheme.is_some_and(|scheme| scheme.lengths.contains(self.len))
    }

    fn shown_caret(&self) -> usize {
        if self.caret >= self.len {
            return self.text_len;
        }
        let mut digits = 0;
        for (at, byte) in self.text.iter().take(self.text_len).enumerate() {
            if digits == self.caret && (*byte != b' ' || self.side == Side::Before) {
                return at;
            }
            digits += usize::from(*byte != b' ');
        }
        self.text_len
    }
}

impl Default for Typing {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Typing {
    fn drop(&mut self) {
        self.digits.zeroize();
        self.text.zeroize();
    }
}

impl core::fmt::Debug for Typing {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Typing([REDACTED])")
    }
}

/// A selection: the digits before its ends, where it ends in the text, and whether it selects nothing.
struct Selected {
    from: usize,
    to: usize,
    last: usize,
    bare: bool,
}

/// A side of a gap.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    After,
}

/// What the last key did.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Digit,
    Deletion,
}

fn put(text: &mut [u8; MAX_TEXT + 1], at: &mut usize, byte: u8) {
    if *at < MAX_TEXT
        && let Some(place) = text.get_mut(*at)
    {
        *place = byte;
        *at += 1;
    }
}
