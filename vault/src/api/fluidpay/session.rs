//! One authenticated request at work: reads a customer whole, changes it under its version, shows it.

use axum::http::StatusCode;
use base64ct::{Base64, Encoding};

use super::failure::Failure;
use super::record::{self, MethodView, RecordAnswer};
use crate::domain::{Address, Customer, CustomerId, Holding, PaymentMethod, PaymentMethodId, TenantId};
use crate::store::{Change, Page, StoreError};
use crate::vaulting::Vaulting;

/// How often a change is composed anew when somebody else was faster. At least one writer of each round
/// succeeds, so this is also how many may write to one customer at once.
const MAX_TRIES: u32 = 24;

/// How many payment methods are read at once.
const METHODS_PER_PAGE: u32 = 200;

/// What names the key of address hashes; no idempotency key can be spelled like it.
const ADDRESS_HASH: &str = "fluidpay/address-hash/v1";

/// The merchant and the vault, for the time of one request.
pub(super) struct Session<'a> {
    pub(super) vaulting: &'a Vaulting,
    pub(super) tenant: TenantId,
}

/// A customer with everything that belongs to it, as it was when it was read.
pub(super) struct Held {
    pub(super) customer: Customer,
    /// Oldest first.
    pub(super) addresses: Vec<Address>,
    /// Oldest first.
    pub(super) methods: Vec<PaymentMethod>,
}

/// What a request makes of a customer.
pub(super) struct Revision {
    /// The customer as it shall be; its version is the one that was read.
    pub(super) customer: Customer,
    /// What comes before the customer's own update: spending, adding, replacing. A default must exist
    /// when it is set.
    pub(super) before: Vec<Change>,
    /// What comes after it: deleting.
    pub(super) after: Vec<Change>,
}

impl Session<'_> {
    /// Reads a customer with its addresses and payment methods.
    ///
    /// # Errors
    /// 404 if there is none of this id for this merchant.
    pub(super) async fn held(&self, id: &CustomerId) -> Result<Held, Failure> {
        let customer = self.vaulting.store().customer(&self.tenant, id).await?;
        let Some(customer) = customer else { return Err(Failure::not_found("customer")) };
        self.complete(customer).await
    }

    /// Reads what belongs to a customer.
    ///
    /// # Errors
    /// What the store reports.
    pub(super) async fn complete(&self, customer: Customer) -> Result<Held, Failure> {
        let store = self.vaulting.store();
        let addresses = store.addresses(&self.tenant, &customer.id).await?;
        let holding = Holding::Customer(customer.id.clone());
        let mut methods = Vec::new();
        let mut after = None;
        loop {
            let page = Page { limit: METHODS_PER_PAGE, after };
            let listed = store.payment_methods(&self.tenant, &holding, &page).await?;
            after = listed.items.last().map(|method| method.id.to_string());
            methods.extend(listed.items);
            if !listed.has_more {
                break;
            }
        }
        methods.reverse();
        Ok(Held { customer, addresses, methods })
    }

    /// Changes a customer: reads it, composes the changes, applies them if it is still the same, and
    /// begins again if it is not. Answers with the customer as it is afterwards.
    ///
    /// # Errors
    /// What `compose` refuses, what the store reports, and 409 if others are faster every time.
    pub(super) async fn revise(
        &self,
        id: &CustomerId,
        compose: impl Fn(&Held) -> Result<Revision, Failure> + Send,
    ) -> Result<RecordAnswer, Failure> {
        for _ in 0..MAX_TRIES {
            let held = self.held(id).await?;
            let Revision { mut customer, before, after } = compose(&held)?;
            // Never before the last change: `updated_at` must not run backwards when the clock does.
            customer.updated_at_ms = self.vaulting.now_ms().max(held.customer.updated_at_ms);
            let changes = before.into_iter().chain([Change::UpdateCustomer(customer)]).chain(after).collect();
            match self.vaulting.store().apply(&self.tenant, changes).await {
                Ok(_) => return self.answer(&self.held(id).await?),
                Err(StoreError::CustomerChanged | StoreError::PaymentMethodChanged) => {
                    tokio::task::yield_now().await;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::plain(
            StatusCode::CONFLICT,
            "changed_meanwhile",
            "merchant",
            "the customer was changed by other requests at the same time; nothing was stored, try again",
        ))
    }

    /// The answer that shows a customer.
    ///
    /// # Errors
    /// 500 if a stored payment method does not open.
    pub(super) fn answer(&self, held: &Held) -> Result<RecordAnswer, Failure> {
        let mut methods = Vec::with_capacity(held.methods.len());
        for method in &held.methods {
            let masked_number = self.vaulting.masked_number(&self.tenant, method)?;
            methods.push(MethodView { method, masked_number });
        }
        let mut addresses = Vec::with_capacity(held.addresses.len());
        for address in &held.addresses {
            addresses.push((address, self.address_hash(address)?));
        }
        Ok(record::answer(self.tenant.as_str(), &held.customer, &addresses, &methods))
    }

    /// The keyed hash of an address's content, as base64: equal for equal addresses of this merchant.
    fn address_hash(&self, address: &Address) -> Result<String, Failure> {
        let parts = record::content(address);
        let hash = self.vaulting.keys(&self.tenant)?.attempt_digest(ADDRESS_HASH, &parts);
        Ok(Base64::encode_string(&hash))
    }
}

impl Held {
    /// The payment method of an id, if it is this customer's.
    pub(super) fn method(&self, id: &PaymentMethodId) -> Option<&PaymentMethod> {
        self.methods.iter().find(|method| method.id == *id)
    }
}
