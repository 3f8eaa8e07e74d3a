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
    fn orders_by_year_first() {
        assert!(YearMonth::new(2026, 12) < YearMonth::new(2027, 1));
        assert!(YearMonth::new(2026, 2) > YearMonth::new(2026, 1));
        assert_eq!(YearMonth::new(2026, 0), None);
        assert_eq!(YearMonth::new(2026, 13), None);
    }
}
