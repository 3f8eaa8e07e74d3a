//! How many entries were tried in each checkout session.
//!
//! A session is stored nowhere, so this is the one thing that is remembered of it, in this process and until it is over.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{
    clock::Clock,
    domain::{CheckoutSession, TenantId},
};

/// How many attempts are remembered in all, some 130 bytes each. Beyond that the merchant with the most of them has those
/// of its sessions forgotten that end first. Who can have so many sessions of a merchant made gains nothing by it: each new
/// one is good for as many attempts.
const MOST: usize = 250_000;

/// What stays of an attempt: part of the keyed hash of all that was asked for in it.
type Mark = [u8; 8];

/// All attempts of a session were made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoAttemptLeft;

/// The attempts of the sessions that are not over.
pub(super) struct Attempts {
    made: Mutex<Made>,
    clock: Arc<dyn Clock>,
    most: usize,
}

#[derive(Default)]
struct Made {
    of: HashMap<TenantId, OfOne>,
    count: usize,
}

/// A merchant's.
#[derive(Default)]
struct OfOne {
    /// By the end of the session, and its id.
    sessions: BTreeMap<(i64, String), Vec<Mark>>,
    count: usize,
}

impl Attempts {
    pub(super) fn new(clock: &Arc<dyn Clock>) -> Self {
        Self::with_most(clock, MOST)
    }

    fn with_most(clock: &Arc<dyn Clock>, most: usize) -> Self {
        Self { made: Mutex::default(), clock: Arc::clone(clock), most }
    }

    /// Counts an attempt, unless it was counted before. `digest` is a keyed hash of all that is asked for.
    pub(super) fn take(
        &self,
        tenant: &TenantId,
        session: &CheckoutSession,
        digest: &[u8; 32],
    ) -> Result<(), NoAttemptLeft> {
        let mark = digest.first_chunk::<8>().copied().unwrap_or_default();
        let mut made = self.made();
        let of_one = made.of.entry(tenant.clone()).or_default();
        let marks = of_one.sessions.entry((session.expires_at_ms, session.id.clone())).or_default();
        if marks.contains(&mark) {
            return Ok(());
        }
        if marks.len() >= usize::try_from(session.attempts).unwrap_or(usize::MAX) {
            return Err(NoAttemptLeft);
        }
        marks.push(mark);
        of_one.count += 1;
        made.count += 1;
        while made.count > self.most {
            made.make_room();
        }
        Ok(())
    }

    /// Forgets sessions that are over.
    pub(super) fn forget(&self) {
        let now_ms = self.clock.now_ms();
        let mut made = self.made();
        for of_one in made.of.values_mut() {
            while of_one.sessions.first_key_value().is_some_and(|((end_ms, _), _)| *end_ms <= now_ms) {
                of_one.drop_first();
            }
        }
        made.of.retain(|_, of_one| of_one.count > 0);
        made.count = made.of.values().map(|of_one| of_one.count).sum();
    }

    fn made(&self) -> MutexGuard<'_, Made> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Made {
    /// Forgets a session of the merchant that has most.
    fn make_room(&mut self) {
        let most = self.of.values_mut().max_by_key(|of_one| of_one.count);
        self.count = self.count.saturating_sub(most.map_or(self.count, OfOne::drop_first));
    }
}

impl OfOne {
    /// Forgets the session that ends first; tells how many attempts that were.
    fn drop_first(&mut self) -> usize {
        let dropped = self.sessions.pop_first().map_or(0, |(_, marks)| marks.len());
        self.count = self.count.saturating_sub(dropped);
        dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::ManualClock, domain::Origin};

    const NOW_MS: i64 = 1_795_399_323_042;

    fn session(id: &str, ends_in_ms: i64) -> CheckoutSession {
        CheckoutSession {
            id: id.to_owned(),
            origin: Origin::parse("https://shop.example").unwrap(),
            amount_minor: None,
            currency: None,
            expires_at_ms: NOW_MS + ends_in_ms,
            attempts: 2,
            schemes: Vec::new(),
            allowed_bins: Vec::new(),
            denied_bins: Vec::new(),
        }
    }

    fn shop() -> TenantId {
        TenantId::new("mer_one")
    }

    fn attempts(most: usize) -> (Attempts, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::new(NOW_MS));
        let shared: Arc<dyn Clock> = Arc::clone(&clock) as _;
        (Attempts::with_most(&shared, most), clock)
    }

    #[test]
    fn a_session_has_its_attempts_and_a_repetition_is_none() {
        let (attempts, clock) = attempts(100);
        let one = session("one", 1_000);
        for _ in 0..3 {
            attempts.take(&shop(), &one, &[1; 32]).unwrap();
        }
        attempts.take(&shop(), &one, &[2; 32]).unwrap();
        assert_eq!(attempts.take(&shop(), &one, &[3; 32]), Err(NoAttemptLeft));
        attempts.take(&shop(), &one, &[1; 32]).unwrap();
        attempts.take(&shop(), &session("two", 1_000), &[3; 32]).unwrap();
        // Time alone brings nothing back while the session lasts.
        clock.advance_ms(999);
        attempts.forget();
        assert_eq!(attempts.take(&shop(), &one, &[3; 32]), Err(NoAttemptLeft));
        clock.advance_ms(1);
        attempts.forget();
        assert!(attempts.made().of.is_empty());
        assert_eq!(attempts.made().count, 0);
    }

    #[test]
    fn no_more_is_remembered_than_there_is_room_for() {
        let (attempts, _) = attempts(10);
        let last = session("last", 1_000_000);
        for mark in 0..2 {
            attempts.take(&shop(), &last, &[mark; 32]).unwrap();
        }
        for number in 0..1_000 {
            attempts.take(&shop(), &session(&number.to_string(), number), &[9; 32]).unwrap();
            assert!(attempts.made().count <= 10);
            assert!(attempts.made().of[&shop()].sessions.len() <= 10);
        }
        assert_eq!(
            attempts.take(&shop(), &last, &[9; 32]),
            Err(NoAttemptLeft),
            "those that end first are forgotten"
        );
    }

    #[test]
    fn a_merchant_makes_room_with_its_own() {
        let (attempts, _) = attempts(10);
        let short = session("short", 1_000);
        for mark in 0..2 {
            attempts.take(&shop(), &short, &[mark; 32]).unwrap();
        }
        for number in 0..100 {
            let long = session(&number.to_string(), 1_000_000 + number);
            attempts.take(&TenantId::new("mer_two"), &long, &[9; 32]).unwrap();
        }
        assert_eq!(attempts.made().count, 10);
        assert_eq!(attempts.take(&shop(), &short, &[9; 32]), Err(NoAttemptLeft), "another's are forgotten");
    }
}
