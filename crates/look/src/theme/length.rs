//! Lengths in px, rem or em.

use std::ops::RangeInclusive;

use crate::scan::{Number, Scan};

/// What is accepted, in words.
pub const ACCEPTED: &str = "a length in px, rem or em within the token's bounds, such as 12px";

/// The units, and how many px the bounds take one for: the frame's root has the browser's own font size.
const UNITS: [(&str, i32); 3] = [("px", 1), ("rem", 16), ("em", 16)];

/// Reads one length within bounds given in px, and writes it anew.
#[must_use]
pub fn read(text: &str, bounds_px: RangeInclusive<i32>) -> Option<String> {
    let mut scan = Scan::new(text);
    let mut output = String::new();
    length(&mut scan, &bounds_px, &mut output)?;
    scan.is_done().then_some(output)
}

/// Takes a length and appends it; zero needs no unit.
pub(super) fn length(
    scan: &mut Scan<'_>,
    bounds_px: &RangeInclusive<i32>,
    output: &mut String,
) -> Option<()> {
    let amount = scan.number()?;
    let unit = scan.word();
    let (unit, px) = if unit.is_empty() && amount == Number::default() {
        ("px", 1)
    } else {
        *UNITS.iter().find(|(known, _)| unit.eq_ignore_ascii_case(known))?
    };
    let within = Number(amount.0.checked_mul(px)?);
    if within.within(bounds_px) != within {
        return None;
    }
    amount.write(output);
    output.push_str(unit);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_a_unit_and_lie_within_bounds() {
        for (text, written) in [
            (" 12px ", "12px"),
            ("0.5REM", "0.5rem"),
            ("1.25em", "1.25em"),
            ("0", "0px"),
            ("32px", "32px"),
            ("2rem", "2rem"),
        ] {
            assert_eq!(read(text, 0..=32).as_deref(), Some(written), "{text}");
        }
        for text in [
            "",
            "px",
            "12",
            "-1px",
            "32.1px",
            "2.1rem",
            "1pt",
            "1vw",
            "10%",
            "12 px",
            "12px 3px",
            "calc(1px)",
            "1e1px",
            "12px;",
            "9999rem",
        ] {
            assert_eq!(read(text, 0..=32), None, "{text}");
        }
    }
}
