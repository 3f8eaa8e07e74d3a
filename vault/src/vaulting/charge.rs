//! Asking the processor for money.

use serde_json::{Map, Value};

use super::{Checked, OpenedCode, OpenedToken, Vaulting, VaultingError};
use crate::domain::{
    Capture, Charge, CustomerId, Face, Money, Payment, PaymentId, PaymentMethod, PaymentMethodId, TenantId,
};

/// What a payment shall be.
#[derive(Clone, Debug)]
pub struct Order {
    /// Its id, in the face's form.
    pub id: PaymentId,
    /// The face it came through.
    pub face: Face,
    /// Who pays, if it is known.
    pub customer_id: Option<CustomerId>,
    /// The payment method that the payment names, if it stays.
    pub payment_method_id: Option<PaymentMethodId>,
    /// How much.
    pub amount: Money,
    /// Whether the money is taken or only set aside.
    pub capture: Capture,
    /// The merchant's own reference.
    pub reference: Option<String>,
    /// What the merchant says of it.
    pub description: Option<String>,
    /// Free data of the merchant's.
    pub metadata: Map<String, Value>,
    /// What only one face knows of it, under that face's name.
    pub extra: Map<String, Value>,
}

/// What pays.
#[derive(Clone, Copy, Debug)]
pub enum Means<'a> {
    /// A stored payment method.
    Stored(&'a PaymentMethod),
    /// A stored card, with its code that was asked for again; the caller spends that in the same transaction.
    Recollected(&'a PaymentMethod, &'a OpenedCode),
    /// What a token stands for; the caller spends it in the same transaction.
    Opened(&'a OpenedToken),
    /// What came with the request.
    Clear(&'a Checked),
}

impl Vaulting {
    /// Asks the processor. Nothing is stored: keep the payment with
    /// [`Change::InsertPayment`](crate::store::Change::InsertPayment), also when it was declined.
    ///
    /// # Errors
    ///
    /// [`VaultingError::Unreadable`] if a stored payment method does not open, `Rejected` or `MethodWithoutCode` if a
    /// code does not go with it, `SessionAmountMismatch` if it was entered in a checkout session that says otherwise.
    pub async fn charge(
        &self,
        tenant: &TenantId,
        order: Order,
        means: Means<'_>,
    ) -> Result<Payment, VaultingError> {
        self.must_fit_session(tenant, order.amount, means).await?;
        let stored;
        let source = match means {
            Means::Stored(method) => {
                stored = self.source(tenant, method)?;
                stored.source()
            }
            Means::Recollected(method, code) => {
                stored = self.source(tenant, method)?.with_code(code.code())?;
                stored.source()
            }
            Means::Opened(token) => token.checked().source(),
            Means::Clear(checked) => checked.source(),
        };
        let charge =
            Charge { id: &order.id, face: order.face, source, amount: order.amount, capture: order.capture };
        let outcome = self.processor.charge(&charge).await;
        Ok(Payment {
            kind: source.kind(),
            outcome,
            processor: self.processor.name().to_owned(),
            created_at_ms: self.now_ms(),
            id: order.id,
            face: order.face,
            customer_id: order.customer_id,
            payment_method_id: order.payment_method_id,
            amount: order.amount,
            capture: order.capture,
            reference: order.reference,
            description: order.description,
            metadata: order.metadata,
            extra: order.extra,
        })
    }
}
