//! Who writes: each write has a transaction of its own, or shares one with others.
//!
//! A commit costs a server more than what is in most of them. So writes that nobody else's rows are touched by wait in one
//! queue, and whoever takes from it takes what is there, in one transaction. Of a token, an attempt and what is made for the
//! first time there is nothing to wait for but the token or the attempt itself, and these are written in one order.
//! Everything else may have to wait for the row of a customer, and keeps nobody waiting with it.

use std::{
    collections::HashSet,
    mem,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{
        Mutex as AsyncMutex,
        mpsc::{self, Receiver, Sender},
        oneshot,
    },
    time::Instant,
};

use super::{
    failure::Failure,
    pool::Connections,
    spending::Noted,
    transaction::{NotKept, Place, Seen, Slot, Write},
};
use crate::{
    audit::Author,
    domain::{CustomerId, TenantId},
    metrics::{Pool, Waiting, metrics},
    store::{Change, StoreError, recorder::Recorder, turns::no_place},
};

/// Writes that may wait for a shared transaction; more are refused at once.
const QUEUE_LEN: usize = 1024;

/// How long one may wait there.
const WAIT: Duration = Duration::from_secs(5);

/// Writes that share a transaction at most.
const WRITES_TOGETHER: usize = 32;

/// The connections that write, and the slots they write in.
pub(super) struct Writers {
    apart: Connections,
    free_slots: Mutex<Vec<Slot>>,
    recorder: Arc<Recorder>,
    seen: Arc<Seen>,
    queue: Sender<Job>,
}

/// A write that waits for a shared transaction.
struct Job {
    tenant: TenantId,
    write: Write,
    since: Instant,
    // Until it is taken.
    waiting: Option<Waiting>,
    reply: oneshot::Sender<Result<u64, StoreError>>,
}

/// What waits. The first of another merchant than the others is left for the next transaction.
struct Queue {
    jobs: Receiver<Job>,
    next: Option<Job>,
}

/// Takes from the queue, again and again.
struct Worker {
    connections: Arc<Connections>,
    slot: Slot,
    recorder: Arc<Recorder>,
    seen: Arc<Seen>,
    queue: Arc<AsyncMutex<Queue>>,
}

impl Writers {
    /// `owner` is a name that no other process has. Has `workers` transactions at once for what shares them, each with a
    /// connection of `together`, and one of `apart` for each of everything else.
    pub(super) fn new(
        (apart, at_once): (Connections, usize),
        (together, workers): (Connections, usize),
        owner: &str,
        recorder: Arc<Recorder>,
    ) -> Self {
        let slots = at_once + workers;
        let seen = Arc::new(Seen::default());
        let (queue, jobs) = mpsc::channel(QUEUE_LEN);
        let jobs = Arc::new(AsyncMutex::new(Queue { jobs, next: None }));
        let together = Arc::new(together);
        for worker in 0..workers {
            let worker = Worker {
                connections: Arc::clone(&together),
                slot: Slot::new(owner, worker, slots),
                recorder: Arc::clone(&recorder),
                seen: Arc::clone(&seen),
                queue: Arc::clone(&jobs),
            };
            tokio::spawn(worker.work());
        }
        let free_slots = Mutex::new((workers..slots).map(|slot| Slot::new(owner, slot, slots)).collect());
        Self { apart, free_slots, recorder, seen, queue }
    }

    /// What is known of tokens that were read to be spent.
    pub(super) fn noted(&self) -> &Noted {
        &self.seen.noted
    }

    /// The connections of what is written apart.
    pub(super) const fn connections(&self) -> &Connections {
        &self.apart
    }

    /// Makes all changes or none. To be run as a task of its own, see [`Slot::run`].
    pub(super) async fn apply(
        &self,
        tenant: TenantId,
        changes: Vec<Change>,
        author: Author,
    ) -> Result<u64, StoreError> {
        if changes.is_empty() {
            return Ok(0);
        }
        let write = Write { changes, author };
        if may_share(&write.changes) {
            self.together(tenant, write).await
        } else {
            self.apart(&tenant, write).await
        }
    }

    async fn together(&self, tenant: TenantId, write: Write) -> Result<u64, StoreError> {
        let (reply, answer) = oneshot::channel();
        let waiting = Some(metrics().waits(Pool::Write));
        self.queue
            .try_send(Job { tenant, write, since: Instant::now(), waiting, reply })
            .map_err(|error| no_place(&error, Pool::Write))?;
        answer.await.map_err(|_| StoreError::Unavailable)?
    }

    async fn apart(&self, tenant: &TenantId, write: Write) -> Result<u64, StoreError> {
        let (key, row_key) = (self.recorder.key()?, self.recorder.row_key()?);
        // As many slots as turns.
        let _turn = self.apart.turn().await?;
        let mut taken = Taken::from(&self.free_slots).ok_or(StoreError::Overloaded)?;
        let place =
            Place { connections: &self.apart, tenant, key: &key, row_key: &row_key, seen: &self.seen };
        let rows = run_alone(&mut taken.slot, &place, &write).await?;
        metrics().kept(&write.changes, rows);
        Ok(rows)
    }
}

impl Queue {
    /// The writes of one merchant that wait, once there are any; none when there never will be any.
    async fn take(&mut self) -> Option<Vec<Job>> {
        let first = match self.next.take() {
            Some(job) => job,
            None => self.jobs.recv().await?,
        };
        let mut batch = vec![first];
        while batch.len() < WRITES_TOGETHER
            && let Ok(job) = self.jobs.try_recv()
        {
            if batch.first().is_some_and(|first| first.tenant != job.tenant) {
                self.next = Some(job);
                break;
            }
            batch.push(job);
        }
        Some(batch)
    }
}

impl Worker {
    async fn work(mut self) {
        loop {
            let Some(jobs) = self.queue.lock().await.take().await else { return };
            self.run(jobs).await;
        }
    }

    async fn run(&mut self, jobs: Vec<Job>) {
        let jobs = in_time(jobs);
        let Some(tenant) = jobs.first().map(|job| job.tenant.clone()) else { return };
        let keys = self.recorder.key().and_then(|key| Ok((key, self.recorder.row_key()?)));
        let (key, row_key) = match keys {
            Ok(keys) => keys,
            Err(refusal) => {
                jobs.into_iter().for_each(|job| job.answer(Err(refusal)));
                return;
            }
        };
        let place = Place {
            connections: &self.connections,
            tenant: &tenant,
            key: &key,
            row_key: &row_key,
            seen: &self.seen,
        };
        let (mut together, mut alone) = apart_by_lock(jobs);
        while !together.is_empty() {
            let writes: Vec<_> = together.iter().map(|job| &job.write).collect();
            match self.slot.run(&place, &writes).await {
                Ok(rows) => {
                    together.drain(..).zip(rows).for_each(|(job, rows)| job.answer(Ok(rows)));
                }
                // What they were refused for may be something that was not kept: they are asked again.
                Err(NotKept { failure: Failure::Guard(_), refused }) if !refused.is_empty() => {
                    for place in refused.into_iter().rev() {
                        alone.push(together.remove(place));
                    }
                }
                // One of them, and nobody knows which.
                Err(NotKept { failure: Failure::Engine, .. }) => alone.append(&mut together),
                // Also what was wrong before or behind all of them: asked again, it would be so again.
                Err(NotKept { failure, .. }) => {
                    let error = StoreError::from(failure);
                    together.drain(..).for_each(|job| job.answer(Err(error)));
                }
            }
        }
        for job in alone {
            let outcome = run_alone(&mut self.slot, &place, &job.write).await;
            job.answer(outcome);
        }
    }
}

impl Job {
    fn answer(self, outcome: Result<u64, StoreError>) {
        if let Ok(rows) = outcome {
            metrics().kept(&self.write.changes, rows);
        }
        // Nobody may be waiting any more: the request was given up. What was done stays done.
        if self.reply.send(outcome).is_err() {
            tracing::debug!("nobody waits for the answer to a write");
        }
    }
}

async fn run_alone(slot: &mut Slot, place: &Place<'_>, write: &Write) -> Result<u64, StoreError> {
    match slot.run(place, &[write]).await {
        Ok(rows) => Ok(rows.into_iter().sum()),
        Err(not_kept) => Err(not_kept.failure.into()),
    }
}

/// They wait no longer; without those that have waited too long.
fn in_time(mut jobs: Vec<Job>) -> Vec<Job> {
    for job in &mut jobs {
        job.waiting = None;
    }
    let (in_time, late): (Vec<_>, Vec<_>) = jobs.into_iter().partition(|job| job.since.elapsed() < WAIT);
    for job in late {
        metrics().overloaded(Pool::Write);
        job.answer(Err(StoreError::Overloaded));
    }
    in_time
}

/// Those that may be written together, in the order in which everybody writes them; and those of a token or an attempt that
/// another one is about already: they shall see what became of that one.
fn apart_by_lock(mut jobs: Vec<Job>) -> (Vec<Job>, Vec<Job>) {
    jobs.sort_by_key(|job| lock(&job.write.changes).copied());
    let mut seen = None;
    jobs.into_iter().partition(|job| {
        let lock = lock(&job.write.changes).copied();
        let is_first = lock.is_none() || lock != seen;
        seen = lock;
        is_first
    })
}

/// What others may write too: the token or the attempt that a write begins with.
fn lock(changes: &[Change]) -> Option<&[u8; 32]> {
    changes.iter().find_map(|change| match change {
        Change::SpendToken { mac, .. } => Some(mac),
        Change::InsertAttempt(attempt) => Some(&attempt.mac),
        _ => None,
    })
}

/// Whether all rows that are written are new, or a token's or an attempt's.
fn may_share(changes: &[Change]) -> bool {
    let mut made = HashSet::new();
    let is_made = |made: &HashSet<_>, id: &CustomerId| made.contains(id);
    changes.iter().all(|change| match change {
        Change::InsertToken(_) | Change::SpendToken { .. } | Change::InsertAttempt(_) => true,
        Change::InsertCustomer(customer) => {
            made.insert(customer.id.clone());
            true
        }
        Change::InsertAddress(address) => is_made(&made, &address.customer_id),
        Change::InsertPaymentMethod(method) => {
            method.customer_id.as_ref().is_none_or(|customer| is_made(&made, customer))
        }
        Change::DefaultPaymentMethod { customer, .. }
        | Change::DefaultPaymentMethodIfNone { customer, .. } => is_made(&made, customer),
        _ => false,
    })
}

/// A writing slot, taken until it is dropped.
struct Taken<'a> {
    free: &'a Mutex<Vec<Slot>>,
    slot: Slot,
}

impl<'a> Taken<'a> {
    fn from(free: &'a Mutex<Vec<Slot>>) -> Option<Self> {
        let slot = free.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
        Some(Self { free, slot })
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).push(mem::take(&mut self.slot));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Address, AddressId, Customer, PaymentMethodId};

    fn spend(mac: u8) -> Change {
        Change::SpendToken { mac: [mac; 32], now_ms: 1 }
    }

    fn job(changes: Vec<Change>) -> Job {
        Job {
            tenant: TenantId::new("mer_1"),
            write: Write { changes, author: Author::vault() },
            since: Instant::now(),
            waiting: None,
            reply: oneshot::channel().0,
        }
    }

    fn macs(jobs: &[Job]) -> Vec<u8> {
        jobs.iter().map(|job| lock(&job.write.changes).unwrap()[0]).collect()
    }

    #[test]
    fn what_waits_for_a_customer_keeps_nobody_waiting() {
        let (new, other) = (CustomerId::new("cus_1"), CustomerId::new("cus_2"));
        let make = || Change::InsertCustomer(Customer::new(new.clone(), 1));
        let id = PaymentMethodId::new("pm_1");
        let default = |customer: &CustomerId| Change::DefaultPaymentMethod {
            customer: customer.clone(),
            id: id.clone(),
            now_ms: 1,
        };
        let address = |customer: &CustomerId| {
            Change::InsertAddress(Address::new(AddressId::new("adr_1"), customer.clone(), 1))
        };
        assert!(may_share(&[spend(1), make(), address(&new), default(&new)]));
        assert!(!may_share(&[spend(1), make(), default(&other)]));
        assert!(!may_share(&[spend(1), address(&other)]));
        assert!(!may_share(&[address(&new), make()]), "it is somebody's before it is made");
        assert!(!may_share(&[Change::DeleteCustomer(new)]));
    }

    #[tokio::test]
    async fn tokens_are_written_in_one_order_and_each_once() {
        let jobs = [3, 1, 2, 1, 3, 1].map(|mac| job(vec![spend(mac)]));
        let (together, alone) = apart_by_lock(jobs.into());
        assert_eq!((macs(&together), macs(&alone)), (vec![1, 2, 3], vec![1, 1, 3]));
    }

    #[tokio::test]
    async fn merchants_do_not_share_a_transaction() {
        let (queue, jobs) = mpsc::channel(QUEUE_LEN);
        let mut waiting = Queue { jobs, next: None };
        for tenant in ["mer_1", "mer_1", "mer_2", "mer_1"] {
            let job = Job { tenant: TenantId::new(tenant), ..job(vec![spend(1)]) };
            queue.try_send(job).ok().unwrap();
        }
        drop(queue);
        let mut batches = Vec::new();
        while let Some(batch) = waiting.take().await {
            batches.push(batch.iter().map(|job| job.tenant.as_str().to_owned()).collect::<Vec<_>>());
        }
        assert_eq!(batches, [vec!["mer_1", "mer_1"], vec!["mer_2"], vec!["mer_1"]]);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_ever() {
        let (reply, answer) = oneshot::channel();
        let late = Job { reply, ..job(vec![spend(1)]) };
        tokio::time::advance(WAIT).await;
        let jobs = in_time(vec![late, job(vec![spend(2)])]);
        assert_eq!(macs(&jobs), [2]);
        assert_eq!(answer.await, Ok(Err(StoreError::Overloaded)));
    }
}
