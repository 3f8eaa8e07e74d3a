//! Connections for reading: so many and no more, with a bounded queue before them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use crate::{
    metrics::Pool,
    store::{StoreError, turns::Turns},
};

/// Some connections for one purpose; each is used on a blocking thread.
pub(super) struct Readers {
    idle: Mutex<Vec<Connection>>,
    turns: Turns,
}

impl Readers {
    pub(super) fn new(pool: Pool, connections: Vec<Connection>) -> Self {
        let turns = Turns::new(pool, connections.len());
        Self { idle: Mutex::new(connections), turns }
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
        let turn = self.turns.turn().await?;
        let readers = Arc::clone(self);
        tokio::task::spawn_blocking(move || {
            // Also if nobody waits for the answer any more, the turn lasts until the connection is back.
            let _turn = turn;
            let connection = readers.idle().pop().ok_or(StoreError::Unavailable)?;
            let answer = question(&connection);
            readers.idle().push(connection);
            answer
        })
        .await
        .map_err(|_| StoreError::Unavailable)?
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn a_question_that_is_given_up_keeps_its_turn_until_its_connection_is_back() {
        let connection = Connection::open_in_memory().unwrap();
        let readers = Arc::new(Readers::new(Pool::Spend, vec![connection]));
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
        let next = tokio::spawn(async move { readers.ask(|_| Ok(7)).await });
        tokio::task::yield_now().await;
        assert!(!next.is_finished());
        go.send(()).unwrap();
        assert_eq!(next.await.unwrap(), Ok(7), "with a connection too few it were unavailable");
    }
}
