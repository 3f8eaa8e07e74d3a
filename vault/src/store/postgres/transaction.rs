//! One write: a transaction that is tried until its outcome is known.
//!
//! Whoever loses the connection between COMMIT and its answer knows nothing. So every transaction begins by
//! writing a *claim*: a random id, into the row of the writing slot it runs in. To find out, another connection
//! writes to the same row. If the lost transaction is still alive, that write waits for it; then the row
//! either has the id, and all of the transaction is kept, or it does not, and none of it ever will be. Being a
//! write itself, the question is answered only by a server that could have kept the transaction, and, where a
//! standby must confirm, only after the standby has the transaction too.

use std::{
    mem,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::{self, Instant};

use super::{
    audit::Chain,
    failure::{Ending, Failure},
    pool::{Connections, STATEMENT, Session},
    write,
};
use crate::{
    audit::{Author, Head, Record},
    clock::{Clock as _, SystemClock},
    domain::TenantId,
    keyring::AuditKey,
    random::{self, Random as _, SystemRandom},
    store::{Change, StoreError, recorder::Recorder},
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

/// Takes a slot, or keeps it; `id` says for which write.
const CLAIM: &str = "INSERT INTO claim (tenant_id, slot, id, claimed_at_ms) VALUES ($1, $2, $3, $4)
    ON CONFLICT (tenant_id, slot) DO UPDATE SET id = excluded.id, claimed_at_ms = excluded.claimed_at_ms";

/// Asks whose the slot is, by writing to it.
const ASK: &str = "INSERT INTO claim (tenant_id, slot, id, claimed_at_ms) VALUES ($1, $2, $3, $4)
    ON CONFLICT (tenant_id, slot) DO UPDATE SET claimed_at_ms = excluded.claimed_at_ms
    RETURNING id";

/// Of nobody.
const NO_CLAIM: [u8; 16] = [0; 16];

/// The connections that write, and the slots they write in.
pub(super) struct Writers {
    connections: Connections,
    free_slots: Mutex<Vec<Slot>>,
    recorder: Recorder,
}

/// A place to write in, for one at a time: whose claim is known by its name, and with a chain of the audit log.
#[derive(Default)]
struct Slot {
    name: String,
    chain: Chain,
}

/// One write, whatever becomes of it.
struct Write<'a> {
    tenant: &'a TenantId,
    changes: &'a [Change],
    author: &'a Author,
    key: &'a AuditKey,
}

/// What a transaction did, and where it left its chain.
struct Done {
    rows: u64,
    head: Option<Head>,
}

/// What became of one try.
enum Try {
    /// It is kept.
    Kept(Done),
    /// Nothing of it is kept.
    NotKept(Failure),
    /// The answer to COMMIT is missing.
    Unknown(Done),
}

impl Writers {
    /// `owner` is a name that no other process has.
    pub(super) fn new(connections: Connections, owner: &str, at_once: usize) -> Self {
        let slot = |slot| Slot { name: format!("{owner}-{slot}"), chain: Chain::new(slot, at_once) };
        let free_slots = Mutex::new((0..at_once).map(slot).collect());
        Self { connections, free_slots, recorder: Recorder::default() }
    }

    /// Records with this key from now on.
    pub(super) fn record_with(&self, key: AuditKey) {
        self.recorder.record_with(key);
    }

    /// The connections themselves.
    pub(super) const fn connections(&self) -> &Connections {
        &self.connections
    }

    /// Makes all changes or none. To be run as a task of its own: given up half way, it would leave the
    /// server to find out.
    pub(super) async fn apply(
        &self,
        tenant: &TenantId,
        changes: &[Change],
        author: &Author,
    ) -> Result<u64, StoreError> {
        if changes.is_empty() {
            return Ok(0);
        }
        let key = self.recorder.key()?;
        let write = Write { tenant, changes, author, key: &key };
        // As many slots as turns.
        let _turn = self.connections.turn().await?;
        let mut taken = Taken::from(&self.free_slots).ok_or(StoreError::Overloaded)?;
        let slot = &mut taken.slot;
        let mut waits = Waits::until(Instant::now() + TRY_FOR);
        loop {
            let claim = *random::bytes::<16>(&SystemRandom).map_err(|_| StoreError::Unavailable)?;
            let failure = match self.try_once(&write, slot, &claim).await {
                Try::Kept(done) => return Ok(slot.done(tenant, done)),
                Try::NotKept(failure) => failure,
                Try::Unknown(done) => {
                    tracing::warn!("the answer to a COMMIT is missing: asking for its outcome");
                    if self.was_kept(tenant, &slot.name, &claim).await? {
                        return Ok(slot.done(tenant, done));
                    }
                    Failure::Lost
                }
            };
            match failure {
                Failure::Guard(_) | Failure::Engine => return Err(failure.into()),
                Failure::Conflict | Failure::Lost => {
                    if waits.wait().await.is_none() {
                        return Err(failure.into());
                    }
                }
            }
        }
    }

    async fn try_once(&self, write: &Write<'_>, slot: &mut Slot, claim: &[u8; 16]) -> Try {
        let session = match self.connections.session().await {
            Ok(session) => session,
            Err(failure) => return Try::NotKept(failure),
        };
        // Put back when the outcome is known; whatever else happens, it is read again.
        let head = slot.chain.take_head(write.tenant);
        let done = match changes(&session, write, slot, head.as_ref(), claim).await {
            Ok(done) => done,
            Err(Failure::Guard(refusal)) => {
                roll_back(session).await;
                if let Some(head) = head {
                    slot.chain.keep_head(write.tenant, head);
                }
                return Try::NotKept(Failure::Guard(refusal));
            }
            // The connection is closed with the session, and the transaction with it.
            Err(failure) => return Try::NotKept(failure),
        };
        commit(session, done).await
    }

    /// Whether the transaction of a claim was kept; if not, it never will be.
    async fn was_kept(&self, tenant: &TenantId, slot: &str, claim: &[u8; 16]) -> Result<bool, StoreError> {
        let mut waits = Waits::until(Instant::now() + ASK_FOR);
        loop {
            match self.ask(tenant, slot).await {
                Ok(found) => return Ok(found == claim),
                Err(failure) => {
                    if matches!(failure, Failure::Engine) || waits.wait().await.is_none() {
                        tracing::error!("the outcome of a COMMIT could not be found out");
                        return Err(StoreError::Unavailable);
                    }
                }
            }
        }
    }

    async fn ask(&self, tenant: &TenantId, slot: &str) -> Result<Vec<u8>, Failure> {
        let session = self.connections.session().await?;
        let client = session.client()?;
        let found = within(STATEMENT, async {
            let statement = client.prepare_cached(ASK).await?;
            let now_ms = SystemClock.now_ms();
            let params: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
                [&tenant.as_str(), &slot, &NO_CLAIM.as_slice(), &now_ms];
            Ok(client.query_one(&statement, &params).await?.try_get(0)?)
        })
        .await?;
        session.give_back();
        Ok(found)
    }
}

/// Everything up to COMMIT.
async fn changes(
    session: &Session,
    write: &Write<'_>,
    slot: &mut Slot,
    head: Option<&Head>,
    claim: &[u8; 16],
) -> Result<Done, Failure> {
    let client = session.client()?;
    within(STATEMENT, async {
        let statement = client.prepare_cached(CLAIM).await?;
        let (now_ms, claim) = (SystemClock.now_ms(), claim.as_slice());
        let params: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
            [&write.tenant.as_str(), &slot.name, &claim, &now_ms];
        // Both are on their way before either is answered.
        let (begun, claimed) = tokio::join!(
            biased;
            client.batch_execute("BEGIN"),
            client.execute(&statement, &params),
        );
        begun?;
        claimed?;
        let (mut rows, mut records) = (0, Vec::new());
        for change in write.changes {
            let touched = write::change(client, write.tenant, change).await?;
            rows += touched;
            records.extend(Record::of(change, touched));
        }
        let who = (write.tenant, write.author);
        let head = slot.chain.append(client, write.key, who, head, records).await?;
        Ok(Done { rows, head })
    })
    .await
}

async fn commit(session: Session, done: Done) -> Try {
    let client = match session.client() {
        Ok(client) => client,
        Err(failure) => return Try::NotKept(failure),
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
        Ending::Conflict => Try::NotKept(Failure::Conflict),
        Ending::RolledBack => Try::NotKept(Failure::Engine),
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

impl Slot {
    /// Notes where a kept transaction left the chain; returns the rows it touched.
    fn done(&mut self, tenant: &TenantId, done: Done) -> u64 {
        if let Some(head) = done.head {
            self.chain.keep_head(tenant, head);
        }
        done.rows
    }
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
