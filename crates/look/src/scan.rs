//! Reading a short text from the left, and numbers in it.

use std::ops::RangeInclusive;

/// What is left to read.
pub(crate) struct Scan<'a>(&'a str);

impl<'a> Scan<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self(text.trim_ascii())
    }

    pub(crate) fn is_done(&self) -> bool {
        self.0.is_empty()
    }

    /// Skips blanks.
    pub(crate) fn space(&mut self) {
        self.0 = self.0.trim_ascii_start();
    }

    /// Takes this character if it is next, and the blanks behind it.
    pub(crate) fn eat(&mut self, wanted: char) -> bool {
        let Some(rest) = self.0.strip_prefix(wanted) else { return false };
        self.0 = rest.trim_ascii_start();
        true
    }

    /// Takes characters as long as they fit; possibly none.
    pub(crate) fn run(&mut self, fits: impl Fn(char) -> bool) -> &'a str {
        let at = self.0.find(|next| !fits(next)).unwrap_or(self.0.len());
        let (taken, rest) = self.0.split_at_checked(at).unwrap_or(("", self.0));
        self.0 = rest;
        taken
    }

    /// Takes a run of ASCII letters; possibly none.
    pub(crate) fn word(&mut self) -> &'a str {
        self.run(|next| next.is_ascii_alphabetic())
    }

    /// Whether a number is next.
    pub(crate) fn is_number(&self) -> bool {
        self.0.starts_with(|next: char| next.is_ascii_digit() || matches!(next, '.' | '-' | '+'))
    }

    /// Takes a number as CSS writes it, without an exponent.
    pub(crate) fn number(&mut self) -> Option<Number> {
        let is_negative = self.0.starts_with('-');
        self.0 = self.0.strip_prefix(['-', '+']).unwrap_or(self.0);
        let whole = self.run(|next| next.is_ascii_digit());
        let has_point = self.0.starts_with('.');
        let part = if has_point {
            self.0 = self.0.strip_prefix('.')?;
            self.run(|next| next.is_ascii_digit())
        } else {
            ""
        };
        if whole.len() > 4 || (part.is_empty() && (has_point || whole.is_empty())) {
            return None;
        }
        // What lies behind the fourth place changes no pixel.
        let places = whole.bytes().chain(part.bytes().chain([b'0'; 4]).take(4));
        let value = places.fold(0, |value, digit| value * 10 + i32::from(digit & 15));
        Some(Number(if is_negative { -value } else { value }))
    }
}

/// A number of a style sheet in ten-thousandths; between -10,000 and 10,000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Number(pub(crate) i32);

impl Number {
    pub(crate) const ONE: Self = Self(10_000);

    pub(crate) const fn whole(value: i32) -> Self {
        Self(value * 10_000)
    }

    pub(crate) fn within(self, range: &RangeInclusive<i32>) -> Self {
        Self(self.0.max(range.start() * 10_000).min(range.end() * 10_000))
    }

    /// Appends the number as CSS writes it.
    pub(crate) fn write(self, text: &mut String) {
        if self.0 < 0 {
            text.push('-');
        }
        let value = self.0.unsigned_abs();
        write_digits(value / 10_000, 1, text);
        let (mut part, mut places) = (value % 10_000, 4);
        while places > 0 && part % 10 == 0 {
            part /= 10;
            places -= 1;
        }
        if places > 0 {
            text.push('.');
            write_digits(part, places, text);
        }
    }
}

fn write_digits(value: u32, least: u32, text: &mut String) {
    if value > 9 || least > 1 {
        write_digits(value / 10, least.saturating_sub(1), text);
    }
    text.extend(char::from_digit(value % 10, 10));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_and_written_anew() {
        for (text, written) in [
            ("0", "0"),
            ("12", "12"),
            ("0012", "12"),
            ("-3.50", "-3.5"),
            ("+.25", "0.25"),
            ("0.00019", "0.0001"),
            ("9999.9999", "9999.9999"),
            ("1.05", "1.05"),
        ] {
            let mut output = String::new();
            Scan::new(text).number().unwrap().write(&mut output);
            assert_eq!(output, written, "{text}");
        }
        for text in ["", ".", "-", "1.", "12345", "e3", "+-1", "٣"] {
            assert_eq!(Scan::new(text).number(), None, "{text}");
        }
        let mut exponent = Scan::new("1e3");
        assert_eq!(exponent.number(), Some(Number::ONE));
        assert!(!exponent.is_done());
    }
}
