//! How many entries were tried in each checkout session.
//!
//! A session is stored nowhere, so this is the one thing that is remembered of it, in this process and until it is over.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{clock::Clock, domain::CheckoutSession};

/// How many attempts are remembered in all, some 130 bytes each. Beyond that those of the sessions are forgotten that
/// end first. Whoever can have so many sessions made gains nothing by it: each new one is good for as many attempts.
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
    pub(super) fn take(&self, session: &CheckoutSession, digest: &[u8; 32]) -> Result<(), NoAttemptLeft> {
        let mark = digest.first_chunk::<8>().copied().unwrap_or_default();
        let mut made = self.made();
        let marks = made.sessions.entry((session.expires_at_ms, session.id.clone())).or_default();
        if marks.contains(&mark) {
            return Ok(());
        }
        if marks.len() >= usize::try_from(session.attempts).unwrap_or(usize::MAX) {
            return Err(NoAttemptLeft);
        }
        marks.push(mark);
        made.count += 1;
        while made.count > self.most {
            made.drop_first();
        }
        Ok(())
    }

    /// Forgets sessions that are over.
    pub(super) fn forget(&self) {
        let now_ms = self.clock.now_ms();
        let mut made = self.made();
        while made.sessions.first_key_value().is_some_and(|((end_ms, _), _)| *end_ms <= now_ms) {
            made.drop_first();
        }
    }

    fn made(&self) -> MutexGuard<'_, Made> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Made {
    fn drop_first(&mut self) {
        let dropped = self.sessions.pop_first().map_or(0, |(_, marks)| marks.len());
        self.count = self.count.saturating_sub(dropped.max(1));
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
            attempts.take(&one, &[1; 32]).unwrap();
        }
        attempts.take(&one, &[2; 32]).unwrap();
        assert_eq!(attempts.take(&one, &[3; 32]), Err(NoAttemptLeft));
        attempts.take(&one, &[1; 32]).unwrap();
        attempts.take(&session("two", 1_000), &[3; 32]).unwrap();
        // Time alone brings nothing back while the session lasts.
        clock.advance_ms(999);
        attempts.forget();
        assert_eq!(attempts.take(&one, &[3; 32]), Err(NoAttemptLeft));
        clock.advance_ms(1);
        attempts.forget();
        assert!(attempts.made().sessions.is_empty());
        assert_eq!(attempts.made().count, 0);
    }

    #[test]
    fn no_more_is_remembered_than_there_is_room_for() {
        let (attempts, _) = attempts(10);
        let last = session("last", 1_000_000);
        for mark in 0..2 {
            attempts.take(&last, &[mark; 32]).unwrap();
        }
        for number in 0..1_000 {
            attempts.take(&session(&number.to_string(), number), &[9; 32]).unwrap();
            assert!(attempts.made().count <= 10);
            assert!(attempts.made().sessions.len() <= 10);
        }
        assert_eq!(attempts.take(&last, &[9; 32]), Err(NoAttemptLeft), "those that end first are forgotten");
    }
}
