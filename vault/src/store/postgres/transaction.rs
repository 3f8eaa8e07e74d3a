//! One transaction: tried until its outcome is known.
//!
//! Whoever loses the connection between COMMIT and its answer knows nothing. So every transaction begins by
//! writing a *claim*: a random id, into the row of the writing slot it runs in. To find out, another connection
//! writes to the same row. If the lost transaction is still alive, that write waits for it; then the row
//! either has the id, and all of the transaction is kept, or it does not, and none of it ever will be. Being a
//! write itself, the question is answered only by a server that could have kept the transaction, and, where a
//! standby must confirm, only after the standby has the transaction too.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use deadpool_postgres::ClientWrapper;
use futures_util::future;
use tokio::time::{self, Instant};

use super::{
    audit::Chain,
    failure::{Ending, Failure},
    hashes::Reader,
    pool::{Connections, STATEMENT, Session},
    read,
    spending::Noted,
    write::{self, Making},
};
use crate::{
    audit::{Author, Head, Record, Records},
    clock::{Clock as _, SystemClock},
    domain::TenantId,
    keyring::{AuditKey, RowKey},
    random::{self, Random as _, SystemRandom},
    store::{
        Change,
        epoch::{self, Believed},
    },
};

/// How long a write is tried again; well within the deadline of a request.
const TRY_FOR: Duration = Duration::from_secs(8);

/// How long the outcome of a COMMIT is waited for: longer than the server takes for a statement, because a
/// standby may have to confirm.
const COMMIT: Duration = Duration::from_secs(8);

/// How long the outcome of a lost COMMIT is asked for.
const ASK_FOR: Duration = Duration::from_secs(8);

/// The longest wait before the second try. It doubles with every further one.
const FIRST_WAIT: Duration = Duration::from_millis(2);

/// The longest wait before any try.
const LONGEST_WAIT: Duration = Duration::from_millis(256);

/// Takes a slot, or keeps it; `id` says for which write. Answers which epoch it is.
const CLAIM: &str = concat!(
    "INSERT INTO claim (tenant_id, slot, id, claimed_at_ms) VALUES ($1, $2, $3, $4)
     ON CONFLICT (tenant_id, slot) DO UPDATE SET id = excluded.id, claimed_at_ms = excluded.claimed_at_ms
     RETURNING ",
    epoch::now!()
);

/// Asks whose the slot is, by writing to it.
const ASK: &str = "INSERT INTO claim (tenant_id, slot, id, claimed_at_ms) VALUES ($1, $2, $3, $4)
    ON CONFLICT (tenant_id, slot) DO UPDATE SET claimed_at_ms = excluded.claimed_at_ms
    RETURNING id";

/// Of nobody.
const NO_CLAIM: [u8; 16] = [0; 16];

/// A place to write in, for one transaction at a time: whose claim is known by its name, and with a chain of the audit
/// log.
#[derive(Default)]
pub(super) struct Slot {
    name: String,
    chain: Chain,
}

/// What somebody wants to be done, all of it or nothing.
pub(super) struct Write {
    pub(super) changes: Vec<Change>,
    pub(super) author: Author,
}

/// Where and with what it is written.
pub(super) struct Place<'a> {
    pub(super) connections: &'a Connections,
    pub(super) tenant: &'a TenantId,
    pub(super) key: &'a AuditKey,
    pub(super) row_key: &'a Arc<RowKey>,
    pub(super) seen: &'a Seen,
}

/// What all writes of a vault know of rows that were read.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) noted: Noted,
    epoch: Mutex<Believed>,
}

/// Why a transaction is not kept, or not known to be.
pub(super) struct NotKept {
    pub(super) failure: Failure,
    /// The writes whose guards did not hold, by their places; empty if it is not for what was written.
    pub(super) refused: Vec<usize>,
}

/// What a transaction did, and where it left its chain.
struct Done {
    /// Rows touched, for each write.
    rows: Vec<u64>,
    head: Option<Head>,
}

/// What became of one try.
enum Try {
    /// It is kept.
    Kept(Done),
    /// Nothing of it is kept.
    NotKept(NotKept),
    /// The answer to COMMIT is missing.
    Unknown(Done),
}

impl Slot {
    /// One of so many; `owner` is a name that no other process has.
    pub(super) fn new(owner: &str, slot: usize, slots: usize) -> Self {
        Self { name: format!("{owner}-{slot}"), chain: Chain::new(slot, slots) }
    }

    /// Does all writes in one transaction, or none of them; returns how many rows each touched. To be run as a task of its
    /// own: given up half way, it would leave the server to find out.
    pub(super) async fn run(&mut self, place: &Place<'_>, writes: &[&Write]) -> Result<Vec<u64>, NotKept> {
        let mut waits = Waits::until(Instant::now() + TRY_FOR);
        loop {
            let claim = *random::bytes::<16>(&SystemRandom).map_err(|_| NotKept::because(Failure::Engine))?;
            let not_kept = match self.try_once(place, writes, &claim).await {
                Try::Kept(done) => return Ok(self.done(place.tenant, done)),
                Try::NotKept(not_kept) => not_kept,
                Try::Unknown(done) => {
                    tracing::warn!("the answer to a COMMIT is missing: asking for its outcome");
                    if self.was_kept(place, &claim).await? {
                        return Ok(self.done(place.tenant, done));
                    }
                    NotKept::because(Failure::Lost)
                }
            };
            match not_kept.failure {
                Failure::Guard(_) | Failure::Engine | Failure::Unknown => return Err(not_kept),
                Failure::Conflict | Failure::Lost => {
                    if waits.wait().await.is_none() {
                        return Err(not_kept);
                    }
                }
            }
        }
    }

    async fn try_once(&mut self, place: &Place<'_>, writes: &[&Write], claim: &[u8; 16]) -> Try {
        let session = match place.connections.session().await {
            Ok(session) => session,
            Err(failure) => return Try::NotKept(NotKept::because(failure)),
        };
        // Put back when the outcome is known; whatever else happens, it is read again.
        let head = self.chain.take_head(place.tenant);
        let done = match self.write(&session, place, writes, head.as_ref(), claim).await {
            Ok(done) => done,
            Err(not_kept) => {
                // After anything else than a guard the connection is closed with the session, and the transaction with it.
                if let Failure::Guard(_) = not_kept.failure {
                    roll_back(session).await;
                    if let Some(head) = head {
                        self.chain.keep_head(place.tenant, head);
                    }
                }
                return Try::NotKept(not_kept);
            }
        };
        commit(session, done).await
    }

    /// Everything up to COMMIT.
    async fn write(
        &mut self,
        session: &Session,
        place: &Place<'_>,
        writes: &[&Write],
        head: Option<&Head>,
        claim: &[u8; 16],
    ) -> Result<Done, NotKept> {
        let client = session.client()?;
        time::timeout(STATEMENT, async {
            let statement = client.prepare_cached(CLAIM).await.map_err(Failure::from)?;
            let (now_ms, claim) = (SystemClock.now_ms(), claim.as_slice());
            let params: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
                [&place.tenant.as_str(), &self.name, &claim, &now_ms];
            // Both are on their way before either is answered.
            let (begun, claimed) = tokio::join!(
                biased;
                client.batch_execute("BEGIN"),
                client.query_one(&statement, &params),
            );
            begun.map_err(Failure::from)?;
            let epoch = claimed.and_then(|claimed| claimed.try_get(0)).map_err(Failure::from)?;
            let in_it: Vec<_> = (0..).zip(writes).filter(|(_, write)| write.is_of_its_epoch()).collect();
            if !in_it.is_empty()
                && let Err(failure) = place.believe(client, epoch).await
            {
                // The others may go on without them.
                let refused = match failure {
                    Failure::Guard(_) => in_it.into_iter().map(|(place, _)| place).collect(),
                    Failure::Conflict | Failure::Lost | Failure::Engine | Failure::Unknown => Vec::new(),
                };
                return Err(NotKept { failure, refused });
            }
            let Place { tenant, row_key: key, seen: Seen { noted, .. }, .. } = *place;
            let making = Making { client, tenant, key, noted, epoch };
            // The writes do not wait for each other's answers. What one of them asks first is asked in their order.
            let outcomes = writes.iter().map(|write| write.run(making));
            let mut rows = Vec::with_capacity(writes.len());
            let mut records = Vec::with_capacity(writes.len());
            for (touched, of_write) in all(future::join_all(outcomes).await)? {
                rows.push(touched);
                records.push(of_write);
            }
            let authors = writes.iter().map(|write| &write.author);
            let head = self
                .chain
                .append(client, place.key, place.tenant, head, authors.zip(records).collect())
                .await?;
            Ok::<_, NotKept>(Done { rows, head })
        })
        .await
        .unwrap_or_else(|_| Err(NotKept::because(Failure::Lost)))
    }

    /// Whether the transaction of a claim was kept; if not, it never will be.
    async fn was_kept(&self, place: &Place<'_>, claim: &[u8; 16]) -> Result<bool, NotKept> {
        let mut waits = Waits::until(Instant::now() + ASK_FOR);
        loop {
            match self.ask(place).await {
                Ok(found) => return Ok(found == claim),
                Err(failure) => {
                    if matches!(failure, Failure::Engine) || waits.wait().await.is_none() {
                        tracing::error!("the outcome of a COMMIT could not be found out");
                        return Err(NotKept::because(Failure::Unknown));
                    }
                }
            }
        }
    }

    async fn ask(&self, place: &Place<'_>) -> Result<Vec<u8>, Failure> {
        let session = place.connections.session().await?;
        let client = session.client()?;
        let found = within(STATEMENT, async {
            let statement = client.prepare_cached(ASK).await?;
            let now_ms = SystemClock.now_ms();
            let params: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
                [&place.tenant.as_str(), &self.name, &NO_CLAIM.as_slice(), &now_ms];
            Ok(client.query_one(&statement, &params).await?.try_get(0)?)
        })
        .await?;
        session.give_back();
        Ok(found)
    }

    /// Notes where a kept transaction left the chain; returns the rows it touched.
    fn done(&mut self, tenant: &TenantId, done: Done) -> Vec<u64> {
        if let Some(head) = done.head {
            self.chain.keep_head(tenant, head);
        }
        done.rows
    }
}

impl Write {
    /// Whether it matters to it which epoch it is.
    fn is_of_its_epoch(&self) -> bool {
        self.changes.iter().any(epoch::matters_to)
    }

    /// Makes the changes in an open transaction; returns the rows touched, and what is to be recorded.
    async fn run(&self, mut making: Making<'_>) -> Result<(u64, Vec<Record>), Failure> {
        let (mut rows, mut records) = (0, Records::default());
        for change in &self.changes {
            let (touched, marks) = write::change(&making, change).await?;
            if let Change::BeginEpoch { .. } = change {
                making.epoch = making.epoch.saturating_add(1);
            }
            rows += touched;
            records.take(Record::of(change, touched), marks);
        }
        Ok((rows, records.finish()))
    }
}

impl Place<'_> {
    /// Refuses an epoch that is not as the vault began it, and one before the newest that was seen.
    async fn believe(&self, client: &ClientWrapper, found: i64) -> Result<(), Failure> {
        let believed = || self.seen.epoch.lock().unwrap_or_else(PoisonError::into_inner);
        if !believed().was(found) {
            let rows = Reader { client, key: Some(Arc::clone(self.row_key)) };
            let found = read::epoch(&rows).await?;
            believed().is(found)?;
        }
        Ok(())
    }
}

impl NotKept {
    const fn because(failure: Failure) -> Self {
        Self { failure, refused: Vec::new() }
    }
}

impl From<Failure> for NotKept {
    fn from(failure: Failure) -> Self {
        Self::because(failure)
    }
}

/// What all writes did; or why nothing is kept. After an error the server refuses everything behind it, so that the first
/// reason that may pass counts for all, then the first error of the engine, and only then are guards believed.
fn all<T>(outcomes: Vec<Result<T, Failure>>) -> Result<Vec<T>, NotKept> {
    let (mut done, mut refused) = (Vec::with_capacity(outcomes.len()), Vec::new());
    let mut failure = None;
    for (place, outcome) in outcomes.into_iter().enumerate() {
        match (outcome, &failure) {
            (Ok(one), _) => done.push(one),
            (Err(Failure::Guard(guard)), _) => {
                refused.push(place);
                failure = failure.or(Some(Failure::Guard(guard)));
            }
            (Err(other), None | Some(Failure::Guard(_))) => failure = Some(other),
            (Err(passing @ (Failure::Conflict | Failure::Lost)), Some(Failure::Engine)) => {
                failure = Some(passing);
            }
            (Err(_), Some(_)) => {}
        }
    }
    match failure {
        None => Ok(done),
        Some(failure @ Failure::Guard(_)) => Err(NotKept { failure, refused }),
        Some(failure) => Err(failure.into()),
    }
}

async fn commit(session: Session, done: Done) -> Try {
    let client = match session.client() {
        Ok(client) => client,
        Err(failure) => return Try::NotKept(NotKept::because(failure)),
    };
    let ending = match time::timeout(COMMIT, client.batch_execute("COMMIT")).await {
        Ok(Ok(())) => {
            session.give_back();
            return Try::Kept(done);
        }
        Ok(Err(error)) => Ending::of(&error),
        Err(_) => Ending::Unknown,
    };
    match ending {
        Ending::Conflict => Try::NotKept(NotKept::because(Failure::Conflict)),
        Ending::RolledBack => Try::NotKept(NotKept::because(Failure::Engine)),
        Ending::Unknown => Try::Unknown(done),
    }
}

/// Ends a transaction that shall leave nothing. If that fails, the connection goes, and the transaction with it.
async fn roll_back(session: Session) {
    if let Ok(client) = session.client()
        && matches!(time::timeout(STATEMENT, client.batch_execute("ROLLBACK")).await, Ok(Ok(())))
    {
        session.give_back();
    }
}

/// Gives up in time: a server that does not answer at all is as good as gone.
pub(super) async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    time::timeout(limit, work).await.unwrap_or(Err(Failure::Lost))
}

/// The waits between tries: longer each time, and not the same for two who lost together.
pub(super) struct Waits {
    until: Instant,
    longest: Duration,
}

impl Waits {
    /// None after a moment.
    pub(super) const fn until(until: Instant) -> Self {
        Self { until, longest: FIRST_WAIT }
    }

    /// Waits until it is time for another try; none when it is time to give up.
    pub(super) async fn wait(&mut self) -> Option<()> {
        if Instant::now() >= self.until {
            return None;
        }
        let mut part = [0; 4];
        // Without random bytes two may meet again, no more.
        let part = match SystemRandom.fill(&mut part) {
            Ok(()) => f64::from(u32::from_le_bytes(part)) / f64::from(u32::MAX),
            Err(_) => 1.0,
        };
        time::sleep(self.longest.mul_f64(part)).await;
        self.longest = LONGEST_WAIT.min(self.longest * 2);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreError;

    const SPENT: StoreError = StoreError::TokenSpent;

    fn outcome(outcomes: Vec<Result<u64, Failure>>) -> Result<Vec<u64>, (String, Vec<usize>)> {
        all(outcomes).map_err(|not_kept| (format!("{:?}", not_kept.failure), not_kept.refused))
    }

    #[test]
    fn a_guard_is_believed_when_nothing_else_went_wrong() {
        let guard = || Err(Failure::Guard(SPENT));
        assert_eq!(outcome(vec![Ok(1), Ok(2)]), Ok(vec![1, 2]));
        assert_eq!(
            outcome(vec![Ok(1), guard(), Ok(2), guard()]),
            Err(("Guard(TokenSpent)".to_owned(), vec![1, 3]))
        );
        for (others, expected) in [
            (vec![Failure::Engine], "Engine"),
            (vec![Failure::Conflict, Failure::Engine], "Conflict"),
            (vec![Failure::Engine, Failure::Lost], "Lost"),
        ] {
            let mut outcomes = vec![guard()];
            outcomes.extend(others.into_iter().map(Err));
            outcomes.push(guard());
            assert_eq!(outcome(outcomes), Err((expected.to_owned(), vec![])));
        }
    }
}
