//! Where the vault keeps what it must not lose: the trait every back end fulfils.
//!
//! Everything is read by small questions and written by one: [`Store::apply`] takes a list of
//! [`Change`]s and carries out all of them, in order, or none. A face composes its changes (spend this
//! token, insert this payment method, insert this customer) and one transaction does the rest. Every
//! change has its own guard and its own error, so that nothing is ever half done or done twice. The same transaction
//! records what was done, for whom the request was: see [`audit`](crate::audit).

mod believed;
mod change;
mod cursor;
mod epoch;
mod error;
mod lookups;
mod marks;
pub mod postgres;
mod record;
mod recorder;
pub mod sqlite;
mod suite;
mod tables;
mod turns;

use async_trait::async_trait;

use crate::audit::{AuditRow, Place};
use crate::domain::{
    Address, AddressId, ApiKey, Customer, CustomerId, Document, Holding, Merchant, MethodSearch, Payment,
    PaymentId, PaymentMethod, PaymentMethodId, PaymentSearch, PaymentTotals, Search, TenantId, Token,
};
use crate::keyring::{AuditKey, RowKey};

/// What is done about a schema that is older than the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Migration {
    /// It is brought up to date.
    Run,
    /// The program does not start.
    Refuse,
}

pub use change::Change;
pub use error::StoreError;
pub use marks::{Mark, Marks, Step, mark};
pub use record::{
    Attempt, CustomerRecord, DataKey, DataKeyPurpose, Found, Intact, Listed, LivePlace, LiveRow, LookupNeeds,
    Page, Remembered, SealingKey,
};

/// A back end. `Arc<dyn Store>` is what the rest of the vault knows of it.
///
/// Reads see everything that was acknowledged before them. A `None` or an empty list covers what does not
/// exist, what belongs to another merchant, and, unless the question says otherwise, what is archived.
#[async_trait]
pub trait Store: Send + Sync {
    /// Has everything that is changed from now on recorded, with hashes of this key. Until then nothing can be.
    fn record_with(&self, key: AuditKey);

    /// Has every row that is written from now on carry a hash of the newest version of this key whose time has come, and
    /// believes none without a hash of a version that it has. Until then nothing
    /// is written, and nothing is read but the audit log, wrapped keys, and the lists of merchants and of API keys, which
    /// give nobody any right.
    ///
    /// A row with another hash is logged and fails closed by itself: asked for alone it is [`StoreError::Corrupt`], or, if
    /// it is an API key, not there; lists leave it out; a payment method is there, without what is sealed in it; nothing
    /// but its deletion changes it.
    fn guard_with(&self, key: RowKey);

    /// Applies all changes in order and durably, and records them in the name of [`Author::current`], or none of
    /// it; returns how many rows they touched.
    ///
    /// [`Author::current`]: crate::audit::Author::current
    ///
    /// # Errors
    ///
    /// The error of the first change whose guard does not hold, [`StoreError::Overloaded`] if the
    /// queue is full, [`StoreError::Unavailable`] if nothing can be said to have been kept.
    async fn apply(&self, tenant: &TenantId, changes: Vec<Change>) -> Result<u64, StoreError>;

    /// Rows of the audit log, in the order of their places, from behind a place on.
    ///
    /// # Errors
    ///
    /// As every read.
    async fn audit_rows(&self, after: Option<&Place>, limit: u32) -> Result<Vec<AuditRow>, StoreError>;

    /// Rows that are there now, with the marks of their hashes, in the order of their places, from behind a place on.
    ///
    /// # Errors
    ///
    /// As every read.
    async fn live_rows(&self, after: Option<&LivePlace>, limit: u32) -> Result<Vec<LiveRow>, StoreError>;

    /// Those of them whose hash names an older version of its key than the one that is written with, or none.
    ///
    /// # Errors
    ///
    /// As every read.
    async fn older_rows(&self, after: Option<&LivePlace>, limit: u32) -> Result<Vec<LiveRow>, StoreError>;

    /// How many rows have a hash that names a version of its key. Nothing of the rows is believed: they are counted.
    ///
    /// # Errors
    ///
    /// As every read.
    async fn row_needs(&self, version: u32) -> Result<u64, StoreError>;

    /// Whether the store takes writes.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] if it does not.
    async fn check(&self) -> Result<(), StoreError>;

    /// One customer.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`], as for every read.
    async fn customer(&self, tenant: &TenantId, id: &CustomerId) -> Result<Option<Customer>, StoreError>;

    /// One customer with all its addresses and payment methods, read at one moment: no write of anybody
    /// else lies between its parts.
    ///
    /// # Errors
    ///
    /// As every read.
    async fn customer_record(
        &self,
        tenant: &TenantId,
        id: &CustomerId,
    ) -> Result<Option<CustomerRecord>, StoreError>;

    /// One customer, archived or not.
    ///
    /// # Errors
    ///
    /// As every read.
    async fn any_customer(&self, tenant: &TenantId, id: &CustomerId) -> Result<Option<Customer>, StoreError>;

    /// One customer, archived or not, with all its addresses and all its payment methods, archived or not,
    /// read at one moment.
    ///
    /// # Errors
    ///
    /// As every read.
    async fn whole_customer_record(
        &self,
        tenant: &TenantId,
        id: &CustomerId,
    ) -> Result<Option<CustomerRecord>, StoreError>;

    /// Customers, newest first.
    ///
    /// # Errors
    ///
    /// As every read, and [`StoreError::CursorUnknown`] if the page starts after what is
    /// neither a place in a list nor an item.
    async fn customers(&self, tenant: &TenantId, page: &Page) -> Result<Listed<Customer>, StoreError>;

    /// The customers that fit a search, newest first, and how many there are in all.
    ///
    /// # Errors
    ///
    /// As every read.
    async fn search_customers(
        &self,
        tenant: &TenantId,
        search: &Search,
    ) -> Result<Found<Customer>, StoreError>;

    /// All addresses of a customer, oldest first.
    ///
    /// # Errors
    ///
    /// As every read.
    async fn addresses(&self, tenant: &TenantId, customer: &CustomerId) -> Result<Vec<Address>, StoreError>;

    /// One address of a customer.
    ///
    /// # Errors
    ///
    /// As every read.
    async fn address(
        &self,
        tenant: &TenantId,
        customer: &CustomerId,
        id: &AddressId,
    ) -> Result<Option<Address>, StoreError>;

    /// One payment method.
    ///
    /// # Errors
    ///
    /// As every read.
    async fn payment_method(
        &self,
        tenant: &TenantId,
        id: &PaymentMethodId,
    ) -> Result<Option<PaymentMethod>, StoreError>;

    /// One payment method, archived or not.
    ///
    /// # Errors
    ///
    /// As every read.
    async fn any_payment_method(
        &self,
        tenant: &TenantId,
        id: &PaymentMethodId,
    ) -> Result<Option<PaymentMethod>, StoreError>;

    /// The payment methods that fit a search, and how many there are in all.
    ///
    /// # Errors
    ///
    /// As every read.
    async fn search_payment_methods(
        &self,
        tenant: &TenantId,
        search: &MethodSearch,
    ) -> Result<Found<PaymentMethod>, StoreError>;

    /// One payment.
    ///
    /// # Errors
    ///
    /// As every read.
    async fn payment(&self, tenant: &TenantId, id: &PaymentId) -> Result<Option<Payment>, StoreError>;

    /// The payments that fit a search, and how many there are in all.
    ///
    /// # Errors
    ///
    /// As every read.
    async fn payments(&self, tenant: &TenantId, search: &PaymentSearch)
    -> Result<Found<Payment>, StoreError>;

    /// What the payments of a customer come to.
    ///
    /// # Errors
    ///
    /// As every read.
    async fn payment_totals(
        &self,
        tenant: &TenantId,
        customer: &CustomerId,
    ) -> Result<PaymentTotals, StoreError>;

    /// One document of a collection.
    ///
    /// # Errors
    ///
    /// As every read.
    async fn document(
        &self,
        tenant: &TenantId,
        collection: &str,
        id: &str,
    ) -> Result<Option<Document>, StoreError>;

    /// Documents of a collection, newest first, and how many there are in all.
    ///
    /// # Errors
    ///
    /// As every read.
    async fn documents(
        &self,
        tenant: &TenantId,
        collection: &str,
        limit: u32,
        offset: u32,
    ) -> Result<Found<Document>, StoreError>;

    /// A kept answer, by the keyed hash of its idempotency key, good or not.
    ///
    /// # Errors
    ///
    /// As every read.
    async fn remembered(&self, tenant: &TenantId, mac: &[u8; 32]) -> Result<Option<Remembered>, StoreError>;

    /// Payment methods, newest first.
    ///
    /// # Errors
    ///
    /// As every read, and [`StoreError::CursorUnknown`] if the page starts after what is
    /// neither a place in a list nor an item.
    async fn payment_methods(
        &self,
        tenant: &TenantId,
        holding: &Holding,
        page: &Page,
    ) -> Result<Listed<PaymentMethod>, StoreError>;

    /// Payment methods by their ids, archived or not, from behind an id on: for who goes through all of them.
    ///
    /// # Errors
    ///
    /// As every read.
    async fn every_payment_method(
        &self,
        tenant: &TenantId,
        after: Option<&PaymentMethodId>,
        limit: u32,
    ) -> Result<Vec<PaymentMethod>, StoreError>;

    /// A token by the keyed hash of its text.
    ///
    /// # Errors
    ///
    /// As every read.
    async fn token(&self, tenant: &TenantId, mac: &[u8; 32]) -> Result<Option<Token>, StoreError>;

    /// An attempt to issue a token, by the keyed hash of its idempotency key.
    ///
    /// # Errors
    ///
    /// As every read.
    async fn attempt(&self, tenant: &TenantId, mac: &[u8; 32]) -> Result<Option<Attempt>, StoreError>;

    /// An API key by its id part, which says whose it is.
    ///
    /// # Errors
    ///
    /// As every read.
    async fn api_key(&self, id: &str) -> Result<Option<ApiKey>, StoreError>;

    /// The API keys of a merchant, oldest first, whether they are good or not.
    ///
    /// # Errors
    ///
    /// As every read.
    async fn api_keys(&self, tenant: &TenantId) -> Result<Vec<ApiKey>, StoreError>;

    /// Every merchant.
    ///
    /// # Errors
    ///
    /// As every read.
    async fn merchants(&self) -> Result<Vec<Merchant>, StoreError>;

    /// The wrapped data keys of a merchant.
    ///
    /// # Errors
    ///
    /// As every read.
    async fn data_keys(&self, tenant: &TenantId) -> Result<Vec<DataKey>, StoreError>;

    /// How many rows of a merchant need a version of its look-up key.
    ///
    /// # Errors
    ///
    /// As every read.
    async fn lookup_needs(
        &self,
        tenant: &TenantId,
        version: u32,
        now_ms: i64,
    ) -> Result<LookupNeeds, StoreError>;

    /// The epoch it is: how often what was unspent was declared over.
    ///
    /// # Errors
    ///
    /// As every read.
    async fn epoch(&self) -> Result<i64, StoreError>;

    /// The wrapped sealing keys, newest first.
    ///
    /// # Errors
    ///
    /// As every read.
    async fn sealing_keys(&self) -> Result<Vec<SealingKey>, StoreError>;
}
