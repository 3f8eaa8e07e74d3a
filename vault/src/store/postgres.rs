//! The back end for many machines: PostgreSQL, one transaction for each write.
//!
//! Its statements stay with what the distributed engines that speak PostgreSQL's protocol have too: every
//! key begins with the tenant, no foreign key, sequence or advisory lock is relied on, and a transaction that
//! the engine refuses because of another one is tried again.

mod address;
mod audit;
mod catalogue;
mod failure;
mod gathered;
mod hashes;
mod migrate;
mod pool;
mod read;
mod row;
mod search;
mod spending;
mod text;
mod tls;
mod transaction;
mod write;
mod writers;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use deadpool_postgres::{BuildError, ClientWrapper};
use tokio::time::Instant;
use tracing::Instrument as _;

use super::{
    Attempt, Change, CustomerRecord, DataKey, Found, Listed, LivePlace, LiveRow, LookupNeeds, Migration,
    Page, Remembered, SealingKey, Store, StoreError, recorder::Recorder,
};
use crate::{
    audit::{AuditRow, Author, Place},
    domain::{
        Address, AddressId, ApiKey, Customer, CustomerId, Document, Holding, Lifecycle, Merchant,
        MethodSearch, Payment, PaymentId, PaymentMethod, PaymentMethodId, PaymentSearch, PaymentTotals,
        Search, TenantId, Token,
    },
    keyring::{AuditKey, RowKey},
    metrics::Pool,
    random::{self, RandomFailed, SystemRandom},
};
use failure::Failure;
use gathered::{Answers, Gathered, Question};
use hashes::Reader;
use pool::{Connections, STATEMENT, Session};
use tls::Tls;
use transaction::{Waits, within};
use writers::Writers;

pub use crate::trust::Certificates;
pub use address::{AddressError, PostgresAddress};
pub use migrate::MigrationError;
pub use tls::TlsError;

/// Connections for what is written apart: enough for a server to gather commits, few enough, with the others, for three
/// vaults on a server with PostgreSQL's default of 100 connections.
const WRITERS: usize = 12;

/// Transactions that others share, at once: while one is under way, what comes gathers for the next.
const SHARED_WRITERS: usize = 2;

/// Connections for reading, so that lists do not stand in the way of tokens.
const READERS: usize = 8;

/// Connections for what must be read before something is changed: attempts, kept answers, data keys, each a question for a
/// row or a few. A list that takes its time does not keep a token from being spent.
const FIRST_READERS: usize = 4;

/// Statements that ask for gathered API keys, at once, and as many for tokens: while one is under way, what comes gathers for
/// the next.
const GATHERING_READERS: usize = 2;

/// How long a read is tried again when the server goes away; well within the deadline of a request.
const READ_FOR: Duration = Duration::from_secs(8);

/// How long a vault that starts waits for a server that starts too.
const START_FOR: Duration = Duration::from_secs(10);

/// A store in a database of a PostgreSQL server.
pub struct PostgresStore {
    writers: Arc<Writers>,
    recorder: Arc<Recorder>,
    readers: Connections,
    first_readers: Connections,
    api_keys: Gathered<KeyQuestion>,
    tokens: Gathered<TokenQuestion>,
}

/// Asks for API keys by their ids.
struct KeyQuestion {
    recorder: Arc<Recorder>,
}

/// Asks for tokens, and notes what becomes of those that can be spent.
struct TokenQuestion {
    recorder: Arc<Recorder>,
    writers: Arc<Writers>,
}

/// The database cannot be used; the environment is at fault.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Nobody can be trusted.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The connections cannot be set up.
    #[error("the connections cannot be set up: {0}")]
    Connections(#[from] BuildError),
    /// No random bytes.
    #[error(transparent)]
    Random(#[from] RandomFailed),
    /// The server.
    #[error("the PostgreSQL server cannot be used: {0}")]
    Unreachable(String),
    /// The server may lose what it acknowledged.
    #[error("the PostgreSQL server runs with {0} = off: what it acknowledges can be lost; switch it on")]
    NotDurable(&'static str),
    /// Somebody else changed the schema.
    #[error(
        "the table {0} is not as the vault made it: somebody else changed the schema; see docs/operations.md"
    )]
    OtherSchema(&'static str),
    /// The database cannot hold every text.
    #[error("the database's encoding is {0}; make one with ENCODING 'UTF8'")]
    Encoding(String),
    /// The schema.
    #[error(transparent)]
    Migration(#[from] MigrationError),
}

impl PostgresStore {
    /// Connects, and brings the schema up to date; several vaults may do so at the same time.
    ///
    /// # Errors
    ///
    /// [`OpenError`] if the server cannot be reached within ten seconds, is not durable, or was written by a
    /// newer vault.
    pub async fn open(address: &PostgresAddress) -> Result<Self, OpenError> {
        Self::open_as(address, Migration::Run).await
    }

    /// The same, and the schema is brought up to date only if it shall.
    ///
    /// # Errors
    ///
    /// [`OpenError`] as [`open`](Self::open), and if the schema is older and shall stay so.
    pub async fn open_as(address: &PostgresAddress, migration: Migration) -> Result<Self, OpenError> {
        let tls = Tls::new(address.certificates())?;
        let owner = random::hex(&SystemRandom, 32)?;
        let writing = Connections::new(address, &tls, Pool::Write, WRITERS)?;
        let sharing = Connections::new(address, &tls, Pool::Write, SHARED_WRITERS)?;
        let mut waits = Waits::until(Instant::now() + START_FOR);
        let session = loop {
            match writing.first_session().await {
                Ok(session) => break session,
                Err(failure) if failure.is_final || waits.wait().await.is_none() => {
                    return Err(OpenError::Unreachable(failure.reason));
                }
                Err(_) => {}
            }
        };
        let client = session.client().map_err(|_| OpenError::Unreachable("it went away".to_owned()))?;
        check_settings(client).await?;
        match migration {
            Migration::Run => migrate::run(client, &owner).await?,
            Migration::Refuse => migrate::check(client).await?,
        }
        let looked = catalogue::differing(client).await;
        if let Some(table) =
            looked.map_err(|failure| OpenError::Unreachable(StoreError::from(failure).to_string()))?
        {
            return Err(OpenError::OtherSchema(table));
        }
        // Its settings were changed for the migration: it is not given back.
        drop(session);
        let recorder = Arc::new(Recorder::default());
        let writers =
            Writers::new((writing, WRITERS), (sharing, SHARED_WRITERS), &owner, Arc::clone(&recorder));
        let writers = Arc::new(writers);
        let gathering = || {
            let connections = Connections::new(address, &tls, Pool::Spend, GATHERING_READERS)?;
            Ok::<_, BuildError>((connections, GATHERING_READERS))
        };
        let keys = KeyQuestion { recorder: Arc::clone(&recorder) };
        let tokens = TokenQuestion { recorder: Arc::clone(&recorder), writers: Arc::clone(&writers) };
        Ok(Self {
            api_keys: Gathered::new(keys, gathering()?),
            tokens: Gathered::new(tokens, gathering()?),
            writers,
            recorder,
            readers: Connections::new(address, &tls, Pool::List, READERS)?,
            first_readers: Connections::new(address, &tls, Pool::Spend, FIRST_READERS)?,
        })
    }

    /// Looks whether the tables are still those that the vault made. Where they are not, nothing is read or written
    /// until they are again.
    async fn look_at_tables(&self) -> Result<(), StoreError> {
        let looked = self.read(|session| async move { catalogue::check(session.client()?).await }).await;
        match looked {
            Ok(()) => self.recorder.distrust(false),
            Err(StoreError::OtherSchema) => self.recorder.distrust(true),
            Err(_) => {}
        }
        looked
    }

    /// A session that checks the rows it reads.
    fn rows<'a>(&self, session: &'a Session) -> Result<Reader<'a>, Failure> {
        checked(&self.recorder, session)
    }

    /// A session for rows that may be seen before there is a key to check them with, and are checked as soon as there is.
    fn unguarded<'a>(&self, session: &'a Session) -> Result<Reader<'a>, Failure> {
        Ok(Reader { client: session.client()?, key: self.recorder.known_row_key() })
    }

    /// Asks a question on a connection for reading, again if the connection breaks.
    async fn read<T, Asked>(&self, question: impl Fn(Arc<Session>) -> Asked) -> Result<T, StoreError>
    where
        Asked: Future<Output = Result<T, Failure>>,
    {
        Self::read_on(&self.readers, question).await
    }

    /// The same on the connections for what must be read before something is changed.
    async fn read_first<T, Asked>(&self, question: impl Fn(Arc<Session>) -> Asked) -> Result<T, StoreError>
    where
        Asked: Future<Output = Result<T, Failure>>,
    {
        Self::read_on(&self.first_readers, question).await
    }

    async fn read_on<T, Asked>(
        connections: &Connections,
        question: impl Fn(Arc<Session>) -> Asked,
    ) -> Result<T, StoreError>
    where
        Asked: Future<Output = Result<T, Failure>>,
    {
        let _turn = connections.turn().await?;
        let mut waits = Waits::until(Instant::now() + READ_FOR);
        loop {
            let failure = match ask(connections, &question).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let is_passing = matches!(failure, Failure::Conflict | Failure::Lost);
            if !is_passing || waits.wait().await.is_none() {
                return Err(failure.into());
            }
        }
    }

    /// Asks several questions that all see the same moment.
    async fn read_moment<T, Asked>(&self, question: impl Fn(Arc<Session>) -> Asked) -> Result<T, StoreError>
    where
        Asked: Future<Output = Result<T, Failure>>,
    {
        self.read(|session: Arc<Session>| {
            let asked = question(Arc::clone(&session));
            async move {
                let client = session.client()?;
                client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
                let answer = asked.await;
                if matches!(answer, Ok(_) | Err(Failure::Guard(_))) {
                    client.batch_execute("COMMIT").await?;
                }
                answer
            }
        })
        .await
    }
}

/// A session that checks the rows it reads.
fn checked<'a>(recorder: &Recorder, session: &'a Session) -> Result<Reader<'a>, Failure> {
    Ok(Reader { client: session.client()?, key: Some(recorder.row_key()?) })
}

impl Question for KeyQuestion {
    type Key = String;
    type Answer = Option<ApiKey>;

    async fn ask(&self, session: &Session, ids: &[String]) -> Result<Answers<Option<ApiKey>>, Failure> {
        read::api_keys_by_id(&checked(&self.recorder, session)?, ids).await
    }
}

impl Question for TokenQuestion {
    type Key = (TenantId, [u8; 32]);
    type Answer = Option<Token>;

    async fn ask(&self, session: &Session, asked: &[Self::Key]) -> Result<Answers<Option<Token>>, Failure> {
        let found = read::tokens(&checked(&self.recorder, session)?, asked).await?;
        let note = |(found, (tenant, mac)): (Result<Option<_>, _>, &Self::Key)| {
            let Some((token, spending)) = found? else { return Ok(None) };
            match spending {
                Some(spending) => self.writers.noted().note(tenant, mac, spending),
                None => self.writers.noted().forget(tenant.as_str(), mac),
            }
            Ok(Some(token))
        };
        Ok(found.into_iter().zip(asked).map(note).collect())
    }
}

async fn ask<T, Asked>(
    connections: &Connections,
    question: &impl Fn(Arc<Session>) -> Asked,
) -> Result<T, Failure>
where
    Asked: Future<Output = Result<T, Failure>>,
{
    let session = Arc::new(connections.session().await?);
    let answer = within(STATEMENT, question(Arc::clone(&session))).await;
    // After any other failure nobody knows what state the connection is in: it is closed.
    if matches!(answer, Ok(_) | Err(Failure::Guard(_)))
        && let Some(session) = Arc::into_inner(session)
    {
        session.give_back();
    }
    answer
}

/// Refuses what makes an acknowledgement worthless. Engines without such settings have no such choice.
async fn check_settings(client: &ClientWrapper) -> Result<(), OpenError> {
    for setting in ["fsync", "full_page_writes"] {
        if pool::show(client, setting).await.map_err(MigrationError::from)?.as_deref() == Some("off") {
            return Err(OpenError::NotDurable(setting));
        }
    }
    match pool::show(client, "server_encoding").await.map_err(MigrationError::from)? {
        Some(encoding) if encoding != "UTF8" => Err(OpenError::Encoding(encoding)),
        Some(_) | None => Ok(()),
    }
}

#[async_trait]
impl Store for PostgresStore {
    fn record_with(&self, key: AuditKey) {
        self.recorder.record_with(key);
    }

    fn guard_with(&self, key: RowKey) {
        self.recorder.guard_with(key);
    }

    async fn apply(&self, tenant: &TenantId, changes: Vec<Change>) -> Result<u64, StoreError> {
        // What a vault does every half a minute, whether anybody asks it for something or not.
        if changes.iter().any(|change| matches!(change, Change::SweepExpired { .. })) {
            self.look_at_tables().await?;
        }
        let (writers, tenant) = (Arc::clone(&self.writers), tenant.clone());
        // Known in this task only.
        let author = Author::current();
        // A task of its own: it goes on to its end also when nobody waits for the answer any more.
        let span = tracing::info_span!(target: "vault::trace", "store.write", changes = changes.len());
        tokio::spawn(async move { writers.apply(tenant, changes, author).await }.instrument(span))
            .await
            .map_err(|_| StoreError::Unavailable)?
    }

    async fn audit_rows(&self, after: Option<&Place>, limit: u32) -> Result<Vec<AuditRow>, StoreError> {
        self.read(move |session| async move { audit::rows(session.client()?, after, limit).await }).await
    }

    async fn live_rows(&self, after: Option<&LivePlace>, limit: u32) -> Result<Vec<LiveRow>, StoreError> {
        self.look_at_tables().await?;
        self.read(move |session| async move { self.rows(&session)?.live_rows(after, limit).await }).await
    }

    async fn older_rows(&self, after: Option<&LivePlace>, limit: u32) -> Result<Vec<LiveRow>, StoreError> {
        self.read(move |session| async move { self.rows(&session)?.older_rows(after, limit).await }).await
    }

    async fn row_needs(&self, version: u32) -> Result<u64, StoreError> {
        self.read(move |session| async move { hashes::needs(session.client()?, version).await }).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.recorder.trusted()?;
        let _turn = self.writers.connections().turn().await?;
        let session = self.writers.connections().session().await?;
        let asked =
            within(STATEMENT, async { Ok(pool::show(session.client()?, "transaction_read_only").await?) });
        let read_only = asked.await?;
        session.give_back();
        if read_only.as_deref() == Some("on") { Err(StoreError::Unavailable) } else { Ok(()) }
    }

    async fn customer(&self, tenant: &TenantId, id: &CustomerId) -> Result<Option<Customer>, StoreError> {
        self.read(move |session| async move {
            read::customer(&self.rows(&session)?, tenant, id, Lifecycle::Active).await
        })
        .await
    }

    async fn customer_record(
        &self,
        tenant: &TenantId,
        id: &CustomerId,
    ) -> Result<Option<CustomerRecord>, StoreError> {
        self.read_moment(move |session| async move {
            read::customer_record(&self.rows(&session)?, tenant, id, Lifecycle::Active).await
        })
        .await
    }

    async fn any_customer(&self, tenant: &TenantId, id: &CustomerId) -> Result<Option<Customer>, StoreError> {
        self.read(move |session| async move {
            read::customer(&self.rows(&session)?, tenant, id, Lifecycle::Any).await
        })
        .await
    }

    async fn whole_customer_record(
        &self,
        tenant: &TenantId,
        id: &CustomerId,
    ) -> Result<Option<CustomerRecord>, StoreError> {
        self.read_moment(move |session| async move {
            read::customer_record(&self.rows(&session)?, tenant, id, Lifecycle::Any).await
        })
        .await
    }

    async fn customers(&self, tenant: &TenantId, page: &Page) -> Result<Listed<Customer>, StoreError> {
        self.read(move |session| async move { read::customers(&self.rows(&session)?, tenant, page).await })
            .await
    }

    async fn search_customers(
        &self,
        tenant: &TenantId,
        search: &Search,
    ) -> Result<Found<Customer>, StoreError> {
        self.read_moment(move |session| async move {
            search::customers(&self.rows(&session)?, tenant, search).await
        })
        .await
    }

    async fn addresses(&self, tenant: &TenantId, customer: &CustomerId) -> Result<Vec<Address>, StoreError> {
        self.read(
            move |session| async move { read::addresses(&self.rows(&session)?, tenant, customer).await },
        )
        .await
    }

    async fn address(
        &self,
        tenant: &TenantId,
        customer: &CustomerId,
        id: &AddressId,
    ) -> Result<Option<Address>, StoreError> {
        self.read(
            move |session| async move { read::address(&self.rows(&session)?, tenant, customer, id).await },
        )
        .await
    }

    async fn payment_method(
        &self,
        tenant: &TenantId,
        id: &PaymentMethodId,
    ) -> Result<Option<PaymentMethod>, StoreError> {
        self.read(move |session| async move {
            read::payment_method(&self.rows(&session)?, tenant, id, Lifecycle::Active).await
        })
        .await
    }

    async fn any_payment_method(
        &self,
        tenant: &TenantId,
        id: &PaymentMethodId,
    ) -> Result<Option<PaymentMethod>, StoreError> {
        self.read(move |session| async move {
            read::payment_method(&self.rows(&session)?, tenant, id, Lifecycle::Any).await
        })
        .await
    }

    async fn every_payment_method(
        &self,
        tenant: &TenantId,
        after: Option<&PaymentMethodId>,
        limit: u32,
    ) -> Result<Vec<PaymentMethod>, StoreError> {
        self.read(move |session| async move {
            read::every_payment_method(&self.rows(&session)?, tenant, after, limit).await
        })
        .await
    }

    async fn search_payment_methods(
        &self,
        tenant: &TenantId,
        search: &MethodSearch,
    ) -> Result<Found<PaymentMethod>, StoreError> {
        self.read_moment(move |session| async move {
            search::payment_methods(&self.rows(&session)?, tenant, search).await
        })
        .await
    }

    async fn payment(&self, tenant: &TenantId, id: &PaymentId) -> Result<Option<Payment>, StoreError> {
        self.read(move |session| async move { read::payment(&self.rows(&session)?, tenant, id).await }).await
    }

    async fn payments(
        &self,
        tenant: &TenantId,
        search: &PaymentSearch,
    ) -> Result<Found<Payment>, StoreError> {
        self.read_moment(move |session| async move {
            search::payments(&self.rows(&session)?, tenant, search).await
        })
        .await
    }

    async fn payment_totals(
        &self,
        tenant: &TenantId,
        customer: &CustomerId,
    ) -> Result<PaymentTotals, StoreError> {
        self.read_moment(move |session| async move {
            read::payment_totals(&self.rows(&session)?, tenant, customer).await
        })
        .await
    }

    async fn document(
        &self,
        tenant: &TenantId,
        collection: &str,
        id: &str,
    ) -> Result<Option<Document>, StoreError> {
        self.read(move |session| async move {
            read::document(&self.rows(&session)?, tenant, collection, id).await
        })
        .await
    }

    async fn documents(
        &self,
        tenant: &TenantId,
        collection: &str,
        limit: u32,
        offset: u32,
    ) -> Result<Found<Document>, StoreError> {
        self.read_moment(move |session| async move {
            search::documents(&self.rows(&session)?, tenant, collection, limit, offset).await
        })
        .await
    }

    async fn remembered(&self, tenant: &TenantId, mac: &[u8; 32]) -> Result<Option<Remembered>, StoreError> {
        self.read_first(
            move |session| async move { read::remembered(&self.rows(&session)?, tenant, mac).await },
        )
        .await
    }

    async fn payment_methods(
        &self,
        tenant: &TenantId,
        holding: &Holding,
        page: &Page,
    ) -> Result<Listed<PaymentMethod>, StoreError> {
        self.read(move |session| async move {
            read::payment_methods(&self.rows(&session)?, tenant, holding, page).await
        })
        .await
    }

    async fn token(&self, tenant: &TenantId, mac: &[u8; 32]) -> Result<Option<Token>, StoreError> {
        self.tokens.ask((tenant.clone(), *mac)).await
    }

    async fn attempt(&self, tenant: &TenantId, mac: &[u8; 32]) -> Result<Option<Attempt>, StoreError> {
        self.read_first(move |session| async move { read::attempt(&self.rows(&session)?, tenant, mac).await })
            .await
    }

    async fn api_key(&self, id: &str) -> Result<Option<ApiKey>, StoreError> {
        self.api_keys.ask(id.to_owned()).await
    }

    async fn lookup_needs(
        &self,
        tenant: &TenantId,
        version: u32,
        now_ms: i64,
    ) -> Result<LookupNeeds, StoreError> {
        self.read(move |session| async move {
            read::lookup_needs(&self.unguarded(&session)?, tenant, version, now_ms).await
        })
        .await
    }

    async fn api_keys(&self, tenant: &TenantId) -> Result<Vec<ApiKey>, StoreError> {
        self.read_first(
            move |session| async move { read::api_keys(&self.unguarded(&session)?, tenant).await },
        )
        .await
    }

    async fn merchants(&self) -> Result<Vec<Merchant>, StoreError> {
        self.read_first(move |session| async move { read::merchants(&self.unguarded(&session)?).await }).await
    }

    async fn data_keys(&self, tenant: &TenantId) -> Result<Vec<DataKey>, StoreError> {
        // The vault's own are what the rows' key is among; under their names they open for nobody else.
        let is_own = *tenant == TenantId::vault();
        self.read_first(move |session| async move {
            let mut rows = self.unguarded(&session)?;
            if is_own {
                rows.key = None;
            }
            read::data_keys(&rows, tenant).await
        })
        .await
    }

    async fn epoch(&self) -> Result<i64, StoreError> {
        self.read_first(move |session| async move { read::epoch(&self.rows(&session)?).await }).await
    }

    async fn sealing_keys(&self) -> Result<Vec<SealingKey>, StoreError> {
        self.read_first(move |session| async move { read::sealing_keys(&self.unguarded(&session)?).await })
            .await
    }
}
