//! The back end for one machine: SQLite, one writer thread with group commit, readers beside it.

mod audit;
mod copy;
mod cursor;
mod hashes;
mod migrate;
mod read;
mod readers;
mod row;
mod schema;
mod search;
mod write;
mod writer;

use std::{path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use rusqlite::{Connection, OpenFlags};
use tracing::Instrument as _;

use super::{
    Attempt, Change, CustomerRecord, DataKey, Found, Listed, LivePlace, LiveRow, LookupNeeds, Migration,
    Page, Remembered, SealingKey, Store, StoreError, recorder::Recorder,
};
use crate::{
    audit::{AuditRow, Author, Place},
    data_dir::DataDir,
    domain::{
        Address, AddressId, ApiKey, Customer, CustomerId, Document, Holding, Lifecycle, Merchant,
        MethodSearch, Payment, PaymentId, PaymentMethod, PaymentMethodId, PaymentSearch, PaymentTotals,
        Search, TenantId, Token,
    },
    keyring::{AuditKey, RowKey},
    metrics::Pool,
};
use hashes::Reader;
use readers::Readers;
use schema::{Expected, Schema};
use writer::Writer;

pub use copy::{Copied, copy};
pub use migrate::OpenError;

/// The database's name in the data directory.
pub const DATABASE_FILE: &str = "vault.sqlite";

/// Connections for reading; each is used on a blocking thread.
const READERS: usize = 4;

/// Connections for what must be read before something is changed: a list that takes its time does not keep a token from
/// being spent. Each question is for one row.
const FIRST_READERS: usize = 2;

/// How long a command waits for its turn beside a vault that writes.
const BESIDE_FOR: Duration = Duration::from_secs(60);

/// The first SQLite release without the corruption at a WAL reset (all since 3.7.0 have it).
const OLDEST_SAFE_SQLITE: i32 = 3_051_003;

/// A store in a SQLite file of a data directory.
pub struct SqliteStore {
    writer: Writer,
    recorder: Arc<Recorder>,
    readers: Arc<Readers>,
    first_readers: Arc<Readers>,
    // Held until both are gone.
    _data: Arc<DataDir>,
}

impl SqliteStore {
    /// Opens the database of a data directory, makes it if it is missing, and brings its schema up to
    /// date.
    ///
    /// # Errors
    ///
    /// [`OpenError`] if the SQLite library is too old, the file cannot be used with the settings that
    /// durability needs, or it was written by a newer vault.
    pub fn open(data: &Arc<DataDir>) -> Result<Self, OpenError> {
        Self::open_as(data, Migration::Run)
    }

    /// The same, and the schema is brought up to date only if it shall.
    ///
    /// # Errors
    ///
    /// [`OpenError`] as [`open`](Self::open), and if the schema is older and shall stay so.
    pub fn open_as(data: &Arc<DataDir>, migration: Migration) -> Result<Self, OpenError> {
        if rusqlite::version_number() < OLDEST_SAFE_SQLITE {
            return Err(OpenError::OldSqlite(rusqlite::version()));
        }
        // SQLite gives the log and its index the permissions of the database: made here first, none of the
        // three is ever readable for others, whatever directory they lie in.
        data.make_private(DATABASE_FILE)?;
        let path = data.file(DATABASE_FILE);
        let mut connection = connect(&path)?;
        match migration {
            Migration::Run => migrate::run(&mut connection)?,
            Migration::Refuse => migrate::check(&connection)?,
        }
        Self::start(data, connection)
    }

    /// Opens the database beside a vault that may be running: SQLite lets one of them write at a time. Nothing is made
    /// and nothing is migrated.
    ///
    /// # Errors
    ///
    /// [`OpenError`] as [`open`](Self::open), and if the schema is not the one of this program.
    pub fn beside(data: &Arc<DataDir>) -> Result<Self, OpenError> {
        if rusqlite::version_number() < OLDEST_SAFE_SQLITE {
            return Err(OpenError::OldSqlite(rusqlite::version()));
        }
        let connection = connect(&data.file(DATABASE_FILE))?;
        // A busy vault leaves few gaps between its transactions, and a revocation has to come through.
        connection.busy_timeout(BESIDE_FOR)?;
        migrate::check(&connection)?;
        Self::start(data, connection)
    }

    fn start(data: &Arc<DataDir>, connection: Connection) -> Result<Self, OpenError> {
        let path = data.file(DATABASE_FILE);
        let expected = Expected::new()?;
        let schema = Schema::new(Arc::clone(&expected));
        let moment = connection.unchecked_transaction()?;
        let differing = schema.differing(&connection)?;
        moment.finish()?;
        if let Some(differing) = differing {
            return Err(OpenError::OtherSchema(differing));
        }
        // Each looks again when it is first used.
        let connect = |at_once| {
            let one = |_| Ok((connect_reader(&path)?, Schema::new(Arc::clone(&expected))));
            (0..at_once).map(one).collect::<Result<Vec<_>, OpenError>>()
        };
        let (readers, first_readers) = (connect(READERS)?, connect(FIRST_READERS)?);
        let recorder = Arc::new(Recorder::default());
        let watch = hashes::install(&connection, &recorder)?;
        Ok(Self {
            writer: Writer::start(connection, schema, watch, Arc::clone(&recorder))
                .map_err(OpenError::Thread)?,
            recorder,
            readers: Arc::new(Readers::new(Pool::List, readers)),
            first_readers: Arc::new(Readers::new(Pool::Spend, first_readers)),
            _data: Arc::clone(data),
        })
    }

    /// Resolves when the writer has stopped, which it does after a commit that failed: what the disk
    /// then holds is only known after a restart.
    pub async fn stopped(&self) {
        self.writer.stopped().await;
    }

    /// Asks for rows, which are checked, on the connections that lists have.
    async fn rows<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Reader<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let key = Some(self.recorder.row_key()?);
        self.read(move |connection| question(&Reader { connection, key })).await
    }

    /// Asks for rows that must be known before anything is changed, which are checked.
    async fn rows_first<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Reader<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let key = Some(self.recorder.row_key()?);
        self.read_first(move |connection| question(&Reader { connection, key })).await
    }

    /// Asks for rows that may be seen before there is a key to check them with, and are checked as soon as there is.
    async fn unguarded<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Reader<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let key = self.recorder.known_row_key();
        self.read_first(move |connection| question(&Reader { connection, key })).await
    }

    /// Asks on the connections that lists have.
    async fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.readers.ask(question).await
    }

    /// Asks what must be known before anything is changed, on connections that no list can take.
    async fn read_first<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.first_readers.ask(question).await
    }
}

fn connect(path: &Path) -> Result<Connection, OpenError> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    schema::defend(&connection)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA secure_delete = ON;
         PRAGMA mmap_size = 0;
         PRAGMA temp_store = MEMORY;",
    )?;
    connection.set_prepared_statement_cache_capacity(64);
    let journal: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
    let synchronous: i64 = connection.query_row("PRAGMA synchronous", [], |row| row.get(0))?;
    let secure_delete: i64 = connection.query_row("PRAGMA secure_delete", [], |row| row.get(0))?;
    if journal == "wal" && synchronous == 2 && secure_delete == 1 {
        Ok(connection)
    } else {
        Err(OpenError::Settings)
    }
}

fn connect_reader(path: &Path) -> Result<Connection, OpenError> {
    let connection = connect(path)?;
    connection.execute_batch("PRAGMA query_only = ON;")?;
    Ok(connection)
}

#[async_trait]
impl Store for SqliteStore {
    fn record_with(&self, key: AuditKey) {
        self.recorder.record_with(key);
    }

    fn guard_with(&self, key: RowKey) {
        self.recorder.guard_with(key);
    }

    async fn apply(&self, tenant: &TenantId, changes: Vec<Change>) -> Result<u64, StoreError> {
        let span = tracing::info_span!(target: "vault::trace", "store.write", changes = changes.len());
        self.writer.apply(tenant.clone(), changes, Author::current()).instrument(span).await
    }

    async fn audit_rows(&self, after: Option<&Place>, limit: u32) -> Result<Vec<AuditRow>, StoreError> {
        let after = after.cloned();
        self.read(move |connection| audit::rows(connection, after.as_ref(), limit)).await
    }

    async fn live_rows(&self, after: Option<&LivePlace>, limit: u32) -> Result<Vec<LiveRow>, StoreError> {
        let after = after.cloned();
        self.rows(move |rows| rows.live_rows(after.as_ref(), limit)).await
    }

    async fn older_rows(&self, after: Option<&LivePlace>, limit: u32) -> Result<Vec<LiveRow>, StoreError> {
        let after = after.cloned();
        self.rows(move |rows| rows.older_rows(after.as_ref(), limit)).await
    }

    async fn row_needs(&self, version: u32) -> Result<u64, StoreError> {
        self.read(move |connection| Ok(hashes::needs(connection, version)?)).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.writer.check()?;
        self.read(|connection| Ok(connection.query_row("SELECT 1", [], |_| Ok(()))?)).await
    }

    async fn customer(&self, tenant: &TenantId, id: &CustomerId) -> Result<Option<Customer>, StoreError> {
        let (tenant, id) = (tenant.clone(), id.clone());
        self.rows(move |rows| read::customer(rows, &tenant, &id, Lifecycle::Active)).await
    }

    async fn customer_record(
        &self,
        tenant: &TenantId,
        id: &CustomerId,
    ) -> Result<Option<CustomerRecord>, StoreError> {
        let (tenant, id) = (tenant.clone(), id.clone());
        self.rows(move |rows| read::customer_record(rows, &tenant, &id, Lifecycle::Active)).await
    }

    async fn any_customer(&self, tenant: &TenantId, id: &CustomerId) -> Result<Option<Customer>, StoreError> {
        let (tenant, id) = (tenant.clone(), id.clone());
        self.rows(move |rows| read::customer(rows, &tenant, &id, Lifecycle::Any)).await
    }

    async fn whole_customer_record(
        &self,
        tenant: &TenantId,
        id: &CustomerId,
    ) -> Result<Option<CustomerRecord>, StoreError> {
        let (tenant, id) = (tenant.clone(), id.clone());
        self.rows(move |rows| read::customer_record(rows, &tenant, &id, Lifecycle::Any)).await
    }

    async fn customers(&self, tenant: &TenantId, page: &Page) -> Result<Listed<Customer>, StoreError> {
        let (tenant, page) = (tenant.clone(), page.clone());
        self.rows(move |rows| read::customers(rows, &tenant, &page)).await
    }

    async fn search_customers(
        &self,
        tenant: &TenantId,
        search: &Search,
    ) -> Result<Found<Customer>, StoreError> {
        let (tenant, search) = (tenant.clone(), search.clone());
        self.rows(move |rows| search::customers(rows, &tenant, &search)).await
    }

    async fn addresses(&self, tenant: &TenantId, customer: &CustomerId) -> Result<Vec<Address>, StoreError> {
        let (tenant, customer) = (tenant.clone(), customer.clone());
        self.rows(move |rows| read::addresses(rows, &tenant, &customer)).await
    }

    async fn address(
        &self,
        tenant: &TenantId,
        customer: &CustomerId,
        id: &AddressId,
    ) -> Result<Option<Address>, StoreError> {
        let (tenant, customer, id) = (tenant.clone(), customer.clone(), id.clone());
        self.rows(move |rows| read::address(rows, &tenant, &customer, &id)).await
    }

    async fn payment_method(
        &self,
        tenant: &TenantId,
        id: &PaymentMethodId,
    ) -> Result<Option<PaymentMethod>, StoreError> {
        let (tenant, id) = (tenant.clone(), id.clone());
        self.rows(move |rows| read::payment_method(rows, &tenant, &id, Lifecycle::Active)).await
    }

    async fn any_payment_method(
        &self,
        tenant: &TenantId,
        id: &PaymentMethodId,
    ) -> Result<Option<PaymentMethod>, StoreError> {
        let (tenant, id) = (tenant.clone(), id.clone());
        self.rows(move |rows| read::payment_method(rows, &tenant, &id, Lifecycle::Any)).await
    }

    async fn every_payment_method(
        &self,
        tenant: &TenantId,
        after: Option<&PaymentMethodId>,
        limit: u32,
    ) -> Result<Vec<PaymentMethod>, StoreError> {
        let (tenant, after) = (tenant.clone(), after.cloned());
        self.rows(move |rows| read::every_payment_method(rows, &tenant, after.as_ref(), limit)).await
    }

    async fn search_payment_methods(
        &self,
        tenant: &TenantId,
        search: &MethodSearch,
    ) -> Result<Found<PaymentMethod>, StoreError> {
        let (tenant, search) = (tenant.clone(), search.clone());
        self.rows(move |rows| search::payment_methods(rows, &tenant, &search)).await
    }

    async fn payment(&self, tenant: &TenantId, id: &PaymentId) -> Result<Option<Payment>, StoreError> {
        let (tenant, id) = (tenant.clone(), id.clone());
        self.rows(move |rows| read::payment(rows, &tenant, &id)).await
    }

    async fn payments(
        &self,
        tenant: &TenantId,
        search: &PaymentSearch,
    ) -> Result<Found<Payment>, StoreError> {
        let (tenant, search) = (tenant.clone(), search.clone());
        self.rows(move |rows| search::payments(rows, &tenant, &search)).await
    }

    async fn payment_totals(
        &self,
        tenant: &TenantId,
        customer: &CustomerId,
    ) -> Result<PaymentTotals, StoreError> {
        let (tenant, customer) = (tenant.clone(), customer.clone());
        self.rows(move |rows| read::payment_totals(rows, &tenant, &customer)).await
    }

    async fn document(
        &self,
        tenant: &TenantId,
        collection: &str,
        id: &str,
    ) -> Result<Option<Document>, StoreError> {
        let (tenant, collection, id) = (tenant.clone(), collection.to_owned(), id.to_owned());
        self.rows(move |rows| read::document(rows, &tenant, &collection, &id)).await
    }

    async fn documents(
        &self,
        tenant: &TenantId,
        collection: &str,
        limit: u32,
        offset: u32,
    ) -> Result<Found<Document>, StoreError> {
        let (tenant, collection) = (tenant.clone(), collection.to_owned());
        self.rows(move |rows| search::documents(rows, &tenant, &collection, limit, offset)).await
    }

    async fn remembered(&self, tenant: &TenantId, mac: &[u8; 32]) -> Result<Option<Remembered>, StoreError> {
        let (tenant, mac) = (tenant.clone(), *mac);
        self.rows_first(move |rows| read::remembered(rows, &tenant, &mac)).await
    }

    async fn payment_methods(
        &self,
        tenant: &TenantId,
        holding: &Holding,
        page: &Page,
    ) -> Result<Listed<PaymentMethod>, StoreError> {
        let (tenant, holding, page) = (tenant.clone(), holding.clone(), page.clone());
        self.rows(move |rows| read::payment_methods(rows, &tenant, &holding, &page)).await
    }

    async fn token(&self, tenant: &TenantId, mac: &[u8; 32]) -> Result<Option<Token>, StoreError> {
        let (tenant, mac) = (tenant.clone(), *mac);
        self.rows_first(move |rows| read::token(rows, &tenant, &mac)).await
    }

    async fn attempt(&self, tenant: &TenantId, mac: &[u8; 32]) -> Result<Option<Attempt>, StoreError> {
        let (tenant, mac) = (tenant.clone(), *mac);
        self.rows_first(move |rows| read::attempt(rows, &tenant, &mac)).await
    }

    async fn api_key(&self, id: &str) -> Result<Option<ApiKey>, StoreError> {
        let id = id.to_owned();
        self.rows_first(move |rows| read::api_key(rows, &id)).await
    }

    async fn lookup_needs(
        &self,
        tenant: &TenantId,
        version: u32,
        now_ms: i64,
    ) -> Result<LookupNeeds, StoreError> {
        let tenant = tenant.clone();
        self.read(move |connection| {
            read::lookup_needs(&Reader { connection, key: None }, &tenant, version, now_ms)
        })
        .await
    }

    async fn api_keys(&self, tenant: &TenantId) -> Result<Vec<ApiKey>, StoreError> {
        let tenant = tenant.clone();
        self.unguarded(move |rows| read::api_keys(rows, &tenant)).await
    }

    async fn merchants(&self) -> Result<Vec<Merchant>, StoreError> {
        self.unguarded(read::merchants).await
    }

    async fn data_keys(&self, tenant: &TenantId) -> Result<Vec<DataKey>, StoreError> {
        let tenant = tenant.clone();
        // The vault's own are what the rows' key is among; under their names they open for nobody else.
        if tenant == TenantId::vault() {
            return self
                .read_first(move |connection| read::data_keys(&Reader { connection, key: None }, &tenant))
                .await;
        }
        self.unguarded(move |rows| read::data_keys(rows, &tenant)).await
    }

    async fn epoch(&self) -> Result<i64, StoreError> {
        self.rows_first(read::epoch).await
    }

    async fn sealing_keys(&self) -> Result<Vec<SealingKey>, StoreError> {
        self.unguarded(read::sealing_keys).await
    }
}
