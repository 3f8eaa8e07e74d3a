//! [`YearMonth`]: a month of a year, the unit in which cards expire.

/// A month of a year of the Gregorian calendar.
///
/// "Today" is passed into this crate in this form; which time zone decides is the caller's choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct YearMonth {
    year: u16,
    month: u8,
}

impl YearMonth {
    /// The month, if `month` is 1 to 12.
    pub const fn new(year: u16, month: u8) -> Option<Self> {
        if month >= 1 && month <= 12 { Some(Self { year, month }) } else { None }
    }

    /// The month by which a card is judged on a day: one day late, so that nobody's card is refused on its last
    /// day because a clock or a time zone is ahead. On the first of a month it is the month before.
    pub const fn lenient(year: u16, month: u8, day: u8) -> Option<Self> {
        match (month, day) {
            (_, 0 | 32..) => None,
            (1, 1) if year > 0 => Self::new(year - 1, 12),
            (2..=12, 1) => Self::new(year, month - 1),
            _ => Self::new(year, month),
        }
    }

    /// The year, with its century.
    pub const fn year(self) -> u16 {
        self.year
    }

    /// The month, 1 to 12.
    pub const fn month(self) -> u8 {
        self.month
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_lasts_one_day_longer() {
        let lenient = |year, month, day| YearMonth::lenient(year, month, day);
        assert_eq!(lenient(2026, 11, 30), YearMonth::new(2026, 11));
        assert_eq!(lenient(2026, 12, 1), YearMonth::new(2026, 11));
        assert_eq!(lenient(2026, 12, 2), YearMonth::new(2026, 12));
        assert_eq!(lenient(2027, 1, 1), YearMonth::new(2026, 12));
        assert_eq!(lenient(2026, 13, 2), None);
        assert_eq!(lenient(2026, 12, 0), None);
        assert_eq!(lenient(2026, 12, 32), None);
    }

    #[test]
    fn orders_by_year_first() {
        assert!(YearMonth::new(2026, 12) < YearMonth::new(2027, 1));
        assert!(YearMonth::new(2026, 2) > YearMonth::new(2026, 1));
        assert_eq!(YearMonth::new(2026, 0), None);
        assert_eq!(YearMonth::new(2026, 13), None);
    }
}
