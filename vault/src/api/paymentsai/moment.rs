//! Points in time as payments.ai writes them: `2025-12-18T08:30:16+00:00`, in UTC and to the second.

use jiff::Timestamp;
use jiff::civil::Date;

/// The text of a time.
pub(super) fn text_of_ms(unix_ms: i64) -> String {
    match Timestamp::from_millisecond(unix_ms) {
        Ok(moment) => moment.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string(),
        // Only times outside the years -9999..9999 come here; no clock of ours makes one.
        Err(_) => String::new(),
    }
}

/// Whether a text is a day as RFC 3339 writes it (`full-date`): `2025-12-18`.
pub(super) fn is_date(text: &str) -> bool {
    let digits_and_dashes = text.bytes().enumerate().all(|(place, byte)| match place {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    text.len() == 10 && digits_and_dashes && text.parse::<Date>().is_ok()
}

/// Whether a text is a point in time as RFC 3339 writes it (`date-time`): a day, `T`, a time, and `Z` or an
/// offset.
pub(super) fn is_datetime(text: &str) -> bool {
    let Some((day, time)) = text.split_at_checked(10) else { return false };
    let is_clock = |text: &str| {
        text.len() == 8
            && text.bytes().enumerate().all(|(place, byte)| match place {
                2 | 5 => byte == b':',
                _ => byte.is_ascii_digit(),
            })
    };
    let Some((clock, zone)) = time.strip_prefix('T').and_then(|time| time.split_at_checked(8)) else {
        return false;
    };
    let zone = match zone.strip_prefix('.') {
        None => zone,
        Some(fraction) => {
            let rest = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            if rest.len() == fraction.len() {
                return false;
            }
            rest
        }
    };
    let is_offset = zone.len() == 6 && zone.starts_with(['+', '-']);
    is_date(day) && is_clock(clock) && (zone == "Z" || is_offset) && text.parse::<Timestamp>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_in_the_gateways_samples() {
        assert_eq!(text_of_ms(1_766_046_616_789), "2025-12-18T08:30:16+00:00");
    }

    #[test]
    fn days_and_times_are_those_of_rfc_3339() {
        for text in ["2025-12-18", "2024-02-29"] {
            assert!(is_date(text), "{text}");
        }
        for text in ["2025-02-29", "2025-13-01", "20251218", "2025-12-18T00:00:00Z", "", "+02025-1-1"] {
            assert!(!is_date(text), "{text}");
        }
        for text in ["2025-12-18T08:30:16Z", "2025-12-18T08:30:16+00:00", "2025-12-18T08:30:16.25-05:00"] {
            assert!(is_datetime(text), "{text}");
        }
        for text in [
            "2025-12-18",
            "2025-12-18 08:30:16Z",
            "2025-12-18T08:30:16",
            "2025-12-18T25:30:16Z",
            "now",
            "é",
            "2025-12-18T08:30:16.Z",
        ] {
            assert!(!is_datetime(text), "{text}");
        }
    }
}
