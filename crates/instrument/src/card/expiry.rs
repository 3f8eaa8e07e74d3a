//! [`Expiry`]: the month at whose end a card expires.

use crate::digits::{Glyph, is_invisible, push};
use crate::month::YearMonth;
use crate::verdict::{Reason, Verdict};

/// How many years ahead of this one a card can expire.
pub const MAX_YEARS_AHEAD: u16 = 19;

/// A month that was not over when it was checked, and not further ahead than cards are issued for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiry(YearMonth);

impl Expiry {
    /// Reads an expiry in any form that people and password managers write: `01/30`, `1/30`, `01 / 2030`,
    /// `01-30`, `01.30`, `0130`, `130`, `012030`, `12030`, `2030-01`, `2030/1`, `203001`. Two digits mean a
    /// year of the current century.
    ///
    /// # Errors
    /// `required`, `incomplete`, `not_digits`, `bad_format`, `too_long`, `bad_month`, `expired` or `too_far`.
    pub fn parse(text: &str, today: YearMonth) -> Result<Self, Reason> {
        match read(text, today) {
            Reading::Empty => Err(Reason::Required),
            Reading::Partial => Err(Reason::Incomplete),
            Reading::Bad(reason) => Err(reason),
            Reading::Date { month, year } => Self::new(month, year, today),
        }
    }

    /// The expiry in this month, if `today` allows it. The current month is still good.
    ///
    /// # Errors
    /// `bad_month`, `expired` or `too_far`.
    pub fn new(month: u8, year: u16, today: YearMonth) -> Result<Self, Reason> {
        let date = YearMonth::new(year, month).ok_or(Reason::BadMonth)?;
        if date < today {
            Err(Reason::Expired)
        } else if year > today.year().saturating_add(MAX_YEARS_AHEAD) {
            Err(Reason::TooFar)
        } else {
            Ok(Self(date))
        }
    }

    /// The month, 1 to 12.
    pub const fn month(self) -> u8 {
        self.0.month()
    }

    /// The year, with its century.
    pub const fn year(self) -> u16 {
        self.0.year()
    }

    /// Month and year together.
    pub const fn year_month(self) -> YearMonth {
        self.0
    }

    /// The form with the whole year, `MM/YYYY`, which reads back to the same month in any century.
    pub fn to_text(self) -> String {
        let mut text = String::with_capacity(7);
        push_two(&mut text, u16::from(self.month()));
        text.push('/');
        push_two(&mut text, self.year() / 100);
        push_two(&mut text, self.year() % 100);
        text
    }
}

/// What can be told about an expiry as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpiryReport {
    /// What is thought of it.
    pub verdict: Verdict,
    /// The month, as soon as month and year can be read.
    pub month: Option<u8>,
    /// The year with its century, as soon as month and year can be read.
    pub year: Option<u16>,
}

/// Tells everything about an expiry as it stands.
pub fn inspect(text: &str, today: YearMonth) -> ExpiryReport {
    let (month, year) = match read(text, today) {
        Reading::Date { month, year } => (Some(month), Some(year)),
        Reading::Empty | Reading::Partial | Reading::Bad(_) => (None, None),
    };
    let verdict = match Expiry::parse(text, today) {
        Ok(_) => Verdict::Complete,
        Err(Reason::Required) => Verdict::Empty,
        Err(Reason::Incomplete) => Verdict::Partial,
        Err(reason) => Verdict::Invalid(reason),
    };
    ExpiryReport { verdict, month, year }
}

/// What a text says, whether or not it lies in the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    Empty,
    Partial,
    Date { month: u8, year: u16 },
    Bad(Reason),
}

/// What stands between month and year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// A slash, a dash or a full stop.
    Hard,
    /// White space: it divides only where no hard mark does.
    Soft,
    /// Something invisible.
    Nothing,
    /// Anything else.
    Foreign,
}

impl Mark {
    pub(crate) fn of(c: char) -> Self {
        match c {
            '/' | '／' | '∕' | '⁄' | '.' => Self::Hard,
            _ if Glyph::of(c) != Glyph::Separator => Self::Foreign,
            _ if is_invisible(c) => Self::Nothing,
            _ if c.is_whitespace() => Self::Soft,
            _ => Self::Hard,
        }
    }
}

/// Reads month and year; `today` gives the century.
pub(crate) fn read(text: &str, today: YearMonth) -> Reading {
    let groups = match Groups::of(text) {
        Ok(groups) => groups,
        Err(reason) => return Reading::Bad(reason),
    };
    let century = today.year() / 100;
    match groups {
        Groups { first: Number { len: 0, .. }, .. } => Reading::Empty,
        Groups { first, second: Some(second) } => divided(first, second, century),
        Groups { first, second: None } => undivided(first, today),
    }
}

/// One or two runs of digits.
struct Groups {
    first: Number,
    second: Option<Number>,
}

/// A run of digits: its value and how many there are. Eight digits are more than any form has.
#[derive(Clone, Copy)]
struct Number {
    value: u32,
    len: u8,
}

impl Number {
    const NONE: Self = Self { value: 0, len: 0 };

    fn push(&mut self, digit: u8) -> Result<(), Reason> {
        if self.len >= 8 {
            return Err(Reason::TooLong);
        }
        self.value = self.value * 10 + u32::from(digit);
        self.len += 1;
        Ok(())
    }

    /// The first digits, and those behind them.
    fn split(self, behind: u32) -> (u32, u32) {
        let power = 10_u32.pow(behind);
        (self.value / power, self.value % power)
    }
}

impl Groups {
    fn of(text: &str) -> Result<Self, Reason> {
        let text = text.trim();
        let hard = text.chars().any(|c| Mark::of(c) == Mark::Hard);
        let mut first = Number::NONE;
        let mut second: Option<Number> = None;
        for c in text.chars() {
            if let Glyph::Digit(digit) = Glyph::of(c) {
                second.as_mut().unwrap_or(&mut first).push(digit)?;
                continue;
            }
            match Mark::of(c) {
                Mark::Foreign => return Err(Reason::NotDigits),
                Mark::Nothing => {}
                Mark::Soft if hard => {}
                Mark::Soft | Mark::Hard => match second {
                    None if first.len == 0 => return Err(Reason::BadFormat),
                    None => second = Some(Number::NONE),
                    // Several spaces are one.
                    Some(second) if second.len == 0 && !hard => {}
                    Some(_) => return Err(Reason::BadFormat),
                },
            }
        }
        Ok(Self { first, second })
    }
}

fn divided(first: Number, second: Number, century: u16) -> Reading {
    if first.len == 4 {
        return match second {
            Number { len: 0, .. } | Number { len: 1, value: 0 } => Reading::Partial,
            Number { len: 1 | 2, value } => date(value, first.value),
            Number { .. } => Reading::Bad(Reason::TooLong),
        };
    }
    if first.len > 2 {
        return Reading::Bad(Reason::BadFormat);
    }
    if !(1..=12).contains(&first.value) {
        return Reading::Bad(Reason::BadMonth);
    }
    match second {
        Number { len: 0 | 1, .. } => Reading::Partial,
        Number { len: 2, value } => date(first.value, u32::from(century) * 100 + value),
        Number { len: 3, value } if value / 10 == u32::from(century) => Reading::Partial,
        Number { len: 3, .. } => Reading::Bad(Reason::BadFormat),
        Number { len: 4, value } => date(first.value, value),
        Number { .. } => Reading::Bad(Reason::TooLong),
    }
}

fn undivided(digits: Number, today: YearMonth) -> Reading {
    let century = u32::from(today.year() / 100);
    let value = digits.value;
    let window = u32::from(today.year())..=u32::from(today.year().saturating_add(MAX_YEARS_AHEAD));
    match digits.len {
        // "20" can begin a year, "13" be January of a year.
        1 => Reading::Partial,
        2 if value == 0 => Reading::Bad(Reason::BadMonth),
        2 => Reading::Partial,
        3 => {
            let (month, year) = digits.split(2);
            let year = century * 100 + year;
            // 10, 11 and 12 are a whole month unless the last two digits make a good year.
            let whole_month = month == 0 || ((10..=12).contains(&(value / 10)) && !window.contains(&year));
            match (whole_month, value / 10) {
                (true, 0) => Reading::Bad(Reason::BadMonth),
                (true, _) => Reading::Partial,
                (false, _) => date(month, year),
            }
        }
        4 => match (digits.split(2), digits.split(3)) {
            // "1202" can go on to 1/2029, as card-validator has it, and nobody's card is of 2002.
            ((_, year), (1..=9, decade))
                if (window.start() / 10..=window.end() / 10).contains(&decade)
                    && !window.contains(&(century * 100 + year)) =>
            {
                Reading::Partial
            }
            ((month @ 1..=12, year), _) => date(month, century * 100 + year),
            ((start, _), _) if start == century => Reading::Partial,
            _ => Reading::Bad(Reason::BadMonth),
        },
        5 => {
            let (month, year) = digits.split(4);
            let (two, three) = digits.split(3);
            if month != 0 && year / 100 == century {
                date(month, year)
            } else if !(1..=12).contains(&two) {
                Reading::Bad(Reason::BadMonth)
            } else if three / 10 == century {
                Reading::Partial
            } else {
                Reading::Bad(Reason::BadFormat)
            }
        }
        6 => match (digits.split(4), digits.split(2)) {
            ((month @ 1..=12, year), _) => date(month, year),
            (_, (year, month @ 1..=12)) if year / 100 == century => date(month, year),
            _ => Reading::Bad(Reason::BadMonth),
        },
        _ => Reading::Bad(Reason::TooLong),
    }
}

fn date(month: u32, year: u32) -> Reading {
    match (u8::try_from(month), u16::try_from(year)) {
        (Ok(month @ 1..=12), Ok(year)) => Reading::Date { month, year },
        _ => Reading::Bad(Reason::BadMonth),
    }
}

/// Writes the last two digits of a number.
pub(crate) fn push_two(text: &mut String, value: u16) {
    for digit in [value / 10 % 10, value % 10] {
        push(text, digit as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> YearMonth {
        YearMonth::new(2026, 11).unwrap()
    }

    fn parsed(text: &str) -> Result<(u8, u16), Reason> {
        Expiry::parse(text, today()).map(|expiry| (expiry.month(), expiry.year()))
    }

    #[test]
    fn reads_every_form() {
        for text in [
            "0130",
            "01/30",
            "01 / 30",
            "01 30",
            "01  30",
            "012030",
            "01/2030",
            "130",
            "1/30",
            "1/2030",
            "1 30",
            "2030-01",
            "2030-1",
            "2030/01",
            "2030 01",
            "12030",
            "01-30",
            "01.30",
            "203001",
            "０１／３０",
            "01⁄30",
            " 01/30 ",
            "01\u{200e}/\u{202a}30",
            "01–30",
            "01\u{a0}/\u{a0}30",
            "٠١/٣٠",
            "0 1 / 3 0",
        ] {
            assert_eq!(parsed(text), Ok((1, 2030)), "{text:?}");
        }
        assert_eq!(parsed("92027"), Ok((9, 2027)));
        assert_eq!(parsed("927"), Ok((9, 2027)));
        assert_eq!(parsed("127"), Ok((1, 2027)));
        assert_eq!(parsed("1130"), Ok((11, 2030)));
        assert_eq!(parsed("112030"), Ok((11, 2030)));
    }

    #[test]
    fn waits_for_the_rest() {
        for text in [
            "1", "0", "9", "20", "12", "111", "112", "123", "01/203", "01/", "01/3", "2030", "2030-",
            "2030-0", "01203",
        ] {
            assert_eq!(parsed(text), Err(Reason::Incomplete), "{text:?}");
        }
    }

    #[test]
    fn refuses_with_the_reason() {
        for (text, reason) in [
            ("", Reason::Required),
            (" ", Reason::Required),
            ("13/30", Reason::BadMonth),
            ("00/30", Reason::BadMonth),
            ("0030", Reason::BadMonth),
            ("00", Reason::BadMonth),
            ("1330", Reason::BadMonth),
            ("2030-13", Reason::BadMonth),
            ("1[30", Reason::NotDigits),
            ("Jan 30", Reason::NotDigits),
            ("01/01/2030", Reason::BadFormat),
            ("/30", Reason::BadFormat),
            ("01/303", Reason::BadFormat),
            ("01/20300", Reason::TooLong),
            ("10/26", Reason::Expired),
            ("01/1999", Reason::Expired),
            ("01/2046", Reason::TooFar),
            ("01/2100", Reason::TooFar),
            ("01/99", Reason::TooFar),
        ] {
            assert_eq!(parsed(text), Err(reason), "{text:?}");
        }
    }

    #[test]
    fn window_is_this_month_to_nineteen_years_on() {
        assert_eq!(parsed("11/26"), Ok((11, 2026)));
        assert_eq!(parsed("12/45"), Ok((12, 2045)));
        assert_eq!(parsed("01/46"), Err(Reason::TooFar));
        let last = YearMonth::new(2099, 12).unwrap();
        assert_eq!(Expiry::parse("01/2100", last).unwrap().year(), 2100);
        assert_eq!(Expiry::parse("01/00", last), Err(Reason::Expired));
    }

    #[test]
    fn text_form_reads_back() {
        for (year, month) in [(2026, 11), (2030, 1), (2045, 12)] {
            let expiry = Expiry::new(month, year, today()).unwrap();
            assert_eq!(Expiry::parse(&expiry.to_text(), today()), Ok(expiry));
        }
    }

    #[test]
    fn reports_what_was_read() {
        let report = inspect("10/26", today());
        assert_eq!(report.verdict, Verdict::Invalid(Reason::Expired));
        assert_eq!((report.month, report.year), (Some(10), Some(2026)));
        assert_eq!(inspect("1", today()).month, None);
    }

    #[test]
    fn four_digits_wait_for_a_fifth_where_that_makes_a_year() {
        for text in ["1202", "2202", "9202", "1204", "2203", "9204"] {
            assert_eq!(inspect(text, today()).verdict, Verdict::Partial, "{text}");
            assert!((0..10).any(|digit| parsed(&format!("{text}{digit}")).is_ok()), "{text}");
        }
        for text in ["1201", "2205", "1330", "0000", "2210", "12/02"] {
            assert!(matches!(inspect(text, today()).verdict, Verdict::Invalid(_)), "{text}");
            assert!((0..10).all(|digit| parsed(&format!("{text}{digit}")).is_err()), "{text}");
        }
        assert_eq!(inspect("1230", today()).verdict, Verdict::Complete);
    }
}
