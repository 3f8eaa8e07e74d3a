//! Connections for reading: so many and no more, with a bounded queue before them.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use rusqlite::Connection;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time,
};

use crate::{
    metrics::{Pool, metrics},
    store::StoreError,
};

/// Questions that may wait; more are refused at once.
const QUEUE_LEN: usize = 1024;

/// How long one may wait.
const WAIT: Duration = Duration::from_secs(5);

/// Some connections for one purpose; each is used on a blocking thread.
pub(super) struct Readers {
    pool: Pool,
    idle: Mutex<Vec<Connection>>,
    turns: Arc<Semaphore>,
    waiting: AtomicUsize,
}

impl Readers {
    pub(super) fn new(pool: Pool, connections: Vec<Connection>) -> Self {
        let turns = Arc::new(Semaphore::new(connections.len()));
        Self { pool, idle: Mutex::new(connections), turns, waiting: AtomicUsize::new(0) }
    }

    /// Asks a question when it is its turn.
    ///
    /// # Errors
    ///
    /// [`StoreError::Overloaded`] if too many wait already, or the wait takes too long; or the question's own.
    pub(super) async fn ask<T: Send + 'static>(
        self: &Arc<Self>,
        question: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let turn = self.turn().await?;
        let readers = Arc::clone(self);
        tokio::task::spawn_blocking(move || {
            // Also if nobody waits for the answer any more, the turn lasts until the connection is back.
            let (_turn, _using) = (turn, metrics().uses(readers.pool));
            let connection = readers.idle().pop().ok_or(StoreError::Unavailable)?;
            let answer = question(&connection);
            readers.idle().push(connection);
            answer
        })
        .await
        .map_err(|_| StoreError::Unavailable)?
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit, StoreError> {
        if let Ok(turn) = Arc::clone(&self.turns).try_acquire_owned() {
            return Ok(turn);
        }
        let _place = Place::take(&self.waiting).inspect_err(|_| metrics().overloaded(self.pool))?;
        let _waiting = metrics().waits(self.pool);
        match time::timeout(WAIT, Arc::clone(&self.turns).acquire_owned()).await {
            Ok(Ok(turn)) => Ok(turn),
            Ok(Err(_)) => Err(StoreError::Unavailable),
            Err(_) => {
                metrics().overloaded(self.pool);
                Err(StoreError::Overloaded)
            }
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
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
    use std::sync::mpsc;

    use super::*;

    fn readers(pool: Pool, at_once: usize) -> Arc<Readers> {
        let connections = (0..at_once).map(|_| Connection::open_in_memory().unwrap()).collect();
        Arc::new(Readers::new(pool, connections))
    }

    // No time passes while a question is asked.
    #[tokio::test(start_paused = true)]
    async fn a_question_beyond_the_queue_is_refused_at_once_and_the_others_are_answered() {
        let readers = readers(Pool::List, 1);
        let (go, wait) = mpsc::channel::<()>();
        let (asked, begun) = tokio::sync::oneshot::channel();
        let slow = Arc::clone(&readers);
        let slow = tokio::spawn(async move {
            slow.ask(move |_| {
                asked.send(()).unwrap();
                wait.recv().map_err(|_| StoreError::Unavailable)
            })
            .await
        });
        begun.await.unwrap();
        let mut waiting = Vec::new();
        for _ in 0..QUEUE_LEN {
            let readers = Arc::clone(&readers);
            waiting.push(tokio::spawn(async move { readers.ask(|_| Ok(())).await }));
        }
        while readers.waiting.load(Ordering::Relaxed) < QUEUE_LEN {
            tokio::task::yield_now().await;
        }
        assert_eq!(readers.ask(|_| Ok(())).await, Err(StoreError::Overloaded));
        go.send(()).unwrap();
        assert_eq!(slow.await.unwrap(), Ok(()));
        for question in waiting {
            assert_eq!(question.await.unwrap(), Ok(()));
        }
        assert_eq!(readers.waiting.load(Ordering::Relaxed), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_question_that_is_given_up_keeps_its_turn_until_its_connection_is_back() {
        let readers = readers(Pool::Spend, 1);
        let (go, wait) = mpsc::channel::<()>();
        let (asked, begun) = tokio::sync::oneshot::channel();
        let slow = Arc::clone(&readers);
        let slow = tokio::spawn(async move {
            slow.ask(move |_| {
                asked.send(()).unwrap();
                wait.recv().map_err(|_| StoreError::Unavailable)
            })
            .await
        });
        begun.await.unwrap();
        slow.abort();
        drop(slow.await);
        assert_eq!(readers.turns.available_permits(), 0);
        go.send(()).unwrap();
        assert_eq!(readers.ask(|_| Ok(7)).await, Ok(7));
    }
}
