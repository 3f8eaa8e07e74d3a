//! [`Detection`]: what a run of ASCII digits is, told without touching the heap.

use super::candidates::{Luhn, Matches};
use super::policy::CardPolicy;
use super::scheme::Scheme;
use crate::verdict::{Reason, Verdict};

/// What a run of ASCII digits is, under the default policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Detection {
    /// The scheme to show, if one can be named.
    pub scheme: Option<&'static Scheme>,
    /// Whether the digits, as they stand, satisfy the Luhn formula.
    pub luhn_ok: bool,
    /// What is thought of them.
    pub verdict: Verdict,
}

/// Tells scheme, check digit and verdict of ASCII digits at once, without allocating. For whoever reads many
/// numbers that are plain digits already; anything else in the text makes it `not_digits`, and names no scheme.
///
/// ```
/// use instrument::Verdict;
/// use instrument::card::detect;
/// let found = detect("4111111111111111");
/// assert_eq!(found.scheme.map(|scheme| scheme.id), Some("visa"));
/// assert!(found.luhn_ok && found.verdict == Verdict::Complete);
/// assert_eq!(detect("4111 1111").scheme, None);
/// ```
pub fn detect(digits: &str) -> Detection {
    let luhn = Luhn::of(digits);
    // Whatever satisfies the formula is digits.
    if luhn == Luhn::Fails && !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Detection { scheme: None, luhn_ok: false, verdict: Verdict::Invalid(Reason::NotDigits) };
    }
    let found = Matches::of(digits, &CardPolicy::DEFAULT);
    Detection {
        scheme: found.shown(),
        luhn_ok: luhn == Luhn::Passes,
        verdict: found.verdict_with(digits, luhn),
    }
}
