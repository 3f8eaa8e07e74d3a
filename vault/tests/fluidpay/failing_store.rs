//! A store whose disk fails right after a commit, or whose customers somebody else always changes first.
#![allow(dead_code, reason = "each test program uses its own part of this")]

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use async_trait::async_trait;
use vault::audit::{AuditRow, Place};
use vault::domain::{
    Address, AddressId, ApiKey, Customer, CustomerId, Document, Holding, Merchant, MethodSearch, Payment,
    PaymentId, PaymentMethod, PaymentMethodId, PaymentSearch, PaymentTotals, Search, TenantId, Token,
};
use vault::keyring::{AuditKey, RowKey};
use vault::store::{
    Attempt, Change, CustomerRecord, DataKey, Found, Listed, LivePlace, LiveRow, LookupNeeds, Page,
    Remembered, SealingKey, Store, StoreError,
};
use vault::vaulting::Vaulting;

/// The store of another vault, of which every read fails after a write, once [`FailingStore::arm`] was
/// called.
pub struct FailingStore {
    inner: Vaulting,
    armed: AtomicBool,
    failed: AtomicBool,
    contended: AtomicBool,
    refused: AtomicU32,
    hides: AtomicBool,
}

impl FailingStore {
    pub fn new(inner: Vaulting) -> Self {
        Self {
            inner,
            armed: AtomicBool::new(false),
            failed: AtomicBool::new(false),
            contended: AtomicBool::new(false),
            refused: AtomicU32::new(0),
            hides: AtomicBool::new(false),
        }
    }

    /// From the next write on, no read works.
    pub fn arm(&self) {
        self.armed.store(true, Ordering::SeqCst);
    }

    /// The next look for an attempt is as if it had come a moment before there was one.
    pub fn hide_attempt(&self) {
        self.hides.store(true, Ordering::SeqCst);
    }

    /// Everything works again. Tells whether reads were failing.
    pub fn mend(&self) -> bool {
        self.armed.store(false, Ordering::SeqCst);
        self.failed.swap(false, Ordering::SeqCst)
    }

    /// From now on, every write comes too late.
    pub fn contend(&self) {
        self.contended.store(true, Ordering::SeqCst);
    }

    /// How many writes came too late.
    pub fn refused(&self) -> u32 {
        self.refused.load(Ordering::SeqCst)
    }

    fn readable(&self) -> Result<&dyn Store, StoreError> {
        if self.failed.load(Ordering::SeqCst) { Err(StoreError::Unavailable) } else { Ok(self.inner.store()) }
    }
}

#[async_trait]
impl Store for FailingStore {
    fn record_with(&self, key: AuditKey) {
        self.inner.store().record_with(key);
    }

    fn guard_with(&self, key: RowKey) {
        self.inner.store().guard_with(key);
    }

    async fn live_rows(&self, after: Option<&LivePlace>, limit: u32) -> Result<Vec<LiveRow>, StoreError> {
        self.readable()?.live_rows(after, limit).await
    }

    async fn older_rows(&self, after: Option<&LivePlace>, limit: u32) -> Result<Vec<LiveRow>, StoreError> {
        self.readable()?.older_rows(after, limit).await
    }

    async fn row_needs(&self, version: u32) -> Result<u64, StoreError> {
        self.readable()?.row_needs(version).await
    }

    async fn audit_rows(&self, after: Option<&Place>, limit: u32) -> Result<Vec<AuditRow>, StoreError> {
        self.readable()?.audit_rows(after, limit).await
    }

    async fn apply(&self, tenant: &TenantId, changes: Vec<Change>) -> Result<u64, StoreError> {
        if self.contended.load(Ordering::SeqCst) {
            self.refused.fetch_add(1, Ordering::SeqCst);
            return Err(StoreError::CustomerChanged);
        }
        let rows = self.inner.store().apply(tenant, changes).await?;
        self.failed.store(self.armed.load(Ordering::SeqCst), Ordering::SeqCst);
        Ok(rows)
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.readable()?.check().await
    }

    async fn customer(&self, tenant: &TenantId, id: &CustomerId) -> Result<Option<Customer>, StoreError> {
        self.readable()?.customer(tenant, id).await
    }

    async fn customer_record(
        &self,
        tenant: &TenantId,
        id: &CustomerId,
    ) -> Result<Option<CustomerRecord>, StoreError> {
        self.readable()?.customer_record(tenant, id).await
    }

    async fn any_customer(&self, tenant: &TenantId, id: &CustomerId) -> Result<Option<Customer>, StoreError> {
        self.readable()?.any_customer(tenant, id).await
    }

    async fn whole_customer_record(
        &self,
        tenant: &TenantId,
        id: &CustomerId,
    ) -> Result<Option<CustomerRecord>, StoreError> {
        self.readable()?.whole_customer_record(tenant, id).await
    }

    async fn customers(&self, tenant: &TenantId, page: &Page) -> Result<Listed<Customer>, StoreError> {
        self.readable()?.customers(tenant, page).await
    }

    async fn search_customers(
        &self,
        tenant: &TenantId,
        search: &Search,
    ) -> Result<Found<Customer>, StoreError> {
        self.readable()?.search_customers(tenant, search).await
    }

    async fn addresses(&self, tenant: &TenantId, customer: &CustomerId) -> Result<Vec<Address>, StoreError> {
        self.readable()?.addresses(tenant, customer).await
    }

    async fn address(
        &self,
        tenant: &TenantId,
        customer: &CustomerId,
        id: &AddressId,
    ) -> Result<Option<Address>, StoreError> {
        self.readable()?.address(tenant, customer, id).await
    }

    async fn payment_method(
        &self,
        tenant: &TenantId,
        id: &PaymentMethodId,
    ) -> Result<Option<PaymentMethod>, StoreError> {
        self.readable()?.payment_method(tenant, id).await
    }

    async fn any_payment_method(
        &self,
        tenant: &TenantId,
        id: &PaymentMethodId,
    ) -> Result<Option<PaymentMethod>, StoreError> {
        self.readable()?.any_payment_method(tenant, id).await
    }

    async fn every_payment_method(
        &self,
        tenant: &TenantId,
        after: Option<&PaymentMethodId>,
        limit: u32,
    ) -> Result<Vec<PaymentMethod>, StoreError> {
        self.readable()?.every_payment_method(tenant, after, limit).await
    }

    async fn search_payment_methods(
        &self,
        tenant: &TenantId,
        search: &MethodSearch,
    ) -> Result<Found<PaymentMethod>, StoreError> {
        self.readable()?.search_payment_methods(tenant, search).await
    }

    async fn payment(&self, tenant: &TenantId, id: &PaymentId) -> Result<Option<Payment>, StoreError> {
        self.readable()?.payment(tenant, id).await
    }

    async fn payments(
        &self,
        tenant: &TenantId,
        search: &PaymentSearch,
    ) -> Result<Found<Payment>, StoreError> {
        self.readable()?.payments(tenant, search).await
    }

    async fn payment_totals(
        &self,
        tenant: &TenantId,
        customer: &CustomerId,
    ) -> Result<PaymentTotals, StoreError> {
        self.readable()?.payment_totals(tenant, customer).await
    }

    async fn document(
        &self,
        tenant: &TenantId,
        collection: &str,
        id: &str,
    ) -> Result<Option<Document>, StoreError> {
        self.readable()?.document(tenant, collection, id).await
    }

    async fn documents(
        &self,
        tenant: &TenantId,
        collection: &str,
        limit: u32,
        offset: u32,
    ) -> Result<Found<Document>, StoreError> {
        self.readable()?.documents(tenant, collection, limit, offset).await
    }

    async fn remembered(&self, tenant: &TenantId, mac: &[u8; 32]) -> Result<Option<Remembered>, StoreError> {
        self.readable()?.remembered(tenant, mac).await
    }

    async fn payment_methods(
        &self,
        tenant: &TenantId,
        holding: &Holding,
        page: &Page,
    ) -> Result<Listed<PaymentMethod>, StoreError> {
        self.readable()?.payment_methods(tenant, holding, page).await
    }

    async fn token(&self, tenant: &TenantId, mac: &[u8; 32]) -> Result<Option<Token>, StoreError> {
        self.readable()?.token(tenant, mac).await
    }

    async fn attempt(&self, tenant: &TenantId, mac: &[u8; 32]) -> Result<Option<Attempt>, StoreError> {
        if self.hides.swap(false, Ordering::SeqCst) {
            return Ok(None);
        }
        self.readable()?.attempt(tenant, mac).await
    }

    async fn api_key(&self, id: &str) -> Result<Option<ApiKey>, StoreError> {
        self.readable()?.api_key(id).await
    }

    async fn lookup_needs(
        &self,
        tenant: &TenantId,
        version: u32,
        now_ms: i64,
    ) -> Result<LookupNeeds, StoreError> {
        self.readable()?.lookup_needs(tenant, version, now_ms).await
    }

    async fn api_keys(&self, tenant: &TenantId) -> Result<Vec<ApiKey>, StoreError> {
        self.readable()?.api_keys(tenant).await
    }

    async fn merchants(&self) -> Result<Vec<Merchant>, StoreError> {
        self.readable()?.merchants().await
    }

    async fn data_keys(&self, tenant: &TenantId) -> Result<Vec<DataKey>, StoreError> {
        self.readable()?.data_keys(tenant).await
    }

    async fn epoch(&self) -> Result<i64, StoreError> {
        self.readable()?.epoch().await
    }

    async fn sealing_keys(&self) -> Result<Vec<SealingKey>, StoreError> {
        self.readable()?.sealing_keys().await
    }
}
