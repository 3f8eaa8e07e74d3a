//! Points in time as the document writes them.

use jiff::Timestamp;
use jiff::civil::{Date, date};

use super::failure::Failure;

/// The day from which Unix time counts.
const EPOCH: Date = date(1970, 1, 1);

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

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

/// Reads a whole day in UTC (`2019-08-09`) or a date and time of RFC 3339, section 5.6
/// (`2019-08-09T09:04:00.5-05:00`), in ms since 1970. Nothing else is taken: no blank for the `T`, no
/// offset of a day or more, no name of a zone. Of a second's fraction the milliseconds count.
///
/// # Errors
/// `invalid_date` at the path given.
pub(super) fn parse(path: &str, text: &str, edge: Edge) -> Result<i64, Failure> {
    read(text.as_bytes(), edge).ok_or_else(|| {
        Failure::invalid(
            path,
            "invalid_date",
            format!("{path} must be a date such as \"2019-08-09\" or \"2019-08-09T09:04:00Z\""),
        )
    })
}

fn read(text: &[u8], edge: Edge) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let [y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1] = *date else { return None };
    let year = number([y0, y1])? * 100 + number([y2, y3])?;
    let day = Date::new(
        i16::try_from(year).ok()?,
        i8::try_from(number([m0, m1])?).ok()?,
        i8::try_from(number([d0, d1])?).ok()?,
    )
    .ok()?;
    let start_ms = day.duration_since(EPOCH).as_secs() * 1_000;
    if rest.is_empty() {
        return Some(match edge {
            Edge::Start => start_ms,
            Edge::End => start_ms + DAY_MS - 1,
        });
    }
    let (time, rest) = rest.split_at_checked(9)?;
    let [b'T' | b't', h0, h1, b':', min0, min1, b':', s0, s1] = *time else { return None };
    // Second 60 is a leap second, which Unix time counts as the one after it.
    let time_ms = hours_minutes_ms([h0, h1], [min0, min1])? + number([s0, s1]).filter(|s| *s <= 60)? * 1_000;
    let (fraction_ms, zone) = fraction(rest)?;
    let offset_ms = match *zone {
        [b'Z' | b'z'] => 0,
        [b'+', h0, h1, b':', m0, m1] => hours_minutes_ms([h0, h1], [m0, m1])?,
        [b'-', h0, h1, b':', m0, m1] => -hours_minutes_ms([h0, h1], [m0, m1])?,
        _ => return None,
    };
    Some(start_ms + time_ms + fraction_ms - offset_ms)
}

/// The milliseconds of a fraction of a second, if one stands there, and what stands behind it.
fn fraction(text: &[u8]) -> Option<(i64, &[u8])> {
    let [b'.', behind @ ..] = text else { return Some((0, text)) };
    let len = behind.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = behind.split_at_checked(len).filter(|_| len > 0)?;
    let ms = [100, 10, 1].into_iter().zip(digits).map(|(worth, digit)| worth * i64::from(digit - b'0')).sum();
    Some((ms, rest))
}

/// The milliseconds of hours up to 23 and minutes up to 59.
fn hours_minutes_ms(hours: [u8; 2], minutes: [u8; 2]) -> Option<i64> {
    let hours = number(hours).filter(|hours| *hours <= 23)?;
    let minutes = number(minutes).filter(|minutes| *minutes <= 59)?;
    Some((hours * 60 + minutes) * 60_000)
}

fn number(digits: [u8; 2]) -> Option<i64> {
    let [tens, ones] = digits;
    let both = tens.is_ascii_digit() && ones.is_ascii_digit();
    both.then(|| i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
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
        for (text, same) in [
            ("2019-08-09T14:04:00Z", "2019-08-09T09:04:00-05:00"),
            ("2019-08-09T14:04:00z", "2019-08-09t14:04:00.000999999999999-00:00"),
            ("2019-08-10", "2019-08-10T23:59:00+23:59"),
            ("2017-01-01", "2016-12-31T23:59:60Z"),
            ("1969-12-31", "1969-12-31T00:00:00Z"),
        ] {
            let read = |text| parse("d", text, Edge::Start).unwrap();
            assert_eq!(read(text), read(same), "{text}");
        }
    }

    #[test]
    fn the_ends_of_the_calendar_are_dates() {
        assert_eq!(parse("d", "9999-12-31", Edge::End).unwrap(), 253_402_300_799_999);
        assert_eq!(parse("d", "9999-12-31", Edge::Start).unwrap(), 253_402_214_400_000);
        assert_eq!(parse("d", "9999-12-31T23:59:59.999Z", Edge::Start).unwrap(), 253_402_300_799_999);
        assert_eq!(parse("d", "0000-01-01", Edge::Start).unwrap(), -62_167_219_200_000);
    }

    #[test]
    fn what_is_no_date_of_rfc_3339_is_refused() {
        for bad in [
            "",
            "2019",
            "2019-13-01",
            "2019-02-30",
            "2019-W32-5",
            "+002019-08-09",
            "yesterday",
            "09/08/2019",
            "2019-08-09T09:04:00",
            "2019-08-09 09:04:00Z",
            "2019-08-09T09:04Z",
            "2019-08-09T24:00:00Z",
            "2019-08-09T09:60:00Z",
            "2019-08-09T09:04:61Z",
            "2019-08-09T09:04:00.Z",
            "2019-08-09T09:04:00,5Z",
            "2019-08-09T09:04:00+25:00",
            "2019-08-09T09:04:00+24:00",
            "2019-08-09T09:04:00+05:60",
            "2019-08-09T09:04:00+0500",
            "2019-08-09T09:04:00+05",
            "2019-08-09T09:04:00Z[Europe/Berlin]",
            "2019-08-09T09:04:00+02:00[Europe/Berlin]",
            "2019-08-09T09:04:00Z ",
            " 2019-08-09",
            "２０１９-08-09",
        ] {
            assert_eq!(parse("d", bad, Edge::Start).unwrap_err().code(), "invalid_date", "{bad}");
        }
    }
}
