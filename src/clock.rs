//! The shopper's clock, which the pure crates take as an argument.

use instrument::YearMonth;
use js_sys::Date;

use crate::bridge;

/// Yesterday's month in the shopper's own time zone: a card is good until the end of its month, and for one day
/// more, because a clock may be ahead; the vault decides again.
#[must_use]
pub(crate) fn this_month() -> YearMonth {
    let months = bridge::month();
    let year = u16::try_from(months / 12).unwrap_or(0);
    let month = u8::try_from(months % 12 + 1).unwrap_or(1);
    // A clock that is set to no real date at all: the vault still knows the month.
    YearMonth::new(year, month).unwrap_or(EPOCH)
}

/// Milliseconds since 1970 on the shopper's clock.
#[must_use]
pub(crate) fn now_ms() -> f64 {
    Date::now()
}

const EPOCH: YearMonth = match YearMonth::new(1970, 1) {
    Some(month) => month,
    None => unreachable!(),
};
