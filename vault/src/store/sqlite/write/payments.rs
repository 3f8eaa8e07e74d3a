//! Writing payments.

use rusqlite::named_params;

use super::{Failure, Rows};
use crate::{
    domain::{CustomerId, Payment, PaymentMethodId},
    store::{StoreError, sqlite::row},
};

impl Rows<'_> {
    pub(super) fn insert_payment(&self, payment: &Payment) -> Result<u64, Failure> {
        if let Some(customer) = &payment.customer_id {
            self.customer_exists(customer)?;
        }
        if let Some(method) = &payment.payment_method_id {
            self.payment_method_exists(method)?;
        }
        self.must_touch(
            "INSERT INTO payment (tenant_id, id, face, customer_id, payment_method_id, kind, amount_minor, currency,
                capture, outcome, processor, reference, description, metadata, extra, created_at_ms)
             VALUES (:tenant, :id, :face, :customer, :method, :kind, :minor, :currency,
                :capture, :outcome, :processor, :reference, :description, :metadata, :extra, :created)
             ON CONFLICT DO NOTHING",
            named_params! {
                ":tenant": self.tenant, ":id": payment.id.as_str(), ":face": payment.face.as_str(),
                ":customer": payment.customer_id.as_ref().map(CustomerId::as_str),
                ":method": payment.payment_method_id.as_ref().map(PaymentMethodId::as_str),
                ":kind": payment.kind.as_str(), ":minor": payment.amount.minor,
                ":currency": payment.amount.currency.as_str(), ":capture": payment.capture.as_str(),
                ":outcome": payment.outcome.code(), ":processor": payment.processor,
                ":reference": payment.reference, ":description": payment.description,
                ":metadata": row::to_json(&payment.metadata)?, ":extra": row::to_json(&payment.extra)?,
                ":created": payment.created_at_ms,
            },
            StoreError::PaymentExists,
        )
    }
}
