//! Connections for reading: so many and no more, with a bounded queue before them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use super::schema::Schema;
use crate::{
    metrics::Pool,
    store::{StoreError, turns::Turns},
};

/// Some connections for one purpose; each is used on a blocking thread.
pub(super) struct Readers {
    idle: Mutex<Vec<(Connection, Schema)>>,
    turns: Turns,
}

impl Readers {
    pub(super) fn new(pool: Pool, connections: Vec<(Connection, Schema)>) -> Self {
        let turns = Turns::new(pool, connections.len());
        Self { idle: Mutex::new(connections), turns }
    }

    /// Asks a question when it is its turn. All that it reads is of one moment, in which the schema is the vault's.
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
            let (connection, schema) = readers.idle().pop().ok_or(StoreError::Unavailable)?;
            let answer = ask(&connection, &schema, question);
            readers.idle().push((connection, schema));
            answer
        })
        .await
        .map_err(|_| StoreError::Unavailable)?
    }

    fn idle(&self) -> MutexGuard<'_, Vec<(Connection, Schema)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn ask<T>(
    connection: &Connection,
    schema: &Schema,
    question: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    // Nothing is written, so the end of it needs no commit.
    let _moment = connection.unchecked_transaction()?;
    schema.check(connection)?;
    question(connection)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::store::sqlite::{migrate, schema::Expected};

    #[tokio::test]
    async fn a_question_that_is_given_up_keeps_its_turn_until_its_connection_is_back() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate::run(&mut connection).unwrap();
        let schema = Schema::new(Expected::new().unwrap());
        let readers = Arc::new(Readers::new(Pool::Spend, vec![(connection, schema)]));
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
