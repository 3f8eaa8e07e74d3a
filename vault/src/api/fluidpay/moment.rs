//! Points in time as the document writes them.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::failure::Failure;

/// `2019-08-09T14:04:00.786000000+00:00`: RFC 3339 with nanoseconds and an offset, always that of UTC.
pub(super) fn text_of_ms(unix_ms: i64) -> String {
    match Timestamp::from_millisecond(unix_ms) {
        Ok(moment) => moment.strftime("%Y-%m-%dT%H:%M:%S.%9f+00:00").to_string(),
        // Only times outside the years -9999..9999 come here; no clock of ours makes one.
        Err(_) => String::new(),
    }
}

/// `2020-12-31T00:00:00Z`: the last day of the month in which a card expires.
pub(super) fn text_of_expiry(month: u8, year: u16) -> String {
    let first = i16::try_from(year)
        .ok()
        .zip(i8::try_from(month).ok())
        .and_then(|(year, month)| Date::new(year, month, 1).ok());
    first.map_or_else(String::new, |first| format!("{}T00:00:00Z", first.last_of_month()))
}

/// Which end of a range a date without a time of day stands for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Edge {
    /// The first millisecond of the day.
    Start,
    /// The last millisecond of the day.
    End,
}

/// Reads RFC 3339 (`2019-08-09T09:04:00-05:00`) or a whole day in UTC (`2019-08-09`), in ms since 1970.
///
/// # Errors
/// `invalid_date` at the path given.
pub(super) fn parse(path: &str, text: &str, edge: Edge) -> Result<i64, Failure> {
    let refused = || {
        Failure::invalid(
            path,
            "invalid_date",
            format!("{path} must be a date such as \"2019-08-09\" or \"2019-08-09T09:04:00Z\""),
        )
    };
    if text.len() == 10 {
        let day: Date = text.parse().map_err(|_| refused())?;
        let start =
            day.to_datetime(Time::midnight()).to_zoned(TimeZone::UTC).map_err(|_| refused())?.timestamp();
        return match edge {
            Edge::Start => Ok(start.as_millisecond()),
            Edge::End => {
                let end = start.checked_add(24.hours()).map_err(|_| refused())?;
                Ok(end.as_millisecond() - 1)
            }
        };
    }
    text.parse::<Timestamp>().map(Timestamp::as_millisecond).map_err(|_| refused())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_have_nine_decimals_and_an_offset() {
        assert_eq!(text_of_ms(1_565_359_440_786), "2019-08-09T14:04:00.786000000+00:00");
        assert_eq!(text_of_ms(0), "1970-01-01T00:00:00.000000000+00:00");
    }

    #[test]
    fn a_card_expires_on_the_last_day_of_its_month() {
        assert_eq!(text_of_expiry(12, 2020), "2020-12-31T00:00:00Z");
        assert_eq!(text_of_expiry(2, 2028), "2028-02-29T00:00:00Z");
        assert_eq!(text_of_expiry(2, 2030), "2030-02-28T00:00:00Z");
    }

    #[test]
    fn dates_are_read_with_and_without_a_time() {
        let start = parse("d", "2019-08-09", Edge::Start).unwrap();
        let end = parse("d", "2019-08-09", Edge::End).unwrap();
        assert_eq!(end - start, 86_399_999);
        let seed = parse("d", "2019-08-09T09:04:00.786094073-05:00", Edge::Start).unwrap();
        assert_eq!(seed, 1_565_359_440_786);
        for bad in ["", "2019-13-01", "2019-02-30", "yesterday", "2019-08-09T09:04:00", "09/08/2019"] {
            assert_eq!(parse("d", bad, Edge::Start).unwrap_err().code(), "invalid_date", "{bad}");
        }
    }
}
