//! Lists of box shadows.

use std::ops::RangeInclusive;

use super::{colour, length};
use crate::scan::Scan;

/// What is accepted, in words.
pub const ACCEPTED: &str =
    "none, or up to 4 shadows of 2 to 4 lengths and a colour, such as 0 1px 2px rgb(0 0 0 / 20%)";

const MAX_SHADOWS: usize = 4;
/// How far a shadow may lie off, and how wide it may be, in px.
const OFFSET_PX: RangeInclusive<i32> = -24..=24;
const BLUR_PX: RangeInclusive<i32> = 0..=48;

/// Reads a list of shadows and writes it anew.
#[must_use]
pub fn read(text: &str) -> Option<String> {
    let mut scan = Scan::new(text);
    if text.trim_ascii().eq_ignore_ascii_case("none") {
        return Some("none".to_owned());
    }
    let mut output = String::new();
    for _ in 0..MAX_SHADOWS {
        shadow(&mut scan, &mut output)?;
        if scan.is_done() {
            return Some(output);
        }
        if !scan.eat(',') {
            return None;
        }
        output.push_str(", ");
    }
    None
}

/// Takes two to four lengths and a colour on either side of them.
fn shadow(scan: &mut Scan<'_>, output: &mut String) -> Option<()> {
    let mut paint = String::new();
    if !scan.is_number() {
        colour::colour(scan, &mut paint)?;
        scan.space();
    }
    for (index, bounds_px) in [OFFSET_PX, OFFSET_PX, BLUR_PX, OFFSET_PX].iter().enumerate() {
        if index > 1 && !scan.is_number() {
            break;
        }
        length::length(scan, bounds_px, output)?;
        output.push(' ');
        scan.space();
    }
    if paint.is_empty() {
        colour::colour(scan, &mut paint)?;
        scan.space();
    }
    output.push_str(&paint);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shadows_are_lengths_and_a_colour() {
        for (text, written) in [
            ("none", "none"),
            ("0 1px 2px rgba(16,24,40,.18)", "0px 1px 2px rgb(16 24 40 / 0.18)"),
            ("#000 0 0 0 1px", "0px 0px 0px 1px rgb(0 0 0 / 1)"),
            ("0 -1px black , 1px 1px 2px -1px red", "0px -1px black, 1px 1px 2px -1px red"),
        ] {
            assert_eq!(read(text).as_deref(), Some(written), "{text}");
        }
    }

    #[test]
    fn nothing_else_is_a_shadow() {
        for text in [
            "",
            "1px",
            "0 1px",
            "0 1px 2px",
            "red",
            "0 0 -1px red",
            "0 0 0 0 0 red",
            "0 99px red",
            "inset 0 0 red",
            "0 0 red blue",
            "0 0 red,",
            "0 0 red, none",
            "0 0 url(x)",
            "0 0 red, 0 0 red, 0 0 red, 0 0 red, 0 0 red",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
