//! Typing what is never formatted: security code, routing number, account number.

use zeroize::Zeroizing;

use super::Changed;
use super::line::{Line, Span};
use crate::bank::account::{Character, MAX_CHARS, character};
use crate::digits::{Glyph, Rest};

/// Characters beyond which nothing is kept. Longer than any valid entry, so that a wrong paste is called
/// too long instead of being cut to something that looks right.
const LIMIT: usize = 40;

pub(super) fn fill_digits(line: &mut Line, text: &str) -> Rest {
    let read = read(text, digit);
    line.replace_all(&read.0);
    read.1
}

pub(super) fn fill_account(line: &mut Line, text: &str) -> Rest {
    let read = read(text, character);
    line.replace_all(&read.0);
    read.1
}

pub(super) fn insert_digits(line: &mut Line, text: &str, span: Span, most: usize) -> Changed {
    insert(line, &read(text, digit).0, span, most)
}

pub(super) fn insert_account(line: &mut Line, text: &str, span: Span) -> Changed {
    insert(line, &read(text, character).0, span, MAX_CHARS)
}

/// Inserts. A single key into a full field with nothing selected is refused; a paste is taken as it is.
fn insert(line: &mut Line, new: &str, span: Span, most: usize) -> Changed {
    let full = span.is_empty() && line.len() >= most;
    if new.is_empty() || full {
        return line.refuse(span);
    }
    line.replace(span, new);
    line.truncate(LIMIT);
    Changed::Yes
}

fn read(text: &str, meaning: fn(char) -> Character) -> (Zeroizing<String>, Rest) {
    let mut kept = Zeroizing::new(String::with_capacity(LIMIT));
    let mut rest = Rest::Separators;
    for c in text.chars() {
        match meaning(c) {
            Character::Part(byte) if kept.len() < LIMIT => kept.push(char::from(byte)),
            Character::Part(_) | Character::Separator => {}
            Character::Foreign => rest = Rest::Foreign,
        }
    }
    (kept, rest)
}

fn digit(c: char) -> Character {
    match Glyph::of(c) {
        Glyph::Digit(value) => Character::Part(b'0' + value),
        Glyph::Separator => Character::Separator,
        Glyph::Foreign => Character::Foreign,
    }
}
