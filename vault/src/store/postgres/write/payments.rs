//! Writing payments.

use super::{Failure, Rows};
use crate::{
    domain::{CustomerId, Payment, PaymentMethodId},
    store::{
        StoreError,
        postgres::{hashes::Value, row},
        tables::PAYMENT,
    },
};

impl Rows<'_> {
    /// Nothing is locked: a payment stays when its customer or its method goes, so to go at the same
    /// moment is the same as to go right after.
    pub(super) async fn insert_payment(&self, payment: &Payment) -> Result<u64, Failure> {
        if let Some(customer) = &payment.customer_id {
            self.customer_exists(customer).await?;
        }
        if let Some(method) = &payment.payment_method_id {
            self.payment_method_exists(method).await?;
        }
        let values = [
            Value::plain(self.tenant),
            Value::text(payment.id.as_str()),
            Value::plain(payment.face.as_str()),
            Value::optional(payment.customer_id.as_ref().map(CustomerId::as_str)),
            Value::optional(payment.payment_method_id.as_ref().map(PaymentMethodId::as_str)),
            Value::plain(payment.kind.as_str()),
            Value::Integer(payment.amount.minor),
            Value::plain(payment.amount.currency.as_str()),
            Value::plain(payment.capture.as_str()),
            Value::plain(payment.outcome.code()),
            Value::text(&payment.processor),
            Value::optional(payment.reference.as_deref()),
            Value::optional(payment.description.as_deref()),
            Value::plain(row::to_json(&payment.metadata)?),
            Value::plain(row::to_json(&payment.extra)?),
            Value::Integer(payment.created_at_ms),
        ];
        self.must_insert(&PAYMENT, &values, StoreError::PaymentExists).await
    }
}
