//! A vault token as the answers of this face show it: Paydock's vault resource.
//!
//! It differs from a customer's payment source in that months and years are numbers here.

use serde::Serialize;
use utoipa::ToSchema;

use super::kept::{Kept, Payer};
use super::moment;
use super::session::Session;
use super::source_answer::{SourceAnswer, status_of};
use crate::domain::PaymentMethod;

/// A vault token. Numbers are shown by their last four digits.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VaultAnswer {
    /// A UUID.
    vault_token: String,
    /// `card`, `bank_account` or `checkout`.
    #[schema(examples("card"))]
    r#type: String,
    company_id: String,
    /// `active` or `archived`.
    #[schema(examples("active"))]
    status: &'static str,
    archived: bool,
    created_at: String,
    updated_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    card_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    card_number_last4: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    card_number_bin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    card_scheme: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expire_month: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expire_year: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_name: Option<String>,
    /// Only the last four digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    account_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_bsb: Option<String>,
    /// Only the last four digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    account_routing: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_holder_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_bank_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checkout_email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checkout_holder: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address_line1: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address_line2: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address_city: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address_state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address_country: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address_postcode: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address_company: Option<String>,
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
}

impl VaultAnswer {
    /// What is shown of a payment method without a customer.
    pub(super) fn of(session: &Session<'_>, method: &PaymentMethod) -> Self {
        let Payer { first_name, last_name, email, phone, phone2 } = Kept::of(method).payer;
        let shown = SourceAnswer::of_stored(session, method, &[]);
        let number = |text: Option<String>| text.and_then(|text| text.parse().ok());
        Self {
            vault_token: method.id.as_str().to_owned(),
            r#type: shown.r#type,
            company_id: session.company_id.clone(),
            status: status_of(method.archived_at_ms),
            archived: method.archived_at_ms.is_some(),
            created_at: moment::text_of_ms(method.created_at_ms),
            updated_at: moment::text_of_ms(method.updated_at_ms),
            card_name: shown.card_name,
            card_number_last4: shown.card_number_last4,
            card_number_bin: shown.card_number_bin,
            card_scheme: shown.card_scheme,
            expire_month: number(shown.expire_month),
            expire_year: number(shown.expire_year),
            account_name: shown.account_name,
            account_number: shown.account_number,
            account_bsb: shown.account_bsb,
            account_routing: shown.account_routing,
            account_type: shown.account_type,
            account_holder_type: shown.account_holder_type,
            account_bank_name: shown.account_bank_name,
            checkout_email: shown.checkout_email,
            checkout_holder: shown.checkout_holder,
            address_line1: shown.address_line1,
            address_line2: shown.address_line2,
            address_city: shown.address_city,
            address_state: shown.address_state,
            address_country: shown.address_country,
            address_postcode: shown.address_postcode,
            address_company: shown.address_company,
            first_name,
            last_name,
            email,
            phone,
            phone2,
        }
    }
}
