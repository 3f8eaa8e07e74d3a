//! Turns at something there is only so much of, with a bounded queue before it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc::error::TrySendError},
    time,
};

use super::StoreError;
use crate::metrics::{Pool, Using, metrics};

/// How many may wait; more are refused at once.
const QUEUE_LEN: usize = 1024;

/// How long one may wait.
const WAIT: Duration = Duration::from_secs(5);

/// What somebody is told for whom there is no place in a queue; it is counted for the pool behind it.
pub(super) fn no_place<T>(error: &TrySendError<T>, pool: Pool) -> StoreError {
    match error {
        TrySendError::Full(_) => {
            metrics().overloaded(pool);
            StoreError::Overloaded
        }
        TrySendError::Closed(_) => StoreError::Unavailable,
    }
}

/// Who may use a pool, and who waits for it.
pub(super) struct Turns {
    pool: Pool,
    free: Arc<Semaphore>,
    waiting: AtomicUsize,
}

/// The right to use one of a pool, until it is dropped.
pub(super) struct Turn {
    _permit: OwnedSemaphorePermit,
    _using: Using,
}

impl Turns {
    pub(super) fn new(pool: Pool, at_once: usize) -> Self {
        Self { pool, free: Arc::new(Semaphore::new(at_once)), waiting: AtomicUsize::new(0) }
    }

    /// Waits for one's turn.
    ///
    /// # Errors
    ///
    /// [`StoreError::Overloaded`] if too many wait already, or the wait takes too long.
    pub(super) async fn turn(&self) -> Result<Turn, StoreError> {
        if let Ok(permit) = Arc::clone(&self.free).try_acquire_owned() {
            return Ok(self.taken(permit));
        }
        let _place = Place::take(&self.waiting).inspect_err(|_| metrics().overloaded(self.pool))?;
        let _waiting = metrics().waits(self.pool);
        match time::timeout(WAIT, Arc::clone(&self.free).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(self.taken(permit)),
            Ok(Err(_)) => Err(StoreError::Unavailable),
            Err(_) => {
                metrics().overloaded(self.pool);
                Err(StoreError::Overloaded)
            }
        }
    }

    fn taken(&self, permit: OwnedSemaphorePermit) -> Turn {
        Turn { _permit: permit, _using: metrics().uses(self.pool) }
    }
}

/// One's place among those who wait.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize) -> Result<Self, StoreError> {
        let place = Self(waiting);
        if waiting.fetch_add(1, Ordering::Relaxed) >= QUEUE_LEN {
            Err(StoreError::Overloaded)
        } else {
            Ok(place)
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // No time passes while somebody waits.
    #[tokio::test(start_paused = true)]
    async fn one_beyond_the_queue_is_refused_at_once_and_the_others_get_their_turns() {
        let turns = Arc::new(Turns::new(Pool::List, 1));
        let first = turns.turn().await.unwrap();
        let waiting: Vec<_> = (0..QUEUE_LEN)
            .map(|_| {
                let turns = Arc::clone(&turns);
                tokio::spawn(async move { turns.turn().await.map(drop) })
            })
            .collect();
        while turns.waiting.load(Ordering::Relaxed) < QUEUE_LEN {
            tokio::task::yield_now().await;
        }
        assert_eq!(turns.turn().await.err(), Some(StoreError::Overloaded));
        assert_eq!(turns.turn().await.err(), Some(StoreError::Overloaded), "a refusal takes no place");
        drop(first);
        for turn in waiting {
            assert_eq!(turn.await.unwrap(), Ok(()));
        }
        assert_eq!(turns.waiting.load(Ordering::Relaxed), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_ever() {
        let turns = Turns::new(Pool::List, 1);
        let _first = turns.turn().await.unwrap();
        assert_eq!(turns.turn().await.err(), Some(StoreError::Overloaded));
        assert_eq!(turns.waiting.load(Ordering::Relaxed), 0);
    }
}
