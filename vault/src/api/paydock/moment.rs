//! Points in time as Paydock writes them: `yyyy-mm-ddThh:mm:ss.sssZ`.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// `2019-08-09T14:04:00.786Z`.
pub(super) fn text_of_ms(unix_ms: i64) -> String {
    match Timestamp::from_millisecond(unix_ms) {
        Ok(moment) => moment.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
        // Only times outside the years -9999..9999 come here; no clock of ours makes one.
        Err(_) => String::new(),
    }
}

/// Reads a moment of ISO 8601, or the first millisecond of a day in UTC.
pub(super) fn parse_ms(text: &str) -> Option<i64> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment.as_millisecond());
    }
    let day: Date = text.parse().ok()?;
    day.to_zoned(TimeZone::UTC).ok().map(|moment| moment.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_have_milliseconds_and_end_in_z() {
        assert_eq!(text_of_ms(1_565_359_440_786), "2019-08-09T14:04:00.786Z");
        assert_eq!(text_of_ms(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(parse_ms("2019-08-09T14:04:00.786Z"), Some(1_565_359_440_786));
        assert_eq!(parse_ms("1970-01-02"), Some(86_400_000));
        assert_eq!(parse_ms("yesterday"), None);
    }
}
