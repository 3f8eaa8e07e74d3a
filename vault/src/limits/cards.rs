//! How many different cards come from one place: what tells trying cards out from paying.
//!
//! Of a card a keyed hash is remembered, cut to eight bytes, in this process and for as long as the rule's time.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{Exceeded, Rate};
use crate::clock::Clock;

/// The most different cards that a rule may allow: each new one is compared with those that are remembered.
pub(super) const MOST_OF_ONE: u32 = 1_000;

/// How many cards are remembered in each half of the memory, some 150 bytes each. When one half is full, the other is
/// forgotten: the places from which no card came for longest. Whoever wants that needs so many addresses that this rule
/// does not stop them; the others do.
const HALF: usize = 50_000;

/// What stays of a card.
pub type CardMark = [u8; 8];

/// The cards of the places that `Name` names.
pub(super) struct Cards<Name> {
    seen: Mutex<Seen<Name>>,
    clock: Arc<dyn Clock>,
    rate: Rate,
    half: usize,
}

struct Seen<Name> {
    recent: HashMap<Name, Vec<Sight>>,
    /// How many sights are in `recent`.
    count: usize,
    older: HashMap<Name, Vec<Sight>>,
}

#[derive(Clone, Copy)]
struct Sight {
    card: CardMark,
    last_ms: u64,
}

impl<Name: Hash + Eq + Clone> Cards<Name> {
    pub(super) fn new(rate: Rate, clock: &Arc<dyn Clock>) -> Self {
        Self::with_half(rate, clock, HALF)
    }

    fn with_half(rate: Rate, clock: &Arc<dyn Clock>, half: usize) -> Self {
        let seen = Seen { recent: HashMap::new(), count: 0, older: HashMap::new() };
        Self { seen: Mutex::new(seen), clock: Arc::clone(clock), rate, half }
    }

    /// Counts a card, unless it came from the same place not long ago.
    pub(super) fn take(&self, name: &Name, card: CardMark) -> Result<(), Exceeded> {
        let now_ms = self.clock.ticks_ms();
        let mut seen = self.seen();
        let mut sights = seen.remove(name);
        self.drop_old(&mut sights, now_ms);
        let is_known = sights.iter().any(|sight| sight.card == card);
        let outcome = if is_known || sights.len() < self.most() {
            sights.retain(|sight| sight.card != card);
            sights.push(Sight { card, last_ms: now_ms });
            Ok(())
        } else {
            Err(self.exceeded(&sights, now_ms))
        };
        seen.insert(name.clone(), sights, self.half);
        outcome
    }

    /// Forgets cards that came long ago.
    pub(super) fn forget(&self) {
        let now_ms = self.clock.ticks_ms();
        let mut seen = self.seen();
        let Seen { recent, older, .. } = &mut *seen;
        for places in [recent, older] {
            places.retain(|_, sights| {
                self.drop_old(sights, now_ms);
                !sights.is_empty()
            });
            places.shrink_to_fit();
        }
        seen.count = seen.recent.values().map(Vec::len).sum();
    }

    fn drop_old(&self, sights: &mut Vec<Sight>, now_ms: u64) {
        sights.retain(|sight| now_ms < self.end_ms(sight));
    }

    /// When a sight is forgotten.
    fn end_ms(&self, sight: &Sight) -> u64 {
        let per_ms = u64::try_from(self.rate.per().as_millis()).unwrap_or(u64::MAX);
        sight.last_ms.saturating_add(per_ms)
    }

    fn most(&self) -> usize {
        usize::try_from(self.rate.burst().get()).unwrap_or(usize::MAX)
    }

    fn exceeded(&self, sights: &[Sight], now_ms: u64) -> Exceeded {
        let first_end_ms = sights.iter().map(|sight| self.end_ms(sight)).min().unwrap_or(now_ms);
        let secs = first_end_ms.saturating_sub(now_ms).div_ceil(1000).max(1);
        Exceeded { retry_after_secs: u32::try_from(secs).unwrap_or(u32::MAX) }
    }

    fn seen(&self) -> MutexGuard<'_, Seen<Name>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<Name: Hash + Eq> Seen<Name> {
    fn remove(&mut self, name: &Name) -> Vec<Sight> {
        if let Some(sights) = self.recent.remove(name) {
            self.count = self.count.saturating_sub(sights.len());
            return sights;
        }
        self.older.remove(name).unwrap_or_default()
    }

    fn insert(&mut self, name: Name, sights: Vec<Sight>, half: usize) {
        self.count = self.count.saturating_add(sights.len());
        self.recent.insert(name, sights);
        if self.count > half {
            self.older = std::mem::take(&mut self.recent);
            self.count = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    fn cards(rate: &str, half: usize) -> (Cards<u32>, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::new(1_795_399_323_042));
        let shared: Arc<dyn Clock> = Arc::clone(&clock) as _;
        (Cards::with_half(Rate::parse(rate).unwrap(), &shared, half), clock)
    }

    fn mark(number: u64) -> CardMark {
        number.to_be_bytes()
    }

    #[test]
    fn only_different_cards_count_and_only_for_their_time() {
        let (cards, clock) = cards("2/h", 100);
        for _ in 0..10 {
            cards.take(&1, mark(1)).unwrap();
        }
        clock.advance_ms(1_000_000);
        cards.take(&1, mark(2)).unwrap();
        assert_eq!(cards.take(&1, mark(3)), Err(Exceeded { retry_after_secs: 2_600 }));
        // Those that came before go on, and another place has its own.
        cards.take(&1, mark(2)).unwrap();
        cards.take(&2, mark(3)).unwrap();
        clock.advance_ms(2_599_999);
        assert_eq!(cards.take(&1, mark(3)), Err(Exceeded { retry_after_secs: 1 }));
        clock.advance_ms(1);
        cards.take(&1, mark(3)).unwrap();
        assert!(cards.take(&1, mark(1)).is_err());
        clock.advance_ms(3_600_000);
        cards.forget();
        let seen = cards.seen();
        assert!(seen.recent.is_empty() && seen.older.is_empty() && seen.count == 0);
    }

    #[test]
    fn half_of_the_memory_is_kept_until_it_holds_more_than_its_share() {
        let (cards, _) = cards("2/h", 2);
        let lens = || {
            let seen = cards.seen();
            (seen.recent.len(), seen.older.len(), seen.count)
        };
        let mut found = Vec::new();
        for place in 1..=4 {
            cards.take(&place, mark(1)).unwrap();
            found.push(lens());
        }
        assert_eq!(found, [(1, 0, 1), (2, 0, 2), (0, 3, 0), (1, 3, 1)]);
    }

    #[test]
    fn memory_is_bounded_and_who_came_last_is_remembered() {
        let (cards, _) = cards("2/h", 50);
        for place in 0..10_000 {
            cards.take(&place, mark(1)).unwrap();
            cards.take(&20_000, mark(u64::from(place % 2))).unwrap();
            let seen = cards.seen();
            let all: usize = seen.recent.values().chain(seen.older.values()).map(Vec::len).sum();
            assert!(all <= 103, "{all}");
            assert!(seen.recent.len() + seen.older.len() <= 103);
        }
        assert!(cards.take(&20_000, mark(7)).is_err());
    }
}
