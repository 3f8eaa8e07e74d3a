//! Writing payments.

use super::{Failure, Rows};
use crate::{
    domain::{CustomerId, Payment, PaymentMethodId},
    store::{
        StoreError,
        postgres::{
            row,
            text::{optional, stored},
        },
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
        self.must_touch(
            "INSERT INTO payment (tenant_id, id, face, customer_id, payment_method_id, kind, amount_minor, currency,
                capture, outcome, processor, reference, description, metadata, extra, created_at_ms)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
             ON CONFLICT DO NOTHING",
            &[
                &self.tenant,
                &stored(payment.id.as_str()),
                &payment.face.as_str(),
                &optional(payment.customer_id.as_ref().map(CustomerId::as_str)),
                &optional(payment.payment_method_id.as_ref().map(PaymentMethodId::as_str)),
                &payment.kind.as_str(),
                &payment.amount.minor,
                &payment.amount.currency.as_str(),
                &payment.capture.as_str(),
                &payment.outcome.code(),
                &stored(&payment.processor),
                &optional(payment.reference.as_deref()),
                &optional(payment.description.as_deref()),
                &row::to_json(&payment.metadata)?,
                &row::to_json(&payment.extra)?,
                &payment.created_at_ms,
            ],
            StoreError::PaymentExists,
        )
        .await
    }
}
