//! A charge as the answers of this face show it: Paydock's charge resource.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::decline::Refusal;
use super::kept::Payer;
use super::moment;
use super::session::Session;
use super::source_answer::{SourceAnswer, type_of};
use crate::domain::{Capture, Face, Outcome, Payment};

/// What only this face keeps of a payment, under its name: what may be shown of who paid, and with what.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Paid {
    pub(super) payer: Payer,
    pub(super) customer_reference: Option<String>,
    pub(super) payment_source: SourceAnswer,
    /// The id of the transaction, which is not that of the charge.
    pub(super) transaction_id: String,
}

impl Paid {
    /// What this face keeps, in the form payments have it.
    pub(super) fn into_extra(self) -> Map<String, Value> {
        let mut extra = Map::new();
        // Only maps with keys that are no text cannot be written, and this one has none.
        if let Ok(paid) = serde_json::to_value(self) {
            extra.insert(Face::Paydock.as_str().to_owned(), paid);
        }
        extra
    }

    /// What this face kept of a payment; if another one made it, only the kind is known.
    fn of(session: &Session<'_>, payment: &Payment) -> Self {
        let kept = payment.extra.get(Face::Paydock.as_str());
        let kept = kept.and_then(|kept| Self::deserialize(kept).ok());
        kept.unwrap_or_else(|| Self {
            payment_source: SourceAnswer {
                id: payment.payment_method_id.as_ref().map(|id| id.as_str().to_owned()),
                r#type: type_of(payment.kind).to_owned(),
                gateway_id: session.gateway_id.clone(),
                gateway_type: payment.processor.clone(),
                ..SourceAnswer::default()
            },
            transaction_id: payment.id.as_str().to_owned(),
            ..Self::default()
        })
    }
}

/// A charge.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChargeAnswer {
    #[serde(rename = "_id")]
    #[schema(examples("5d9e31d8121512a3b4c5d6e7"))]
    id: String,
    external_id: String,
    company_id: String,
    #[schema(examples(10.5))]
    amount: f64,
    #[schema(examples("AUD"))]
    currency: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// `complete`, `pending` (set aside, to be taken later) or `failed`.
    #[schema(examples("complete"))]
    status: &'static str,
    /// Whether the money was taken, or only set aside.
    capture: bool,
    /// Whether there is no customer.
    one_off: bool,
    archived: bool,
    #[schema(examples("2026-11-23T02:02:03.042Z"))]
    created_at: String,
    updated_at: String,
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = Option<Object>)]
    meta: Map<String, Value>,
    customer: ChargedCustomer,
    transactions: Vec<Transaction>,
}

/// Who paid, and with what.
#[derive(Debug, Serialize, ToSchema)]
struct ChargedCustomer {
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone2: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    payment_source: SourceAnswer,
}

/// What the processor did.
#[derive(Debug, Serialize, ToSchema)]
struct Transaction {
    #[serde(rename = "_id")]
    id: String,
    /// `sale`.
    #[schema(examples("sale"))]
    r#type: &'static str,
    /// As of the charge.
    #[schema(examples("complete"))]
    status: &'static str,
    amount: f64,
    #[schema(examples("AUD"))]
    currency: &'static str,
    created_at: String,
    /// The code of ISO 8583 that the issuer answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    status_code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_code_description: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gateway_specific_code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gateway_specific_description: Option<&'static str>,
}

/// What Paydock calls the state of a payment.
pub(super) const fn status_of(payment: &Payment) -> &'static str {
    match (payment.outcome, payment.capture) {
        (Outcome::Approved, Capture::Automatic) => "complete",
        (Outcome::Approved, Capture::Manual) => "pending",
        (Outcome::Declined(_) | Outcome::Failed(_), Capture::Automatic | Capture::Manual) => "failed",
    }
}

impl ChargeAnswer {
    /// What is shown of a payment.
    pub(super) fn of(session: &Session<'_>, payment: &Payment) -> Self {
        let Paid { payer, customer_reference, mut payment_source, transaction_id } =
            Paid::of(session, payment);
        // Whoever decided is named, also if it is another one by now.
        payment_source.gateway_name.clone_from(&payment.processor);
        let Payer { first_name, last_name, email, phone, phone2 } = payer;
        let refusal = Refusal::of(payment.outcome);
        let (amount, currency) = (payment.amount.as_f64(), payment.amount.currency.as_str());
        let created_at = moment::text_of_ms(payment.created_at_ms);
        let transaction = Transaction {
            id: transaction_id,
            r#type: "sale",
            status: status_of(payment),
            amount,
            currency,
            created_at: created_at.clone(),
            status_code: refusal.and_then(|refusal| refusal.status_code.map(|(code, _)| code)),
            status_code_description: refusal.and_then(|refusal| refusal.status_code.map(|(_, text)| text)),
            error_code: refusal.map(|refusal| refusal.code),
            error_message: refusal.map(|refusal| refusal.message),
            gateway_specific_code: refusal.map(|refusal| refusal.specific_code),
            gateway_specific_description: refusal.map(|refusal| refusal.specific_description),
        };
        Self {
            id: payment.id.as_str().to_owned(),
            external_id: transaction.id.clone(),
            company_id: session.company_id.clone(),
            amount,
            currency,
            reference: payment.reference.clone(),
            description: payment.description.clone(),
            status: status_of(payment),
            capture: payment.capture == Capture::Automatic,
            one_off: payment.customer_id.is_none(),
            archived: false,
            created_at: created_at.clone(),
            updated_at: created_at,
            meta: payment.metadata.clone(),
            customer: ChargedCustomer {
                customer_id: payment.customer_id.as_ref().map(|id| id.as_str().to_owned()),
                first_name,
                last_name,
                email,
                phone,
                phone2,
                reference: customer_reference,
                payment_source,
            },
            transactions: vec![transaction],
        }
    }
}
