//! Where the vault gets the time from: the machine, or a hand in a test.

use std::{
    sync::{
        LazyLock,
        atomic::{AtomicI64, Ordering},
    },
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use instrument::YearMonth;

/// A source of the current time.
pub trait Clock: Send + Sync {
    /// Milliseconds since the Unix epoch.
    fn now_ms(&self) -> i64;

    /// Milliseconds since some moment, never fewer than before, however the calendar is set.
    fn ticks_ms(&self) -> u64 {
        u64::try_from(self.now_ms()).unwrap_or(0)
    }
}

/// The moment from which the machine's clock ticks.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .ok()
            .and_then(|elapsed| i64::try_from(elapsed.as_millis()).ok())
            .unwrap_or(0)
    }

    fn ticks_ms(&self) -> u64 {
        u64::try_from(START.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// A clock that only moves when it is told to, so that tests can let tokens expire without waiting.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows the given time.
    #[must_use]
    pub const fn new(now_ms: i64) -> Self {
        Self(AtomicI64::new(now_ms))
    }

    /// Moves the clock forward.
    pub fn advance_ms(&self, by_ms: i64) {
        self.0.fetch_add(by_ms, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// The month it still is somewhere on earth (UTC-12) at the given time.
///
/// Expiry is checked against it, so that no shopper's card is refused on its last day; see
/// `Expiry::parse` for the rule itself.
#[must_use]
pub fn lenient_month(now_ms: i64) -> Option<YearMonth> {
    const TWELVE_HOURS_MS: i64 = 12 * 60 * 60 * 1000;
    let instant = jiff::Timestamp::from_millisecond(now_ms.checked_sub(TWELVE_HOURS_MS)?).ok()?;
    let date = jiff::tz::TimeZone::UTC.to_datetime(instant).date();
    YearMonth::new(u16::try_from(date.year()).ok()?, u8::try_from(date.month()).ok()?)
}

/// The RFC 3339 text of a time, in UTC, with milliseconds.
#[must_use]
pub fn rfc3339(at_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(at_ms)
        .map(|instant| format!("{instant:.3}"))
        .unwrap_or_else(|_| String::from("9999-12-31T23:59:59.999Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_utc() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339(1_795_399_323_042), "2026-11-23T02:02:03.042Z");
    }

    #[test]
    fn the_last_day_of_a_month_lasts_until_it_is_over_everywhere() {
        // 2027-01-01T11:59:59Z is still December on Baker Island.
        let december = lenient_month(1_798_804_799_000).unwrap();
        assert_eq!((december.year(), december.month()), (2026, 12));
        let january = lenient_month(1_798_804_800_000).unwrap();
        assert_eq!((january.year(), january.month()), (2027, 1));
    }

    #[test]
    fn a_manual_clock_moves_when_told() {
        let clock = ManualClock::new(5);
        clock.advance_ms(7);
        assert_eq!(clock.now_ms(), 12);
        assert!(SystemClock.now_ms() > 1_600_000_000_000);
    }
}
