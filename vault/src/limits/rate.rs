//! How much in which time.

use std::{num::NonZeroU32, time::Duration};

/// So many at once, and one more each time a part of the time has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    burst: NonZeroU32,
    per: Duration,
}

/// A text is no rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateError;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);

impl Rate {
    /// So many a second; one if zero.
    #[must_use]
    pub const fn per_second(count: u32) -> Self {
        Self::new(count, SECOND)
    }

    /// So many a minute; one if zero.
    #[must_use]
    pub const fn per_minute(count: u32) -> Self {
        Self::new(count, MINUTE)
    }

    /// So many an hour; one if zero.
    #[must_use]
    pub const fn per_hour(count: u32) -> Self {
        Self::new(count, HOUR)
    }

    const fn new(count: u32, per: Duration) -> Self {
        let burst = match NonZeroU32::new(count) {
            Some(burst) => burst,
            None => NonZeroU32::MIN,
        };
        Self { burst, per }
    }

    /// So many times as much in the same time.
    #[must_use]
    pub const fn times(self, count: u32) -> Self {
        Self::new(self.burst.get().saturating_mul(count), self.per)
    }

    /// Reads `100/s`, `30/m` or `1000/h`.
    ///
    /// # Errors
    ///
    /// [`RateError`] for anything else, and for zero and for more than a million.
    pub fn parse(text: &str) -> Result<Self, RateError> {
        let (count, unit) = text.split_once('/').ok_or(RateError)?;
        let per = match unit {
            "s" => SECOND,
            "m" => MINUTE,
            "h" => HOUR,
            _ => return Err(RateError),
        };
        if !count.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(RateError);
        }
        match count.parse() {
            Ok(count @ 1..=1_000_000) => Ok(Self::new(count, per)),
            Ok(_) | Err(_) => Err(RateError),
        }
    }

    /// How many at once.
    #[must_use]
    pub const fn burst(self) -> NonZeroU32 {
        self.burst
    }

    /// In which time.
    #[must_use]
    pub const fn per(self) -> Duration {
        self.per
    }

    /// After which time there is room for one more.
    #[must_use]
    pub fn interval(self) -> Duration {
        self.per / self.burst.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_count_in_a_time() {
        let rate = Rate::parse("30/m").unwrap();
        assert_eq!((rate.burst().get(), rate.interval()), (30, Duration::from_secs(2)));
        assert_eq!(Rate::parse("1/h").unwrap().interval(), HOUR);
        assert!(Rate::parse("1000000/s").unwrap().interval() > Duration::ZERO);
        for wrong in ["", "/s", "5", "5/", "+5/s", "5/ms", "1000001/s", "0/s", "-1/s", "5 /s"] {
            assert_eq!(Rate::parse(wrong), Err(RateError), "{wrong}");
        }
    }
}
