//! Points in time as Flute's documents write them: ISO 8601 in UTC.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::api::members::Misfit;

pub(super) use crate::clock::rfc3339 as text_of_ms;

/// Reads a date and time, in milliseconds since the Unix epoch. Without an offset it is taken for UTC, and a
/// date alone for its midnight.
///
/// # Errors
/// `invalid_date` at the path given.
pub(super) fn parse(path: &str, text: &str) -> Result<i64, Misfit> {
    let instant = text.parse::<jiff::Timestamp>().ok().or_else(|| {
        let civil = text.parse::<DateTime>().ok()?;
        civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    });
    instant.map(|instant| instant.as_millisecond()).ok_or_else(|| {
        let message = format!("{path} must be a date and time such as \"2026-02-19T20:24:52.934Z\"");
        Misfit::invalid(path, "invalid_date", message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_with_an_offset_or_in_utc() {
        assert_eq!(parse("d", "1970-01-01T00:00:00.5Z"), Ok(500));
        assert_eq!(parse("d", "1970-01-01T01:00:00+01:00"), Ok(0));
        assert_eq!(parse("d", "1970-01-01T00:00:01"), Ok(1_000));
        assert_eq!(parse("d", "1970-01-02"), Ok(86_400_000));
        for text in ["", "yesterday", "2026-13-01", "1795399323042"] {
            assert_eq!(parse("d", text).unwrap_err().code, "invalid_date", "{text}");
        }
        assert_eq!(text_of_ms(500), "1970-01-01T00:00:00.500Z");
    }
}
