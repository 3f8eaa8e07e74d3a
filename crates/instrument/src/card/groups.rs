//! The groups in which a card number is shown.

use super::scheme::{Grouping, Scheme};
use crate::digits::{push, values};

/// The digit offsets behind which a gap belongs; fours if the scheme is not known.
pub(crate) fn gaps(scheme: Option<&Scheme>, digits: usize) -> &'static [usize] {
    scheme.map_or(Grouping::Fours, |scheme| scheme.grouping).gaps(digits)
}

/// Digits with a space in every gap that has a digit on both sides.
pub(crate) fn grouped(digits: &str, scheme: Option<&Scheme>) -> String {
    let gaps = gaps(scheme, digits.len());
    let mut text = String::with_capacity(digits.len() + gaps.len() + 1);
    for (at, digit) in values(digits).enumerate() {
        if gaps.contains(&at) {
            text.push(' ');
        }
        push(&mut text, digit);
    }
    text
}
