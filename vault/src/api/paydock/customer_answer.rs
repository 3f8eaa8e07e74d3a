//! A customer as the answers of this face show it: Paydock's customer resource.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::moment;
use super::session::Session;
use super::source_answer::{SourceAnswer, status_of};
use crate::domain::{Customer, Money, PaymentTotals};
use crate::store::CustomerRecord;

/// A customer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CustomerAnswer {
    #[serde(rename = "_id")]
    #[schema(examples("5d9e31d8121512a3b4c5d6e7"))]
    id: String,
    company_id: String,
    /// `active` or `archived`.
    #[schema(examples("active"))]
    status: &'static str,
    archived: bool,
    /// `yyyy-mm-ddThh:mm:ss.sssZ`.
    #[schema(examples("2026-11-23T02:02:03.042Z"))]
    created_at: String,
    #[schema(examples("2026-11-23T02:02:03.042Z"))]
    updated_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    company_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = Option<Object>)]
    meta: Map<String, Value>,
    /// The payment source that is charged unless another is named; `null` if there is none left.
    default_source: Option<String>,
    payment_sources: Vec<SourceAnswer>,
    statistics: Statistics,
    #[serde(rename = "_service")]
    service: Service,
}

/// What the customer's payments come to.
#[derive(Debug, Serialize, ToSchema)]
struct Statistics {
    /// What was taken in all, in whole units of the currency.
    total_collected_amount: f64,
    /// How many payments were approved.
    successful_transactions: u64,
}

/// What Paydock adds for itself.
#[derive(Debug, Serialize, ToSchema)]
struct Service {
    default_gateway_id: String,
}

impl CustomerAnswer {
    /// What is shown of a customer with everything it has.
    pub(super) fn of(session: &Session<'_>, record: &CustomerRecord, totals: &PaymentTotals) -> Self {
        let CustomerRecord { customer, addresses, payment_methods } = record;
        let Customer { reference, description, company, first_name, last_name, email, phone, .. } =
            customer.clone();
        let sources =
            payment_methods.iter().map(|method| SourceAnswer::of_stored(session, method, addresses));
        Self {
            id: customer.id.as_str().to_owned(),
            company_id: session.company_id.clone(),
            status: status_of(customer.archived_at_ms),
            archived: customer.archived_at_ms.is_some(),
            created_at: moment::text_of_ms(customer.created_at_ms),
            updated_at: moment::text_of_ms(customer.updated_at_ms),
            reference,
            description,
            company_name: company,
            first_name,
            last_name,
            email,
            phone,
            meta: customer.metadata.clone(),
            default_source: customer.default_payment_method_id.as_ref().map(|id| id.as_str().to_owned()),
            payment_sources: sources.collect(),
            statistics: Statistics {
                total_collected_amount: sum(&totals.collected),
                successful_transactions: totals.approved_count,
            },
            service: Service { default_gateway_id: session.gateway_id.clone() },
        }
    }
}

/// One number for all currencies, as Paydock's resource has one. It is exact while the sum is.
fn sum(amounts: &[Money]) -> f64 {
    /// No currency of ISO 4217 has more decimal places.
    const PLACES: u32 = 4;
    let scaled: i128 = amounts
        .iter()
        .map(|money| {
            let missing = PLACES.saturating_sub(money.currency.exponent());
            i128::from(money.minor) * 10_i128.pow(missing)
        })
        .sum();
    let scale = 10_i128.pow(PLACES);
    let text = format!("{}.{:04}", scaled / scale, scaled % scale);
    text.parse().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Currency;

    #[test]
    fn amounts_are_added_exactly() {
        let money = |minor, code: &str| Money { minor, currency: Currency::parse(code).unwrap() };
        assert_eq!(sum(&[]), 0.0);
        assert_eq!(sum(&[money(1_010, "USD")]), 10.1);
        assert_eq!(sum(&[money(10, "AUD"), money(5, "JPY"), money(1, "KWD")]), 5.101);
    }
}
