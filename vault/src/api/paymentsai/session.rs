//! One authenticated request at work: the merchant, the vault, and what only this face knows of a record.

use serde_json::{Map, Value};

use super::failure::Failure;
use crate::domain::{CustomerId, Face, PaymentMethod, PaymentMethodId, TenantId};
use crate::random;
use crate::store::CustomerRecord;
use crate::vaulting::Vaulting;

/// The merchant and the vault, for the time of one request.
pub(super) struct Session<'a> {
    pub(super) vaulting: &'a Vaulting,
    pub(super) tenant: TenantId,
}

impl Session<'_> {
    /// A customer with everything that belongs to it, deleted or not, read at one moment.
    ///
    /// # Errors
    /// 404 if there is none of this id in this organization.
    pub(super) async fn held(&self, id: &CustomerId) -> Result<CustomerRecord, Failure> {
        let record = self.vaulting.store().whole_customer_record(&self.tenant, id).await?;
        record.ok_or_else(|| Failure::not_found("customer"))
    }

    /// The same, for what a deleted customer cannot have any more.
    ///
    /// # Errors
    /// 404, or 409 `customer_deleted`.
    pub(super) async fn active(&self, id: &CustomerId) -> Result<CustomerRecord, Failure> {
        let record = self.held(id).await?;
        if record.customer.archived_at_ms.is_some() {
            return Err(deleted());
        }
        Ok(record)
    }

    /// A new id in the form of the gateway's samples.
    ///
    /// # Errors
    /// 500 if there are no random bytes.
    pub(super) fn uuid(&self) -> Result<String, Failure> {
        Ok(random::uuid_v4(self.vaulting.random()).map_err(crate::problem::Problem::from)?)
    }
}

/// The payment method of an id, deactivated or not, if it is one of the customer's.
pub(super) fn method<'a>(record: &'a CustomerRecord, id: &PaymentMethodId) -> Option<&'a PaymentMethod> {
    record.payment_methods.iter().find(|method| method.id == *id)
}

/// The refusal of a new operation on a deleted customer.
pub(super) fn deleted() -> Failure {
    Failure::conflict(
        "customer_deleted",
        "this customer is deleted: its records can be read, and nothing new can be done with it",
    )
}

/// What only this face knows of a record.
pub(super) fn own(extra: &Map<String, Value>) -> Map<String, Value> {
    match extra.get(Face::PaymentsAi.as_str()) {
        Some(Value::Object(own)) => own.clone(),
        _ => Map::new(),
    }
}

/// Puts what only this face knows into a record, beside what the others know.
pub(super) fn set_own(extra: &mut Map<String, Value>, own: Map<String, Value>) {
    let name = Face::PaymentsAi.as_str();
    if own.is_empty() {
        extra.remove(name);
    } else {
        extra.insert(name.to_owned(), Value::Object(own));
    }
}
