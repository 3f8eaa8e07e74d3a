//! Typing an expiry: two digits of month, two of year, shown as `MM / YY`.

use super::Changed;
use super::line::{Author, Line, Side, Span, Tail};
use crate::card::expiry::{Mark, Reading, inspect, push_two, read};
use crate::digits::{Glyph, Rest, push, values};
use crate::month::YearMonth;
use crate::verdict::{Reason, Verdict};

const GAP: &str = " / ";

/// The digits of a month.
const MONTH: usize = 2;

/// The digits of month and year as they are kept.
const SHORT: usize = 4;

/// The digits of month and year with its century.
const LONG: usize = 6;

/// Replaces everything, from any form that people and password managers write. One digit more than before
/// is a key that the page saw too late, and is typed: behind 12, a 7 begins the year and does not make the
/// whole 1/27.
pub(super) fn fill(line: &mut Line, text: &str, today: YearMonth) -> Rest {
    let reading = read(text, today);
    let digits = leading_digits(text);
    if let Some(key) = digits.strip_prefix(line.text())
        && key.len() == 1
        && line.len() > 0
        && reading != Reading::Bad(Reason::NotDigits)
    {
        line.caret = line.len();
        type_all(line, key, today);
        return Rest::Separators;
    }
    line.replace_all("");
    match reading {
        Reading::Empty => {}
        Reading::Date { month, year } => line.replace_all(&date(month, year, today)),
        Reading::Partial => type_all(line, text, today),
        // Nothing is mended here: 13/30 must not become 01/33.
        Reading::Bad(_) => line.replace_all(&digits),
    }
    line.tail = Tail::Nothing;
    line.author = Author::Whole;
    if reading == Reading::Bad(Reason::NotDigits) { Rest::Foreign } else { Rest::Separators }
}

/// Types into the selection. Whole dates pasted over everything are converted.
pub(super) fn insert(line: &mut Line, text: &str, span: Span, today: YearMonth) -> Changed {
    if line.is_whole(span)
        && text.chars().nth(1).is_some()
        && let Reading::Date { month, year } = read(text, today)
    {
        line.replace_all(&date(month, year, today));
        return Changed::Yes;
    }
    if !text.chars().any(|c| matches!(Glyph::of(c), Glyph::Digit(_))) {
        // A separator alone leaves a selection as it is.
        line.refuse(span);
        if text.chars().any(|c| matches!(Mark::of(c), Mark::Hard | Mark::Soft)) && line.caret == line.len() {
            return divide(line);
        }
        return Changed::No;
    }
    if span.is_empty() && line.len() >= capacity(line.text(), today) {
        return line.refuse(span);
    }
    line.replace(span, "");
    type_all(line, text, today);
    Changed::Yes
}

/// Deletes; a zero that was put before the last digit goes with it, or with the separator that put it there.
pub(super) fn backspace(line: &mut Line, span: Span) -> Changed {
    let behind_month = span.bare && span.is_empty() && line.len() == MONTH && span.end == MONTH;
    match line.author {
        Author::Padded if behind_month => line.backspace(Span { start: 0, ..span }),
        Author::Divided if behind_month => {
            let changed = line.backspace(Span { start: 0, end: 1, ..span });
            line.caret = line.len();
            changed
        }
        Author::Padded | Author::Divided | Author::Typing | Author::Whole => line.backspace(span),
    }
}

/// Month and year with the gap between them.
pub(super) fn shown(line: &Line) -> String {
    let mut text = String::with_capacity(LONG + GAP.len());
    for (at, digit) in values(line.text()).enumerate() {
        if at == MONTH {
            text.push_str(GAP);
        }
        push(&mut text, digit);
    }
    if line.tail == Tail::Gap && line.len() == MONTH {
        text.push_str(GAP);
    }
    text
}

/// What is thought of it. While it is being typed, a year that looks like the century may become one:
/// `12 / 20` can go on to `12 / 2030`.
pub(super) fn verdict(line: &Line, today: YearMonth) -> Verdict {
    let verdict = inspect(&shown(line), today).verdict;
    let open = line.author != Author::Whole && line.len() < capacity(line.text(), today);
    if open && verdict == Verdict::Invalid(Reason::Expired) { Verdict::Partial } else { verdict }
}

/// Types the characters of a text at the caret.
fn type_all(line: &mut Line, text: &str, today: YearMonth) {
    for c in text.chars() {
        match (Glyph::of(c), Mark::of(c)) {
            (Glyph::Digit(value), _) => type_digit(line, char::from(b'0' + value), today),
            (_, Mark::Hard | Mark::Soft) if line.caret == line.len() => {
                divide(line);
            }
            (_, Mark::Hard | Mark::Soft | Mark::Nothing | Mark::Foreign) => {}
        }
    }
}

fn type_digit(line: &mut Line, digit: char, today: YearMonth) {
    if line.len() >= capacity(line.text(), today) {
        return;
    }
    let at = Span { start: line.caret, end: line.caret, bare: true, side: Side::Before };
    line.replace(at, digit.encode_utf8(&mut [0; 4]));
    if line.caret != line.len() {
        return;
    }
    // No month begins with 2 to 9, and none is 13 to 19: the month had one digit.
    if line.len() < SHORT && matches!(line.text().as_bytes(), [b'2'..=b'9', ..] | [b'1', b'3'..=b'9', ..]) {
        pad(line);
    }
    if line.len() == LONG {
        let mut short = zeroize::Zeroizing::new(String::with_capacity(SHORT));
        short.push_str(line.text().get(..MONTH).unwrap_or_default());
        short.push_str(line.text().get(SHORT..).unwrap_or_default());
        line.replace_all(&short);
        line.author = Author::Typing;
    }
    if line.len() == MONTH {
        line.tail = Tail::Gap;
    }
}

/// A separator after one digit makes it a month; after two it shows the gap.
fn divide(line: &mut Line) -> Changed {
    match line.text() {
        "0" | "" => Changed::No,
        text if text.len() == 1 => {
            pad(line);
            line.tail = Tail::Gap;
            line.author = Author::Divided;
            Changed::Yes
        }
        text if text.len() == MONTH => {
            line.tail = Tail::Gap;
            Changed::No
        }
        _ => Changed::No,
    }
}

fn pad(line: &mut Line) {
    let caret = line.caret;
    line.replace(Span { start: 0, end: 0, bare: true, side: Side::Before }, "0");
    line.caret = caret + 1;
    line.author = Author::Padded;
}

/// How many digits there can be: two more if the year's first two look like the century.
fn capacity(digits: &str, today: YearMonth) -> usize {
    let mut century = String::with_capacity(2);
    push_two(&mut century, today.year() / 100);
    if digits.get(MONTH..SHORT) == Some(century.as_str()) { LONG } else { SHORT }
}

/// The digits of a date: `MMYY` in this century, else `MMYYYY`, so that nothing is lost.
fn date(month: u8, year: u16, today: YearMonth) -> String {
    let mut digits = String::with_capacity(LONG);
    push_two(&mut digits, u16::from(month));
    if year / 100 != today.year() / 100 {
        push_two(&mut digits, year / 100);
    }
    push_two(&mut digits, year % 100);
    digits
}

fn leading_digits(text: &str) -> String {
    let mut digits = String::with_capacity(LONG);
    for c in text.chars() {
        if let Glyph::Digit(value) = Glyph::of(c)
            && digits.len() < LONG
        {
            push(&mut digits, value);
        }
    }
    digits
}
