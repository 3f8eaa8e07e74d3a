//! How much more of something comes than usual: what makes work be asked for.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use super::Rate;
use crate::clock::Clock;

/// How many times the rate counts at most: so long a rest, in the rate's time, is enough after anything.
const MOST: u64 = 8;

/// How many names are remembered in each half of the memory, some 100 bytes each. When one half is full, the other is forgotten.
const HALF: usize = 50_000;

/// How often what is above the rate has doubled: 0 a little above it, 3 at eight times as much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level(u32);

impl Level {
    /// The lowest.
    pub const LOWEST: Self = Self(0);

    /// How often it has doubled.
    #[must_use]
    pub const fn doublings(self) -> u32 {
        self.0
    }
}

/// How much comes of each `Name`: every one fills a vessel, which runs out with the rate and is free up to what comes at
/// once.
pub(super) struct Pressure<Name> {
    vessels: Mutex<Vessels<Name>>,
    clock: Arc<dyn Clock>,
    interval_ns: u64,
    free_ns: u64,
    half: usize,
}

/// When each vessel will be empty, in nanoseconds of the clock.
struct Vessels<Name> {
    recent: HashMap<Name, u64>,
    older: HashMap<Name, u64>,
}

impl<Name: Hash + Eq + Clone> Pressure<Name> {
    pub(super) fn new(rate: Rate, clock: &Arc<dyn Clock>) -> Self {
        Self::with_half(rate, clock, HALF)
    }

    fn with_half(rate: Rate, clock: &Arc<dyn Clock>, half: usize) -> Self {
        let interval_ns = u64::try_from(rate.interval().as_nanos()).unwrap_or(u64::MAX).max(1);
        let free_ns = interval_ns.saturating_mul(u64::from(rate.burst().get()));
        let vessels = Mutex::new(Vessels { recent: HashMap::new(), older: HashMap::new() });
        Self { vessels, clock: Arc::clone(clock), interval_ns, free_ns, half }
    }

    /// Counts one; tells how much there is above the rate, if there is.
    pub(super) fn rise(&self, name: &Name) -> Option<Level> {
        let now_ns = self.now_ns();
        let mut vessels = self.vessels.lock().unwrap_or_else(PoisonError::into_inner);
        let empty_ns = vessels.remove(name).unwrap_or(0).max(now_ns).saturating_add(self.interval_ns);
        let most_ns = now_ns.saturating_add(self.free_ns.saturating_mul(MOST));
        let empty_ns = empty_ns.min(most_ns);
        vessels.insert(name.clone(), empty_ns, self.half);
        let in_it_ns = empty_ns - now_ns;
        (in_it_ns > self.free_ns).then(|| Level((in_it_ns / self.free_ns).checked_ilog2().unwrap_or(0)))
    }

    /// Forgets the empty ones.
    pub(super) fn forget(&self) {
        let now_ns = self.now_ns();
        let mut vessels = self.vessels.lock().unwrap_or_else(PoisonError::into_inner);
        let Vessels { recent, older } = &mut *vessels;
        for vessels in [recent, older] {
            vessels.retain(|_, empty_ns| *empty_ns > now_ns);
            vessels.shrink_to_fit();
        }
    }

    fn now_ns(&self) -> u64 {
        self.clock.ticks_ms().saturating_mul(1_000_000)
    }
}

impl<Name: Hash + Eq> Vessels<Name> {
    fn remove(&mut self, name: &Name) -> Option<u64> {
        self.recent.remove(name).or_else(|| self.older.remove(name))
    }

    fn insert(&mut self, name: Name, empty_ns: u64, half: usize) {
        self.recent.insert(name, empty_ns);
        if self.recent.len() > half {
            self.older = std::mem::take(&mut self.recent);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    fn pressure(rate: &str, half: usize) -> (Pressure<u32>, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::new(1_795_399_323_042));
        let shared: Arc<dyn Clock> = Arc::clone(&clock) as _;
        (Pressure::with_half(Rate::parse(rate).unwrap(), &shared, half), clock)
    }

    #[test]
    fn what_is_usual_is_free_and_each_doubling_is_a_level_more() {
        let (pressure, clock) = pressure("10/m", 100);
        let mut levels = Vec::new();
        for _ in 0..100 {
            levels.push(pressure.rise(&1).map(Level::doublings));
        }
        assert!(levels[..10].iter().all(Option::is_none));
        assert!(levels[10..19].iter().all(|level| *level == Some(0)), "{levels:?}");
        assert!(levels[19..39].iter().all(|level| *level == Some(1)), "{levels:?}");
        assert!(levels[39..79].iter().all(|level| *level == Some(2)), "{levels:?}");
        assert!(levels[79..].iter().all(|level| *level == Some(3)), "{levels:?}");
        assert_eq!(pressure.rise(&2), None, "another has its own");
        // However much came, seven minutes later the eighth part is left of the most that counts.
        clock.advance_ms(7 * 60_000 + 6_000);
        assert_eq!(pressure.rise(&1), None);
        assert_eq!(pressure.rise(&1), Some(Level::LOWEST));
    }

    #[test]
    fn half_of_the_memory_is_kept_until_it_holds_more_than_its_share() {
        let (pressure, _) = pressure("2/h", 2);
        let lens = || {
            let vessels = pressure.vessels.lock().unwrap();
            (vessels.recent.len(), vessels.older.len())
        };
        let mut found = Vec::new();
        for name in 1..=4 {
            pressure.rise(&name);
            found.push(lens());
        }
        assert_eq!(found, [(1, 0), (2, 0), (0, 3), (1, 3)]);
    }

    #[test]
    fn memory_is_bounded_and_who_came_last_is_remembered() {
        let (pressure, clock) = pressure("2/h", 50);
        for name in 0..10_000 {
            pressure.rise(&name);
            pressure.rise(&20_000);
            let vessels = pressure.vessels.lock().unwrap();
            assert!(vessels.recent.len() + vessels.older.len() <= 101);
        }
        assert_eq!(pressure.rise(&20_000), Some(Level(3)));
        clock.advance_ms(8 * 3_600_000);
        pressure.forget();
        let vessels = pressure.vessels.lock().unwrap();
        assert!(vessels.recent.is_empty() && vessels.older.is_empty());
    }
}
