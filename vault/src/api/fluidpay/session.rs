//! One authenticated request at work: reads a customer whole, changes it under its version, shows it.

use axum::http::StatusCode;
use base64ct::{Base64, Encoding};

use super::failure::Failure;
use super::record::{self, MethodView, RecordAnswer};
use crate::api::patience::Patience;
use crate::domain::{Address, Customer, CustomerId, PaymentMethod, PaymentMethodId, TenantId};
use crate::keyring::Fixed;
use crate::store::{Change, CustomerRecord, StoreError};
use crate::vaulting::{Shown, Vaulting};

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
    /// Reads a customer with its addresses and payment methods, all as they were at one moment.
    ///
    /// # Errors
    /// 404 if there is none of this id for this merchant.
    pub(super) async fn held(&self, id: &CustomerId) -> Result<Held, Failure> {
        let record = self.vaulting.store().customer_record(&self.tenant, id).await?;
        record.map(Held::from).ok_or_else(|| Failure::not_found("customer"))
    }

    /// Changes a customer: reads it, composes the changes, applies them if it is still the same, and
    /// begins again, after a while drawn at random, if it is not. Answers with the customer as it is
    /// afterwards.
    ///
    /// Nothing can fail once the changes are applied: a caller who was told of a failure would send them
    /// again. So the answer is made of what was read before and of the changes themselves.
    ///
    /// # Errors
    /// What `compose` refuses, what the store reports, and 409 if others are faster all the time; nothing
    /// was stored then.
    pub(super) async fn revise(
        &self,
        id: &CustomerId,
        compose: impl Fn(&Held) -> Result<Revision, Failure> + Send,
    ) -> Result<RecordAnswer, Failure> {
        let mut patience = Patience::new(self.vaulting.random());
        loop {
            let held = self.held(id).await?;
            let Revision { mut customer, before, after } = compose(&held)?;
            // Never before the last change: `updated_at` must not run backwards when the clock does.
            customer.updated_at_ms = self.vaulting.now_ms().max(held.customer.updated_at_ms);
            let changes: Vec<Change> =
                before.into_iter().chain([Change::UpdateCustomer(customer)]).chain(after).collect();
            match self.vaulting.apply(&self.tenant, changes.clone()).await {
                Ok(_) => return Ok(self.answer(&held.changed_by(changes))),
                Err(StoreError::CustomerChanged | StoreError::PaymentMethodChanged) => {
                    patience.wait().await.ok_or_else(|| {
                        Failure::plain(
                            StatusCode::CONFLICT,
                            "changed_meanwhile",
                            "merchant",
                            "the customer was changed by other requests at the same time; nothing was stored, try again",
                        )
                    })?;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The answer that shows a customer. It never fails: what cannot be read is left empty.
    pub(super) fn answer(&self, held: &Held) -> RecordAnswer {
        let methods: Vec<MethodView<'_>> = held
            .methods
            .iter()
            .map(|method| MethodView { method, masked_number: self.masked_number(method) })
            .collect();
        let addresses: Vec<_> =
            held.addresses.iter().map(|address| (address, self.address_hash(address))).collect();
        record::answer(self.tenant.as_str(), &held.customer, &addresses, &methods)
    }

    /// The masked number of a payment method, if it can be read.
    fn masked_number(&self, method: &PaymentMethod) -> Option<String> {
        match self.vaulting.shown(&self.tenant, method) {
            Ok(Shown::Readable { masked_number, .. }) => Some(masked_number),
            Ok(Shown::Unreadable) => None,
            Err(error) => {
                tracing::error!(%error, "a stored payment method cannot be shown");
                None
            }
        }
    }

    /// The keyed hash of an address's content, as base64: equal for equal addresses of this merchant.
    fn address_hash(&self, address: &Address) -> String {
        match self.vaulting.keys(&self.tenant) {
            Ok(keys) => {
                Base64::encode_string(&keys.fixed_mac(Fixed::FluidpayAddress, &record::content(address)))
            }
            Err(error) => {
                tracing::error!(%error, "an address cannot be hashed");
                String::new()
            }
        }
    }
}

impl From<CustomerRecord> for Held {
    fn from(record: CustomerRecord) -> Self {
        let CustomerRecord { customer, addresses, payment_methods } = record;
        Self { customer, addresses, methods: payment_methods }
    }
}

impl Held {
    /// The payment method of an id, if it is this customer's.
    pub(super) fn method(&self, id: &PaymentMethodId) -> Option<&PaymentMethod> {
        self.methods.iter().find(|method| method.id == *id)
    }

    /// The customer after changes to it have been applied.
    pub(super) fn changed_by(mut self, changes: Vec<Change>) -> Self {
        for change in changes {
            match change {
                Change::InsertCustomer(customer) | Change::UpdateCustomer(customer) => {
                    self.customer = customer;
                }
                Change::InsertAddress(address) => self.addresses.push(address),
                Change::UpdateAddress(address) => {
                    if let Some(kept) = self.addresses.iter_mut().find(|kept| kept.id == address.id) {
                        *kept = address;
                    }
                }
                Change::DeleteAddress { id, .. } => self.addresses.retain(|kept| kept.id != id),
                Change::InsertPaymentMethod(method) => self.methods.push(method),
                Change::UpdatePaymentMethod(method) => {
                    if let Some(kept) = self.methods.iter_mut().find(|kept| kept.id == method.id) {
                        *kept = method;
                    }
                }
                Change::DeletePaymentMethod { id, .. } => self.methods.retain(|kept| kept.id != id),
                // No operation of this face makes one of these, or it shows in no record.
                Change::InsertToken(_)
                | Change::SpendToken { .. }
                | Change::InsertAttempt(_)
                | Change::DeleteCustomer(_)
                | Change::ArchiveCustomer { .. }
                | Change::ArchivePaymentMethod { .. }
                | Change::InsertPayment(_)
                | Change::InsertDocument(_)
                | Change::ReplaceDocument(_)
                | Change::DeleteDocument { .. }
                | Change::Remember { .. }
                | Change::DefaultPaymentMethod { .. }
                | Change::DefaultPaymentMethodIfNone { .. }
                | Change::AttachPaymentMethod { .. }
                | Change::SweepExpired { .. }
                | Change::InsertMerchant(_)
                | Change::InsertKey(_)
                | Change::SetOrigins { .. }
                | Change::ExpireKey { .. }
                | Change::RevokeKey { .. }
                | Change::InsertSealingKey(_)
                | Change::DeleteSealingKeys { .. }
                | Change::SignSealingKey { .. }
                | Change::InsertDataKey(_)
                | Change::BeginEpoch { .. }
                | Change::RewrapDataKey { .. }
                | Change::RewrapSealingKey { .. }
                | Change::ResealPaymentMethod { .. }
                | Change::DestroyEncryptionKey { .. }
                | Change::RehashKey { .. }
                | Change::RefingerprintPaymentMethod { .. }
                | Change::DestroyLookupKey { .. }
                | Change::HashRows(_)
                | Change::RehashRows(_)
                | Change::DestroyRowKey { .. } => {}
            }
        }
        self
    }
}
