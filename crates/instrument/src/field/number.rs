//! Typing a card number.

use zeroize::Zeroizing;

use super::Changed;
use super::line::{Line, Span, Tail};
use crate::card::CardPolicy;
use crate::card::candidates::Matches;
use crate::card::groups::{gaps, grouped};
use crate::digits::{self, Glyph, Rest};
use crate::verdict::Verdict;

/// Digits of one text beyond which nothing is read: a number with everything else on the card behind it.
const READ_LIMIT: usize = 48;

/// Replaces everything.
pub(super) fn fill(line: &mut Line, text: &str, policy: &CardPolicy) -> Rest {
    let read = extract(text, policy);
    line.replace_all(&read.digits);
    read.rest
}

/// Inserts digits. A full field with nothing selected takes none; what exceeds the resulting scheme's
/// longest number is cut off at the end.
pub(super) fn insert(line: &mut Line, text: &str, span: Span, policy: &CardPolicy) -> Changed {
    let digits =
        if line.is_whole(span) { extract(text, policy).digits } else { digits::normalise(text).digits };
    if digits.is_empty() || (span.is_empty() && line.len() >= max_len(line.text(), policy)) {
        return line.refuse(span);
    }
    line.replace(span, digits.get(..digits.len().min(READ_LIMIT)).unwrap_or_default());
    line.truncate(max_len(line.text(), policy));
    if line.caret == line.len() && wants_gap(line.text(), policy) {
        line.tail = Tail::Gap;
    }
    Changed::Yes
}

/// The digits in groups.
pub(super) fn shown(line: &Line, policy: &CardPolicy) -> String {
    let mut text = grouped(line.text(), Matches::of(line.text(), policy).shown());
    if line.tail == Tail::Gap {
        text.push(' ');
    }
    text
}

/// A number read out of a text.
struct Extract {
    digits: Zeroizing<String>,
    rest: Rest,
}

/// Reads a card number out of a text that may go on with expiry and code.
///
/// If there are more digits than the scheme's numbers have, or characters that belong into no number, the
/// longest valid card number that ends at a break is taken, and what follows it is left. Without one, the
/// digits are taken as they come, up to the longest length.
fn extract(text: &str, policy: &CardPolicy) -> Extract {
    let mut kept = Zeroizing::new(String::with_capacity(READ_LIMIT));
    // How many digits stand before the first foreign character.
    let mut clean: Option<usize> = None;
    let mut after_break = false;
    let mut taken = 0;
    for c in text.chars() {
        match Glyph::of(c) {
            Glyph::Digit(value) => {
                if after_break && ends_number(&kept, policy) {
                    taken = kept.len();
                }
                after_break = false;
                if kept.len() < READ_LIMIT {
                    digits::push(&mut kept, value);
                }
            }
            Glyph::Separator => after_break = true,
            Glyph::Foreign => {
                // A slash can end a number; a letter right behind a digit is a mistake.
                after_break |= c.is_ascii_punctuation();
                clean = clean.or(Some(kept.len()));
            }
        }
    }
    let most = max_len(&kept, policy);
    let overflows = kept.len() > most;
    let cut = taken > 0 && (overflows || clean.is_some());
    if cut {
        kept.truncate(taken);
    } else if overflows {
        kept.truncate(most);
    }
    let rest = match clean {
        None => Rest::Separators,
        // What was foreign went with what was cut off.
        Some(clean) if (cut || overflows) && clean >= kept.len() => Rest::Separators,
        Some(_) => Rest::Foreign,
    };
    Extract { digits: kept, rest }
}

fn ends_number(digits: &str, policy: &CardPolicy) -> bool {
    Matches::of(digits, policy).verdict(digits) == Verdict::Complete
}

fn max_len(digits: &str, policy: &CardPolicy) -> usize {
    Matches::of(digits, policy).max_len()
}

/// Whether the next digit comes behind a gap, so that the gap is shown already. Not where the number may
/// be whole: a gap would only be in the way.
fn wants_gap(digits: &str, policy: &CardPolicy) -> bool {
    let found = Matches::of(digits, policy);
    let scheme = found.shown();
    let whole = scheme.is_some_and(|scheme| scheme.lengths.contains(digits.len()));
    !whole && digits.len() < found.max_len() && gaps(scheme, digits.len()).contains(&digits.len())
}
