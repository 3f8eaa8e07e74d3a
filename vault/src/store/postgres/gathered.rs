//! Reads of single rows that wait together and are asked for in one statement.
//!
//! Every request reads its API key, and every spend its token. Alone, such a read costs the server and the vault more for
//! the way there and back than for the row. So they wait in a queue, and whoever takes from it asks for all that wait at
//! once. Nothing is kept: a read begins after the last of those who get its answer has asked.

use std::{collections::HashMap, hash::Hash, sync::Arc, time::Duration};

use tokio::{
    sync::{
        Mutex,
        mpsc::{self, Receiver, Sender},
        oneshot,
    },
    task,
    time::Instant,
};

use super::{
    PostgresStore,
    failure::Failure,
    pool::{Connections, Session},
};
use crate::{
    metrics::{Pool, Waiting, metrics},
    store::{StoreError, turns::no_place},
};

/// Reads that may wait; more are refused at once.
const QUEUE_LEN: usize = 1024;

/// How long one may wait.
const WAIT: Duration = Duration::from_secs(5);

/// Reads that share a statement at most.
const READS_TOGETHER: usize = 64;

/// What each of those who asked is told.
pub(super) type Answers<T> = Vec<Result<T, StoreError>>;

/// A question for one row, by its key.
pub(super) trait Question: Send + Sync + 'static {
    type Key: Clone + Eq + Hash + Send + Sync + 'static;
    type Answer: Clone + Send + Sync + 'static;

    /// Asks for all of them in one statement; the answers are in the order of the keys.
    fn ask(
        &self,
        session: &Session,
        keys: &[Self::Key],
    ) -> impl Future<Output = Result<Answers<Self::Answer>, Failure>> + Send;
}

/// One sort of question, and those who wait for their answers.
pub(super) struct Gathered<Q: Question> {
    queue: Sender<Job<Q>>,
}

struct Job<Q: Question> {
    key: Q::Key,
    since: Instant,
    // Until it is taken.
    waiting: Option<Waiting>,
    reply: oneshot::Sender<Result<Q::Answer, StoreError>>,
}

/// Who waits for the answer in one place.
struct Waiter<T> {
    place: usize,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

/// Takes from the queue, again and again.
struct Worker<Q: Question> {
    question: Arc<Q>,
    connections: Arc<Connections>,
    jobs: Arc<Mutex<Receiver<Job<Q>>>>,
}

impl<Q: Question> Gathered<Q> {
    /// Has so many statements under way at once, each on a connection of its own.
    pub(super) fn new(question: Q, (connections, workers): (Connections, usize)) -> Self {
        let (queue, jobs) = mpsc::channel(QUEUE_LEN);
        let (question, connections) = (Arc::new(question), Arc::new(connections));
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..workers {
            let worker = Worker {
                question: Arc::clone(&question),
                connections: Arc::clone(&connections),
                jobs: Arc::clone(&jobs),
            };
            tokio::spawn(worker.work());
        }
        Self { queue }
    }

    /// The answer to one question, which is asked after this was called.
    ///
    /// # Errors
    ///
    /// The question's; [`StoreError::Overloaded`] if too many wait already, or the wait takes too long.
    pub(super) async fn ask(&self, key: Q::Key) -> Result<Q::Answer, StoreError> {
        let (reply, answer) = oneshot::channel();
        let waiting = Some(metrics().waits(Pool::Spend));
        self.queue
            .try_send(Job { key, since: Instant::now(), waiting, reply })
            .map_err(|error| no_place(&error, Pool::Spend))?;
        answer.await.map_err(|_| StoreError::Unavailable)?
    }
}

impl<Q: Question> Worker<Q> {
    async fn work(self) {
        loop {
            // The queue is free for the others as soon as something is taken from it.
            let jobs = take(&mut *self.jobs.lock().await).await;
            if jobs.is_empty() {
                return;
            }
            self.answer(in_time(jobs)).await;
        }
    }

    async fn answer(&self, jobs: Vec<Job<Q>>) {
        let (keys, waiters) = by_key(jobs);
        if keys.is_empty() {
            return;
        }
        let (question, asked) = (&*self.question, keys.as_slice());
        let found = PostgresStore::read_on(&self.connections, |session: Arc<Session>| async move {
            question.ask(&session, asked).await
        })
        .await;
        for Waiter { place, reply } in waiters {
            let answer = match &found {
                Ok(answers) => answers.get(place).cloned().unwrap_or(Err(StoreError::Unavailable)),
                Err(refusal) => Err(*refusal),
            };
            // Nobody may be waiting any more: the request was given up.
            if reply.send(answer).is_err() {
                tracing::debug!("nobody waits for the answer to a read");
            }
        }
    }
}

/// What waits, once there is anything; nothing when there never will be any.
async fn take<T>(jobs: &mut Receiver<T>) -> Vec<T> {
    let mut taken = Vec::new();
    if jobs.recv_many(&mut taken, READS_TOGETHER).await > 0 {
        // Requests that have arrived already have their questions ready as soon as they are looked at.
        task::yield_now().await;
        while taken.len() < READS_TOGETHER
            && let Ok(job) = jobs.try_recv()
        {
            taken.push(job);
        }
    }
    taken
}

/// They wait no longer; without those that have waited too long.
fn in_time<Q: Question>(mut jobs: Vec<Job<Q>>) -> Vec<Job<Q>> {
    for job in &mut jobs {
        job.waiting = None;
    }
    let (in_time, late): (Vec<_>, Vec<_>) = jobs.into_iter().partition(|job| job.since.elapsed() < WAIT);
    for job in late {
        metrics().overloaded(Pool::Spend);
        drop(job.reply.send(Err(StoreError::Overloaded)));
    }
    in_time
}

/// Each key once, and who waits for which of them.
fn by_key<Q: Question>(jobs: Vec<Job<Q>>) -> (Vec<Q::Key>, Vec<Waiter<Q::Answer>>) {
    let (mut keys, mut places) = (Vec::new(), HashMap::new());
    let waiter = |Job { key, reply, .. }: Job<Q>| {
        let place = *places.entry(key).or_insert_with_key(|key| {
            keys.push(key.clone());
            keys.len() - 1
        });
        Waiter { place, reply }
    };
    let waiters = jobs.into_iter().map(waiter).collect();
    (keys, waiters)
}

/// A statement that asks a question for one row about each of many keys, which are `asked.a`, `asked.b` in it. Its
/// parameters are arrays of these types.
///
/// The question stays apart (`OFFSET 0`): for each key the server goes by the index by which it would go for one alone,
/// whatever it knows of the tables, and never joins the whole of them. The arrays are subqueries, so that the plan is not
/// for as many keys as there are this time: it would be made again each time.
pub(super) fn for_each(types: &[&str], question: &str) -> String {
    let arrays: Vec<_> =
        (1..).zip(types).map(|(place, of_type)| format!("(SELECT ${place}::{of_type}[])")).collect();
    let names = ["a, ", "b, "].get(..types.len()).unwrap_or_default().concat();
    format!(
        "SELECT found.*, asked.place AS asked_place
         FROM unnest({}) WITH ORDINALITY AS asked ({names}place), LATERAL ({question} OFFSET 0) AS found",
        arrays.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Is never asked here.
    struct Nothing;

    impl Question for Nothing {
        type Key = u8;
        type Answer = u8;

        async fn ask(&self, _: &Session, keys: &[u8]) -> Result<Answers<u8>, Failure> {
            Ok(keys.iter().map(|key| Ok(*key)).collect())
        }
    }

    fn job(key: u8) -> (Job<Nothing>, oneshot::Receiver<Result<u8, StoreError>>) {
        let (reply, answer) = oneshot::channel();
        (Job { key, since: Instant::now(), waiting: None, reply }, answer)
    }

    #[tokio::test]
    async fn one_beyond_the_queue_is_refused_at_once() {
        let (queue, jobs) = mpsc::channel(QUEUE_LEN);
        let gathered = Arc::new(Gathered::<Nothing> { queue });
        let waiting: Vec<_> = (0..QUEUE_LEN)
            .map(|_| {
                let gathered = Arc::clone(&gathered);
                tokio::spawn(async move { gathered.ask(1).await })
            })
            .collect();
        while gathered.queue.capacity() > 0 {
            task::yield_now().await;
        }
        assert_eq!(gathered.ask(1).await, Err(StoreError::Overloaded));
        // Nobody is left without an answer when there is nobody to ask.
        drop(jobs);
        for answer in waiting {
            assert_eq!(answer.await.unwrap(), Err(StoreError::Unavailable));
        }
        assert_eq!(gathered.ask(1).await, Err(StoreError::Unavailable));
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_ever() {
        let (late, answer) = job(1);
        tokio::time::advance(WAIT).await;
        let jobs = in_time(vec![late, job(2).0]);
        assert_eq!(jobs.iter().map(|job| job.key).collect::<Vec<_>>(), [2]);
        assert_eq!(answer.await, Ok(Err(StoreError::Overloaded)));
    }

    #[test]
    fn a_key_is_asked_for_once() {
        let (keys, waiters) = by_key([3, 1, 3, 2, 1].map(|key| job(key).0).into());
        let places: Vec<_> = waiters.iter().map(|waiter| waiter.place).collect();
        assert_eq!((keys, places), (vec![3, 1, 2], vec![0, 1, 0, 2, 1]));
    }
}
